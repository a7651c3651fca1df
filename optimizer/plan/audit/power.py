"""Recomputes power: capacity, the worst hour, energy, carbon, water and what they cost (SEMANTICS 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer import units
from optimizer.instance.instance import Instance
from optimizer.instance.schema import GridStep, PortfolioPart, PowerOption, Site
from optimizer.plan.audit.building import SiteBuild
from optimizer.plan.audit.chips import Fleet
from optimizer.plan.audit.clock import Clock, Series
from optimizer.plan.audit.ledger import NOTHING, Ledger
from optimizer.plan.audit.option_years import OptionYears, dispatched_sites
from optimizer.plan.audit.runs import Dispatched
from optimizer.plan.tables import PowerCapacity, PowerEnergy, SiteOperation


@dataclass(frozen=True)
class Supply:
    """A power option of a site over the plan.

    Attributes
    ----------
    added, capacity
        Facility GW added on decision dates, and standing in each period.
    energy, carbon, water
        TWh, Mt and million m3 of each year.
    capex, fixed
        Cost of each period [B USD].
    energy_cost
        Cost of each year, with power tax [B USD].
    value_left
        Capital left at the end of the plan, before financing [B USD].
    """

    site: Site
    option: PowerOption
    added: Series
    capacity: Series
    capex: Series
    fixed: Series
    value_left: float
    energy: dict[int, float] = field(default_factory=dict)
    energy_cost: dict[int, float] = field(default_factory=dict)
    carbon: dict[int, float] = field(default_factory=dict)
    water: dict[int, float] = field(default_factory=dict)


Supplies = dict[tuple[str, str], Supply]


def audit_power(
    ledger: Ledger,
    instance: Instance,
    clock: Clock,
    capacities: Sequence[PowerCapacity],
    energies: Sequence[PowerEnergy],
    dispatched: Dispatched,
) -> Supplies:
    """Check every addition of capacity and every year of energy; return what each option supplies."""
    added: dict[tuple[str, str], Series] = defaultdict(clock.zeros)
    for row in capacities:
        added[row.site, row.option][clock.index[row.period]] += row.added_gw
    supplies: Supplies = {}
    numbers = OptionYears(instance)
    with_energy = {(row.site, row.option) for row in energies}
    for option in instance.power_options:
        key = (option.site, option.option)
        if key in added or key in with_energy:
            supplies[key] = _supply(instance.site_by_id[option.site], option, clock, added[key], numbers)
    _audit_capacity(ledger, instance, clock, capacities, supplies)
    _audit_energy(ledger, instance, clock, energies, supplies, dispatched)
    return supplies


def _supply(site: Site, option: PowerOption, clock: Clock, added: Series, numbers: OptionYears) -> Supply:
    capacity = clock.held(added)
    of_period = [numbers.of(option, year) for year in clock.year_of]
    per_gw = np.array([row.capex_usd_per_kw / 1e3 for row in of_period])
    left = sum(
        float(added[t] * per_gw[t]) * max(0.0, 1 - (clock.end - clock.starts[t]) / 12 / option.life_years)
        for t in clock.decisions
        if added[t] != 0
    )
    return Supply(
        site=site,
        option=option,
        added=added,
        capacity=capacity,
        capex=added * per_gw,
        fixed=capacity * clock.lengths * np.array([row.fixed_usd_per_kw_year / 1e3 for row in of_period]),
        value_left=left,
    )


def capacity_limit(option: PowerOption, steps: Sequence[GridStep], month: int) -> float:
    """Most facility GW that an option can carry from a month on (4.2)."""
    if month < option.available_from:
        return 0.0
    reached = [step for step in steps if step.available_from <= month]
    latest = max(reached, key=lambda step: step.available_from).cumulative_mw if reached else option.max_mw
    return units.gw_from_mw(latest)


def _audit_capacity(
    ledger: Ledger, instance: Instance, clock: Clock, rows: Sequence[PowerCapacity], supplies: Supplies
) -> None:
    steps: dict[tuple[str, str], list[GridStep]] = defaultdict(list)
    for step in instance.grid_steps:
        steps[step.site, step.option].append(step)
    numbers = OptionYears(instance)
    for row in rows:
        supply = supplies[row.site, row.option]
        t = clock.index[row.period]
        total = float(supply.capacity[t])
        ledger.text("power.kind", row, "kind", supply.option.kind.value)
        ledger.holds("power.row", row, "added_gw", row.added_gw > 0, "no capacity is added")
        ledger.number("power.capacity", row, "capacity_gw", total)
        # The stated capacity less what stood before pins a small addition to a large capacity.
        ledger.number("power.added", row, "added_gw", row.capacity_gw - float(supply.capacity[t] - row.added_gw),
                      scale=total)  # fmt: skip
        per_gw = numbers.of(supply.option, clock.year_of[t]).capex_usd_per_kw / 1e3
        ledger.number("power.capex", row, "capex_busd", row.added_gw * per_gw)
    for key, supply in supplies.items():
        for t in clock.decisions:
            standing = float(supply.capacity[t])
            if standing > 0:
                limit = capacity_limit(supply.option, steps[key], clock.starts[t])
                where = f"{key[0]} {key[1]} {clock.labels[t]}"
                ledger.at_most("power.available", "power", where, standing, limit)


def _audit_energy(
    ledger: Ledger,
    instance: Instance,
    clock: Clock,
    rows: Sequence[PowerEnergy],
    supplies: Supplies,
    dispatched: Dispatched,
) -> None:
    held = {key: clock.yearly(supply.capacity) for key, supply in supplies.items()}
    fixed = {key: _by_year(clock, supply.fixed) for key, supply in supplies.items()}
    present = {(row.site, row.option, row.year) for row in rows}
    for held_key, years in held.items():
        for year, capacity in years.items():
            if capacity > NOTHING and (*held_key, year) not in present:
                message = "capacity stands in this year, but there is no row"
                ledger.absent("energy.rows", "energy", " ".join((*held_key, str(year))), message)
    rates = _EnergyRates(instance, dispatched)
    for row in rows:
        key = (row.site, row.option)
        supply, energy, option = supplies[key], row.energy_twh, supplies[key].option
        capacity = held[key][row.year]
        ledger.text("energy.kind", row, "kind", option.kind.value)
        ledger.holds("energy.row", row, "energy_twh", capacity > 0 or energy > 0, "neither capacity nor energy")
        most = option.energy_availability * units.TWH_PER_GW_YEAR * capacity
        ledger.at_most("energy.available", "energy", f"{row.site} {row.option} {row.year}", energy, most)
        supply.energy[row.year] = energy
        supply.energy_cost[row.year] = energy * rates.cost(supply, row.year)
        supply.carbon[row.year] = energy * rates.carbon(supply, row.year)
        supply.water[row.year] = energy * rates.water(supply)
        ledger.number("energy.cost", row, "energy_cost_busd", supply.energy_cost[row.year])
        ledger.number("energy.fixed_cost", row, "fixed_cost_busd", fixed[key][row.year])
        ledger.number("energy.carbon", row, "carbon_mt", supply.carbon[row.year])
        ledger.number("energy.water", row, "water_million_m3", supply.water[row.year])


class _EnergyRates:
    """Cost, carbon and water per TWh of an option; at dispatched sites tax and cooling belong to the load (12.13)."""

    def __init__(self, instance: Instance, dispatched: Dispatched) -> None:
        self._instance, self._dispatched = instance, dispatched
        self._numbers, self._sites = OptionYears(instance), dispatched_sites(instance)

    def cost(self, supply: Supply, year: int) -> float:
        price = self._numbers.of(supply.option, year).energy_usd_per_mwh
        parts = self._parts(supply)
        if parts:
            technologies = [part.technology for part in parts]
            return units.busd_per_twh(price * self._dispatched.price_factor(supply.site.site, technologies, year))
        tax = self._instance.country_by_code[supply.site.country].power_tax_usd_per_mwh
        return units.busd_per_twh(price + tax)

    def _parts(self, supply: Supply) -> Sequence[PortfolioPart]:
        """Parts of a technology of a dispatched site; none of other options."""
        key = (supply.site.site, supply.option.option)
        return self._instance.parts_of_option.get(key, ()) if key[0] in self._sites else ()

    def carbon(self, supply: Supply, year: int) -> float:
        return self._numbers.of(supply.option, year).carbon_t_per_mwh

    def water(self, supply: Supply) -> float:
        cooling = 0.0 if self._parts(supply) else supply.site.water_m3_per_mwh
        return supply.option.water_m3_per_mwh + cooling


def _by_year(clock: Clock, series: Series) -> dict[int, float]:
    return {year: float(series[list(periods)].sum()) for year, periods in clock.periods_of_year.items()}


@dataclass(frozen=True)
class SiteState:
    """What runs on a site, by period."""

    installed_gw: Series
    compute: Series
    capacity: Series
    firm: Series


def site_states(
    instance: Instance, clock: Clock, fleets: Mapping[tuple[str, str], Fleet], supplies: Supplies
) -> dict[str, SiteState]:
    """Add up chips and power by site."""
    states = {
        site.site: SiteState(clock.zeros(), clock.zeros(), clock.zeros(), clock.zeros()) for site in instance.sites
    }
    for (site, _), fleet in fleets.items():
        states[site].installed_gw[:] += fleet.gw
        states[site].compute[:] += fleet.compute
    numbers = OptionYears(instance)
    for (site, _), supply in supplies.items():
        counted = np.array([numbers.of(supply.option, year).firm_credit for year in clock.year_of])
        counted = counted / _reserve(instance, supply.option)
        states[site].capacity[:] += supply.capacity
        states[site].firm[:] += counted * supply.capacity
    return states


def _reserve(instance: Instance, option: PowerOption) -> float:
    """Capacity per capacity that counts on the worst hour; portfolios hold the margin in their parts (12.7)."""
    is_computed = (option.site, option.option) in instance.parts_of_option
    if is_computed and option.site not in dispatched_sites(instance):
        return 1.0
    return 1 + next((row.reserve_margin for row in instance.power_needs if row.site == option.site), 0.0)


def audit_operations(
    ledger: Ledger,
    instance: Instance,
    clock: Clock,
    rows: Sequence[SiteOperation],
    builds: Mapping[str, SiteBuild],
    states: Mapping[str, SiteState],
) -> None:
    """Check the state of every site in every period: shells, chips and power in balance (3.3, 4.3)."""
    stated = {(row.site, row.period): row for row in rows}
    for site in instance.sites:
        build, state = builds[site.site], states[site.site]
        for t, label in enumerate(clock.labels):
            online, installed = float(build.online_gw[t]), float(state.installed_gw[t])
            capacity, firm = float(state.capacity[t]), float(state.firm[t])
            where = f"{site.site} {label}"
            if installed > 0:
                ledger.at_most("operations.installed_within_online", "operations", where, installed, online)
                peak = site.pue_peak * installed
                ledger.at_least("power.worst_hour", "operations", where, firm, peak)
            row = stated.get((site.site, label))
            if row is None:
                if online > NOTHING or capacity > NOTHING:
                    message = "capacity or power stands, but there is no row"
                    ledger.absent("operations.rows", "operations", where, message)
                continue
            ledger.holds("operations.row", row, "period", online > 0 or capacity > 0, "nothing stands here")
            ledger.number("operations.online_gw", row, "online_gw", online)
            ledger.number("operations.installed_gw", row, "installed_gw", installed)
            ledger.number("operations.compute", row, "compute_h100e_million", float(state.compute[t]))
            ledger.number("operations.power_capacity", row, "power_capacity_gw", capacity)
            ledger.number("operations.firm_power", row, "firm_power_gw", firm)
            ledger.number("operations.peak_load", row, "peak_load_gw", site.pue_peak * installed)


def audit_energy_balance(
    ledger: Ledger,
    instance: Instance,
    clock: Clock,
    states: Mapping[str, SiteState],
    supplies: Supplies,
    dispatched: Dispatched,
) -> None:
    """Check that each site is given in a year exactly the energy that its chips need, less what is cut (4.4, 12.16)."""
    cuts = {(load.site, load.dispatch): load.cut_mwh_per_mwh for load in instance.dispatch_loads}
    delivered: dict[tuple[str, int], float] = defaultdict(float)
    sites, parts = dispatched_sites(instance), instance.parts_of_option
    for (name, option), supply in supplies.items():
        for year, energy in supply.energy.items():
            carried = energy / (1 - cuts.get((name, option), 0.0))
            delivered[name, year] += 0.0 if name in sites and (name, option) in parts else carried
    for key, load in dispatched.loads.items():
        delivered[key] += load.energy
    share = instance.settings.power.average_load_share
    for site in instance.sites:
        for year, gw_years in clock.yearly(states[site.site].installed_gw).items():
            need = site.pue_average * share * units.TWH_PER_GW_YEAR * gw_years
            given = delivered[site.site, year]
            if need > 0 or given > 0:
                ledger.equal("energy.balance", "energy", f"{site.site} {year}", given, need)
