"""What representative days cost in truth: dispatch over every hour, on sites of three climates."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.power.assemble import KEEP_HIGHEST, KEEP_LOWEST, Terms, series_of, site_problem
from optimizer.power.days import Days, all_days, representative_days
from optimizer.power.dispatch import size_site
from optimizer.power.full_year import capacity_cost, dispatch_full_year, in_merit_order
from optimizer.power.refine import refine_days
from optimizer.power.site import SitePowerProblem
from tests.power.cases import problem, storage
from tests.power.climates import CLIMATES, PUE, offers

CUTS = {"shed_depth": 0.25, "shed_energy": 0.005, "shed_cost": 0.3, "margin": 0.05}


@pytest.mark.slow
@pytest.mark.parametrize("climate", ["texas", "gulf", "nordic"])
def test_representative_days_are_within_two_percent(climate):
    """Typical days alone are 103 % off in the north, where they smooth lulls of wind, and 23 % in the Gulf."""
    average, peak = PUE[climate]
    series = series_of(CLIMATES[climate], average, peak)
    days = representative_days(series, 12, keep_highest=KEEP_HIGHEST, keep_lowest=KEEP_LOWEST)
    terms = Terms(np.array([1.0]), 0.08, peak)

    def made(of: Days) -> SitePowerProblem:
        site = site_problem(offers(climate, [12 * 2027]), of, terms)
        return replace(site, needs=replace(site.needs, **CUTS))

    refined = refine_days(made, series, days, np.ones(1))
    again = dispatch_full_year(made(refined.days), refined.plan, made(all_days(series)))
    assert abs(again.cost / refined.plan.cost - 1) < 0.02
    assert again.unserved.sum() < 1e-3 * 8.76
    assert refined.days.count <= 30
    assert refined.days.hours.sum() == pytest.approx(8760)


def test_the_same_hours_give_the_same_cost():
    """Dispatch of a plan over the hours on which it was made changes nothing."""
    site = problem(
        1 + 0.2 * np.sin(np.arange(24)),
        {"capital": 0.1, "output": np.clip(np.sin(np.arange(24) / 4), 0, 1)},
        {"capital": 0.05, "energy": 0.06, "carbon": 0.4},
        hours=24,
        periods=2,
        margin=0.1,
        storage=storage(2, power_capital=0.01, energy_capital=0.01, firm_credit=0.5),
    )
    plan = size_site(site, np.array([1.0, 2.0]))
    year = dispatch_full_year(site, plan, site)
    assert year.cost == pytest.approx(plan.cost, rel=1e-7)
    assert year.carbon_difference == pytest.approx([0, 0], abs=1e-5)
    assert year.unserved == pytest.approx([0, 0], abs=1e-9)
    assert 0 < capacity_cost(site, plan) < plan.cost


def test_hours_that_the_days_left_out_are_told():
    """Sized for PUE 1, dispatched at PUE 1.25 half of the time: an eighth is missing, at its price."""
    easy, hard = (problem([1, pue], {"capital": 0.1}, hours=2, pue_peak=1) for pue in (1, 1.25))
    plan = size_site(easy, np.ones(1))
    year = dispatch_full_year(easy, plan, hard)
    assert year.unserved == pytest.approx([0.125 * 8.76])
    assert year.cost == pytest.approx(0.1 + 1.25 * 8.76)


def test_hours_of_higher_load_are_worth_more():
    """Hours are ranked by what they ask for, and cuts that are short are counted at more than they cost."""
    site = problem(
        [1, 1.2, 1.1, 1.3] * 12,
        {"energy": 0.03, "carbon": 0.4, "limit_gw": 1.1},
        {"energy": 0.2, "limit_gw": 0.1},
        hours=48,
        per_day=24,
        pue_peak=0,
        shed_depth=0.5,
        shed_energy=0.05,
        shed_cost=0.01,
    )
    plan = size_site(site, np.ones(1))
    year = dispatch_full_year(site, plan, site)
    hours = year.worth[0] / 8760 * 48
    assert (np.argsort(hours[:4]) == [0, 2, 1, 3]).all()
    assert year.worth[0][:24] == pytest.approx(year.worth[0][24:], abs=1e-9)
    assert year.worth.sum() > year.cost + 0.01


@pytest.mark.parametrize("seed", range(6))
def test_merit_order_is_the_linear_program_where_no_hour_knows_another(seed):
    draw = np.random.default_rng(seed)
    suppliers = [
        {
            "energy": draw.choice([0.0, 0.03, 0.06, 0.09]),
            "shape": draw.uniform(0.5, 2, 24),
            "output": draw.uniform(0, 1, 24),
            "carbon": draw.uniform(0, 1),
        }
        for _ in range(4)
    ]
    site = problem(draw.uniform(1, 1.5, 24), *suppliers, hours=24)
    capacity, load = draw.uniform(0, 0.9, (4, 1)), np.array([0.7])
    plan = replace(size_site(problem(np.ones(24), {"energy": 1.0}, hours=24), load), capacity=capacity)
    whole, order = dispatch_full_year(site, plan, site), in_merit_order(site, load, capacity)
    assert order.cost == pytest.approx(whole.cost, rel=1e-8)
    assert order.unserved == pytest.approx(whole.unserved, abs=1e-8)
    assert order.carbon == pytest.approx(whole.carbon, rel=1e-6)


def test_merit_order_refuses_what_it_does_not_know():
    site = problem(np.ones(24), {"energy": 1.0}, hours=24, storage=storage(1))
    with pytest.raises(ValueError, match="storage"):
        in_merit_order(site, np.ones(1), np.ones((1, 1)))
