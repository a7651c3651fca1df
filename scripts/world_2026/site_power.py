"""What each campus may build to feed itself: technologies, dates and amounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.instance.calendar import parse_month
from optimizer.instance.schema import Row, SitePower, TechnologyLimit
from scripts.world_2026.choices import PLAN_START, TODAY
from scripts.world_2026.facts import Facts
from scripts.world_2026.places import Bloc
from scripts.world_2026.sites import Campus
from scripts.world_2026.technologies import cost_class, heat_class

#: Above this fuel price [USD/MMBtu] nobody burns gas at a campus by choice.
_GAS_PRICE_LIMIT = 9.0
_ENGINE_PRICE_LIMIT = 6.0
_HYDRO_REGIONS = ("NO4", "NO2", "SE12", "IS", "PY", "CA-QC", "BR-SE", "AU-TAS")
_GEOTHERMAL_REGIONS = ("IS", "KE", "US-WECC-NV", "US-WECC-UT")
#: Where the grid is slow and fuel cells are being ordered.
_FUEL_CELL_REGIONS = ("US-PJM-W", "US-PJM-DOM", "US-PJM-E", "US-WECC-NM", "US-WECC-AZ")
_NUCLEAR_BUILDERS = ("CHN", "KOR", "FRA", "USA", "GBR", "POL")
#: Too crowded for a hundred square kilometres of wind and sun beside a campus.
_CROWDED_REGIONS = ("JP-TOKYO", "JP-N", "KR", "NL", "MY", "ID-BATAM", "GB", "IE", "FR", "DE", "IT", "PL", "IL")
#: Most that one campus may take of a bridging technology [MW facility].
_ENGINE_LIMIT_MW, _FUEL_CELL_LIMIT_MW = 600.0, 400.0
#: Capacity that carries the whole campus, spare machines and the worst heat included, as share of its peak load.
_TURBINES_FOR_ALL, _DESERT_TURBINES_FOR_ALL, _COMBINED_CYCLE_FOR_ALL = 1.36, 1.55, 1.45
#: Most of sun, wind and storage beside a campus, as share of its peak load, and in all [MW].
_SOLAR_SHARE, _WIND_SHARE, _STORAGE_SHARE = 3.0, 1.5, 4.0
_PARK_LIMIT_MW = 4000.0


@dataclass(frozen=True)
class _Offer:
    technology: str
    available_from: int
    most_mw: float
    reason: str


def facility_mw(campus: Campus) -> float:
    """Peak load of the whole campus."""
    return campus.module_mw * campus.max_modules * campus.pue_peak


def queue_credit_months(campus: Campus) -> int:
    """Months already waited for the grid: since the announcement, at most half of the typical wait."""
    announced = campus.fact["first_announced"]
    if not campus.under_way or not announced:
        return 0
    waited = TODAY - parse_month(announced[:7])
    return max(0, min(waited, campus.region.lead_typical // 2))


def _grid_offers(campus: Campus, full_mw: float) -> Iterator[_Offer]:
    region, credit = campus.region, queue_credit_months(campus)
    firm = max(PLAN_START, TODAY + region.lead_typical - credit)
    early = max(PLAN_START, TODAY + max(9, region.lead_min - credit // 2))
    waited = f", {credit} months of it behind" if credit else ""
    known = f"energy.csv {region.region} ({region.confidence} confidence)"
    yield _Offer("grid_firm", firm, full_mw, f"{known}: lead_typ {region.lead_typical} months{waited}")
    if early < firm:
        yield _Offer("grid_interruptible", early, full_mw, f"{known}: lead_min {region.lead_min} months{waited}")
    if region.region in _HYDRO_REGIONS:
        yield _Offer("hydro_contract", firm, 0.6 * full_mw, f"{known}: hydro, waits for the grid like any load")


def _gas_offers(facts: Facts, campus: Campus, full_mw: float) -> Iterator[_Offer]:
    region, price = campus.region, campus.region.gas_price
    if price is None or price > _GAS_PRICE_LIMIT or campus.bloc is Bloc.CHINA:
        return
    heat = heat_class(region.design_temperature_c).suffix
    turbine_lead = int(facts.technology("OCGT", "lead_time_aeroderivative", "2026"))
    turbines = full_mw * (_DESERT_TURBINES_FOR_ALL if heat == "_desert" else _TURBINES_FOR_ALL)
    yield _Offer(f"gas_turbine{heat}", TODAY + turbine_lead, turbines, "technologies.csv OCGT lead_time_aeroderivative")
    if price > _ENGINE_PRICE_LIMIT:
        return
    engine_lead = int(facts.technology("recip_engine", "lead_time", "2026"))
    most = min(1.1 * full_mw, _ENGINE_LIMIT_MW)
    yield _Offer("gas_engine", TODAY + engine_lead, most, "technologies.csv recip_engine lead_time; at most 600 MW")
    if region.region in _FUEL_CELL_REGIONS:
        cell_lead = int(facts.technology("fuel_cell_sofc", "lead_time", "2026")) + 3
        most = min(1.1 * full_mw, _FUEL_CELL_LIMIT_MW)
        yield _Offer("fuel_cell", TODAY + cell_lead, most, "technologies.csv fuel_cell_sofc lead_time; at most 400 MW")
    if campus.open_mw >= 1200:
        plant_lead = int(facts.technology("CCGT", "lead_time", "2025"))
        most = full_mw * _COMBINED_CYCLE_FOR_ALL
        yield _Offer(f"gas_combined_cycle{heat}", TODAY + plant_lead, most, "technologies.csv CCGT lead_time")


def _park_offers(facts: Facts, campus: Campus, full_mw: float) -> Iterator[_Offer]:
    """Sun and wind where there is room, storage everywhere."""
    region, quick = campus.region, campus.bloc is Bloc.CHINA
    storage_lead = int(facts.technology("li_ion_energy", "lead_time", "2026"))
    yield _Offer(
        "lithium_storage", TODAY + storage_lead, _STORAGE_SHARE * full_mw, "technologies.csv li_ion_energy lead_time"
    )
    if region.region in _CROWDED_REGIONS:
        return
    kind = cost_class(campus.country)
    solar_lead = 18 if quick else int(facts.technology("solar_pv", "lead_time", "2026"))
    wind_lead = 21 if quick else int(facts.technology("onshore_wind", "lead_time", "2026")) - 6
    sun, wind = (min(share * full_mw, _PARK_LIMIT_MW) for share in (_SOLAR_SHARE, _WIND_SHARE))
    yield _Offer(f"solar{kind}", TODAY + solar_lead, sun, "technologies.csv solar_pv lead_time; room judged")
    if region.wind_cf > 0:
        yield _Offer(f"onshore_wind{kind}", TODAY + wind_lead, wind, "onshore_wind lead_time less 6; room judged")


def _firm_clean_offers(facts: Facts, campus: Campus, full_mw: float) -> Iterator[_Offer]:
    region = campus.region
    if region.region in _GEOTHERMAL_REGIONS and not any(own.kind == "geothermal" for own in campus.own_power):
        geothermal_lead = int(facts.technology("geothermal_hydrothermal", "lead_time", "2026"))
        yield _Offer(
            "geothermal", TODAY + geothermal_lead, min(full_mw / 0.9, 300.0), "geothermal_hydrothermal; at most 300 MW"
        )
    if campus.country in _NUCLEAR_BUILDERS and campus.open_mw >= 2000:
        china = campus.country == "CHN"
        yield _Offer(
            "nuclear_china" if china else "nuclear_small", TODAY + (84 if china else 96), min(1.1 * full_mw, 1200.0),
            "technologies.csv nuclear_smr lead_time, 84 months in China; at most 1,200 MW",
        )  # fmt: skip


def site_power_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[Row]:
    """Rows of site_power.csv and technology_limits.csv."""
    for campus in campuses:
        region = campus.region.region
        yield SitePower(
            site=campus.site, climate=region, fuel_region=region, source=f"balancing area of the campus: {region}"
        )
        full_mw = facility_mw(campus)
        for offer in (
            *_grid_offers(campus, full_mw),
            *_gas_offers(facts, campus, full_mw),
            *_park_offers(facts, campus, full_mw),
            *_firm_clean_offers(facts, campus, full_mw),
        ):
            yield TechnologyLimit(
                site=campus.site, technology=offer.technology, available_from=offer.available_from,
                cumulative_mw=float(round(offer.most_mw)), source=offer.reason,
            )  # fmt: skip
