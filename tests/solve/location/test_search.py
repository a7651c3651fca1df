"""The search for location problems against all sets of sites, and its bounds on every part of the way."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from optimizer.solve.location.ascent import Pace, raise_prices
from optimizer.solve.location.problem import LocationProblem, OpenSites
from optimizer.solve.location.relaxed import PricedSites
from optimizer.solve.location.tree import LocationSearch, first_prices


def drawn(seed, sites=5, customers=6, *, alike=False, stands=0, missing=0.0):
    draw = np.random.default_rng(seed)
    demand = draw.integers(1, 9, customers).astype(float)
    capacity = np.full(sites, 15.0) if alike else draw.integers(5, 25, sites).astype(float)
    cost = draw.integers(1, 30, (sites, customers)).astype(float)
    cost[draw.random(cost.shape) < missing] = np.inf
    return LocationProblem(
        fixed_cost=draw.integers(5, 60, sites).astype(float),
        capacity=np.minimum(capacity, demand.sum()),
        demand=demand,
        unit_cost=cost,
        stands=np.arange(sites) < stands,
    )


def cost_of(problem, chosen):
    """Least cost with exactly these sites open; infinite if they cannot serve all."""
    cost = problem.unit_cost[chosen].ravel()
    customers, size = len(problem.demand), len(chosen)
    served = linprog(
        np.where(np.isfinite(cost), cost, 0.0),
        A_ub=np.kron(np.eye(size), np.ones(customers)),
        b_ub=problem.capacity[chosen],
        A_eq=np.kron(np.ones(size), np.eye(customers)),
        b_eq=problem.demand,
        bounds=[(0, None if finite else 0) for finite in np.isfinite(cost)],
    )
    return served.fun + problem.fixed_cost[chosen].sum() if served.status == 0 else np.inf


def all_costs(problem):
    """Least cost of every set of sites that has all that stand."""
    count = len(problem.capacity)
    sets = (
        chosen
        for size in range(1, count + 1)
        for chosen in map(list, itertools.combinations(range(count), size))
        if set(np.flatnonzero(problem.stands)) <= set(chosen)
    )
    return {tuple(chosen): cost_of(problem, chosen) for chosen in sets}


PROBLEMS = st.builds(
    drawn,
    st.integers(0, 10**6),
    sites=st.integers(1, 5),
    customers=st.integers(1, 6),
    alike=st.booleans(),
    stands=st.integers(0, 1),
    missing=st.sampled_from([0.0, 0.3]),
)


@given(PROBLEMS, st.sampled_from([0.0, 1e-4, 0.05]))
@settings(max_examples=60, deadline=None)
def test_plan_and_bound_enclose_the_least_cost_of_all_sets(problem, gap):
    least = min(all_costs(problem).values())
    search = LocationSearch(problem, lambda cost: gap * cost)
    search.run()
    if not np.isfinite(least):
        assert search.service is None
        assert search.bound == -np.inf
        return
    assert search.cost == pytest.approx(cost_of(problem, np.flatnonzero(search.service.used).tolist()), rel=1e-9)
    assert least * (1 - 1e-9) <= search.cost <= least * (1 + 1.0001 * gap / (1 - gap) + 1e-9)
    assert search.bound <= least * (1 + 1e-12)
    assert search.bound >= search.cost * (1 - gap) - 1e-8 * search.cost


@given(PROBLEMS, st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_no_prices_give_a_bound_or_a_penalty_above_any_plan(problem, seed):
    prices = first_prices(problem) * np.random.default_rng(seed).uniform(0, 2, len(problem.demand))
    choice = OpenSites.all_of(problem)
    found = PricedSites(problem, choice).at(prices)
    costs = all_costs(problem)
    if not np.isfinite(found.bound):
        assert not np.isfinite(min(costs.values()))
        return
    assert found.bound <= min(costs.values()) + 1e-9
    for site in range(len(problem.capacity)):
        with_it = min((cost for sites, cost in costs.items() if site in sites), default=np.inf)
        without = min((cost for sites, cost in costs.items() if site not in sites), default=np.inf)
        assert problem.stands[site] or found.bound + found.penalty[site] <= with_it + 1e-9
        assert problem.stands[site] or found.bound - found.penalty[site] <= without + 1e-9


@given(PROBLEMS)
@settings(max_examples=60, deadline=None)
def test_what_an_ascent_decides_is_so_in_every_plan_below_the_cut(problem):
    costs = all_costs(problem)
    least = min(costs.values())
    if not np.isfinite(least):
        return
    cut = 1.02 * least
    pace = Pace(steps=80, length=1.0, patience=10)
    found = raise_prices(problem, OpenSites.all_of(problem), first_prices(problem), pace, cut=cut, target=1.02 * least)
    assert not found.pruned
    must = set(found.choice.sites[found.choice.must].tolist())
    for sites, cost in costs.items():
        if cost < cut * (1 - 1e-9):
            assert must <= set(sites) <= set(found.choice.sites.tolist())


def test_a_search_that_is_ended_at_once_still_has_a_plan_and_a_bound():
    problem = drawn(3, sites=8, customers=10)
    least = min(all_costs(problem).values())
    search = LocationSearch(problem, lambda cost: 0.0, goes_on=lambda: False)
    search.run()
    assert search.bound <= least * (1 + 1e-12)
    assert least * (1 - 1e-9) <= search.cost < np.inf
