"""Small instances made in memory, for tests of every package.

Row factories fill every column with a round, harmless default; `instance` assembles rows into an
Instance and invents whatever tables are not given so that the result is valid. With the defaults one
module is 1 GW and costs 10 B USD, one million chips draw 1 GW and cost 10 B USD, and nothing else costs
anything; every PUE, utilisation and load share is 1, and cash is not discounted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from optimizer.instance.calendar import parse_month
from optimizer.instance.instance import Instance
from optimizer.instance.periods import make_calendar
from optimizer.instance.schema import (
    Assumption,
    Budget,
    Chip,
    ChipPrice,
    ChipSupply,
    Climate,
    CommittedBuild,
    Country,
    Demand,
    DemandRegion,
    DispatchLoad,
    DispatchMode,
    FuelPrice,
    GridHeadroom,
    GridRegion,
    GridStep,
    GroupMembership,
    HourlyValue,
    InstalledBase,
    Latency,
    Limit,
    OptionYear,
    PortfolioPart,
    PowerNeeds,
    PowerOption,
    PriceBlock,
    Regime,
    RequiredCompute,
    ResalePoint,
    Row,
    Rule,
    RuleStep,
    Settings,
    Site,
    SitePower,
    Slots,
    SlotUse,
    Sovereignty,
    SpendMilestone,
    StackPrice,
    SupplyResponse,
    TechnologyCost,
    TechnologyLimit,
    TechnologyRow,
    Workload,
)

SOURCE = "made for a test"
AnyRow = TypeVar("AnyRow", bound=Row)


def _row(row_type: type[AnyRow], defaults: dict[str, Any], changes: dict[str, Any]) -> AnyRow:
    return row_type.model_validate({"source": SOURCE, **defaults, **changes})


def site(name: str = "alpha", **changes: Any) -> Site:
    """A site that can be built from the first day without delay."""
    defaults = {
        "site": name,
        "name": name.title(),
        "country": "USA",
        "grid_region": "grid",
        "latency_zone": "zone",
        "latitude": 32.0,
        "longitude": -97.0,
        "operator": "Operator",
        "operator_hq": "USA",
        "module_mw": 1000,
        "max_modules": 1,
        "earliest_start": "2027",
        "lead_months": 0,
        "open_cost_musd": 0,
        "module_cost_usd_per_kw": 10_000,
        "om_usd_per_kw_year": 0,
        "pue_average": 1,
        "pue_peak": 1,
    }
    return _row(Site, defaults, changes)


def committed(name: str = "alpha", **changes: Any) -> CommittedBuild:
    """One module that stands and is paid for."""
    return _row(CommittedBuild, {"site": name, "online_from": "2027", "modules": 1, "remaining_cost_share": 0}, changes)


def milestone(profile: str = "staged", months_after_commitment: int = 0, share: float = 1, **changes: Any) -> Row:
    """One payment of a spend profile."""
    return _row(
        SpendMilestone,
        {"profile": profile, "months_after_commitment": months_after_commitment, "share": share},
        changes,
    )


def country(code: str = "USA", **changes: Any) -> Country:
    """A country without taxes, at 8 % a year. `instance` invents countries without a financing premium instead."""
    return _row(Country, {"country": code, "name": code.title(), "bloc": code, "wacc_fraction": 0.08}, changes)


def power_option(site_name: str = "alpha", option: str = "grid_firm", **changes: Any) -> PowerOption:
    """Free and plentiful firm grid power, from long ago."""
    defaults = {
        "site": site_name,
        "option": option,
        "kind": "grid_firm",
        "available_from": "2020",
        "max_mw": 100_000,
        "capex_usd_per_kw": 0,
        "fixed_usd_per_kw_year": 0,
        "energy_usd_per_mwh": 0,
        "carbon_t_per_mwh": 0,
        "firm_credit": 1,
        "energy_availability": 1,
    }
    return _row(PowerOption, defaults, changes)


def grid_step(site_name: str, available_from: str, cumulative_mw: float, **changes: Any) -> GridStep:
    """A later limit of a power option."""
    defaults = {
        "site": site_name,
        "option": "grid_firm",
        "available_from": available_from,
        "cumulative_mw": cumulative_mw,
    }
    return _row(GridStep, defaults, changes)


def grid_region(name: str = "grid", **changes: Any) -> GridRegion:
    """A balancing area."""
    return _row(GridRegion, {"grid_region": name, "name": name.title(), "country": "USA"}, changes)


def headroom(name: str = "grid", year: int = 2027, cumulative_mw: float = 1000, **changes: Any) -> GridHeadroom:
    """Spare capacity of a balancing area."""
    return _row(GridHeadroom, {"grid_region": name, "year": year, "cumulative_mw": cumulative_mw}, changes)


def slots(resource: str = "turbine", year: int = 2027, mw: float = 1000, **changes: Any) -> Slots:
    """Deliveries of a long-lead item."""
    return _row(Slots, {"resource": resource, "year": year, "mw": mw}, changes)


def slot_use(resource: str = "turbine", kind: str = "gas_turbine", mw_per_mw: float = 1, **changes: Any) -> SlotUse:
    """What a kind of power takes of a long-lead item."""
    return _row(SlotUse, {"resource": resource, "kind": kind, "mw_per_mw": mw_per_mw}, changes)


def technology(name: str = "ccgt", **changes: Any) -> TechnologyRow:
    """A technology that is always available and never ramps slowly."""
    defaults = {
        "technology": name,
        "kind": "open_cycle_gas",
        "fuel": None,
        "lead_months": 0,
        "life_years": 20,
        "firm_credit": 1,
    }
    return _row(TechnologyRow, defaults, changes)


def technology_cost(name: str, year: int = 2027, capex_usd_per_kw: float = 1000, **changes: Any) -> TechnologyCost:
    """Cost of a technology."""
    return _row(TechnologyCost, {"technology": name, "year": year, "capex_usd_per_kw": capex_usd_per_kw}, changes)


def fuel_price(fuel_region: str, fuel: str, price_usd_per_mwh: float = 10, **changes: Any) -> FuelPrice:
    """Price of a fuel."""
    defaults = {"fuel_region": fuel_region, "fuel": fuel, "year": 2027, "price_usd_per_mwh": price_usd_per_mwh}
    return _row(FuelPrice, defaults, changes)


def climate(name: str = "mild", **changes: Any) -> Climate:
    """Sunny and windy plain."""
    defaults = {
        "climate": name,
        "latitude": 32,
        "longitude": -100,
        "solar_capacity_factor": 0.25,
        "wind_capacity_factor": 0.35,
        "mean_c": 18,
        "design_c": 40,
    }
    return _row(Climate, defaults, changes)


def site_power(site_name: str, climate_name: str = "mild", fuel_region: str = "fuels", **changes: Any) -> SitePower:
    """A site whose power is computed."""
    return _row(SitePower, {"site": site_name, "climate": climate_name, "fuel_region": fuel_region}, changes)


def power_needs(site_name: str, **changes: Any) -> PowerNeeds:
    """What the load of a site asks of its computed power: nothing, unless said."""
    return _row(PowerNeeds, {"site": site_name}, changes)


def dispatch_load(site_name: str, dispatch: str, **changes: Any) -> DispatchLoad:
    """A dispatch that cuts nothing, draws nothing from the grid, and is clean in no hour."""
    return _row(DispatchLoad, {"site": site_name, "dispatch": dispatch}, changes)


def own_hours(profile: str, values: Iterable[float]) -> list[HourlyValue]:
    """A profile of one's own, hour by hour."""
    given = enumerate(values)
    return [HourlyValue(profile=profile, hour=hour, value=float(value)) for hour, value in given]


