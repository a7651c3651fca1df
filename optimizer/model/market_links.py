"""A site that is not built serves nobody: rows that whole modules imply and the relaxation does not."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from optimizer.instance.schema import Site
from optimizer.model.demand import Market, Markets, block_sizes
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.siting import Siting
from optimizer.model.zones import MarketNode

#: Most rows of this family: what 500 facilities and 500 customers need. Building them takes longer than solving.
MOST_ROWS: Final = 300_000


def market_link_rows(siting: Siting, markets: Markets) -> Rows:
    """Sold to a market <= all that the market takes x modules on line, by arc.

    Every plan with whole modules meets them: without a module on line by the end of the year nothing is sold,
    and with one or more the market is the limit. A relaxation may build a tenth of a module and serve whole
    markets from it, which the compute of a tenth of a module allows wherever a module could serve ten of them.

    Rows are made only where modules are whole, for market nodes of one site that may get one and has none yet. For
    sites of many modules they cut off little, and there are as many rows as arcs; above `MOST_ROWS` none is made.
    Which rows exist depends on structure alone, so that a change of demand only moves their coefficients.
    """
    context = markets.context
    alone = _single_modules(siting)
    ends = {year: context.timing.of_year(year)[-1] for year in context.timing.years}
    whole = {
        (node, year) for node, site in alone.items() for year, t in ends.items() if siting.is_whole_online(site, t)
    }
    arcs = [arc for arc in markets.arcs if (arc[0], arc[4]) in whole]
    if not 0 < len(arcs) <= MOST_ROWS:
        return {}
    taken: dict[Market, float] = defaultdict(float)
    for (region, workload, year, _), size in block_sizes(context).items():
        taken[region, workload, year] += size
    online = {(node, year): siting.modules_online(site, ends[year]) for node, site in alone.items() for year in ends}
    return {
        arc: LinearRow(
            [
                (1.0, context.model.sold[arc]),
                *((-count * taken[arc[2], arc[3], arc[4]], variable) for count, variable in online[arc[0], arc[4]]),
            ],
            upper=0.0,
        )
        for arc in arcs
    }


def _single_modules(siting: Siting) -> dict[MarketNode, Site]:
    """Market nodes of one site that may get one whole module and has none yet."""
    context = siting.context
    if not context.instance.settings.model.integer_modules:
        return {}
    members: dict[MarketNode, list[Site]] = defaultdict(list)
    for zone in context.zones:
        members[zone.node] += zone.sites
    return {
        node: sites[0]
        for node, sites in members.items()
        if len(sites) == 1 and siting.new_modules_limit(sites[0]) == 1 and not siting.committed[sites[0].site]
    }
