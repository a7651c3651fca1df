"""Power: capacity, worst hour, energy, shared scarcity (SEMANTICS 4)."""

from __future__ import annotations

from optimizer.instance.schema import PowerOption, Site
from tests.oracle.chips import Chips
from tests.oracle.lp import Terms

GRID_KINDS = {"grid_firm", "grid_interruptible", "hydro"}


class Power(Chips):
    """Adds power."""

    def capacity(self, option: PowerOption, t: int, weight: float = 1.0) -> Terms:
        return [(weight, ("add", option.site, option.option, d)) for d in self.D if d <= t]

    def could_be_on_line(self, site: Site, d: int) -> bool:
        """Whether anything can be on line before the next decision date."""
        starts = [self.online(site, e) for e in self.dates(site) if self.room(site) > 0]
        starts += [self.first_from(b.online_from) for b in self.committed[site.site]]
        until = min((e for e in self.D if e > d), default=len(self.spans))
        return any(t is not None and t < until for t in starts)

    def largest(self, option: PowerOption, d: int) -> float:
        if not self.could_be_on_line(self.data.site_by_id[option.site], d):
            return 0.0
        steps = sorted(
            (step.available_from, step.cumulative_mw)
            for step in self.data.grid_steps
            if (step.site, step.option) == (option.site, option.option) and step.available_from <= self.start(d)
        )
        if steps:
            return steps[-1][1] / 1e3
        return option.max_mw / 1e3 if self.start(d) >= option.available_from else 0.0

    def power(self) -> None:
        sites = self.data.site_by_id
        for option in self.data.power_options:
            site = sites[option.site]
            for d in self.D:
                key = ("add", option.site, option.option, d)
                self.lp.at_most(self.capacity(option, d), self.largest(option, d))
                capex = option.capex_usd_per_kw / 1e3
                self.pay(site, d, capex, option.life_years, key)
                self.keep(site.country, capex, self.start(d), option.life_years, key)
                for t in self.T:
                    if t >= d:
                        self.earn(-self.disc(t) * self.years(t) * option.fixed_usd_per_kw_year / 1e3, key)
            for year in self.plan_years:
                energy = ("energy", option.site, option.option, year)
                able = [
                    (-option.energy_availability * 8.76 * self.years(t) * weight, key)
                    for t in self.of_year(year)
                    for weight, key in self.capacity(option, t)
                ]
                self.lp.at_most([(1.0, energy), *able], 0)
                tax = self.data.country_by_code[site.country].power_tax_usd_per_mwh
                self.earn(-self.year_disc(year) * (option.energy_usd_per_mwh + tax) / 1e3, energy)
        for site in self.data.sites:
            self.feed(site)
        self.shared_power()

    def drawn(self, site: Site, t: int, weight: float) -> Terms:
        return [
            term
            for chip in self.data.chips
            for term in self.working(site.site, chip.chip, t, weight * chip.it_power_kw)
        ]

    def feed(self, site: Site) -> None:
        options = [option for option in self.data.power_options if option.site == site.site]
        for t in self.T:
            firm = [term for option in options for term in self.capacity(option, t, option.firm_credit)]
            self.lp.at_least(firm + self.drawn(site, t, -site.pue_peak), 0)
        factor = site.pue_average * self.settings.power.average_load_share * 8.76
        for year in self.plan_years:
            delivered: Terms = [(1.0, ("energy", site.site, option.option, year)) for option in options]
            used = [term for t in self.of_year(year) for term in self.drawn(site, t, -factor * self.years(t))]
            self.lp.equals(delivered + used, 0)

    def shared_power(self) -> None:
        sites = self.data.site_by_id
        for region in {row.grid_region for row in self.data.grid_headroom}:
            for d in self.D:
                rows = [
                    (row.year, row.cumulative_mw)
                    for row in self.data.grid_headroom
                    if row.grid_region == region and row.year <= self.year(d)
                ]
                users = [
                    term
                    for option in self.data.power_options
                    if option.kind in GRID_KINDS and sites[option.site].grid_region == region
                    for term in self.capacity(option, d)
                ]
                if rows:
                    self.lp.at_most(users, max(rows)[1] / 1e3)
        for row in self.data.slots:
            use = {u.kind: u.mw_per_mw for u in self.data.slot_use if u.resource == row.resource}
            self.lp.at_most(
                [
                    (use[option.kind], ("add", option.site, option.option, d))
                    for option in self.data.power_options
                    if option.kind in use
                    for d in self.D
                    if self.year(d) == row.year
                ],
                row.mw / 1e3,
            )
