"""Cheapest changes of limits that let a plan exist again, each verified by solving the changed instance."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from optimizer.instance import InstanceError
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef
from optimizer.instance.schema import RuleEffect
from optimizer.model.limit_families import LIMIT_FAMILIES
from optimizer.policy.wording import MEASURE_WORDS
from optimizer.power.join import apply_changes
from optimizer.studies.conflicts import Conflict, ConflictSearch
from optimizer.studies.elastic import VISIBLE, Relief, Verdict
from optimizer.studies.limit_index import (
    FLOOR_FAMILIES,
    RATIO_FAMILIES,
    SITE_FAMILIES,
    LimitKey,
    knob_of,
    value_of,
)
from optimizer.studies.points import PointSolver
from optimizer.studies.soft_rules import refused_licences

#: Any plan will do when a repair is verified.
_ANY_PLAN_GAP: Final = 0.99
#: Size of a number that is zero, by column, so that its change can be weighed.
_SIZE_OF_ZERO: Final = {
    "units": 1e4,
    "capital_busd": 1.0,
    "mw": 100.0,
    "cumulative_mw": 100.0,
    "value": 1.0,
    "probability": 0.1,
}
_UNITS: Final = {
    "capital_busd": "B USD",
    "units": "chips",
    "minimum_units": "chips",
    "mw": "MW",
    "cumulative_mw": "MW",
    "h100e_million": "M H100e",
    "max_mw": "MW",
    "max_modules": "modules",
    "available_from": "months",
    "max_starts_per_year": "modules a year",
}
#: What takes the place of a prohibition.
_INSTEAD: Final = {
    RuleEffect.DENY: "no denial by rule {} but a cap of",
    RuleEffect.LICENCE: "licences granted under rule {} for",
}
_LIMIT_UNITS: Final = {"it_gw": "GW", "gas_gw": "GW", "carbon_mt": "Mt CO2", "water_million_m3": "million m3"}
_FEW: Final = 24


@dataclass(frozen=True)
class Adjustment:
    """One number that moves.

    Attributes
    ----------
    amount
        In `unit`; negative where the number falls.
    instead
        What the number stands for where it takes the place of something else, e.g. a cap for a denial.
    """

    knob: str
    amount: float
    unit: str
    file: str
    line: int
    instead: str = ""

    @property
    def words(self) -> str:
        """The adjustment for people."""
        size = f"{self.instead} {self.amount:,.6g}" if self.instead else f"{self.knob} {self.amount:+,.6g}"
        return f"{size} {self.unit}".rstrip() + f"  ({self.file}:{self.line})"


@dataclass(frozen=True)
class Repair:
    """Changes after which a plan exists; `optimizer.instance.apply_changes` takes them as they stand.

    Attributes
    ----------
    effort
        Sum of the relative changes, by which repairs are ranked.
    """

    limits: tuple[LimitKey, ...]
    changes: tuple[str, ...]
    adjustments: tuple[Adjustment, ...]
    effort: float


class RepairSearch:
    """Repairs of one infeasible instance."""

    def __init__(self, search: ConflictSearch) -> None:
        self._search = search
        self._refused = refused_licences(search.original)
        self._solver = PointSolver(threads=search.threads, seed=search.seed, stop=search.stop)

    def find(self, conflict: Conflict) -> tuple[Repair, ...]:
        """Repairs that take one member each, or else one that moves several limits; cheapest first.

        Rules often forbid together, e.g. those of the exporting and of the importing country. If no rule of the
        conflict is enough alone, the least change of all rules is a repair too.
        """
        found = [repair for member in conflict.members for repair in self._of_limit(member.limit)]
        limits = {row.limit for row in self._search.rows if row.limit.family not in _NO_RIGHT_HAND_SIDE}
        rules = {limit for limit in limits if limit.is_rule}
        mended_by_rules = any(limit.is_rule for repair in found for limit in repair.limits)
        if any(member.limit in rules for member in conflict.members) and not mended_by_rules:
            found += self._jointly(rules)
        if not found:
            found += self._jointly(limits)
        return tuple(sorted(found, key=lambda repair: repair.effort))

    def _jointly(self, limits: Collection[LimitKey]) -> list[Repair]:
        repair = self._amounts(sorted(limits))
        return [] if repair is None else [repair]

    def holds(self, changes: Sequence[str]) -> bool:
        """Whether a plan that passes its audit exists after some changes."""
        if time.monotonic() > self._search.deadline or self._search.stop.is_set():
            return False
        try:
            changed = apply_changes(self._search.original, changes)
        except InstanceError:
            return False
        left = max(1.0, self._search.deadline - time.monotonic())
        solver = changed.settings.solver.model_copy(
            update={"gap": _ANY_PLAN_GAP, "time_limit_seconds": min(left, changed.settings.solver.time_limit_seconds)}
        )
        settings = changed.settings.model_copy(update={"solver": solver})
        return self._solver.solve(replace(changed, settings=settings)).tables is not None

    def _of_limit(self, limit: LimitKey) -> Iterator[Repair]:
        if limit.family in SITE_FAMILIES:
            yield from self._by_dials(limit, _site_dials(self._search.original, limit))
        elif limit.family in RATIO_FAMILIES:
            yield from self._by_dials(limit, _ratio_dials(self._search.original, limit, self._cells(limit)))
        else:
            repair = self._amounts([limit])
            if repair is not None:
                yield repair

    # --- numbers that are right-hand sides: the least amounts come from one mixed-integer program --------

    def _amounts(self, limits: Sequence[LimitKey]) -> Repair | None:
        cells = [(limit, cell) for limit in limits for cell in self._cells(limit)]
        sizes = [self._size(cell) for _, cell in cells]
        reliefs = [self._relief(limit, cell, size) for (limit, cell), size in zip(cells, sizes, strict=True)]
        answer = self._search.elastic(reliefs).ask(priced=range(len(reliefs)), whole=True)
        if answer.verdict is not Verdict.FEASIBLE:
            return None
        used = [
            (limit, cell, _outward(float(share) * size))
            for (limit, cell), size, share in zip(cells, sizes, answer.reliefs, strict=True)
            if share > VISIBLE
        ]
        moved = [(limit, cell, self._moved(limit, cell, amount)) for limit, cell, amount in used]
        changes = tuple(text for _, cell, amount in moved for text in self._texts(cell, amount))
        if not changes or not self.holds(changes):
            return None
        return Repair(
            limits=tuple(dict.fromkeys(limit for limit, _, _ in moved)),
            changes=changes,
            adjustments=tuple(self._adjustment(limit, cell, amount) for limit, cell, amount in moved),
            effort=float(sum(answer.reliefs)),
        )

    def _cells(self, limit: LimitKey) -> list[CellRef]:
        return list(dict.fromkeys(cell for row in self._search.rows if row.limit == limit for cell in row.cells))

    def _size(self, cell: CellRef) -> float:
        value = abs(value_of(self._search.instance, cell))
        return value if value > 0 else _SIZE_OF_ZERO.get(cell.column, 0.01)

    def _moved(self, limit: LimitKey, cell: CellRef, amount: float) -> float:
        """Signed change of a number; none falls below zero."""
        return -min(amount, value_of(self._search.instance, cell)) if limit.family in FLOOR_FAMILIES else amount

    def _relief(self, limit: LimitKey, cell: CellRef, size: float) -> Relief:
        """What changing a number by its own size does to the rows of its limit."""
        sign = -1.0 if limit.family in FLOOR_FAMILIES else 1.0
        plan = self._search.plan
        before = LIMIT_FAMILIES[limit.family](plan)
        after = LIMIT_FAMILIES[limit.family](
            plan.for_instance(_with_cell(self._search.instance, cell, value_of(self._search.instance, cell) + size))
        )
        constraint = getattr(plan.pyomo, limit.family)
        positions = {name: row for row, name in enumerate(self._search.form.row_names)}
        moved: dict[int, float] = {}
        for index, row in before.items():
            if index in constraint:
                side = after[index].upper - row.upper if math.isfinite(row.upper) else row.lower - after[index].lower
                if abs(side) > 0:
                    moved[positions[constraint[index].name]] = sign * side
        return Relief(tuple(moved), tuple(moved.values()), 1.0)

    def _texts(self, cell: CellRef, amount: float) -> Iterator[str]:
        match self._prohibition(cell):
            case None:
                yield f"{knob_of(self._search.original, cell)} += {amount:.10g}"
                return
            case RuleEffect.DENY:
                columns = {"effect": "cap_cumulative", "measure": "chips_million"}
            case _:
                columns = {"probability": "1", "measure": "chips_million", "period": "cumulative"}
        rule = self._search.original.rules[cell.row].rule
        yield from (f"rules[{rule}].{column} = {value}" for column, value in columns.items())
        yield f"rules[{rule}].quantity = {amount:.10g}"

    def _prohibition(self, cell: CellRef) -> RuleEffect | None:
        """Effect of the rule of a cell if a quantity, which it does not have, would take the place of a prohibition."""
        if cell.table != "rules" or cell.column != "quantity":
            return None
        rule = self._search.original.rules[cell.row]
        forbids = rule.effect is RuleEffect.DENY or rule.rule in self._refused
        return rule.effect if forbids else None

    def _adjustment(self, limit: LimitKey, cell: CellRef, amount: float) -> Adjustment:
        place = self._search.original.locator.place(cell)
        unit = _LIMIT_UNITS.get(limit.family) or _UNITS.get(cell.column) or _measure(self._search.instance, cell)
        knob, prohibition = knob_of(self._search.original, cell), self._prohibition(cell)
        instead = (
            "" if prohibition is None else _INSTEAD[prohibition].format(self._search.original.rules[cell.row].rule)
        )
        return Adjustment(knob, amount, unit, place.file, place.line, instead)

    # --- numbers that multiply variables or move dates: the least amount is searched ---------------------

    def _by_dials(self, limit: LimitKey, dials: Iterator[_Dial]) -> Iterator[Repair]:
        for dial in dials:
            amount = self._least(dial)
            if amount is not None:
                adjustments = tuple(
                    self._adjustment(limit, cell, dial.sign * amount * dial.display) for cell in dial.cells
                )
                adjustments = tuple(replace(entry, unit=dial.unit) for entry in adjustments)
                yield Repair((limit,), dial.changes(amount), adjustments, amount / dial.size)

    def _least(self, dial: _Dial) -> float | None:
        """Least amount, in steps, at which a plan exists; None if not even the most is enough."""
        low, high = 0, dial.steps
        if high == 0 or not self.holds(dial.changes(high * dial.step)):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.holds(dial.changes(middle * dial.step)):
                high = middle
            else:
                low = middle
        return high * dial.step


_NO_RIGHT_HAND_SIDE: Final = RATIO_FAMILIES | SITE_FAMILIES


@dataclass(frozen=True)
class _Dial:
    """Numbers that move together, in steps.

    Attributes
    ----------
    size
        Amount that counts as a change of 100 %.
    display
        What one unit of the amount is in `unit`.
    """

    cells: tuple[CellRef, ...]
    write: Callable[[float], tuple[str, ...]]
    step: float
    steps: int
    size: float
    unit: str
    sign: float = 1.0
    display: float = 1.0

    def changes(self, amount: float) -> tuple[str, ...]:
        """Changes that turn the dial by an amount."""
        return self.write(amount)


def _ratio_dials(instance: Instance, limit: LimitKey, cells: Sequence[CellRef]) -> Iterator[_Dial]:
    """All dates of a share or ratio together, by tenths of a percentage point."""
    values = [value_of(instance, cell) for cell in cells]
    floor = limit.family in FLOOR_FAMILIES
    at_most_one = limit.family in ("export_share_cap", "capital_share")
    room = max(values) if floor else (1.0 - min(values) if at_most_one else max(1.0, 4 * max(values)))

    def write(amount: float) -> tuple[str, ...]:
        return tuple(
            f"{knob_of(instance, cell)} = {max(0.0, value - amount) if floor else _capped(value + amount, at_most_one)}"
            for cell, value in zip(cells, values, strict=True)
        )

    sign = -1.0 if floor else 1.0
    yield _Dial(
        tuple(cells),
        write,
        0.001,
        math.ceil(room / 0.001 - 1e-9),
        max(*values, 0.01),
        "percentage points" if limit.family != "site_carbon" else "hundredths of a t/MWh",
        sign,
        100,
    )


def _capped(value: float, at_most_one: bool) -> float:
    return round(min(1.0, value) if at_most_one else value, 12)


def _site_dials(instance: Instance, limit: LimitKey) -> Iterator[_Dial]:
    """More modules, more starts, or more and earlier power at a site."""
    number = next(k for k, site in enumerate(instance.sites) if site.site == limit.name)
    site = instance.sites[number]

    def dial(table: str, row: int, column: str, step: float, steps: int, size: float) -> _Dial:
        cell = CellRef(table, row, column)
        falls = column == "available_from"
        knob, sign = knob_of(instance, cell), -1.0 if falls else 1.0
        unit = _UNITS[column]
        return _Dial((cell,), lambda amount: (f"{knob} += {sign * amount:g}",), step, steps, size, unit, sign)

    match limit.family:
        case "starts_per_year":
            yield dial(
                "sites", number, "max_starts_per_year", 1, site.max_modules, float(site.max_starts_per_year or 1)
            )
        case "max_modules":
            yield dial("sites", number, "max_modules", 1, min(_FEW, 100 - site.max_modules), float(site.max_modules))
        case _:
            need = 1e3 * site.pue_peak * site.module_gw * site.max_modules
            for row, option in enumerate(instance.power_options):
                if option.site == site.site:
                    most = need / option.least_share
                    yield dial("power_options", row, "max_mw", most / 100, 100, max(option.max_mw, 100.0))
                    yield dial("power_options", row, "available_from", 1, _FEW, 24.0)


def _with_cell(instance: Instance, cell: CellRef, value: float) -> Instance:
    rows: list[Any] = list(getattr(instance, cell.table))
    rows[cell.row] = rows[cell.row].model_copy(update={cell.column: value})
    changed: dict[str, Any] = {cell.table: tuple(rows)}
    return replace(instance, **changed)


def _measure(instance: Instance, cell: CellRef) -> str:
    if cell.table == "rule_steps":
        name = instance.rule_steps[cell.row].rule
        measure = next(rule.measure for rule in instance.rules if rule.rule == name)
    else:
        measure = instance.rules[cell.row].measure if cell.table == "rules" and cell.column == "quantity" else None
    return "" if measure is None else MEASURE_WORDS[measure]


def _outward(amount: float) -> float:
    """Round up to four digits, so that the repair is enough and still easy to read."""
    unit = 10.0 ** (math.floor(math.log10(amount)) - 3)
    return math.ceil(amount / unit - 1e-9) * unit * (1 + 1e-12)
