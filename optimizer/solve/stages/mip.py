"""Searches by branch and bound: of the neighbourhood of the relaxation, and of everything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.solve.implied_rows import fixed_by_reduced_costs
from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search
from optimizer.solve.session import LEAST_EFFORT, MOST_EFFORT, USUAL_EFFORT
from optimizer.solve.site_columns import columns_of_no_site
from optimizer.solve.site_worth import site_worths
from optimizer.solve.stages.closing import steps_matter
from optimizer.solve.standard_form import FloatArray

#: Closer to a whole number than this, a count of the relaxation is taken to be whole.
NEARLY_WHOLE = 1e-4


@dataclass(frozen=True)
class NearbySearch:
    """A MIP in which every module count lies between the two whole numbers next to the relaxation's.

    Its plans are valid; its bound is not, and only ends it when too little is left for it to find.

    Attributes
    ----------
    time_share
        Share of the time left that it may take.
    worthwhile
        Share of the open gap that it must still be able to close to go on.
    """

    name: str = "nearby search"
    time_share: float = 0.5
    worthwhile: float = 0.1

    def applies(self, search: Search) -> bool:
        """Where the gap is open."""
        return search.relaxation is not None and search.goes_on()

    def run(self, search: Search) -> None:
        """Keep the best plan nearby."""
        assert search.relaxation is not None
        form = search.session.form
        whole = np.flatnonzero(form.integer)
        values = search.relaxation.values[whole]
        lower = np.maximum(form.lower[whole], np.floor(values + NEARLY_WHOLE))
        upper = np.minimum(form.upper[whole], np.ceil(values - NEARLY_WHOLE))
        search.session.set_bounds(whole, lower, np.maximum(lower, upper))
        least = min(search.good_enough(), search.incumbent + self.worthwhile * (search.bound - search.incumbent))
        _search_within_bounds(search, self.time_share, search.values, give_up_below=least)


@dataclass(frozen=True)
class SearchOnSameSites:
    """A MIP on the sites and with the quota steps of the best plan, for how many modules each has when.

    Counts lie between the plan's and the two whole numbers next to those of the relaxation on these sites. Under the
    draft global rule on world-2026 of November 2026 that relaxation is worth 1,417.9 B USD, its best whole plan at
    most 1,413.1, and 1,407.8 becomes 1,411.0 in 225 s of processor time, 110 of them at the root; in 261 s where HiGHS
    spends its usual share of work on finding plans. The whole solve under that rule ends within 1 % (1,410.4) after
    324 s on one of 2 cores (2026-12-01).

    Attributes
    ----------
    time_share
        Share of the time left that it may take.
    gap_share
        Share of the gap asked at which the search on these sites is finished. At half of it none of the plans that
        count would be left to find there: 1,413.1 is only 0.4 % above 1,407.8.
    """

    name: str = "search on the same sites"
    time_share: float = 0.9
    gap_share: float = 0.05

    def applies(self, search: Search) -> bool:
        """Where there is a plan, and parts of steps leave the gap open."""
        return search.values is not None and steps_matter(search)

    def run(self, search: Search) -> None:
        """Keep the best plan on these sites."""
        form, known = search.session.form, self._whole(search)
        lower, upper = self._same_sites(search, known)
        relaxed = search.session.solve_between(
            lower, upper, time_limit=search.seconds_left(), interior_point=False, from_relaxation=True
        )
        if relaxed.ending is not Ending.OPTIMAL or relaxed.objective <= search.incumbent:
            return
        whole = np.flatnonzero(form.integer)
        values = relaxed.values[whole]
        least = np.maximum(lower[whole], np.minimum(known[whole], np.floor(values + NEARLY_WHOLE)))
        most = np.minimum(upper[whole], np.maximum(known[whole], np.ceil(values - NEARLY_WHOLE)))
        search.session.set_bounds(whole, least, most)
        _search_within_bounds(search, self.time_share, known, effort=MOST_EFFORT, gap_share=self.gap_share)

    @staticmethod
    def _whole(search: Search) -> FloatArray:
        known = search.whole_plan()
        known[search.session.form.integer] = np.round(known[search.session.form.integer])
        return known

    @staticmethod
    def _same_sites(search: Search, known: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Bounds of all columns with steps as they are, and sites closed that are; the others are paid for in full."""
        form = search.session.form
        lower, upper = form.lower.copy(), form.upper.copy()
        steps = columns_of_no_site(form.integer, search.sites)
        lower[steps] = upper[steps] = known[steps]
        for site in search.sites:
            if not known[site.modules].any():
                upper[site.modules] = upper[site.opened] = 0.0
                continue
            lower[site.modules[-1]] = max(lower[site.modules[-1]], 1.0)
            if len(site.opened):
                lower[site.opened[-1]] = 1.0
        return lower, np.maximum(lower, upper)


