"""Among plans with the most compute, the one worth most (SEMANTICS 9.2)."""

from __future__ import annotations

import random

import pytest

from tests import instances as make
from tests.random_instances import random_instance, with_settings
from tests.solving import Solved, solve_small


def test_what_is_installed_is_also_sold_and_fed_at_the_least_cost() -> None:
    instance = make.instance(
        settings=make.settings(objective="compute"),
        committed=[make.committed()],
        power_options=[
            make.power_option(option="dear", energy_usd_per_mwh=90, capex_usd_per_kw=100),
            make.power_option(option="cheap", energy_usd_per_mwh=40, capex_usd_per_kw=100),
        ],
    )
    solved = solve_small(instance)
    assert solved.objective == pytest.approx(3)
    assert solved.npv == pytest.approx(3 * 17.52 - 10 - 0.1 - 3 * 8.76 * 0.04, rel=1e-6)


def test_compute_comes_before_value() -> None:
    """The second chip gives twice the compute and costs more than it earns."""
    instance = make.instance(
        settings=make.settings(count=1, objective="compute"),
        committed=[make.committed()],
        chips=[make.chip("C1"), make.chip("C2", performance_h100e=2)],
        chip_prices=[make.price("C1", price_usd=1000), make.price("C2", price_usd=90_000)],
        demand=[make.demand(quantity_h100e_million=5)],
    )
    solved = solve_small(instance)
    assert solved.installed() == pytest.approx({("alpha", "C2", "2027"): 1})
    assert solved.npv == pytest.approx(35.04 - 90)


@pytest.mark.parametrize("seeds", [range(30, 60)], ids=str)
def test_no_plan_of_most_compute_is_worth_more_than_the_best_plan(seeds: range) -> None:
    """And where the best plan computes just as much with the same modules, it is worth the same."""
    same = 0
    for seed in seeds:
        most = solve_small(random_instance(random.Random(seed), objective="compute"))
        richest = solve_small(random_instance(random.Random(seed), objective="npv"))
        assert most.feasible == richest.feasible
        if most.feasible:
            assert most.npv <= richest.npv + 1e-6
            if richest.modules() == most.modules() and compute_of(richest) == pytest.approx(compute_of(most), abs=1e-7):
                same += 1
                assert most.npv == pytest.approx(richest.npv, rel=1e-6, abs=1e-5), f"seed {seed}"
    assert same >= 3


def compute_of(solved: Solved) -> float:
    """Compute that the tables count [million H100e-years]."""
    calendar = solved.model.context.instance.calendar
    years = {label: calendar.years_in(t) for label, t in calendar.index_of_label.items()}
    return sum(row.compute_h100e_million * years[row.period] for row in solved.tables.operations)


def test_an_instance_without_a_plan_stays_without_one() -> None:
    instance = make.instance(
        settings=make.settings(objective="compute"),
        committed=[make.committed()],
        limits=[make.limit("grid", "it_gw", "*", 2027, 0.5)],
    )
    assert not solve_small(with_settings(instance, "solver", gap=0.1)).feasible
