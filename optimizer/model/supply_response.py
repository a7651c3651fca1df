"""Supply that answers demand: more chips for markets that wanted compute and did not get it (SEMANTICS 7.16)."""

from __future__ import annotations

from collections import defaultdict

from optimizer.algebra import pyo
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip
from optimizer.model.context import ModelContext
from optimizer.model.demand import block_sizes
from optimizer.model.expressions import Term
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.timing import PeriodIndex, Timing

#: Chip and calendar year in which its supply may grow.
Growth = tuple[str, int]


def growing_supplies(instance: Instance, timing: Timing) -> tuple[Growth, ...]:
    """Chips and years of the plan in which unmet demand may add to supply."""
    found: dict[Growth, None] = {}
    for row in instance.supply_response:
        if row.chips_per_unmet_h100e > 0:
            for year in timing.years:
                wanted = year - row.lag_years in timing.years
                if wanted and any(shares_of_year(timing, instance.chip_by_id[row.chip], year).values()):
                    found[row.chip, year] = None
    return tuple(found)


def shares_of_year(timing: Timing, chip: Chip, year: int) -> dict[PeriodIndex, float]:
    """Share of a year's extra chips that comes in each period: evenly over the months in which the chip is on sale."""
    first, last = max(12 * year, chip.release), min(12 * year + 12, chip.end_of_sale)
    if first >= last:
        return {}
    shares: dict[PeriodIndex, float] = {}
    for t in timing.of_year(year):
        span = timing.calendar.periods[t]
        months = min(span.end, last) - max(span.start, first)
        if months > 0:
            shares[t] = months / (last - first)
    return shares


def add_extra_supply(context: ModelContext) -> None:
    """Add the variables of extra supply.

    Variables
    ---------
    extra_supply[chip, year]
        Chips by which the supply of a calendar year grows [million].
    """
    growths = growing_supplies(context.instance, context.timing)
    context.model.extra_supply = pyo.Var(list(growths), within=pyo.NonNegativeReals)


def extra_supply_terms(context: ModelContext, chip_id: str, period: PeriodIndex) -> list[Term]:
    """What extra supply adds to the supply of a period [million chips]."""
    key = (chip_id, context.timing.year(period))
    if key not in context.model.extra_supply:
        return []
    share = shares_of_year(context.timing, context.instance.chip_by_id[chip_id], key[1]).get(period, 0.0)
    return [(share, context.model.extra_supply[key])] if share > 0 else []


def supply_response_rows(context: ModelContext) -> Rows:
    """Extra supply <= sum of chips_per_unmet_h100e x (demand - what was bought, lag_years before)."""
    sizes = block_sizes(context)
    wanted: dict[tuple[str, int], float] = defaultdict(float)
    bought: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for (region, workload, year, block), size in sizes.items():
        wanted[region, year] += size
        if (region, workload, year, block) in context.model.bought:
            bought[region, year].append((1.0, context.model.bought[region, workload, year, block]))
    rows: dict[Growth, LinearRow] = {}
    for chip, year in context.model.extra_supply:
        terms: list[Term] = [(1.0, context.model.extra_supply[chip, year])]
        most = 0.0
        for row in context.instance.supply_response:
            if row.chip == chip:
                before, rate = (row.region, year - row.lag_years), row.chips_per_unmet_h100e
                most += rate * wanted[before]
                terms += [(rate * one, variable) for one, variable in bought[before]]
        rows[chip, year] = LinearRow(terms, upper=most)
    return rows
