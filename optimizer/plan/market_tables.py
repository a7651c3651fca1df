"""Tables of sales: who is served from where, and what each price block takes and pays."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.model.demand import block_size
from optimizer.plan.state import PlanState
from optimizer.plan.tables import DemandServed, Serving
from optimizer.units import BUSD_PER_MILLION_H100E_YEAR, HOURS_PER_YEAR, SECONDS_PER_HOUR


def tokens_trillion(sold_h100e_million_years: float, tokens_per_h100e_second: float) -> float:
    """Tokens made by compute that is sold (SEMANTICS 5.6) [trillion]; million x tokens / 1e12."""
    return sold_h100e_million_years * HOURS_PER_YEAR * SECONDS_PER_HOUR * tokens_per_h100e_second / 1e6


def serving_rows(state: PlanState) -> Iterator[Serving]:
    """Make one row for every flow of sold compute."""
    cost = {
        (row.latency_zone, row.region): row.serving_cost_usd_per_h100e_hour * BUSD_PER_MILLION_H100E_YEAR
        for row in state.instance.latency
    }
    multiplier = {(row.region, row.stack): row.price_multiplier for row in state.instance.stack_prices}
    anchor = {(row.region, row.workload, row.year): row.price_usd_per_h100e_hour for row in state.instance.demand}
    for (node, stack, region, workload, year), sold in state.decisions.sold.items():
        yield Serving(
            country=node.country,
            latency_zone=node.latency_zone,
            stack=stack,
            region=region,
            workload=workload,
            year=year,
            sold_h100e_million_years=sold,
            tokens_trillion=tokens_trillion(sold, state.instance.workload_by_id[workload].tokens_per_h100e_second),
            serving_cost_busd=sold * cost[node.latency_zone, region],
            stack_discount_busd=sold
            * (1 - multiplier.get((region, stack), 1.0))
            * anchor[region, workload, year]
            * BUSD_PER_MILLION_H100E_YEAR,
        )


def demand_rows(state: PlanState) -> Iterator[DemandServed]:
    """Make one row for every price block of every market and year of the plan."""
    for demand in state.instance.demand:
        if demand.year not in state.timing.years:
            continue
        for block in state.instance.price_blocks:
            if block.workload != demand.workload:
                continue
            sold = state.decisions.bought.get((demand.region, demand.workload, demand.year, block.block), 0.0)
            price = demand.price_usd_per_h100e_hour * block.price_multiplier
            yield DemandServed(
                region=demand.region,
                workload=demand.workload,
                year=demand.year,
                block=block.block,
                offered_h100e_million_years=block_size(state.context, demand, block),
                sold_h100e_million_years=sold,
                price_usd_per_h100e_hour=price,
                revenue_busd=sold * price * BUSD_PER_MILLION_H100E_YEAR,
            )
