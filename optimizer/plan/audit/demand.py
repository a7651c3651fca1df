"""Recomputes sales: who may serve whom, what is offered, sold and earned, and sovereignty (SEMANTICS 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from optimizer import units
from optimizer.instance.instance import Instance
from optimizer.plan.audit.chips import Fleet
from optimizer.plan.audit.clock import Clock, Memberships
from optimizer.plan.audit.ledger import Ledger
from optimizer.plan.tables import DemandServed, Serving

Market = tuple[str, str, int]
"""Region, workload and year."""


@dataclass(frozen=True)
class SovereigntyUse:
    """What is served from the allowed countries, against what must be [million H100e-years] (5.5)."""

    region: str
    workload: str
    year: int
    served: float
    required: float


@dataclass(frozen=True)
class Sales:
    """What is sold, earned and spent on serving, by year.

    Attributes
    ----------
    revenue, serving_cost
        B USD of each year; revenue after stack discounts.
    tokens
        Trillion tokens of each year.
    unmet
        Compute that a region wanted and did not get in a year of the plan [million H100e-years] (7.16).
    """

    revenue: Mapping[int, float]
    serving_cost: Mapping[int, float]
    tokens: Mapping[int, float]
    sovereignty: Sequence[SovereigntyUse]
    unmet: Mapping[tuple[str, int], float]


def audit_demand(
    ledger: Ledger,
    instance: Instance,
    clock: Clock,
    memberships: Memberships,
    fleets: Iterable[Fleet],
    tables: tuple[Sequence[Serving], Sequence[DemandServed]],
) -> Sales:
    """Check every sale and every price block; return what they bring in."""
    serving, blocks = tables
    allowed = _allowed_rows(ledger, instance, serving)
    _audit_offers(ledger, instance, clock, fleets, allowed)
    cost, tokens = _audit_serving(ledger, instance, clock, allowed)
    gross, sold_in_blocks = _audit_blocks(ledger, instance, clock, blocks)
    discounts = _audit_discounts(ledger, instance, clock, allowed)
    revenue = {year: gross[year] - discounts[year] for year in gross}
    served: dict[Market, float] = defaultdict(float)
    for row in serving:
        served[row.region, row.workload, row.year] += row.sold_h100e_million_years
    for market in sorted(served.keys() | sold_in_blocks.keys()):
        where = " ".join(str(part) for part in market)
        ledger.equal("demand.balance", "demand", where, sold_in_blocks.get(market, 0.0), served.get(market, 0.0))
    uses = sovereignty_uses(instance, clock, memberships, serving)
    for use in uses:
        where = f"{use.region} {use.workload} {use.year}"
        ledger.at_least("demand.sovereignty", "serving", where, use.served, use.required)
    return Sales(revenue, cost, tokens, uses, _unmet(instance, clock, blocks))


def _allowed_rows(ledger: Ledger, instance: Instance, rows: Sequence[Serving]) -> list[Serving]:
    """Sales over a pair that exists, fast enough, to a market that accepts the stack (5.2)."""
    rtt = {(row.latency_zone, row.region): row.rtt_ms for row in instance.latency}
    places = {(site.country, site.latency_zone) for site in instance.sites}
    stacks = {chip.stack for chip in instance.chips}
    allowed = []
    for row in rows:
        longest = instance.workload_by_id[row.workload].max_latency_ms
        here = (row.country, row.latency_zone) in places
        near = rtt.get((row.latency_zone, row.region), float("inf")) <= longest
        accepts = row.stack in stacks and row.stack in instance.region_by_id[row.region].accepted_stacks
        passes = ledger.holds("serving.place", row, "country", here, "no site lies in this country and zone")
        passes = ledger.holds("serving.latency", row, "latency_zone", near, "no pair, or too far") and passes
        passes = ledger.holds("serving.stack", row, "stack", accepts, "the market does not accept it") and passes
        sold = row.sold_h100e_million_years > 0
        ledger.holds("serving.row", row, "sold_h100e_million_years", sold, "nothing is sold")
        if passes:
            allowed.append(row)
    return allowed


def _audit_offers(
    ledger: Ledger, instance: Instance, clock: Clock, fleets: Iterable[Fleet], rows: Sequence[Serving]
) -> None:
    """Check that what is sold, over its utilisation, is offered by the chips there (5.1, 5.2)."""
    offered: dict[tuple[str, str, str, int], float] = defaultdict(float)
    for fleet in fleets:
        for year, compute in clock.yearly(fleet.compute).items():
            offered[fleet.site.country, fleet.site.latency_zone, fleet.chip.stack, year] += compute
    taken: dict[tuple[str, str, str, int], float] = defaultdict(float)
    for row in rows:
        use = row.sold_h100e_million_years / instance.workload_by_id[row.workload].utilisation
        taken[row.country, row.latency_zone, row.stack, row.year] += use
    for key, amount in taken.items():
        where = " ".join(str(part) for part in key)
        ledger.at_most("serving.offered", "serving", where, amount, offered.get(key, 0.0))


def _audit_serving(
    ledger: Ledger, instance: Instance, clock: Clock, rows: Sequence[Serving]
) -> tuple[dict[int, float], dict[int, float]]:
    """Check cost and tokens of every sale (5.4, 5.6); return both by year."""
    usd_per_hour = {(row.latency_zone, row.region): row.serving_cost_usd_per_h100e_hour for row in instance.latency}
    cost = dict.fromkeys(clock.periods_of_year, 0.0)
    tokens = dict.fromkeys(clock.periods_of_year, 0.0)
    # Million H100e-years x hours x seconds x tokens/s = million tokens; a trillion is a million of these.
    trillions = units.HOURS_PER_YEAR * units.SECONDS_PER_HOUR / 1e6
    for row in rows:
        sold = row.sold_h100e_million_years
        row_cost = sold * usd_per_hour[row.latency_zone, row.region] * units.BUSD_PER_MILLION_H100E_YEAR
        row_tokens = sold * trillions * instance.workload_by_id[row.workload].tokens_per_h100e_second
        ledger.number("serving.cost", row, "serving_cost_busd", row_cost)
        ledger.number("serving.tokens", row, "tokens_trillion", row_tokens)
        cost[row.year] += row_cost
        tokens[row.year] += row_tokens
    return cost, tokens


def _audit_discounts(ledger: Ledger, instance: Instance, clock: Clock, rows: Sequence[Serving]) -> dict[int, float]:
    """Check what markets pay less for a stack (7.15); return it by year [B USD]."""
    multiplier = {(row.region, row.stack): row.price_multiplier for row in instance.stack_prices}
    anchor = {(row.region, row.workload, row.year): row.price_usd_per_h100e_hour for row in instance.demand}
    discounts = dict.fromkeys(clock.periods_of_year, 0.0)
    for row in rows:
        usd_per_hour = anchor.get((row.region, row.workload, row.year), 0.0)
        less = (1 - multiplier.get((row.region, row.stack), 1.0)) * usd_per_hour
        discount = row.sold_h100e_million_years * less * units.BUSD_PER_MILLION_H100E_YEAR
        ledger.number("serving.stack_discount", row, "stack_discount_busd", discount)
        discounts[row.year] += discount
    return discounts


def _unmet(instance: Instance, clock: Clock, rows: Sequence[DemandServed]) -> dict[tuple[str, int], float]:
    """What every region wanted and did not get in each year of the plan (7.16)."""
    shares: dict[str, float] = defaultdict(float)
    for block in instance.price_blocks:
        shares[block.workload] += block.quantity_share
    unmet: dict[tuple[str, int], float] = defaultdict(float)
    for wanted in instance.demand:
        share_of_year = clock.months_of_year.get(wanted.year, 0) / 12
        amount = shares[wanted.workload] * wanted.quantity_h100e_million * share_of_year
        unmet[wanted.region, wanted.year] += amount
    for row in rows:
        unmet[row.region, row.year] -= row.sold_h100e_million_years
    return {key: max(0.0, amount) for key, amount in unmet.items()}


def _audit_blocks(
    ledger: Ledger, instance: Instance, clock: Clock, rows: Sequence[DemandServed]
) -> tuple[dict[int, float], dict[Market, float]]:
    """Check that every block has a row and sells no more than it may, at its price (5.3); return revenue and sales."""
    stated = {(row.region, row.workload, row.year, row.block): row for row in rows}
    revenue = dict.fromkeys(clock.periods_of_year, 0.0)
    sold: dict[Market, float] = defaultdict(float)
    blocks = defaultdict(list)
    for block in instance.price_blocks:
        blocks[block.workload].append(block)
    for wanted in instance.demand:
        share_of_year = clock.months_of_year.get(wanted.year, 0) / 12
        for block in blocks[wanted.workload] if share_of_year else ():
            row = stated.pop((wanted.region, wanted.workload, wanted.year, block.block), None)
            where = f"{wanted.region} {wanted.workload} {wanted.year} {block.block}"
            if row is None:
                ledger.absent("demand.rows", "demand", where, "this price block has no row")
                continue
            offered = block.quantity_share * wanted.quantity_h100e_million * share_of_year
            price = block.price_multiplier * wanted.price_usd_per_h100e_hour
            earned = row.sold_h100e_million_years * price * units.BUSD_PER_MILLION_H100E_YEAR
            ledger.number("demand.offered", row, "offered_h100e_million_years", offered)
            ledger.number("demand.price", row, "price_usd_per_h100e_hour", price)
            ledger.number("demand.revenue", row, "revenue_busd", earned)
            ledger.at_most("demand.block", "demand", where, row.sold_h100e_million_years, offered)
            revenue[wanted.year] += earned
            sold[wanted.region, wanted.workload, wanted.year] += row.sold_h100e_million_years
    for row in stated.values():
        ledger.holds("demand.rows", row, "block", condition=False, message="the instance has no such price block")
    return revenue, sold


def sovereignty_uses(
    instance: Instance, clock: Clock, memberships: Memberships, serving: Sequence[Serving]
) -> list[SovereigntyUse]:
    """Both sides of every sovereignty requirement in every year with demand (5.5)."""
    wanted = {(row.region, row.workload, row.year) for row in instance.demand}
    by_market: dict[Market, list[Serving]] = defaultdict(list)
    for row in serving:
        by_market[row.region, row.workload, row.year].append(row)
    uses = []
    for rule in instance.sovereignty:
        for year in clock.periods_of_year:
            market = (rule.region, rule.workload, year)
            if year < rule.first_year or market not in wanted:
                continue
            day = clock.membership_day(year)
            rows = by_market[market]
            total = sum(row.sold_h100e_million_years for row in rows)
            within = sum(
                row.sold_h100e_million_years for row in rows if memberships.contains(rule.allowed, row.country, day)
            )
            uses.append(SovereigntyUse(rule.region, rule.workload, year, within, rule.minimum_share * total))
    return uses
