"""From an instance, the tables of its plan and the manifest to a `MapPlan`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from maps.names import bloc_label, category_label, shorten
from maps.view.account import SITE_CATEGORIES, site_accounts
from maps.view.chips import installed_by_year, working_by_year
from maps.view.constraints import constraint_views, rule_views
from maps.view.draws import SiteDraws
from maps.view.law import ChipView
from maps.view.model import Headline, MapPlan, Market, PhaseView, Series, SiteView, Totals, Yearly
from maps.view.moments import last_moments
from maps.view.policy import policy_view
from maps.view.power import PowerBook
from maps.view.standing import LawBook, flagships, year_ends
from maps.view.traits import trait_views
from optimizer.instance.calendar import Calendar
from optimizer.instance.instance import Instance
from optimizer.plan.tables import ChipInstallation, PlanTables, SiteOperation, SitePlan
from optimizer.plan.wholeness import fraction_words

if TYPE_CHECKING:
    from optimizer.plan.full_year import FullYearCheck

_AnyRow = TypeVar("_AnyRow")


def plan_view(
    instance: Instance, tables: PlanTables, manifest: Mapping[str, Any], full_year: Sequence[FullYearCheck] = ()
) -> MapPlan:
    """Gather what the maps show.

    Parameters
    ----------
    instance
        The instance that was solved (names, sources, rules).
    tables
        Plan tables of the same instance.
    manifest
        Contents of ``manifest.json``; figures it lacks are shown as missing, never as nought.
    full_year
        Rows of ``full_year.csv``, of plans with computed power.
    """
    power = PowerBook(instance, tables, full_year)
    book = LawBook(instance, tables)
    accounts = site_accounts(instance, tables)
    traits, trait_values = trait_views(instance)
    draws = SiteDraws(instance, tables)
    limits = {site.site: draws.of(site) for site in instance.sites}
    every = {limit: position for position, limit in enumerate(dict.fromkeys(sum(limits.values(), ())))}
    sites = tuple(
        dataclasses.replace(
            site,
            account=accounts.get(site.site),
            limits=tuple(every[limit] for limit in limits[site.site]),
            traits=trait_values[site.site],
        )
        for site in _site_views(instance, tables, book, power)
    )
    return MapPlan(
        name=instance.name,
        title=instance.settings.title or instance.name,
        start=instance.calendar.labels[0],
        years=instance.calendar.years,
        year_ends=year_ends(instance.calendar),
        headline=_headline(instance, tables, manifest),
        totals=_totals(instance, tables, sites),
        sites=sites,
        markets=_markets(instance, tables),
        constraints=constraint_views(instance, tables.limits),
        rules=rule_views(instance, tables.policy, _idle_rules(manifest)),
        chips=tuple(
            ChipView(
                chip.chip, chip.name, chip.stack, chip.design_country, _country_name(instance, chip.design_country)
            )
            for chip in sorted(instance.chips, key=lambda chip: chip.release)
        ),
        flagships=flagships(instance),
        rooms=book.rooms,
        policy=policy_view(instance, tables, sites),
        site_limits=tuple(every),
        site_categories=SITE_CATEGORIES,
        traits=traits,
        power_sources=power.sources,
        supply=power.plan_supply(),
    )


def _country_name(instance: Instance, code: str) -> str:
    """Name of a country in the instance, else its code."""
    country = instance.country_by_code.get(code)
    return code if country is None else country.name


def _idle_rules(manifest: Mapping[str, Any]) -> Mapping[str, str]:
    """Reason of each rule without effect, as the manifest has it."""
    return {row["row"]: row["reason"] for row in manifest.get("vacuous") or () if row["table"] == "rules"}


def _grouped(rows: Iterable[_AnyRow], key: Callable[[_AnyRow], Any]) -> dict[Any, list[_AnyRow]]:
    groups: dict[Any, list[_AnyRow]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _add(vectors: Iterable[Yearly], years: int) -> Yearly:
    return tuple(map(sum, zip(*vectors, strict=True))) or (0.0,) * years


def _sum_series(parts: Iterable[Series], years: int) -> tuple[Series, ...]:
    """Sum series of equal key, in order of first appearance."""
    return tuple(
        Series(key, found[0].label, _add((part.values for part in found), years))
        for key, found in _grouped(parts, lambda part: part.key).items()
    )


def _by_year(amounts: Iterable[tuple[int, float]], calendar: Calendar) -> Yearly:
    total = dict.fromkeys(calendar.years, 0.0)
    for year, amount in amounts:
        total[year] += amount
    return tuple(total.values())


def _year_of_label(label: str) -> int:
    return int(label[:4])


def _site_views(instance: Instance, tables: PlanTables, book: LawBook, power: PowerBook) -> tuple[SiteView, ...]:
    operations = _grouped(tables.operations, lambda row: row.site)
    chips = _grouped(tables.chips, lambda row: row.site)
    phases = _grouped(tables.phases, lambda row: row.site)
    moments = last_moments(instance, tables.phases)
    views = []
    for row in tables.sites:
        shown = tuple(
            PhaseView(
                p.fact, p.committed, p.energised, p.modules, p.it_gw, p.opening_cost_busd + p.module_cost_busd,
                moments.get((p.site, p.committed), ""),
            )
            for p in phases.get(row.site, ())
        )  # fmt: skip
        views.append(
            _site_view(
                instance, row, shown, book, power,
                operations=operations.get(row.site, []),
                chips=chips.get(row.site, []),
            )
        )  # fmt: skip
    return tuple(views)


def _site_view(
    instance: Instance,
    row: SitePlan,
    phases: tuple[PhaseView, ...],
    book: LawBook,
    power: PowerBook,
    *,
    operations: list[SiteOperation],
    chips: list[ChipInstallation],
) -> SiteView:
    site = instance.site_by_id[row.site]
    country = instance.country_by_code[row.country]
    regions = {region.grid_region: region.name for region in instance.grid_regions}
    calendar = instance.calendar
    return SiteView(
        site=row.site,
        name=row.name,
        short_name=shorten(row.name),
        country=row.country,
        country_name=country.name,
        bloc=country.bloc,
        operator=row.operator,
        operator_hq=row.operator_hq,
        grid=row.grid_region,
        grid_region=regions.get(row.grid_region, row.grid_region),
        latitude=row.latitude,
        longitude=row.longitude,
        outcome=row.status,
        standing=site.status,
        confidence=site.confidence,
        source=site.source,
        max_gw=site.module_gw * site.max_modules,
        main_power=row.main_power,
        opened=row.opened,
        first_energised=row.first_energised,
        capital_busd=row.capital_busd,
        online_gw=_at_year_end(operations, lambda operation: operation.online_gw, calendar),
        committed_gw=_committed_gw(phases, calendar),
        installed_gw=_at_year_end(operations, lambda operation: operation.installed_gw, calendar),
        compute_h100e_million=_at_year_end(operations, lambda operation: operation.compute_h100e_million, calendar),
        phases=phases,
        energy_twh=power.energy(row.site),
        power_gw=power.capacity(row.site),
        chips_installed_million=_chip_series(instance, chips, working=False),
        chips_working_million=_chip_series(instance, chips, working=True),
        parent_country=site.parent_country,
        laws=book.laws(site),
        arrivals=book.arrivals(row.site),
        supply=power.supply(row.site),
    )


def _at_year_end(rows: Iterable[SiteOperation], value: Callable[[SiteOperation], float], calendar: Calendar) -> Yearly:
    value_of = {row.period: value(row) for row in rows}
    return tuple(value_of.get(label, 0.0) for label in year_ends(calendar))


def _committed_gw(phases: Iterable[PhaseView], calendar: Calendar) -> Yearly:
    dated = [(_year_of_label(phase.energised), phase.it_gw) for phase in phases if phase.fact and phase.energised]
    return tuple(sum(gw for first, gw in dated if first <= year) for year in calendar.years)


def _chip_series(instance: Instance, rows: list[ChipInstallation], *, working: bool) -> tuple[Series, ...]:
    """Chips by kind, oldest kind first."""
    by_chip = _grouped(rows, lambda row: row.chip)
    series = []
    for chip in sorted(instance.chips, key=lambda chip: chip.release):
        found = by_chip.get(chip.chip)
        if found:
            values = (
                working_by_year(found, chip.life_months, instance.calendar)
                if working
                else installed_by_year(found, instance.calendar)
            )
            series.append(Series(chip.chip, chip.name, values))
    return tuple(series)


def _markets(instance: Instance, tables: PlanTables) -> tuple[Market, ...]:
    by_region = _grouped(tables.demand, lambda row: row.region)
    calendar = instance.calendar
    return tuple(
        Market(
            region=region,
            name=instance.region_by_id[region].name,
            offered=_by_year(((row.year, row.offered_h100e_million_years) for row in rows), calendar),
            sold=_by_year(((row.year, row.sold_h100e_million_years) for row in rows), calendar),
            revenue_busd=_by_year(((row.year, row.revenue_busd) for row in rows), calendar),
        )
        for region, rows in by_region.items()
    )


def _cash_series(tables: PlanTables, calendar: Calendar) -> tuple[Series, ...]:
    by_category = _grouped(tables.cash, lambda row: row.category)
    return tuple(
        Series(
            category, category_label(category), _by_year(((_year_of_label(r.period), r.busd) for r in rows), calendar)
        )
        for category, rows in by_category.items()
    )


def _totals(instance: Instance, tables: PlanTables, sites: tuple[SiteView, ...]) -> Totals:
    calendar, years = instance.calendar, len(instance.calendar.years)
    by_bloc = (Series(site.bloc, bloc_label(site.bloc), site.online_gw) for site in sites)
    by_country = (Series(site.country, site.country_name, site.online_gw) for site in sites)
    present = _grouped(tables.cash, lambda row: row.category)
    return Totals(
        online_gw=_add((site.online_gw for site in sites), years),
        committed_gw=_add((site.committed_gw for site in sites), years),
        compute_h100e_million=_add((site.compute_h100e_million for site in sites), years),
        gw_by_bloc=_largest_first(_sum_series(by_bloc, years)),
        gw_by_country=_largest_first(_sum_series(by_country, years)),
        chips_installed_million=_chip_totals(instance, (s.chips_installed_million for s in sites)),
        chips_working_million=_chip_totals(instance, (s.chips_working_million for s in sites)),
        power_gw=_sum_series((part for site in sites for part in site.power_gw), years),
        energy_twh=_sum_series((part for site in sites for part in site.energy_twh), years),
        carbon_mt=_by_year(((row.year, row.carbon_mt) for row in tables.energy), calendar),
        water_million_m3=_by_year(((row.year, row.water_million_m3) for row in tables.energy), calendar),
        cash_busd=_cash_series(tables, calendar),
        cash_pv_busd=tuple((category, sum(row.pv_busd for row in rows)) for category, rows in present.items()),
        tokens_trillion=_by_year(((row.year, row.tokens_trillion) for row in tables.serving), calendar),
    )


def _chip_totals(instance: Instance, parts: Iterable[tuple[Series, ...]]) -> tuple[Series, ...]:
    summed = _sum_series((part for site in parts for part in site), len(instance.calendar.years))
    return tuple(sorted(summed, key=lambda part: instance.chip_by_id[part.key].release))


def _largest_first(series: Iterable[Series]) -> tuple[Series, ...]:
    present = (part for part in series if any(part.values))
    return tuple(sorted(present, key=lambda part: (-part.values[-1], -sum(part.values), part.key)))


def _headline(instance: Instance, tables: PlanTables, manifest: Mapping[str, Any]) -> Headline:
    figures: Mapping[str, Any] = manifest.get("headline") or {}
    identity: Mapping[str, Any] = manifest.get("instance") or {}
    software: Mapping[str, Any] = manifest.get("software") or {}
    return Headline(
        status=str(manifest.get("status", "")),
        stopped_because=str(manifest.get("stopped_because", "")),
        npv_busd=manifest.get("npv_busd"),
        bound_busd=manifest.get("bound_busd"),
        gap_rel=manifest.get("gap_rel"),
        capital_busd=sum(row.capital_busd for row in tables.sites),
        chips_million=sum(row.installed_million for row in tables.chips),
        tokens_trillion_per_month_end=figures.get("tokens_trillion_per_month_end"),
        regime=instance.settings.policy.regime,
        objective=str(instance.settings.objective),
        instance_sha256=str(identity.get("sha256", "")),
        software=", ".join(f"{name} {version}" for name, version in software.items()),
        fractions=fraction_words(instance),
    )
