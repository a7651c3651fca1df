"""From rows of the model back to the limits that people wrote: family, name, date, and the cells that say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from optimizer.instance.calendar import format_span
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef
from optimizer.instance.schema import Rule, RuleEffect, RuleMeasure
from optimizer.instance.scopes import where_words
from optimizer.model.limit_families import LIMIT_FAMILIES
from optimizer.model.plan_model import PlanModel
from optimizer.model.timing import PeriodIndex, Timing
from optimizer.solve.standard_form import StandardForm

#: What fits on a site and into its power. These are limits too, though no table of limits holds them.
SITE_FAMILIES: Final = frozenset({"max_modules", "max_mw", "starts_per_year"})
_RULE_FAMILIES: Final = (
    "export_flow_cap",
    "export_stock_cap",
    "export_share_cap",
    "volume_ratio",
    "matching_investment",
    "export_permit",
)
_LIMIT_TABLE_FAMILIES: Final = ("it_gw", "gas_gw", "carbon_mt", "water_million_m3", "capital_share")
#: Families whose number is a share or a ratio: it multiplies variables and is no right-hand side.
RATIO_FAMILIES: Final = frozenset(
    {"sovereignty", "export_share_cap", "volume_ratio", "matching_investment", "capital_share", "site_carbon"}
)
#: Families that say what things are, that follow from whole modules, or that a plan which takes no extra chips always
#: meets.
_NO_LIMITS: Final = frozenset({"capital_spent", "kept_supply", "market_link", "supply_response"})
#: Families that ask for at least so much; all others allow at most so much.
FLOOR_FAMILIES: Final = frozenset({"take_or_pay", "sovereignty", "required_compute", "matching_investment"})
_WORDS: Final = {
    "budget": "budget of pool {}",
    "chip_supply": "supply of chip {}",
    "take_or_pay": "take-or-pay of chip {}",
    "slots": "slots of {}",
    "grid_headroom": "grid headroom of {}",
    "technology_limits": "technology limit of {}",
    "site_carbon": "carbon limit per MWh at site {}",
    "sovereignty": "sovereignty share of {}",
    "it_gw": "IT power limit {}",
    "gas_gw": "gas limit {}",
    "carbon_mt": "carbon limit {}",
    "water_million_m3": "water limit {}",
    "capital_share": "limit {} on the share of capital",
    "required_compute": "required compute",
    "lead_months": "lead time of site {}",
    "available_from": "date of power at site {}",
    "max_modules": "number of modules at site {}",
    "max_mw": "power options of site {}",
    "starts_per_year": "module starts a year at site {}",
    "rule_lifted": "export rule {}",
}


@dataclass(frozen=True, order=True)
class LimitKey:
    """A limit as people know it: its family and its name, for all dates together.

    Attributes
    ----------
    where
        Grid region or basin that it counts, for people; "" where it counts none, or its name says so.
    """

    family: str
    name: str
    where: str = field(default="", compare=False)

    @property
    def words(self) -> str:
        """What to call it in a sentence."""
        words = _WORDS.get(self.family, "export rule {}").format(self.name)
        return f"{words} ({self.where})" if self.where else words

    @property
    def is_rule(self) -> bool:
        """Whether it is a row of rules.csv."""
        return self.family in _RULE_FAMILIES


@dataclass(frozen=True)
class LimitRow:
    """One row of the model that a limit makes.

    Attributes
    ----------
    when
        Year, period label, span, or ``all``.
    position
        Row of the standard form.
    cells
        Cells of the instance whose numbers the row holds.
    also
        Further rows that give way with this one.
    """

    limit: LimitKey
    when: str
    position: int
    cells: tuple[CellRef, ...]
    also: tuple[int, ...] = ()


def soften_denials(instance: Instance) -> Instance:
    """Turn every denial of the active regime into a cap of no chips, which means the same and can be relaxed."""
    active = {rule.rule for rule in instance.active_rules}
    rules = tuple(_as_cap(rule) if rule.rule in active else rule for rule in instance.rules)
    return instance if rules == instance.rules else replace(instance, rules=rules)


def _as_cap(rule: Rule) -> Rule:
    if rule.effect is not RuleEffect.DENY:
        return rule
    cap = {"effect": RuleEffect.CAP_CUMULATIVE, "measure": RuleMeasure.CHIPS_MILLION, "quantity": 0.0}
    return rule.model_copy(update=cap)


def limit_rows(plan: PlanModel, form: StandardForm) -> tuple[LimitRow, ...]:
    """Every row of the model that a limit makes, in the order of the families."""
    positions = {name: row for row, name in enumerate(form.row_names)}
    naming = _Naming(plan.context.instance, plan.context.timing)
    found: list[LimitRow] = []
    for family in (*LIMIT_FAMILIES, "starts_per_year"):
        if family in _NO_LIMITS:
            continue
        constraint = getattr(plan.pyomo, family)
        for index in constraint:
            name, when, cells = naming.of(family, index if isinstance(index, tuple) else (index,))
            row = positions.get(constraint[index].name)
            if row is not None:
                limit = LimitKey(family, name, naming.where(family, name))
                found.append(LimitRow(limit, when, row, tuple(cells)))
    return tuple(found)


@dataclass(frozen=True)
class _Naming:
    """Reads the index of a row."""

    instance: Instance
    timing: Timing

    def of(  # noqa: PLR0911 - one line a family
        self, family: str, index: tuple[Any, ...]
    ) -> tuple[str, str, list[CellRef]]:
        """Name and date of a limit, and its cells."""
        if family in _RULE_FAMILIES:
            return index[0].rule, self._when(index), self._quantities(index[0].rule)
        if family in _LIMIT_TABLE_FAMILIES:
            year = self._year(index[1])
            return index[0], str(index[1]), self._cells("limits", "value", limit=index[0], year=year)
        match family:
            case "budget":
                return index[0], str(index[1]), self._cells("budgets", "capital_busd", pool=index[0], year=index[1])
            case "starts_per_year":
                return index[0], str(index[1]), self._cells("sites", "max_starts_per_year", site=index[0])
            case "slots":
                return index[0], str(index[1]), self._cells("slots", "mw", resource=index[0], year=index[1])
            case "technology_limits":
                return f"{index[0]}/{index[1]}", str(index[2]), self._technology(index[0], index[1], index[2])
            case "site_carbon":
                return index[0], str(index[1]), self._cells("power_needs", "carbon_limit_t_per_mwh", site=index[0])
            case "required_compute":
                return "compute", str(index[0]), self._cells("required_compute", "h100e_million", year=index[0])
            case "sovereignty":
                cells = self._cells("sovereignty", "minimum_share", region=index[0], workload=index[1])
                return f"{index[0]}/{index[1]}", str(index[2]), cells
            case "grid_headroom":
                return index[0], str(index[1]), self._headroom(index[0], self.timing.year(index[1]))
            case "chip_supply":
                return index[0], str(index[1]), list(self._supply(index[0], index[1]))
            case "take_or_pay":
                return index[0], index[1], list(self._contract(index[0], index[1]))
        message = f"no limit is known for rows of the family {family}"
        raise KeyError(message)

    def where(self, family: str, name: str) -> str:
        """Place that a limit of the limits table counts, if it counts one."""
        return where_words(self.instance.limits, name) if family in _LIMIT_TABLE_FAMILIES else ""

    @staticmethod
    def _when(index: tuple[Any, ...]) -> str:
        """Date of a row of a rule, and the group for which the rule holds apart."""
        return f"{index[-1]} {index[0].group}".strip()

    def _quantities(self, rule: str) -> list[CellRef]:
        return [*self._cells("rules", "quantity", rule=rule), *self._cells("rule_steps", "quantity", rule=rule)]

    def _year(self, when: object) -> int:
        return self.timing.year(when) if isinstance(when, PeriodIndex) else int(str(when))

    def _cells(self, table: str, column: str, **wanted: object) -> list[CellRef]:
        rows: tuple[Any, ...] = getattr(self.instance, table)
        return [
            CellRef(table, number, column)
            for number, row in enumerate(rows)
            if all(getattr(row, name) == value for name, value in wanted.items())
        ]

    def _headroom(self, region: str, year: int) -> list[CellRef]:
        known = [row.year for row in self.instance.grid_headroom if row.grid_region == region and row.year <= year]
        return self._cells("grid_headroom", "cumulative_mw", grid_region=region, year=max(known))

    def _technology(self, site: str, technology: str, date: PeriodIndex) -> list[CellRef]:
        """The row in force; none where the limit is 0 because of a lead time."""
        start = self.timing.start(date)
        rows = [
            (row.holds_from, number)
            for number, row in enumerate(self.instance.technology_limits)
            if (row.site, row.technology) == (site, technology) and row.holds_from <= start
        ]
        return [CellRef("technology_limits", max(rows)[1], "cumulative_mw")] if rows else []

    def _supply(self, chip: str, period: int) -> Iterator[CellRef]:
        span = self.timing.calendar.periods[period]
        for number, row in enumerate(self.instance.chip_supply):
            if row.chip == chip and row.during.start < span.end and row.during.end > span.start:
                yield CellRef("chip_supply", number, "units")

    def _contract(self, chip: str, during: str) -> Iterator[CellRef]:
        for number, row in enumerate(self.instance.chip_supply):
            if row.chip == chip and format_span(row.during) == during and row.minimum_units > 0:
                yield CellRef("chip_supply", number, "minimum_units")


def knob_of(instance: Instance, cell: CellRef) -> str:
    """How changes address a cell, e.g. ``budgets[global,2027].capital_busd``."""
    row = getattr(instance, cell.table)[cell.row]
    return f"{cell.table}[{','.join(row.key_values)}].{cell.column}"


def value_of(instance: Instance, cell: CellRef) -> float:
    """Number in a cell; 0 if it is empty."""
    value = getattr(getattr(instance, cell.table)[cell.row], cell.column)
    return 0.0 if value is None else float(value)
