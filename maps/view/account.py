"""What each campus costs and earns: recomputed from the plan tables, and shown only where it adds up to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from maps.view.model import Series, SiteAccount
from maps.view.power import options_are_known
from optimizer.instance.instance import Instance
from optimizer.model.cashbook import CashCategory
from optimizer.plan.tables import PlanTables
from optimizer.studies.site_cash import SiteBooks, SiteFlow, present, spread
from optimizer.units import BUSD_PER_MILLION_H100E_YEAR

#: Cash categories of a campus: all but those that belong to none.
SITE_CATEGORIES = tuple(str(category) for category in CashCategory if category is not CashCategory.QUOTA_STEPS)
#: Largest relative disagreement between the cash table and the campuses together: that of the audit.
TOLERANCE = 1e-6
#: Yearly cash is shown in these groups; all other categories are running costs.
_CAPITAL = frozenset({"site_opening", "modules", "committed_modules", "power_capex", "chips", "chip_taxes"})
_INFLOW = frozenset({"revenue", "chip_resale", "terminal_value"})
_GROUPS = (("inflow", "revenue, resale, value left at the end"), ("running", "running cost"), ("capital", "capital"))


@dataclass(frozen=True)
class _Seller:
    """Who sells compute together: campuses of a country and zone, with chips of one stack (SEMANTICS 5.1)."""

    country: str
    zone: str
    stack: str


def site_accounts(instance: Instance, tables: PlanTables) -> Mapping[str, SiteAccount]:
    """Account of every campus with cash; empty if they do not add up to the cash table.

    Costs, and what is left at the end, are those of the campus. Revenue and serving cost are sold by a country, zone
    and stack together: a campus has its share of their compute in the year. Quota steps belong to no campus.
    """
    if not options_are_known(instance, tables):
        return {}
    books = SiteBooks.of(instance, tables)
    flows = [*books.flows(), *_sales(instance, tables, books)]
    if not _adds_up(tables, flows):
        return {}
    of_site: dict[str, list[SiteFlow]] = defaultdict(list)
    for flow in flows:
        of_site[flow.site].append(flow)
    made = {site: _account(instance, books, site, own) for site, own in of_site.items()}
    return {site: account for site, account in made.items() if any(account.present_busd)}


def _adds_up(tables: PlanTables, flows: Iterable[SiteFlow]) -> bool:
    stated: dict[str, float] = defaultdict(float)
    for row in tables.cash:
        stated[row.category] += row.pv_busd
    scale = max(1.0, sum(abs(busd) for busd in stated.values()))
    stated.pop("quota_steps", None)
    for flow in flows:
        stated[flow.category] -= flow.present_busd
    return all(abs(rest) <= TOLERANCE * scale for rest in stated.values())


def _sales(instance: Instance, tables: PlanTables, books: SiteBooks) -> Iterator[SiteFlow]:
    """Revenue and serving cost, shared out by compute."""
    clock = books.clock
    sold: dict[tuple[str, str, int], float] = defaultdict(float)
    revenue: dict[tuple[str, str, int], float] = defaultdict(float)
    for block in tables.demand:
        revenue[block.region, block.workload, block.year] += block.revenue_busd
    for flow in tables.serving:
        sold[flow.region, flow.workload, flow.year] += flow.sold_h100e_million_years
    earned: dict[tuple[_Seller, int, str], float] = defaultdict(float)
    for flow in tables.serving:
        market = (flow.region, flow.workload, flow.year)
        share = flow.sold_h100e_million_years / sold[market] if sold[market] > 0 else 0.0
        seller = _Seller(flow.country, flow.latency_zone, flow.stack)
        earned[seller, flow.year, "revenue"] += share * revenue[market] - flow.stack_discount_busd
        earned[seller, flow.year, "serving"] -= flow.serving_cost_busd
    compute = _compute(instance, books)
    for (seller, year, category), busd in earned.items():
        offered = compute[seller, year]
        total = sum(offered.values())
        for site, own in offered.items():
            series = spread(clock, year, busd * own / total)
            yield SiteFlow(site, category, series, present(clock, series))


def _compute(instance: Instance, books: SiteBooks) -> Mapping[tuple[_Seller, int], Mapping[str, float]]:
    """Compute of each campus in a year, by who sells it [million H100e-years]."""
    found: dict[tuple[_Seller, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (name, _), fleet in books.fleets.items():
        site = instance.site_by_id[name]
        seller = _Seller(site.country, site.latency_zone, fleet.chip.stack)
        for year, amount in books.clock.yearly(fleet.compute).items():
            if amount > 0:
                found[seller, year][name] += amount
    return found


def _account(instance: Instance, books: SiteBooks, site: str, flows: Iterable[SiteFlow]) -> SiteAccount:
    clock = books.clock
    present_of: dict[str, float] = defaultdict(float)
    yearly = {group: dict.fromkeys(instance.calendar.years, 0.0) for group, _ in _GROUPS}
    for flow in flows:
        present_of[flow.category] += flow.present_busd
        group = "inflow" if flow.category in _INFLOW else "capital" if flow.category in _CAPITAL else "running"
        for year, periods in clock.periods_of_year.items():
            yearly[group][year] += float(flow.busd[list(periods)].sum())
    hours = sum(
        float((fleet.compute * clock.lengths * clock.discount).sum()) * BUSD_PER_MILLION_H100E_YEAR
        for (name, _), fleet in books.fleets.items()
        if name == site
    )  # present value of one dollar for every H100e-hour [B USD]
    earned = present_of.get("revenue", 0.0)
    value = sum(present_of.values())
    return SiteAccount(
        present_busd=tuple(present_of.get(category, 0.0) for category in SITE_CATEGORIES),
        yearly_busd=tuple(Series(group, label, tuple(yearly[group].values())) for group, label in _GROUPS),
        value_busd=value,
        revenue_usd_per_h100e_hour=earned / hours if hours > 0 else None,
        cost_usd_per_h100e_hour=(earned - value) / hours if hours > 0 else None,
    )
