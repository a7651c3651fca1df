"""Which cells of an instance may change without a rebuild, and what each of them moves in the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any, Final

from optimizer.instance.instance import Instance
from optimizer.instance.schema import LEVIES, TABLES, Row
from optimizer.instance.schema.settings import SolverSettings


class Bounds(Enum):
    """Variables whose bounds come from the instance."""

    UNSOLD = "unsold"
    BOUGHT = "bought"
    CAPACITY = "capacity"


@dataclass(frozen=True)
class Effect:
    """What a changed cell moves.

    Attributes
    ----------
    families
        Limit families whose rows must be made again.
    bounds
        Variables whose bounds must be read again.
    money
        Whether the cash book, and with it objective and capital, must be written again.
    """

    families: frozenset[str] = frozenset()
    bounds: frozenset[Bounds] = frozenset()
    money: bool = False

    def __or__(self, other: Effect) -> Effect:
        return Effect(self.families | other.families, self.bounds | other.bounds, self.money or other.money)


def _rows(*families: str, bounds: Bounds | None = None) -> Effect:
    return Effect(frozenset(families), frozenset() if bounds is None else frozenset({bounds}))


_MONEY: Final = Effect(frozenset({"capital_spent"}), money=True)
_SHELL: Final = Effect(frozenset({"capital_spent", "matching_investment"}), money=True)
_NOTHING: Final = Effect()
_COSTS: Final = ("capex_usd_per_kw", "energy_capex_usd_per_kwh", "fixed_usd_per_kw_year", "variable_usd_per_mwh")
_RULES: Final = _rows(
    "export_flow_cap",
    "export_stock_cap",
    "export_share_cap",
    "export_permit",
    "volume_ratio",
    "matching_investment",
)
_LIMITS: Final = _rows("it_gw", "gas_gw", "carbon_mt", "water_million_m3", "capital_share")

#: Cells that may change in place. A cell that is not here moves rows or columns: dates, leads, draws, tests of rules.
EDITABLE: Final[Mapping[tuple[str, str], Effect]] = MappingProxyType(
    {
        ("budgets", "capital_busd"): _rows("budget"),
        ("chip_supply", "units"): _rows("chip_supply", "kept_supply", bounds=Bounds.UNSOLD),
        ("chip_supply", "minimum_units"): _rows("take_or_pay"),
        ("grid_headroom", "cumulative_mw"): _rows("grid_headroom"),
        ("slots", "mw"): _rows("slots"),
        ("slot_use", "mw_per_mw"): _rows("slots"),
        ("technology_limits", "cumulative_mw"): _rows("technology_limits"),
        ("power_needs", "carbon_limit_t_per_mwh"): _rows("site_carbon"),
        ("power_needs", "curtailment_cost_usd_per_mwh"): _MONEY,
        ("power_options", "max_mw"): _rows(bounds=Bounds.CAPACITY),
        ("grid_steps", "cumulative_mw"): _rows(bounds=Bounds.CAPACITY),
        ("demand", "quantity_h100e_million"): _rows("market_link", "supply_response", bounds=Bounds.BOUGHT),
        ("price_blocks", "quantity_share"): _rows("market_link", "supply_response", bounds=Bounds.BOUGHT),
        ("sovereignty", "minimum_share"): _rows("sovereignty"),
        ("limits", "value"): _LIMITS,
        ("rules", "quantity"): _RULES,
        ("rules", "base_quantity"): _rows("export_share_cap", "volume_ratio"),
        ("rules", "cost_busd"): _MONEY,
        ("rules", "pass_through"): _MONEY,
        ("rule_steps", "quantity"): _RULES,
        ("stack_prices", "price_multiplier"): _MONEY,
        ("installed_base", "h100e_million"): _rows("export_share_cap"),
        ("required_compute", "h100e_million"): _rows("required_compute"),
        ("power_options", "carbon_t_per_mwh"): _rows("carbon_mt", "site_carbon"),
        ("power_options", "water_m3_per_mwh"): _rows("water_million_m3"),
        ("sites", "water_m3_per_mwh"): _rows("water_million_m3"),
        ("chip_prices", "price_usd"): _MONEY,
        ("demand", "price_usd_per_h100e_hour"): _MONEY,
        ("price_blocks", "price_multiplier"): _MONEY,
        ("latency", "serving_cost_usd_per_h100e_hour"): _MONEY,
        ("power_options", "capex_usd_per_kw"): _MONEY,
        ("power_options", "fixed_usd_per_kw_year"): _MONEY,
        ("power_options", "energy_usd_per_mwh"): _MONEY,
        ("power_options", "life_years"): _MONEY,
        ("option_years", "capex_usd_per_kw"): _MONEY,
        ("option_years", "fixed_usd_per_kw_year"): _MONEY,
        ("option_years", "energy_usd_per_mwh"): _MONEY,
        ("option_years", "carbon_t_per_mwh"): _rows("carbon_mt", "site_carbon"),
        ("countries", "wacc_fraction"): _MONEY,
        ("countries", "it_sales_tax_fraction"): _MONEY,
        ("countries", "import_tariff_fraction"): _MONEY,
        ("countries", "property_tax_fraction_per_year"): _MONEY,
        ("countries", "power_tax_usd_per_mwh"): _MONEY,
        ("countries", "investment_credit_fraction"): _SHELL,
        ("sites", "module_cost_usd_per_kw"): _SHELL,
        ("sites", "om_usd_per_kw_year"): _MONEY,
        ("resale_curves", "share"): _MONEY,
        ("spend_profiles", "share"): _MONEY,
        ("committed", "remaining_cost_share"): _MONEY,
        ("finance", "discount_rate"): _MONEY,
        ("finance", "shell_life_years"): _MONEY,
        ("finance", "terminal_value"): _MONEY,
        ("finance", "carry_over_share"): _rows("budget"),
        ("workloads", "tokens_per_h100e_second"): _NOTHING,
        # What is computed from these is compared cell by cell itself.
        **dict.fromkeys((("technology_costs", column) for column in _COSTS), _NOTHING),
        **dict.fromkeys((("fuel_prices", column) for column in ("price_usd_per_mwh", "carbon_t_per_mwh")), _NOTHING),
        ("power", "mode_gap"): _NOTHING,
        **dict.fromkeys(
            (("solver", key) for key in ("gap", "gap_busd", "time_limit_seconds", "threads", "seed")), _NOTHING
        ),
    }
)

#: Cells of which more allows every plan that less allows.
_LOOSER_WITH_MORE: Final = frozenset(
    {
        ("budgets", "capital_busd"),
        ("chip_supply", "units"),
        ("grid_headroom", "cumulative_mw"),
        ("slots", "mw"),
        ("technology_limits", "cumulative_mw"),
        ("power_options", "max_mw"),
        ("grid_steps", "cumulative_mw"),
        ("demand", "quantity_h100e_million"),
        ("limits", "value"),
    }
)
#: Cells of which less allows every plan that more allows.
_TIGHTER_WITH_MORE: Final = frozenset(
    {
        ("chip_supply", "minimum_units"),
        ("slot_use", "mw_per_mw"),
        ("sovereignty", "minimum_share"),
        ("required_compute", "h100e_million"),
    }
)
#: Columns that no number of a plan depends on.
_LABELS: Final = frozenset(
    {"source", "name", "title", "citation", "reason", "confidence", "status", "reliable", "note"}
)
_SECTIONS: Final = ("calendar", "finance", "power", "policy", "model", "solver")


class RebuildReason(StrEnum):
    """Why a model was built anew instead of edited."""

    FIRST = "there was no model yet"
    STRUCTURE = "the change moves rows or columns"
    MEMBERSHIP = "rows or columns appear or vanish"


@dataclass(frozen=True)
class Difference:
    """How two instances differ: cells that may be edited in place, and what must be rebuilt.

    Attributes
    ----------
    structural
        Names of what forces a rebuild, e.g. ``sites.lead_months``; empty if nothing does.
    """

    effect: Effect
    structural: tuple[str, ...]


def difference(before: Instance, after: Instance) -> Difference:
    """Compare two instances cell by cell."""
    effect, structural = Effect(), []
    for table, column in sorted(_changed(before, after)):
        found = EDITABLE.get((table, column))
        if found is None:
            structural.append(f"{table}.{column}")
        else:
            effect |= found
    if effect.families & _RULES.families and _levies_differ(before, after):
        effect |= _MONEY
    return Difference(effect, tuple(structural))


def _levies_differ(before: Instance, after: Instance) -> bool:
    """Whether the quantity of a tariff or a revenue share changed, which moves money and no row of a rule."""
    levies = {rule.rule for rule in before.active_rules if rule.effect in LEVIES}
    quantities = zip(before.rules, after.rules, strict=False)
    stepped = zip(before.rule_steps, after.rule_steps, strict=False)
    return any(old.rule in levies and old.quantity != new.quantity for old, new in quantities) or any(
        old.rule in levies and old.quantity != new.quantity for old, new in stepped
    )


def is_tightened(before: Instance, after: Instance) -> bool:
    """Whether an instance is another with limits tightened and nothing else, as far as cells tell by themselves.

    Then every plan of it is one of the other, and it cannot be worth more.
    """
    changed = _changed(before, after) - {("solver", key) for key in SolverSettings.model_fields}
    known = _LOOSER_WITH_MORE | _TIGHTER_WITH_MORE
    return changed <= known and all(_is_lowered(cell, before, after) for cell in changed)


def _is_lowered(cell: tuple[str, str], before: Instance, after: Instance) -> bool:
    """Whether a column of a table changed in the tighter direction wherever it changed."""
    table, column = cell
    for left, right in zip(getattr(before, table), getattr(after, table), strict=True):
        old, new = getattr(left, column), getattr(right, column)
        if old == new:
            continue
        if old is None or new is None or (new > old) is (cell in _LOOSER_WITH_MORE):
            return False
    return True


def _changed(before: Instance, after: Instance) -> set[tuple[str, str]]:
    changed = {cell for row_type in TABLES for cell in _changed_cells(row_type, before, after)}
    for section in _SECTIONS:
        changed |= {
            (section, key)
            for key, value in getattr(before.settings, section)
            if value != getattr(getattr(after.settings, section), key)
        }
    if before.settings.objective != after.settings.objective:
        changed.add(("settings", "objective"))
    return changed


def _changed_cells(row_type: type[Row], before: Instance, after: Instance) -> Iterator[tuple[str, str]]:
    old: tuple[Any, ...] = getattr(before, row_type.table)
    new: tuple[Any, ...] = getattr(after, row_type.table)
    if row_type.table == "assumptions" or old is new or old == new:
        return
    if [row.key_values for row in old] != [row.key_values for row in new]:
        yield row_type.table, "rows"
        return
    for left, right in zip(old, new, strict=True):
        if left is not right:
            for name in row_type.model_fields:
                if name not in _LABELS and getattr(left, name) != getattr(right, name):
                    yield row_type.table, name
