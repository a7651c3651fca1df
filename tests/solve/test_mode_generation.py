"""Modes made at the prices of the plan reach what hours within the model reach, with a bound on the way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from optimizer.plan.audit import audit_plan
from optimizer.plan.extract import instance_of_plan, plan_tables
from tests.power.exact import Built, five_sites


@pytest.fixture(scope="module")
def embedded():
    return Built.of(five_sites("embedded"))


@pytest.fixture(scope="module")
def by_hours(embedded):
    return embedded.optimum()


@pytest.fixture(scope="module")
def first():
    return Built.of(five_sites("columns"))


@pytest.fixture(scope="module")
def generated(first):
    return first.with_all_modes(1e-7)


def test_modes_reach_the_hours_within_the_model(generated, by_hours):
    built, made = generated
    assert built.optimum().objective == pytest.approx(by_hours.objective, rel=1e-6)
    assert made.rounds[-1].gap <= 1e-7


def test_limits_of_the_plan_bind_and_every_site_is_used(generated):
    """So that prices of all kinds are part of the comparison."""
    built, _ = generated
    used = dict(zip(built.form.row_names, built.form.matrix @ built.optimum().values, strict=True))
    most = dict(zip(built.form.row_names, built.form.row_upper, strict=True))
    for row in ("slots[turbine,2027]", "grid_headroom[grid_texas,2029]", "carbon_mt[carbon,2029]",
                "water_million_m3[wet,2028]", "technology_limits[gamma,grid,2029]"):  # fmt: skip
        assert used[row] == pytest.approx(most[row]), row
    working = {name.split("[")[1].split(",")[0] for name, v in zip(built.form.column_names, built.optimum().values,
               strict=True) if name.startswith("working_gw") and v > 0.01}  # fmt: skip
    assert working == {"alpha", "beta", "gamma", "delta", "epsilon"}


def test_every_round_is_a_plan_and_a_bound(generated, by_hours):
    """The relaxation on some modes is never above that on all, nor the bound below it; neither ever gets worse."""
    rounds = generated[1].rounds
    slack = 1e-7 * abs(by_hours.objective)
    assert len(rounds) > 3
    assert all(made.objective <= by_hours.objective + slack for made in rounds)
    assert all(made.bound >= by_hours.objective - slack for made in rounds)
    assert np.all(np.diff([made.objective for made in rounds]) >= -slack)
    assert np.all(np.diff([made.bound for made in rounds]) <= slack)
    assert all(later.modes == made.modes + made.found for made, later in pairwise(rounds))


def test_with_modules_fixed_modes_reach_the_hours_again(embedded, by_hours, generated):
    built, _ = generated
    modules = np.floor(by_hours.values[embedded.form.integer] + 1e-6)
    assert modules.sum() > 0
    names = [np.array(form.column_names)[form.integer].tolist() for form in (embedded.form, built.form)]
    assert names[0] == names[1]
    whole = embedded.optimum(modules)
    refined, made = built.with_all_modes(1e-9, modules)
    assert refined.optimum(modules).objective == pytest.approx(whole.objective, rel=1e-8)
    assert made.rounds[-1].bound >= whole.objective - 1e-8


def test_the_order_of_sites_does_not_matter(generated):
    given = generated[0].instance
    turned = replace(
        given,
        site_power=given.site_power[::-1],
        sites=given.sites[::-1],
        power_options=given.power_options[::-1],
        dispatch_modes=given.dispatch_modes[::-1],
    )
    assert Built.of(turned).optimum().objective == pytest.approx(generated[0].optimum().objective, rel=1e-9)


def test_static_mixes_are_never_better(generated):
    assert Built.of(five_sites("static")).optimum().objective < generated[0].optimum().objective - 0.1


@pytest.mark.parametrize("form", ["modes", "hours"])
def test_fractional_plans_of_both_forms_pass_the_audit(form, generated, embedded, by_hours):
    """With modules as fractions a relaxation is a plan."""
    built = generated[0] if form == "modes" else embedded
    fractions = built.instance.settings.model.model_copy(update={"integer_modules": False})
    settings = built.instance.settings.model_copy(update={"model": fractions})
    plan = Built.of(replace(built.instance, settings=settings))
    plan.form.load(plan.optimum().values)
    tables, instance = plan_tables(plan.model), instance_of_plan(plan.model)
    report = audit_plan(instance, tables)
    assert report.ok, report.lines()
    assert sum(row.pv_busd for row in tables.cash) == pytest.approx(by_hours.objective, rel=1e-6)
    assert {row.site for row in tables.dispatch} == {"alpha", "beta", "gamma", "delta", "epsilon"}


def test_from_no_modes_at_all_where_some_load_is_forced(first):
    """The first relaxation has no plan: chips must be taken and nothing carries them. Modes are found all the same."""
    forced = [row.model_copy(update={"minimum_units": 100_000}) for row in first.instance.chip_supply]
    given = replace(first.instance, chip_supply=tuple(forced))
    whole = Built.of(given).with_all_modes(1e-4)[0].optimum().objective
    built, made = Built.of(replace(given, dispatch_modes=())).with_all_modes(1e-4)
    assert made.rounds[0].modes == 0
    assert made.rounds[0].bound == np.inf
    assert built.optimum().objective == pytest.approx(whole, rel=1e-4)
    assert made.bound >= whole - 1e-6
