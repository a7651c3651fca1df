"""Sales (SEMANTICS 5)."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.country_sets import parse_country_set
from tests.oracle.lp import Key, Terms
from tests.oracle.power import Power


class Markets(Power):
    """Adds sales."""

    def sell(self) -> None:
        stacks = sorted({chip.stack for chip in self.data.chips})
        places = sorted({(site.country, site.latency_zone) for site in self.data.sites})
        arcs: list[Key] = []
        for place in places:
            for stack in stacks:
                for year in self.plan_years:
                    arcs += (flows := list(self.flows(place, stack, year)))
                    share = {w.workload: w.utilisation for w in self.data.workloads}
                    offered = [
                        term
                        for site in self.data.sites
                        if (site.country, site.latency_zone) == place
                        for chip in self.data.chips
                        if chip.stack == stack
                        for t in self.of_year(year)
                        for term in self.working(site.site, chip.chip, t, -self.years(t) * chip.performance_h100e)
                    ]
                    self.lp.at_most([(1 / share[str(key[5])], key) for key in flows] + offered, 0)
        self.markets(arcs)

    def flows(self, place: tuple[str, str], stack: str, year: int) -> Iterator[Key]:
        for pair in self.data.latency:
            accepted = self.data.region_by_id[pair.region].stacks.split(";")
            for workload in self.data.workloads:
                near = pair.rtt_ms <= workload.max_latency_ms
                if pair.latency_zone == place[1] and near and stack in accepted:
                    key = ("sold", *place, stack, pair.region, workload.workload, year)
                    if self.sales_count:
                        cost = pair.serving_cost_usd_per_h100e_hour * 8.76
                        self.earn(-self.year_disc(year) * (cost + self.rebate(key)), key)
                    yield key

    def rebate(self, key: Key) -> float:
        """What a market pays less for a stack [B USD per million H100e-years] (SEMANTICS 7.15)."""
        _, _, _, stack, region, workload, year = key
        missing = sum(1 - p.price_multiplier for p in self.data.stack_prices if (p.region, p.stack) == (region, stack))
        wanted = [d for d in self.data.demand if (d.region, d.workload, d.year) == (region, workload, year)]
        return sum(missing * d.price_usd_per_h100e_hour * 8.76 for d in wanted)

    def respond(self) -> None:
        """Chips that unmet demand adds, by period: each is installed in it or not at all (SEMANTICS 7.16)."""
        for chip in self.data.chips:
            for year in self.plan_years:
                first, last = max(12 * year, chip.release), min(12 * year + 12, chip.end_of_sale)
                grown = ("grown", chip.chip, year)
                terms, most = self.unmet(chip.chip, year)
                self.lp.at_most([(1.0, grown), *terms], most)
                for t in self.of_year(year):
                    months = max(0, min(self.spans[t][1], last) - max(self.start(t), first))
                    share = months / (last - first) if months else 0.0
                    self.lp.at_most([(1.0, ("extra", chip.chip, t)), (-share, grown)], 0)

    def unmet(self, chip: str, year: int) -> tuple[Terms, float]:
        terms: Terms = []
        most = 0.0
        for row in self.data.supply_response:
            before = year - row.lag_years
            if row.chip != chip or before not in self.plan_years:
                continue
            length = sum(self.years(t) for t in self.of_year(before))
            for want in self.data.demand:
                if (want.region, want.year) != (row.region, before):
                    continue
                for block in self.data.price_blocks:
                    if block.workload == want.workload:
                        size = block.quantity_share * want.quantity_h100e_million * length
                        most += row.chips_per_unmet_h100e * size
                        bought = ("bought", want.region, want.workload, want.year, block.block)
                        terms.append((row.chips_per_unmet_h100e, bought))
        return terms, most

    def markets(self, arcs: list[Key]) -> None:
        for row in self.data.demand:
            if row.year not in self.plan_years:
                continue
            here = [key for key in arcs if key[4:] == (row.region, row.workload, row.year)]
            blocks: Terms = []
            length = sum(self.years(t) for t in self.of_year(row.year))
            for block in self.data.price_blocks:
                if block.workload == row.workload:
                    key = ("bought", row.region, row.workload, row.year, block.block)
                    self.lp.at_most([(1.0, key)], block.quantity_share * row.quantity_h100e_million * length)
                    if self.sales_count:
                        price = row.price_usd_per_h100e_hour * block.price_multiplier * 8.76
                        self.earn(self.year_disc(row.year) * price, key)
                    blocks.append((-1.0, key))
            self.lp.equals([(1.0, key) for key in here] + blocks, 0)
            for rule in self.data.sovereignty:
                if (rule.region, rule.workload) == (row.region, row.workload) and row.year >= rule.first_year:
                    inside = parse_country_set(rule.allowed)
                    month = max(12 * row.year, self.first)
                    held = {key: inside.contains(str(key[1]), month, self.data.groups) for key in here}
                    self.lp.at_least([(held[key] - rule.minimum_share, key) for key in here], 0)
        known = {(row.region, row.workload, row.year) for row in self.data.demand}
        self.lp.equals([(1.0, key) for key in arcs if key[4:] not in known], 0)
