"""Days on which plans lack energy stand for themselves, and then plans lack none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.plan.full_year import check_full_years
from optimizer.power.assemble import SiteHours, days_of_least
from optimizer.power.days import Days, all_days, chosen_days, with_days_apart
from optimizer.power.dispatch import size_site
from optimizer.power.full_year import dispatch_full_year
from optimizer.power.hard_days import BOUND, days_without_energy, hard_site_days, has_hard_days
from optimizer.power.mix_table import representative_site_days
from optimizer.power.site import SitePowerProblem, Slices
from optimizer.power.store import OFF, VARIABLE, DiskStore, NoStore
from optimizer.power.unit_year import Physics
from tests import instances as make
from tests.power.cases import problem
from tests.power.computed import COSTS, TECHNOLOGIES, instance, limits
from tests.power.needed import needing
from tests.solving import solve_small

WIND = make.technology("wind", kind="onshore_wind", firm_credit=0.1, clean=True)
#: Where wind is strong and stops at times.
PLAINS = make.climate(latitude=32.45, longitude=-99.73, solar_capacity_factor=0.27, wind_capacity_factor=0.42, seed=1)
WIND_COSTS = make.technology_cost("wind", 2027, 1200, fixed_usd_per_kw_year=35)


def clean(method):
    """A site with sun, wind and storage beside gas and grid, clean to 90 % in every hour."""
    windy = {
        "climates": [PLAINS],
        "technologies": (*TECHNOLOGIES, WIND),
        "technology_costs": (*COSTS, WIND_COSTS),
        "technology_limits": (*limits("alpha"), make.technology_limit("alpha", "wind", cumulative_mw=20_000)),
    }
    return needing(method, {"hourly_clean_share": 0.9}, **windy)


def calm_and_windy(calm_days):
    """A year of wind at 1, but for some days at 0.2."""
    wind = np.ones((365, 24))
    wind[calm_days] = 0.2
    return {"wind": wind.ravel(), "pue": np.ones(8760)}


def windy_site(days: Days) -> SitePowerProblem:
    """Wind and nothing else."""
    site = problem(1, {"capital": 0.1, "output": days.series["wind"]}, hours=len(days.hours), per_day=24, pue_peak=0)
    return replace(site, slices=Slices(days.hours))


ONE_DAY = np.zeros(365, dtype=np.intp)


def test_a_lull_that_was_missed_stands_for_itself():
    """A windy day stands for all: 1 GW is planned, and the lull lacks 0.8 GW. With the lull 5 GW are planned."""
    series = calm_and_windy([100])
    first = chosen_days(series, [0], ONE_DAY)
    assert days_without_energy(windy_site, series, first) == (100,)
    days = with_days_apart(series, first, (100,))
    plan = size_site(windy_site(days), np.ones(1))
    assert plan.capacity.ravel() == pytest.approx([5.0])
    year = dispatch_full_year(windy_site(days), plan, windy_site(all_days(series)))
    assert year.unserved.max() == pytest.approx(0, abs=1e-9)
    assert year.cost_difference == pytest.approx(0, abs=1e-9)


def test_as_many_days_as_are_needed_and_no_more():
    """Deeper and deeper lulls: the deepest covers all others, whichever come first."""
    wind = np.ones((365, 24))
    wind[[50, 150, 250]] = np.array([[0.5], [0.25], [0.4]])
    series = {"wind": wind.ravel(), "pue": np.ones(8760)}
    apart = days_without_energy(windy_site, series, chosen_days(series, [0], ONE_DAY))
    assert apart[0] == 150
    assert len(apart) == 2, "two are set apart after each dispatch, and these suffice"


def test_days_that_lack_nothing_and_bounds_that_allow_it_change_nothing():
    series = calm_and_windy([100])
    first = chosen_days(series, [0], ONE_DAY)
    assert days_without_energy(windy_site, calm_and_windy([]), first) == ()
    assert days_without_energy(windy_site, series, first, bound=0.8 / 365 + 1e-9) == ()
    assert days_without_energy(windy_site, series, first, most=0) == ()


def test_days_apart_take_their_weight_from_their_group():
    series = calm_and_windy([100, 200])
    first = chosen_days(series, [0, 100], np.where(np.isin(np.arange(365), [100, 200]), 1, 0))
    days = with_days_apart(series, first, [200, 7])
    assert days.hours.reshape(4, 24)[:, 0].tolist() == [362, 1, 1, 1]
    assert days.stands[[0, 100, 200, 7]].tolist() == [0, 1, 2, 3]
    assert days.series["wind"].reshape(4, 24)[:, 0].tolist() == [1.0, 0.2, 0.2, 1.0]
    again = with_days_apart(series, days, [200, 100])
    assert again.count == days.count, "days that are alone already stay as they are"


def test_interruptible_grid_and_weather_fail_together():
    """The grid is away on two days; on the calmer of them both give least."""
    wind, there = np.full((365, 24), 0.5), np.ones((365, 24))
    there[[10, 20], :12] = 0.0
    wind[20] = 0.1
    wind[300] = 0.0
    series = {"wind": wind.ravel(), "solar": np.zeros(8760), "interruptible": there.ravel(), "pue": np.ones(8760)}
    assert days_of_least(series) == [20, 10]  # without wind both are alike, and the first is taken
    assert days_of_least({**series, "interruptible": np.ones(8760)}) == []


def test_only_sites_without_anything_that_runs_at_will_have_hard_days():
    asking, idle = clean("columns"), needing("columns", {})
    technologies = {row.technology: row for row in asking.technologies}
    assert has_hard_days(asking.technologies, asking.needs("alpha"))
    assert not has_hard_days(idle.technologies, idle.needs("alpha"))
    assert has_hard_days([technologies["sun"], technologies["battery"]], idle.needs("alpha"))
    hours = SiteHours.of(idle, idle.site_power[0])
    assert hard_site_days(idle, hours, idle.technologies, idle.needs("alpha"), NoStore()) == ()


class Remembering(NoStore):
    """Remembers two days, whatever is asked."""

    def get(self, key):
        return {"apart": np.array([1, 2])}


def test_hard_days_are_kept_and_do_not_depend_on_costs(tmp_path):
    given = clean("columns")
    hours, store = SiteHours.of(given, given.site_power[0]), DiskStore(tmp_path)
    found = hard_site_days(given, hours, given.technologies, given.needs("alpha"), store)
    assert found
    (kept,) = (entry["apart"] for path in tmp_path.rglob("*.npz") if "apart" in (entry := np.load(path)))
    assert tuple(kept.tolist()) == found
    assert hard_site_days(given, hours, given.technologies, given.needs("alpha"), Remembering()) == (1, 2)
    dearer = [row.model_copy(update={"capex_usd_per_kw": 9999}) for row in given.technology_costs]
    other = replace(given, technology_costs=tuple(dearer))
    assert hard_site_days(other, hours, other.technologies, other.needs("alpha"), NoStore()) == found
    assert Physics.of(other, other.site_power[0]).key == Physics.of(given, given.site_power[0]).key


def test_hard_days_are_among_those_of_the_dispatch():
    given = clean("columns")
    row = given.site_power[0]
    hours, physics = SiteHours.of(given, row), Physics.of(given, row)
    apart = hard_site_days(given, hours, physics.technologies, physics.needs, NoStore())
    days = physics.unit_year(given, NoStore()).days
    usual = representative_site_days(given, hours, NoStore())
    assert days.count == usual.count + len(apart)
    assert days.hours.sum() == pytest.approx(8760)
    assert all(np.count_nonzero(days.stands == days.stands[day]) == 1 for day in apart)


def missing_share(given):
    solved = solve_small(given)
    checks = list(check_full_years(solved.instance, solved.tables))
    assert checks
    return max(check.unserved_twh / check.energy_twh for check in checks)


@pytest.mark.parametrize("method", ["static", "columns", "embedded"])
def test_plans_of_clean_hours_hold_over_the_year(method, monkeypatch):
    """All methods know the same days. Without a cache, in which modes and days of the first solve would be."""
    monkeypatch.setenv(VARIABLE, OFF)
    assert missing_share(clean(method)) <= BOUND
    monkeypatch.setattr("optimizer.power.hard_days.REFERENCES", ())
    assert missing_share(clean(method)) > 10 * BOUND


def test_weather_alone_has_hard_days_in_every_method():
    sun_only = [make.technology_limit("alpha", name, cumulative_mw=90_000) for name in ("sun", "battery")]
    given = instance(technology_limits=tuple(sun_only))
    offered = [row for row in given.technologies if row.technology in ("sun", "battery")]
    assert has_hard_days(offered, given.needs("alpha"))