def technology_limit(site_name: str, name: str, available_from: str = "2027", **changes: Any) -> TechnologyLimit:
    """What a site may build of a technology."""
    defaults = {"site": site_name, "technology": name, "available_from": available_from, "cumulative_mw": 1000}
    return _row(TechnologyLimit, defaults, changes)


def portfolio_part(site_name: str, option: str, name: str, **changes: Any) -> PortfolioPart:
    """A technology that carries a computed option by itself, with storage that holds nothing."""
    defaults = {
        "site": site_name,
        "option": option,
        "technology": name,
        "mw_per_mw": 1,
        "storage_mwh_per_mw": 0,
        "mwh_per_mwh": 1,
    }
    return _row(PortfolioPart, defaults, changes)


def option_year(
    site_name: str, option: str, year: int = 2027, capex_usd_per_kw: float = 1000, **changes: Any
) -> OptionYear:
    """Numbers of a computed option in a year."""
    defaults = {
        "site": site_name,
        "option": option,
        "year": year,
        "capex_usd_per_kw": capex_usd_per_kw,
        "fixed_usd_per_kw_year": 10,
        "energy_usd_per_mwh": 40,
        "carbon_t_per_mwh": 0.4,
        "firm_credit": 0.9,
    }
    return _row(OptionYear, defaults, changes)


