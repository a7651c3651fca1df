"""Power options of each campus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from optimizer.instance.calendar import parse_month
from optimizer.instance.schema import GridStep, PowerKind, PowerOption, Row
from scripts.world_2026 import choices
from scripts.world_2026.choices import PLAN_START, TODAY
from scripts.world_2026.facts import Facts, Region
from scripts.world_2026.places import Bloc
from scripts.world_2026.rowsink import number
from scripts.world_2026.sites import Campus

_MMBTU_PER_MWH = 3.412
#: Gas prices are per higher heating value; the efficiencies of technologies.csv are per lower.
_HIGHER_OVER_LOWER = 1.108
#: Above this fuel price [USD/MMBtu] nobody burns gas at a campus by choice.
_GAS_PRICE_LIMIT = 9.0
_ENGINE_PRICE_LIMIT = 6.0
_HYDRO_REGIONS = ("NO4", "NO2", "SE12", "IS", "PY", "CA-QC", "BR-SE", "AU-TAS")
_GEOTHERMAL_REGIONS = ("IS", "KE", "US-WECC-NV", "US-WECC-UT")
#: Where the grid is slow and fuel cells are being ordered.
_FUEL_CELL_REGIONS = ("US-PJM-W", "US-PJM-DOM", "US-PJM-E", "US-WECC-NM", "US-WECC-AZ")
_NUCLEAR_BUILDERS = ("CHN", "KOR", "FRA", "USA", "GBR", "POL")
#: Most that one campus may take of a bridging technology [MW facility].
_ENGINE_LIMIT_MW, _FUEL_CELL_LIMIT_MW = 600.0, 400.0


@dataclass(frozen=True)
class Plant:
    """Cost and performance of a way to supply one kW of facility load, money in USD of 2026."""

    kind: PowerKind
    capex: float
    fixed: float
    energy: float
    carbon: float
    firm_credit: float
    availability: float
    life_years: float
    water: float
    source: str


def large_load_price(average: float) -> float:
    """Energy price of a GW-scale contract [USD/MWh] from the industrial average of the region."""
    knee = choices.LARGE_LOAD_PRICE_KNEE
    return number(min(average, knee) + choices.LARGE_LOAD_SHARE_ABOVE * max(0.0, average - knee), 3)


def fuel_cost(gas_price: float, efficiency: float) -> float:
    """Fuel [USD/MWh] at a gas price [USD/MMBtu] and an efficiency on the lower heating value."""
    return gas_price * _MMBTU_PER_MWH * _HIGHER_OVER_LOWER / efficiency


def heat_derating(design_temperature_c: float) -> float:
    """Output of a gas turbine on the hottest day over its rating: 0.77 at 46 degrees (UAE), 1 up to 25."""
    return 1.0 - 0.23 * min(1.0, max(0.0, (design_temperature_c - 25) / 21))


def _virginia_tax(facts: Facts, region: Region) -> float:
    return facts.cost("tax.virginia_dc_power_tax", "USA-VA") if region.region == "US-PJM-DOM" else 0.0


def grid_firm(facts: Facts, region: Region) -> Plant:
    """Firm connection of full capacity."""
    return Plant(
        PowerKind.GRID_FIRM, facts.technology("grid_connection", "capex"), 10,
        large_load_price(region.price) + _virginia_tax(facts, region), region.carbon, 1.0, 1.0, 30, 0.0,
        f"energy.csv {region.region} ({region.confidence} confidence), large-load price rule; grid_connection capex",
    )  # fmt: skip


def grid_interruptible(facts: Facts, region: Region) -> Plant:
    """Connection that the operator may curtail about 1 % of hours, with two hours of storage on site."""
    storage = 2 * facts.technology("li_ion_energy", "capex_market", "2025")
    return Plant(
        PowerKind.GRID_INTERRUPTIBLE, facts.technology("grid_connection", "capex") + storage, 18,
        number(0.95 * large_load_price(region.price), 3) + _virginia_tax(facts, region),
        region.carbon, 1.0, 0.99, 20, 0.0,
        f"energy.csv {region.region}: lead_min, curtailable load; two hours of li_ion_energy capex_market",
    )  # fmt: skip


def gas_turbine(facts: Facts, region: Region, gas_price: float) -> Plant:
    """Simple-cycle or aeroderivative turbines on site."""
    credit = facts.technology("OCGT", "capacity_credit_islanded", "2026") * heat_derating(region.design_temperature_c)
    return Plant(
        PowerKind.GAS_TURBINE, facts.technology("OCGT", "capex_market_us"), 22,
        number(fuel_cost(gas_price, facts.technology("OCGT", "efficiency_lhv")) + 7 + _virginia_tax(facts, region), 3),
        0.49, round(credit, 2), 0.9, 25, 0.0,
        "technologies.csv OCGT capex_market_us, N+1, derated in heat; gas price of energy.csv",
    )  # fmt: skip


def combined_cycle(facts: Facts, region: Region, gas_price: float) -> Plant:
    """Combined-cycle plant dedicated to the campus."""
    credit = 0.9 * heat_derating(region.design_temperature_c)
    return Plant(
        PowerKind.GAS_TURBINE, facts.technology("CCGT", "capex_market_us"), 40,
        number(fuel_cost(gas_price, facts.technology("CCGT", "efficiency_lhv")) + 4 + _virginia_tax(facts, region), 3),
        facts.technology("CCGT", "co2", "2025"), round(credit, 2), 0.92, 25, 0.7,
        "technologies.csv CCGT capex_market_us, lead_time 60 months; gas price of energy.csv; water judged",
    )  # fmt: skip


def gas_engine(facts: Facts, region: Region, gas_price: float) -> Plant:
    """Reciprocating engines on site."""
    fuel = fuel_cost(gas_price, facts.technology("recip_engine", "efficiency_lhv", "2025"))
    return Plant(
        PowerKind.GAS_ENGINE, facts.technology("recip_engine", "capex"), 25,
        number(fuel + 10 + _virginia_tax(facts, region), 3), facts.technology("recip_engine", "co2", "2025"),
        facts.technology("recip_engine", "capacity_credit_islanded", "2026"), 0.95, 25, 0.0,
        "technologies.csv recip_engine, N+2; gas price of energy.csv",
    )  # fmt: skip


def fuel_cell(facts: Facts, region: Region, gas_price: float) -> Plant:
    """Solid-oxide fuel cells on pipeline gas."""
    fuel = fuel_cost(gas_price, facts.technology("fuel_cell_sofc", "efficiency_lhv", "2025"))
    capex = sum(facts.technology("fuel_cell_sofc", "capex", year) for year in ("2025", "2030")) / 2
    return Plant(
        PowerKind.FUEL_CELL, capex,
        facts.technology("fuel_cell_sofc", "fixed_om", "2025"), number(fuel + 2 + _virginia_tax(facts, region), 3),
        facts.technology("fuel_cell_sofc", "co2", "2025"), 0.97, 0.97, 20, 0.0,
        "technologies.csv fuel_cell_sofc, mean of 2025 and 2030 capex; gas price of energy.csv",
    )  # fmt: skip


def renewables_storage(facts: Facts, region: Region) -> Plant:
    """Solar, wind and batteries built for the campus, with gas or grid back-up for a fifth of the energy."""
    low_cost = region.country in ("CHN", "ARE", "SAU", "QAT", "OMN", "KWT", "IND", "EGY", "MAR", "CHL", "BRA")
    solar_capex = facts.technology("solar_pv", "capex_gulf_china" if low_cost else "capex")
    wind_capex = (
        facts.technology("onshore_wind", "capex_europe") if low_cost else facts.technology("onshore_wind", "capex")
    )
    weight = region.solar_cf / (region.solar_cf + region.wind_cf)
    # 80 % of the energy, with 10 % curtailed or lost in storage
    plants = 0.8 * 1.1 * (weight * solar_capex / region.solar_cf + (1 - weight) * wind_capex / region.wind_cf)
    storage = 8 * facts.technology("li_ion_energy", "capex_market")
    backup = facts.technology("recip_engine", "capex") * (0.7 if low_cost else 1.0)
    fuel = fuel_cost(region.gas_price or 13.0, 0.45)
    return Plant(
        PowerKind.RENEWABLES_STORAGE, number(plants + storage + backup, 3), number(0.016 * (plants + storage) + 20, 2),
        number(0.2 * (fuel + 10), 3), 0.09, 0.95, 0.97, 22, 0.0,
        f"built from capacity factors of {region.region} (solar {region.solar_cf}, wind {region.wind_cf}) and "
        "technologies.csv: 80 % wind and solar, 8 h storage, engines for the rest",
    )  # fmt: skip


def hydro(facts: Facts, region: Region) -> Plant:
    """Hydro contract delivered over the grid."""
    price = min(large_load_price(region.price), facts.technology("hydro_ppa", "price", "2026"))
    return Plant(
        PowerKind.HYDRO, facts.technology("grid_connection", "capex"), 10, price, 0.005,
        facts.technology("hydro_ppa", "capacity_credit", "2026"), 0.97, 30, 0.0,
        f"technologies.csv hydro_ppa, energy.csv {region.region}; waits for the grid like any load",
    )  # fmt: skip


def geothermal(facts: Facts) -> Plant:
    """Geothermal plant built for the campus."""
    capex = facts.technology("geothermal_hydrothermal", "capex")
    return Plant(
        PowerKind.GEOTHERMAL, number(1.1 * capex, 3), number(0.0173 * 1.1 * capex, 3), 5, 0.03, 0.9, 0.9, 30, 0.1,
        "technologies.csv geothermal_hydrothermal, USD2022 x 1.1",
    )  # fmt: skip


def nuclear(facts: Facts, country: str) -> Plant:
    """New nuclear plant, or in the US a contract with one that runs."""
    capex = facts.technology("nuclear_smr", "capex", "2035") if country != "CHN" else 3500.0
    return Plant(
        PowerKind.NUCLEAR, capex, number(0.02 * capex, 2), 14, 0.0, 0.93, 0.92, 40, 2.0,
        "technologies.csv nuclear_smr; fuel 11 and variable 3 USD/MWh; China 3,500 USD/kW judged",
    )  # fmt: skip


def _nuclear_contract() -> Plant:
    return Plant(
        PowerKind.NUCLEAR, 170, 10, 75, 0.0, 0.95, 0.93, 20, 2.0,
        "contract with the running Susquehanna station (sites.csv: PPA to 1,920 MW); price judged",
    )  # fmt: skip


def _plant(facts: Facts, campus: Campus, kind: PowerKind) -> Plant:
    """Plant of a kind at a campus; only kinds that campuses contract or own by themselves."""
    region = campus.region
    gas_price = region.gas_price or 13.0
    if kind is PowerKind.NUCLEAR and campus.site == "us_pa_susquehanna":
        return _nuclear_contract()
    plants: Mapping[PowerKind, Callable[[], Plant]] = {
        PowerKind.GRID_FIRM: lambda: grid_firm(facts, region),
        PowerKind.GAS_TURBINE: lambda: gas_turbine(facts, region, gas_price),
        PowerKind.GAS_ENGINE: lambda: gas_engine(facts, region, gas_price),
        PowerKind.FUEL_CELL: lambda: fuel_cell(facts, region, gas_price),
        PowerKind.HYDRO: lambda: hydro(facts, region),
        PowerKind.GEOTHERMAL: lambda: geothermal(facts),
        PowerKind.NUCLEAR: lambda: nuclear(facts, campus.country),
    }
    return plants[kind]()


def queue_credit_months(campus: Campus) -> int:
    """Months already waited for the grid: since the announcement, at most half of the typical wait."""
    announced = campus.fact["first_announced"]
    if not campus.under_way or not announced:
        return 0
    waited = TODAY - parse_month(announced[:7])
    return max(0, min(waited, campus.region.lead_typical // 2))


@dataclass(frozen=True)
class _Offer:
    option: str
    plant: Plant
    available_from: int
    max_mw: float


def _facility_mw(campus: Campus) -> float:
    return campus.module_mw * campus.max_modules * campus.pue_peak


def _grid_offers(facts: Facts, campus: Campus, full_mw: float) -> Iterator[_Offer]:
    region, credit = campus.region, queue_credit_months(campus)
    firm = max(PLAN_START, TODAY + region.lead_typical - credit)
    early = max(PLAN_START, TODAY + max(9, region.lead_min - credit // 2))
    yield _Offer("grid_firm", grid_firm(facts, region), firm, full_mw)
    if early < firm:
        yield _Offer("grid_interruptible", grid_interruptible(facts, region), early, full_mw)
    if region.region in _HYDRO_REGIONS:
        yield _Offer("hydro_contract", hydro(facts, region), firm, 0.6 * full_mw)


def _gas_offers(facts: Facts, campus: Campus, full_mw: float) -> Iterator[_Offer]:
    region, price = campus.region, campus.region.gas_price
    if price is None or price > _GAS_PRICE_LIMIT or campus.bloc is Bloc.CHINA:
        return
    turbine_lead = int(facts.technology("OCGT", "lead_time_aeroderivative", "2026"))
    yield _Offer("gas_turbine", gas_turbine(facts, region, price), TODAY + turbine_lead, full_mw / 0.75)
    if price > _ENGINE_PRICE_LIMIT:
        return
    engine_lead = int(facts.technology("recip_engine", "lead_time", "2026"))
    yield _Offer("gas_engine", gas_engine(facts, region, price), TODAY + engine_lead, min(full_mw, _ENGINE_LIMIT_MW))
    if region.region in _FUEL_CELL_REGIONS:
        cell_lead = int(facts.technology("fuel_cell_sofc", "lead_time", "2026")) + 3
        yield _Offer("fuel_cell", fuel_cell(facts, region, price), TODAY + cell_lead, min(full_mw, _FUEL_CELL_LIMIT_MW))
    if campus.open_mw >= 1200:
        plant_lead = int(facts.technology("CCGT", "lead_time", "2025"))
        yield _Offer("gas_combined_cycle", combined_cycle(facts, region, price), TODAY + plant_lead, full_mw / 0.7)


def _new_plant_offers(facts: Facts, campus: Campus, full_mw: float) -> Iterator[_Offer]:
    region = campus.region
    wind_lead = int(facts.technology("onshore_wind", "lead_time", "2026"))
    lead = 21 if campus.bloc is Bloc.CHINA else wind_lead - 6
    if region.solar_cf + region.wind_cf >= 0.52 or campus.bloc is Bloc.GULF:
        yield _Offer("renewables_storage", renewables_storage(facts, region), TODAY + lead, min(full_mw, 2000.0))
    if region.region in _GEOTHERMAL_REGIONS and not any(own.kind == "geothermal" for own in campus.own_power):
        geothermal_lead = int(facts.technology("geothermal_hydrothermal", "lead_time", "2026"))
        yield _Offer("geothermal", geothermal(facts), TODAY + geothermal_lead, min(full_mw, 300.0))
    if campus.country in _NUCLEAR_BUILDERS and campus.open_mw >= 2000:
        nuclear_lead = 84 if campus.country == "CHN" else 96
        yield _Offer("nuclear", nuclear(facts, campus.country), TODAY + nuclear_lead, min(full_mw, 1200.0))


def _offer_row(campus: Campus, offer: _Offer) -> PowerOption:
    plant = offer.plant
    return PowerOption(
        site=campus.site, option=offer.option, kind=plant.kind, available_from=offer.available_from,
        max_mw=float(round(offer.max_mw)), capex_usd_per_kw=plant.capex, fixed_usd_per_kw_year=plant.fixed,
        energy_usd_per_mwh=plant.energy, carbon_t_per_mwh=number(plant.carbon, 3), firm_credit=plant.firm_credit,
        energy_availability=plant.availability, life_years=plant.life_years, water_m3_per_mwh=plant.water,
        source=plant.source,
    )  # fmt: skip


def decision_date_serving(month: int) -> int:
    """Last half-year date on or before the first quarter that starts in ``month`` or later: capacity is added there."""
    quarter_start = -(-month // 3) * 3
    return max(PLAN_START, quarter_start // 6 * 6)


def _contracted_rows(facts: Facts, campus: Campus) -> Iterator[Row]:
    """Power that belongs to the committed modules: its date is theirs and nearly all of its capital is spent."""
    modules = campus.committed_modules
    if not modules:
        return
    plant = _plant(facts, campus, PowerKind(campus.contracted_kind or "grid_firm"))
    ratio = campus.pue_peak / plant.firm_credit
    by_date: dict[int, float] = {}
    placed = 0
    for month, count in modules:
        placed += count
        by_date[decision_date_serving(month)] = placed * campus.module_mw * ratio
    power = sorted(by_date.items())
    source = f"energy source of sites.csv: {campus.fact['energy_source'][:80]}; capital taken as spent"
    sunk = Plant(**(plant.__dict__ | {"capex": 20.0, "source": source}))
    yield _offer_row(campus, _Offer("contracted", sunk, power[0][0], power[0][1] + 1))
    yield from _steps(campus, "contracted", power[1:], source)


def _steps(campus: Campus, option: str, steps: list[tuple[int, float]], source: str) -> Iterator[GridStep]:
    for month, megawatts in steps:
        yield GridStep(
            site=campus.site,
            option=option,
            available_from=month,
            cumulative_mw=float(round(megawatts + 1)),
            source=source,
        )


def _own_rows(facts: Facts, campus: Campus) -> Iterator[Row]:
    """Power that a campus is known to build or to have been granted, with its own dates."""
    for kind in dict.fromkeys(own.kind for own in campus.own_power):
        dated = [(own.available_from, own.cumulative_mw) for own in campus.own_power if own.kind == kind]
        option = f"own_{kind}"
        row = _offer_row(campus, _Offer(option, _plant(facts, campus, PowerKind(kind)), *dated[0]))
        source = f"energy source of sites.csv: {campus.fact['energy_source'][:80]}; date read or judged"
        yield row.model_copy(update={"source": f"{source}; {row.source}"})
        yield from _steps(campus, option, dated[1:], source)


def power_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[Row]:
    """Rows of power_options.csv and grid_steps.csv."""
    for campus in campuses:
        yield from _contracted_rows(facts, campus)
        yield from _own_rows(facts, campus)
        full_mw = _facility_mw(campus)
        for offers in (_grid_offers, _gas_offers, _new_plant_offers):
            for offer in offers(facts, campus, full_mw):
                yield _offer_row(campus, offer)
