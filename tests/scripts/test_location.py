"""Published location problems: how their files are read, and that our plans reach their optima."""

import gzip
import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest

from optimizer.instance import load_instance, write_instance
from optimizer.model import market_links
from optimizer.model.build import build_model
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import standard_form
from scripts.location.convert import MARGIN, Scale, TooSmallError, to_instance
from scripts.location.problem import Layout, LayoutError, LocationProblem, read_problem
from tests.solving import solve_small

# Three facilities, two customers. Demands 4 and 6; a unit of the first costs 1, 2, 3, of the second 5, 2, 1.
PAIRS = "3 2\n5 10\n8 12\n9 11\n"
TOTAL_COSTS = PAIRS + "4 6\n4 30\n8 12\n12 6\n"
CUSTOMER_BLOCKS = PAIRS + "4\n4 8\n12\n6\n30 12 6\n"
UNIT_COSTS = "3 2\n\n4 6\n\n5 8 9\n\n10 12 11\n\n1 5\n2 2\n3 1\n"


def written(path, text):
    path.write_text(text)
    return path


def problem(seed=0, facilities=4, customers=5, **changes):
    draw = np.random.default_rng(seed)
    parts = {
        "name": "drawn",
        "capacity": draw.integers(5, 25, facilities).astype(float),
        "fixed_cost": draw.integers(5, 60, facilities).astype(float),
        "demand": draw.integers(1, 9, customers).astype(float),
        "unit_cost": draw.integers(1, 30, (facilities, customers)).astype(float),
    }
    return LocationProblem(**{**parts, **changes})


def least_cost(problem):
    """Try every set of facilities; serve from each set by a transport program."""
    from scipy.optimize import linprog

    facilities, customers = problem.unit_cost.shape
    best = np.inf
    for size in range(1, facilities + 1):
        for chosen in map(list, itertools.combinations(range(facilities), size)):
            served = linprog(
                problem.unit_cost[chosen].ravel(),
                A_ub=np.kron(np.eye(size), np.ones(customers)),
                b_ub=problem.capacity[chosen],
                A_eq=np.kron(np.ones(size), np.eye(customers)),
                b_eq=problem.demand,
            )
            if served.status == 0:
                best = min(best, served.fun + problem.fixed_cost[chosen].sum())
    return best


@pytest.mark.parametrize("text", [TOTAL_COSTS, CUSTOMER_BLOCKS, UNIT_COSTS])
def test_every_layout_is_recognised(tmp_path, text):
    read = read_problem(written(tmp_path / "small.txt", text))
    assert read.name == "small"
    assert read.capacity.tolist() == [5, 8, 9]
    assert read.fixed_cost.tolist() == [10, 12, 11]
    assert read.demand.tolist() == [4, 6]
    assert read.unit_cost.tolist() == [[1, 5], [2, 2], [3, 1]]


def test_wrapped_lines_and_compression_make_no_difference(tmp_path):
    wrapped = CUSTOMER_BLOCKS.replace("30 12 6", "30\n12 6")
    packed = tmp_path / "small.gz"
    packed.write_bytes(gzip.compress(wrapped.encode()))
    assert read_problem(packed).unit_cost.tolist() == [[1, 5], [2, 2], [3, 1]]


def test_a_capacity_left_open_must_be_given(tmp_path):
    file = written(tmp_path / "capa", CUSTOMER_BLOCKS.replace("5 10", "capacity 10").replace("9 11", "capacity 11"))
    with pytest.raises(LayoutError, match="--capacity"):
        read_problem(file)
    assert read_problem(file, capacity=14).capacity.tolist() == [14, 8, 14]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TOTAL_COSTS + "7\n", "17 numbers, but 3 x 2 needs 16"),
        ("3 2\n1 2 x\n", "could not convert"),
        ("3.5 2\n", "numbers of facilities"),
        ("", "numbers of facilities"),
        (TOTAL_COSTS.replace("30", "-30"), "negative"),
        (TOTAL_COSTS.replace("30", "nan"), "not finite"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, text, words):
    with pytest.raises(LayoutError, match=words):
        read_problem(written(tmp_path / "bad", text))


def test_a_wrong_layout_that_is_asked_for_gives_other_numbers(tmp_path):
    file = written(tmp_path / "small", TOTAL_COSTS)
    assert read_problem(file, Layout.UNIT_COSTS).demand.tolist() == [5, 10]


def test_facilities_that_are_too_small_are_refused():
    with pytest.raises(TooSmallError, match="demand of 10"):
        to_instance(problem(facilities=1, customers=1, capacity=np.array([9.0]), demand=np.array([10.0])))


@pytest.mark.parametrize("seed", range(6))
def test_the_best_plan_has_the_least_cost_of_all_sets_of_facilities(seed):
    drawn = problem(seed)
    solved = solve_small(to_instance(drawn, gap=0))
    assert Scale.of(drawn).cost(solved.objective) == pytest.approx(least_cost(drawn), rel=1e-7)


def test_all_demand_is_served_although_the_last_customer_costs_more_than_it_earns():
    """The second facility opens for one unit, at a cost far above what that unit earns."""
    dear = problem(
        facilities=2, customers=2, capacity=np.array([10.0, 10.0]), fixed_cost=np.array([1.0, 1e4]),
        demand=np.array([10.0, 1.0]), unit_cost=np.ones((2, 2)),
    )  # fmt: skip
    solved = solve_small(to_instance(dear, gap=0))
    assert Scale.of(dear).cost(solved.objective) == pytest.approx(10_012, rel=1e-9)
    assert sum(row.sold_h100e_million_years for row in solved.tables.demand) == pytest.approx(11)
    assert solved.cash("revenue") == pytest.approx(-solved.cash("chips"), rel=1e-12)