def dispatch_mode(site_name: str, mode: str, name: str, mw_per_twh: float = 1e6 / 8760, **changes: Any) -> DispatchMode:
    """A technology that carries a flat load by itself."""
    defaults = {"site": site_name, "mode": mode, "technology": name, "mw_per_twh": mw_per_twh, "mwh_per_mwh": 1}
    return _row(DispatchMode, defaults, changes)


def chip(name: str = "C1", **changes: Any) -> Chip:
    """A chip of one H100e and 1 kW, on sale throughout."""
    defaults = {
        "chip": name,
        "name": name,
        "vendor": "Vendor",
        "stack": "us",
        "design_country": "USA",
        "release": "2026",
        "end_of_sale": "2050",
        "performance_h100e": 1,
        "tpp": 15_832,
        "performance_density": 19,
        "it_power_kw": 1,
        "life_months": 60,
    }
    return _row(Chip, defaults, changes)


def price(chip_name: str = "C1", since: str = "2026", price_usd: float = 10_000, **changes: Any) -> ChipPrice:
    """Price of a chip from a month on."""
    return _row(ChipPrice, {"chip": chip_name, "since": since, "price_usd": price_usd}, changes)


def supply(chip_name: str = "C1", during: str = "2027", units: float = 1_000_000, **changes: Any) -> ChipSupply:
    """Chips on offer during a year."""
    return _row(ChipSupply, {"chip": chip_name, "during": during, "units": units}, changes)


def supply_response(
    chip_name: str = "C1", region_name: str = "market", chips_per_unmet_h100e: float = 1, **changes: Any
) -> SupplyResponse:
    """A chip for each H100e that a market wanted and did not get, a year later."""
    defaults = {"chip": chip_name, "region": region_name, "chips_per_unmet_h100e": chips_per_unmet_h100e}
    return _row(SupplyResponse, defaults, changes)


def resale(curve: str, age_months: int, share: float, **changes: Any) -> ResalePoint:
    """A point of a resale curve."""
    return _row(ResalePoint, {"curve": curve, "age_months": age_months, "share": share}, changes)


def base(country_code: str, stack: str, year: int, h100e_million: float, **changes: Any) -> InstalledBase:
    """Compute that stands before the plan."""
    defaults = {"country": country_code, "stack": stack, "year": year, "h100e_million": h100e_million}
    return _row(InstalledBase, defaults, changes)


def region(name: str = "market", **changes: Any) -> DemandRegion:
    """A market that buys the US stack."""
    defaults = {"region": name, "name": name.title(), "stacks": "us", "latitude": 40.0, "longitude": -75.0}
    return _row(DemandRegion, defaults, changes)


