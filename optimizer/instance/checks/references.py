"""Every name that points to a row of another table must find it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.columns import ColumnKind, columns_of
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.instance import NO_REGIME, Instance
from optimizer.instance.iso_countries import ISO_CODES
from optimizer.instance.places import CellRef, Finding, SettingRef
from optimizer.instance.schema import TABLES, Row

AT_COMMITMENT = "at_commitment"


@dataclass(frozen=True, slots=True)
class Link:
    """A column whose values must occur in a column of another table."""

    table: str
    column: str
    target_table: str
    target_column: str
    code: Code


LINKS = (
    Link("sites", "country", "countries", "country", Code.UNKNOWN_COUNTRY),
    Link("sites", "grid_region", "grid_regions", "grid_region", Code.UNKNOWN_GRID_REGION),
    Link("sites", "spend_profile", "spend_profiles", "profile", Code.UNKNOWN_PROFILE),
    Link("sites", "pool", "budgets", "pool", Code.UNKNOWN_POOL),
    Link("committed", "site", "sites", "site", Code.UNKNOWN_SITE),
    Link("power_options", "site", "sites", "site", Code.UNKNOWN_SITE),
    Link("grid_steps", "site", "sites", "site", Code.UNKNOWN_SITE),
    Link("grid_headroom", "grid_region", "grid_regions", "grid_region", Code.UNKNOWN_GRID_REGION),
    Link("slot_use", "resource", "slots", "resource", Code.UNKNOWN_RESOURCE),
    Link("technologies", "fuel", "fuel_prices", "fuel", Code.UNKNOWN_FUEL),
    Link("technologies", "resource", "slots", "resource", Code.UNKNOWN_RESOURCE),
    Link("technology_costs", "technology", "technologies", "technology", Code.UNKNOWN_TECHNOLOGY),
    Link("technology_limits", "site", "site_power", "site", Code.UNKNOWN_SITE),
    Link("technology_limits", "technology", "technologies", "technology", Code.UNKNOWN_TECHNOLOGY),
    Link("portfolio_parts", "technology", "technologies", "technology", Code.UNKNOWN_TECHNOLOGY),
    Link("option_years", "site", "site_power", "site", Code.UNKNOWN_SITE),
    Link("dispatch_modes", "site", "site_power", "site", Code.UNKNOWN_SITE),
    Link("dispatch_modes", "technology", "technologies", "technology", Code.UNKNOWN_TECHNOLOGY),
    Link("power_needs", "site", "site_power", "site", Code.UNKNOWN_SITE),
    Link("dispatch_loads", "site", "site_power", "site", Code.UNKNOWN_SITE),
    Link("site_power", "site", "sites", "site", Code.UNKNOWN_SITE),
    Link("site_power", "climate", "climates", "climate", Code.UNKNOWN_CLIMATE),
    Link("site_power", "fuel_region", "fuel_prices", "fuel_region", Code.UNKNOWN_FUEL_REGION),
    Link("site_power", "solar_profile", "hourly_profiles", "profile", Code.UNKNOWN_HOURLY_PROFILE),
    Link("site_power", "wind_profile", "hourly_profiles", "profile", Code.UNKNOWN_HOURLY_PROFILE),
    Link("site_power", "price_profile", "hourly_profiles", "profile", Code.UNKNOWN_HOURLY_PROFILE),
    Link("site_power", "load_profile", "hourly_profiles", "profile", Code.UNKNOWN_HOURLY_PROFILE),
    Link("chips", "resale_curve", "resale_curves", "curve", Code.UNKNOWN_CURVE),
    Link("chip_prices", "chip", "chips", "chip", Code.UNKNOWN_CHIP),
    Link("chip_supply", "chip", "chips", "chip", Code.UNKNOWN_CHIP),
    Link("supply_response", "chip", "chips", "chip", Code.UNKNOWN_CHIP),
    Link("supply_response", "region", "demand_regions", "region", Code.UNKNOWN_REGION),
    Link("stack_prices", "region", "demand_regions", "region", Code.UNKNOWN_REGION),
    Link("stack_prices", "stack", "chips", "stack", Code.UNKNOWN_STACK),
    Link("installed_base", "stack", "chips", "stack", Code.UNKNOWN_STACK),
    Link("demand", "region", "demand_regions", "region", Code.UNKNOWN_REGION),
    Link("demand", "workload", "workloads", "workload", Code.UNKNOWN_WORKLOAD),
    Link("price_blocks", "workload", "workloads", "workload", Code.UNKNOWN_WORKLOAD),
    Link("latency", "latency_zone", "sites", "latency_zone", Code.UNKNOWN_ZONE),
    Link("latency", "region", "demand_regions", "region", Code.UNKNOWN_REGION),
    Link("sovereignty", "region", "demand_regions", "region", Code.UNKNOWN_REGION),
    Link("sovereignty", "workload", "workloads", "workload", Code.UNKNOWN_WORKLOAD),
    Link("regimes", "rule", "rules", "rule", Code.UNKNOWN_RULE),
    Link("rules", "raises", "rules", "rule", Code.UNKNOWN_RULE),
    Link("rule_steps", "rule", "rules", "rule", Code.UNKNOWN_RULE),
)


def check_links(instance: Instance, context: Context) -> Iterator[Finding]:
    """Names that another table does not have."""
    for link in LINKS:
        known = _known(instance, context, link)
        if known is None:
            continue
        for index, row in enumerate(_rows(instance, link.table)):
            value = getattr(row, link.column)
            if value is not None and value not in known:
                message = f"{link.column} '{value}' is not in {link.target_table}.csv"
                at = CellRef(link.table, index, link.column)
                yield Finding(link.code, at, message, value=value, hint=nearest_hint(value, known))


def _known(instance: Instance, context: Context, link: Link) -> dict[str, None] | None:
    """Names that the target has, in order; None if they are not all known."""
    known = {str(getattr(row, link.target_column)): None for row in _rows(instance, link.target_table)}
    if link.target_column == "profile":
        known[AT_COMMITMENT] = None
    if context.is_whole(link.target_table):
        return known
    is_first_key = type_of(link.target_table).key[0] == link.target_column
    refused = context.refused[link.target_table]
    return known | dict.fromkeys(refused) if is_first_key and refused else None


def type_of(table: str) -> type[Row]:
    """Row class of a table."""
    return next(row_type for row_type in TABLES if row_type.table == table)


def _rows(instance: Instance, table: str) -> tuple[Row, ...]:
    rows: tuple[Row, ...] = getattr(instance, table)
    return rows


def check_grid_step_options(instance: Instance, context: Context) -> Iterator[Finding]:
    """Grid steps of options that their site does not have."""
    if not context.is_whole("power_options", "sites"):
        return
    sites = {site.site for site in instance.sites}
    offered: dict[str, list[str]] = {}
    for option in instance.power_options:
        offered.setdefault(option.site, []).append(option.option)
    for index, step in enumerate(instance.grid_steps):
        options = offered.get(step.site, [])
        if step.site in sites and step.option not in options:
            message = f"site '{step.site}' has no power option '{step.option}'"
            at = CellRef("grid_steps", index, "option")
            yield Finding(Code.UNKNOWN_OPTION, at, message, value=step.option, hint=nearest_hint(step.option, options))


def check_stacks(instance: Instance, context: Context) -> Iterator[Finding]:
    """Stacks that markets accept and no chip has."""
    if not context.is_whole("chips"):
        return
    stacks = {chip.stack for chip in instance.chips}
    for index, region in enumerate(instance.demand_regions):
        for stack in region.accepted_stacks:
            if stack not in stacks:
                at = CellRef("demand_regions", index, "stacks")
                offset = region.stacks.find(stack)
                yield Finding(
                    Code.UNKNOWN_STACK,
                    at,
                    f"stack '{stack}' is that of no chip",
                    value=stack,
                    hint=nearest_hint(stack, stacks),
                    offset=offset,
                    width=len(stack),
                )


def check_iso_codes(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Three letters that are no country. `sites.country` is left to its link with countries.csv."""
    for row_type in TABLES:
        names = [column.name for column in columns_of(row_type).values() if column.kind is ColumnKind.COUNTRY]
        for index, row in enumerate(_rows(instance, row_type.table)):
            for name in names:
                code = getattr(row, name)
                if code is not None and code not in ISO_CODES and (row_type.table, name) != ("sites", "country"):
                    at = CellRef(row_type.table, index, name)
                    message = f"{name} '{code}' is not an ISO 3166-1 alpha-3 country code"
                    yield Finding(Code.NOT_A_COUNTRY, at, message, value=code, hint=nearest_hint(code, ISO_CODES))


def check_regime(instance: Instance, context: Context) -> Iterator[Finding]:
    """The active regime must exist."""
    regime = instance.settings.policy.regime
    known = {row.regime for row in instance.regimes} | {NO_REGIME}
    if context.settings_known and context.is_whole("regimes") and regime not in known:
        at = SettingRef(("policy", "regime"))
        message = f"regime '{regime}' is not in regimes.csv"
        yield Finding(Code.UNKNOWN_REGIME, at, message, value=regime, hint=nearest_hint(regime, sorted(known), 40))


CHECKS = (check_links, check_grid_step_options, check_stacks, check_iso_codes, check_regime)
