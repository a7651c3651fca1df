"""Modules, openings and committed builds (SEMANTICS 2)."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

from optimizer.instance.schema import Site
from tests.oracle.basis import Basis
from tests.oracle.lp import Terms


class Building(Basis):
    """Adds the cash of modules and openings."""

    def net_cost(self, site: Site) -> float:
        credit = self.data.country_by_code[site.country].investment_credit_fraction
        return site.module_cost_usd_per_kw * site.module_mw / 1e6 * (1 - credit)

    def online(self, site: Site, d: int) -> int | None:
        return self.first_from(self.start(d) + site.lead_months)

    def dates(self, site: Site) -> list[int]:
        minimum = self.settings.model.minimum_operating_months
        return [
            d
            for d in self.D
            if self.start(d) >= site.earliest_start
            and (on := self.online(site, d)) is not None
            and self.end - self.start(on) >= minimum
        ]

    def room(self, site: Site) -> int:
        """Modules that may still be decided (2.4)."""
        return site.max_modules - sum(b.modules for b in self.committed[site.site])

    def whole_dates(self, site: Site) -> list[int]:
        """Dates on which modules may not be fractions (2.9)."""
        model = self.settings.model
        if not model.integer_modules:
            return []
        last = self.end if model.integer_until is None else model.integer_until.end
        return [d for d in self.dates(site) if self.start(self.online(site, d) or 0) < last]

    def on_line(self, site: Site, t: int) -> tuple[Terms, float]:
        """Modules on line: those decided, and those that are facts."""
        decided: Terms = [(1.0, ("x", site.site, d)) for d in self.dates(site) if (self.online(site, d) or 0) <= t]
        facts = sum(b.modules for b in self.committed[site.site] if self.start(t) >= b.online_from)
        return decided, facts

    def build(self) -> None:
        life = self.settings.finance.shell_life_years
        for site in self.data.sites:
            cost = self.net_cost(site)
            milestones = [(m.months_after_commitment, m.share) for m in self.data.spend_profiles
                          if m.profile == site.spend_profile] or [(0, 1.0)]  # fmt: skip
            for d in self.dates(site):
                key = ("x", site.site, d)
                self.lp.column(key)
                for months, share in milestones:
                    month = self.start(d) + months
                    t = next(t for t in self.T if self.spans[t][0] <= month < self.spans[t][1])
                    self.pay(site, t, share * cost, life, key)
                self.keep(site.country, cost, self.start(self.online(site, d) or 0), life, key)
                if not self.committed[site.site]:
                    opening = site.open_cost_musd / 1e3
                    self.pay(site, d, opening, life, ("open", site.site, d))
                    self.keep(site.country, opening, self.start(d), life, ("open", site.site, d))
            for b in self.committed[site.site]:
                due = b.remaining_cost_share * b.modules * cost
                if b.online_from <= self.first:
                    self.pay(site, 0, due, life, None)
                for month in range(self.first, min(b.online_from, self.end)):
                    t = next(t for t in self.T if self.spans[t][0] <= month < self.spans[t][1])
                    self.pay(site, t, due / (b.online_from - self.first), life, None)
            self.run_sites(site)
            self.in_parts(site)

    def in_parts(self, site: Site) -> None:
        """Limits of modules that may be fractions, and the parts of an opening that they pay (2.4, 2.6, 2.9)."""
        dates, whole = self.dates(site), self.whole_dates(site)
        if dates == whole:
            return
        modules: Terms = [(1.0, ("x", site.site, d)) for d in dates]
        self.lp.at_most(modules, max(0, self.room(site)))
        for year in {self.year(d) for d in dates} if site.max_starts_per_year else ():
            started: Terms = [(1.0, ("x", site.site, d)) for d in dates if self.year(d) == year]
            self.lp.at_most(started, float(site.max_starts_per_year or 0))
        opened: Terms = [(-1.0, ("open", site.site, d)) for d in whole]
        for d in dates[len(whole) :]:
            paid, due = ("open", site.site, d), (1 / site.max_modules, ("x", site.site, d))
            self.lp.at_most([(1.0, paid), (-due[0], due[1])], 0.0)
            self.lp.at_most([due, (-1.0, paid), *opened], 0.0)

    def run_sites(self, site: Site) -> None:
        tax = self.data.country_by_code[site.country].property_tax_fraction_per_year
        gw = site.module_mw / 1e3
        yearly = site.om_usd_per_kw_year * gw / 1e3 + tax * site.module_cost_usd_per_kw * gw / 1e3
        for t in self.T:
            decided, facts = self.on_line(site, t)
            self.earn(-self.disc(t) * self.years(t) * yearly * facts, None)
            for weight, key in decided:
                self.earn(-self.disc(t) * self.years(t) * yearly * weight, key)

    def site_plans(self, site: Site) -> list[tuple[int, ...]]:
        """Modules committed on each date on which they are whole, every way that SEMANTICS 2.4 allows."""
        room = self.room(site)
        dates = self.whole_dates(site)
        plans = []
        for plan in product(range(max(0, room) + 1), repeat=len(dates)):
            per_year: dict[int, int] = defaultdict(int)
            for d, count in zip(dates, plan, strict=True):
                per_year[self.year(d)] += count
            if sum(plan) <= room and max(per_year.values(), default=0) <= (site.max_starts_per_year or room):
                plans.append(plan)
        return plans
