"""Switch points: the values of a knob at which the best plan becomes another one.

Every plan found is a line over the knob: its value with the building decisions held and everything else
optimised again, an exact linear program. A switch is the crossing of two such lines, so that the gap of
a search cannot look like one. At every crossing a full search, which starts from both plans, looks for
a third that is better than both by more than the gap asked; its line joins the others, and all is looked
at again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import numpy as np

from optimizer.instance.columns import ColumnKind
from optimizer.instance.instance import Instance
from optimizer.instance.knobs import find_knob
from optimizer.power.join import apply_changes
from optimizer.studies.plan_changes import SiteChange, gw_changes, site_changes
from optimizer.studies.points import BuildPlan, Misfit, PointResult, PointSolver

#: Value of having no plan at all: better than a plan that is impossible, worse than any other.
WITHOUT_PLAN = -1e300
#: Differences of two linear programs below this share of their value are rounding.
ROUNDING = 1e-7
#: Crossings looked at before the study ends with what it has.
MOST_ROUNDS = 40


class KnobMode(StrEnum):
    """How a value acts on the knob, as in assumptions.csv."""

    SET = "set"
    SCALE = "scale"
    ADD = "add"

    @property
    def operation(self) -> str:
        """Operation of a change."""
        return {KnobMode.SET: "=", KnobMode.SCALE: "*=", KnobMode.ADD: "+="}[self]


@dataclass(frozen=True)
class SwitchQuestion:
    """Where the plan changes as a knob goes from one value to another.

    Attributes
    ----------
    tolerance
        Width to which switch points are narrowed down, in the unit of the values.
    samples
        Values at which a full search is made first, evenly spaced, ends included.
    """

    instance: Instance
    knob: str
    mode: KnobMode
    low: float
    high: float
    tolerance: float
    samples: int = 5

    @property
    def whole(self) -> bool:
        """Whether only whole values make sense: counts, and months that are added to a date."""
        if self.mode is KnobMode.SCALE:
            return False
        return find_knob(self.instance, self.knob).column.kind in (ColumnKind.INTEGER, ColumnKind.MONTH)

    def change(self, value: float) -> str:
        """The change that a value stands for."""
        return f"{self.knob} {self.mode.operation} {value_text(value)}"

    def instance_at(self, value: float) -> Instance:
        """The instance at a value of the knob.

        Raises
        ------
        InstanceError
            If the value makes no valid instance.
        """
        return apply_changes(self.instance, [self.change(value)])

    def first_values(self) -> list[float]:
        """Values to search at first, in order."""
        values = np.linspace(self.low, self.high, self.samples)
        return sorted({float(round(value) if self.whole else f"{value:.12g}") for value in values})


def value_text(value: float) -> str:
    """A value of the knob as text that reads back as the same number."""
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else repr(float(value))


class SwitchKind(StrEnum):
    """Why the plan changes."""

    OVERTAKEN = "another plan becomes better"
    STOPS = "the plan stops being possible"
    STARTS = "a better plan becomes possible"
    NO_PLAN = "no plan is possible any more"
    FIRST_PLAN = "a plan becomes possible"


@dataclass(frozen=True)
class Switch:
    """A value at which the plan changes.

    Attributes
    ----------
    lower, upper
        The earlier plan is at least as good at `lower`, the later one better at `upper`.
    before, after
        The plans there, audited; None where no plan is possible.
    room
        Most by which an unknown plan could be better than these at the crossing: the gap there
        (B USD, or the unit of the objective); None where there is no plan.
    """

    lower: float
    upper: float
    kind: SwitchKind
    before: PointResult | None
    after: PointResult | None
    room: float | None
    sites: tuple[SiteChange, ...] = ()
    gw: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Stretch:
    """A plan and the values over which it is kept.

    Attributes
    ----------
    points
        The plan, audited, at sampled values; None where no plan is possible.
    """

    label: str
    first: float
    last: float
    points: tuple[tuple[float, PointResult | None], ...]


@dataclass(frozen=True)
class SwitchStudy:
    """All switch points found.

    Attributes
    ----------
    noise
        Largest difference below which plans were not told apart (B USD, or the unit of the objective).
    lines
        Value of every plan of a stretch at the sampled values, by its label; None where it is impossible.
    complete
        False if the study was stopped before every crossing was searched.
    """

    question: SwitchQuestion
    stretches: tuple[Stretch, ...]
    switches: tuple[Switch, ...]
    noise: float
    lines: Mapping[str, tuple[tuple[float, float | None], ...]]
    complete: bool


@dataclass(frozen=True)
class _Segment:
    """Plan that is good enough from one sampled value to another (positions in the samples)."""

    plan: int
    first: int
    last: int


@dataclass(frozen=True)
class _Crossing:
    before: int
    after: int
    lower: float
    upper: float


class SwitchSearch:
    """Finds the switch points of a question.

    Parameters
    ----------
    stopped
        Whether to end with what is known.
    tell
        Told what is going on.
    """

    def __init__(
        self,
        solver: PointSolver,
        question: SwitchQuestion,
        *,
        stopped: Callable[[], bool] = lambda: False,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._solver, self._question = solver, question
        self._stopped, self._tell = stopped, tell
        self._plans: list[BuildPlan | None] = [None]
        self._found: dict[float, PointResult] = {}
        self._values: dict[tuple[int, float], float] = {}

    def run(self) -> SwitchStudy:
        """Find the switch points.

        Raises
        ------
        AuditFailedError
            If a plan does not pass its audit.
        """
        for value in self._question.first_values():
            if not self._found or not self._stopped():
                self._search(value)
        complete = False
        for _ in range(MOST_ROUNDS):
            segments = self._cover()
            crossings = [self._cross(*pair) for pair in pairwise(segments)]
            ends = [end for crossing in crossings for end in (crossing.lower, crossing.upper) if end not in self._found]
            if not ends:
                complete = not self._stopped()
                break
            for end in ends:
                if self._stopped():
                    break
                self._search(end)
            if self._stopped():
                break
        segments = self._cover()
        crossings = [self._cross(*pair) for pair in pairwise(segments)]
        return self._study(segments, crossings, complete)

    # --- lines -------------------------------------------------------------------------------

    def _search(self, value: float) -> None:
        """Search for the best plan at a value, starting from every plan known, and add it if it is new and better."""
        instance = self._question.instance_at(value)
        known = [build for build in self._plans if build is not None]
        result = self._solver.solve(instance, inherit=known)
        self._found[value] = result
        self._tell(f"{self._question.change(value)}: {_outcome(result)}")
        if result.tables is None or result.objective is None or result.build in self._plans:
            return
        best = max(self._value(plan, value) for plan in range(len(self._plans)))
        if result.objective > best + ROUNDING * max(1.0, abs(result.objective)):
            self._plans.append(result.build)

    def _value(self, plan: int, value: float) -> float:
        """Value of a plan at a value of the knob: minus infinity if it is impossible there."""
        build = self._plans[plan]
        if build is None:
            return WITHOUT_PLAN
        if (plan, value) not in self._values:
            instance = self._question.instance_at(value)
            self._solver.live.move_to(instance)
            possible = self._solver.can_build(build)
            relaxed = self._solver.solve_fixed(instance, build) if possible else None
            found = relaxed is not None and relaxed.feasible
            self._values[plan, value] = relaxed.objective if relaxed is not None and found else -np.inf
        return self._values[plan, value]

    def _noise(self, best: float) -> float:
        """Differences that are not told apart: the gap asked, and rounding."""
        if best <= WITHOUT_PLAN:
            return 0.0
        solver = self._question.instance.settings.solver
        return max(solver.gap * abs(best), solver.gap_busd) + ROUNDING * max(1.0, abs(best))

    # --- which plan where --------------------------------------------------------------------

    def _cover(self) -> list[_Segment]:
        """Fewest plans such that at every sampled value the one in charge is best but for noise."""
        samples = sorted(self._found)
        good = [self._good_at(value) for value in samples]
        segments: list[_Segment] = []
        start = 0
        while start < len(samples):
            plan = max(good[start], key=lambda plan: (_run(good, plan, start), self._value(plan, samples[start])))
            last = start + _run(good, plan, start) - 1
            segments.append(_Segment(plan, start, last))
            start = last + 1
        return segments

    def _good_at(self, value: float) -> frozenset[int]:
        values = [self._value(plan, value) for plan in range(len(self._plans))]
        best = max(values)
        return frozenset(plan for plan, worth in enumerate(values) if worth >= best - self._noise(best))

    def _cross(self, before: _Segment, after: _Segment) -> _Crossing:
        """Narrow down where the plan of one segment is overtaken by that of the next."""
        samples, question = sorted(self._found), self._question
        # The later plan would have been in charge from the start if it were better throughout.
        position = next(
            k for k in range(before.last, before.first - 1, -1) if self._keeps(before.plan, after.plan, samples[k])
        )
        lower, upper = samples[position], samples[position + 1]
        width = max(question.tolerance, 1.0) if question.whole else question.tolerance
        while upper - lower > width * (1 + 1e-9):
            middle = (lower + upper) / 2
            middle = float(np.floor(middle)) if question.whole else middle
            if self._keeps(before.plan, after.plan, middle):
                lower = middle
            else:
                upper = middle
        return _Crossing(before.plan, after.plan, lower, upper)

    def _keeps(self, before: int, after: int, value: float) -> bool:
        return self._value(before, value) >= self._value(after, value)

    # --- the result --------------------------------------------------------------------------

    def _study(self, segments: Sequence[_Segment], crossings: Sequence[_Crossing], complete: bool) -> SwitchStudy:
        samples = sorted(self._found)
        labels = _labels([segment.plan for segment in segments])
        stretches = tuple(self._stretch(k, segments, crossings, labels) for k in range(len(segments)))
        lines = {
            labels[plan]: tuple((value, _known(self._value(plan, value))) for value in samples)
            for plan in labels
            if self._plans[plan] is not None
        }
        best = [max(self._value(plan, value) for plan in range(len(self._plans))) for value in samples]
        return SwitchStudy(
            question=self._question,
            stretches=stretches,
            switches=tuple(self._switch(crossing) for crossing in crossings),
            noise=max(self._noise(worth) for worth in best),
            lines=lines,
            complete=complete,
        )

    def _stretch(
        self, k: int, segments: Sequence[_Segment], crossings: Sequence[_Crossing], labels: Mapping[int, str]
    ) -> Stretch:
        samples, segment = sorted(self._found), segments[k]
        first = samples[0] if k == 0 else crossings[k - 1].upper
        last = samples[-1] if k == len(segments) - 1 else crossings[k].lower
        values = [value for value in samples if first <= value <= last]
        return Stretch(
            label=labels[segment.plan],
            first=first,
            last=last,
            points=tuple((value, self._point(segment.plan, value)) for value in values),
        )

    def _point(self, plan: int, value: float) -> PointResult | None:
        """The plan at a searched value, audited."""
        build, found = self._plans[plan], self._found.get(value)
        if build is None:
            return None
        if found is not None and found.build == build and found.tables is not None:
            return found
        instance = self._question.instance_at(value)
        bound = None if found is None else found.bound
        if bound is None:
            bound = self._solver.solve_relaxation(instance).objective
        return self._solver.adopt(instance, build, bound, Misfit.REFUSE)

    def _switch(self, crossing: _Crossing) -> Switch:
        before, after = self._point(crossing.before, crossing.lower), self._point(crossing.after, crossing.upper)
        ends = ((crossing.before, crossing.lower), (crossing.after, crossing.upper))
        rooms = [
            found.bound - self._value(plan, value)
            for plan, value in ends
            if (found := self._found.get(value)) is not None and found.bound is not None
        ]
        both = before is not None and after is not None
        return Switch(
            lower=crossing.lower,
            upper=crossing.upper,
            kind=self._kind(crossing),
            before=before,
            after=after,
            room=max(0.0, *rooms) if rooms else None,
            sites=site_changes(before.tables, after.tables) if both else (),  # type: ignore[union-attr,arg-type]
            gw=gw_changes(before.tables, after.tables) if both else {},  # type: ignore[union-attr,arg-type]
        )

    def _kind(self, crossing: _Crossing) -> SwitchKind:
        if self._plans[crossing.after] is None:
            return SwitchKind.NO_PLAN
        if self._plans[crossing.before] is None:
            return SwitchKind.FIRST_PLAN
        if self._value(crossing.before, crossing.upper) == -np.inf:
            return SwitchKind.STOPS
        if self._value(crossing.after, crossing.lower) == -np.inf:
            return SwitchKind.STARTS
        return SwitchKind.OVERTAKEN


def _run(good: Sequence[frozenset[int]], plan: int, start: int) -> int:
    """Sampled values in a row, from a position on, at which a plan is good enough."""
    length = 0
    while start + length < len(good) and plan in good[start + length]:
        length += 1
    return length


def _labels(plans: Sequence[int]) -> dict[int, str]:
    """Letters for plans in order of appearance: A to Z, then A1."""
    distinct = list(dict.fromkeys(plans))
    return {plan: chr(ord("A") + k % 26) + (str(k // 26) if k >= 26 else "") for k, plan in enumerate(distinct)}


def _known(value: float) -> float | None:
    return value if np.isfinite(value) and value > WITHOUT_PLAN else None


def _outcome(result: PointResult) -> str:
    if result.objective is None:
        return f"{result.status.replace('_', ' ')} ({result.stopped_because})"
    return f"{result.objective:.4f}, {result.stopped_because}"
