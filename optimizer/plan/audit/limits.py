"""Recomputes both sides of every physical, financial and environmental limit (SEMANTICS 3.4-4.7, 5.5, 6.2, 8, 10.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer import units
from optimizer.instance.calendar import format_span
from optimizer.instance.schema import GridHeadroom, Limit, LimitKind, Objective
from optimizer.plan.audit.ledger import Ledger
from optimizer.plan.audit.money import budget_uses
from optimizer.plan.audit.option_years import dispatched_sites
from optimizer.plan.audit.portfolios import gas_use, grid_use, slot_use, technologies_held
from optimizer.plan.audit.recomputed import Recomputed
from optimizer.plan.audit.runs import Service
from optimizer.plan.audit.supply import chip_offers, response
from optimizer.plan.tables import LimitUse


@dataclass(frozen=True)
class Entry:
    """Both sides of one limit.

    Attributes
    ----------
    floor
        Whether ``used`` must be at least ``limit``, rather than at most.
    scale
        Magnitude of what was added up.
    """

    family: str
    name: str
    when: str
    used: float
    limit: float
    unit: str
    floor: bool = False
    scale: float = 0.0


def audit_limits(ledger: Ledger, plan: Recomputed, rows: Sequence[LimitUse]) -> None:
    """Check that every limit holds and that its row, if any is due, states it rightly; no other row exists."""
    stated = {(row.family, row.name, row.when): row for row in rows}
    for entry in _entries(plan):
        where = f"{entry.family} {entry.name} {entry.when}"
        keeps = ledger.at_least if entry.floor else ledger.at_most
        keeps(f"limits.{entry.family}", "limits", where, entry.used, entry.limit, scale=entry.scale)
        row = stated.pop((entry.family, entry.name, entry.when), None)
        if row is None:
            ledger.absent("limits.rows", "limits", where, "this limit has no row")
            continue
        ledger.text("limits.unit", row, "unit", entry.unit)
        ledger.number("limits.used", row, "used", entry.used, scale=entry.scale)
        ledger.number("limits.limit", row, "limit", entry.limit, scale=entry.scale)
        slack = row.used - row.limit if entry.floor else row.limit - row.used
        ledger.number("limits.slack", row, "slack", slack, scale=abs(row.limit) + abs(row.used))
        ledger.text("limits.binding", row, "binding", is_binding(row.slack, row.used, row.limit))
    for row in stated.values():
        ledger.holds("limits.rows", row, "", condition=False, message="the instance has no such limit")


def is_binding(slack: float, used: float, limit: float) -> bool:
    """Whether a limit is reached, and there is something to limit."""
    return slack < 1e-6 * max(1.0, limit) and (used > 0 or limit > 0)


def _entries(plan: Recomputed) -> Iterator[Entry]:
    for use in budget_uses(plan):
        yield Entry("budget", use.pool, str(use.year), use.used, use.limit, "busd", scale=use.limit)
    yield from _chip_entries(plan)
    yield from _slot_entries(plan)
    yield from _headroom_entries(plan)
    for held in technologies_held(plan.instance, plan.clock, plan.supplies):
        name = f"{held.site}/{held.technology}"
        yield Entry("technology_limits", name, str(held.year), held.gw, held.limit, "gw")
    yield from _carbon_entries(plan)
    for need in plan.sales.sovereignty:
        name = f"{need.region}/{need.workload}"
        yield Entry("sovereignty", name, str(need.year), need.served, need.required, "h100e_million_years", floor=True)
    for limit in plan.instance.limits:
        if limit.year in plan.clock.periods_of_year:
            yield _limit_entry(plan, limit)
    if plan.instance.settings.objective is Objective.COST:
        yield from _compute_entries(plan)


def _carbon_entries(plan: Recomputed) -> Iterator[Entry]:
    """Carbon of a site in a year against its limit per MWh times what is delivered to it (12.16)."""
    dispatched, parts = dispatched_sites(plan.instance), plan.instance.parts_of_option
    for needs in plan.instance.power_needs:
        if needs.carbon_limit_t_per_mwh is None:
            continue
        of_site = {name: supply for (site, name), supply in plan.supplies.items() if site == needs.site}
        given = [s for name, s in of_site.items() if needs.site not in dispatched or (needs.site, name) not in parts]
        for year in plan.clock.periods_of_year:
            key = (needs.site, year)
            delivered = sum(supply.energy.get(year, 0.0) for supply in given)
            if key in plan.loads:
                delivered += plan.loads[key].energy - plan.service.get(key, Service()).cut
            if delivered > 0:
                emitted = sum(supply.carbon.get(year, 0.0) for supply in of_site.values())
                limit = needs.carbon_limit_t_per_mwh * delivered
                yield Entry("site_carbon", needs.site, str(year), emitted, limit, "mt")


def _chip_entries(plan: Recomputed) -> Iterator[Entry]:
    """Chips installed against supply, stock and response to demand, and against take-or-pay (3.4, 3.5, 7.16)."""
    clock, unmet = plan.clock, plan.sales.unmet
    offers = {offer.chip.chip: offer for offer in chip_offers(plan.instance, clock, plan.fleets.values(), unmet)}
    for name, offer in offers.items():
        for t, label in enumerate(clock.labels):
            if clock.overlap(t, offer.chip.release, offer.chip.end_of_sale):
                used, offered = float(offer.installed[t]), float(offer.offered[t])
                yield Entry(
                    "chip_supply", name, label, used, offered, "chips_million", scale=float(offer.offered.sum())
                )
        for year, growth in response(plan.instance, clock, offer.chip, unmet).items():
            taken = float(offer.extra_taken[list(clock.periods_of_year[year])].sum())
            scale = float(offer.offered.sum())
            yield Entry("supply_response", name, str(year), taken, growth, "chips_million", scale=scale)
    for row in plan.instance.chip_supply:
        periods = [t for t, start in enumerate(clock.starts) if row.during.start <= start < row.during.end]
        if row.minimum_units > 0 and periods:
            used = float(offers[row.chip].installed[periods].sum())
            minimum = units.millions(row.minimum_units)
            when = format_span(row.during)
            yield Entry("take_or_pay", row.chip, when, used, minimum, "chips_million", floor=True)


def _slot_entries(plan: Recomputed) -> Iterator[Entry]:
    """Capacity added in a year against the long-lead items it takes (4.7)."""
    takes = {(row.resource, row.kind): row.mw_per_mw for row in plan.instance.slot_use}
    for row in plan.instance.slots:
        periods = plan.clock.periods_of_year.get(row.year)
        if periods is not None:
            used = sum(
                float(supply.added[list(periods)].sum())
                * slot_use(plan.instance, supply.option, row.resource, takes.get((row.resource, supply.option.kind), 0))
                for supply in plan.supplies.values()
            )
            yield Entry("slots", row.resource, str(row.year), used, units.gw_from_mw(row.mw), "gw")


def _headroom_entries(plan: Recomputed) -> Iterator[Entry]:
    """Grid capacity of a region after the last decision date of a year against its headroom (4.6).

    Capacity never falls and the headroom is that of the year, so the last date of a year is the one that counts.
    """
    clock = plan.clock
    rows: dict[str, list[GridHeadroom]] = defaultdict(list)
    for row in plan.instance.grid_headroom:
        rows[row.grid_region].append(row)
    for region, headroom in rows.items():
        for year, periods in clock.periods_of_year.items():
            dates = [t for t in periods if t in clock.decisions]
            in_force = [row for row in headroom if row.year <= year]
            if not dates or not in_force:
                continue
            limit = units.gw_from_mw(max(in_force, key=lambda row: row.year).cumulative_mw)
            used = sum(
                grid_use(plan.instance, supply.option) * float(supply.capacity[dates[-1]])
                for supply in plan.supplies.values()
                if supply.site.grid_region == region
            )
            yield Entry("grid_headroom", region, str(year), used, limit, "gw")


def _limit_entry(plan: Recomputed, limit: Limit) -> Entry:
    """Both sides of a row of limits.csv (8)."""
    sites = plan.sites_in(limit.scope, limit.year)
    names = {site.site for site in sites}
    when, year = str(limit.year), limit.year
    family = limit.kind.value
    if limit.kind is LimitKind.CAPITAL_SHARE:
        spent = {name: _capital_until(plan, name, year) for name in plan.money}
        everything = sum(spent.values())
        used = sum(spent[name] for name in names)
        return Entry(family, limit.limit, when, used, limit.value * everything, "busd", scale=everything)
    if limit.kind is LimitKind.IT_GW:
        online = sum((plan.builds[name].online_gw for name in names), plan.clock.zeros())
        used = float(online[list(plan.clock.periods_of_year[year])].max())
        return Entry(family, limit.limit, when, used, limit.value, "gw")
    inside = [supply for supply in plan.supplies.values() if supply.site.site in names]
    if limit.kind is LimitKind.GAS_GW:
        last = plan.clock.periods_of_year[year][-1]
        used = sum(gas_use(plan.instance, supply.option) * float(supply.capacity[last]) for supply in inside)
        return Entry(family, limit.limit, when, used, limit.value, "gw")
    if limit.kind is LimitKind.CARBON_MT:
        used = sum(supply.carbon.get(year, 0.0) for supply in inside)
        return Entry(family, limit.limit, when, used, limit.value, "mt")
    used = sum(supply.water.get(year, 0.0) for supply in inside)
    used += sum(load.water for (name, when_used), load in plan.loads.items() if name in names and when_used == year)
    return Entry(family, limit.limit, when, used, limit.value, "million_m3")


def _capital_until(plan: Recomputed, site: str, year: int) -> float:
    periods = [t for t, other in enumerate(plan.clock.year_of) if other <= year]
    return float(plan.money[site].capital[periods].sum())


def _compute_entries(plan: Recomputed) -> Iterator[Entry]:
    """Average working compute of a year against what the objective ``cost`` requires (9.3)."""
    total = sum((fleet.compute for fleet in plan.fleets.values()), plan.clock.zeros())
    yearly = plan.clock.yearly(total)
    for row in plan.instance.required_compute:
        if row.year in yearly:
            average = yearly[row.year] / (plan.clock.months_of_year[row.year] / 12)
            need = row.h100e_million
            yield Entry("required_compute", "compute", str(row.year), average, need, "h100e_million", floor=True)
