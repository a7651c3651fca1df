"""The best plan of a tiny instance, found without the model: every building plan is tried, the rest is one LP.

Written from `instances/SEMANTICS.md` alone, site by site and chip by chip, with none of the model's
aggregation. It shares with the model the parsed instance, country sets and chip tests, and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, Limit, PowerOption, Rule, Site

Key = tuple[object, ...]
Terms = list[tuple[float, Key]]

GRID_KINDS = {"grid_firm", "grid_interruptible", "hydro"}


class Lp:
    """maximise value; rows are added as terms with keys that become columns when first used."""

    def __init__(self) -> None:
        self.columns: dict[Key, int] = {}
        self.value: dict[Key, float] = defaultdict(float)
        self.constant = 0.0
        self.less: list[tuple[Terms, float]] = []
        self.equal: list[tuple[Terms, float]] = []

    def column(self, key: Key) -> int:
        return self.columns.setdefault(key, len(self.columns))

    def at_most(self, terms: Terms, limit: float) -> None:
        self.less.append((terms, limit))

    def at_least(self, terms: Terms, limit: float) -> None:
        self.less.append(([(-weight, key) for weight, key in terms], -limit))

    def equals(self, terms: Terms, limit: float) -> None:
        self.equal.append((terms, limit))

    def matrix(self, rows: list[tuple[Terms, float]]) -> tuple[csr_array, np.ndarray]:
        entries = [(i, self.column(key), weight) for i, (terms, _) in enumerate(rows) for weight, key in terms]
        data = [weight for _, _, weight in entries]
        place = ([i for i, _, _ in entries], [j for _, j, _ in entries])
        shape = (len(rows), len(self.columns))
        return csr_array((data, place), shape=shape), np.array([limit for _, limit in rows], dtype=float)


class Oracle:
    """One instance turned into an LP in which the building decisions are columns that will be fixed."""

    def __init__(self, instance: Instance) -> None:
        self.data = instance
        self.settings = instance.settings
        self.lp = Lp()
        self.spans = [(span.start, span.end) for span in instance.calendar.periods]
        self.T = range(len(self.spans))
        self.first, self.end = self.spans[0][0], self.spans[-1][1]
        every = self.settings.calendar.decision_every_months
        self.D = [t for t in self.T if (self.start(t) - self.first) % every == 0]
        self.r = self.settings.finance.discount_rate
        self.chips = {chip.chip: chip for chip in instance.chips}
        self.committed = {s.site: [b for b in instance.committed if b.site == s.site] for s in instance.sites}
        self.capital: dict[tuple[str, str, int], Terms] = defaultdict(list)
        self.fixed_capital: dict[tuple[str, str, int], float] = defaultdict(float)
        self.money = self.settings.objective != "compute"
        self.sales_count = self.settings.objective == "npv"
        for part in (self.build, self.install, self.power, self.sell, self.export_rules, self.budgets, self.caps):
            part()

    # Time (SEMANTICS 1)

    def start(self, t: int) -> int:
        return self.spans[t][0]

    def years(self, t: int) -> float:
        return (self.spans[t][1] - self.spans[t][0]) / 12

    def year(self, t: int) -> int:
        return self.start(t) // 12

    def disc(self, t: int) -> float:
        middle = (self.spans[t][0] + self.spans[t][1]) / 2
        return (1 + self.r) ** (-(middle - self.first) / 12)

    @property
    def final(self) -> float:
        return float((1 + self.r) ** (-(self.end - self.first) / 12))

    def of_year(self, year: int) -> list[int]:
        return [t for t in self.T if self.year(t) == year]

    @property
    def plan_years(self) -> list[int]:
        return sorted({self.year(t) for t in self.T})

    def year_disc(self, year: int) -> float:
        periods = self.of_year(year)
        return sum(self.disc(t) * self.years(t) for t in periods) / sum(self.years(t) for t in periods)

    def first_from(self, month: int) -> int | None:
        return next((t for t in self.T if self.start(t) >= month), None)

    def decided_by(self, t: int) -> int:
        return max(d for d in self.D if d <= t)

    # Money (SEMANTICS 6)

    def premium(self, country: str, life: float) -> float:
        def crf(i: float) -> float:
            return 1 / life if i == 0 else i / (1 - (1 + i) ** -life)

        return crf(self.data.country_by_code[country].wacc_fraction) / crf(self.r) - 1

    def earn(self, busd: float, key: Key | None) -> None:
        if self.money and key is None:
            self.lp.constant += busd
        elif self.money and key is not None:
            self.lp.value[key] += busd

    def pay(self, site: Site, t: int, busd: float, life: float, key: Key | None) -> None:
        account = (site.pool, site.country, self.year(t))
        self.earn(-self.disc(t) * busd * (1 + self.premium(site.country, life)), key)
        if key is None:
            self.fixed_capital[account] += busd
        else:
            self.capital[account].append((busd, key))

    def keep(self, country: str, busd: float, since: int, life: float, key: Key) -> None:
        if self.settings.finance.terminal_value:
            left = max(0.0, 1 - (self.end - since) / 12 / life)
            self.earn(self.final * left * busd * (1 + self.premium(country, life)), key)

    # Building (SEMANTICS 2)

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

    def run_sites(self, site: Site) -> None:
        tax = self.data.country_by_code[site.country].property_tax_fraction_per_year
        gw = site.module_mw / 1e3
        yearly = site.om_usd_per_kw_year * gw / 1e3 + tax * site.module_cost_usd_per_kw * gw / 1e3
        for t in self.T:
            decided, facts = self.on_line(site, t)
            self.earn(-self.disc(t) * self.years(t) * yearly * facts, None)
            for weight, key in decided:
                self.earn(-self.disc(t) * self.years(t) * yearly * weight, key)

    # Chips (SEMANTICS 3)

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
                    if self.spans[t][1] > chip.release and self.start(t) < chip.end_of_sale:
                        if not self.denied(site, chip, t):
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
        paid = self.price(chip.chip, self.start(t)) * (1 + country.it_sales_tax_fraction + tariff)
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
            self.lp.at_most([*used, (1.0, ("stock", chip, t)), *before], self.supply(chip, t))
            fresh = sum(self.supply(chip, u) for u in range(t + 1) if self.start(u) >= self.spans[t][1] - carry)
            self.lp.at_most([(1.0, ("stock", chip, t))], fresh)
        for row in self.data.chip_supply:
            within = [t for t in self.T if row.during.start <= self.start(t) < row.during.end]
            if row.chip == chip and row.minimum_units > 0 and within:
                self.lp.at_least([term for t in within for term in self.installations(chip, t)], row.minimum_units / 1e6)

    def installations(self, chip: str, t: int) -> Terms:
        keys: list[Key] = [("inst", site.site, chip, t) for site in self.data.sites]
        return [(1.0, key) for key in keys if key in self.lp.columns]

    # Power (SEMANTICS 4)

    def capacity(self, option: PowerOption, t: int, weight: float = 1.0) -> Terms:
        return [(weight, ("add", option.site, option.option, d)) for d in self.D if d <= t]

    def could_be_on_line(self, site: Site, d: int) -> bool:
        """Whether anything can be on line before the next decision date."""
        starts = [self.online(site, e) for e in self.dates(site) if self.site_plans(site) != [(0,) * len(self.dates(site))]]
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

    # Demand (SEMANTICS 5)

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
                        self.earn(-self.year_disc(year) * cost, key)
                    yield key

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

    # Rules (SEMANTICS 7)

    def active(self, effect: str, month: int | None = None) -> Iterator[Rule]:
        listed = {row.rule for row in self.data.regimes if row.regime == self.settings.policy.regime}
        for rule in self.data.rules:
            holds = month is None or (
                rule.effective_from <= month and (rule.effective_to is None or month < rule.effective_to)
            )
            if rule.rule in listed and rule.effect == effect and holds:
                yield rule

    def inside(self, test: str, country: str, month: int) -> bool:
        return parse_country_set(test).contains(country, month, self.data.groups)

    def owned(self, rule: Rule, site: Site, month: int) -> bool:
        named = rule.operators == "any" or site.operator in [name.strip() for name in rule.operators.split(";")]
        return named and self.inside(rule.owner, site.operator_hq, month)

    def selects(self, rule: Rule, site: Site, month: int) -> bool:
        return self.inside(rule.destination, site.country, month) and self.owned(rule, site, month)

    def denied(self, site: Site, chip: Chip, t: int) -> bool:
        return any(
            parse_chip_test(rule.chip_test).passes(chip) and self.selects(rule, site, self.start(t))
            for rule in self.active("deny", self.start(t))
        )

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
            if (weight := self.weight(rule, chip)) > 0
            and (key := ("inst", site.site, chip.chip, t)) in self.lp.columns
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
                here, base = self.stock(rule, t, rule.destination, 1.0), self.stock(rule, t, rule.base_destination, -share)
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

    # Budgets, limits, objectives (SEMANTICS 6.2, 8, 9)

    def budgets(self) -> None:
        share = self.settings.finance.carry_over_share
        budgets = {(row.pool, row.year): row.capital_busd for row in self.data.budgets}
        for (pool, year), money in budgets.items():
            if year in self.plan_years:
                terms: Terms = [(1.0, ("carried", pool, year))]
                if (pool, year - 1) in budgets and year - 1 in self.plan_years:
                    terms.append((-share, ("carried", pool, year - 1)))
                fixed = 0.0
                for (payer, country, paid), spent in [*self.capital.items()]:
                    if (payer, paid) == (pool, year):
                        terms += spent
                for (payer, _, paid), busd in self.fixed_capital.items():
                    if (payer, paid) == (pool, year):
                        fixed += busd
                self.lp.at_most(terms, money - fixed)

    def in_scope(self, limit: Limit, country: str, grid_region: str) -> bool:
        if limit.scope.startswith("grid:"):
            return grid_region == limit.scope[5:]
        return limit.scope == "*" or self.inside(limit.scope, country, max(12 * limit.year, self.first))

    def caps(self) -> None:
        for limit in self.data.limits:
            if limit.year in self.plan_years:
                sites = [s for s in self.data.sites if self.in_scope(limit, s.country, s.grid_region)]
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

    # Search

    def site_plans(self, site: Site) -> list[tuple[int, ...]]:
        """Modules committed on each possible date, every way that SEMANTICS 2.4 allows."""
        room = site.max_modules - sum(b.modules for b in self.committed[site.site])
        dates = self.dates(site)
        plans = []
        for plan in product(range(max(0, room) + 1), repeat=len(dates)):
            per_year: dict[int, int] = defaultdict(int)
            for d, count in zip(dates, plan, strict=True):
                per_year[self.year(d)] += count
            if sum(plan) <= room and max(per_year.values(), default=0) <= (site.max_starts_per_year or room):
                plans.append(plan)
        return plans

    def building_plans(self) -> Iterator[dict[Key, float]]:
        sites = self.data.sites
        for choice in product(*(self.site_plans(site) for site in sites)):
            fixed: dict[Key, float] = {}
            for site, plan in zip(sites, choice, strict=True):
                dates = self.dates(site)
                first = next((d for d, count in zip(dates, plan, strict=True) if count), None)
                for d, count in zip(dates, plan, strict=True):
                    fixed["x", site.site, d] = count
                    fixed["open", site.site, d] = float(d == first)
            yield fixed

    def best(self) -> float | None:
        """Best objective over all plans; None if there is no plan."""
        lp = self.lp
        for rows in (lp.less, lp.equal):
            lp.matrix(rows)  # registers every column before shapes are fixed
        for key in list(lp.value):
            lp.column(key)
        upper, limits = lp.matrix(lp.less)
        same, sides = lp.matrix(lp.equal)
        cost = np.zeros(len(lp.columns))
        for key, value in lp.value.items():
            cost[lp.column(key)] = -value
        best: float | None = None
        for plan in self.building_plans():
            bounds = np.array([[0.0, np.inf]] * len(lp.columns))
            for key, count in plan.items():
                if key in lp.columns:
                    bounds[lp.column(key)] = count
            found = linprog(cost, A_ub=upper, b_ub=limits, A_eq=same, b_eq=sides, bounds=bounds, method="highs")
            if found.status == 0:
                value = lp.constant - found.fun
                best = value if best is None else max(best, value)
            else:
                assert found.status == 2, found.message
        return best


def best_objective(instance: Instance) -> float | None:
    """Best objective of any plan of the instance, or None if no plan meets its limits."""
    return Oracle(instance).best()
