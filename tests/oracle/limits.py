"""Budgets, limits and objectives (SEMANTICS 6.2, 8, 9)."""

from __future__ import annotations

from optimizer.instance.schema import Limit, Site
from tests.oracle.lp import Terms
from tests.oracle.rules import Rules


class Limits(Rules):
    """Adds budgets and limits."""

    def budgets(self) -> None:
        share = self.settings.finance.carry_over_share
        budgets = {(row.pool, row.year): row.capital_busd for row in self.data.budgets}
        for (pool, year), money in budgets.items():
            if year in self.plan_years:
                terms: Terms = [(1.0, ("carried", pool, year))]
                if (pool, year - 1) in budgets and year - 1 in self.plan_years:
                    terms.append((-share, ("carried", pool, year - 1)))
                fixed = 0.0
                for (payer, _, paid), spent in self.capital.items():
                    if (payer, paid) == (pool, year):
                        terms += spent
                for (payer, _, paid), busd in self.fixed_capital.items():
                    if (payer, paid) == (pool, year):
                        fixed += busd
                self.lp.at_most(terms, money - fixed)

    def in_scope(self, limit: Limit, country: str, grid_region: str, basin: str | None = None) -> bool:
        if limit.scope.startswith("grid:"):
            return grid_region == limit.scope[5:]
        if limit.scope.startswith("basin:"):
            return basin == limit.scope[6:]
        return limit.scope == "*" or self.inside(limit.scope, country, max(12 * limit.year, self.first))

    def caps(self) -> None:
        for limit in self.data.limits:
            if limit.year in self.plan_years:
                sites = [s for s in self.data.sites if self.in_scope(limit, s.country, s.grid_region, s.basin)]
                {"capital_share": self.cap_capital, "it_gw": self.cap_it}.get(limit.kind, self.cap_energy)(limit, sites)
        if self.settings.objective == "cost":
            for row in self.data.required_compute:
                if row.year in self.plan_years:
                    length = sum(self.years(t) for t in self.of_year(row.year))
                    self.lp.at_least(self.compute(self.of_year(row.year)), row.h100e_million * length)
        if self.settings.objective == "compute":
            for weight, key in self.compute(list(self.T)):
                self.lp.value[key] += weight

    def compute(self, periods: list[int]) -> Terms:
        return [
            term
            for site in self.data.sites
            for chip in self.data.chips
            for t in periods
            for term in self.working(site.site, chip.chip, t, self.years(t) * chip.performance_h100e)
        ]

    def cap_capital(self, limit: Limit, _: list[Site]) -> None:
        terms: Terms = []
        fixed = 0.0
        for pool, country, year in {*self.capital, *self.fixed_capital}:
            weight = self.in_scope(limit, country, "") - limit.value
            if year <= limit.year:
                terms += [(weight * busd, key) for busd, key in self.capital.get((pool, country, year), [])]
                fixed += weight * self.fixed_capital.get((pool, country, year), 0.0)
        self.lp.at_most(terms, -fixed)

    def cap_it(self, limit: Limit, sites: list[Site]) -> None:
        for t in self.of_year(limit.year):
            terms: Terms = []
            fixed = 0.0
            for site in sites:
                decided, facts = self.on_line(site, t)
                terms += [(weight * site.module_mw / 1e3, key) for weight, key in decided]
                fixed += facts * site.module_mw / 1e3
            self.lp.at_most(terms, limit.value - fixed)

    def cap_energy(self, limit: Limit, sites: list[Site]) -> None:
        by_id = {site.site: site for site in sites}
        terms: Terms = []
        for option in self.data.power_options:
            if option.site in by_id:
                water = option.water_m3_per_mwh + by_id[option.site].water_m3_per_mwh
                per_twh = option.carbon_t_per_mwh if limit.kind == "carbon_mt" else water
                terms.append((per_twh, ("energy", option.site, option.option, limit.year)))
        self.lp.at_most(terms, limit.value)
