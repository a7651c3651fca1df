"""What representative days cost in truth: dispatch over every hour, on sites of three climates."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.power.assemble import KEEP_HIGHEST, KEEP_LOWEST, Terms, series_of, site_problem
from optimizer.power.days import Days, all_days, representative_days, with_days
from optimizer.power.dispatch import size_site
from optimizer.power.full_year import capacity_cost, dispatch_full_year
from optimizer.power.site import SitePowerProblem
from tests.power.cases import problem, storage
from tests.power.climates import CLIMATES, PUE, offers

CUTS = {"shed_depth": 0.25, "shed_energy": 0.005, "shed_cost": 0.3, "margin": 0.05}


@pytest.mark.slow
@pytest.mark.parametrize(
    "climate",
    [
        "texas",
        "gulf",
        pytest.param(
            "nordic",
            marks=pytest.mark.xfail(
                strict=True, reason="twelve typical days smooth lulls of wind: the budget of cuts runs out in the year"
            ),
        ),
    ],
)
def test_representative_days_are_within_two_percent(climate):
    average, peak = PUE[climate]
    series = series_of(CLIMATES[climate], average, peak)
    days = representative_days(series, 12, keep_highest=KEEP_HIGHEST, keep_lowest=KEEP_LOWEST)
    terms = Terms(np.array([1.0]), 0.08, peak)

    def made(of: Days) -> SitePowerProblem:
        site = site_problem(offers(climate, [12 * 2027]), of, terms)
        return replace(site, needs=replace(site.needs, **CUTS))

    whole, extra = made(all_days(series)), []
    for _ in range(6):
        few = made(with_days(days, series, extra))
        plan = size_site(few, np.ones(1))
        year = dispatch_full_year(few, plan, whole)
        by_day = year.missing.sum(axis=0).reshape(365, 24).sum(axis=1)
        if abs(year.cost_difference) < 0.02:
            break
        extra += [int(day) for day in np.argsort(-by_day)[:2]]
    assert abs(year.cost_difference) < 0.02
    assert year.unserved.sum() < 1e-3 * 8.76


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
