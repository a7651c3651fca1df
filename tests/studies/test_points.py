"""Points of studies: the same plan as a run of their own, and building decisions from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.instance import apply_changes
from optimizer.studies.points import Misfit
from tests import instances as make
from tests.solving import solve_small
from tests.studies.solving import point_solver


def most_compute():
    """All chips fit whatever is sold: only the second stage sells and feeds them well."""
    return make.instance(
        settings=make.settings(objective="compute"),
        committed=[make.committed()],
        power_options=[
            make.power_option(option="dear", energy_usd_per_mwh=90, capex_usd_per_kw=100),
            make.power_option(option="cheap", energy_usd_per_mwh=40, capex_usd_per_kw=100),
        ],
    )


def test_objective_compute_takes_the_plan_worth_most_at_every_point() -> None:
    solver = point_solver()
    for changes in ([], ["demand[*].quantity_h100e_million *= 0.5"], ["demand[*].price_usd_per_h100e_hour *= 2"]):
        instance = apply_changes(most_compute(), changes)
        point = solver.solve(instance)
        alone = solve_small(instance)
        assert point.objective == pytest.approx(alone.objective)
        assert point.npv_busd == pytest.approx(alone.npv, rel=1e-6)
        adopted = solver.adopt(instance, point.build, bound=point.bound or 0.0)
        assert adopted is not None
        assert adopted.npv_busd == pytest.approx(alone.npv, rel=1e-6)
    assert point.npv_busd != pytest.approx(solver.solve(most_compute()).npv_busd, rel=1e-3)


def test_a_second_stage_leaves_the_live_model_as_it_was() -> None:
    solver = point_solver()
    first = solver.solve(most_compute())
    relaxed = solver.solve_relaxation(most_compute())
    assert relaxed.objective == pytest.approx(first.objective), "compute is the objective again"
    form = solver.live.session.form
    assert solver.live.session.add_row(np.array([0]), np.array([1.0]), 0.0, 1.0) == form.matrix.shape[0]


def test_decisions_that_do_not_fit_are_refused_or_trimmed() -> None:
    instance = make.instance(sites=[make.site(max_modules=2)])
    solver = point_solver()
    best = solver.solve(instance)
    assert best.bound is not None
    (site, date), modules = next(item for item in best.build.items() if item[1])
    too_many, nowhere = {(site, date): modules + 5}, {(site, "1999Q1"): 1}
    for build in (too_many, nowhere):
        assert solver.adopt(instance, build, best.bound, Misfit.REFUSE) is None
    trimmed = solver.adopt(instance, too_many, best.bound, Misfit.TRIM)
    assert trimmed is not None
    assert sum(trimmed.build.values()) == 2
    kept = solver.adopt(instance, best.build, best.bound, Misfit.REFUSE)
    assert kept is not None
    assert kept.objective == pytest.approx(best.objective)
