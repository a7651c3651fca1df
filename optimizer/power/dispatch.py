"""Sizing and dispatch of a site as one linear program (SEMANTICS 12.5-12.9).

Without limits and fixed loads all rows are homogeneous: scaled loads have scaled plans. Indices in the formulas:
k supplier, i period, h slice of w(h) hours; l IT load, X capacity, p output, shed load cut.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.power.profiles import Hours
from optimizer.power.rows import Columns, Gathering, LinearProgram, Optimum, Term, solve_program
from optimizer.power.site import SitePowerProblem, Storage, Supplier


@dataclass(frozen=True)
class Variables:
    """Where the variables stand: load (P), capacity (K, P), output (K, P, H), the others (P) or (P, H)."""

    load: Columns
    capacity: Columns
    output: Columns
    shed: Columns
    unserved: Columns
    grid_peak: Columns
    power: Columns
    firm_power: Columns
    energy: Columns
    charge: Columns
    discharge: Columns
    stored: Columns


@dataclass(frozen=True)
class Plan:
    """Power of a site.

    Attributes
    ----------
    cost
        Discounted cost [B USD].
    load
        IT load of each period (P) [GW].
    capacity
        Capacity of each supplier in each period (K, P) [GW].
    storage_power, storage_energy
        Of each period (P) [GW, GWh].
    energy
        Delivered by each supplier in a year of each period (K, P) [TWh].
    output
        In each slice (K, P, H) [GW].
    shed, unserved
        Energy cut, and missing beyond cuts, in a year (P) [TWh].
    carbon
        Emissions of a year (P) [Mt].
    load_price
        Change of the cost per GW of load (P) [B USD].
    """

    cost: float
    load: Hours
    capacity: Hours
    storage_power: Hours
    storage_energy: Hours
    energy: Hours
    output: Hours
    shed: Hours
    unserved: Hours
    carbon: Hours
    load_price: Hours


def size_site(problem: SitePowerProblem, load: Hours) -> Plan:
    """Cheapest capacity and dispatch that carry an IT load [GW] in each period.

    Raises
    ------
    PowerError
        If nothing on offer carries the load.
    """
    program, at, load_rows = site_program(problem, load)
    return read_plan(problem, at, load_rows, solve_program(program))


def best_site(problem: SitePowerProblem, most_load: Hours, value: Hours) -> Plan:
    """Load of at most so much [GW], and its power, that is worth most at a value per GW of each period [B USD].

    `Plan.cost` is the cost less the value: the reduced cost of a column. `Plan.load_price` is 0 where less is loaded.
    """
    program, at, load_rows = site_program(problem, most_load)
    cost, lower = program.cost.copy(), program.row_lower.copy()
    cost[at.load], lower[load_rows] = -value, 0.0
    return read_plan(problem, at, load_rows, solve_program(replace(program, cost=cost, row_lower=lower)))


def read_plan(problem: SitePowerProblem, at: Variables, load_rows: Columns, optimum: Optimum) -> Plan:
    """What a solution says."""
    x, hours = optimum.x, problem.slices.hours / 1e3
    energy = x[at.output] @ hours
    carbon = np.array([supplier.carbon for supplier in problem.suppliers])
    return Plan(
        cost=optimum.value,
        load=x[at.load],
        capacity=x[at.capacity],
        storage_power=x[at.power],
        storage_energy=x[at.energy],
        energy=energy,
        output=x[at.output],
        shed=x[at.shed] @ hours,
        unserved=x[at.unserved] @ hours,
        carbon=(energy * carbon).sum(axis=0),
        load_price=optimum.row_dual[load_rows],
    )


def site_program(problem: SitePowerProblem, load: Hours) -> tuple[LinearProgram, Variables, Columns]:
    """The program, its variables, and the rows ``l(i) = load(i)``."""
    gathering = Gathering()
    at = _variables(gathering, problem)
    load_rows = gathering.add_rows((problem.periods,), [(at.load, 1.0)], lower=load, upper=load)
    for family in (
        _balance,
        _availability,
        _ramps,
        _storage,
        _cuts,
        _adequacy,
        _monotone,
        _limits,
        _carbon,
        _clean_hours,
        _grid_peak,
    ):
        family(gathering, problem, at)
    return gathering.program(), at, load_rows


def site_costs(problem: SitePowerProblem) -> Hours:
    """Costs of the program alone: problems that differ in nothing else share its rows."""
    gathering = Gathering()
    _variables(gathering, problem)
    return gathering.costs()


def cost_of_cumulative(yearly: Hours, years: Hours) -> Hours:
    """Cost of capacity held in period i if what is built in i pays ``yearly(i)`` in each year from i on.

    sum_i K(i) (X(i) - X(i-1)) with K(i) = yearly(i) x sum of years(j >= i), as factors of X(i): K(i) - K(i+1).
    """
    worth = yearly * np.cumsum(years[::-1])[::-1]
    return np.asarray(worth - np.append(worth[1:], 0.0), dtype=float)


def _variables(gathering: Gathering, problem: SitePowerProblem) -> Variables:
    needs, periods, slices = problem.needs, problem.periods, problem.slices.count
    count, years = len(problem.suppliers), problem.needs.years
    twh = years[:, None] * problem.slices.hours / 1e3
    storage = problem.storage
    none = np.zeros(periods)
    capacity = np.array([cost_of_cumulative(s.capital, years) + s.fixed * years for s in problem.suppliers])
    output = np.array([s.energy[:, None] * s.shape * twh for s in problem.suppliers])
    can_be = np.array([np.where(s.limit_gw > 0, np.inf, 0.0) for s in problem.suppliers])
    power = cost_of_cumulative(storage.power_capital, years) + storage.fixed * years if storage else none
    energy = cost_of_cumulative(storage.energy_capital, years) if storage else none
    room = np.where(storage.limit_gw > 0, np.inf, 0.0) if storage else none
    inside = room[:, None]
    missing = np.inf if needs.unserved_cost is not None else 0.0
    return Variables(
        load=gathering.add_columns(periods),
        capacity=gathering.add_columns(count, periods, cost=capacity, upper=can_be),
        output=gathering.add_columns(count, periods, slices, cost=output),
        shed=gathering.add_columns(periods, slices, cost=needs.shed_cost * twh),
        unserved=gathering.add_columns(periods, slices, cost=(needs.unserved_cost or 0.0) * twh, upper=missing),
        grid_peak=gathering.add_columns(periods, cost=needs.demand_charge * years),
        power=gathering.add_columns(periods, cost=power, upper=room),
        firm_power=gathering.add_columns(periods, upper=room),
        energy=gathering.add_columns(periods, cost=energy, upper=room),
        charge=gathering.add_columns(periods, slices, upper=inside),
        discharge=gathering.add_columns(
            periods, slices, cost=(storage.energy[:, None] if storage else 0.0) * twh, upper=inside
        ),
        stored=gathering.add_columns(periods, slices, upper=inside),
    )


def _balance(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """sum_k p(k,i,h) + discharge - charge + shed + unserved >= pue(h) l(i)."""
    supply: list[Term] = [(at.output[k], 1.0) for k in range(len(problem.suppliers))]
    rest: list[Term] = [(at.discharge, 1.0), (at.charge, -1.0), (at.shed, 1.0), (at.unserved, 1.0)]
    load: Term = (at.load[:, None], -problem.needs.pue)
    gathering.add_rows(at.shed.shape, [*supply, *rest, load], lower=0)


def _availability(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """p(k,i,h) <= output(k,h) X(k,i)."""
    for k, supplier in enumerate(problem.suppliers):
        terms: list[Term] = [(at.output[k], 1.0), (at.capacity[k][:, None], -supplier.output)]
        gathering.add_rows(at.shed.shape, terms, upper=0)


def _ramps(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """|p(k,i,h) - p(k,i,h-1)| <= ramp(k) step X(k,i) between slices of a day."""
    slices = problem.slices
    later = np.arange(slices.count)[np.arange(slices.count) % slices.per_day > 0]
    for k, supplier in enumerate(problem.suppliers):
        most = supplier.ramp_per_hour * slices.step
        if most < 1 and len(later):
            now, before = at.output[k][:, later], at.output[k][:, later - 1]
            for sign in (1.0, -1.0):
                terms = [(now, sign), (before, -sign), (at.capacity[k][:, None], -most)]
                gathering.add_rows(now.shape, terms, upper=0)


def _storage(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """stored(h) = stored(h-1) + e step charge - step discharge / e, cyclic in each day, e the root of the efficiency.

    charge <= power, discharge <= power, stored <= energy.
    """
    if problem.storage is None:
        return
    one_way, step = np.sqrt(problem.storage.efficiency), problem.slices.step
    before = at.stored[:, problem.slices.before]
    # Where a day has one slice, the state is its own past and only the flows remain.
    change: list[Term] = [(at.stored, 1.0), (before, -1.0)] if problem.slices.per_day > 1 else []
    flows: list[Term] = [(at.charge, -one_way * step), (at.discharge, step / one_way)]
    gathering.add_rows(at.stored.shape, [*change, *flows], lower=0, upper=0)
    for variable, size in ((at.charge, at.power), (at.discharge, at.power), (at.stored, at.energy)):
        gathering.add_rows(variable.shape, [(variable, 1.0), (size[:, None], -1.0)], upper=0)


def _cuts(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """shed(h) <= depth pue(h) l.

    sum_h w(h) shed(h) <= energy x sum_h w(h) pue(h) l, and <= depth x hours x the same.
    """
    needs, hours = problem.needs, problem.slices.hours
    gathering.add_rows(at.shed.shape, [(at.shed, 1.0), (at.load[:, None], -needs.shed_depth * needs.pue)], upper=0)
    share = min(needs.shed_energy, needs.shed_depth * needs.shed_hours)
    budget = share * float(hours @ needs.pue)
    gathering.add_sums(problem.periods, [(at.shed, hours), (at.load, -budget)], upper=0)


def _adequacy(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """sum_k credit(k) X(k,i) + credit F(i) >= ((1 + margin) pue_peak + largest machine(i)) l(i).

    F <= power and firm_hours F <= energy: power without energy behind it is not firm.
    """
    needs = problem.needs
    machine = needs.largest_machine if needs.largest_machine is not None else 0.0
    firm: list[Term] = [(at.capacity[k], supplier.firm_credit) for k, supplier in enumerate(problem.suppliers)]
    stored: list[Term] = [(at.firm_power, problem.storage.firm_credit)] if problem.storage else []
    load = (at.load, -((1 + needs.margin) * needs.pue_peak + machine))
    gathering.add_rows((problem.periods,), [*firm, *stored, load], lower=0)
    if problem.storage:
        lasting = problem.storage.firm_hours
        gathering.add_rows((problem.periods,), [(at.firm_power, 1.0), (at.power, -1.0)], upper=0)
        gathering.add_rows((problem.periods,), [(at.firm_power, lasting), (at.energy, -1.0)], upper=0)


def _monotone(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """X(i) >= X(i-1): what is built stays, as a source or as backup."""
    if problem.periods > 1:
        for sizes in (*at.capacity, at.power, at.energy):
            gathering.add_rows((problem.periods - 1,), [(sizes[1:], 1.0), (sizes[:-1], -1.0)], lower=0)


def _limits(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """X(k,i) <= limit(k,i)."""
    offers: list[Supplier | Storage] = [*problem.suppliers, *([problem.storage] if problem.storage else [])]
    for offer, sizes in zip(offers, (*at.capacity, at.power), strict=False):
        bounded = np.isfinite(offer.limit_gw)
        if bounded.any():
            gathering.add_rows((int(bounded.sum()),), [(sizes[bounded], 1.0)], upper=offer.limit_gw[bounded])


def _carbon(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """sum_k,h carbon(k,i) w(h) p(k,i,h) <= limit x sum_h w(h) (pue(h) l(i) - shed(h)): per energy delivered."""
    limit, hours = problem.needs.carbon_limit, problem.slices.hours
    if limit is not None:
        emitted = [(at.output[k], s.carbon[:, None] * hours) for k, s in enumerate(problem.suppliers)]
        budget = limit * float(hours @ problem.needs.pue)
        less = [(at.shed, limit * hours)]
        gathering.add_sums(problem.periods, [*emitted, *less, (at.load, -budget)], upper=0)


def _clean_hours(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """Sum over k that are not clean of p(k,i,h) <= (1 - share) (pue(h) l(i) - shed(h)).

    So storage cannot be filled by others.
    """
    needs = problem.needs
    if needs.clean_share > 0:
        other = [(at.output[k], 1.0) for k, supplier in enumerate(problem.suppliers) if not supplier.is_clean]
        rest = 1 - needs.clean_share
        load: list[Term] = [(at.load[:, None], -rest * needs.pue), (at.shed, rest)]
        gathering.add_rows(at.shed.shape, [*other, *load], upper=0)


def _grid_peak(gathering: Gathering, problem: SitePowerProblem, at: Variables) -> None:
    """Sum over grid suppliers of p(k,i,h) <= grid_peak(i), which pays the demand charge."""
    drawn = [(at.output[k], 1.0) for k, supplier in enumerate(problem.suppliers) if supplier.is_grid]
    if drawn and problem.needs.demand_charge > 0:
        gathering.add_rows(at.shed.shape, [*drawn, (at.grid_peak[:, None], -1.0)], upper=0)


__all__ = [
    "Plan",
    "Variables",
    "best_site",
    "cost_of_cumulative",
    "read_plan",
    "site_costs",
    "site_program",
    "size_site",
]