def stack_price(region_name: str, stack: str, price_multiplier: float, **changes: Any) -> StackPrice:
    """What a market pays for a stack."""
    defaults = {"region": region_name, "stack": stack, "price_multiplier": price_multiplier}
    return _row(StackPrice, defaults, changes)


def workload(name: str = "work", **changes: Any) -> Workload:
    """A use that tolerates any distance and sells all that is installed; one token per second."""
    defaults = {
        "workload": name,
        "name": name.title(),
        "max_latency_ms": 1000,
        "utilisation": 1,
        "tokens_per_h100e_second": 1,
    }
    return _row(Workload, defaults, changes)


def demand(region_name: str = "market", workload_name: str = "work", year: int = 2027, **changes: Any) -> Demand:
    """One million H100e wanted all year at 2 USD per hour: 17.52 B USD a year."""
    defaults = {
        "region": region_name,
        "workload": workload_name,
        "year": year,
        "quantity_h100e_million": 1,
        "price_usd_per_h100e_hour": 2,
    }
    return _row(Demand, defaults, changes)


def block(
    workload_name: str = "work",
    number: int = 1,
    quantity_share: float = 1,
    price_multiplier: float = 1,
    **changes: Any,
) -> PriceBlock:
    """All of the demand at the anchor price."""
    defaults = {
        "workload": workload_name,
        "block": number,
        "quantity_share": quantity_share,
        "price_multiplier": price_multiplier,
    }
    return _row(PriceBlock, defaults, changes)


def latency(zone: str = "zone", region_name: str = "market", rtt_ms: float = 10, **changes: Any) -> Latency:
    """A short round trip that costs nothing."""
    return _row(Latency, {"latency_zone": zone, "region": region_name, "rtt_ms": rtt_ms}, changes)


def sovereignty(region_name: str, allowed: str, minimum_share: float, **changes: Any) -> Sovereignty:
    """A share that must be served from given countries, from the first year on."""
    defaults = {
        "region": region_name,
        "workload": "work",
        "allowed": allowed,
        "minimum_share": minimum_share,
        "first_year": 2027,
    }
    return _row(Sovereignty, defaults, changes)


def required_compute(year: int, h100e_million: float, **changes: Any) -> RequiredCompute:
    """Compute that must be on line in a year."""
    return _row(RequiredCompute, {"year": year, "h100e_million": h100e_million}, changes)


def budget(pool: str = "global", year: int = 2027, capital_busd: float = 1000, **changes: Any) -> Budget:
    """Money that does not bind."""
    return _row(Budget, {"pool": pool, "year": year, "capital_busd": capital_busd}, changes)


def limit(name: str, kind: str, scope: str, year: int, value: float, **changes: Any) -> Limit:
    """A limit of one year."""
    return _row(Limit, {"limit": name, "kind": kind, "scope": scope, "year": year, "value": value}, changes)


def rule(name: str = "R1", effect: str = "deny", **changes: Any) -> Rule:
    """A rule that denies everything everywhere from the start, unless changed."""
    defaults = {
        "rule": name,
        "jurisdiction": "USA",
        "title": f"rule {name}",
        "effect": effect,
        "effective_from": "2020",
        "citation": "test law 1",
    }
    return _row(Rule, defaults, changes)


def rule_step(rule_name: str, since: str, quantity: float, **changes: Any) -> RuleStep:
    """Quantity of a rule from a month on."""
    return _row(RuleStep, {"rule": rule_name, "since": since, "quantity": quantity}, changes)


def regime(rule_name: str, name: str = "test", **changes: Any) -> Regime:
    """Membership of a rule in a regime."""
    return _row(Regime, {"regime": name, "rule": rule_name}, changes)


def member(group: str, country_code: str, **changes: Any) -> GroupMembership:
    """Membership of a country in a group, since long ago."""
    return _row(GroupMembership, {"group": group, "country": country_code, "member_from": "2000"}, changes)


