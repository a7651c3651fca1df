"""Who is served from where, at what price, and under whose law (SEMANTICS 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.algebra import pyo
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.schema import Demand, PriceBlock
from optimizer.model.cashbook import CashCategory
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term, linear
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.zones import MarketNode
from optimizer.units import BUSD_PER_MILLION_H100E_YEAR

#: Market node, stack, region, workload, year.
Arc = tuple[MarketNode, str, str, str, int]
#: Region, workload, year.
Market = tuple[str, str, int]


@dataclass(frozen=True)
class Markets:
    """Sales decisions.

    Variables
    ---------
    sold[node, stack, region, workload, year]
        Compute sold from a market node [million H100e-years].
    bought[region, workload, year, block]
        Compute sold in a price block [million H100e-years]; bounded by the size of the block.
    """

    context: ModelContext
    arcs: tuple[Arc, ...]


def block_size(context: ModelContext, demand: Demand, block: PriceBlock) -> float:
    """Most that a price block takes in a year (SEMANTICS 5.3) [million H100e-years]."""
    return block.quantity_share * demand.quantity_h100e_million * context.timing.year_length(demand.year)


def block_sizes(context: ModelContext) -> dict[tuple[str, str, int, int], float]:
    """Most that each price block takes in each year of the plan, where that is anything [million H100e-years]."""
    blocks: dict[str, list[PriceBlock]] = defaultdict(list)
    for block in context.instance.price_blocks:
        blocks[block.workload].append(block)
    return {
        (row.region, row.workload, row.year, block.block): size
        for row in context.instance.demand
        if row.year in context.timing.years
        for block in blocks[row.workload]
        if (size := block_size(context, row, block)) > 0
    }


def add_demand(context: ModelContext) -> Markets:
    """Add sales variables and their rows."""
    suppliers = _compute_by_node(context)
    markets = Markets(context, tuple(_lawful_arcs(context, suppliers)))
    _add_sales(markets)
    _add_capacity(markets, suppliers)
    return markets


def _compute_by_node(context: ModelContext) -> Mapping[tuple[MarketNode, str, int], list[Term]]:
    """Terms of the compute that each node and stack offers in a year [million H100e-years]."""
    nodes = {zone.name: zone.node for zone in context.zones}
    offered: dict[tuple[MarketNode, str, int], list[Term]] = defaultdict(list)
    for (zone, stack, t), variable in context.model.compute.items():
        key = (nodes[zone], stack, context.timing.year(t))
        offered[key].append((context.timing.length(t), variable))
    return offered


def _lawful_arcs(context: ModelContext, suppliers: Mapping[tuple[MarketNode, str, int], list[Term]]) -> list[Arc]:
    """Arcs within latency, with an accepted stack, towards positive demand (SEMANTICS 5.2)."""
    instance = context.instance
    wanted: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in instance.demand:
        if row.quantity_h100e_million > 0 and row.year in context.timing.years:
            wanted[row.region, row.year].append(row.workload)
    reach: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for pair in instance.latency:
        reach[pair.latency_zone].append((pair.region, pair.rtt_ms))
    arcs = [
        (node, stack, region, workload, year)
        for node, stack, year in suppliers
        for region, rtt_ms in reach[node.latency_zone]
        if stack in instance.region_by_id[region].accepted_stacks
        for workload in wanted[region, year]
        if rtt_ms <= instance.workload_by_id[workload].max_latency_ms
    ]
    reached = {(region, workload, year) for _, _, region, workload, year in arcs}
    for (region, year), workloads in wanted.items():
        for workload in workloads:
            if (region, workload, year) not in reached:
                name = f"{region}/{workload}/{year}"
                context.vacuous.append(Vacuous("demand", name, "nothing on line may serve it in that year"))
    return arcs


def _add_sales(markets: Markets) -> None:
    """Sum over nodes of sold = sum over blocks of bought; formulation.md (11)."""
    context, model = markets.context, markets.context.model
    model.sold = pyo.Var(markets.arcs, within=pyo.NonNegativeReals)
    served: dict[Market, list[Term]] = defaultdict(list)
    for node, stack, region, workload, year in markets.arcs:
        served[region, workload, year].append((1.0, model.sold[node, stack, region, workload, year]))
    sizes = {key: size for key, size in block_sizes(context).items() if key[:3] in served}
    model.bought = pyo.Var(list(sizes), within=pyo.NonNegativeReals, bounds=lambda _, *key: (0, sizes[key]))
    taken: dict[Market, list[Term]] = defaultdict(list)
    for region, workload, year, number in sizes:
        taken[region, workload, year].append((-1.0, model.bought[region, workload, year, number]))

    def sales_fill_blocks(_: pyo.ConcreteModel, region: str, workload: str, year: int) -> object:
        return linear(served[region, workload, year] + taken[region, workload, year]) == 0

    model.sales_fill_blocks = pyo.Constraint(list(served), rule=sales_fill_blocks)


def _add_capacity(markets: Markets, suppliers: Mapping[tuple[MarketNode, str, int], list[Term]]) -> None:
    """Sum of sold / utilisation <= compute offered in the year; formulation.md (10)."""
    context, model = markets.context, markets.context.model
    sales: dict[tuple[MarketNode, str, int], list[Term]] = defaultdict(list)
    for node, stack, region, workload, year in markets.arcs:
        share = context.instance.workload_by_id[workload].utilisation
        sales[node, stack, year].append((1 / share, model.sold[node, stack, region, workload, year]))

    def sales_within_compute(_: pyo.ConcreteModel, node: MarketNode, stack: str, year: int) -> object:
        offered = suppliers[node, stack, year]
        return linear([*sales[node, stack, year], *((-weight, variable) for weight, variable in offered)]) <= 0

    model.sales_within_compute = pyo.Constraint(list(sales), rule=sales_within_compute)


def sovereignty_rows(markets: Markets) -> Rows:
    """Sold from allowed countries >= minimum_share x sold; formulation.md (12)."""
    context, model, timing = markets.context, markets.context.model, markets.context.timing
    arcs: dict[Market, list[Arc]] = defaultdict(list)
    for arc in markets.arcs:
        arcs[arc[2], arc[3], arc[4]].append(arc)
    rows: dict[tuple[str, str, int], LinearRow] = {}
    for row in context.instance.sovereignty:
        allowed = parse_country_set(row.allowed)
        for year in timing.years:
            market = (row.region, row.workload, year)
            if year < row.first_year or market not in arcs:
                continue
            month = max(12 * year, timing.calendar.start)
            inside = {
                country: allowed.contains(country, month, context.instance.groups)
                for country in {arc[0].country for arc in arcs[market]}
            }
            terms = [
                ((1.0 if inside[arc[0].country] else 0.0) - row.minimum_share, model.sold[arc]) for arc in arcs[market]
            ]
            rows[market] = LinearRow([term for term in terms if term[0] != 0], lower=0.0)
    return rows


def record_sales_cash(markets: Markets) -> None:
    """Record revenue of the blocks, and the cost of serving from afar."""
    context, model, instance = markets.context, markets.context.model, markets.context.instance
    anchor = {(row.region, row.workload, row.year): row.price_usd_per_h100e_hour for row in instance.demand}
    multiplier = {(block.workload, block.block): block.price_multiplier for block in instance.price_blocks}
    for region, workload, year, block in model.bought:
        price = anchor[region, workload, year] * multiplier[workload, block]
        present_value = context.timing.year_discount[year] * price * BUSD_PER_MILLION_H100E_YEAR
        context.cash.add(CashCategory.REVENUE, present_value, model.bought[region, workload, year, block])
    _record_stack_discounts(markets, anchor)
    serving = {(row.latency_zone, row.region): row.serving_cost_usd_per_h100e_hour for row in instance.latency}
    for arc in markets.arcs:
        cost = serving[arc[0].latency_zone, arc[2]] * BUSD_PER_MILLION_H100E_YEAR
        context.cash.add(CashCategory.SERVING, -context.timing.year_discount[arc[4]] * cost, model.sold[arc])


def _record_stack_discounts(markets: Markets, anchor: Mapping[Market, float]) -> None:
    """Take off revenue what regions pay less for compute of a stack (SEMANTICS 7.15)."""
    context = markets.context
    discount = {(row.region, row.stack): 1 - row.price_multiplier for row in context.instance.stack_prices}
    for arc in markets.arcs:
        _, stack, region, workload, year = arc
        price = discount.get((region, stack), 0.0) * anchor[region, workload, year]
        present_value = context.timing.year_discount[year] * price * BUSD_PER_MILLION_H100E_YEAR
        context.cash.add(CashCategory.REVENUE, -present_value, context.model.sold[arc])
