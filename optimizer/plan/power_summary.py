"""What people read on the console about the power of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

#: Sources and warnings shown.
MOST_SOURCES, MOST_WARNINGS = 5, 5
#: Limits that are told when they bind, by family.
_BINDING_WORDS = {
    "slots": "Slots that bind",
    "gas_gw": "Limits on power on gas that bind",
    "water_million_m3": "Limits on water that bind",
}


def power_lines(power: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Lines on mix, cost, bridges, what binds, and the check over every hour; nothing if no power is used."""
    if power["energy_twh"] <= 0:
        return
    yield Text("Power")
    mix = list(power["mix_twh"].items())
    total = sum(twh for _, twh in mix)
    named = ", ".join(f"{twh / total:.0%} {source.replace('_', ' ')}" for source, twh in mix[:MOST_SOURCES])
    yield Text(
        f"{power['energy_twh']:,.0f} TWh over the plan: {named}; {power['delivered_usd_per_mwh']:,.0f} USD per MWh "
        f"delivered, {power['carbon_t_per_mwh']:.2f} t of carbon per MWh, {power['clean_share']:.0%} clean"
    )
    if power["bridged_sites"]:
        mean = power["months_gained"] / power["bridged_sites"]
        yield Text(
            f"Bridge power energises {power['bridged_sites']} campuses earlier, by {mean:,.0f} months on average"
        )
    if power.get("cut_twh", 0.0) > 0:
        yield Text(
            f"Load is cut by {power['cut_twh'] * 1e3:,.1f} GWh over the plan, at most by the equivalent of "
            f"{power['most_cut_hours']:,.1f} hours at full depth in a year of a campus"
        )
    for family, words in _BINDING_WORDS.items():
        bound = [row for row in power["binding"] if row["family"] == family]
        if bound:
            yield Text(f"{words}: " + ", ".join(f"{_named(row)} {_years(row['years'])}" for row in bound))
    if power["full_year"] is not None:
        yield from _full_year(power["full_year"])


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['name']} ({row['where']})" if row["where"] else str(row["name"])


def _years(years: list[str]) -> str:
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]} ({len(years)} years)"


def _full_year(check: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield Text(
        f"Dispatched over every hour of the years, power of {check['sites']} computed campuses "
        f"({check['energy_share']:.0%} of all energy) costs {check['cost_difference_busd']:+,.2f} B USD against the "
        f"plan, emits "
        f"{check['carbon_difference_mt']:+,.1f} Mt, and leaves "
        f"{check['unserved_twh'] * 1e3:,.1f} GWh unserved"
    )
    warnings = check["warnings"]
    for warning in warnings[:MOST_WARNINGS]:
        yield Text(f"warning: {warning}", style="yellow")
    if len(warnings) > MOST_WARNINGS:
        yield Text(f"{len(warnings) - MOST_WARNINGS} more warnings are in manifest.json")
