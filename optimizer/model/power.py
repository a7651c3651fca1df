"""Power: capacity of supply options by date, the worst hour, energy by year, shared scarcity (SEMANTICS 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from math import inf

import pyomo.environ as pyo

from optimizer.instance.instance import Instance
from optimizer.instance.schema import GridStep, PowerMethod, PowerOption, Site
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.dispatch import Dispatch, TechnologyShares, add_dispatch
from optimizer.model.dispatch_modes import dispatch_by_modes
from optimizer.model.expressions import Term, linear
from optimizer.model.fleet import Fleet
from optimizer.model.power_shares import PowerShares, firm_share
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.timing import PeriodIndex, Timing
from optimizer.units import TWH_PER_GW_YEAR, gw_from_mw


@dataclass(frozen=True)
class PowerSupply:
    """Power decisions.

    Variables
    ---------
    capacity[site, option, d]
        Facility power of an option from decision date d on [GW], never falling.
    energy[site, option, year]
        Energy it delivers in a year [TWh].
    """

    context: ModelContext
    fleet: Fleet
    dates: Mapping[tuple[str, str], tuple[PeriodIndex, ...]]
    dispatch: Dispatch = field(default_factory=dict)

    def capacity_at(self, option: PowerOption, period: PeriodIndex) -> list[Term]:
        """Term of the capacity that counts in a period (none before the option is available)."""
        decision = self.context.timing.decision_serving(period)
        key = (option.site, option.option)
        return [(1.0, self.context.model.capacity[*key, decision])] if decision in self._date_sets[key] else []

    def added_on(self, option: PowerOption, decision: PeriodIndex) -> list[Term]:
        """Terms of the capacity added on a decision date."""
        dates = self.dates[option.site, option.option]
        if decision not in self._date_sets[option.site, option.option]:
            return []
        position = dates.index(decision)
        capacity = self.context.model.capacity
        terms: list[Term] = [(1.0, capacity[option.site, option.option, decision])]
        if position > 0:
            terms.append((-1.0, capacity[option.site, option.option, dates[position - 1]]))
        return terms

    @cached_property
    def _date_sets(self) -> Mapping[tuple[str, str], frozenset[PeriodIndex]]:
        return {key: frozenset(dates) for key, dates in self.dates.items()}

    def held(self, option: PowerOption, year: int) -> list[Term]:
        """Terms of the capacity of an option, summed over the periods of a year [GW-years]."""
        timing = self.context.timing
        return [
            (timing.length(t) * coefficient, variable)
            for t in timing.of_year(year)
            for coefficient, variable in self.capacity_at(option, t)
        ]

    def drawn(self, name: str, year: int) -> list[Term]:
        """Terms of the energy that a site draws in a year [TWh]; formulation.md (8)."""
        context, timing = self.context, self.context.timing
        site, working = context.instance.site_by_id[name], context.model.working_gw
        factor = site.pue_average * context.instance.settings.power.average_load_share * TWH_PER_GW_YEAR
        return [(factor * timing.length(t), working[name, t]) for t in timing.of_year(year) if (name, t) in working]

    def delivered(self, name: str, year: int) -> list[Term]:
        """Terms of the energy that a site is given in a year: what it draws, less what is cut [TWh]."""
        if name in self.context.instance.dispatched_sites:
            cut = [(-1.0, self.context.model.cut[name, year])] if self.is_cut(name, year) else []
            return [*self.drawn(name, year), *cut]
        energy = self.context.model.energy
        options = self.active_options(self.context.instance.site_by_id[name])
        return [(1.0, energy[name, o.option, year]) for o in options if (name, o.option, year) in energy]

    def is_cut(self, name: str, year: int) -> bool:
        """Whether dispatch may cut load of a site in a year."""
        return (name, year) in self.dispatch and self.context.instance.needs(name).is_curtailable

    def given(self, name: str, year: int) -> list[Term]:
        """Terms of the energy of options that stand beside the technologies of a dispatched site [TWh]."""
        energy, instance = self.context.model.energy, self.context.instance
        options = [o for o in self.active_options(instance.site_by_id[name]) if not instance.is_dispatched(o)]
        return [(1.0, energy[name, o.option, year]) for o in options if (name, o.option, year) in energy]

    def active_options(self, site: Site) -> list[PowerOption]:
        """Options of a site that can ever carry load."""
        return [
            option
            for option in self.context.instance.options_of_site[site.site]
            if self.dates[site.site, option.option]
        ]


def capacity_limit(option: PowerOption, steps: Sequence[GridStep], month: int) -> float:
    """Most capacity of an option that may exist in a month, given its grid steps (SEMANTICS 4.2) [GW]."""
    reached = [step for step in steps if step.available_from <= month]
    if reached:
        return gw_from_mw(max(reached, key=lambda step: step.available_from).cumulative_mw)
    return gw_from_mw(option.max_mw) if month >= option.available_from else 0.0


def add_power(context: ModelContext, fleet: Fleet) -> PowerSupply:
    """Add power variables and their rows."""
    limits = capacity_limits(context, fleet)
    dates: dict[tuple[str, str], tuple[PeriodIndex, ...]] = {}
    for option in context.instance.power_options:
        key = (option.site, option.option)
        dates[key] = tuple(d for d in context.timing.decisions if limits.get((*key, d), 0.0) > 0)
        if not dates[key]:
            context.vacuous.append(Vacuous("power_options", "/".join(key), "no capacity while its site can be on line"))
    for needs in context.instance.power_needs:
        if needs.is_idle:
            context.vacuous.append(Vacuous("power_needs", needs.site, "its load asks for nothing beside energy"))
    supply = PowerSupply(context, fleet, dates)
    _add_variables(supply, limits)
    _add_worst_hour(supply)
    _add_energy(supply)
    return _with_dispatch(supply) if context.instance.dispatched_sites else supply


def capacity_limits(context: ModelContext, fleet: Fleet) -> dict[tuple[str, str, PeriodIndex], float]:
    """Positive upper bounds of capacity, from availability and from what the site could ever draw."""
    limits: dict[tuple[str, str, PeriodIndex], float] = {}
    first_online = fleet.siting.first_online
    steps: dict[tuple[str, str], list[GridStep]] = defaultdict(list)
    for step in context.instance.grid_steps:
        steps[step.site, step.option].append(step)
    for option in context.instance.power_options:
        if option.site not in first_online:
            continue
        # Of a technology among others, as of sun, much more may be useful than the load of the site.
        is_part = context.instance.is_dispatched(option)
        useful = inf if is_part else useful_gw(context.instance, option)
        for d in context.timing.decisions:
            if context.timing.served_until(d) < first_online[option.site]:
                continue
            available = capacity_limit(option, steps[option.site, option.option], context.timing.start(d))
            if available > 0:
                limits[option.site, option.option, d] = min(available, useful)
    return limits


def useful_gw(instance: Instance, option: PowerOption) -> float:
    """Most of an option that the load of its site could ever use, with its reserve [GW]."""
    site, reserve = instance.site_by_id[option.site], 1 + instance.needs(option.site).reserve_margin
    return reserve * (site.pue_peak * site.module_gw * site.max_modules) / option.least_share


def _add_variables(supply: PowerSupply, limits: Mapping[tuple[str, str, PeriodIndex], float]) -> None:
    context, model = supply.context, supply.context.model
    states = [(*key, d) for key, dates in supply.dates.items() for d in dates]
    model.capacity = pyo.Var(states, within=pyo.NonNegativeReals, bounds=lambda _, s, q, d: (0, limits[s, q, d]))
    years = [
        (*key, year)
        for key, dates in supply.dates.items()
        if dates
        for year in context.timing.years
        if year >= context.timing.year(dates[0])
    ]
    model.energy = pyo.Var(years, within=pyo.NonNegativeReals)
    later = {(*key, d): before for key, dates in supply.dates.items() for before, d in pairwise(dates)}

    def capacity_never_falls(_: pyo.ConcreteModel, s: str, q: str, d: PeriodIndex) -> object:
        """capacity[s,q,d] >= capacity[s,q,d-1]; formulation.md (9)."""
        return linear([(1.0, model.capacity[s, q, d]), (-1.0, model.capacity[s, q, later[s, q, d]])]) >= 0

    model.capacity_never_falls = pyo.Constraint(list(later), rule=capacity_never_falls)


def _add_worst_hour(supply: PowerSupply) -> None:
    """Sum over options of firm share x capacity >= pue_peak x working_gw; formulation.md (9), SEMANTICS 12.7."""
    context, model = supply.context, supply.context.model

    def power_on_the_worst_hour(_: pyo.ConcreteModel, name: str, t: PeriodIndex) -> object:
        site = context.instance.site_by_id[name]
        year = context.timing.year(t)
        firm = [
            (firm_share(context.instance, option, year) * coefficient, variable)
            for option in supply.active_options(site)
            for coefficient, variable in supply.capacity_at(option, t)
        ]
        return linear([*firm, (-site.pue_peak, model.working_gw[name, t])]) >= 0

    model.power_on_the_worst_hour = pyo.Constraint(list(model.working_gw), rule=power_on_the_worst_hour)


def _add_energy(supply: PowerSupply) -> None:
    """Energy delivered meets energy drawn, and no option delivers more than it can; formulation.md (8), (9)."""
    context, model = supply.context, supply.context.model
    mixed = [key for key in _site_years(supply) if key[0] not in context.instance.dispatched_sites]

    def energy_meets_load(_: pyo.ConcreteModel, name: str, year: int) -> object:
        """Sum over options of energy / (1 - share cut) = pue_average x load share x 8.76 x average working_gw."""
        site = context.instance.site_by_id[name]
        served: list[Term] = [
            (1 / _delivered_share(context.instance, option), model.energy[name, option.option, year])
            for option in supply.active_options(site)
            if (name, option.option, year) in model.energy
        ]
        return linear([*served, *((-factor, variable) for factor, variable in supply.drawn(name, year))]) == 0

    options = {(option.site, option.option): option for option in context.instance.power_options}

    def energy_within_capacity(_: pyo.ConcreteModel, name: str, key: str, year: int) -> object:
        """Energy <= energy_availability x 8.76 x average capacity of the year."""
        option = options[name, key]
        factor = option.energy_availability * TWH_PER_GW_YEAR
        able = [(-factor * share, variable) for share, variable in supply.held(option, year)]
        return linear([(1.0, model.energy[name, key, year]), *able]) <= 0

    model.energy_meets_load = pyo.Constraint(mixed, rule=energy_meets_load)
    model.energy_within_capacity = pyo.Constraint(list(model.energy), rule=energy_within_capacity)


def _delivered_share(instance: Instance, option: PowerOption) -> float:
    """Energy that an option delivers per energy of the load that it carries; portfolios may cut some."""
    row = instance.load_of_dispatch.get((option.site, option.option))
    return 1.0 if row is None else row.delivered


def _site_years(supply: PowerSupply) -> list[tuple[str, int]]:
    """Sites and years in which chips may work."""
    working, timing = supply.context.model.working_gw, supply.context.timing
    return sorted({(name, timing.year(t)) for name, t in working}, key=lambda key: (key[0], key[1]))


def _with_dispatch(supply: PowerSupply) -> PowerSupply:
    """Dispatch computed sites by modes or by the hour (SEMANTICS 12.13)."""
    context, shares = supply.context, TechnologyShares(supply.context.instance)
    years = [key for key in _site_years(supply) if key[0] in context.instance.dispatched_sites]

    def technologies(site: str, year: int) -> frozenset[str]:
        return frozenset(
            technology
            for technology in shares.technologies(site)
            if any(supply.held(option, year) for option, _ in shares.by_technology[site, technology])
        )

    if context.instance.settings.power.method is PowerMethod.EMBEDDED:
        from optimizer.model.hourly_dispatch import dispatch_by_the_hour

        dispatch = dispatch_by_the_hour(context, years, technologies)
    else:
        dispatch = dispatch_by_modes(context, years, technologies)
    add_dispatch(context, dispatch, supply.drawn, supply.held, supply.given)
    return replace(supply, dispatch=dispatch)


def grid_headroom_rows(supply: PowerSupply) -> Rows:
    """Grid capacity of a region's sites <= the region's headroom (SEMANTICS 4.6)."""
    context, headroom = supply.context, grid_headroom_limits(supply.context)
    users: dict[tuple[str, PeriodIndex], list[Term]] = defaultdict(list)
    shares = PowerShares(context.instance)
    for option in context.instance.power_options:
        region = context.instance.site_by_id[option.site].grid_region
        drawn = shares.grid(option)
        if drawn > 0:
            for d in supply.dates[option.site, option.option]:
                if (region, d) in headroom:
                    users[region, d] += [(drawn * factor, state) for factor, state in supply.capacity_at(option, d)]
    used_regions = {region for region, _ in users}
    context.vacuous.extend(
        Vacuous("grid_headroom", region, "no grid option of a buildable site lies in it")
        for region in sorted({region for region, _ in headroom} - used_regions)
    )
    return {key: LinearRow(terms, upper=headroom[key]) for key, terms in users.items()}


def grid_headroom_limits(context: ModelContext) -> dict[tuple[str, PeriodIndex], float]:
    """Headroom of each grid region on each decision date on which a row is in force [GW]."""
    rows: dict[str, dict[int, float]] = defaultdict(dict)
    for row in context.instance.grid_headroom:
        rows[row.grid_region][row.year] = gw_from_mw(row.cumulative_mw)
    limits: dict[tuple[str, PeriodIndex], float] = {}
    for region, by_year in rows.items():
        for d in context.timing.decisions:
            known = [year for year in by_year if year <= context.timing.year(d)]
            if known:
                limits[region, d] = by_year[max(known)]
    return limits


def site_carbon_rows(supply: PowerSupply) -> Rows:
    """Carbon of all options of a site in a year <= limit per MWh x energy delivered (SEMANTICS 12.16)."""
    context, rows = supply.context, dict[tuple[str, int], LinearRow]()
    for name, year in _site_years(supply):
        limit = context.instance.needs(name).carbon_limit_t_per_mwh
        if limit is None:
            continue
        emitted = [
            (context.instance.option_in_year(option, year).carbon_t_per_mwh, context.model.energy[key])
            for option in supply.active_options(context.instance.site_by_id[name])
            if (key := (name, option.option, year)) in context.model.energy
        ]
        allowed = [(-limit * factor, variable) for factor, variable in supply.delivered(name, year)]
        rows[name, year] = LinearRow([*emitted, *allowed], upper=0.0)
    return rows


def slot_rows(supply: PowerSupply) -> Rows:
    """Capacity added in a year, times its use of a long-lead item, <= the year's slots (SEMANTICS 4.7)."""
    context, timing = supply.context, supply.context.timing
    shares = PowerShares(context.instance)
    rows: dict[tuple[str, int], LinearRow] = {}
    for (resource, year), limit in slot_limits(context).items():
        decisions = [d for d in timing.decisions if timing.year(d) == year]
        terms = [
            (taken * coefficient, variable)
            for option in context.instance.power_options
            if (taken := shares.slot(option, resource)) > 0
            for d in decisions
            for coefficient, variable in supply.added_on(option, d)
        ]
        if not terms:
            context.vacuous.append(
                Vacuous("slots", f"{resource}/{year}", "nothing that uses it can be added in that year")
            )
        rows[resource, year] = LinearRow(terms, upper=limit)
    return rows


