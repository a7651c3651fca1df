"""A live model with rows and columns of a study's own, maximised for something other than its objective."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema.settings import SolverSettings
from optimizer.model.expressions import Term
from optimizer.solve.events import Observer
from optimizer.solve.outcomes import Ending
from optimizer.solve.pipeline import Solution, solve
from optimizer.solve.standard_form import FloatArray
from optimizer.studies.live import Transition
from optimizer.studies.points import BuildPlan, PointResult, PointSolver


@dataclass(frozen=True)
class Measure:
    """A linear function of the model's columns: values @ x + constant."""

    values: FloatArray
    constant: float = 0.0

    def at(self, columns: FloatArray) -> float:
        """Value at a solution, of which columns of the study's own do not count."""
        return float(self.values @ columns[: len(self.values)]) + self.constant

    def most(self, lower: FloatArray, upper: FloatArray) -> float:
        """Most that it can be within bounds of the columns; infinite if a column that counts has none."""
        counts = self.values != 0
        ends = np.where(self.values > 0, upper[: len(self.values)], lower[: len(self.values)])
        return float(self.values[counts] @ ends[counts]) + self.constant

    def times(self, factor: float) -> Measure:
        """The measure scaled."""
        return Measure(factor * self.values, factor * self.constant)

    def plus(self, other: Measure) -> Measure:
        """Sum of two measures."""
        return Measure(self.values + other.values, self.constant + other.constant)


