"""A portfolio sized on representative days, dispatched again over every hour of the year."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.power.dispatch import Plan, Variables, cost_of_cumulative, site_program
from optimizer.power.profiles import Hours
from optimizer.power.rows import LinearProgram, Optimum, solve_program
from optimizer.power.site import SitePowerProblem, Storage, Supplier

#: Price of energy that is missing in the dispatch of a full year: 10,000 USD per MWh.
MISSING_BUSD_PER_TWH = 10.0


@dataclass(frozen=True)
class FullYear:
    """What the hours of the year say about a plan made on fewer.

    Attributes
    ----------
    cost
        Discounted cost over every hour, missing energy at its price [B USD].
    cost_difference
        Less the cost of the plan, as share of it.
    carbon
        Emissions of a year of each period [Mt].
    carbon_difference
        Less those of the plan [Mt].
    unserved
        Energy that is missing in a year of each period [TWh].
    missing
        The same in each hour (P, H) [GW].
    cut
        Load that is cut in each hour (P, H) [GW].
    worth
        Discounted cost of energy in each hour, with what it takes of the year's budgets of cuts and carbon at their
        prices (P, H) [B USD]: tells days apart by what they ask of the plan.
    """

    cost: float
    cost_difference: float
    carbon: Hours
    carbon_difference: Hours
    unserved: Hours
    missing: Hours
    cut: Hours
    worth: Hours


def capacity_cost(problem: SitePowerProblem, plan: Plan) -> float:
    """Part of the cost of a plan that its capacity makes, dispatch left out [B USD]."""
    years, storage = problem.needs.years, problem.storage
    costs = [
        (cost_of_cumulative(supplier.capital, years) + supplier.fixed * years) @ capacity
        for supplier, capacity in zip(problem.suppliers, plan.capacity, strict=True)
    ]
    if storage:
        costs.append((cost_of_cumulative(storage.power_capital, years) + storage.fixed * years) @ plan.storage_power)
        costs.append(cost_of_cumulative(storage.energy_capital, years) @ plan.storage_energy)
    return float(np.sum(costs))


def dispatch_full_year(planned: SitePowerProblem, plan: Plan, whole: SitePowerProblem) -> FullYear:
    """Dispatch the capacities of a plan over another set of hours, each period by itself.

    Parameters
    ----------
    planned
        Problem that the plan solves.
    plan
        Its capacities stay as they are.
    whole
        The same site in every hour of the year.

    Raises
    ------
    PowerError
        If limits on carbon or clean hours cannot be met; energy that is missing is priced instead.
    """
    if whole.needs.unserved_cost is None:
        whole = replace(whole, needs=replace(whole.needs, unserved_cost=MISSING_BUSD_PER_TWH))
    hours = whole.slices.hours / 1e3
    cost, carbon = capacity_cost(planned, plan), np.zeros(whole.periods)
    missing, cut, worth = np.zeros((3, whole.periods, whole.slices.count))
    for period in range(whole.periods):
        program, at, _ = site_program(_one_period(whole, period), plan.load[[period]])
        lower, upper = program.lower.copy(), program.upper.copy()
        held = (plan.capacity[:, [period]], plan.storage_power[[period]], plan.storage_energy[[period]])
        for columns, sizes in zip((at.capacity, at.power, at.energy), held, strict=True):
            lower[columns] = upper[columns] = np.maximum(sizes, 0)
        optimum = solve_program(replace(program, lower=lower, upper=upper))
        energy = optimum.x[at.output[:, 0]] @ hours
        cost += optimum.value
        carbon[period] = energy @ np.array([supplier.carbon[period] for supplier in whole.suppliers])
        missing[period] = optimum.x[at.unserved[0]]
        cut[period] = optimum.x[at.shed[0]]
        worth[period] = _worth_of_hours(program, at, optimum)
    return FullYear(cost, cost / plan.cost - 1, carbon, carbon - plan.carbon, missing @ hours, missing, cut, worth)


def in_merit_order(problem: SitePowerProblem, load: Hours, capacity: Hours) -> FullYear:
    """Dispatch of one period without storage: in each hour what costs least runs first, and no hour knows another.

    Equal to `dispatch_full_year` for a site without storage, ramps, cuts, demand charges and limits on carbon or
    clean hours; capital and fixed cost are those of the problem.

    Parameters
    ----------
    problem
        One period.
    load
        IT load (1) [GW].
    capacity
        Of each supplier (K, 1) [GW].

    Raises
    ------
    ValueError
        If the problem has more than one period, storage, or ramps.
    """
    if problem.periods != 1 or problem.storage or any(s.ramp_per_hour < 1 for s in problem.suppliers):
        message = "merit order knows one period, and neither storage nor ramps"
        raise ValueError(message)
    hours, suppliers = problem.slices.hours / 1e3, problem.suppliers
    price = np.array([s.energy[0] * s.shape for s in suppliers]).reshape(-1, problem.slices.count)
    most = np.array([s.output for s in suppliers]).reshape(price.shape) * capacity
    order = np.argsort(price, axis=0, kind="stable")
    before = np.cumsum(np.take_along_axis(most, order, axis=0), axis=0) - np.take_along_axis(most, order, axis=0)
    needed = problem.needs.pue * load[0]
    run = np.clip(needed - before, 0.0, np.take_along_axis(most, order, axis=0))
    output = np.zeros_like(run)
    np.put_along_axis(output, order, run, axis=0)
    missing = np.maximum(needed - output.sum(axis=0), 0.0)[None, :]
    price_of_missing = MISSING_BUSD_PER_TWH if problem.needs.unserved_cost is None else problem.needs.unserved_cost
    worth = ((price * output).sum(axis=0) + price_of_missing * missing[0]) * problem.needs.years[0] * hours
    fixed = sum(float((s.capital[0] + s.fixed[0]) * x[0]) for s, x in zip(suppliers, capacity, strict=True))
    carbon = np.array([sum(float(s.carbon[0] * (run @ hours)) for s, run in zip(suppliers, output, strict=True))])
    cost = fixed * float(problem.needs.years[0]) + float(worth.sum())
    none = np.zeros_like(missing)
    return FullYear(cost, np.nan, carbon, np.full(1, np.nan), missing @ hours, missing, none, worth[None, :])


def _worth_of_hours(program: LinearProgram, at: Variables, optimum: Optimum) -> Hours:
    """Cost of what runs in each hour of one period, plus what it takes of the year's budgets at their prices.

    The sum over the hours is more than the cost of dispatch by what the budgets as a whole are worth.
    """
    of_hour = np.full(program.matrix.shape[1], -1)
    for columns in (*at.output[:, 0], at.shed[0], at.unserved[0], at.charge[0], at.discharge[0], at.stored[0]):
        of_hour[columns] = np.arange(at.shed.shape[1])
    hourly = of_hour >= 0
    entries = program.matrix[:, hourly].tocoo()
    spans = np.full((program.matrix.shape[0], 2), [at.shed.shape[1], -1])
    np.minimum.at(spans[:, 0], entries.row, of_hour[hourly][entries.col])
    np.maximum.at(spans[:, 1], entries.row, of_hour[hourly][entries.col])
    budget = spans[:, 1] - spans[:, 0] >= 24
    price = np.where(budget, optimum.row_dual, 0.0)
    priced = (program.cost - program.matrix.T @ price)[hourly] * optimum.x[hourly]
    worth = np.bincount(of_hour[hourly], weights=priced, minlength=at.shed.shape[1])
    return np.asarray(worth, dtype=float)


def _one_period(problem: SitePowerProblem, period: int) -> SitePowerProblem:
    """Dispatch alone: capacity is given and costs nothing; reserve and limits bound capacity, so they are gone."""
    needs = problem.needs
    only = slice(period, period + 1)
    return replace(
        problem,
        needs=replace(needs, years=needs.years[only], margin=-1.0, largest_machine=None),
        suppliers=tuple(_given(supplier, only) for supplier in problem.suppliers),
        storage=_given_storage(problem.storage, only) if problem.storage else None,
    )


def _given(supplier: Supplier, only: slice) -> Supplier:
    free, unlimited = np.zeros(1), np.full(1, np.inf)
    energy, carbon = supplier.energy[only], supplier.carbon[only]
    return replace(supplier, capital=free, fixed=free, energy=energy, carbon=carbon, limit_gw=unlimited)


def _given_storage(storage: Storage, only: slice) -> Storage:
    free, unlimited = np.zeros(1), np.full(1, np.inf)
    energy = storage.energy[only]
    return replace(storage, power_capital=free, energy_capital=free, fixed=free, energy=energy, limit_gw=unlimited)