def technology_limit_rows(supply: PowerSupply) -> Rows:
    """Technologies within the computed options of a site <= what the site may have (SEMANTICS 12.1, 12.11)."""
    context, timing = supply.context, supply.context.timing
    shares = PowerShares(context.instance)
    uses: dict[tuple[str, str, PeriodIndex], list[Term]] = defaultdict(list)
    for option in context.instance.power_options:
        for technology, mw in (shares.technologies(option) or {}).items():
            for d in supply.dates[option.site, option.option] if mw > 0 else ():
                terms = [(mw * factor, state) for factor, state in supply.capacity_at(option, d)]
                uses[option.site, technology, d] += terms
    limits = technology_limits(context)
    return {
        key: LinearRow(terms, upper=limits.get(key, 0.0)) for key, terms in uses.items() if _binds(key, limits, timing)
    }


def _binds(
    key: tuple[str, str, PeriodIndex], limits: Mapping[tuple[str, str, PeriodIndex], float], timing: Timing
) -> bool:
    """Whether a limit says more than the one on the next decision date: capacity never falls."""
    site, technology, d = key
    later = next((after for after in timing.decisions if after > d), None)
    return later is None or limits.get(key, 0.0) < limits.get((site, technology, later), 0.0)


def technology_limits(context: ModelContext) -> dict[tuple[str, str, PeriodIndex], float]:
    """Most capacity of a technology at a site on each decision date from its first row on [GW]."""
    leads = {row.technology: row.lead_months for row in context.instance.technologies}
    latest: dict[tuple[str, str, PeriodIndex], tuple[int, float]] = {}
    for row in context.instance.technology_limits:
        earliest = max(row.holds_from, context.timing.calendar.start + leads[row.technology])
        for d in context.timing.decisions:
            key, month = (row.site, row.technology, d), context.timing.start(d)
            if month >= earliest and latest.get(key, (0, 0.0))[0] <= row.holds_from:
                latest[key] = (row.holds_from, gw_from_mw(row.cumulative_mw))
    return {key: limit for key, (_, limit) in latest.items()}


def slot_limits(context: ModelContext) -> dict[tuple[str, int], float]:
    """New capacity that each long-lead item allows in each year of the plan [GW]."""
    years = context.timing.years
    return {(row.resource, row.year): gw_from_mw(row.mw) for row in context.instance.slots if row.year in years}
