"""Points of a sweep: every one made and checked before the first is solved, and put in a good order."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from optimizer.instance import Diagnostic, Instance, InstanceError, instance_hash
from optimizer.instance.changes import scenario_changes
from optimizer.instance.codes import Code
from optimizer.instance.diagnostics import Place
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.knobs import CellsKnob, KnobError, find_knob
from optimizer.instance.places import CellRef
from optimizer.instance.schema import RuleEffect
from optimizer.plan.manifest import software
from optimizer.power.join import apply_changes
from optimizer.studies.edits import EDITABLE
from optimizer.studies.sweep_file import Axis, AxisOperation, AxisValue, SweepFile

#: At most so many points follow each other on one live model before a fresh one is built: the first of a chain
#: takes as long as three others on the world instance, and shorter chains keep more processors busy.
CHAIN_LENGTH = 10


@dataclass(frozen=True)
class Turn:
    """One knob turned.

    Attributes
    ----------
    axis
        Name of the axis or assumption, as tables show it.
    change
        In the grammar of scenarios.
    place
        Where its value stands.
    knob_place
        Where its knob stands.
    """

    axis: str
    value: AxisValue
    change: str
    place: Place
    knob_place: Place


@dataclass(frozen=True)
class Position:
    """Where in the sweep a point lies, before it is made."""

    scenario: str | None
    turns: tuple[Turn, ...]
    coordinates: tuple[int, ...] = ()
    range_end: str = ""
    """``low`` or ``high`` of an assumption, else ""."""


@dataclass(frozen=True)
class SweepPoint:
    """A changed instance of a sweep.

    Attributes
    ----------
    number
        1-based place in the order of solving and of the tables.
    key
        Hash of content: the same instance, changed in the same way, under the same software.
    neighbours
        Numbers of the points one step away.
    step_rules
        Rules in force that sell quota in steps: whether to buy each is a whole decision, and such points take longest.
    """

    number: int
    key: str
    position: Position
    changes: tuple[str, ...]
    neighbours: tuple[int, ...] = ()
    step_rules: int = 0

    @property
    def label(self) -> str:
        """The point in words."""
        parts = [self.position.scenario] if self.position.scenario else []
        parts += [turn.change for turn in self.position.turns]
        return ", ".join(parts) or "as it is"


@dataclass(frozen=True)
class Sweep:
    """All points of a sweep, checked.

    Attributes
    ----------
    instance
        The instance with the solver settings of the sweep.
    axes
        Names of the axes, in the order of the file.
    rebuilt
        Whether every point needs a model of its own, as each is another scenario or moves rows and columns.
    """

    instance: Instance
    title: str
    axes: tuple[str, ...]
    points: tuple[SweepPoint, ...]
    rebuilt: bool = False

    @property
    def unique(self) -> Mapping[str, SweepPoint]:
        """First point of each key, in order; others of the same key share its plan."""
        found: dict[str, SweepPoint] = {}
        for point in self.points:
            found.setdefault(point.key, point)
        return found

    def chains(self) -> tuple[tuple[SweepPoint, ...], ...]:
        """Runs of points that follow each other on one live model.

        They depend on the sweep alone, not on who solves them, so that results do not either. Points that each need a
        model of their own go one by one: one regime of world-2026 takes 50 s and another 500, so those that are
        expected to take longest are begun first.
        """
        points = list(self.unique.values())
        if self.rebuilt:
            return tuple((point,) for point in sorted(points, key=lambda point: -point.step_rules))
        count = max(-(-len(points) // CHAIN_LENGTH), min(2, len(points) // 2), 1)
        size, larger = divmod(len(points), count)
        chains, start = [], 0
        for number in range(count):
            end = start + size + (number < larger)
            chains.append(tuple(points[start:end]))
            start = end
        return tuple(chain for chain in chains if chain)


def make_sweep(instance: Instance, wanted: SweepFile) -> Sweep:
    """Make every point of a sweep.

    Raises
    ------
    InstanceError
        With everything that is wrong with any point, at its place in sweep.toml or assumptions.csv.
    """
    settings = wanted.settings
    base = _with_solver(instance, wanted)
    _check_scenarios(base, wanted)
    positions = list(_positions(base, wanted))
    made, problems = _made(base, positions, wanted)
    if problems:
        errors = dict.fromkeys(problem for problem in problems if problem.severity == "error")
        raise InstanceError(errors)
    axes = [axis.label for axis in settings.axes]
    if settings.one_at_a_time:
        axes += [row.assumption for row in base.assumptions]
    return Sweep(base, settings.title, tuple(dict.fromkeys(axes)), _with_neighbours(made), _all_rebuilt(base, wanted))


def _with_solver(instance: Instance, wanted: SweepFile) -> Instance:
    changes = wanted.settings.solver.changes
    try:
        return apply_changes(instance, changes) if changes else instance
    except InstanceError as error:
        moved = []
        for diagnostic in error.diagnostics:
            key = changes[diagnostic.line - 1].split(" ")[0] if diagnostic.file == "change" else "solver"
            moved.append(replace(diagnostic, place=wanted.place(key)))
        raise InstanceError(moved) from None


def _check_scenarios(instance: Instance, wanted: SweepFile) -> None:
    known = instance.settings.scenarios
    problems = [
        Diagnostic(
            Code.UNKNOWN_SCENARIO,
            wanted.place("scenarios", name),
            f"there is no scenario '{name}'",
            value=name,
            hint=nearest_hint(name, known),
        )
        for name in wanted.settings.scenarios
        if name not in known
    ]
    if wanted.settings.one_at_a_time and not instance.assumptions:
        message = "one_at_a_time needs the ranges of assumptions.csv, and the instance has none"
        problems.append(Diagnostic(Code.BAD_SETTING, wanted.place("one_at_a_time"), message))
    if problems:
        raise InstanceError(problems)


# --- positions -------------------------------------------------------------------------------


def _positions(instance: Instance, wanted: SweepFile) -> Iterator[Position]:
    settings = wanted.settings
    if settings.axes or settings.scenarios:
        start = [None] if settings.with_base or not settings.scenarios else []
        for scenario in (*start, *settings.scenarios):
            yield from _grid(instance, wanted, scenario)
    if settings.one_at_a_time:
        if settings.with_base:
            yield Position(None, ())
        yield from _ranges(instance)


def _grid(instance: Instance, wanted: SweepFile, scenario: str | None) -> Iterator[Position]:
    """Product of the axes, in a snake line, so that each point is one step from the last.

    Axes that force a rebuild of the model vary slowest.
    """
    axes = wanted.settings.axes
    order = sorted(range(len(axes)), key=lambda number: _is_editable(instance, axes[number]))
    for indices in _snake([len(axes[number].points) for number in order]):
        chosen = dict(zip(order, indices, strict=True))
        coordinates = tuple(chosen[number] for number in range(len(axes)))
        turns = [_turn(wanted, number, coordinates[number]) for number in range(len(axes))]
        yield Position(scenario, tuple(turns), coordinates)


def _turn(wanted: SweepFile, number: int, index: int) -> Turn:
    axis: Axis = wanted.settings.axes[number]
    value = axis.points[index]
    place = wanted.axis_place(number, "values", value) if axis.values else wanted.axis_place(number, "from")
    change = axis.operation.change(axis.knob, value)
    return Turn(axis.label, value, change, place, wanted.axis_place(number, "knob"))


def _snake(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not sizes:
        yield ()
        return
    for number, head in enumerate(_snake(sizes[:-1])):
        last = range(sizes[-1])
        for index in reversed(last) if number % 2 else last:
            yield (*head, index)


def _is_editable(instance: Instance, axis: Axis) -> bool:
    try:
        knob = find_knob(instance, axis.knob)
    except KnobError:
        return False
    if isinstance(knob, CellsKnob):
        return (knob.row_type.table, knob.column.name) in EDITABLE
    return knob.path[:2] in EDITABLE


def _all_rebuilt(instance: Instance, wanted: SweepFile) -> bool:
    settings = wanted.settings
    return not settings.one_at_a_time and not any(
        len(axis.points) > 1 and _is_editable(instance, axis) for axis in settings.axes
    )


def _ranges(instance: Instance) -> Iterator[Position]:
    """Low and high of every assumption; those that force a rebuild of the model come last."""
    axes = [
        (row, number, Axis(knob=row.knob, operation=AxisOperation(row.mode), values=(row.central,)))
        for number, row in enumerate(instance.assumptions)
    ]
    for row, number, axis in sorted(axes, key=lambda item: not _is_editable(instance, item[2])):
        knob_place = instance.locator.place(CellRef("assumptions", number, "knob"))
        for end, value in (("low", row.low), ("high", row.high)):
            place = instance.locator.place(CellRef("assumptions", number, end))
            change = axis.operation.change(row.knob, value)
            yield Position(None, (Turn(row.assumption, value, change, place, knob_place),), (), end)


# --- checking --------------------------------------------------------------------------------


def _made(
    base: Instance, positions: Sequence[Position], wanted: SweepFile
) -> tuple[list[SweepPoint], list[Diagnostic]]:
    made: list[SweepPoint] = []
    problems: list[Diagnostic] = []
    origin = instance_hash(base)
    for number, position in enumerate(positions, start=1):
        before = [change.text for change in scenario_changes(base, position.scenario)] if position.scenario else []
        changes = (*before, *(turn.change for turn in position.turns))
        try:
            changed = apply_changes(base, changes)
        except InstanceError as error:
            problems += [_placed(found, position, len(before), wanted) for found in error.diagnostics]
            continue
        steps = sum(rule.effect is RuleEffect.QUOTA_STEP for rule in changed.active_rules)
        made.append(SweepPoint(number, point_key(origin, changed), position, changes, step_rules=steps))
    return made, problems


def _placed(found: Diagnostic, position: Position, scenario_length: int, wanted: SweepFile) -> Diagnostic:
    """A diagnostic about a change, at the place in the user's files that the change comes from."""
    if found.file != "change":
        return found
    number = found.line - 1 - scenario_length
    if number < 0:
        return replace(found, place=wanted.place("scenarios", position.scenario or ""))
    turn = position.turns[number]
    about_knob = found.code in (Code.UNKNOWN_KNOB, Code.SELECTS_NOTHING, Code.CHANGE_SYNTAX)
    return replace(found, place=turn.knob_place if about_knob else turn.place, value="")


