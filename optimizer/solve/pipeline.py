"""From matrix to proven plan, stage by stage.

1. Linear relaxation by interior point: a proven bound, and how many modules it would build where.
2. Rounding by date: a dive down the decision dates (`optimizer.solve.dive`). On the world instance a plan within
   0.5 to 1.1 % after 11 to 20 s.
3. Rounding at once, where the dive ends nowhere: module counts rounded at a few thresholds.
4. Between plan and relaxation: dives within the hull of the best plan and the relaxation, which also make plans of
   related instances fit. On the world instance under the diffusion rule 1.10 % becomes 0.90 % in 17 s.
5. Nearby search: a MIP in which every module count lies between the two whole numbers next to the
   relaxation's. Its plans are valid; its bound is not, and only ends it when too little is left for it to find.
6. Full search: the whole MIP from the best plan. The bound it proves holds for every plan.
7. Final linear program with whole columns fixed: exact continuous decisions for the plan that is kept.

A stage is skipped as soon as plan and bound are close enough. Tried and dropped, on the world
instance of November 2026 (154 sites, 59,000 to 69,000 columns; 2 cores): all dates rounded at once as the first
stage, 0.9 to 3.4 % after 6 to 14 s; growth of the best plan, rounded at once from what the relaxation adds to it,
1.02 % after 65 s where dives between the two reach 0.90 % after 17 s; a MIP over the sites that the
relaxation uses, first plan after 35 s and 1.4 % at 80 s; the nearby search on columns with small reduced cost only,
1.0 to 1.3 % after 60 s; simplex for the final program, 30 s against 4 s; module counts one wider on each side in the
nearby search, 1.2 % after 60 s against 0.4 %; rounding of the power that a site can ever have to whole modules, which
cuts off next to nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance.schema.settings import SolverSettings
from optimizer.solve.dive import dive
from optimizer.solve.events import Observer, SolveEvent
from optimizer.solve.implied_rows import (
    ImpliedRows,
    fixed_by_reduced_costs,
    meet_all,
    require_fewest_modules,
    set_aside,
)
from optimizer.solve.session import Ending, HighsSession, LpSolution, MipProgress, SolverError
from optimizer.solve.site_columns import SiteColumns, columns_of_no_site
from optimizer.solve.standard_form import FloatArray

#: Fractions of a module from which the rounding stage builds a whole one; the lowest builds most.
THRESHOLDS = (0.35, 0.5, 0.65, 0.8, 0.2)
#: Plans by rounding that are enough; thresholds that break a budget are soon found out and do not count.
ENOUGH_ROUNDINGS = 3
#: Closer to a whole number than this, a count of the relaxation is taken to be whole.
NEARLY_WHOLE = 1e-4
#: A plan may seem better than the proven bound by this share of it: both carry the tolerances of HiGHS.
ROUNDING_ERROR = 1e-6
#: Share of the time left that the nearby search may take.
NEARBY_SHARE = 0.5
#: Share of the open gap that the nearby search must still be able to close to go on.
WORTHWHILE = 0.1
#: Dives between plan and relaxation, while they find better plans.
BLENDS = 3


@dataclass(frozen=True)
class Solution:
    """What the pipeline found.

    Attributes
    ----------
    values
        Value of every column, or None without a plan.
    incumbent, bound
        Objective of the plan, and the least proven upper bound on any plan.
    stopped_because
        One line for people.
    """

    values: FloatArray | None
    incumbent: float
    bound: float
    ending: Ending
    stopped_because: str

    @property
    def gap(self) -> float:
        """Absolute gap."""
        return max(0.0, self.bound - self.incumbent)

    @property
    def relative_gap(self) -> float:
        """Gap over the size of the incumbent."""
        return self.gap / max(abs(self.incumbent), 1e-9)


@dataclass
class _Search:
    """State that the stages share."""

    settings: SolverSettings
    observer: Observer
    stop: threading.Event
    clock: Callable[[], float]
    cold: bool = True
    values: FloatArray | None = None
    exact: bool = False
    incumbent: float = -np.inf
    bound: float = np.inf
    stage: str = ""

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def limited(self) -> str:
        return "work" if self.settings.deterministic else "time"

    def seconds(self) -> float:
        return self.clock() - self.began

    def seconds_left(self) -> float:
        return max(1.0, self.settings.time_limit_seconds - self.seconds())

    def keep(self, values: FloatArray, objective: float, *, exact: bool = False) -> None:
        if objective > self.incumbent:
            self.values, self.incumbent, self.exact = values, objective, exact

    def tighten(self, bound: float) -> None:
        self.bound = min(self.bound, bound)

    def solved(self) -> bool:
        gap = self.bound - self.incumbent
        allowed = max(self.settings.gap * abs(self.incumbent), self.settings.gap_busd)
        return bool(np.isfinite(gap) and gap <= allowed)

    def goes_on(self) -> bool:
        return not (self.solved() or self.stop.is_set() or self.seconds() > self.settings.time_limit_seconds)

    def good_enough(self) -> float:
        """Objective from which the bound known now proves the gap asked."""
        relative = self.settings.gap / (1 + self.settings.gap) * abs(self.bound)
        return self.bound - max(relative, self.settings.gap_busd)

    def report(self, incumbent: float | None = None, bound: float | None = None, nodes: int | None = None) -> None:
        best = max(self.incumbent, -np.inf if incumbent is None else incumbent)
        limit = min(self.bound, np.inf if bound is None else bound)
        known = np.isfinite(best), np.isfinite(limit)
        event = SolveEvent(
            stage=self.stage,
            seconds=self.seconds(),
            incumbent=float(best) if known[0] else None,
            bound=float(limit) if known[1] else None,
            gap=float((limit - best) / max(abs(best), 1e-9)) if all(known) else None,
            nodes=nodes,
        )
        self.observer(event)

    def watcher(self, *, bound_holds: bool) -> Callable[[MipProgress], None]:
        def watch(progress: MipProgress) -> None:
            self.report(progress.incumbent, progress.bound if bound_holds else None, progress.nodes)

        return watch


def solve(
    session: HighsSession,
    settings: SolverSettings,
    *,
    observer: Observer,
    stop: threading.Event,
    sites: Sequence[SiteColumns],
    starts: Sequence[FloatArray] = (),
    reserves: Sequence[FloatArray] = (),
) -> Solution:
    """Run the pipeline on a model.

    Parameters
    ----------
    session
        The model inside HiGHS. If it was solved before, the relaxation starts from its last basis.
    starts
        Plans of related models, tried with their whole columns fixed before anything else.
    reserves
        The same, but only tried when rounding leaves the gap open.
    sites
        Whole columns of each site; rounding keeps each site's columns consistent.

    Raises
    ------
    SolverError
        If a plan is better than the bound proven for every plan.
    """
    session, implied = set_aside(session)
    search = _Search(settings, observer, stop, session.clock)
    form = session.form
    if implied is not None:
        require_fewest_modules(session, sites, search.seconds_left())
    relaxation = _relax(session, search)
    if relaxation.ending is not Ending.OPTIMAL:
        return _finish(search, relaxation.ending)
    if implied is not None:
        relaxation = _strengthen(session, search, relaxation, implied)
    if not form.integer.any():
        search.keep(relaxation.values, relaxation.objective)
        return _finish(search, Ending.OPTIMAL)
    _inherit(session, search, starts)
    if search.goes_on() and sites:
        _dive(session, search, relaxation, sites)
    if search.values is None:
        _round(session, search, relaxation, sites)
    if search.goes_on():
        _inherit(session, search, reserves)
    if search.goes_on() and sites:
        _blend(session, search, relaxation, sites)
    if search.goes_on():
        _search_nearby(session, search, relaxation)
    skipped = Ending.OPTIMAL if search.solved() else Ending.TIME
    if search.goes_on() and implied is not None:
        ending = _search_survivors(session, search, relaxation)
    else:
        ending = _full_search(session, search) if search.goes_on() else skipped
    if search.values is not None and not search.exact:
        _polish(session, search, sites)
    return _finish(search, ending)


def _relax(session: HighsSession, search: _Search) -> LpSolution:
    search.stage = "linear relaxation"
    search.cold = not session.warm
    search.report()
    relaxation = session.solve_relaxation(interior_point=search.cold, time_limit=search.seconds_left())
    if relaxation.ending is Ending.OPTIMAL:
        search.tighten(relaxation.objective)
        search.report()
    return relaxation


def _strengthen(session: HighsSession, search: _Search, relaxation: LpSolution, implied: ImpliedRows) -> LpSolution:
    """Take in rows that every plan meets and the relaxation breaks."""

    def tell(bound: float) -> None:
        search.tighten(bound)
        search.report()

    search.stage = "implied rows"
    return meet_all(session, implied, relaxation, seconds_left=search.seconds_left, goes_on=search.goes_on, tell=tell)


def _inherit(session: HighsSession, search: _Search, starts: Sequence[FloatArray]) -> None:
    search.stage = "earlier plans"
    for start in starts:
        plan = session.solve_fixed(
            np.clip(start, session.form.lower, session.form.upper),
            time_limit=search.seconds_left(),
            interior_point=search.cold,
        )
        if plan.ending is Ending.OPTIMAL:
            search.keep(plan.values, plan.objective, exact=True)
            search.report()


def _round(session: HighsSession, search: _Search, relaxation: LpSolution, sites: Sequence[SiteColumns]) -> None:
    search.stage = "rounding"
    plans = 0
    steps = columns_of_no_site(session.form.integer, sites)
    for threshold in THRESHOLDS:
        if not search.goes_on() or plans == ENOUGH_ROUNDINGS:
            return
        whole = np.minimum(relaxation.values, session.form.upper)
        whole[steps] = np.ceil(whole[steps] - NEARLY_WHOLE)
        for site in sites:
            site.round(whole, threshold)
        plan = session.solve_fixed(
            np.clip(whole, session.form.lower, session.form.upper),
            time_limit=search.seconds_left(),
            interior_point=search.cold,
        )
        if plan.ending is Ending.OPTIMAL:
            plans += 1
            search.keep(plan.values, plan.objective, exact=True)
            search.report()


def _dive(session: HighsSession, search: _Search, relaxation: LpSolution, sites: Sequence[SiteColumns]) -> None:
    search.stage = "rounding by date"
    plan = dive(session, relaxation.values, sites, seconds_left=search.seconds_left, goes_on=search.goes_on)
    if plan is not None:
        search.keep(plan.values, plan.objective, exact=True)
    search.report()


def _blend(session: HighsSession, search: _Search, relaxation: LpSolution, sites: Sequence[SiteColumns]) -> None:
    """Dive again between the best plan and the relaxation, from their mean.

    What a plan of a related instance builds can stay here, while the relaxation says what to add or to leave out.
    """
    search.stage = "between plan and relaxation"
    form = session.form
    for _ in range(BLENDS):
        if search.values is None or not search.goes_on():
            return
        best, known = search.incumbent, search.values.copy()
        for site in sites:
            site.round(known)
        lower = np.maximum(form.lower, np.minimum(known, np.floor(relaxation.values + NEARLY_WHOLE)))
        upper = np.minimum(form.upper, np.maximum(known, np.ceil(relaxation.values - NEARLY_WHOLE)))
        mean = (known + relaxation.values) / 2
        plan = dive(
            session, mean, sites, seconds_left=search.seconds_left, goes_on=search.goes_on, lower=lower, upper=upper
        )
        if plan is not None:
            search.keep(plan.values, plan.objective, exact=True)
            search.report()
        if search.incumbent == best:
            return


def _search_nearby(session: HighsSession, search: _Search, relaxation: LpSolution) -> None:
    search.stage = "nearby search"
    whole = np.flatnonzero(session.form.integer)
    values = relaxation.values[whole]
    lower = np.maximum(session.form.lower[whole], np.floor(values + NEARLY_WHOLE))
    upper = np.minimum(session.form.upper[whole], np.ceil(values - NEARLY_WHOLE))
    session.set_bounds(whole, lower, np.maximum(lower, upper))
    try:
        found = session.solve_mip(
            gap=search.settings.gap / 2,
            gap_absolute=search.settings.gap_busd / 2,
            time_limit=NEARBY_SHARE * search.seconds_left(),
            start=search.values,
            target=search.good_enough(),
            give_up_below=min(search.good_enough(), search.incumbent + WORTHWHILE * (search.bound - search.incumbent)),
            watch=search.watcher(bound_holds=False),
        )
    finally:
        session.reset_bounds()
    if found.values is not None:
        search.keep(found.values, found.objective)
    search.report()


def _full_search(session: HighsSession, search: _Search, least_bound: float = -np.inf) -> Ending:
    """Search the whole model; no bound below ``least_bound`` is believed, as plans up to there may be left out."""
    search.stage = "full search"
    found = session.solve_mip(
        gap=search.settings.gap,
        gap_absolute=search.settings.gap_busd,
        time_limit=search.seconds_left(),
        start=search.values,
        target=search.good_enough(),
        watch=search.watcher(bound_holds=True),
    )
    if found.values is not None:
        search.keep(found.values, found.objective)
    search.tighten(max(found.bound, least_bound))
    search.report(nodes=found.nodes)
    return found.ending


def _search_survivors(session: HighsSession, search: _Search, relaxation: LpSolution) -> Ending:
    """Full search without what is in no plan that is better than the known one by half of the gap allowed."""
    allowed = max(search.settings.gap * abs(search.incumbent), search.settings.gap_busd)
    worth = search.incumbent + allowed / 2
    columns, values = fixed_by_reduced_costs(session, relaxation, worth)
    if search.values is None or not len(columns):
        return _full_search(session, search)
    session.set_bounds(columns, values, values)
    try:
        ending = _full_search(session, search, least_bound=worth)
    finally:
        session.reset_bounds()
    return Ending.OPTIMAL if ending is Ending.INFEASIBLE else ending


def _polish(session: HighsSession, search: _Search, sites: Sequence[SiteColumns]) -> None:
    assert search.values is not None
    search.stage = "final linear program"
    whole = search.values.copy()
    for site in sites:
        site.round(whole)
    exact = session.solve_fixed(whole, time_limit=max(30.0, search.seconds_left()), interior_point=search.cold)
    if exact.ending is Ending.OPTIMAL:
        # Whole columns are exact now, so this plan replaces the one within tolerances even if it earns a hair less.
        search.values, search.incumbent = exact.values, exact.objective
    search.report()


def _finish(search: _Search, ending: Ending) -> Solution:
    if search.incumbent > search.bound + ROUNDING_ERROR * max(1.0, abs(search.bound)):
        message = f"HiGHS gives a plan worth {search.incumbent!r} and proves that none is above {search.bound!r}"
        raise SolverError(message)
    if search.values is not None and search.solved():
        reason = f"gap within {search.settings.gap:g}"
        ending = Ending.OPTIMAL
    elif search.stop.is_set():
        reason, ending = "interrupted by the user", Ending.INTERRUPTED
    elif ending is Ending.TIME:
        reason = f"{search.limited} limit of {search.settings.time_limit_seconds:g} s"
    else:
        reason = str(ending)
    return Solution(search.values, search.incumbent, max(search.bound, search.incumbent), ending, reason)
