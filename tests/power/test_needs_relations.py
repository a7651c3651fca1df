"""Relations between plans of what load asks for: modes and hours agree, more freedom is never worse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.power.join import apply_changes
from optimizer.power.modes import SiteModes
from optimizer.power.portfolios import with_computed_power
from optimizer.power.store import DiskStore, NoStore
from tests import instances as make
from tests.power.exact import Built
from tests.power.needed import ALL_NEEDS, needing

SLACK = 1e-7


#: The same days whatever is asked for: those of a site that asks for nothing are others.
SAME_DAYS = make.settings(power={"average_load_share": 0.8, "method": "embedded", "refine_all_days": True})


def relaxation(**needs):
    return Built.of(needing("embedded", needs, settings=SAME_DAYS)).optimum().objective


ONE_BY_ONE = ("curtailment", "reserve", "carbon", "hourly", "demand")


@pytest.mark.parametrize("asked", [ONE_BY_ONE, *((one,) for one in ONE_BY_ONE)])
def test_modes_equal_hours(asked):
    """Columns reach what hours within the model do, for each need alone and all together."""
    needs = {name: value for name, value in ALL_NEEDS.items() if name.startswith(asked)}
    by_modes, made = Built.of(needing("columns", needs)).with_all_modes(gap=0.0)
    by_hours = Built.of(needing("embedded", needs)).optimum().objective
    assert by_modes.optimum().objective == pytest.approx(by_hours, rel=1e-6)
    assert all(row.bound >= by_hours - SLACK for row in made.rounds)


def test_modes_equal_hours_with_modules_fixed():
    by_hours = Built.of(needing("embedded"))
    modules = by_hours.form.integer.nonzero()[0]
    values = by_hours.optimum().values[modules].round()
    columns, _ = Built.of(needing("columns")).with_all_modes(gap=0.0, modules=values)
    assert columns.optimum(values).objective == pytest.approx(by_hours.optimum(values).objective, rel=1e-6)


def test_each_need_binds_beside_all_others():
    """So the comparisons above and the audit see every one of them at work; a budget of hours binds if it is less."""
    every = relaxation(**ALL_NEEDS)
    for name in ("reserve_margin", "carbon_limit_t_per_mwh", "hourly_clean_share", "demand_charge_usd_per_kw_year"):
        assert relaxation(**{key: value for key, value in ALL_NEEDS.items() if key != name}) > every + 1e-4, name
    for name, more in (("curtailment_energy_share", 0.012), ("curtailment_depth", 0.35)):
        assert relaxation(**{**ALL_NEEDS, name: more}) > every + 1e-4, name
    assert relaxation(**{**ALL_NEEDS, "curtailment_hours": 200}) < every - 1e-4
    assert relaxation(**{**ALL_NEEDS, "curtailment_cost_usd_per_mwh": 50}) < every - 1e-4


@settings(max_examples=6, deadline=None)
@given(st.floats(0.05, 0.5), st.floats(0.001, 0.02), st.floats(1.0, 2.0), st.floats(1.0, 2.0))
def test_a_looser_budget_is_never_worse(depth, share, deeper, longer):
    budget = {"curtailment_cost_usd_per_mwh": 40, "hourly_clean_share": 0.5}
    tight = relaxation(**budget, curtailment_depth=depth, curtailment_energy_share=share)
    loose = relaxation(**budget, curtailment_depth=depth * deeper, curtailment_energy_share=share * longer)
    assert loose >= tight - SLACK
    assert tight >= relaxation(hourly_clean_share=0.5) - SLACK


@settings(max_examples=6, deadline=None)
@given(st.floats(0.0, 0.2), st.floats(0.3, 1.0), st.floats(0.0, 0.9), st.floats(0.0, 0.3))
def test_asking_for_more_is_never_better(carbon, less, clean, margin):
    asked = {"carbon_limit_t_per_mwh": carbon, "hourly_clean_share": clean, "reserve_margin": margin}
    base = relaxation(**asked)
    assert relaxation(**{**asked, "carbon_limit_t_per_mwh": carbon * less}) <= base + SLACK
    assert relaxation(**{**asked, "hourly_clean_share": min(1.0, clean + 0.05)}) <= base + SLACK
    assert relaxation(**{**asked, "reserve_margin": margin + 0.1}) <= base + SLACK
    assert relaxation(**asked, demand_charge_usd_per_kw_year=50) <= base + SLACK


@pytest.mark.parametrize("method", ["static", "columns"])
def test_limits_beyond_reach_change_nothing(method):
    """A budget without depth, a carbon limit above everything: the plan is that without the row."""
    idle = {"curtailment_hours": 100, "curtailment_energy_share": 0.5, "carbon_limit_t_per_mwh": 10}
    with_row = Built.of(needing(method, idle)).optimum().objective
    assert with_row == pytest.approx(Built.of(needing(method, {})).optimum().objective, rel=1e-9)


def test_static_is_never_better_than_exact():
    static = Built.of(needing("static")).optimum().objective
    assert static <= Built.of(needing("embedded")).optimum().objective + SLACK


def test_keys_know_what_hours_depend_on():
    """Costs leave modes as they are, and make new portfolios; depth, budget and clean share make new modes."""
    base = needing("columns")
    key = SiteModes(base, NoStore()).physics["alpha"].key
    for column, value, same in (
        ("curtailment_cost_usd_per_mwh", 90, True),
        ("demand_charge_usd_per_kw_year", 50, True),
        ("reserve_margin", 0.2, True),
        ("carbon_limit_t_per_mwh", 0.2, True),
        ("curtailment_depth", 0.5, False),
        ("curtailment_energy_share", 0.02, False),
        ("hourly_clean_share", 0.2, False),
        ("demand_charge_usd_per_kw_year", 0, False),
    ):
        changed = apply_changes(base, [f"power_needs[alpha].{column} = {value}"])
        assert (SiteModes(changed, NoStore()).physics["alpha"].key == key) is same, column
        assert (changed.dispatch_modes == base.dispatch_modes) is same, column
    plain = needing("columns", {})
    assert SiteModes(plain, NoStore()).physics["alpha"].key != key
    assert plain.dispatch_loads == ()


def test_portfolios_follow_what_is_asked_for():
    base = needing("static")
    for column, value in {**ALL_NEEDS, "reserve_margin": 0.1, "carbon_limit_t_per_mwh": 0.02}.items():
        if value != ALL_NEEDS[column]:
            assert apply_changes(base, [f"power_needs[alpha].{column} = {value}"]).power_options != base.power_options
    cheaper = apply_changes(base, ["power_needs[alpha].curtailment_cost_usd_per_mwh = 0"])
    names = {row.option: row.energy_usd_per_mwh for row in base.power_options}
    assert any(row.energy_usd_per_mwh < names.get(row.option, 0) - 1e-6 for row in cheaper.power_options)


def test_a_store_keeps_how_loads_are_served(tmp_path):
    """Mixes and modes from disk are those computed, cuts and peaks included."""
    made = needing("static")
    plain = make_again(made)
    store = DiskStore(tmp_path)
    first, second = with_computed_power(plain, store), with_computed_power(plain, store)
    assert second.solved == 0
    assert first.instance.dispatch_loads == second.instance.dispatch_loads == made.dispatch_loads
    modes = SiteModes(needing("columns"), store)
    modes.keep()
    again = SiteModes(make_again(needing("columns")), store)
    assert again.within(made).dispatch_loads == modes.within(made).dispatch_loads


def make_again(instance):
    return replace(instance, power_options=(), portfolio_parts=(), dispatch_loads=(), dispatch_modes=())