def point_key(origin: str, changed: Instance) -> str:
    """Content hash of a point."""
    digest = hashlib.sha256()
    for text in (origin, instance_hash(changed), *(f"{name} {version}" for name, version in software().items())):
        digest.update(f"{text}\n".encode())
    return digest.hexdigest()


# --- neighbours ------------------------------------------------------------------------------


def _with_neighbours(points: Sequence[SweepPoint]) -> tuple[SweepPoint, ...]:
    near: dict[int, list[int]] = {point.number: [] for point in points}
    for one, other in itertools.combinations(points, 2):
        if one.key != other.key and _are_neighbours(one.position, other.position):
            near[one.number].append(other.number)
            near[other.number].append(one.number)
    return tuple(replace(point, neighbours=tuple(near[point.number])) for point in points)


def _are_neighbours(one: Position, other: Position) -> bool:
    """Whether two points are one step apart: along one axis, or between the base and one change of it."""
    if one.range_end or other.range_end:
        named = {turn.axis for position in (one, other) for turn in position.turns}
        return one.scenario is other.scenario is None and len(named) == 1
    if one.scenario != other.scenario:
        return one.coordinates == other.coordinates and None in (one.scenario, other.scenario)
    if len(one.coordinates) != len(other.coordinates):
        return False
    steps = [abs(a - b) for a, b in zip(one.coordinates, other.coordinates, strict=True)]
    return sum(steps) == 1
