"""Plans near the relaxation: rounded date by date, all at once, or between a plan and the relaxation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.solve.dive import dive
from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search
from optimizer.solve.site_columns import columns_of_no_site

#: Closer to a whole number than this, a count of the relaxation is taken to be whole.
NEARLY_WHOLE = 1e-4


@dataclass(frozen=True)
class RoundByDate:
    """Dive down the decision dates (`optimizer.solve.dive`).

    On the world instance a plan within 0.5 to 1.1 % after 11 to 20 s.
    """

    name: str = "rounding by date"

    def applies(self, search: Search) -> bool:
        """Where there are sites, the gap is open and no dive has ended in a plan yet."""
        return search.relaxation is not None and bool(search.sites) and not search.dived and search.goes_on()

    def run(self, search: Search) -> None:
        """Keep the plan at the bottom of the dive."""
        assert search.relaxation is not None
        plan = dive(
            search.session,
            search.relaxation.values,
            search.sites,
            seconds_left=search.seconds_left,
            goes_on=search.goes_on,
        )
        if plan is not None:
            search.keep(plan.values, plan.objective, exact=True)
        search.report()


@dataclass(frozen=True)
class RoundAtOnce:
    """Round the counts of all dates at a few thresholds, where a dive ends nowhere.

    Attributes
    ----------
    thresholds
        Fractions of a module from which a whole one is built; the lowest builds most.
    enough
        Plans that are enough; thresholds that break a budget are soon found out and do not count.
    """

    name: str = "rounding"
    thresholds: tuple[float, ...] = (0.35, 0.5, 0.65, 0.8, 0.2)
    enough: int = 3

    def applies(self, search: Search) -> bool:
        """Where there is no plan yet, or a rough one."""
        missing = search.values is None or search.rough
        return search.relaxation is not None and missing and search.goes_on()

    def run(self, search: Search) -> None:
        """Keep the best of the plans."""
        plans = 0
        for threshold in self.thresholds:
            if not search.goes_on() or plans == self.enough:
                return
            plans += self._try(search, threshold)

    @staticmethod
    def _try(search: Search, threshold: float) -> bool:
        assert search.relaxation is not None
        form = search.session.form
        whole = np.minimum(search.relaxation.values, form.upper)
        steps = columns_of_no_site(form.integer, search.sites)
        whole[steps] = np.ceil(whole[steps] - NEARLY_WHOLE)
        for site in search.sites:
            site.round(whole, threshold)
        plan = search.session.solve_fixed(
            np.clip(whole, form.lower, form.upper), time_limit=search.seconds_left(), interior_point=search.cold
        )
        if plan.ending is not Ending.OPTIMAL:
            return False
        search.keep(plan.values, plan.objective, exact=True)
        search.report()
        return True


@dataclass(frozen=True)
class BetweenPlanAndRelaxation:
    """Dive again within the hull of the best plan and the relaxation, from their mean.

    What a plan of a related instance builds can stay here, while the relaxation says what to add or to leave out.
    On the world instance under the diffusion rule 1.10 % becomes 0.90 % in 17 s.

    Attributes
    ----------
    dives
        At most, while they find better plans.
    """

    name: str = "between plan and relaxation"
    dives: int = 3

    def applies(self, search: Search) -> bool:
        """Where there is a plan and the gap is open."""
        return search.relaxation is not None and bool(search.sites) and search.values is not None and search.goes_on()

    def run(self, search: Search) -> None:
        """Dive while it pays."""
        for _ in range(self.dives):
            best = search.incumbent
            if not search.goes_on():
                return
            self._dive(search)
            if search.incumbent == best:
                return

    @staticmethod
    def _dive(search: Search) -> None:
        assert search.relaxation is not None
        form, relaxed, known = search.session.form, search.relaxation.values, search.whole_plan()
        plan = dive(
            search.session,
            (known + relaxed) / 2,
            search.sites,
            seconds_left=search.seconds_left,
            goes_on=search.goes_on,
            lower=np.maximum(form.lower, np.minimum(known, np.floor(relaxed + NEARLY_WHOLE))),
            upper=np.minimum(form.upper, np.maximum(known, np.ceil(relaxed - NEARLY_WHOLE))),
        )
        if plan is not None:
            search.keep(plan.values, plan.objective, exact=True)
            search.report()