def _search_within_bounds(
    search: Search,
    time_share: float,
    start: FloatArray | None,
    *,
    give_up_below: float = -np.inf,
    effort: float = USUAL_EFFORT,
    gap_share: float = 0.5,
) -> None:
    """Keep the best plan within the bounds that the session has now; restore those of the model.

    What it proves holds for these bounds only.
    """
    try:
        found = search.session.solve_mip(
            gap=gap_share * search.settings.gap,
            gap_absolute=gap_share * search.settings.gap_busd,
            time_limit=time_share * search.seconds_left(),
            start=start,
            target=search.good_enough(),
            give_up_below=give_up_below,
            watch=search.watcher(bound_holds=False),
            effort=effort,
        )
    finally:
        search.session.reset_bounds()
    if found.values is not None:
        search.keep(found.values, found.objective)
    search.report()


@dataclass(frozen=True)
class ProveTheRest:
    """The whole MIP for a short while, where little of the gap is left: cuts at its root may close it.

    On a drawn instance of 40 sites, 12 chips and 40 quarters a gap of 1.16 % becomes 0.99 % in 2 s, where the nearby
    search spends 12 s and finds no better plan.

    Attributes
    ----------
    near
        Gap in times the gap asked up to which little is left.
    time_share
        Share of the time left that it may take.
    """

    name: str = "proving the rest"
    near: float = 1.5
    time_share: float = 0.05

    def applies(self, search: Search) -> bool:
        """Where there is a plan, and its gap is open but not wide."""
        known = search.relaxation is not None and search.values is not None
        return known and search.goes_on() and search.bound - search.incumbent <= self.near * search.allowed_gap()

    def run(self, search: Search) -> None:
        """Tighten the bound, and keep a better plan if it comes up."""
        found = search.session.solve_mip(
            gap=search.settings.gap,
            gap_absolute=search.settings.gap_busd,
            time_limit=self.time_share * search.seconds_left(),
            start=search.values,
            target=search.good_enough(),
            watch=search.watcher(bound_holds=True),
        )
        if found.values is not None:
            search.keep(found.values, found.objective)
        search.tighten(found.bound)
        search.report(nodes=found.nodes)


@dataclass(frozen=True)
class FullSearch:
    """The whole MIP from the best plan. The bound it proves holds for every plan.

    Where implied rows were taken in, their relaxation is strong enough to leave out what is in no plan that is better
    than the known one by half of the gap allowed: by the worth of sites (`optimizer.solve.site_worth`) and by reduced
    costs. On published location problems (seconds of one core on a machine that others used as well) that settles 237
    and 259 of 300 facilities after 0.8 s, where reduced costs alone settle 0 and 6, and 83 of 100 instead of 2. The
    search then takes 5 s instead of 17 on the first, where 7 s more go if HiGHS may start again, which it does a dozen
    times as columns fall out, and 3 s instead of 51 on the last.
    """

    name: str = "full search"

    def applies(self, search: Search) -> bool:
        """Where the gap is open."""
        return search.relaxation is not None and search.goes_on()

    def run(self, search: Search) -> None:
        """Search all that may hold a better plan."""
        assert search.relaxation is not None
        if search.implied is None or search.values is None:
            search.ending = self._search(search)
            return
        worth = search.incumbent + search.allowed_gap() / 2
        columns, values = self._settled(search, worth)
        if not len(columns):
            search.ending = self._search(search)
            return
        search.session.set_bounds(columns, values, values)
        try:
            few_open = 2 * len(columns) >= search.session.form.integer.sum()
            ending = self._search(search, least_bound=worth, effort=LEAST_EFFORT if few_open else USUAL_EFFORT)
        finally:
            search.session.reset_bounds()
        search.ending = Ending.OPTIMAL if ending is Ending.INFEASIBLE else ending

    @staticmethod
    def _settled(search: Search, worth: float) -> tuple[NDArray[np.intp], FloatArray]:
        """Whole columns that are the same in every plan worth more than ``worth``, and their values."""
        assert search.relaxation is not None
        assert search.implied is not None
        columns, values = fixed_by_reduced_costs(search.session, search.relaxation, worth)
        worths = site_worths(search.session, search.implied, search.relaxation, search.sites, search.seconds_left())
        if worths is None:
            return columns, values
        of_sites, their_values = worths.settled(search.relaxation.objective, worth)
        columns, first = np.unique(np.concatenate([columns, of_sites]), return_index=True)
        return columns, np.concatenate([values, their_values])[first]

    @staticmethod
    def _search(search: Search, least_bound: float = -np.inf, *, effort: float = USUAL_EFFORT) -> Ending:
        """Search; no bound below ``least_bound`` is believed, as plans up to there may be left out."""
        found = search.session.solve_mip(
            gap=search.settings.gap,
            gap_absolute=search.settings.gap_busd,
            time_limit=search.seconds_left(),
            start=search.values,
            target=search.good_enough(),
            watch=search.watcher(bound_holds=True),
            effort=effort,
        )
        if found.values is not None:
            search.keep(found.values, found.objective)
        search.tighten(max(found.bound, least_bound))
        search.report(nodes=found.nodes)
        return found.ending
