"""What the stages of a solve share: the model, the best plan, the least bound, and when to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeAlias

import highspy
import numpy as np

from optimizer.instance.schema.settings import SolverSettings
from optimizer.solve.events import Observer, SolveEvent
from optimizer.solve.implied_rows import ImpliedRows
from optimizer.solve.location.recognition import LocationModel, may_be, recognise
from optimizer.solve.outcomes import Ending, LpSolution, MipProgress, SolverError
from optimizer.solve.session import HighsSession
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.standard_form import FloatArray
from optimizer.solve.step_rows import RaisedLimit

#: A plan may seem better than the proven bound by this share of it: both carry the tolerances of HiGHS.
ROUNDING_ERROR = 1e-6


@dataclass(frozen=True)
class StageReport:
    """What a stage took, and what was known at its end.

    Attributes
    ----------
    seconds
        Time of the stage alone; of work if the solve is deterministic.
    incumbent, bound
        Objective of the best plan and least proven bound then; infinite while there is none.
    """

    stage: str
    seconds: float
    incumbent: float
    bound: float


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
    stages
        The stages that ran, in order.
    """

    values: FloatArray | None
    incumbent: float
    bound: float
    ending: Ending
    stopped_because: str
    stages: tuple[StageReport, ...] = ()

    @property
    def gap(self) -> float:
        """Absolute gap."""
        return max(0.0, self.bound - self.incumbent)

    @property
    def relative_gap(self) -> float:
        """Gap over the size of the incumbent."""
        return self.gap / max(abs(self.incumbent), 1e-9)


Sketcher: TypeAlias = Callable[[threading.Event, float], "LpSolution | None"]
"""Makes a plan for the same model in so many seconds, unless the event is set meanwhile; None if it cannot."""


class Sketching(Protocol):
    """A sketch under way in a thread of its own."""

    def finish(self, *, wait: bool) -> None:
        """Wait for its plan, or end it; raise what went wrong there."""


@dataclass(frozen=True)
class Helps:
    """What makes a search faster and is not needed for it.

    Attributes
    ----------
    sketch
        Makes a first plan while the relaxation is being solved, until the event is set; None without one.
    raised
        Stocks that quota steps raise: rows on these make the relaxation buy steps whole.
    """

    sketch: Sketcher | None = None
    raised: Sequence[RaisedLimit] = ()


@dataclass(frozen=True)
class TakenRows:
    """Rows that were added for a while: the first of them, and the basis of the relaxation without them."""

    first: int
    basis: highspy.HighsBasis | None


