"""From matrix to proven plan, stage by stage.

1. Linear relaxation by interior point: a proven bound, and a first idea of which sites matter.
2. Restricted MIP: only sites that the relaxation uses may build. Its plan is valid, its bound is not used.
3. Full MIP from that plan, until the gap is reached: the bound it proves holds for every plan.
4. Linear program with whole columns fixed: exact continuous decisions for the plan that is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.instance.schema.settings import SolverSettings
from optimizer.solve.events import Observer, SolveEvent
from optimizer.solve.session import Ending, HighsSession, LpSolution, MipProgress
from optimizer.solve.standard_form import FloatArray, StandardForm

#: Below this, a whole column of the relaxation counts as unused.
UNUSED = 1e-4
#: Share of the time that the restricted MIP may take.
RESTRICTED_SHARE = 0.4


@dataclass(frozen=True)
class SiteColumns:
    """Positions of the whole columns of one site.

    Attributes
    ----------
    modules
        Modules committed so far, by decision date.
    opened
        Whether the site is open, by the same dates; empty if the model need not know.
    """

    modules: NDArray[np.intp]
    opened: NDArray[np.intp]

    def tidy(self, values: FloatArray) -> None:
        """Round in place, and close the site before its first module: a search may leave it open for nothing."""
        values[self.modules] = np.round(values[self.modules])
        if len(self.opened):
            values[self.opened] = values[self.modules] > 0


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
    began: float
    values: FloatArray | None = None
    incumbent: float = -np.inf
    bound: float = np.inf
    stage: str = ""
    trace: list[SolveEvent] = field(default_factory=list)

    def seconds(self) -> float:
        return time.monotonic() - self.began

    def seconds_left(self) -> float:
        return max(1.0, self.settings.time_limit_seconds - self.seconds())

    def keep(self, values: FloatArray, objective: float) -> None:
        if objective > self.incumbent:
            self.values, self.incumbent = values, objective

    def tighten(self, bound: float) -> None:
        self.bound = min(self.bound, bound)

    def solved(self) -> bool:
        gap = self.bound - self.incumbent
        return gap <= max(self.settings.gap * abs(self.incumbent), self.settings.gap_busd)

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
        self.trace.append(event)
        self.observer(event)

    def watcher(self, *, bound_holds: bool) -> Callable[[MipProgress], None]:
        def watch(progress: MipProgress) -> None:
            self.report(progress.incumbent, progress.bound if bound_holds else None, progress.nodes)

        return watch


def solve(
    form: StandardForm,
    settings: SolverSettings,
    *,
    observer: Observer,
    stop: threading.Event,
    sites: Sequence[SiteColumns],
) -> Solution:
    """Run the pipeline on a model.

    Parameters
    ----------
    sites
        Whole columns of each site; the restricted MIP closes sites whose columns the relaxation leaves at zero.
    """
    session = HighsSession(form, threads=settings.threads, seed=settings.seed, stop=stop)
    search = _Search(settings, observer, time.monotonic())
    relaxation = _relax(session, search)
    if relaxation.ending is not Ending.OPTIMAL:
        return _finish(search, relaxation.ending, stop)
    if form.integer.any():
        _restricted_mip(session, search, relaxation, sites)
        ending = Ending.OPTIMAL if search.solved() else _full_mip(session, search)
    else:
        ending = Ending.OPTIMAL
        search.keep(relaxation.values, relaxation.objective)
    if search.values is not None and form.integer.any():
        _polish(session, search, sites)
    return _finish(search, ending, stop)


def _relax(session: HighsSession, search: _Search) -> LpSolution:
    search.stage = "linear relaxation"
    search.report()
    relaxation = session.solve_relaxation(interior_point=True, time_limit=search.seconds_left())
    if relaxation.ending is Ending.OPTIMAL:
        search.tighten(relaxation.objective)
        search.report()
    return relaxation


def _restricted_mip(
    session: HighsSession, search: _Search, relaxation: LpSolution, sites: Sequence[SiteColumns]
) -> None:
    unused = [
        np.concatenate([site.modules, site.opened])
        for site in sites
        if len(site.modules) and relaxation.values[site.modules].max() < UNUSED
    ]
    if not unused:
        return
    search.stage = "restricted search"
    closed = np.concatenate(unused)
    nothing = np.zeros(len(closed))
    session.set_bounds(closed, nothing, nothing)
    try:
        found = session.solve_mip(
            gap=search.settings.gap / 2,
            gap_absolute=search.settings.gap_busd / 2,
            time_limit=RESTRICTED_SHARE * search.seconds_left(),
            watch=search.watcher(bound_holds=False),
        )
    finally:
        session.reset_bounds()
    if found.values is not None:
        search.keep(found.values, found.objective)
    search.report()


def _full_mip(session: HighsSession, search: _Search) -> Ending:
    search.stage = "full search"
    found = session.solve_mip(
        gap=search.settings.gap,
        gap_absolute=search.settings.gap_busd,
        time_limit=search.seconds_left(),
        start=search.values,
        watch=search.watcher(bound_holds=True),
    )
    if found.values is not None:
        search.keep(found.values, found.objective)
    search.tighten(found.bound)
    search.report(nodes=found.nodes)
    return found.ending


def _polish(session: HighsSession, search: _Search, sites: Sequence[SiteColumns]) -> None:
    assert search.values is not None
    search.stage = "final linear program"
    whole = search.values.copy()
    for site in sites:
        site.tidy(whole)
    exact = session.solve_fixed(whole, time_limit=max(30.0, search.seconds_left()))
    if exact.ending is Ending.OPTIMAL:
        # Whole columns are exact now, so this plan replaces the one within tolerances even if it earns a hair less.
        search.values, search.incumbent = exact.values, exact.objective
    search.report()


def _finish(search: _Search, ending: Ending, stop: threading.Event) -> Solution:
    if search.values is not None and search.solved():
        reason = f"gap within {search.settings.gap:g}"
        ending = Ending.OPTIMAL
    elif stop.is_set():
        reason, ending = "interrupted by the user", Ending.INTERRUPTED
    elif ending is Ending.TIME:
        reason = f"time limit of {search.settings.time_limit_seconds:g} s"
    else:
        reason = str(ending)
    return Solution(search.values, search.incumbent, max(search.bound, search.incumbent), ending, reason)
