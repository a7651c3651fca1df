"""What sites share: markets, money, grids, scarce equipment and law, fitted to the sites drawn."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from optimizer.instance.calendar import Calendar
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import InstalledBase, LimitKind, Row, Rule, RuleEffect, RuleMeasure, Site
from scripts.resampling.draw import rounded
from scripts.resampling.sites import Growth

AnyRow = TypeVar("AnyRow", bound=Row)

#: Yearly change of a series beyond its last year: as in that year, but no faster than this.
SLOWEST, FASTEST = 0.85, 1.1
_SHARES = (RuleEffect.SHARE_CAP, RuleEffect.VOLUME_RATIO, RuleEffect.MATCHING_INVESTMENT)
_ABSOLUTE = (RuleMeasure.CHIPS_MILLION, RuleMeasure.TPP_MILLION_H100, RuleMeasure.H100E_MILLION,
             RuleMeasure.GB300E_MILLION)  # fmt: skip


def shared_tables(world: Instance, sites: Sequence[Site], calendar: Calendar, growth: Growth) -> dict[str, Any]:
    """Tables that sites share, by name of the Instance field."""
    return {
        **_places(world, sites),
        **_markets(world, sites, calendar, growth.total),
        **_money_and_equipment(world, calendar, growth),
        **_law(world, sites, growth.total),
    }


def _scaled(row: AnyRow, factors: dict[str, float]) -> AnyRow:
    changed = {name: rounded(getattr(row, name) * factor) for name, factor in factors.items()}
    return row.model_copy(update=changed) if any(factor != 1 for factor in factors.values()) else row


def over_years(
    rows: Iterable[AnyRow], calendar: Calendar, key: Callable[[AnyRow], Hashable], *columns: str
) -> tuple[AnyRow, ...]:
    """Rows of the years of the plan; years after the last one go on as the last one did."""
    series: dict[Hashable, dict[int, AnyRow]] = {}
    for row in rows:
        series.setdefault(key(row), {})[getattr(row, "year")] = row  # noqa: B009 - yearly tables have it
    result = []
    for members in series.values():
        last = max(members)
        trend = {name: _trend(members, last, name) for name in columns}
        for year in calendar.years:
            if year in members:
                result.append(members[year])
            elif year > last:
                row = members[last].model_copy(update={"year": year})
                result.append(_scaled(row, {name: change ** (year - last) for name, change in trend.items()}))
    return tuple(result)


def _trend(members: dict[int, AnyRow], last: int, name: str) -> float:
    before = getattr(members[last - 1], name) if last - 1 in members else 0.0
    return min(FASTEST, max(SLOWEST, getattr(members[last], name) / before)) if before > 0 else 1.0


def _places(world: Instance, sites: Sequence[Site]) -> dict[str, Any]:
    countries = {site.country for site in sites}
    grids, profiles = {site.grid_region for site in sites}, {site.spend_profile for site in sites}
    return {
        "countries": tuple(row for row in world.countries if row.country in countries),
        "grid_regions": tuple(row for row in world.grid_regions if row.grid_region in grids),
        "spend_profiles": tuple(row for row in world.spend_profiles if row.profile in profiles),
    }


def _markets(world: Instance, sites: Sequence[Site], calendar: Calendar, growth: float) -> dict[str, Any]:
    """Markets that some site can serve, with demand that grows with the sites."""
    zones = {site.latency_zone for site in sites}
    nearest: dict[str, float] = {}
    for row in world.latency:
        if row.latency_zone in zones:
            nearest[row.region] = min(row.rtt_ms, nearest.get(row.region, row.rtt_ms))
    longest = {row.workload: row.max_latency_ms for row in world.workloads}
    wanted = [row for row in world.demand if nearest.get(row.region, float("inf")) <= longest[row.workload]]
    demand = over_years(
        (_scaled(row, {"quantity_h100e_million": growth}) for row in wanted),
        calendar, lambda row: (row.region, row.workload), "quantity_h100e_million", "price_usd_per_h100e_hour",
    )  # fmt: skip
    markets = {(row.region, row.workload) for row in demand}
    regions = {region for region, _ in markets}
    countries = {site.country for site in sites}

    def can_be_sovereign(allowed: str, first_year: int) -> bool:
        month = max(calendar.start, 12 * first_year)
        return any(parse_country_set(allowed).contains(country, month, world.groups) for country in countries)

    return {
        "demand": demand,
        "demand_regions": tuple(row for row in world.demand_regions if row.region in regions),
        "latency": tuple(row for row in world.latency if row.latency_zone in zones and row.region in regions),
        "sovereignty": tuple(
            row
            for row in world.sovereignty
            if (row.region, row.workload) in markets and can_be_sovereign(row.allowed, row.first_year)
        ),
        "stack_prices": tuple(row for row in world.stack_prices if row.region in regions),
    }


def _money_and_equipment(world: Instance, calendar: Calendar, growth: Growth) -> dict[str, Any]:
    budgets = (
        _scaled(row, {"capital_busd": growth.by_pool[row.pool]}) for row in world.budgets if row.pool in growth.by_pool
    )
    headroom = (
        _scaled(row, {"cumulative_mw": growth.by_grid_region[row.grid_region]})
        for row in world.grid_headroom
        if row.grid_region in growth.by_grid_region
    )
    slots = (_scaled(row, {"mw": growth.total}) for row in world.slots)
    limits = (
        row if row.kind is LimitKind.CAPITAL_SHARE else _scaled(row, {"value": growth.total}) for row in world.limits
    )
    return {
        "budgets": over_years(budgets, calendar, lambda row: row.pool, "capital_busd"),
        "grid_headroom": over_years(headroom, calendar, lambda row: row.grid_region, "cumulative_mw"),
        "slots": over_years(slots, calendar, lambda row: row.resource, "mw"),
        "limits": over_years(limits, calendar, lambda row: row.limit),
    }


def _law(world: Instance, sites: Sequence[Site], growth: float) -> dict[str, Any]:
    """Rules on operators that have a site; quotas in chips or compute grow with the sites, shares do not."""
    operators = {site.operator for site in sites}
    quotas = {rule.rule for rule in world.rules if _is_quota(rule)}
    quotas |= {rule.rule for rule in world.rules if rule.raises in quotas}
    found = [row for rule in world.rules if (row := _for_operators(rule, operators)) is not None]
    kept = {row.rule for row in found}
    return {
        "rules": tuple(_grown(row, quotas, growth) for row in found if row.raises is None or row.raises in kept),
        "regimes": tuple(row for row in world.regimes if row.rule in kept),
        "rule_steps": tuple(
            _scaled(row, {"quantity": growth}) if row.rule in quotas else row
            for row in world.rule_steps
            if row.rule in kept
        ),
        "installed_base": tuple(
            _scaled(row, {"h100e_million": growth}) for row in known_owners(world.installed_base, operators)
        ),
    }


def _is_quota(rule: Rule) -> bool:
    return rule.effect not in _SHARES and rule.measure in _ABSOLUTE and rule.quantity is not None


def _grown(rule: Rule, quotas: set[str], growth: float) -> Rule:
    factors = {"base_quantity": growth} if rule.base_quantity else {}
    if rule.rule in quotas:
        factors |= {"quantity": growth, "cost_busd": growth}
    return _scaled(rule, factors)


def known_owners(base: Sequence[InstalledBase], operators: set[str]) -> Iterator[InstalledBase]:
    """The installed base; what belongs to operators without a site counts as nobody's in particular."""
    series: dict[tuple[str, str], list[InstalledBase]] = {}
    for row in base:
        if row.operator in operators:
            yield row
        else:
            series.setdefault((row.country, row.stack), []).append(row)
    for rows in series.values():
        for year in sorted({row.year for row in rows}):
            # A row holds until the next of its owner.
            latest = {row.operator: row for row in sorted(rows, key=lambda row: row.year) if row.year <= year}
            total = rounded(sum(row.h100e_million for row in latest.values()))
            yield latest[min(latest)].model_copy(update={"operator": "", "year": year, "h100e_million": total})


def _for_operators(rule: Rule, operators: set[str]) -> Rule | None:
    """The rule for those of its operators that there are; None if there are none."""
    if rule.operators == "any":
        return rule
    named = [name for name in (part.strip() for part in rule.operators.split(";")) if name in operators]
    return rule.model_copy(update={"operators": ";".join(named)}) if named else None
