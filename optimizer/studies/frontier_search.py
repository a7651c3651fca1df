"""Searches of a frontier: the best of one objective among plans that are good enough in the others.

A share is a ratio N/D of two linear functions, D > 0. "At least s" is the row N - s D >= 0. The best share is
found by Dinkelbach's method (Management Science 13, 1967): maximise N - s D at the share s of the plan known; if
that is 0, s is the best, else the plan found has a better share. Concentration is the largest of many ratios with
one D, and N the negative of a column that is at least the compute of every country.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.instance import Instance
from optimizer.model.expressions import Term
from optimizer.solve.events import Observer, SolveEvent
from optimizer.solve.exact_power import needs_modes
from optimizer.solve.outcomes import Ending
from optimizer.solve.standard_form import FloatArray
from optimizer.studies.extended import ExtendedModel, Measure
from optimizer.studies.frontier_objectives import FrontierObjective, Values
from optimizer.studies.points import BuildPlan, PointResult, PointSolver

#: Carbon, compute and shares this close to nothing (or all) are nothing (or all).
NOISE = 1e-7


@dataclass(frozen=True)
class Aim:
    """Part of what a search maximises: weight x by how much a plan is better than a level.

    Of shares, "by how much" is in million H100e-years: the level away from the share, times all compute.
    """

    objective: FrontierObjective
    level: float = 0.0
    weight: float = 1.0


@dataclass(frozen=True)
class Found:
    """Outcome of one search.

    Attributes
    ----------
    values
        Columns of the plan, whole ones exactly whole; None without a plan.
    bound
        Proven limit on what was maximised; minus infinity if there is no such plan.
    """

    values: FloatArray | None
    bound: float
    ending: Ending

    @property
    def impossible(self) -> bool:
        """Whether it is proven that there is no such plan."""
        return self.values is None and self.ending is Ending.INFEASIBLE


@dataclass(frozen=True)
class Candidate:
    """A plan between two searches.

    Attributes
    ----------
    compute
        Over the whole plan [million H100e-years].
    """

    columns: FloatArray
    values: Values
    compute: float
    build: BuildPlan


@dataclass(frozen=True)
class Scales:
    """Sizes of the best plan's numbers, against which gaps and rewards are judged."""

    carbon_mt: float
    compute: float


class Pulse:
    """Says now and then how a long search is going.

    Parameters
    ----------
    every
        Seconds between two sayings.
    """

    def __init__(self, tell: Callable[[str], None], every: float = 15.0) -> None:
        self._tell, self._every = tell, every
        self._said = time.monotonic()

    def __call__(self, event: SolveEvent) -> None:
        """Hear of an event of a search."""
        now = time.monotonic()
        if now - self._said >= self._every:
            self._said = now
            gap = "" if event.gap is None else f", gap {event.gap:.2%}"
            self._tell(f"  {event.stage}, {event.seconds:.0f} s{gap}")


