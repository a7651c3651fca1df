"""Present value of every cash category by country, recomputed from instance and plan tables alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.selection import RuleBook
from optimizer.plan.tables import PlanTables
from optimizer.studies.site_cash import SiteBooks, present, spread

#: Largest relative disagreement between the cash table and its parts by country: that of the audit.
TOLERANCE = 1e-6
#: Stands for cash that belongs to no country: quota steps that were not bought for one.
NO_COUNTRY = ""

CountryCash = Mapping[tuple[str, str], float]
"""Present value [B USD] by category and country."""


def cash_by_country(instance: Instance, plan: PlanTables) -> CountryCash:
    """Split the cash table of a plan by country.

    Costs and values belong to the country of their site, a quota step to the country for which it was bought; one
    that was not bought for a country belongs to none. Revenue of a market in a year belongs to the
    countries that serve it, by the compute each sells there. The totals of each category are those of the
    cash table to the last digit; what rounding leaves goes to the category's largest country.

    Raises
    ------
    ValueError
        If the parts do not add up to the cash table within the audit's tolerance.
    """
    parts: dict[tuple[str, str], float] = defaultdict(float)
    for category, country, busd in (
        *_site_cash(instance, plan),
        *_market_cash(instance, plan),
        *_step_cash(instance, plan),
    ):
        parts[category, country] += busd
    totals: dict[str, float] = defaultdict(float)
    for row in plan.cash:
        totals[row.category] += row.pv_busd
    scale = max(1.0, sum(abs(busd) for busd in totals.values()))
    for category in {*totals, *(category for category, _ in parts)}:
        own = {country: busd for (kind, country), busd in parts.items() if kind == category}
        rest = totals.get(category, 0.0) - sum(own.values())
        if abs(rest) > TOLERANCE * scale:
            message = f"{category}: the cash of countries misses the cash table by {rest:g} B USD"
            raise ValueError(message)
        largest = max(own, key=lambda country: abs(own[country])) if own else NO_COUNTRY
        parts[category, largest] += rest
    return {key: busd for key, busd in parts.items() if busd != 0}


def _site_cash(instance: Instance, plan: PlanTables) -> Iterator[tuple[str, str, float]]:
    country_of = {site.site: site.country for site in instance.sites}
    for flow in SiteBooks.of(instance, plan).flows():
        yield flow.category, country_of[flow.site], flow.present_busd


def _market_cash(instance: Instance, plan: PlanTables) -> Iterator[tuple[str, str, float]]:
    clock = Clock.of(instance)
    sold: dict[tuple[str, str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for flow in plan.serving:
        sold[flow.region, flow.workload, flow.year][flow.country] += flow.sold_h100e_million_years
        yield "serving", flow.country, -_year_discount(clock, flow.year) * flow.serving_cost_busd
        yield "revenue", flow.country, -_year_discount(clock, flow.year) * flow.stack_discount_busd
    for market in plan.demand:
        sellers = sold.get((market.region, market.workload, market.year), {})
        total = sum(sellers.values())
        for country, amount in sellers.items():
            share = amount / total if total > 0 else 0.0
            yield "revenue", country, _year_discount(clock, market.year) * market.revenue_busd * share


def _step_cash(instance: Instance, plan: PlanTables) -> Iterator[tuple[str, str, float]]:
    clock = Clock.of(instance)
    steps = RuleBook.of(instance, clock).selections
    countries = {site.country for site in instance.sites}
    for row in plan.quota_steps:
        if row.bought:
            country = row.group.rpartition("/")[2]
            payday = int(np.flatnonzero(steps[row.rule].service)[0])
            where = country if country in countries else NO_COUNTRY
            yield "quota_steps", where, -float(clock.discount[payday]) * row.cost_busd


def _year_discount(clock: Clock, year: int) -> float:
    """Present value of a dollar spread over the periods of a year by length (SEMANTICS 1.3)."""
    return present(clock, spread(clock, year, 1.0))
