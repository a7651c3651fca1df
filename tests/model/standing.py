"""Campuses that stand and have power, so that only chips are decided, with rules whose optimum can be worked out.

A chip costs 10,000 USD and earns 17,520 USD a year abroad; power at home costs so much that abroad is better and home
is filled besides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Rule
from tests import instances as make
from tests.solving import Solved

EXACT = 1e-9
YEARS = (2027, 2028, 2029)
PLACES = {"USA": (32.0, -97.0), "ARE": (24.0, 54.0), "SAU": (24.0, 45.0), "QAT": (25.3, 51.5)}


def campus(country: str, operator: str = "Alef", *, gw: int = 50, name: str = "", **changes: Any) -> Any:
    """A site in a country, by default with room for more chips than any rule here allows."""
    latitude, longitude = PLACES[country]
    place = {"country": country, "latitude": latitude, "longitude": longitude, "grid_region": country}
    name = name or f"{operator}-{country}".lower()
    return make.site(name, operator=operator, max_modules=gw, **{**place, **changes})


def standing(sites: Iterable[Any], rules: Iterable[Rule], *, years: int = 1, **tables: Any) -> Instance:
    """Campuses that stand, unlimited chips and demand, and rules; power is dear at home."""
    sites, rules = list(sites), list(rules)
    span = YEARS[:years]
    defaults: dict[str, Any] = {
        "settings": make.settings(count=years, policy={"regime": "test" if rules else "none"}),
        "sites": sites,
        "committed": [make.committed(site.site, modules=site.max_modules) for site in sites],
        "power_options": [
            make.power_option(site.site, fixed_usd_per_kw_year=5000 if site.country == "USA" else 0) for site in sites
        ],
        "chip_supply": [make.supply(during=str(year), units=1e9) for year in span],
        "demand": [make.demand(year=year, quantity_h100e_million=1000) for year in span],
        "rules": rules,
        "regimes": [make.regime(rule.rule) for rule in rules],
    }
    return make.instance(**{**defaults, **tables})


def by_place(solved: Solved, *, cumulative: bool = True) -> Mapping[tuple[str, str], list[float]]:
    """Million chips put to work at each site up to (or in) each year, by operator and country."""
    sites = solved.model.context.instance.site_by_id
    labels = solved.model.context.instance.calendar.labels
    found: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * len(labels))
    for (name, _, period), million in solved.installed().items():
        first = labels.index(period)
        for t in range(first, len(labels) if cumulative else first + 1):
            found[sites[name].operator, sites[name].country][t] += million
    return found


def quota(name: str = "Q", quantity: float = 0.3, period: str = "cumulative", **changes: Any) -> Rule:
    """A permit for chips abroad."""
    abroad = {"destination": "any - USA", "measure": "chips_million"}
    return make.rule(name, "allow", quantity=quantity, period=period, **{**abroad, **changes})


def refused(**changes: Any) -> Rule:
    """Nothing travels abroad without a permit."""
    return make.rule("LICENCE", "licence", **{"destination": "any - USA", "probability": 0, **changes})
