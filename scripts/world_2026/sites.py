"""Campuses, committed builds, spend profiles and countries."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from optimizer.instance.calendar import format_month, parse_month
from optimizer.instance.schema import CommittedBuild, Country, Row, Site, SpendMilestone
from scripts.world_2026 import choices
from scripts.world_2026.facts import Facts, Record, Region, read_csv, short_citation
from scripts.world_2026.places import BLOC_OF_COUNTRY, ZONE_OF_REGION, Bloc
from scripts.world_2026.rowsink import number

_CHOICES = Path(__file__).with_name("site_choices.csv")

#: Months from commitment to an energised module, by bloc: 16 months to a first US building, 27 to a GW (Epoch);
#: China about 12; others judged from these.
LEAD_MONTHS: Mapping[Bloc, int] = {
    Bloc.US: 22, Bloc.CANADA: 24, Bloc.LATIN_AMERICA: 27, Bloc.EU: 27, Bloc.UK: 28, Bloc.NORDICS: 21, Bloc.GULF: 20,
    Bloc.MIDDLE_EAST: 24, Bloc.INDIA: 24, Bloc.JAPAN_KOREA: 28, Bloc.SOUTH_EAST_ASIA: 18, Bloc.AUSTRALIA: 24,
    Bloc.CHINA: 12, Bloc.CENTRAL_ASIA: 24, Bloc.AFRICA: 30,
}  # fmt: skip

#: First month in which a module may be committed, by the first word of the status that matches.
EARLIEST_START: tuple[tuple[str, str], ...] = (
    ("paused", "2028-07"), ("stalled", "2029-01"), ("contested", "2029-01"), ("litigated", "2028-07"),
    ("constrained", "2029-01"), ("rationed", "2029-01"), ("developer left", "2028-01"), ("power delay", "2027-07"),
    ("construction", "2027-01"), ("operating", "2027-01"), ("site works", "2027-07"), ("early works", "2027-07"),
    ("announced", "2027-07"), ("approved", "2027-07"), ("permitting", "2028-01"), ("agreement", "2028-01"),
    ("MoU", "2028-01"), ("LOI", "2028-07"), ("planning", "2028-01"), ("candidate", "2028-07"),
)  # fmt: skip

#: City of shell_cost_by_market whose cost a country or US region takes.
_COST_CITY: Mapping[str, str] = {
    "USA": "USA-Dallas/ERCOT", "CAN": "CAN-Toronto", "GBR": "GBR-London", "FRA": "FRA-Paris", "DEU": "DEU-Frankfurt",
    "ESP": "ESP-Madrid", "PRT": "PRT-Lisbon", "ITA": "ITA-Milan", "POL": "POL-Warsaw", "IRL": "IRL-Dublin",
    "NLD": "DEU-Frankfurt", "NOR": "NOR-Oslo", "SWE": "SWE-Stockholm", "FIN": "FIN-Helsinki", "DNK": "SWE-Stockholm",
    "ISL": "NOR-Oslo", "ARE": "ARE-UAE", "SAU": "SAU-Riyadh", "QAT": "SAU-Riyadh", "KWT": "SAU-Riyadh",
    "OMN": "SAU-Riyadh", "ISR": "USA-Dallas/ERCOT", "IND": "IND-Mumbai", "MYS": "MYS-Johor", "IDN": "IDN-Jakarta",
    "THA": "MYS-Johor", "JPN": "JPN-Osaka", "KOR": "KOR-Seoul", "AUS": "AUS-Sydney", "CHN": "CHN-Shanghai",
    "BRA": "BRA-Sao Paulo", "CHL": "CHL-Santiago", "ARG": "BRA-Sao Paulo", "PRY": "BRA-Sao Paulo",
    "MEX": "BRA-Sao Paulo", "KAZ": "POL-Warsaw", "UZB": "POL-Warsaw", "KEN": "KEN-Nairobi", "MAR": "ZAF-Johannesburg",
    "ZAF": "ZAF-Johannesburg", "EGY": "ZAF-Johannesburg", "US-PJM-DOM": "USA-Northern Virginia",
    "US-PJM-W": "USA-Columbus", "US-PJM-E": "USA-Columbus", "US-NYISO": "USA-Northern Virginia",
    "US-MISO-C": "USA-Columbus", "US-MISO-N": "USA-Columbus", "US-SOCO": "USA-Atlanta", "US-DUKE": "USA-Atlanta",
    "US-WECC-AZ": "USA-Phoenix", "US-WECC-NV": "USA-Phoenix",
}  # fmt: skip


@dataclass(frozen=True)
class OwnPower:
    """Power that belongs to one campus: its kind, when it can carry load, and how much in all [MW]."""

    kind: str
    available_from: int
    cumulative_mw: float


@dataclass(frozen=True)
class Campus:
    """A campus as read from the facts. IT powers are in MW."""

    site: str
    fact: Record
    region: Region
    operator: str
    operator_hq: str
    bloc: Bloc
    pue_peak: float
    total_mw: float
    before_plan_mw: float
    steps: tuple[tuple[int, float], ...]
    contracted_kind: str
    own_power: tuple[OwnPower, ...]

    @property
    def country(self) -> str:
        """ISO code of the country in which it lies."""
        return self.fact["country_iso3"]

    @property
    def status(self) -> str:
        """Status in November 2026."""
        return self.fact["status_2026_11"]

    @property
    def under_way(self) -> bool:
        """Whether its grid application has been in the queue since it was announced."""
        return ("construction" in self.status or "operating" in self.status) and "left" not in self.status

    @property
    def open_mw(self) -> float:
        """IT power that the plan may still fill: the campus without what runs before the plan."""
        return self.total_mw - self.before_plan_mw

    @property
    def module_mw(self) -> float:
        """IT power of one module: 50 to 500 by the size of the campus, no more than its smallest stated step."""
        sizes = ((150, 50), (450, 100), (1300, 200), (2400, 300))
        by_size = next((module for most, module in sizes if self.open_mw <= most), 500)
        powers = [self.before_plan_mw, *(cumulative for _, cumulative in self.steps)]
        smallest = min((after - before for before, after in pairwise(powers)), default=500.0)
        least = 200 if self.open_mw > 1500 else 100
        return float(min(by_size, max(least, 100 * round(smallest / 100))))

    @property
    def max_modules(self) -> int:
        """Modules that fit."""
        committed = sum(count for _, count in self.committed_modules)
        return max(1, round(self.open_mw / self.module_mw), committed)

    @property
    def committed_modules(self) -> tuple[tuple[int, int], ...]:
        """Month and number of the modules under construction, the cumulative total rounded to whole modules."""
        result, placed = [], 0
        for month, cumulative in self.steps:
            due = round((cumulative - self.before_plan_mw) / self.module_mw)
            if due > placed:
                result.append((month, due - placed))
                placed = due
        return tuple(result)


def _megawatts(text: str, ratio: float) -> float:
    """MW of IT from ``843i`` (IT) or ``1180f`` (facility, divided by the peak ratio)."""
    if not text:
        return 0.0
    value = float(text[:-1])
    return value if text[-1] == "i" else value / ratio


def peak_ratio(design_temperature_c: float) -> float:
    """Facility over IT power on the worst hour: 1.2 in mild climates to 1.4 in hot ones (Epoch's range)."""
    return round(min(1.4, max(1.2, 1.2 + 0.01 * (design_temperature_c - 26))), 2)


def read_campuses(facts: Facts) -> tuple[Campus, ...]:
    """Every campus of site_choices.csv with the facts behind it."""
    return tuple(_campus(facts, row) for row in read_csv(_CHOICES))


def _campus(facts: Facts, row: Record) -> Campus:
    fact = facts.sites[re.sub(r"_(us|g42)$", "", row["site"]) if row["site"].startswith("ae_") else row["site"]]
    region = facts.regions[row["region"]]
    ratio = float(row["ratio"]) if row["ratio"] else peak_ratio(region.design_temperature_c)
    own = [part.split(":") for part in row["own"].split(";") if part]
    return Campus(
        site=row["site"],
        fact=fact,
        region=region,
        operator=row["operator"],
        operator_hq="USA" if row["operator"] in ("OpenAI", "Oracle") else fact["owner_hq_iso3"],
        bloc=BLOC_OF_COUNTRY[fact["country_iso3"]],
        pue_peak=max(ratio, round(region.pue + 0.08, 2)),  # the worst hour is never the average one
        total_mw=_megawatts(row["total"], ratio),
        before_plan_mw=_megawatts(row["before_2027"], ratio),
        steps=tuple(
            (parse_month(when), _megawatts(power, ratio))
            for when, power in (step.split(":") for step in row["steps"].split(";") if step)
        ),
        contracted_kind=row["contracted"],
        own_power=tuple(OwnPower(kind, parse_month(when), float(power)) for kind, when, power in own),
    )


def module_cost(facts: Facts, campus: Campus) -> float:
    """Shell, cooling and electrical plant [USD of 2026 per kW of IT]."""
    city = _COST_CITY.get(campus.region.region) or _COST_CITY[campus.country]
    base = facts.cost("shell_cost_by_market.construction_cost", city)
    return number(1000 * base * choices.SHELL_ESCALATION * choices.AI_PREMIUM, 3)


def _earliest_start(status: str) -> str:
    return next(month for word, month in EARLIEST_START if word in status)


def _water(campus: Campus) -> float:
    """Cooling water [m3/MWh]: Epoch finds 2.9 with evaporation, 0.003 in a closed loop; dry regions close it."""
    return 0.05 if re.search("high|medium", campus.region.water_stress) else 0.6


def _spend_profile(lead_months: int) -> str:
    return "four_payments_18" if lead_months >= 18 else "four_payments_12"


def site_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[Row]:
    """Rows of sites.csv and committed.csv."""
    us_average = facts.cost("shell_cost_by_market.construction_cost", "USA-Dallas/ERCOT") * 1000
    for campus in campuses:
        cost = module_cost(facts, campus)
        # a campus under way has land and permits: its next building takes the time of a building, not of a campus
        lead = max(12, LEAD_MONTHS[campus.bloc] - (4 if campus.under_way else 0))
        shift = 0.02 if campus.site == "ae_stargate_g42" else 0.0
        yield Site(
            site=campus.site,
            name=campus.fact["name"]
            + {"ae_stargate_us": " - US-operated 80 %", "ae_stargate_g42": " - G42 20 %"}.get(campus.site, ""),
            country=campus.country,
            grid_region=campus.region.region,
            latency_zone=ZONE_OF_REGION[campus.region.region],
            latitude=float(campus.fact["latitude"]) + shift,
            longitude=float(campus.fact["longitude"]) + shift,
            operator=campus.operator,
            operator_hq=campus.operator_hq,
            pool="china" if campus.country == "CHN" else "global",
            module_mw=campus.module_mw,
            max_modules=campus.max_modules,
            earliest_start=parse_month(_earliest_start(campus.status)),
            lead_months=lead,
            max_starts_per_year=max(1, round(choices.CAMPUS_STARTS_MW_PER_YEAR / campus.module_mw)),
            open_cost_musd=round(choices.OPEN_COST_MUSD_FIXED + choices.OPEN_COST_MUSD_PER_MW * campus.open_mw),
            module_cost_usd_per_kw=cost,
            om_usd_per_kw_year=number(choices.OM_USD_PER_KW_YEAR * (0.5 + 0.5 * cost / (us_average * 1.145)), 3),
            pue_average=campus.region.pue,
            pue_peak=campus.pue_peak,
            water_m3_per_mwh=_water(campus),
            spend_profile=_spend_profile(lead),
            status=campus.status.split(";")[0].split(",")[0],
            confidence=campus.fact["confidence"],
            source=_site_source(campus),
        )
        yield from _committed_rows(campus)


def _site_source(campus: Campus) -> str:
    headline = f"{campus.fact['value'] or 'no'} MW, {campus.fact['mw_basis']}"
    reading = (
        f"[{headline}: read as {campus.total_mw:.0f} MW IT, {campus.before_plan_mw:.0f} of them running before 2027]"
    )
    return f"{short_citation(campus.fact['source'], 120)} {reading}"


def _committed_rows(campus: Campus) -> Iterator[CommittedBuild]:
    for month, modules in campus.committed_modules:
        share = min(0.8, max(0.1, (month - choices.PLAN_START) * choices.REMAINING_COST_PER_MONTH))
        yield CommittedBuild(
            site=campus.site,
            online_from=month,
            modules=modules,
            remaining_cost_share=round(share, 2),
            source=f"stated build-up {campus.fact['mw_by_date'][:90]} in modules of {campus.module_mw:.0f} MW IT",
        )


def spend_rows() -> Iterator[SpendMilestone]:
    """Four payments over the lead time: order, structure, plant, hand-over."""
    source = "assumption: order, structure, plant and hand-over paid as the work proceeds"
    for profile, months in (("four_payments_18", (0, 5, 9, 12)), ("four_payments_12", (0, 3, 5, 8))):
        for month, share in zip(months, (0.2, 0.3, 0.3, 0.2), strict=True):
            yield SpendMilestone(profile=profile, months_after_commitment=month, share=share, source=source)


def country_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[Country]:
    """Countries with a campus, with the project cost of capital of costs.csv."""
    names = {row["iso3"]: row["name"] for row in facts.groups}
    for country in sorted({campus.country for campus in campuses}):
        wacc = facts.cost("wacc_country.wacc_project_default", country) / 100
        known = not math.isnan(wacc)
        if BLOC_OF_COUNTRY[country] is Bloc.GULF:
            wacc -= choices.GULF_SOVEREIGN_DISCOUNT
        yield Country(
            country=country,
            name=names[country],
            bloc=BLOC_OF_COUNTRY[country].value,
            wacc_fraction=round(wacc, 4) if known else choices.DISCOUNT_RATE + 0.01,
            it_sales_tax_fraction={
                "USA": choices.US_IT_SALES_TAX,
                "BRA": 0.08,
                "ARG": 0.05,
                "KEN": 0.05,
                "EGY": 0.05,
            }.get(country, 0.0),
            property_tax_fraction_per_year=0.006 if country == "USA" else 0.003,
            power_tax_usd_per_mwh=-8.0 if country == "CHN" else 0.0,
            source="WACC: 8.0 + 0.8 x country risk premium (Damodaran Jan 2025), war add-on in the Gulf "
            "less 1.5 points for sovereign capital"
            if known
            else "WACC: no figure found, assumed 1 point above the discount rate",
        )


def gaps(campuses: tuple[Campus, ...]) -> Iterator[str]:
    """Steps that go backwards, which would mean a wrong reading."""
    for campus in campuses:
        for (before, lower), (after, upper) in pairwise(campus.steps):
            if after <= before or upper < lower:
                yield f"{campus.site}: {format_month(after)}"
