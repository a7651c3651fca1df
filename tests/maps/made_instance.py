"""The instance of the made-up plans: campuses in clusters, a few chips, and rules of every effect that maps show."""

from __future__ import annotations

import random
from collections.abc import Sequence

from optimizer.instance.instance import Instance
from optimizer.instance.schema import CommittedBuild, PowerOption, Rule, Site
from tests import instances as make

#: (name, country, latitude, longitude, spread in degrees, weight)
CLUSTERS = (
    ("Texas", "USA", 32.0, -99.5, 2.6, 8),
    ("Midwest", "USA", 40.5, -86.0, 4.0, 7),
    ("East", "USA", 37.5, -79.0, 2.5, 5),
    ("Mountain", "USA", 38.0, -110.0, 4.5, 4),
    ("Gulf", "ARE", 24.4, 54.4, 0.8, 3),
    ("Saudi", "SAU", 24.5, 45.5, 3.5, 3),
    ("Nordic", "SWE", 64.5, 19.5, 3.5, 4),
    ("France", "FRA", 47.5, 2.4, 2.0, 4),
    ("Britain", "GBR", 53.0, -1.5, 1.6, 4),
    ("India", "IND", 19.0, 76.0, 4.5, 3),
    ("China", "CHN", 38.0, 109.0, 6.5, 4),
    ("Japan", "JPN", 36.0, 138.5, 1.6, 2),
    ("Malaysia", "MYS", 2.2, 103.4, 0.9, 1),
    ("Brazil", "BRA", -14.0, -46.0, 6.0, 1),
    ("Australia", "AUS", -33.5, 149.0, 2.0, 1),
    ("Cape", "ZAF", -32.0, 22.0, 2.0, 1),
)
BLOCS = {
    "USA": "US", "ARE": "Gulf", "SAU": "Gulf", "SWE": "EU", "FRA": "EU", "GBR": "UK", "IND": "India", "CHN": "China",
    "JPN": "Asia-Pacific", "MYS": "Asia-Pacific", "BRA": "Latin_America", "AUS": "Asia-Pacific", "ZAF": "Africa",
}  # fmt: skip
COUNTRY_NAMES = {
    "USA": "United States", "ARE": "Emirates", "SAU": "Saudi Arabia", "SWE": "Sweden", "FRA": "France", "IND": "India",
    "GBR": "United Kingdom", "CHN": "China", "JPN": "Japan", "MYS": "Malaysia", "BRA": "Brazil", "AUS": "Australia",
    "ZAF": "South Africa",
}  # fmt: skip
KINDS = ("grid_firm", "gas_turbine", "hydro", "nuclear", "renewables_storage", "grid_interruptible", "gas_engine")
#: Kinds that stand before the others may.
BRIDGES = ("gas_turbine", "gas_engine")
LIFE_MONTHS = 60
CHIPS = (
    ("B300", "Blackwell Ultra", "us", "2025-06", 2.4, 1.9),
    ("R200", "Rubin", "us", "2027-01", 4.0, 2.4),
    ("F300", "Feynman", "us", "2030-01", 9.0, 3.0),
    ("A950", "Ascend 950", "cn", "2026-06", 0.9, 1.2),
)
QUARTERS = 40
EMIRATES_QUOTA = 0.1
"""Million chips of each operator, and one million more if it buys the step."""


def make_instance(count: int, dice: random.Random, names: Sequence[str], title: str) -> Instance:
    """An instance of 40 quarters with `count` sites; `names` replace the first names."""
    sites, committed = _sites(count, dice, names)
    codes = dict.fromkeys(site.country for site in sites)
    rules = _rules()
    return make.instance(
        settings=make.settings(
            months=3, count=QUARTERS, decision_every_months=6, name="made_up", title=title, policy={"regime": "test"},
            finance={"discount_rate": 0.09}, solver={"gap": 0.01},
        ),
        sites=sites,
        committed=committed,
        countries=[
            make.country(code, bloc=BLOCS[code]).model_copy(update={"name": COUNTRY_NAMES[code]}) for code in codes
        ],
        chips=[
            make.chip(
                c, stack=s, release=r, performance_h100e=p, it_power_kw=kw, life_months=LIFE_MONTHS, end_of_sale="2050",
                design_country="CHN" if s == "cn" else "USA",
            ).model_copy(update={"name": n})
            for c, n, s, r, p, kw in CHIPS
        ],
        power_options=_power_options(sites),
        demand_regions=[make.region("america"), make.region("europe")],
        rules=rules,
        regimes=[make.regime(rule.rule) for rule in rules],
    )  # fmt: skip


