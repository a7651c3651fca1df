"""Chips: who may receive them, supply, working life, cash (SEMANTICS 3, 7.1-7.4)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.schema import Chip, Rule, Site
from tests.oracle.building import Building
from tests.oracle.lp import Key, Terms


class Chips(Building):
    """Adds installations and their cohorts."""

    def price(self, chip: str, month: int) -> float:
        rows = sorted((row for row in self.data.chip_prices if row.chip == chip), key=lambda row: row.since)
        return ([rows[0]] + [row for row in rows if row.since <= month])[-1].price_usd / 1e3

    def resale(self, chip: Chip, month: int) -> float:
        points = sorted((p.age_months, p.share) for p in self.data.resale_curves if p.curve == chip.resale_curve)
        if not points:
            return 0.0
        share = np.interp(month - chip.release, [age for age, _ in points], [value for _, value in points])
        return self.price(chip.chip, -1) * float(share)

    def supply(self, chip: str, t: int) -> float:
        total = 0.0
        for row in self.data.chip_supply:
            if row.chip == chip:
                months = min(row.during.end, self.spans[t][1]) - max(row.during.start, self.start(t))
                total += row.units / 1e6 * max(0, months) / (row.during.end - row.during.start)
        return total

    def cohort(self, site: str, chip: str, tau: int, t: int) -> Terms:
        """Chips of an installation at work in t."""
        if not (tau <= t and self.start(t) < self.start(tau) + self.chips[chip].life_months):
            return []
        if ("inst", site, chip, tau) not in self.lp.columns:
            return []
        gone: Terms = []
        if self.settings.model.early_retirement:
            gone = [(-1.0, ("leave", site, chip, tau, u)) for u in range(tau + 1, t + 1)]
        return [(1.0, ("inst", site, chip, tau)), *gone]

    def working(self, site: str, chip: str, t: int, weight: float = 1.0) -> Terms:
        return [(weight * w, key) for tau in self.T for w, key in self.cohort(site, chip, tau, t)]

    def install(self) -> None:
        for site in self.data.sites:
            for chip in self.data.chips:
                for t in self.T:
                    on_sale = self.spans[t][1] > chip.release and self.start(t) < chip.end_of_sale
                    if on_sale and not self.denied(site, chip, t):
                        self.lp.column(("inst", site.site, chip.chip, t))
                        self.chip_cash(site, chip, t)
        for site in self.data.sites:
            for t in self.T:
                decided, facts = self.on_line(site, t)
                gw = site.module_mw / 1e3
                drawn = [term for c in self.data.chips for term in self.working(site.site, c.chip, t, c.it_power_kw)]
                self.lp.at_most(drawn + [(-gw * weight, key) for weight, key in decided], gw * facts)
                for chip in self.data.chips:
                    for tau in self.T:
                        self.lp.at_least(self.cohort(site.site, chip.chip, tau, t), 0)
        for chip in self.data.chips:
            self.supply_rows(chip.chip)

    def chip_cash(self, site: Site, chip: Chip, t: int) -> None:
        key = ("inst", site.site, chip.chip, t)
        country = self.data.country_by_code[site.country]
        tariff = 0.0 if chip.design_country == site.country else country.import_tariff_fraction
        rate = country.it_sales_tax_fraction + tariff + self.levies(site, chip, t)
        paid = self.price(chip.chip, self.start(t)) * (1 + rate)
        self.pay(site, t, paid, chip.life_months / 12, key)
        ends = self.start(t) + chip.life_months
        at_end = self.final * self.resale(chip, self.end) if self.settings.finance.terminal_value else 0.0
        last = self.T[-1]
        if self.start(last) < ends:
            self.earn(at_end, key)
        if self.settings.model.early_retirement:
            for u in range(t + 1, len(self.spans)):
                if self.start(u) < ends:
                    leave = ("leave", site.site, chip.chip, t, u)
                    self.earn(self.disc(u) * self.resale(chip, self.start(u)), leave)
                    if self.start(last) < ends:
                        self.earn(-at_end, leave)

    def supply_rows(self, chip: str) -> None:
        carry = self.settings.model.chip_carry_months
        for t in self.T:
            used: Terms = self.installations(chip, t)
            before: Terms = [(-1.0, ("stock", chip, t - 1))] if t > 0 else []
            regular: Terms = [*used, (-1.0, ("extra", chip, t))]
            self.lp.at_most([*regular, (1.0, ("stock", chip, t)), *before], self.supply(chip, t))
            self.lp.at_least(regular, 0)
            fresh = sum(self.supply(chip, u) for u in range(t + 1) if self.start(u) >= self.spans[t][1] - carry)
            self.lp.at_most([(1.0, ("stock", chip, t))], fresh)
        for row in self.data.chip_supply:
            within = [t for t in self.T if row.during.start <= self.start(t) < row.during.end]
            if row.chip == chip and row.minimum_units > 0 and within:
                self.lp.at_least(
                    [term for t in within for term in self.installations(chip, t)], row.minimum_units / 1e6
                )

    def installations(self, chip: str, t: int) -> Terms:
        keys: list[Key] = [("inst", site.site, chip, t) for site in self.data.sites]
        return [(1.0, key) for key in keys if key in self.lp.columns]

    def active(self, effect: str, month: int | None = None) -> Iterator[Rule]:
        listed = {row.rule for row in self.data.regimes if row.regime == self.settings.policy.regime}
        for rule in self.data.rules:
            holds = month is None or (
                rule.effective_from <= month and (rule.effective_to is None or month < rule.effective_to)
            )
            if rule.rule in listed and rule.effect == effect and holds:
                yield rule

    def owned(self, rule: Rule, site: Site, month: int) -> bool:
        named = rule.operators == "any" or site.operator in [name.strip() for name in rule.operators.split(";")]
        headquarters = self.inside(rule.owner, site.operator_hq, month)
        parent = self.inside(rule.owner, site.parent_hq or site.operator_hq, month)
        tests = {
            "headquarters": headquarters,
            "parent": parent,
            "either": headquarters or parent,
            "both": headquarters and parent,
        }
        return named and tests[rule.owner_test]

    def selects(self, rule: Rule, site: Site, month: int) -> bool:
        return self.inside(rule.destination, site.country, month) and self.owned(rule, site, month)

    def takes(self, rule: Rule, site: Site, chip: Chip, month: int) -> bool:
        return parse_chip_test(rule.chip_test).passes(chip) and self.selects(rule, site, month)

    def quantity(self, rule: Rule, month: int) -> float:
        steps = sorted((s.since, s.quantity) for s in self.data.rule_steps if s.rule == rule.rule and s.since <= month)
        quantity = steps[-1][1] if steps else rule.quantity or 0.0
        likely = rule.effect == "licence" and rule.probability is not None
        return quantity * (rule.probability or 0.0) if likely else quantity

    def served_since(self, rule: Rule) -> int:
        if rule.lag_months:
            return max(rule.effective_from, self.first) + rule.lag_months
        return rule.effective_from

    def serving(self, rule: Rule, month: int) -> bool:
        ends = rule.effective_to is None or month < rule.effective_to
        return rule.effective_from <= month and ends and month >= self.served_since(rule)

    def granted(self, rule: Rule) -> bool:
        chance = 1.0 if rule.probability is None else rule.probability
        return chance >= self.settings.policy.minimum_licence_probability or (rule.quantity is not None and chance > 0)

    def permission(self, site: Site, chip: Chip, t: int) -> dict[str, list[Rule]]:
        """Permits that serve, for each jurisdiction that asks for one."""
        month = self.start(t)
        asking = [r.jurisdiction for r in self.active("licence", month) if self.takes(r, site, chip, month)]
        permits = [*self.active("allow"), *filter(self.granted, self.active("licence"))]
        return {
            place: [
                r
                for r in permits
                if r.jurisdiction == place and self.serving(r, month) and self.takes(r, site, chip, month)
            ]
            for place in dict.fromkeys(asking)
        }

    def denied(self, site: Site, chip: Chip, t: int) -> bool:
        month = self.start(t)
        forbidden = any(self.takes(rule, site, chip, month) for rule in self.active("deny", month))
        return forbidden or not all(self.permission(site, chip, t).values())

    def levies(self, site: Site, chip: Chip, t: int) -> float:
        month = self.start(t)
        return sum(
            self.quantity(rule, month) * rule.pass_through
            for effect in ("tariff", "revenue_share")
            for rule in self.active(effect, month)
            if self.takes(rule, site, chip, month)
        )