@dataclass
class Search:
    """A solve under way.

    Attributes
    ----------
    session
        The model inside HiGHS, as the stages so far left it.
    sites
        Whole columns of each site; rounding keeps each site's columns consistent.
    starts, reserves
        Plans of related models: tried at once, and tried when rounding leaves the gap open.
    cold
        Whether linear programs had no basis to start from when the solve began.
    relaxation
        Optimum of the relaxation, once a stage has it.
    implied
        Rows that the session is without although every plan meets them, if there are many.
    helps
        What else is known of the model.
    step_rows
        Rows on raised stocks that a stage took in; None if there are none.
    values, incumbent, exact, rough
        The best plan, its objective, whether its whole columns are whole to the last digit, and whether it is only
        there to have one.
    dived
        Whether a plan was rounded date by date from a relaxation of this solve.
    bound
        Least upper bound proven for every plan.
    ending
        How the last attempt at a proof ended.
    stage
        Name of the stage at work.
    reports
        Of the stages done.
    """

    session: HighsSession
    settings: SolverSettings
    observer: Observer
    stop: threading.Event
    sites: Sequence[SiteColumns] = ()
    starts: Sequence[FloatArray] = ()
    reserves: Sequence[FloatArray] = ()
    cold: bool = True
    relaxation: LpSolution | None = None
    implied: ImpliedRows | None = None
    helps: Helps = field(default_factory=Helps)
    step_rows: TakenRows | None = None
    sketching: Sketching | None = None
    values: FloatArray | None = None
    exact: bool = False
    rough: bool = False
    dived: bool = False
    incumbent: float = -np.inf
    bound: float = np.inf
    ending: Ending = Ending.TIME
    stage: str = ""
    reports: list[StageReport] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began = self.session.clock()
        self._lock = threading.RLock()  # a sketch reports from a thread of its own

    def continue_in(self, session: HighsSession) -> None:
        """Go on with a session of its own for the same model; its clock goes on from here."""
        done = self.seconds()
        self.session = session
        self._began = session.clock() - done

    @cached_property
    def location(self) -> LocationModel | None:
        """The location problem that the whole model is; None if it is anything else."""
        return recognise(self.session.as_it_is()) if may_be(self.session.form) else None

    def needs_relaxation(self) -> bool:
        """Whether the relaxation is unknown and there is something left to prove."""
        return self.relaxation is None and not self.solved()

    def seconds(self) -> float:
        """Seconds since the solve began: of work if deterministic, else of time."""
        return self.session.clock() - self._began

    def seconds_left(self) -> float:
        """Seconds until the limit, at least one."""
        return max(1.0, self.settings.time_limit_seconds - self.seconds())

    def whole_plan(self) -> FloatArray:
        """Columns of the best plan with the counts of sites whole to the last digit, and none open for nothing."""
        assert self.values is not None
        plan = self.values.copy()
        for site in self.sites:
            site.round(plan)
        return plan

    def keep(self, values: FloatArray, objective: float, *, exact: bool = False, rough: bool = False) -> None:
        """Take in a plan, if it is better than the best."""
        with self._lock:
            if objective > self.incumbent:
                self.values, self.incumbent, self.exact, self.rough = values, objective, exact, rough

    def tighten(self, bound: float) -> None:
        """Take in a proven bound."""
        with self._lock:
            self.bound = min(self.bound, bound)

    def solved(self) -> bool:
        """Whether plan and bound are as close as was asked."""
        gap = self.bound - self.incumbent
        return bool(np.isfinite(gap) and gap <= self.allowed_gap())

    def allowed_gap(self) -> float:
        """Absolute gap that counts as solved for the plan at hand."""
        return max(self.settings.gap * abs(self.incumbent), self.settings.gap_busd)

    def goes_on(self) -> bool:
        """Whether there is both something left to do and time for it."""
        return not (self.solved() or self.stop.is_set() or self.seconds() > self.settings.time_limit_seconds)

    def good_enough(self) -> float:
        """Objective from which the bound known now proves the gap asked."""
        relative = self.settings.gap / (1 + self.settings.gap) * abs(self.bound)
        return self.bound - max(relative, self.settings.gap_busd)

    def report(self, incumbent: float | None = None, bound: float | None = None, nodes: int | None = None) -> None:
        """Tell the observer the state, or what a running MIP knows where that is better."""
        with self._lock:
            self._tell(incumbent, bound, nodes)

    def _tell(self, incumbent: float | None, bound: float | None, nodes: int | None) -> None:
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
        """Watch a MIP; ``bound_holds`` if its bound is one for all plans."""

        def watch(progress: MipProgress) -> None:
            self.report(progress.incumbent, progress.bound if bound_holds else None, progress.nodes)

        return watch

    def finish(self) -> Solution:
        """Sum up.

        Raises
        ------
        SolverError
            If a plan is better than the bound proven for every plan.
        """
        if self.incumbent > self.bound + ROUNDING_ERROR * max(1.0, abs(self.bound)):
            message = f"HiGHS gives a plan worth {self.incumbent!r} and proves that none is above {self.bound!r}"
            raise SolverError(message)
        ending, reason = self._why_it_ended()
        bound = max(self.bound, self.incumbent)
        return Solution(self.values, self.incumbent, bound, ending, reason, tuple(self.reports))

    def _why_it_ended(self) -> tuple[Ending, str]:
        if self.values is not None and self.solved():
            return Ending.OPTIMAL, f"gap within {self.settings.gap:g}"
        if self.stop.is_set():
            return Ending.INTERRUPTED, "interrupted by the user"
        if self.ending is Ending.TIME:
            limited = "work" if self.settings.deterministic else "time"
            return Ending.TIME, f"{limited} limit of {self.settings.time_limit_seconds:g} s"
        return self.ending, str(self.ending)
