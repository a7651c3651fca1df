"""Points of a study: changed instances, solved one after another on one live model, each plan audited."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.instance import instance_hash
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Objective
from optimizer.model.build import record_cash
from optimizer.plan.audit import audit_plan
from optimizer.plan.extract import instance_of_plan, plan_tables
from optimizer.plan.manifest import SolveFacts, build_manifest
from optimizer.plan.tables import PlanTables
from optimizer.plan.writer import write_result
from optimizer.solve.events import Observer
from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.pipeline import Solution
from optimizer.solve.second_stage import most_valuable
from optimizer.solve.site_columns import columns_of_no_site
from optimizer.solve.standard_form import FloatArray
from optimizer.studies.continued import ContinuedSearch, seconds_for_modes
from optimizer.studies.live import LiveModel, Transition

#: Modules committed, by site and label of the decision period: what one point hands to another.
BuildPlan = Mapping[tuple[str, str], int | float]


class AuditFailedError(RuntimeError):
    """A plan did not survive its audit. It is never shown as a result."""


class Misfit(Enum):
    """What becomes of building decisions that a point does not allow: too many modules, or at dates it has not."""

    REFUSE = "refuse"
    TRIM = "trim"


@dataclass(frozen=True)
class PointResult:
    """A solved point.

    Attributes
    ----------
    status
        ``optimal``, ``feasible``, ``infeasible`` or ``no_plan``.
    objective, bound
        In the unit of the objective; None without a plan.
    build
        Modules committed, to start related points from.
    tables
        Plan tables that passed the audit; None without a plan.
    transition
        How the live model came to this point.
    """

    instance: Instance
    status: str
    stopped_because: str
    objective: float | None
    bound: float | None
    seconds: float
    transition: Transition
    manifest: Mapping[str, Any]
    tables: PlanTables | None = None
    build: BuildPlan = field(default_factory=dict)

    @property
    def npv_busd(self) -> float | None:
        """Net present value of the plan, whatever the objective."""
        return None if self.tables is None else sum(row.pv_busd for row in self.tables.cash)

    def write(self, folder: Path) -> None:
        """Write the plan as a result folder (without maps), whole or not at all."""
        assert self.tables is not None, "only a plan can be written"
        write_result(folder, self.instance, self.tables, lambda: self.manifest, (), None)


@dataclass(frozen=True)
class Relaxed:
    """Linear relaxation of a point: objective and prices, nothing that could be built."""

    instance: Instance
    feasible: bool
    objective: float
    row_duals: Mapping[str, float]
    seconds: float
    transition: Transition


def with_seconds(instance: Instance, seconds: float) -> Instance:
    """The instance with another time limit."""
    solver = instance.settings.solver.model_copy(update={"time_limit_seconds": seconds})
    return replace(instance, settings=instance.settings.model_copy(update={"solver": solver}))


class PointSolver:
    """Solves points on one live model.

    Parameters
    ----------
    threads
        For HiGHS; studies that run points in parallel give each one.
    stop
        When set, the running solve ends with the best plan so far.
    observer
        Told of every event of every solve.
    """

    def __init__(self, *, threads: int, seed: int, stop: threading.Event, observer: Observer = lambda _: None) -> None:
        self.live = LiveModel(threads=threads, seed=seed, stop=stop)
        self._observer = observer
        self._search = ContinuedSearch(self.live, observer, stop)

    def solve(
        self, instance: Instance, inherit: Iterable[BuildPlan] = (), reserve: Iterable[BuildPlan] = ()
    ) -> PointResult:
        """Solve a point, trying the building decisions of earlier plans first; with exact power on the modes it needs.

        A plan that is feasible at a tighter point is feasible at a looser one, so that a point which
        inherits from its tighter neighbours is never worse than they are.

        Parameters
        ----------
        reserve
            Building decisions to try only if rounding the relaxation does not close the gap.

        Raises
        ------
        AuditFailedError
            If the plan found does not pass its audit.
        """
        began = time.monotonic()
        transition = self.prepare(instance)
        starts, reserves = [[self.start_from(build) for build in builds] for builds in (inherit, reserve)]
        solution = self._search.best(instance.settings.solver, starts, reserves)
        instance = self.live.instance
        return self._result(instance, self._most_valuable(instance, solution), transition, began)

    def improve(self, instance: Instance, build: BuildPlan | None, patience: float) -> PointResult:
        """Best plan from a known one: the search has the instance's time, what must not fail has the patience [s].

        The relaxation of a model that was not solved before, and the known plan, would use up a short search.
        """
        patient = with_seconds(instance, patience)
        relaxed = self.solve_relaxation(patient)
        known = None if build is None or not relaxed.feasible else self.adopt(patient, build, relaxed.objective)
        if known is None or build is None or known.objective is None:
            return self.solve(patient)
        found = self.solve(instance, [build])
        return known if found.objective is None or found.objective < known.objective else found

    def adopt(
        self, instance: Instance, build: BuildPlan, bound: float, misfit: Misfit = Misfit.TRIM
    ) -> PointResult | None:
        """Make the best plan with given building decisions; None if they are impossible at this point.

        Parameters
        ----------
        bound
            Proven limit on the objective of any plan of the point. Where the plan asks for modes that the model did
            not know, the relaxation with them takes its place.
        misfit
            Whether decisions that the point does not allow are left out, or make the whole plan impossible.

        Raises
        ------
        AuditFailedError
            If the plan does not pass its audit.
        """
        began = time.monotonic()
        transition = self.prepare(instance)
        if misfit is Misfit.REFUSE and not self.can_build(build):
            return None
        form, settings = self.live.form, instance.settings.solver
        start = np.clip(self.start_from(build), form.lower, form.upper)
        found, is_widened = self._search.operated(start, settings)
        if found.ending is not Ending.OPTIMAL:
            return None
        instance = self.live.instance
        bound = max(self._relaxation(settings.time_limit_seconds) if is_widened else bound, found.objective)
        within = bound - found.objective <= max(settings.gap * abs(found.objective), settings.gap_busd)
        ending = Ending.OPTIMAL if within else Ending.OTHER
        reason = f"gap within {settings.gap:g}" if within else "building decisions taken from a related plan"
        solution = Solution(found.values, found.objective, bound, ending, reason)
        return self._result(instance, self._most_valuable(instance, solution), transition, began)

    def solve_relaxation(self, instance: Instance) -> Relaxed:
        """Solve the linear relaxation of a point."""
        began = time.monotonic()
        transition = self.prepare(instance)
        session = self.live.session
        outcome = session.solve_relaxation(
            interior_point=not session.warm, time_limit=instance.settings.solver.time_limit_seconds
        )
        return self._relaxed(self.live.instance, outcome, transition, began)

    def solve_fixed(self, instance: Instance, build: BuildPlan) -> Relaxed:
        """Solve a point with its building decisions fixed: the operating value of everything else, and its prices."""
        began = time.monotonic()
        transition = self.prepare(instance)
        outcome, _ = self._search.operated(self.start_from(build), instance.settings.solver)
        return self._relaxed(self.live.instance, outcome, transition, began)

    def prepare(self, instance: Instance) -> Transition:
        """Move the live model; where power is dispatched by modes, make those that are missing at its prices."""
        transition = self.live.move_to(instance)
        made = self.live.make_modes(seconds_for_modes(instance.settings.solver), self._observer)
        return made if made is not None and transition.rebuild is None else transition

    def _relaxation(self, seconds: float) -> float:
        """Objective of the relaxation of the live model as it is; infinite if it did not end."""
        session = self.live.session
        found = session.solve_relaxation(interior_point=not session.warm, time_limit=seconds)
        return found.objective if found.ending is Ending.OPTIMAL else np.inf

    def _relaxed(self, instance: Instance, outcome: LpSolution, transition: Transition, began: float) -> Relaxed:
        feasible = outcome.ending is Ending.OPTIMAL
        duals = dict(zip(self.live.form.row_names, outcome.row_duals.tolist(), strict=True)) if feasible else {}
        return Relaxed(instance, feasible, outcome.objective, duals, time.monotonic() - began, transition)

    def start_from(self, build: BuildPlan) -> FloatArray:
        """Values of the whole columns for given building decisions; other columns are zero and do not count.

        So decisions on dates on which modules may be fractions are not taken over, but made anew.

        Quota steps are no building decisions: they are left open (NaN), and bought as far as they are worth it.
        """
        values = np.zeros(len(self.live.form.lower))
        values[columns_of_no_site(self.live.form.integer, self.live.sites)] = np.nan
        for site, columns in self.live.columns_by_site.items():
            committed: int | float = 0
            for d, column in zip(self.live.plan.siting.whole_dates(site), columns.modules, strict=True):
                committed += build.get((site, d.label), 0)
                values[column] = committed
            columns.round(values)
        return values

    def can_build(self, build: BuildPlan) -> bool:
        """Whether building decisions exist in the live model: right dates, and no more modules than allowed.

        `start_from` leaves out decisions that do not exist, so that a plan it stands for may be another one.
        """
        for (site, label), modules in build.items():
            dates = self.live.plan.siting.dates.get(site, ())
            if modules and label not in {d.label for d in dates}:
                return False
        form = self.live.form
        return not bool((self.start_from(build) > form.upper + 0.5)[form.integer].any())

    def audited(
        self,
        instance: Instance,
        values: FloatArray,
        *,
        bound: float,
        reason: str,
        began: float,
        transition: Transition,
    ) -> PointResult:
        """Make an audited point of values of the live model's columns, whose whole ones are exactly whole.

        Raises
        ------
        AuditFailedError
            If the plan does not pass its audit.
        """
        form, solver = self.live.form, instance.settings.solver
        kept = values[: len(form.cost)]
        objective = float(form.cost @ kept) + form.offset
        close = bound - objective <= max(solver.gap * abs(objective), solver.gap_busd)
        ending = Ending.OPTIMAL if close else Ending.OTHER
        solution = Solution(kept, objective, max(bound, objective), ending, reason)
        return self._result(instance, solution, transition, began)

    def _most_valuable(self, instance: Instance, solution: Solution) -> Solution:
        """Objective compute: among plans with as much compute, the one worth most (SEMANTICS 9.2)."""
        if instance.settings.objective is not Objective.COMPUTE:
            return solution
        # An edited model keeps only the part of the cash book that its own objective needs.
        plan = self.live.plan.for_instance(instance)
        record_cash(plan)
        return most_valuable(self.live.session, plan, self.live.form, solution)

    def _result(self, instance: Instance, solution: Solution, transition: Transition, began: float) -> PointResult:
        found = solution.values is not None
        status = _status(solution)
        objective = solution.incumbent if found else None
        bound = solution.bound if found else None
        tables = self._tables(solution) if found else None
        if found and instance.dispatched_sites:
            instance = instance_of_plan(self.live.plan)
        sha256 = instance_hash(instance)

        def manifest(audit: Mapping[str, Any] | None) -> dict[str, Any]:
            seconds = {"total": time.monotonic() - began}
            return build_manifest(
                name=instance.name,
                sha256=sha256,
                objective=instance.settings.objective,
                facts=SolveFacts(status, solution.stopped_because, objective, bound, seconds, self.live.size),
                tables=tables,
                audit=audit,
                vacuous=self.live.vacuous,
            )

        audited = manifest(None)
        build: BuildPlan = {}
        if tables is not None:
            report = audit_plan(instance, tables, audited)
            if not report.ok:
                raise AuditFailedError("\n".join(report.lines()))
            audited = manifest(report.as_dict())
            build = decided(tables)
        return PointResult(
            instance=instance,
            status=status,
            stopped_because=solution.stopped_because,
            objective=objective,
            bound=bound,
            seconds=time.monotonic() - began,
            transition=transition,
            manifest=audited,
            tables=tables,
            build=build,
        )

    def _tables(self, solution: Solution) -> PlanTables:
        assert solution.values is not None
        self.live.form.load(solution.values)
        return plan_tables(self.live.plan)


def decided(tables: PlanTables) -> BuildPlan:
    """Building decisions of a plan."""
    return {
        (row.site, row.committed): int(row.modules) if float(row.modules).is_integer() else row.modules
        for row in tables.phases
        if not row.fact
    }


def _status(solution: Solution) -> str:
    if solution.values is None:
        return "infeasible" if solution.ending is Ending.INFEASIBLE else "no_plan"
    return "optimal" if solution.ending is Ending.OPTIMAL else "feasible"
