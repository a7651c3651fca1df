"""Natural steps: by how much each limit is loosened when it is priced, and in which unit a planner counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef
from optimizer.instance.schema import RuleMeasure
from optimizer.studies.limit_index import (
    FLOOR_FAMILIES,
    RATIO_FAMILIES,
    SITE_FAMILIES,
    LimitKey,
    LimitRow,
    knob_of,
    value_of,
)

#: Share of a limit that a step moves, before rounding.
STEP_SHARE: Final = 0.1
#: Limits whose numbers of several years add up; those of all others say how much there may be at one time.
_FLOWS: Final = frozenset(
    {"budget", "chip_supply", "take_or_pay", "slots", "carbon_mt", "water_million_m3", "required_compute"}
)

#: Rules that can be lifted by their quantity alone.
LIFTABLE_FAMILIES: Final = frozenset({"export_flow_cap", "export_stock_cap"})
#: Million chips, or million of any other measure of them, that no plan comes near to.
MORE_THAN_THERE_ARE: Final = 1000.0
_WHOLE: Final = frozenset({"lead_months", "available_from", "delay_months"})


@dataclass(frozen=True)
class PlannerUnit:
    """What one of something is to a planner.

    Attributes
    ----------
    size
        One of it, in the unit of the cell.
    least_step
        Step for a limit of zero, in the unit of the cell.
    """

    words: str
    size: float
    least_step: float


_POINT: Final = PlannerUnit("percentage point", 0.01, 0.01)
_CARBON: Final = PlannerUnit("0.01 t/MWh", 0.01, 0.01)
_BY_COLUMN: Final = {
    "capital_busd": PlannerUnit("B USD of capital", 1.0, 1.0),
    "units": PlannerUnit("10,000 chips", 1e4, 1e4),
    "minimum_units": PlannerUnit("10,000 chips", 1e4, 1e4),
    "cumulative_mw": PlannerUnit("MW", 1.0, 100.0),
    "mw": PlannerUnit("MW", 1.0, 100.0),
    "h100e_million": PlannerUnit("10,000 H100e", 0.01, 0.01),
}
_BY_LIMIT: Final = {
    "it_gw": PlannerUnit("MW", 0.001, 0.1),
    "gas_gw": PlannerUnit("MW", 0.001, 0.1),
    "carbon_mt": PlannerUnit("Mt CO2", 1.0, 1.0),
    "water_million_m3": PlannerUnit("million m3", 1.0, 1.0),
}
_BY_MEASURE: Final = {
    RuleMeasure.CHIPS_MILLION: PlannerUnit("10,000 chips", 0.01, 0.01),
    RuleMeasure.TPP_MILLION_H100: PlannerUnit("10,000 H100 of TPP", 0.01, 0.01),
    RuleMeasure.H100E_MILLION: PlannerUnit("10,000 H100e", 0.01, 0.01),
    RuleMeasure.GB300E_MILLION: PlannerUnit("10,000 GB300e", 0.01, 0.01),
}


@dataclass(frozen=True)
class Step:
    """One loosening of one limit at all its dates, or of one date of a site.

    Attributes
    ----------
    cells, moves
        Cells that move and by how much each, in the unit of the cell; negative where less is looser.
    units
        Size of the step in planner's units.
    unit
        The planner's unit.
    words
        The step for people.
    """

    limit: LimitKey
    cells: tuple[CellRef, ...]
    moves: tuple[float, ...]
    units: float
    unit: str
    words: str

    def changes(self, instance: Instance) -> tuple[str, ...]:
        """The step as `optimizer.instance.apply_changes` takes it."""
        return tuple(
            f"{knob_of(instance, cell)} += {move:.10g}" for cell, move in zip(self.cells, self.moves, strict=True)
        )


def limit_steps(instance: Instance, rows: Iterable[LimitRow]) -> tuple[Step, ...]:
    """Step of every limit that has rows; without those that are as loose as they can be."""
    cells: dict[LimitKey, dict[CellRef, None]] = {}
    for row in rows:
        if row.limit.family in SITE_FAMILIES:
            continue  # what fits on a site is no limit that a planner buys more of
        cells.setdefault(row.limit, {}).update(dict.fromkeys(row.cells))
    steps = (_limit_step(instance, limit, tuple(found)) for limit, found in cells.items())
    return tuple(step for step in steps if step is not None)


def _limit_step(instance: Instance, limit: LimitKey, cells: tuple[CellRef, ...]) -> Step | None:
    values = [value_of(instance, cell) for cell in cells]
    unit, floor = _unit(instance, limit, cells[0]), limit.family in FLOOR_FAMILIES
    size = 0.01 if limit.family in RATIO_FAMILIES else _nice(STEP_SHARE * sum(values) / len(values), unit.least_step)
    most = [value if floor else _room(limit, value) for value in values]
    moves = [math.copysign(min(size, room), -1 if floor else 1) for room in most]
    if not any(moves):
        return None
    total = sum(map(abs, moves)) if limit.family in _FLOWS else max(map(abs, moves))
    return Step(limit, cells, tuple(moves), total / unit.size, unit.words, _words(unit, moves))


def _unit(instance: Instance, limit: LimitKey, cell: CellRef) -> PlannerUnit:
    if limit.family == "site_carbon":
        return _CARBON
    if limit.family in RATIO_FAMILIES:
        return _POINT
    if cell.table in ("rules", "rule_steps"):
        return _BY_MEASURE[instance.rules[cell.row].measure or RuleMeasure.CHIPS_MILLION]
    return _BY_LIMIT.get(limit.family) or _BY_COLUMN[cell.column]


def _room(limit: LimitKey, value: float) -> float:
    """How far a ceiling may be raised: shares end at one."""
    return max(0.0, 1 - value) if limit.family in ("export_share_cap", "capital_share") else math.inf


def _nice(value: float, least: float) -> float:
    """Round to one digit; ``least`` for nothing."""
    if value <= 0:
        return least
    unit = 10.0 ** math.floor(math.log10(value))
    return float(f"{round(value / unit) * unit:.6g}")


def _words(unit: PlannerUnit, moves: Sequence[float]) -> str:
    move = max(moves, key=abs) / unit.size
    match unit.words.split(" ", 1):
        case ["10,000", what]:
            amount = f"{move * 1e4:+,.0f} {what}"
        case _:
            amount = f"{move:+,.4g} {unit.words}" + ("s" if unit is _POINT and abs(move) != 1 else "")
    return amount + (f" in each of {len(moves)} rows" if len(moves) > 1 else "")


def date_steps(instance: Instance, sites: Sequence[str]) -> tuple[Step, ...]:
    """One period earlier: the lead time, and the power, of some sites."""
    months = min(span.months for span in instance.calendar.periods)
    words = f"{months} month{'s' if months > 1 else ''}"
    steps: list[Step] = []
    for name in sites:
        number = next(k for k, site in enumerate(instance.sites) if site.site == name)
        shorter = min(months, instance.sites[number].lead_months)
        if shorter:
            cell = CellRef("sites", number, "lead_months")
            limit = LimitKey("lead_months", name)
            steps.append(Step(limit, (cell,), (-shorter,), shorter, "month earlier", f"{shorter} months shorter"))
        options = tuple(
            CellRef("power_options", k, "available_from")
            for k, option in enumerate(instance.power_options)
            if option.site == name and option.available_from > instance.calendar.start
        )
        if options:
            # What a computed option is made of must be there as early.
            options += tuple(
                CellRef("technology_limits", k, "delay_months")
                for k, row in enumerate(instance.technology_limits)
                if row.site == name and row.holds_from > instance.calendar.start
            )
            moves = (float(-months),) * len(options)
            limit = LimitKey("available_from", name)
            steps.append(Step(limit, options, moves, months, "month earlier", f"{words} earlier, every option"))
    return tuple(steps)


def lift_steps(instance: Instance, limits: Iterable[LimitKey]) -> tuple[Step, ...]:
    """Each rule that caps or denies chips, lifted: it may take more than there are."""
    steps: list[Step] = []
    for limit in limits:
        if limit.family in LIFTABLE_FAMILIES:
            number = next(k for k, rule in enumerate(instance.rules) if rule.rule == limit.name)
            cell = CellRef("rules", number, "quantity")
            lifted = LimitKey("rule_lifted", limit.name)
            steps.append(Step(lifted, (cell,), (MORE_THAN_THERE_ARE,), 1.0, "rule lifted", "lifted for good"))
    return tuple(steps)


def moved(instance: Instance, steps: Iterable[Step]) -> Instance:
    """The instance after steps, with the numbers set and nothing checked."""
    tables: dict[str, list[Any]] = {}
    for step in steps:
        for cell, move in zip(step.cells, step.moves, strict=True):
            rows = tables.setdefault(cell.table, list(getattr(instance, cell.table)))
            old = getattr(rows[cell.row], cell.column) or 0
            value = old + (round(move) if isinstance(old, int) and cell.column in _WHOLE else move)
            rows[cell.row] = rows[cell.row].model_copy(update={cell.column: value})
    changed: dict[str, Any] = {table: tuple(rows) for table, rows in tables.items()}
    return replace(instance, **changed)