class ExtendedModel:
    """The model of one instance, to which a study adds rows, columns and objectives.

    The instance must not change while it is in use; `added` takes away what was added within it. Where power is
    dispatched by modes, those known at the beginning are all: more of them would move columns.
    """

    def __init__(self, solver: PointSolver, instance: Instance, stop: threading.Event) -> None:
        self.solver, self.instance, self._stop = solver, instance, stop
        self.transition: Transition = solver.prepare(instance)
        solver.live.settle_modes()
        form = solver.live.form
        self._column = form.column_of
        self.objective = Measure(form.cost.copy(), form.offset)

    @property
    def size(self) -> int:
        """Columns of the model itself."""
        return len(self.objective.values)

    def measure(self, terms: Iterable[Term], constant: float = 0.0) -> Measure:
        """Measure of terms in the model's variables; variables that no row uses are zero and left out."""
        values = np.zeros(self.size)
        for coefficient, variable in terms:
            column = self._column.get(id(variable))
            if column is not None:
                values[column] += coefficient
        return Measure(values, constant)

    @contextmanager
    def added(self) -> Iterator[None]:
        """Take away rows and columns added within the context, and restore the objective."""
        session = self.solver.live.session
        try:
            yield
        finally:
            session.remove_added()
            session.form = self.solver.live.form
            session.set_cost(self.objective.values, self.objective.constant)

    def require(self, measure: Measure, *, lower: float = -np.inf, upper: float = np.inf, extra: int = -1) -> None:
        """Add lower <= measure - x[extra] <= upper; without ``extra`` the measure alone."""
        columns = np.flatnonzero(measure.values)
        values = measure.values[columns]
        if extra >= 0:
            columns, values = np.append(columns, extra), np.append(values, -1.0)
        session = self.solver.live.session
        session.add_row(columns, values, lower - measure.constant, upper - measure.constant)

    def add_column(self, *, lower: float, upper: float) -> int:
        """Add a column of the study's own."""
        return self.solver.live.session.add_column(lower=lower, upper=upper)

    def bound(self, measure: Measure, *, lower: Mapping[int, float], upper: Mapping[int, float]) -> float:
        """Proven limit on a measure over all plans, by the linear relaxation; minus infinity if there are none.

        Parameters
        ----------
        lower, upper
            Bounds of columns for this relaxation only. Unlike rows, they let simplex start from the last basis.
        """
        session = self.solver.live.session
        self.aim(measure)
        changed = sorted({*lower, *upper})
        form = session.form
        session.set_bounds(
            np.asarray(changed, dtype=np.int64),
            np.asarray([lower.get(column, form.lower[column]) for column in changed]),
            np.asarray([upper.get(column, form.upper[column]) for column in changed]),
        )
        limit = self.instance.settings.solver.time_limit_seconds
        try:
            found = session.solve_relaxation(interior_point=not session.warm, time_limit=limit)
        finally:
            session.reset_bounds()
        match found.ending:
            case Ending.OPTIMAL:
                return found.objective
            case Ending.INFEASIBLE:
                return -np.inf
            case _:
                return np.inf

    def maximise(
        self,
        measure: Measure,
        *,
        starts: Sequence[BuildPlan] = (),
        gap: float | None = None,
        gap_absolute: float = 0.0,
        time_limit: float | None = None,
        extra_costs: Mapping[int, float] | None = None,
        observer: Observer = lambda _: None,
    ) -> Solution:
        """Maximise a measure over whole plans.

        Parameters
        ----------
        starts
            Building decisions to try first.
        gap, gap_absolute
            Relative and absolute gap, the latter in the measure's unit; the instance's relative one if not given.
        extra_costs
            Objective coefficients of columns of the study's own.
        observer
            Told of every event of the search.
        """
        live = self.solver.live
        self.aim(measure, extra_costs)
        settings = _settings(self.instance.settings.solver, gap, gap_absolute, time_limit)
        extra = len(live.session.form.cost) - self.size
        return solve(
            live.session,
            settings,
            observer=observer,
            stop=self._stop,
            sites=live.sites,
            starts=[np.append(self.solver.start_from(build), np.zeros(extra)) for build in starts],
        )

    def aim(self, measure: Measure, extra_costs: Mapping[int, float] | None = None) -> None:
        """Make a measure the objective, with coefficients of columns of the study's own."""
        session = self.solver.live.session
        cost = np.append(measure.values, np.zeros(len(session.form.cost) - self.size))
        for column, value in (extra_costs or {}).items():
            cost[column] = value
        session.set_cost(cost, measure.constant)

    def exact(self, solution: Solution) -> FloatArray | None:
        """The solution with its whole columns exactly whole, every row of the study kept; None if that fails."""
        assert solution.values is not None
        whole = solution.values.copy()
        for site in self.solver.live.sites:
            site.round(whole)
        session = self.solver.live.session
        found = session.solve_fixed(whole, time_limit=self.instance.settings.solver.time_limit_seconds)
        return found.values if found.ending is Ending.OPTIMAL else None

    def plan(self, values: FloatArray, *, bound: float, reason: str) -> PointResult:
        """Audited plan of exact values.

        Raises
        ------
        AuditFailedError
            If the plan does not pass its audit.
        """
        began = time.monotonic()
        return self.solver.audited(
            self.instance, values, bound=bound, reason=reason, began=began, transition=self.transition
        )

    def exact_plan(self, build: BuildPlan) -> FloatArray | None:
        """Columns of the best plan with given building decisions; None if they are impossible."""
        session = self.solver.live.session
        limit = self.instance.settings.solver.time_limit_seconds
        found = session.solve_fixed(self.solver.start_from(build), time_limit=limit)
        return found.values if found.ending is Ending.OPTIMAL else None

    def last_modules(self) -> Mapping[str, int]:
        """Column with the new modules of each site over the whole plan."""
        return {site: int(columns.modules[-1]) for site, columns in self.solver.live.columns_by_site.items()}


def _settings(
    given: SolverSettings, gap: float | None, gap_absolute: float, time_limit: float | None
) -> SolverSettings:
    """Settings of a search whose objective may have another unit than the instance's."""
    return given.model_copy(
        update={
            "gap": given.gap if gap is None else gap,
            "gap_busd": gap_absolute,
            "time_limit_seconds": given.time_limit_seconds if time_limit is None else time_limit,
        }
    )