def assumption(name: str, knob: str, central: float, low: float, high: float, **changes: Any) -> Assumption:
    """A chosen number with its range."""
    defaults = {
        "assumption": name,
        "knob": knob,
        "central": central,
        "low": low,
        "high": high,
        "reason": "chosen for a test",
    }
    return _row(Assumption, defaults, changes)


def settings(
    *,
    start: str = "2027",
    months: int = 12,
    count: int = 3,
    blocks: Iterable[tuple[int, int]] | None = None,
    decision_every_months: int = 12,
    **sections: Any,
) -> Settings:
    """Settings with ``count`` periods of ``months`` months, or with ``blocks`` of (months, count).

    Further keywords replace or extend sections, e.g. ``finance={"discount_rate": 0.1}`` or ``objective="cost"``.
    """
    periods = [{"months": m, "count": n} for m, n in (blocks or [(months, count)])]
    document: dict[str, Any] = {
        "schema_version": 1,
        "name": "tiny",
        "calendar": {"start": start, "periods": periods, "decision_every_months": decision_every_months},
        "finance": {"discount_rate": 0.0, "terminal_value": False},
        "power": {"average_load_share": 1.0},
        "solver": {"gap": 0.0, "threads": 1},
    }
    for key, value in sections.items():
        is_section = isinstance(value, dict) and isinstance(document.get(key), dict)
        document[key] = {**document[key], **value} if is_section else value
    return Settings.model_validate(document)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def instance(*, settings: Settings | None = None, free_capital: bool = True, **tables: Iterable[Row]) -> Instance:
    """Assemble an Instance; tables that are not given follow from those that are.

    Parameters
    ----------
    settings
        Default: three yearly periods from 2027 (see `settings`).
    free_capital
        Countries invented here have the discount rate as cost of capital, so that there is no financing
        premium. False: 8 % a year.
    tables
        Rows by name of the Instance field, e.g. ``sites=[site(), site("beta")]``.
    """
    settings = settings or _default_settings()
    calendar = make_calendar(settings.calendar)
    given: dict[str, Any] = {name: tuple(rows) for name, rows in tables.items()}
    sites: tuple[Site, ...] = given.setdefault("sites", (site(),))
    chips: tuple[Chip, ...] = given.setdefault("chips", (chip(),))
    regions: tuple[DemandRegion, ...] = given.setdefault("demand_regions", (region(),))
    workloads: tuple[Workload, ...] = given.setdefault("workloads", (workload(),))
    names = [w.workload for w in workloads]
    years = calendar.years
    wacc = settings.finance.discount_rate if free_capital else 0.08
    country_of_grid = {s.grid_region: s.country for s in sites}
    chip_years = [
        (c, year) for c in chips for year in years if c.release < 12 * year + 12 and c.end_of_sale > 12 * year
    ]
    invented: dict[str, tuple[Row, ...]] = {
        "countries": tuple(country(code, wacc_fraction=wacc) for code in _unique(s.country for s in sites)),
        "power_options": tuple(power_option(s.site) for s in sites),
        "grid_regions": tuple(grid_region(name, country=code) for name, code in country_of_grid.items()),
        "chip_prices": tuple(price(c.chip, since=f"{c.release // 12}") for c in chips),
        "chip_supply": tuple(supply(c.chip, during=str(year)) for c, year in chip_years),
        "demand": tuple(demand(r.region, name, year) for r in regions for name in names for year in years),
        "price_blocks": tuple(block(name) for name in names),
        "latency": tuple(latency(zone, r.region) for zone in _unique(s.latency_zone for s in sites) for r in regions),
        "budgets": tuple(budget(pool, year) for pool in _unique(s.pool for s in sites) for year in years),
    }
    return Instance(settings=settings, calendar=calendar, **{**invented, **given})


def _default_settings() -> Settings:
    return settings()


def tiny_instance(**overrides: Any) -> Instance:
    """One site, one chip, one market, three years (see `instance`, which takes the same keywords)."""
    return instance(**overrides)


def month(text: str) -> int:
    """Month number of a date, e.g. ``month("2027-04")``."""
    return parse_month(text)