def test_serving_may_be_free():
    free = problem(unit_cost=np.zeros((4, 5)))
    solved = solve_small(to_instance(free, gap=0))
    assert Scale.of(free).cost(solved.objective) == pytest.approx(least_cost(free), rel=1e-9)


def test_a_free_facility_and_one_without_capacity_and_a_customer_without_demand():
    odd = problem(
        facilities=3, customers=2, capacity=np.array([10.0, 0.0, 10.0]), fixed_cost=np.array([5.0, 1.0, 0.0]),
        demand=np.array([8.0, 0.0]), unit_cost=np.array([[1.0, 0], [0, 0], [2.0, 0]]),
    )  # fmt: skip
    solved = solve_small(to_instance(odd, gap=0))
    # From the free one 16, from the other 5 + 8.
    assert Scale.of(odd).cost(solved.objective) == pytest.approx(13, rel=1e-9)


def test_a_written_problem_is_read_again_and_passes_every_check(tmp_path):
    drawn = problem(3, facilities=6, customers=7)
    write_instance(to_instance(drawn), tmp_path / "drawn")
    read = load_instance(tmp_path / "drawn")
    assert len(read.latency) == 42
    highest = max(row.serving_cost_usd_per_h100e_hour for row in read.latency)
    assert all(row.price_usd_per_h100e_hour == pytest.approx(MARGIN * highest) for row in read.demand)


@pytest.mark.parametrize("factor", [1e-4, 1.0, 1e5])
def test_numbers_of_any_size_are_scaled_to_plausible_ones(factor):
    drawn = problem(1)
    scaled = problem(1, fixed_cost=drawn.fixed_cost * factor, unit_cost=drawn.unit_cost * factor)
    instance = to_instance(scaled)
    assert max(site.module_cost_usd_per_kw for site in instance.sites) <= 1e5
    assert 0.01 < max(row.serving_cost_usd_per_h100e_hour for row in instance.latency) * 10 <= 1


def relaxed_cost(instance, scale):
    session = HighsSession(standard_form(build_model(instance).pyomo), threads=1, seed=0, stop=threading.Event())
    return scale.cost(session.solve_relaxation(interior_point=False, time_limit=60).objective)


def strong_relaxation(problem):
    """Least cost with fractions of facilities, each of which serves at most its fraction of every customer."""
    from scipy.optimize import linprog

    facilities, customers = problem.unit_cost.shape
    arcs = facilities * customers
    served = np.arange(arcs)
    within_capacity = np.hstack([np.kron(np.eye(facilities), np.ones(customers)), -np.diag(problem.capacity)])
    within_open = np.zeros((arcs, arcs + facilities))
    within_open[served, served] = 1
    within_open[served, arcs + served // customers] = -np.tile(problem.demand, facilities)
    solved = linprog(
        np.append(problem.unit_cost.ravel(), problem.fixed_cost),
        A_ub=np.vstack([within_capacity, within_open]),
        b_ub=np.zeros(facilities + arcs),
        A_eq=np.hstack([np.kron(np.ones(facilities), np.eye(customers)), np.zeros((customers, facilities))]),
        b_eq=problem.demand,
        bounds=[(0, None)] * arcs + [(0, 1)] * facilities,
    )
    assert solved.status == 0
    return solved.fun


@pytest.mark.parametrize("seed", range(3))
def test_the_relaxation_serves_no_more_of_a_customer_than_the_share_of_a_facility_that_it_builds(seed):
    """The relaxation is the strong one of the literature, and a larger capacity alone does not weaken it."""
    drawn = problem(seed, capacity=np.full(4, 40.0))
    bound = relaxed_cost(to_instance(drawn), Scale.of(drawn))
    assert bound == pytest.approx(strong_relaxation(drawn), rel=1e-7)
    assert bound <= least_cost(drawn) * (1 + 1e-9)


def links(instance, **model):
    settings = instance.settings.model_copy(update={"model": instance.settings.model.model_copy(update=model)})
    return len(build_model(replace(instance, settings=settings)).pyomo.market_link)


def test_sites_are_linked_to_markets_only_where_a_fraction_of_a_module_is_no_plan():
    instance = to_instance(problem())
    assert links(instance) == 4 * 5
    assert links(instance, integer_modules=False) == 0


def test_sites_of_more_modules_or_with_committed_ones_or_in_one_place_are_not_linked():
    instance = to_instance(problem())
    first, second, *others = instance.sites
    bigger = replace(instance, sites=(first.model_copy(update={"max_modules": 2}), second, *others))
    assert links(bigger) == 3 * 5
    zone = {"latency_zone": first.latency_zone}
    together = replace(instance, sites=(first, second.model_copy(update=zone), *others))
    assert links(together) == 2 * 5
    free = problem(fixed_cost=np.array([0.0, 9.0, 9.0, 9.0]))
    assert links(to_instance(free)) == 3 * 5


def test_too_many_links_are_left_out_altogether(monkeypatch):
    """Then the relaxation is weaker and the plan the same."""
    drawn = problem()
    monkeypatch.setattr(market_links, "MOST_ROWS", 4 * 5 - 1)
    assert links(to_instance(drawn)) == 0
    solved = solve_small(to_instance(drawn, gap=0))
    assert Scale.of(drawn).cost(solved.objective) == pytest.approx(least_cost(drawn), rel=1e-7)
