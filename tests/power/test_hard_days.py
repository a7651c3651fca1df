"""Days of sites whose plans hinge on the hardest hours, and plans on them that hold over the year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.plan.full_year import check_full_years
from optimizer.power.assemble import SiteHours, days_of_least
from optimizer.power.days import Days, chosen_days, with_days_apart
from optimizer.power.hard_days import MISSING, has_hard_days, site_days
from optimizer.power.inputs import inputs_hash
from optimizer.power.mix_table import kept_days, representative_site_days
from optimizer.power.store import OFF, VARIABLE, DiskStore, NoStore
from optimizer.power.unit_year import Physics
from tests import instances as make
from tests.power.computed import COSTS, TECHNOLOGIES, limits
from tests.power.needed import needing
from tests.solving import solve_small

WIND = make.technology("wind", kind="onshore_wind", firm_credit=0.1, clean=True)
#: Where wind is strong and stops at times.
PLAINS = make.climate(latitude=32.45, longitude=-99.73, solar_capacity_factor=0.27, wind_capacity_factor=0.42, seed=1)
WIND_COSTS = make.technology_cost("wind", 2027, 1200, fixed_usd_per_kw_year=35)


CUTS = {
    "curtailment_depth": 0.3,
    "curtailment_hours": 400,
    "curtailment_energy_share": 0.005,
    "curtailment_cost_usd_per_mwh": 40,
}
ALL_DAYS = make.settings(power={"average_load_share": 0.8, "method": "columns", "refine_all_days": True})


def windy(method, needs):
    """A site with sun, wind and storage beside gas and grid."""
    tables = {
        "climates": [PLAINS],
        "technologies": (*TECHNOLOGIES, WIND),
        "technology_costs": (*COSTS, WIND_COSTS),
        "technology_limits": (*limits("alpha"), make.technology_limit("alpha", "wind", cumulative_mw=20_000)),
    }
    return needing(method, needs, **tables)


def clean(method):
    """Clean to 90 % in every hour."""
    return windy(method, {"hourly_clean_share": 0.9})


def cutting(method):
    """Up to 0.5 % of the energy may be cut."""
    return windy(method, CUTS)


def calm_and_windy(calm_days):
    """A year of wind at 1, but for some days at 0.2."""
    wind = np.ones((365, 24))
    wind[calm_days] = 0.2
    return {"wind": wind.ravel()}


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


def hours_of(given):
    return SiteHours.of(given, given.site_power[0])


def days_of(given, store=None):
    return site_days(given, hours_of(given), given.technologies, given.needs("alpha"), store or NoStore())


def test_usual_days_stay_where_plants_that_run_at_will_stand_behind_the_load():
    idle, refined = needing("columns", {}), needing("columns", {}, settings=ALL_DAYS)
    technologies = {row.technology: row for row in idle.technologies}
    needs, cuts = idle.needs("alpha"), needing("columns", CUTS).needs("alpha")
    assert not has_hard_days(hours_of(idle), idle.technologies, needs)
    assert days_of(idle).count == representative_site_days(idle, hours_of(idle), NoStore()).count
    assert has_hard_days(hours_of(idle), [technologies["sun"], technologies["battery"]], needs)
    assert has_hard_days(hours_of(idle), idle.technologies, cuts)
    assert has_hard_days(hours_of(idle), idle.technologies, clean("columns").needs("alpha"))
    assert has_hard_days(hours_of(refined), idle.technologies, needs)
    keys = [Physics.of(one, one.site_power[0]).key for one in (idle, refined)]
    assert keys[0] != keys[1]
    assert inputs_hash(idle, idle.site_power[0]) != inputs_hash(refined, refined.site_power[0])


def test_days_are_kept_and_do_not_depend_on_costs(tmp_path):
    given, store = clean("columns"), DiskStore(tmp_path)
    found = days_of(given, store)
    assert found.count > representative_site_days(given, hours_of(given), store).count
    assert found.hours.sum() == pytest.approx(8760)
    usual = days_of(given, Remembering())
    assert usual.count == 1, "what is kept is taken"
    dearer = [row.model_copy(update={"capex_usd_per_kw": 9999}) for row in given.technology_costs]
    other = replace(given, technology_costs=tuple(dearer))
    assert np.array_equal(days_of(other).stands, found.stands)
    assert Physics.of(other, other.site_power[0]).key == Physics.of(given, given.site_power[0]).key
    dispatched = Physics.of(given, given.site_power[0]).unit_year(given, store)
    assert np.array_equal(dispatched.days.stands, found.stands)


class Remembering(NoStore):
    """Remembers a day of noon without end, whatever is asked."""

    def get(self, key):
        return kept_days(Days({}, np.full(24, 365.0), (), np.zeros(365, dtype=np.intp)))


def missing_share(given):
    solved = solve_small(given)
    checks = list(check_full_years(solved.instance, solved.tables))
    assert checks
    return max(check.unserved_twh / check.energy_twh for check in checks)


@pytest.mark.parametrize(("asking", "method"), [(clean, "static"), (clean, "embedded"), (cutting, "columns")])
def test_plans_hold_over_the_year(asking, method, monkeypatch):
    """All methods know the same days. Without a cache, in which modes and days of the first solve would be."""
    monkeypatch.setenv(VARIABLE, OFF)
    assert missing_share(asking(method)) <= 2 * MISSING
    monkeypatch.setattr("optimizer.power.hard_days.CAPITAL", ())
    assert missing_share(asking(method)) > 10 * MISSING
