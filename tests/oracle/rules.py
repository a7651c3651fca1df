"""Export rules with a quantity (SEMANTICS 7.4-7.8)."""

from __future__ import annotations

from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.schema import Chip, Rule
from tests.oracle.lp import Terms
from tests.oracle.markets import Markets


class Rules(Markets):
    """Adds caps, shares, ratios and matching."""

    def weight(self, rule: Rule, chip: Chip) -> float:
        if not parse_chip_test(rule.chip_test).passes(chip):
            return 0.0
        measures = {"tpp_million_h100": chip.tpp / 15_832, "h100e_million": chip.performance_h100e,
                    "gb300e_million": chip.tpp / 60_000}  # fmt: skip
        return measures.get(str(rule.measure), 1.0)

    def flow(self, rule: Rule, t: int) -> Terms:
        """Selected installations of a period in the rule's measure."""
        return [
            (weight, key)
            for site in self.data.sites
            if self.selects(rule, site, self.start(t))
            for chip in self.data.chips
            if (weight := self.weight(rule, chip)) > 0 and (key := ("inst", site.site, chip.chip, t)) in self.lp.columns
        ]

    def stock(self, rule: Rule, t: int, places: str, factor: float) -> Terms:
        """Working chips of the rule's owners in a set of places."""
        month = self.start(t)
        return [
            term
            for site in self.data.sites
            if self.owned(rule, site, month) and self.inside(places, site.country, month)
            for chip in self.data.chips
            for term in self.working(site.site, chip.chip, t, factor * self.weight(rule, chip))
        ]

    def outside(self, rule: Rule, t: int, places: str) -> float:
        if rule.owner != "any" or rule.operators != "any" or rule.measure in (None, "chips_million"):
            return 0.0
        year, month = self.year(t), self.start(t)
        latest: dict[tuple[str, str], tuple[int, float]] = {}
        for row in sorted(self.data.installed_base, key=lambda row: row.year):
            if row.year <= year and self.inside(places, row.country, month):
                latest[row.country, row.stack] = (row.year, row.h100e_million)
        scale = 15_832 / 60_000 if rule.measure == "gb300e_million" else 1.0
        return scale * sum(value for _, value in latest.values())

    def export_rules(self) -> None:
        for t in self.T:
            for rule in self.active("cap_stock", self.start(t)):
                self.lp.at_most(self.stock(rule, t, rule.destination, 1.0), rule.quantity or 0.0)
            for rule in self.active("share_cap", self.start(t)):
                share = rule.quantity or 0.0
                here, base = (
                    self.stock(rule, t, rule.destination, 1.0),
                    self.stock(rule, t, rule.base_destination, -share),
                )
                room = share * self.outside(rule, t, rule.base_destination) - self.outside(rule, t, rule.destination)
                self.lp.at_most(here + base, room)
            for rule in self.active("cap_cumulative", self.start(t)):
                so_far = [u for u in range(t + 1) if self.start(u) >= rule.effective_from]
                self.lp.at_most([term for u in so_far for term in self.flow(rule, u)], rule.quantity or 0.0)
            for rule in self.active("volume_ratio", self.start(t)):
                self.volume_ratio(rule, t)
        for year in self.plan_years:
            for rule in self.active("cap_yearly"):
                held = [t for t in self.of_year(year) if rule in self.active("cap_yearly", self.start(t))]
                self.lp.at_most([term for t in held for term in self.flow(rule, t)], rule.quantity or 0.0)
        for d in self.D:
            for rule in self.active("matching_investment", self.start(d)):
                self.matching(rule, d)

    def volume_ratio(self, rule: Rule, t: int) -> None:
        for chip in self.data.chips:
            if self.weight(rule, chip) == 0:
                continue
            terms: Terms = []
            for u in [u for u in range(t + 1) if self.start(u) >= rule.effective_from]:
                month = self.start(u)
                for site in self.data.sites:
                    key = ("inst", site.site, chip.chip, u)
                    if key in self.lp.columns:
                        base = (rule.quantity or 0.0) * self.inside(rule.base_destination, site.country, month)
                        terms.append((self.selects(rule, site, month) - base, key))
            self.lp.at_most(terms, 0)

    def matching(self, rule: Rule, d: int) -> None:
        terms: Terms = []
        for e in [e for e in self.D if e <= d and self.start(e) >= rule.effective_from]:
            for site in self.data.sites:
                if e in self.dates(site):
                    month = self.start(e)
                    weight = self.inside(rule.base_destination, site.country, month) - (
                        rule.quantity or 0.0
                    ) * self.selects(rule, site, month)
                    terms.append((weight * self.net_cost(site), ("x", site.site, e)))
                    if not self.committed[site.site]:
                        terms.append((weight * site.open_cost_musd / 1e3, ("open", site.site, e)))
        self.lp.at_least(terms, 0)
