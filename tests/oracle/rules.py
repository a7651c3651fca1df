"""Export rules with a quantity, permits and quota steps (SEMANTICS 7.4-7.13)."""

from __future__ import annotations

from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.schema import Chip, Rule, Site
from tests.oracle.lp import Key, Terms
from tests.oracle.markets import Markets

#: Country and operator of what a rule holds for apart; None: any.
Group = tuple[str | None, str | None]


class Rules(Markets):
    """Adds caps, shares, ratios and matching."""

    def weight(self, rule: Rule, chip: Chip) -> float:
        if not parse_chip_test(rule.chip_test).passes(chip):
            return 0.0
        measures = {"tpp_million_h100": chip.tpp / 15_832, "h100e_million": chip.performance_h100e,
                    "gb300e_million": chip.tpp / 60_000}  # fmt: skip
        return measures.get(str(rule.measure), 1.0)

    def group(self, rule: Rule, site: Site) -> Group:
        return {
            "all": (None, None),
            "country": (site.country, None),
            "operator": (None, site.operator),
            "operator_country": (site.country, site.operator),
        }[rule.per]

    def groups(self, rule: Rule) -> list[Group]:
        """Groups of the sites that pass destination, owner and operators in some period in force."""
        months = [self.start(t) for t in self.T if rule in self.active(rule.effect, self.start(t))]
        sites = [s for s in self.data.sites if any(self.selects(rule, s, month) for month in months)]
        return list(dict.fromkeys(self.group(rule, site) for site in sites))

    def flow(self, rule: Rule, group: Group, t: int, kind: str = "inst") -> Terms:
        """Selected installations of a period in the rule's measure, or what travels under it."""
        found: Terms = []
        for site in self.data.sites:
            if self.group(rule, site) != group or not self.selects(rule, site, self.start(t)):
                continue
            for chip in self.data.chips:
                key: Key = ("inst", site.site, chip.chip, t)
                key = key if kind == "inst" else (kind, rule.rule, *key[1:])
                if (weight := self.weight(rule, chip)) > 0 and key in self.lp.columns:
                    found.append((weight, key))
        return found

    def stock(self, rule: Rule, t: int, places: str, factor: float, group: Group) -> Terms:
        """Working chips of the rule's owners in a set of places."""
        month, (country, operator) = self.start(t), group
        return [
            term
            for site in self.data.sites
            if self.owned(rule, site, month) and self.inside(places, site.country, month)
            if country in (None, site.country) and operator in (None, site.operator)
            for chip in self.data.chips
            for term in self.working(site.site, chip.chip, t, factor * self.weight(rule, chip))
        ]

    def outside(self, rule: Rule, t: int, places: str, group: Group) -> float:
        if rule.measure in (None, "chips_million"):
            return 0.0
        year, month = self.year(t), self.start(t)
        latest: dict[tuple[str, str, str], float] = {}
        for row in sorted(self.data.installed_base, key=lambda row: row.year):
            if row.year > year or not self.inside(places, row.country, month) or group[0] not in (None, row.country):
                continue
            if row.operator:
                first = next(site for site in self.data.sites if site.operator == row.operator)
                counts = self.owned(rule, first, month) and group[1] in (None, row.operator)
            else:
                counts = rule.owner == rule.operators == "any" and rule.per in ("all", "country")
            if counts:
                latest[row.country, row.stack, row.operator] = row.h100e_million
        return (15_832 / 60_000 if rule.measure == "gb300e_million" else 1.0) * sum(latest.values())

    # --- quota steps ---------------------------------------------------------------------------

    def step_choices(self) -> list[tuple[Rule, Group]]:
        """Every step and group for which it may be bought (SEMANTICS 7.13)."""
        effects = ("cap_cumulative", "cap_yearly", "cap_stock", "allow", "licence")
        raisable = {
            rule.rule: rule
            for effect in effects
            for rule in self.active(effect)
            if rule.quantity is not None and (effect != "licence" or self.granted(rule))
        }
        return [
            (step, group)
            for step in self.active("quota_step")
            if step.raises in raisable and any(self.serving(step, self.start(t)) for t in self.T)
            for group in self.groups(raisable[str(step.raises)])
            if any(
                self.group(step, site) == group and self.selects(step, site, max(step.effective_from, self.first))
                for site in self.data.sites
            )
        ]

    def raised(self, rule: Rule, group: Group, t: int) -> Terms:
        """What bought steps add on the side of the quantity, as terms of the other side."""
        return [
            (-self.quantity(step, self.start(t)), ("step", step.rule, of))
            for step, of in self.step_choices()
            if step.raises == rule.rule and of == group and self.serving(step, self.start(t))
        ]

    def buy_steps(self) -> None:
        for step, group in self.step_choices():
            t = next(t for t in self.T if self.serving(step, self.start(t)))
            self.lp.column(("step", step.rule, group))
            self.earn(-self.disc(t) * step.cost_busd, ("step", step.rule, group))

    # --- quantities ----------------------------------------------------------------------------

    def hold(self, used: Terms, rule: Rule, group: Group, t: int) -> None:
        self.lp.at_most(used + self.raised(rule, group, t), self.quantity(rule, self.start(t)))

    def count(self, rule: Rule, group: Group, dates: list[int], period: str, kind: str) -> None:
        """Hold what is counted to the quantity, in the periods in which the rule holds or serves."""
        for t in dates:
            same = [u for u in dates if self.span(rule, period, u) == self.span(rule, period, t)]
            if period == "cumulative":
                within = [u for u in dates if u <= t]
            elif t == same[-1]:
                within = same
            else:
                continue
            used = [term for u in within for term in self.flow(rule, group, u, kind)]
            self.hold(used, rule, group, t)

    def span(self, rule: Rule, period: str, t: int) -> int:
        """Year or term of a period."""
        if period == "term":
            return (self.start(t) - self.served_since(rule)) // (rule.validity_months or 1)
        return self.year(t)

    def permits(self) -> None:
        """Installed <= what travels under the permits of each jurisdiction that asks for one (7.11, 7.12)."""
        for _, site, name, t in [key for key in self.lp.columns if key[0] == "inst"]:
            chip = self.chips[str(name)]
            for permits in self.permission(self.data.site_by_id[str(site)], chip, int(str(t))).values():
                keys: list[Key] = [("under", rule.rule, site, name, t) for rule in permits]
                self.lp.at_most([(1.0, ("inst", site, name, t)), *((-1.0, key) for key in keys)], 0)
                for key in keys:
                    self.lp.column(key)
        for rule in [*self.active("allow"), *filter(self.granted, self.active("licence"))]:
            dates = [t for t in self.T if self.serving(rule, self.start(t))]
            for group in self.groups(rule):
                if rule.quantity is not None and rule.period == "stock":
                    for t in dates:
                        self.hold(self.travelled(rule, group, t), rule, group, t)
                elif rule.quantity is not None:
                    self.count(rule, group, dates, str(rule.period), "under")

    def travelled(self, rule: Rule, group: Group, t: int) -> Terms:
        """Arrivals under a permit whose life is not over."""
        return [
            (weight, key)
            for u in self.T[: t + 1]
            for weight, key in self.flow(rule, group, u, "under")
            if self.start(t) < self.start(u) + self.chips[str(key[3])].life_months
        ]

    def export_rules(self) -> None:
        self.buy_steps()
        self.permits()
        for effect, period in (("cap_cumulative", "cumulative"), ("cap_yearly", "yearly")):
            for rule in self.active(effect):
                dates = [t for t in self.T if rule in self.active(effect, self.start(t))]
                for group in self.groups(rule):
                    self.count(rule, group, dates, period, "inst")
        for t in self.T:
            for rule in self.active("cap_stock", self.start(t)):
                for group in self.groups(rule):
                    self.hold(self.stock(rule, t, rule.destination, 1.0, group), rule, group, t)
            for rule in self.active("share_cap", self.start(t)):
                for group in self.groups(rule):
                    self.share(rule, group, t)
            for rule in self.active("volume_ratio", self.start(t)):
                self.volume_ratio(rule, t)
        for d in self.D:
            for rule in self.active("matching_investment", self.start(d)):
                for group in self.groups(rule):
                    self.matching(rule, d, group[1])

    def share(self, rule: Rule, group: Group, t: int) -> None:
        share, owner = self.quantity(rule, self.start(t)), (None, group[1])
        here = self.stock(rule, t, rule.destination, 1.0, group)
        base = self.stock(rule, t, rule.base_destination, -share, owner)
        most = share * (self.outside(rule, t, rule.base_destination, owner) + rule.base_quantity)
        self.lp.at_most(here + base, most - self.outside(rule, t, rule.destination, group))

    def volume_ratio(self, rule: Rule, t: int) -> None:
        ratio = self.quantity(rule, self.start(t))
        for chip in self.data.chips:
            if self.weight(rule, chip) == 0:
                continue
            terms: Terms = []
            for u in [u for u in range(t + 1) if self.start(u) >= rule.effective_from]:
                month = self.start(u)
                for site in self.data.sites:
                    key = ("inst", site.site, chip.chip, u)
                    if key in self.lp.columns:
                        base = ratio * self.inside(rule.base_destination, site.country, month)
                        terms.append((self.selects(rule, site, month) - base, key))
            self.lp.at_most(terms, ratio * rule.base_quantity)

    def matching(self, rule: Rule, d: int, operator: str | None) -> None:
        terms: Terms = []
        ratio = self.quantity(rule, self.start(d))
        for e in [e for e in self.D if e <= d and self.start(e) >= rule.effective_from]:
            for site in self.data.sites:
                if e in self.dates(site) and operator in (None, site.operator):
                    month = self.start(e)
                    base = self.inside(rule.base_destination, site.country, month)
                    weight = base - ratio * self.selects(rule, site, month)
                    terms.append((weight * self.net_cost(site), ("x", site.site, e)))
                    if not self.committed[site.site]:
                        terms.append((weight * site.open_cost_musd / 1e3, ("open", site.site, e)))
        self.lp.at_least(terms, 0)
