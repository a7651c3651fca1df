"""Days are split where the year says that they differ, until a plan costs what it was thought to."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.power.days import Days, all_days, chosen_days
from optimizer.power.dispatch import size_site
from optimizer.power.profiles import HOURS
from optimizer.power.refine import refine_days, split_days
from optimizer.power.site import SitePowerProblem, Slices
from tests.power.cases import problem


def calm_and_windy(calm_days):
    """A year of wind at 1, but for some days at 0.2."""
    wind = np.ones((365, 24))
    wind[calm_days] = 0.2
    return {"wind": wind.ravel()}


def site_on(days: Days) -> SitePowerProblem:
    """Wind that costs capital, gas that costs both."""
    wind = {"capital": 0.1, "output": days.series["wind"]}
    gas = {"capital": 0.05, "energy": 0.08}
    site = problem(1, wind, gas, hours=len(days.hours), per_day=24, pue_peak=0)
    return replace(site, slices=Slices(days.hours))


def test_a_lull_that_was_missed_is_found():
    """One windy day stands for all: wind alone is planned, and 30 days lack 0.8 GW. Split once, the plan is exact."""
    series = calm_and_windy(np.arange(100, 130))
    first = chosen_days(series, [0], np.zeros(365, dtype=np.intp))
    refined = refine_days(site_on, series, first, np.ones(1))
    assert [entry.days for entry in refined.rounds] == [1, 2]
    assert refined.rounds[0].cost == pytest.approx(0.1)
    assert refined.rounds[0].unserved == pytest.approx(30 * 24 * 0.8 / 1e3)
    assert refined.plan.cost == pytest.approx(size_site(site_on(all_days(series)), np.ones(1)).cost, rel=1e-9)
    assert refined.year.cost_difference == pytest.approx(0, abs=1e-9)
    assert sorted(np.bincount(refined.days.stands)) == [30, 335]


def test_days_that_are_right_stay():
    series = calm_and_windy([])
    first = chosen_days(series, [0], np.zeros(365, dtype=np.intp))
    refined = refine_days(site_on, series, first, np.ones(1), tolerance=1e-9)
    assert [entry.days for entry in refined.rounds] == [1]
    assert refined.days is first


def test_any_tolerance_is_reached():
    """Days all of their own: at no tolerance the days are split until they are the year, or cost what it costs."""
    draw = np.random.default_rng(5).uniform(0, 1, 365)
    series = {"wind": np.repeat(draw, 24)}
    first = chosen_days(series, [0], np.zeros(365, dtype=np.intp))
    refined = refine_days(site_on, series, first, np.ones(1), tolerance=1e-3)
    assert abs(refined.year.cost_difference) <= 1e-3
    counts = [entry.days for entry in refined.rounds]
    assert counts == sorted(set(counts))


def test_the_dearest_days_are_split_off():
    worth = np.ones(365)
    worth[[7, 9]] = 5.0
    series = {"wind": np.linspace(0, 1, HOURS)}
    days = split_days(series, np.zeros(365, dtype=np.intp), worth, splits=1)
    assert np.flatnonzero(days.stands == 1).tolist() == [7, 9]
    assert days.series["wind"].reshape(2, 24)[1, 0] == series["wind"][7 * 24]
    assert days.hours.reshape(2, 24)[:, 0].tolist() == [363, 2]


def test_days_apart_stay_apart():
    everything = np.arange(365)
    days = split_days({"wind": np.ones(HOURS)}, everything, np.ones(365))
    assert np.array_equal(days.stands, everything)
