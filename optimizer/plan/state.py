"""Stocks that follow from the decisions: modules on line, chips at work, power capacity, capital."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, CommittedBuild, PowerOption, Site
from optimizer.model.build import PlanModel
from optimizer.model.cashbook import CashCategory
from optimizer.model.context import ModelContext
from optimizer.model.siting import remaining_payments
from optimizer.model.timing import PeriodIndex, Timing
from optimizer.plan.decisions import Decisions
from optimizer.policy.owners import Owner


@dataclass(frozen=True, slots=True)
class CapitalPayment:
    """One capital payment of a site (SEMANTICS 6.1)."""

    category: CashCategory
    site: str
    period: PeriodIndex
    busd: float
    life_years: float


@dataclass(frozen=True)
class PlanState:
    """Decisions of a plan with the stocks that follow from them."""

    context: ModelContext
    decisions: Decisions

    @classmethod
    def of(cls, model: PlanModel, decisions: Decisions, instance: Instance) -> PlanState:
        """State of a solved model, read in the light of the instance that has the modes of its plan."""
        return cls(replace(model.context, instance=instance), decisions)

    @property
    def instance(self) -> Instance:
        """The instance planned for."""
        return self.context.instance

    @property
    def timing(self) -> Timing:
        """The instance's calendar."""
        return self.context.timing

    @cached_property
    def committed(self) -> Mapping[str, tuple[CommittedBuild, ...]]:
        """Rows of committed.csv by site."""
        rows: dict[str, list[CommittedBuild]] = {site.site: [] for site in self.instance.sites}
        for build in self.instance.committed:
            rows[build.site].append(build)
        return {site: tuple(builds) for site, builds in rows.items()}

    @cached_property
    def phases(self) -> Mapping[str, tuple[tuple[PeriodIndex, PeriodIndex, float], ...]]:
        """Decision period, first period on line and number of new modules, by site."""
        found: dict[str, list[tuple[PeriodIndex, PeriodIndex, float]]] = defaultdict(list)
        for (name, d), modules in sorted(
            self.decisions.modules.items(), key=lambda item: (item[0][0], int(item[0][1]))
        ):
            online = self.timing.online_period(d, self.instance.site_by_id[name].lead_months)
            assert online is not None, "modules are only committed where they come on line within the plan"
            found[name].append((d, online, modules))
        return {name: tuple(phases) for name, phases in found.items()}

    def opening_cost(self, site: Site, position: int, modules: float) -> float:
        """Opening cost that a site pays with its phase at ``position`` (SEMANTICS 2.6) [B USD]."""
        if self.committed[site.site]:
            return 0.0
        first_online = self.timing.start(self.phases[site.site][0][1])
        if not self.instance.settings.model.is_whole(first_online):
            return site.open_cost_busd * modules / site.max_modules
        return site.open_cost_busd if position == 0 else 0.0

    def online_gw(self, site: Site, period: int) -> float:
        """IT capacity on line [GW]."""
        return self._online_gw[site.site][period]

    @cached_property
    def _online_gw(self) -> Mapping[str, list[float]]:
        capacity: dict[str, list[float]] = {}
        for site in self.instance.sites:
            starts = [(online, modules) for _, online, modules in self.phases.get(site.site, ())]
            for build in self.committed[site.site]:
                online = self.timing.first_period_from(build.online_from)
                if online is not None:
                    starts.append((online, build.modules))
            capacity[site.site] = [
                site.module_gw * sum(modules for online, modules in starts if online <= t) for t in self.timing.periods
            ]
        return capacity

    @cached_property
    def working(self) -> Mapping[tuple[str, str], list[float]]:
        """Million chips at work in each period, by site and chip; the oldest leave first."""
        arrivals: dict[tuple[str, str], dict[PeriodIndex, float]] = defaultdict(dict)
        for (site, chip, t), count in self.decisions.installed.items():
            arrivals[site, chip][t] = count
        retired: dict[tuple[str, str], dict[PeriodIndex, float]] = defaultdict(dict)
        for (site, chip, t), count in self.decisions.retired_early.items():
            retired[site, chip][t] = count
        return {
            key: self._at_work(self.instance.chip_by_id[key[1]], bought, retired.get(key, {}))
            for key, bought in arrivals.items()
        }

    def _at_work(
        self, chip: Chip, bought: Mapping[PeriodIndex, float], sold: Mapping[PeriodIndex, float]
    ) -> list[float]:
        cohorts: list[tuple[PeriodIndex | None, float]] = []
        counts: list[float] = []
        for t in self.timing.periods:
            cohorts = [(leaves, count) for leaves, count in cohorts if leaves is None or leaves > t]
            to_sell = sold.get(t, 0.0)
            while to_sell > 0 and cohorts:
                leaves, count = cohorts.pop(0)
                if count > to_sell:
                    cohorts.insert(0, (leaves, count - to_sell))
                to_sell = max(0.0, to_sell - count)
            if t in bought:
                cohorts.append((self.timing.departure(chip, t), bought[t]))
            counts.append(sum(count for _, count in cohorts))
        return counts

    @cached_property
    def installations_of_period(self) -> Mapping[PeriodIndex, tuple[tuple[Site, Chip, float], ...]]:
        """Site, chip and million chips of the installations of each period."""
        grouped: dict[PeriodIndex, list[tuple[Site, Chip, float]]] = defaultdict(list)
        for (site, chip, t), count in self.decisions.installed.items():
            grouped[t].append((self.instance.site_by_id[site], self.instance.chip_by_id[chip], count))
        return {t: tuple(entries) for t, entries in grouped.items()}

    @cached_property
    def travelling(self) -> Mapping[str, tuple[tuple[str, str, PeriodIndex, float], ...]]:
        """Site, chip, period and million chips of what travels under each permit."""
        grouped: dict[str, list[tuple[str, str, PeriodIndex, float]]] = defaultdict(list)
        for (rule, site, chip, t), amount in self.decisions.permitted.items():
            grouped[rule].append((site, chip, t, amount))
        return {rule: tuple(entries) for rule, entries in grouped.items()}

    @cached_property
    def installed_gw(self) -> Mapping[str, list[float]]:
        """IT power of the chips at work in each period, by site [GW]."""
        return self._weighted({chip.chip: chip.it_power_kw for chip in self.instance.chips})

    @cached_property
    def compute(self) -> Mapping[str, list[float]]:
        """Compute of the chips at work in each period, by site [million H100e]."""
        return self._weighted({chip.chip: chip.performance_h100e for chip in self.instance.chips})

    def _weighted(self, weight: Mapping[str, float]) -> dict[str, list[float]]:
        totals = {site.site: [0.0] * len(self.timing.periods) for site in self.instance.sites}
        for (site, chip), counts in self.working.items():
            for t, count in enumerate(counts):
                totals[site][t] += weight[chip] * count
        return totals

    def capacity_gw(self, option: PowerOption, period: int) -> float:
        """Facility power of an option in a period [GW]."""
        decision = self.timing.decision_serving(period)
        return self.decisions.capacity.get((option.site, option.option, decision), 0.0)

    @cached_property
    def additions(self) -> Mapping[tuple[str, str, PeriodIndex], float]:
        """Capacity added on each decision date [GW]."""
        before: dict[tuple[str, str], float] = defaultdict(float)
        added: dict[tuple[str, str, PeriodIndex], float] = {}
        for (site, option, d), held in sorted(
            self.decisions.capacity.items(), key=lambda item: (*item[0][:2], int(item[0][2]))
        ):
            if held > before[site, option]:
                added[site, option, d] = held - before[site, option]
                before[site, option] = held
        return added

    @cached_property
    def options(self) -> Mapping[tuple[str, str], PowerOption]:
        """Power options by site and name."""
        return {(option.site, option.option): option for option in self.instance.power_options}

    def option(self, site: str, name: str, year: int) -> PowerOption:
        """A power option with its numbers of a year."""
        return self.instance.option_in_year(self.options[site, name], year)

    def price_factor(self, option: PowerOption, year: int) -> float:
        """Price of what an option delivers in a year over the mean price, by the modes that its site runs in."""
        energy, paid = self._priced_energy.get((option.site, year), {}).get(option.option, (0.0, 0.0))
        return paid / energy if energy > 0 else 1.0

    @cached_property
    def _priced_energy(self) -> Mapping[tuple[str, int], Mapping[str, tuple[float, float]]]:
        """TWh of each technology, and times the factors on its price, by site and year."""
        found: dict[tuple[str, int], dict[str, tuple[float, float]]] = defaultdict(dict)
        for (site, mode, year), level in self.decisions.levels.items():
            for row in self.instance.modes_of_site[site][mode]:
                energy, paid = found[site, year].get(row.technology, (0.0, 0.0))
                twh = level * row.mwh_per_mwh
                found[site, year][row.technology] = energy + twh, paid + row.price_factor * twh
        return found

    @cached_property
    def payments(self) -> tuple[CapitalPayment, ...]:
        """Every capital payment of the plan."""
        return (*self._building_payments(), *self._power_payments(), *self._chip_payments())

    def _building_payments(self) -> Iterator[CapitalPayment]:
        life, prices = self.context.shell_life_years, self.context.prices
        for site in self.instance.sites:
            for position, (d, _, modules) in enumerate(self.phases.get(site.site, ())):
                opening = self.opening_cost(site, position, modules)
                if opening > 0:
                    yield CapitalPayment(CashCategory.SITE_OPENING, site.site, d, opening, life)
                for months, share in prices.spend_milestones(site):
                    paid = self.timing.calendar.period_containing(self.timing.start(d) + months)
                    if paid is not None:
                        busd = modules * share * prices.module_cost(site)
                        yield CapitalPayment(CashCategory.MODULES, site.site, self.timing.periods[paid], busd, life)
            for build in self.committed[site.site]:
                for t, busd in remaining_payments(self.context, site, build):
                    yield CapitalPayment(CashCategory.COMMITTED_MODULES, site.site, t, busd, life)

    def _power_payments(self) -> Iterator[CapitalPayment]:
        for (site, name, d), added in self.additions.items():
            option = self.option(site, name, self.timing.year(d))
            busd = added * option.capex_busd_per_gw
            yield CapitalPayment(CashCategory.POWER_CAPEX, site, d, busd, option.life_years)

    def _chip_payments(self) -> Iterable[CapitalPayment]:
        for (name, chip_id, t), count in self.decisions.installed.items():
            chip, site = self.instance.chip_by_id[chip_id], self.instance.site_by_id[name]
            price = count * self.context.prices.chip_price(chip, self.timing.start(t))
            tax = price * self.chip_tax(site, chip, t)
            yield CapitalPayment(CashCategory.CHIPS, name, t, price, chip.life_months / 12)
            yield CapitalPayment(CashCategory.CHIP_TAXES, name, t, tax, chip.life_months / 12)

    def chip_tax(self, site: Site, chip: Chip, period: PeriodIndex) -> float:
        """Taxes and levies on a chip that arrives in a period, as a share of its price (SEMANTICS 3.7, 7.14)."""
        month = self.timing.start(period)
        levies = self.context.regime.levy_rate(site.country, Owner.of(site), chip, month)
        return self.context.prices.chip_tax(chip, site.country) + levies

    @cached_property
    def capital_of_site(self) -> Mapping[str, float]:
        """Undiscounted capital over the plan, by site [B USD]."""
        totals = {site.site: 0.0 for site in self.instance.sites}
        for payment in self.payments:
            totals[payment.site] += payment.busd
        return totals
