"""Points of a study that moves what load asks for: edited where costs and limits move, made anew where hours do."""

from __future__ import annotations

import threading

import pytest

from optimizer.power.join import apply_changes
from optimizer.studies.live import LiveModel
from optimizer.studies.points import PointSolver
from tests import instances as make
from tests.power.needed import needing
from tests.studies.test_live import assert_same


def given(method):
    power = {"average_load_share": 0.8, "method": method}
    return needing(method, settings=make.settings(power=power, solver={"gap": 1e-6}))


def live(instance):
    model = LiveModel(threads=1, seed=1, stop=threading.Event())
    model.move_to(instance)
    return model


@pytest.mark.parametrize("method", ["columns", "embedded"])
@pytest.mark.parametrize(
    ("change", "in_place"),
    [
        ("power_needs[alpha].carbon_limit_t_per_mwh = 0.02", True),
        ("power_needs[alpha].curtailment_cost_usd_per_mwh = 75", True),
        ("option_years[alpha,gas,*].carbon_t_per_mwh *= 1.5", True),
        ("power_needs[alpha].demand_charge_usd_per_kw_year = 0", False),
        ("power_needs[alpha].curtailment_depth = 0", False),
        ("power_needs[alpha].reserve_margin = 0.1", False),
    ],
)
def test_the_live_model_holds_what_a_new_one_would(method, change, in_place):
    base = given(method)
    edited, changed = live(base), apply_changes(base, [change])
    transition = edited.move_to(changed)
    assert (transition.rebuild is None) is in_place, transition
    assert_same(edited, live(changed))


@pytest.mark.parametrize("method", ["static", "columns", "embedded"])
def test_points_pass_their_audit_and_budgets_are_worth_something(method):
    solver = PointSolver(threads=1, seed=1, stop=threading.Event())
    base = solver.solve(given(method))
    assert base.manifest["audit"]["ok"]
    assert sum(row.cut_twh for row in base.tables.load_service) > 0
    none = solver.solve(apply_changes(given(method), ["power_needs[alpha].curtailment_depth = 0"]))
    assert none.manifest["audit"]["ok"]
    assert sum(row.cut_twh for row in none.tables.load_service) == 0
    assert none.objective < base.objective
