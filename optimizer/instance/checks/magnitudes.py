"""Numbers that are possible but so unusual that a wrong unit is the likelier explanation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.columns import format_value
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding, SettingRef
from optimizer.instance.schema import PowerOption
from optimizer.units import unit_of_column


@dataclass(frozen=True, slots=True)
class Plausible:
    """Range in which the numbers of a column lie in practice; zero always passes."""

    code: Code
    table: str
    column: str
    low: float
    high: float


PLAUSIBLE = (
    Plausible(Code.MODULE_SIZE, "sites", "module_mw", 5, 5000),
    Plausible(Code.LEAD_TIME_SIZE, "sites", "lead_months", 0, 120),
    Plausible(Code.OPENING_COST_SIZE, "sites", "open_cost_musd", 1e-3, 1e5),
    Plausible(Code.MODULE_COST_SIZE, "sites", "module_cost_usd_per_kw", 500, 1e5),
    Plausible(Code.YEARLY_COST_SIZE, "sites", "om_usd_per_kw_year", 0.1, 5000),
    Plausible(Code.WATER_SIZE, "sites", "water_m3_per_mwh", 1e-4, 100),
    Plausible(Code.RATE_SIZE, "countries", "wacc_fraction", 0.01, 0.4),
    Plausible(Code.POWER_SIZE, "power_options", "max_mw", 1, 1e5),
    Plausible(Code.POWER_CAPEX_SIZE, "power_options", "capex_usd_per_kw", 1, 6e4),
    Plausible(Code.YEARLY_COST_SIZE, "power_options", "fixed_usd_per_kw_year", 0.1, 5000),
    Plausible(Code.ENERGY_PRICE_SIZE, "power_options", "energy_usd_per_mwh", 0.5, 1000),
    Plausible(Code.CARBON_SIZE, "power_options", "carbon_t_per_mwh", 1e-4, 3),
    Plausible(Code.WATER_SIZE, "power_options", "water_m3_per_mwh", 1e-4, 100),
    Plausible(Code.POWER_SIZE, "grid_steps", "cumulative_mw", 1, 1e5),
    Plausible(Code.POWER_SIZE, "grid_headroom", "cumulative_mw", 1, 1e6),
    Plausible(Code.POWER_SIZE, "slots", "mw", 1, 1e6),
    Plausible(Code.CHIP_POWER_SIZE, "chips", "it_power_kw", 0.05, 50),
    Plausible(Code.TPP_SIZE, "chips", "performance_h100e", 1e-3, 1000),
    Plausible(Code.CHIP_PRICE_SIZE, "chip_prices", "price_usd", 500, 2e6),
    Plausible(Code.SUPPLY_SIZE, "chip_supply", "units", 10, 1e9),
    Plausible(Code.COMPUTE_SIZE, "installed_base", "h100e_million", 1e-6, 1e5),
    Plausible(Code.UTILISATION_SIZE, "workloads", "utilisation", 0.01, 1),
    Plausible(Code.COMPUTE_SIZE, "demand", "quantity_h100e_million", 1e-6, 1e5),
    Plausible(Code.COMPUTE_PRICE_SIZE, "demand", "price_usd_per_h100e_hour", 1e-4, 100),
    Plausible(Code.LATENCY_SIZE, "latency", "rtt_ms", 0.01, 1000),
    Plausible(Code.COMPUTE_PRICE_SIZE, "latency", "serving_cost_usd_per_h100e_hour", 1e-6, 20),
    Plausible(Code.COMPUTE_SIZE, "required_compute", "h100e_million", 1e-6, 1e5),
    Plausible(Code.CAPITAL_SIZE, "budgets", "capital_busd", 1e-3, 2e4),
)

_LEAST_TPP = 50.0  # any chip worth half an H100 has a hundred times as much


def check_ranges(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Numbers outside the plausible range of their column."""
    for plausible in PLAUSIBLE:
        for index, row in enumerate(getattr(instance, plausible.table)):
            if isinstance(row, PowerOption) and (row.site, row.option) in instance.parts_of_option:
                continue  # computed from numbers that are checked where they were typed
            value = getattr(row, plausible.column)
            if value != 0 and not plausible.low <= value <= plausible.high:
                yield _implausible(plausible, index, value)


def _implausible(plausible: Plausible, index: int, value: float) -> Finding:
    unit = unit_of_column(plausible.column)
    in_unit = f" {unit.text}" if unit else ""
    low, high = format_value(plausible.low), format_value(plausible.high)
    return Finding(
        plausible.code,
        CellRef(plausible.table, index, plausible.column),
        f"{plausible.column}: {format_value(value)}{in_unit} is implausible; is it in another unit?",
        value=format_value(value),
        expected=f"{low} to {high}{in_unit}",
        hint=f"if it is right, put {plausible.code.value} into accept of [checks] in instance.toml",
    )


def check_tpp(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """TPP in thousands or in another measure."""
    for index, chip in enumerate(instance.chips):
        if 0 < chip.tpp < _LEAST_TPP and chip.performance_h100e > 0.5:
            message = f"tpp: {format_value(chip.tpp)} is implausible for {chip.performance_h100e} H100e"
            expected = "dense TOPS x bits; an H100 has 15832"
            at = CellRef("chips", index, "tpp")
            yield Finding(Code.TPP_SIZE, at, message, format_value(chip.tpp), expected)


def check_discount_rate(instance: Instance, context: Context) -> Iterator[Finding]:
    """A discount rate in percent."""
    rate = instance.settings.finance.discount_rate
    if context.settings_known and (rate > 0.4 or 0 < rate < 0.001):
        at = SettingRef(("finance", "discount_rate"))
        message = f"finance.discount_rate: {rate} is implausible; is it in percent?"
        yield Finding(Code.RATE_SIZE, at, message, str(rate), "a fraction, e.g. 0.08 for 8 % a year")


CHECKS = (check_ranges, check_tpp, check_discount_rate)
