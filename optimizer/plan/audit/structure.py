"""Checks that plan tables name only things of the instance, once each, with numbers one can add up."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import TypeVar, get_type_hints

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PERMITS, RuleEffect
from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.ledger import NOTHING, Ledger, PlanRow, key_of
from optimizer.plan.audit.option_years import dispatched_sites
from optimizer.plan.tables import ROW_TYPES, Phase, PlanTables

AnyRow = TypeVar("AnyRow", bound=PlanRow)

#: Cash categories (SEMANTICS 6.6).
CASH_CATEGORIES = (
    "revenue", "chip_resale", "terminal_value", "site_opening", "modules", "committed_modules", "power_capex", "chips",
    "chip_taxes", "financing_premium", "site_om", "property_tax", "power_fixed", "power_energy", "serving",
    "quota_steps",
)  # fmt: skip

#: Columns that hold what a plan decides; they are never negative.
DECISION_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "phases": ("modules",),
    "chips": ("installed_million", "retired_early_million"),
    "power": ("added_gw",),
    "energy": ("energy_twh",),
    "serving": ("sold_h100e_million_years",),
    "demand": ("sold_h100e_million_years",),
    "permits": ("permitted_million",),
    "dispatch": ("level_twh",),
}


def usable_tables(ledger: Ledger, instance: Instance, clock: Clock, plan: PlanTables) -> PlanTables:
    """Check names, dates, duplicates and signs; return the rows that the other checks can work with."""
    domains = _domains(instance, clock)

    def usable(rows: tuple[AnyRow, ...], table: str) -> tuple[AnyRow, ...]:
        return _usable_rows(ledger, rows, table, domains.get(table, ()))

    return PlanTables(
        sites=usable(plan.sites, "sites"),
        phases=usable(plan.phases, "phases"),
        operations=usable(plan.operations, "operations"),
        chips=usable(plan.chips, "chips"),
        power=usable(plan.power, "power"),
        energy=usable(plan.energy, "energy"),
        serving=usable(plan.serving, "serving"),
        demand=usable(plan.demand, "demand"),
        policy=usable(plan.policy, "policy"),
        permits=usable(plan.permits, "permits"),
        quota_steps=usable(plan.quota_steps, "quota_steps"),
        limits=usable(plan.limits, "limits"),
        cash=usable(plan.cash, "cash"),
        dispatch=usable(plan.dispatch, "dispatch"),
        load_service=usable(plan.load_service, "load_service"),
    )


def _domains(instance: Instance, clock: Clock) -> dict[str, tuple[tuple[str, frozenset[object]], ...]]:
    """Admissible values of the name and date columns of each table; ``site+option`` is a pair."""
    sites: frozenset[object] = frozenset(site.site for site in instance.sites)
    periods: frozenset[object] = frozenset(clock.labels)
    decisions: frozenset[object] = frozenset(clock.labels[t] for t in clock.decisions)
    years: frozenset[object] = frozenset(clock.periods_of_year)
    options: frozenset[object] = frozenset((option.site, option.option) for option in instance.power_options)
    place_years: tuple[tuple[str, frozenset[object]], ...] = (
        ("region", frozenset(region.region for region in instance.demand_regions)),
        ("workload", frozenset(workload.workload for workload in instance.workloads)),
        ("year", years),
    )
    chips: frozenset[object] = frozenset(chip.chip for chip in instance.chips)
    nothing: frozenset[object] = frozenset({""})
    return {
        "sites": (("site", sites),),
        "phases": (("site", sites), ("committed", decisions | nothing), ("energised", periods | nothing)),
        "operations": (("site", sites), ("period", periods)),
        "chips": (("site", sites), ("chip", chips), ("period", periods)),
        "power": (("site+option", options), ("period", decisions)),
        "energy": (("site+option", options), ("year", years)),
        "serving": place_years,
        "demand": place_years,
        "policy": (("rule", _rules(instance, RuleEffect)),),
        "permits": (("rule", _rules(instance, PERMITS)), ("site", sites), ("chip", chips), ("period", periods)),
        "quota_steps": (("rule", _rules(instance, (RuleEffect.QUOTA_STEP,))),),
        "dispatch": (("site+mode", _modes(instance)), ("year", years)),
        "load_service": (
            ("site+dispatch", frozenset((r.site, r.dispatch) for r in instance.dispatch_loads)),
            ("year", years),
        ),
        "cash": (("period", periods), ("category", frozenset(CASH_CATEGORIES))),
    }


def _modes(instance: Instance) -> frozenset[object]:
    """Modes of dispatched sites."""
    sites = dispatched_sites(instance)
    return frozenset((row.site, row.mode) for row in instance.dispatch_modes if row.site in sites)


def _rules(instance: Instance, effects: Iterable[RuleEffect]) -> frozenset[object]:
    """Active rules with one of the effects."""
    wanted = frozenset(effects)
    return frozenset(rule.rule for rule in instance.active_rules if rule.effect in wanted)


def _usable_rows(
    ledger: Ledger, rows: tuple[AnyRow, ...], table: str, domains: tuple[tuple[str, frozenset[object]], ...]
) -> tuple[AnyRow, ...]:
    hints = get_type_hints(ROW_TYPES[table])
    numbers = [field.name for field in dataclasses.fields(ROW_TYPES[table]) if hints[field.name] is float]
    seen: set[tuple[object, ...]] = set()
    kept: list[AnyRow] = []
    for row in rows:
        key = key_of(row)
        # Facts are compared with committed.csv row by row; two of them may share a date.
        is_fact = isinstance(row, Phase) and row.fact
        unique = is_fact or ledger.holds("tables.unique", row, "", key not in seen, "an earlier row has the same key")
        seen.add(key)
        if unique and _is_known(ledger, row, domains) and _is_finite(ledger, row, numbers):
            kept.append(row)
            for column in DECISION_COLUMNS.get(table, ()):
                ledger.holds("tables.sign", row, column, getattr(row, column) >= -NOTHING, "is negative")
    return tuple(kept)


def _is_known(ledger: Ledger, row: PlanRow, domains: tuple[tuple[str, frozenset[object]], ...]) -> bool:
    known = True
    for column, domain in domains:
        parts = column.split("+")
        value = getattr(row, column) if len(parts) == 1 else tuple(getattr(row, part) for part in parts)
        message = f"{value!r} is not in the instance, or not possible here"
        known = ledger.holds("tables.known_name", row, parts[-1], value in domain, message) and known
    return known


def _is_finite(ledger: Ledger, row: PlanRow, columns: list[str]) -> bool:
    return all(
        ledger.holds("tables.finite", row, column, math.isfinite(getattr(row, column)), "is not a finite number")
        for column in columns
    )
