"""Frontier: plans of which none is better in one objective without being worse in another.

The augmented epsilon-constraint method (Mavrotas and Florios, Applied Mathematics and Computation 219, 2013).
Each end is lexicographic: the best of its objective, then of the first one, then of the others in turn. The ends
give the range of every objective. A grid of levels over these ranges is searched from the loosest to the tightest:
the best of the first objective among plans that reach the levels, with a small reward for going beyond them, which
keeps plans out that are only as good. A search is left out when the plan of a looser one reaches its levels, or when
a looser one is proven impossible.

Plans worth less than a share of the best NPV are no part of the frontier: the least carbon is that of building
nothing, and the shares of a plan without compute mean nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.solve.outcomes import Ending
from optimizer.studies.frontier_objectives import FrontierObjective, Values
from optimizer.studies.frontier_optimum import Optimiser, Optimum, limit_of
from optimizer.studies.frontier_points import (
    SAME,
    Answer,
    End,
    Frontier,
    FrontierError,
    FrontierQuestion,
    FrontierRecord,
    is_looser,
    points_of,
    reaches,
    tolerances,
    without_dominated,
)
from optimizer.studies.frontier_search import Aim, Candidate, FrontierModel, Pulse, Scales
from optimizer.studies.frontier_store import FrontierStore, Search
from optimizer.studies.points import AuditFailedError, BuildPlan, PointResult, PointSolver

#: Reward for going beyond the levels of a grid point by its whole range, as a share of the first objective's range.
REWARD = 1e-5
#: Plan worth most, from which the least NPV follows; no point itself, because others may be as good and better.
BEST_NPV = "best-npv"


@dataclass
class FrontierSearch:
    """Makes the study of one instance; what it finds is on disk at once."""

    solver: PointSolver
    instance: Instance
    question: FrontierQuestion
    store: FrontierStore
    stop: threading.Event = field(default_factory=threading.Event)
    tell: Callable[[str], None] = lambda _: None

    def run(self) -> Frontier | PointResult:
        """Make the study; the result of the solve if there is no plan.

        Raises
        ------
        AuditFailedError
            If a plan does not pass its audit.
        FrontierError
            If shares are asked for, and no plan earns anything.
        BusyError
            If another run works in the folder.
        """
        with self.store.opened():
            best = self._best_npv()
            if isinstance(best, PointResult):
                return best
            self._prepare(best)
            self._ends = [end for objective in self.objectives if (end := self._end(objective)) is not None]
            skipped = self._grid() if len(self._ends) == len(self.objectives) else 0
            return self._frontier(skipped)

    @property
    def objectives(self) -> tuple[FrontierObjective, ...]:
        """The objectives, the first one first."""
        return self.question.objectives

    @cached_property
    def _model(self) -> FrontierModel:
        """The model; a study that finds all its searches on disk needs none."""
        return FrontierModel(self.solver, self.instance, self.question.allied, self.stop, Pulse(self.tell))

    # --- the best plan, and what follows from it ---------------------------------------------

    def _best_npv(self) -> FrontierRecord | PointResult:
        known = self.store.read(BEST_NPV)
        if known is not None:
            return known
        search = Search(BEST_NPV, {})
        point = self._model.best_npv()
        if point.tables is None or point.bound is None:
            return point
        return self._keep(search, point, bound=point.bound, limit=point.bound)

    def _prepare(self, best: FrontierRecord) -> None:
        npv, share = best.values[FrontierObjective.NPV], self.question.least_npv
        least = None if share is None else npv - (1 - share) * abs(npv)
        if any(objective.is_share for objective in self.objectives) and (least is None or least <= 0):
            message = (
                "shares of compute need plans that have some: ask for plans worth more than nothing"
                if npv > 0
                else "the best plan earns nothing and may have no compute, of which there would be no shares"
            )
            raise FrontierError(message)
        self._best = best
        self._least: Values = {} if least is None else {FrontierObjective.NPV: least}
        self._scales = Scales(best.values[FrontierObjective.CARBON], best.compute)
        self._found: list[FrontierRecord] = []
        self._complete = best.finished

    @cached_property
    def _optimiser(self) -> Optimiser:
        return Optimiser(self._model, self._scales, self.instance.settings.solver)

    def _levels(self, asked: Values) -> dict[FrontierObjective, float]:
        """Levels of a search, the least NPV among them."""
        levels = dict(self._least)
        for objective, level in asked.items():
            levels[objective] = objective.better(level, levels.get(objective, level))
        return levels

    # --- ends --------------------------------------------------------------------------------

    def _end(self, objective: FrontierObjective) -> End | None:
        key = f"end-{objective}"
        record = self.store.read(key)
        if record is None:
            if not self._goes_on():
                return None
            self.tell(f"best {objective.label}")
            record = self._search_end(Search(key, {}), objective)
        self._note(record)
        return End(objective, record, record.limit)

    def _search_end(self, search: Search, objective: FrontierObjective) -> FrontierRecord:
        columns = self._model.columns_of(self._best.build)
        if columns is None:
            message = "the best plan cannot be made again"
            raise AuditFailedError(message)
        plan, levels = self._model.candidate(columns), dict(self._least)
        limits: dict[FrontierObjective, float | None] = {}
        # Of plans as good in everything asked for, the one worth most.
        goals = (objective, *self.objectives, FrontierObjective.NPV)
        for goal in dict.fromkeys(goals):
            if goal is FrontierObjective.NPV and goal is objective:
                optimum = Optimum(plan, self._best.bound)
            else:
                optimum = self._optimiser.best(goal, levels, plan, second=goal is not objective)
            plan, limits[goal] = optimum.plan, optimum.limit
            levels[goal] = plan.values[goal]
        first = self.objectives[0]
        asked = {} if objective is first else {objective: plan.values[objective]}
        point = self._point(plan, f"end of a frontier: best {objective.label} found")
        return self._keep(search.asking(asked), point, plan=plan, bound=limits[first], limit=limits[objective])

    # --- grid --------------------------------------------------------------------------------

    def _grid(self) -> int:
        """Search the grid; give the number of its points that needed no search."""
        skipped, cells = 0, list(self._cells())
        for number, (key, asked) in enumerate(cells, start=1):
            record = self.store.read(key)
            if record is None:
                if self._is_settled(asked):
                    skipped += 1
                    continue
                if not self._goes_on():
                    break
                self.tell(f"grid point {number} of {len(cells)}")
                record = self._search_cell(Search(key, asked))
            self._note(record)
        return skipped

    def _cells(self) -> Iterator[tuple[str, Values]]:
        """Key and levels of all grid points, the loosest first."""
        others, sizes = self.objectives[1:], self._ranges()
        axes: list[list[float]] = []
        for objective in others:
            worst, best = self._worst()[objective], self._ideal(objective)
            is_range = sizes[objective] > self._tolerances()[objective]
            axes.append(np.linspace(worst, best, self.question.points).tolist() if is_range else [worst])
        for place in product(*(range(len(axis)) for axis in axes)):
            levels = (axis[step] for axis, step in zip(axes, place, strict=True))
            yield "p" + "-".join(str(step) for step in place), dict(zip(others, levels, strict=True))

    def _is_settled(self, asked: Values) -> bool:
        """Whether an earlier, looser search answers this one as well."""
        tolerance = self._tolerances()
        for search in self._found:
            if search.finished and is_looser(search.asked, asked, tolerance):
                fits = search.answer is Answer.PLAN and reaches(search.values, asked, tolerance)
                if fits or search.answer is Answer.IMPOSSIBLE:
                    return True
        return False

    def _search_cell(self, search: Search) -> FrontierRecord:
        first, levels = self.objectives[0], self._levels(search.asked)
        aims = [Aim(FrontierObjective.NPV)] if first.is_share else [Aim(first), *self._rewards(search.asked)]
        found = self._optimiser.search(aims, levels, self._starts(search.asked))
        if found.values is None:
            answer = Answer.IMPOSSIBLE if found.ending is Ending.INFEASIBLE else Answer.UNANSWERED
            bound = None if first.is_share else limit_of(first, found)
            return self._keep(search, None, bound=bound, answer=answer)
        plan, bound = self._model.candidate(found.values), limit_of(first, found)
        if first.is_share:
            optimum = self._optimiser.best(first, levels, plan)
            plan, bound = optimum.plan, optimum.limit
        if first.is_share or any(self._goes_beyond(plan, name, level) for name, level in search.asked.items()):
            plan = self._optimiser.improved(plan, self.objectives, self._sizes(), self._least)
        if FrontierObjective.NPV not in self.objectives:
            kept = {**self._least, **{objective: plan.values[objective] for objective in self.objectives}}
            plan = self._optimiser.best(FrontierObjective.NPV, kept, plan, second=True).plan
        point = self._point(plan, f"point of a frontier: best {first.label} found with {search.described()}")
        return self._keep(search, point, plan=plan, bound=bound)

    def _goes_beyond(self, plan: Candidate, objective: FrontierObjective, level: float) -> bool:
        """Whether a share is better than it had to be: the reward for that may favour little compute."""
        tolerance = self._tolerances()[objective]
        return objective.is_share and not objective.at_least_as_good(level, plan.values[objective], tolerance)

    def _rewards(self, asked: Values) -> Iterator[Aim]:
        sizes = self._sizes()
        for objective, level in asked.items():
            size = sizes[objective] * (self._scales.compute if objective.is_share else 1.0)
            yield Aim(objective, level, REWARD * sizes[self.objectives[0]] / size)

    def _starts(self, asked: Values) -> list[BuildPlan]:
        """The best plan known that reaches the levels, and the last one found."""
        first = self.objectives[0]
        known = [record for record in self._found if record.answer is Answer.PLAN]
        fitting = [record for record in known if reaches(record.values, asked, {})]
        fitting.sort(key=lambda record: -first.sign * record.values[first])
        return [record.build for record in (*fitting[:1], *known[-1:])]

    # --- what is known -----------------------------------------------------------------------

    def _ideal(self, objective: FrontierObjective) -> float:
        return max((end.record.values[objective] for end in self._ends), key=lambda value: objective.sign * value)

    def _worst(self) -> dict[FrontierObjective, float]:
        return {
            objective: min(
                (end.record.values[objective] for end in self._ends), key=lambda value: objective.sign * value
            )
            for objective in self.objectives
        }

    def _ranges(self) -> dict[FrontierObjective, float]:
        worst = self._worst()
        return {objective: abs(self._ideal(objective) - worst[objective]) for objective in self.objectives}

    def _sizes(self) -> dict[FrontierObjective, float]:
        """Ranges, or one where there is none."""
        noise = self._tolerances()
        return {name: size if size > noise[name] else 1.0 for name, size in self._ranges().items()}

    def _tolerances(self) -> Values:
        return tolerances([end.record for end in self._ends], self.objectives)

    def _note(self, record: FrontierRecord) -> None:
        self._found.append(record)
        self._complete = self._complete and record.finished

    def _goes_on(self) -> bool:
        self._complete = self._complete and not self.stop.is_set()
        return not self.stop.is_set()

    # --- keeping -----------------------------------------------------------------------------

    def _point(self, plan: Candidate, reason: str) -> PointResult:
        assert self._best.bound is not None
        return self._model.plan(plan.columns, bound=self._best.bound, reason=reason)

    def _keep(
        self,
        search: Search,
        point: PointResult | None,
        *,
        plan: Candidate | None = None,
        bound: float | None = None,
        limit: float | None = None,
        answer: Answer = Answer.PLAN,
    ) -> FrontierRecord:
        finished = answer is Answer.IMPOSSIBLE or not self.stop.is_set()
        record = search.record(point, self.question.allied, answer=answer, bound=bound, limit=limit, finished=finished)
        if plan is not None:
            check_values(record, plan.values, self.objectives)
        self.store.write(record, point)
        self.tell(record.line(self.objectives))
        return record

    def _frontier(self, skipped: int) -> Frontier:
        plans = [record for record in self._found if record.answer is Answer.PLAN]
        tolerance = tolerances(plans, self.objectives)
        kept, left_out = without_dominated(plans, self.objectives, tolerance)
        return Frontier(
            instance=self.instance,
            question=self.question,
            best=self._best,
            least_npv=self._least.get(FrontierObjective.NPV),
            ends=tuple(self._ends),
            worst=self._worst() if self._ends else {},
            points=points_of(kept, self._found, self.objectives, tolerance),
            left_out=tuple(left_out),
            searches=tuple(self._found),
            skipped=skipped,
            complete=self._complete,
        )


def check_values(record: FrontierRecord, expected: Values, objectives: Sequence[FrontierObjective]) -> None:
    """Hold the values of a plan's tables against those of the model's columns.

    Raises
    ------
    AuditFailedError
        If they differ by more than rounding.
    """
    for objective in objectives:
        size = max(1.0, record.gross_busd if objective is FrontierObjective.NPV else abs(expected[objective]))
        if abs(record.values[objective] - expected[objective]) > SAME * size:
            message = f"{objective.label}: {record.values[objective]} by the tables, {expected[objective]} by the model"
            raise AuditFailedError(message)
