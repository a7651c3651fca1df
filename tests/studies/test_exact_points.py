"""Points of a study on an instance whose power is dispatched by modes."""

from __future__ import annotations

import threading

import pytest

from optimizer.power.join import apply_changes, powered
from optimizer.studies.edits import RebuildReason
from optimizer.studies.points import PointSolver
from optimizer.studies.steps import date_steps, moved
from tests import instances as make
from tests.power.computed import instance


def dispatched(method):
    power = {"average_load_share": 0.8, "method": method}
    return powered(instance(settings=make.settings(power=power, solver={"gap": 1e-6}))).instance


@pytest.fixture
def solver():
    return PointSolver(threads=1, seed=1, stop=threading.Event())


def test_points_make_the_modes_they_need_and_say_why_they_rebuild(solver):
    given = dispatched("columns")
    base = solver.solve(given)
    assert base.transition.rebuild is RebuildReason.FIRST
    dearer = solver.solve(apply_changes(given, ["fuel_prices[fuels,grid,*].price_usd_per_mwh *= 1.5"]))
    assert dearer.transition.rebuild is None or "dispatch_modes" in dearer.transition.detail
    hours = apply_changes(dispatched("embedded"), ["fuel_prices[fuels,grid,*].price_usd_per_mwh *= 1.5"])
    exact = PointSolver(threads=1, seed=1, stop=threading.Event()).solve(hours)
    assert dearer.objective == pytest.approx(exact.objective, rel=2e-4)
    assert dearer.objective < base.objective
    assert dearer.tables.dispatch


def test_a_price_that_asks_for_no_new_mode_is_edited_in_place(solver):
    given = dispatched("columns")
    solver.solve(given)
    solver.solve(given)
    again = solver.solve(apply_changes(given, ["option_years[alpha,grid,*].energy_usd_per_mwh += 0.01"]))
    assert again.transition.rebuild is None
    assert again.transition.entries > 0


def test_points_on_hours_within_the_model_pass_their_audit(solver):
    point = solver.solve(dispatched("embedded"))
    assert point.manifest["audit"]["ok"]
    assert {row.mode for row in point.tables.dispatch} <= set(point.instance.modes_of_site["alpha"])


def test_earlier_power_is_earlier_technologies():
    """A step of a year moves the dates of technologies with those of the options made of them."""
    late = [make.technology_limit("alpha", name, "2028", cumulative_mw=20_000) for name in ("grid", "gas")]
    given = powered(
        instance(settings=make.settings(power={"average_load_share": 0.8, "method": "columns"}), technology_limits=late)
    ).instance
    (step,) = [step for step in date_steps(given, ["alpha"]) if step.limit.family == "available_from"]
    earlier = moved(given, [step])
    assert {row.holds_from // 12 for row in earlier.technology_limits} == {2027}
    worth = [
        PointSolver(threads=1, seed=1, stop=threading.Event()).solve_relaxation(one).objective
        for one in (given, earlier)
    ]
    assert worth[1] > worth[0] + 1
