"""Power that campuses have contracted or build for themselves, as given options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from optimizer.instance.schema import GridStep, PowerKind, PowerOption, Row
from scripts.world_2026 import choices
from scripts.world_2026.choices import PLAN_START
from scripts.world_2026.facts import Facts, Region
from scripts.world_2026.rowsink import number
from scripts.world_2026.sites import Campus

_MMBTU_PER_MWH = 3.412
#: Gas prices are per higher heating value; the efficiencies of technologies.csv are per lower.
_HIGHER_OVER_LOWER = 1.108


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


def virginia_tax(facts: Facts, region: Region) -> float:
    """Tax on power of data centres in Virginia, that of their own plants included [USD/MWh]."""
    return facts.cost("tax.virginia_dc_power_tax", "USA-VA") if region.region == "US-PJM-DOM" else 0.0


def grid_firm(facts: Facts, region: Region) -> Plant:
    """Firm connection of full capacity."""
    return Plant(
        PowerKind.GRID_FIRM, facts.technology("grid_connection", "capex"), 10,
        large_load_price(region.price) + virginia_tax(facts, region), region.carbon, 1.0, 1.0, 30, 0.0,
        f"energy.csv {region.region} ({region.confidence} confidence), large-load price rule; grid_connection capex",
    )  # fmt: skip


def gas_turbine(facts: Facts, region: Region, gas_price: float) -> Plant:
    """Simple-cycle or aeroderivative turbines on site."""
    credit = facts.technology("OCGT", "capacity_credit_islanded", "2026") * heat_derating(region.design_temperature_c)
    return Plant(
        PowerKind.GAS_TURBINE, facts.technology("OCGT", "capex_market_us"), 22,
        number(fuel_cost(gas_price, facts.technology("OCGT", "efficiency_lhv")) + 7 + virginia_tax(facts, region), 3),
        0.49, round(credit, 2), 0.9, 25, 0.0,
        "technologies.csv OCGT capex_market_us, N+1, derated in heat; gas price of energy.csv",
    )  # fmt: skip


def gas_engine(facts: Facts, region: Region, gas_price: float) -> Plant:
    """Reciprocating engines on site."""
    fuel = fuel_cost(gas_price, facts.technology("recip_engine", "efficiency_lhv", "2025"))
    return Plant(
        PowerKind.GAS_ENGINE, facts.technology("recip_engine", "capex"), 25,
        number(fuel + 10 + virginia_tax(facts, region), 3), facts.technology("recip_engine", "co2", "2025"),
        facts.technology("recip_engine", "capacity_credit_islanded", "2026"), 0.95, 25, 0.0,
        "technologies.csv recip_engine, N+2; gas price of energy.csv",
    )  # fmt: skip


def fuel_cell(facts: Facts, region: Region, gas_price: float) -> Plant:
    """Solid-oxide fuel cells on pipeline gas."""
    fuel = fuel_cost(gas_price, facts.technology("fuel_cell_sofc", "efficiency_lhv", "2025"))
    capex = sum(facts.technology("fuel_cell_sofc", "capex", year) for year in ("2025", "2030")) / 2
    return Plant(
        PowerKind.FUEL_CELL, capex,
        facts.technology("fuel_cell_sofc", "fixed_om", "2025"), number(fuel + 2 + virginia_tax(facts, region), 3),
        facts.technology("fuel_cell_sofc", "co2", "2025"), 0.97, 0.97, 20, 0.0,
        "technologies.csv fuel_cell_sofc, mean of 2025 and 2030 capex; gas price of energy.csv",
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


@dataclass(frozen=True)
class _Offer:
    option: str
    plant: Plant
    available_from: int
    max_mw: float


def _offer_row(campus: Campus, offer: _Offer) -> PowerOption:
    plant = offer.plant
    return PowerOption(
        site=campus.site, option=offer.option, kind=plant.kind, available_from=offer.available_from,
        max_mw=float(round(offer.max_mw)), capex_usd_per_kw=plant.capex, fixed_usd_per_kw_year=plant.fixed,
        energy_usd_per_mwh=plant.energy, carbon_t_per_mwh=number(plant.carbon, 3), firm_credit=plant.firm_credit,
        energy_availability=plant.availability, life_years=plant.life_years, water_m3_per_mwh=plant.water,
        beside_computed=True, source=plant.source,
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
