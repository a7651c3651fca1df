"""Technologies that campuses may build, their costs, and fuels and weather of the regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optimizer.instance.schema import Climate, FuelPrice, Row, TechnologyCost, TechnologyKind, TechnologyRow
from scripts.world_2026.facts import Facts, Region
from scripts.world_2026.power import fuel_cost, heat_derating, large_load_price, virginia_tax
from scripts.world_2026.rowsink import number
from scripts.world_2026.sites import Campus

#: Wind and solar cost less here than in American catalogues.
LOW_COST_COUNTRIES = ("CHN", "ARE", "SAU", "QAT", "OMN", "KWT", "IND", "EGY", "MAR", "CHL", "BRA")
#: Money of 2022 in that of 2026.
_ESCALATION = 1.1
#: Inverter and connection of storage [USD/kW]; turnkey prices are of four hours with it.
_STORAGE_POWER_USD_PER_KW = 150.0
#: Part of a tariff that is due for capacity, used or not [USD/kW and year]: no grid stands by for nothing.
CAPACITY_CHARGES: Mapping[str, float] = {"grid_firm": 50.0, "grid_interruptible": 30.0, "hydro_contract": 50.0}
#: MWh that a campus takes in a year of a kW of connection: PUE 1.2 x load 0.8 / peak ratio 1.37.
_MWH_PER_KW = 6.1
_YEARS = (2025, 2030, 2035)


@dataclass(frozen=True)
class HeatClass:
    """Climates in which turbines lose alike: up to a design temperature, with a name to tell them apart."""

    suffix: str
    up_to_c: float


HEAT_CLASSES = (HeatClass("", 33), HeatClass("_hot", 40), HeatClass("_desert", 99))
#: Design temperature at which capacity in the desert is rated: that of the Emirates.
_DESERT_C = 46.0


def heat_class(design_temperature_c: float) -> HeatClass:
    """Class of a climate."""
    return next(one for one in HEAT_CLASSES if design_temperature_c <= one.up_to_c)


def cost_class(country: str) -> str:
    """Suffix of the wind and solar technologies of a country."""
    return "_low_cost" if country in LOW_COST_COUNTRIES else ""


def technology_rows(facts: Facts) -> Iterator[Row]:
    """Rows of technologies.csv."""
    transformers = {"resource": "hv_transformers", "slots_mw_per_mw": 1.0}
    grid = "technologies.csv grid_connection; prices by region in fuel_prices.csv"
    common = {"lead_months": 0, "life_years": 30.0, **transformers}
    yield _technology("grid_firm", TechnologyKind.GRID_FIRM, fuel="grid", firm_credit=1.0, source=grid, **common)
    yield _technology(
        "grid_interruptible", TechnologyKind.GRID_INTERRUPTIBLE, fuel="grid_interruptible", availability=0.99,
        firm_credit=0.0, source=f"{grid}; away in the hottest 1 % of hours, so worth nothing in the worst", **common,
    )  # fmt: skip
    yield _technology(
        "hydro_contract", TechnologyKind.HYDRO_CONTRACT, fuel="hydro", availability=0.97, clean=True,
        firm_credit=facts.technology("hydro_ppa", "capacity_credit", "2026"), carbon_t_per_mwh=0.005,
        source="technologies.csv hydro_ppa; delivered over the grid", **common,
    )  # fmt: skip
    yield from _gas_rows(facts)
    yield from _weather_rows(facts)
    yield from _firm_clean_rows(facts)


def _technology(name: str, kind: TechnologyKind, **columns: object) -> TechnologyRow:
    return TechnologyRow.model_validate({"technology": name, "kind": kind, **columns})


def _gas_rows(facts: Facts) -> Iterator[Row]:
    """Turbines by heat; engines and fuel cells lose nothing. N+1 is in the capacity credit, not in a unit."""
    islanded = facts.technology("OCGT", "capacity_credit_islanded", "2026")
    for heat in HEAT_CLASSES:
        factor = heat_derating(min(heat.up_to_c, _DESERT_C))
        turbine = {
            "fuel": "gas", "lead_months": 0, "life_years": 25.0, "resource": "gas_turbines",
            "derating_per_degree": 0.011, "derating_above_c": 25.0,
        }  # fmt: skip
        yield _technology(
            f"gas_turbine{heat.suffix}", TechnologyKind.OPEN_CYCLE_GAS, availability=0.95,
            efficiency=facts.technology("OCGT", "efficiency_lhv"), firm_credit=round(islanded * factor, 3),
            source="technologies.csv OCGT; credit islanded (N+1) x derating at the design temperature of the class, "
            "23 % at 46 degrees (UAE)", **turbine,
        )  # fmt: skip
        yield _technology(
            f"gas_combined_cycle{heat.suffix}", TechnologyKind.COMBINED_CYCLE_GAS, availability=0.92,
            efficiency=facts.technology("CCGT", "efficiency_lhv"), firm_credit=round(0.9 * factor, 3),
            water_m3_per_mwh=0.7, source="technologies.csv CCGT; credit and water judged", **turbine,
        )  # fmt: skip
    small = {"fuel": "gas", "lead_months": 0, "resource": "engines_and_fuel_cells"}
    yield _technology(
        "gas_engine", TechnologyKind.GAS_ENGINE, availability=0.95, life_years=25.0,
        efficiency=facts.technology("recip_engine", "efficiency_lhv", "2025"),
        firm_credit=facts.technology("recip_engine", "capacity_credit_islanded", "2026"),
        source="technologies.csv recip_engine, N+2", **small,
    )  # fmt: skip
    yield _technology(
        "fuel_cell", TechnologyKind.FUEL_CELL, availability=0.97, life_years=20.0,
        efficiency=facts.technology("fuel_cell_sofc", "efficiency_lhv", "2025"),
        firm_credit=facts.technology("fuel_cell_sofc", "capacity_credit_islanded", "2026"),
        source="technologies.csv fuel_cell_sofc", **small,
    )  # fmt: skip


def _weather_rows(facts: Facts) -> Iterator[Row]:
    """Sun and wind count for nothing in the worst hour of one campus; ELCC figures are of whole systems."""
    plant = {"lead_months": 0, "firm_credit": 0.0, "clean": True, "resource": "hv_transformers", "slots_mw_per_mw": 0.3}
    for suffix in ("", "_low_cost"):
        source = "technologies.csv {}; no credit in the worst hour of a single campus; transformers judged"
        yield _technology(
            f"solar{suffix}", TechnologyKind.SOLAR, life_years=facts.technology("solar_pv", "lifetime", "2025"),
            source=source.format("solar_pv"), **plant,
        )  # fmt: skip
        yield _technology(
            f"onshore_wind{suffix}", TechnologyKind.ONSHORE_WIND,
            life_years=facts.technology("onshore_wind", "lifetime", "2025"), source=source.format("onshore_wind"),
            **plant,
        )  # fmt: skip
    yield _technology(
        "lithium_storage", TechnologyKind.LITHIUM_STORAGE, lead_months=0,
        efficiency=facts.technology("li_ion_energy", "round_trip_efficiency", "2025"),
        life_years=facts.technology("li_ion_energy", "lifetime", "2025"), firm_credit=0.9,
        source="technologies.csv li_ion_energy; on site it must hold four hours to count (12.7), 10 % may be out: "
        "capacity_credit_4h 0.5 is of a system with longer peaks",
    )  # fmt: skip


def _firm_clean_rows(facts: Facts) -> Iterator[Row]:
    common = {"lead_months": 0, "clean": True, "resource": "hv_transformers"}
    nuclear = {"availability": 0.92, "firm_credit": 0.93, "water_m3_per_mwh": 2.0, "life_years": 40.0}
    yield _technology(
        "nuclear_small", TechnologyKind.NUCLEAR_SMALL, source="technologies.csv nuclear_smr", **nuclear, **common
    )
    yield _technology(
        "nuclear_china", TechnologyKind.NUCLEAR_LARGE, source="technologies.csv nuclear_large; built in China",
        **nuclear, **common,
    )  # fmt: skip
    yield _technology(
        "geothermal", TechnologyKind.GEOTHERMAL, availability=0.9, water_m3_per_mwh=0.1,
        life_years=facts.technology("geothermal_hydrothermal", "lifetime", "2025"),
        firm_credit=facts.technology("geothermal_hydrothermal", "capacity_credit", "2026"),
        carbon_t_per_mwh=facts.technology("geothermal_hydrothermal", "co2", "2025"),
        source="technologies.csv geothermal_hydrothermal", **common,
    )  # fmt: skip


def cost_rows(facts: Facts) -> Iterator[Row]:
    """Rows of technology_costs.csv, money in USD of 2026."""
    connection = facts.technology("grid_connection", "capex")
    source = "technologies.csv grid_connection capex; {} USD/kW and year of what tariffs say is for capacity (judged)"
    for name, charge in CAPACITY_CHARGES.items():
        yield _cost(name, 2030, connection, 10 + charge, 0, source.format(f"{charge:g}"))
    for heat in HEAT_CLASSES:
        for year in _YEARS:
            turbine, cycle = (facts.technology(name, "capex_market_us", str(year)) for name in ("OCGT", "CCGT"))
            source = "technologies.csv {} capex_market_us"
            yield _cost(f"gas_turbine{heat.suffix}", year, turbine, 22, 7, source.format("OCGT"))
            yield _cost(f"gas_combined_cycle{heat.suffix}", year, cycle, 40, 4, source.format("CCGT"))
    for year in _YEARS:
        engine = facts.technology("recip_engine", "capex", str(year))
        cell = facts.technology("fuel_cell_sofc", "capex", str(year))
        held = facts.technology("fuel_cell_sofc", "fixed_om", "2025")
        yield _cost("gas_engine", year, engine, 25, 10, "technologies.csv recip_engine")
        yield _cost("fuel_cell", year, cell, held, 2, "technologies.csv fuel_cell_sofc")
        yield from _weather_costs(facts, year)
    for year in (2030, 2035):
        small = facts.technology("nuclear_smr", "capex", str(year))
        source = "technologies.csv nuclear_smr; fuel 11 and variable 3 USD/MWh"
        yield _cost("nuclear_small", year, small, number(0.02 * small, 3), 14, source)
    source = "3,500 USD/kW judged; fuel 11 and variable 3 USD/MWh"
    yield _cost("nuclear_china", 2030, 3500, 70, 14, source)
    for year in _YEARS:
        heat_plant = number(_ESCALATION * facts.technology("geothermal_hydrothermal", "capex", str(year)), 4)
        source = "technologies.csv geothermal_hydrothermal, USD2022 x 1.1"
        yield _cost("geothermal", year, heat_plant, number(0.0173 * heat_plant, 3), 5, source)


def _weather_costs(facts: Facts, year: int) -> Iterator[Row]:
    sun, cheap_sun = (facts.technology("solar_pv", name, str(year)) for name in ("capex", "capex_gulf_china"))
    wind, cheap_wind = (facts.technology("onshore_wind", name, str(year)) for name in ("capex", "capex_europe"))
    wind = number(_ESCALATION * wind, 4)
    yield _cost("solar", year, sun, number(0.0141 * sun, 3), 0, "technologies.csv solar_pv capex (NREL ATB)")
    yield _cost("solar_low_cost", year, cheap_sun, number(0.0141 * cheap_sun, 3), 0, "solar_pv capex_gulf_china")
    source = "technologies.csv onshore_wind capex (NREL ATB), USD2022 x 1.1"
    yield _cost("onshore_wind", year, wind, number(0.0199 * wind, 3), 0, source)
    source = "technologies.csv onshore_wind capex_europe"
    yield _cost("onshore_wind_low_cost", year, cheap_wind, number(0.0199 * cheap_wind, 3), 0, source)
    turnkey = facts.technology("li_ion_energy", "capex_market", str(year))
    cells = turnkey - _STORAGE_POWER_USD_PER_KW / 4
    source = "technologies.csv li_ion_energy capex_market of four hours, 150 USD/kW of it for the power part (judged)"
    yield TechnologyCost(
        technology="lithium_storage", year=year, capex_usd_per_kw=_STORAGE_POWER_USD_PER_KW,
        energy_capex_usd_per_kwh=number(cells, 4), fixed_usd_per_kw_year=number(0.025 * 4 * turnkey, 3), source=source,
    )  # fmt: skip


def _cost(name: str, year: int, capex: float, fixed: float, variable: float, source: str) -> TechnologyCost:
    return TechnologyCost(
        technology=name, year=year, capex_usd_per_kw=capex, fixed_usd_per_kw_year=fixed,
        variable_usd_per_mwh=variable, source=source,
    )  # fmt: skip


def fuel_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[Row]:
    """Rows of fuel_prices.csv: grid, interruptible grid, hydro and gas of every region with a campus."""
    per_heat = facts.technology("natural_gas", "co2_intensity", "2025")
    for region in _regions(campuses).values():
        tax = virginia_tax(facts, region)
        price = large_load_price(region.price)
        known = f"energy.csv {region.region} ({region.confidence} confidence)"
        source = f"{known}, large-load price rule less capacity charge; carbon: mean of 2030, 2035"
        carbon = round(region.carbon, 3)
        yield _fuel(region, "grid", _energy_price(price, "grid_firm") + tax, carbon, source)
        yield _fuel(
            region, "grid_interruptible", _energy_price(0.95 * price, "grid_interruptible") + tax, carbon, source
        )
        contract = _energy_price(min(price, facts.technology("hydro_ppa", "price", "2026")), "hydro_contract")
        yield _fuel(region, "hydro", contract + tax, 0.0, f"technologies.csv hydro_ppa, {known}; less capacity charge")
        if region.gas_price is not None:
            # the tax is on electricity; of the plants on gas, turbines stand for all
            efficiency = facts.technology("OCGT", "efficiency_lhv")
            heat = fuel_cost(region.gas_price, 1.0) + tax * efficiency
            yield _fuel(
                region, "gas", number(heat, 4), per_heat, f"{known}: gas, USD/MMBtu of the higher heating value"
            )


def _energy_price(whole: float, product: str) -> float:
    """What is left of a price [USD/MWh] for a flat load once its capacity charge is paid apart."""
    return whole - CAPACITY_CHARGES[product] / _MWH_PER_KW


def _fuel(region: Region, fuel: str, price: float, carbon: float, source: str) -> FuelPrice:
    return FuelPrice(
        fuel_region=region.region, fuel=fuel, year=2027, price_usd_per_mwh=number(price, 4), carbon_t_per_mwh=carbon,
        source=source,
    )  # fmt: skip


def climate_rows(campuses: tuple[Campus, ...]) -> Iterator[Row]:
    """Rows of climates.csv: one for each region, in the middle of its campuses."""
    places: dict[str, list[tuple[float, float]]] = {}
    for campus in campuses:
        at = (float(campus.fact["latitude"]), float(campus.fact["longitude"]))
        places.setdefault(campus.region.region, []).append(at)
    for seed, (name, region) in enumerate(_regions(campuses).items(), start=1):
        latitude, longitude = (sum(of_place) / len(places[name]) for of_place in zip(*places[name], strict=True))
        yield Climate(
            climate=name, latitude=round(latitude, 2), longitude=round(longitude, 2),
            solar_capacity_factor=region.solar_cf, wind_capacity_factor=region.wind_cf,
            mean_c=region.mean_temperature_c, design_c=region.design_temperature_c, seed=seed,
            source=f"energy.csv {name}: capacity factors, mean and design temperature; middle of its campuses",
        )  # fmt: skip


def _regions(campuses: tuple[Campus, ...]) -> Mapping[str, Region]:
    return dict(sorted({campus.region.region: campus.region for campus in campuses}.items()))