def _sites(count: int, dice: random.Random, names: Sequence[str]) -> tuple[list[Site], list[CommittedBuild]]:
    """Sites, the first ones one a cluster, and modules committed at every third."""
    first = list(CLUSTERS)[:count]
    extra = dice.choices(CLUSTERS, weights=[c[5] for c in CLUSTERS], k=max(0, count - len(first)))
    sites, committed = [], []
    for i, (place, country, lat, lon, spread, _) in enumerate([*first, *extra]):
        name = names[i] if i < len(names) else f"{place} Campus {i} (Builder/Lessee; leased to User)"
        sites.append(
            make.site(
                f"s{i:03d}", country=country, latitude=round(lat + dice.uniform(-spread, spread), 3),
                longitude=round(lon + dice.uniform(-spread, spread), 3), grid_region=f"grid_{country}",
                operator=f"Operator {i % 7}", operator_hq="CHN" if country == "CHN" else "USA",
                module_mw=dice.choice([100, 200, 250, 400]), max_modules=dice.randint(2, 9),
                status=dice.choice(["candidate", "announced", "construction"]),
                confidence=dice.choice(["high", "medium", "low"]),
                source=f"Register of campuses, row {i}; page {i * 3}",
            ).model_copy(update={"name": name})
        )  # fmt: skip
        if i % 3 == 0:
            committed.append(make.committed(f"s{i:03d}", online_from="2027-07", modules=1, remaining_cost_share=0.4))
    return sites, committed


def _power_options(sites: Sequence[Site]) -> list[PowerOption]:
    """Every kind at every site; bridges from the first day, the others later."""
    return [
        make.power_option(
            site.site,
            kind,
            kind=kind,
            fixed_usd_per_kw_year=20,
            capex_usd_per_kw=1600,
            life_years=25,
            energy_availability=0.97 if kind == "grid_interruptible" else 1,
            available_from="2020" if kind in BRIDGES else str(2028 + i % 4),
        )
        for i, site in enumerate(sites)
        for kind in KINDS
    ]


def _rules() -> list[Rule]:
    return [
        make.rule("us_deny_d5", title="No advanced chips to D:5", chip_test='stack == "us"', destination="CHN"),
        make.rule(
            "gulf_cap", "cap_stock", title="Gulf stock cap", destination="ARE | SAU", quantity=1.5,
            measure="h100e_million",
        ),
        make.rule(
            "asia_yearly", "cap_yearly", title="Yearly cap for Asia", destination="MYS", quantity=0.5,
            measure="chips_million",
        ),
        make.rule(
            "gulf_licence", "licence", title="Licences for the Gulf", chip_test='stack == "us"',
            destination="ARE | SAU", citation="test law 2, section 7",
        ),
        make.rule(
            "emirates_quota", "allow", title="Emirates: so many without licence", chip_test='stack == "us"',
            destination="ARE", quantity=EMIRATES_QUOTA, measure="chips_million", period="cumulative",
            per="operator_country",
        ),
        make.rule(
            "emirates_more", "quota_step", title="Emirates: more by agreement", destination="ARE", quantity=1,
            raises="emirates_quota", cost_busd=2.5,
        ),
        make.rule(
            "india_refused", "licence", title="Feynman to India: presumption of denial", probability=0,
            chip_test='chip == "F300"', destination="IND", effective_from="2031",
        ),
        make.rule("bygone", title="A rule of other days", effective_to="2025", citation="repealed law"),
    ]  # fmt: skip