class FrontierModel:
    """The model of an instance with the objectives of a frontier as linear functions of its columns.

    Parameters
    ----------
    allied
        Country set.
    observer
        Told of every event of every search.
    """

    def __init__(
        self,
        solver: PointSolver,
        instance: Instance,
        allied: str,
        stop: threading.Event,
        observer: Observer = lambda _: None,
    ) -> None:
        self._observer = observer
        if needs_modes(instance):
            solver.solve(instance)  # no more modes are made from then on: those of the best plan must be among them
        self._model = ExtendedModel(solver, instance, stop)
        self._solver, self._instance = solver, instance
        self._allied = parse_country_set(allied)

    # --- what the objectives are made of -----------------------------------------------------

    @cached_property
    def _carbon(self) -> Measure:
        options = {(row.site, row.option): row for row in self._instance.power_options}
        energy = self._solver.live.plan.pyomo.energy
        return self._model.measure(
            (self._instance.option_in_year(options[site, option], year).carbon_t_per_mwh, column)
            for (site, option, year), column in energy.items()
        )

    @cached_property
    def _compute_by_country(self) -> Mapping[str, Measure]:
        terms: dict[str, list[Term]] = defaultdict(list)
        plan = self._solver.live.plan
        zones = {zone.name: zone for zone in plan.context.zones}
        for (zone, _, t), column in plan.pyomo.compute.items():
            terms[zones[zone].country].append((plan.context.timing.length(t), column))
        return {country: self._model.measure(of_country) for country, of_country in terms.items()}

    @cached_property
    def _compute(self) -> Measure:
        total = np.zeros(self._model.size)
        for measure in self._compute_by_country.values():
            total += measure.values
        return Measure(total)

    @cached_property
    def _allied_compute(self) -> Measure:
        plan, groups = self._solver.live.plan, self._instance.groups
        zones = {zone.name: zone for zone in plan.context.zones}
        timing = plan.context.timing
        return self._model.measure(
            (timing.length(t), column)
            for (zone, _, t), column in plan.pyomo.compute.items()
            if self._allied.contains(zones[zone].country, timing.start(t), groups)
        )

    def _margin(self, objective: FrontierObjective, level: float) -> Measure:
        """By how much a plan is better than a level; of concentration, the peak is still to be subtracted."""
        match objective:
            case FrontierObjective.NPV:
                return Measure(self._model.objective.values, self._model.objective.constant - level)
            case FrontierObjective.CARBON:
                return Measure(-self._carbon.values, level - self._carbon.constant)
            case FrontierObjective.ALLIED_SHARE:
                return self._allied_compute.plus(self._compute.times(-level))
            case FrontierObjective.CONCENTRATION:
                return self._compute.times(level)

    # --- searches ----------------------------------------------------------------------------

    def search(
        self,
        aims: Sequence[Aim],
        levels: Values,
        *,
        gap: float,
        gap_absolute: float,
        starts: Sequence[BuildPlan] = (),
        build: BuildPlan | None = None,
        time_limit: float | None = None,
    ) -> Found:
        """Maximise a sum of aims over the plans that reach given levels.

        Parameters
        ----------
        gap, gap_absolute
            Relative and absolute gap that end the search.
        starts
            Building decisions to try first.
        build
            Building decisions to keep; everything else is decided exactly.
        time_limit
            In seconds; the instance's if not given.
        """
        with self._model.added():
            peak = self._add_levels(levels, {*levels, *(aim.objective for aim in aims)})
            total, extra = self._total(aims, peak)
            if build is not None:
                self._model.aim(total, extra)
                values = self._model.exact_plan(build)
                ending = Ending.OTHER if values is None else Ending.OPTIMAL
                return Found(values, np.inf, ending)
            solution = self._model.maximise(
                total,
                starts=starts,
                gap=gap,
                gap_absolute=gap_absolute,
                time_limit=time_limit,
                extra_costs=extra,
                observer=self._observer,
            )
            if solution.values is None:
                impossible = solution.ending is Ending.INFEASIBLE
                return Found(None, -np.inf if impossible else solution.bound, solution.ending)
            return Found(self._model.exact(solution), solution.bound, solution.ending)

    def least_compute(self, levels: Values) -> float:
        """Proven lower limit on the compute of plans that reach given levels [million H100e-years]."""
        with self._model.added():
            self._add_levels(levels, set(levels))
            return -self._model.bound(self._compute.times(-1), lower={}, upper={})

    def _add_levels(self, levels: Values, involved: set[FrontierObjective]) -> int:
        """Add a row a level; give the column that no country's compute exceeds, or -1 if nothing needs it."""
        peak = -1
        if FrontierObjective.CONCENTRATION in involved:
            peak = self._model.add_column(lower=0.0, upper=np.inf)
            for measure in self._compute_by_country.values():
                self._model.require(measure, upper=0.0, extra=peak)
        for objective, level in levels.items():
            concentration = objective is FrontierObjective.CONCENTRATION
            self._model.require(
                self._margin(objective, level),
                lower=0.0,
                extra=peak if concentration else -1,
            )
        return peak

    def _total(self, aims: Sequence[Aim], peak: int) -> tuple[Measure, dict[int, float]]:
        total, extra = Measure(np.zeros(self._model.size)), 0.0
        for aim in aims:
            total = total.plus(self._margin(aim.objective, aim.level).times(aim.weight))
            if aim.objective is FrontierObjective.CONCENTRATION:
                extra -= aim.weight
        return total, {peak: extra} if peak >= 0 else {}

    # --- plans -------------------------------------------------------------------------------

    def candidate(self, columns: FloatArray) -> Candidate:
        """A plan with its values."""
        return Candidate(columns, self.values(columns), self._compute.at(columns), self._build(columns))

    def _build(self, columns: FloatArray) -> BuildPlan:
        build: dict[tuple[str, str], int] = {}
        live = self._solver.live
        for site, whole in live.columns_by_site.items():
            before = 0
            for d, column in zip(live.plan.siting.dates[site], whole.modules, strict=True):
                committed = round(float(columns[column]))
                if committed > before:
                    build[site, d.label] = committed - before
                before = committed
        return build

    def values(self, columns: FloatArray) -> dict[FrontierObjective, float]:
        """Values of a plan from its columns; shares only if it has compute."""
        carbon = self._carbon.at(columns)
        values = {
            FrontierObjective.NPV: self._model.objective.at(columns),
            FrontierObjective.CARBON: carbon if carbon > NOISE else 0.0,
        }
        compute = self._compute.at(columns)
        if compute > NOISE:
            peak = max(measure.at(columns) for measure in self._compute_by_country.values())
            values[FrontierObjective.ALLIED_SHARE] = _snapped(self._allied_compute.at(columns) / compute)
            values[FrontierObjective.CONCENTRATION] = _snapped(peak / compute)
        return values

    def best_npv(self, inherit: Sequence[BuildPlan] = ()) -> PointResult:
        """Best plan of the instance as it is."""
        return self._solver.solve(self._instance, inherit=inherit)

    def columns_of(self, build: BuildPlan) -> FloatArray | None:
        """Columns of the plan worth most with given building decisions."""
        return self._model.exact_plan(build)

    def plan(self, columns: FloatArray, *, bound: float, reason: str) -> PointResult:
        """Audited plan of exact columns.

        Raises
        ------
        AuditFailedError
            If it does not pass its audit.
        """
        return self._model.plan(columns, bound=bound, reason=reason)


def _snapped(share: float) -> float:
    """A share without what rounding leaves next to nothing and all."""
    if share < NOISE:
        return 0.0
    return 1.0 if share > 1 - NOISE else share
