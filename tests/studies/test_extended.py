"""Rows and columns of a study's own come and go without a trace."""

import random
import threading

import numpy as np
import pytest

from optimizer.solve.outcomes import Ending
from optimizer.studies.extended import ExtendedModel, Measure
from tests import instances as make
from tests.random_instances import random_instance
from tests.studies.solving import point_solver


def extended(instance):
    return ExtendedModel(point_solver(), instance, threading.Event())


def two_sites():
    """One site is worth 32.56 B USD, the other 22.56."""
    return make.instance(sites=[make.site(), make.site("beta", module_cost_usd_per_kw=20_000)])


def modules(model, site):
    values = np.zeros(model.size)
    values[model.last_modules()[site]] = 1.0
    return Measure(values)


def relaxation(model):
    return model.bound(model.objective, lower={}, upper={})


def test_columns_and_rows_act_while_they_are_there_and_leave_no_trace():
    model = extended(two_sites())
    session = model.solver.live.session
    before, best = relaxation(model), model.maximise(model.objective)
    columns, rows = len(session.form.cost), model.solver.live.form.matrix.shape[0]
    with model.added():
        more = model.add_column(lower=0.0, upper=3.0)
        assert more == columns
        # modules of both sites together are at most the new column, each unit of which costs 30 B USD
        model.require(modules(model, "alpha").plus(modules(model, "beta")), upper=0.0, extra=more)
        priced = model.maximise(model.objective, extra_costs={more: -30.0})
        assert priced.incumbent == pytest.approx(best.incumbent - 30.0)
        assert priced.values[more] == pytest.approx(1.0)
        exact = model.exact(priced)
        assert exact is not None
        assert len(exact) == columns + 1
    assert session.form is model.solver.live.form
    assert session.row(rows - 1)  # the last row of the model is still there
    assert relaxation(model) == pytest.approx(before)
    again = model.maximise(model.objective)
    assert again.ending is Ending.OPTIMAL
    assert again.incumbent == pytest.approx(best.incumbent)
    assert len(again.values) == columns


def test_a_column_can_be_the_largest_of_several_measures():
    """Least of the larger number of modules, with at least one in all."""
    model = extended(two_sites())
    with model.added():
        peak = model.add_column(lower=0.0, upper=np.inf)
        for site in ("alpha", "beta"):
            model.require(modules(model, site), upper=0.0, extra=peak)
        both = modules(model, "alpha").plus(modules(model, "beta"))
        model.require(both, lower=2.0)
        found = model.maximise(both.times(0.1), extra_costs={peak: -1.0})
        assert found.values[peak] == pytest.approx(1.0)
        assert found.incumbent == pytest.approx(0.2 - 1.0)


def test_what_was_added_goes_when_a_search_fails():
    model = extended(two_sites())
    before = relaxation(model)

    def fail():
        with model.added():
            model.add_column(lower=0.0, upper=1.0)
            model.require(modules(model, "alpha"), upper=0.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert relaxation(model) == pytest.approx(before)


@pytest.mark.parametrize("seed", range(6))
def test_random_models_are_what_they_were(seed):
    instance = random_instance(random.Random(seed), objective="npv")
    model = extended(instance)
    best = model.maximise(model.objective)
    rng = np.random.default_rng(seed)
    for _ in range(3):
        with model.added():
            extra = [model.add_column(lower=0.0, upper=1.0) for _ in range(3)]
            for column in extra:
                model.require(Measure(rng.random(model.size)), lower=-1.0, extra=column)
            model.maximise(Measure(rng.random(model.size)), extra_costs={extra[0]: 1.0}, time_limit=10)
    again = model.maximise(model.objective)
    assert again.ending is best.ending
    if best.values is not None:
        assert again.incumbent == pytest.approx(best.incumbent, abs=1e-6)


def test_the_most_of_a_measure_asks_only_the_bounds_of_columns_that_count():
    lower, upper = np.array([0.0, -2.0, -np.inf]), np.array([3.0, 5.0, np.inf])
    assert Measure(np.array([2.0, -1.0, 0.0]), 0.5).most(lower, upper) == 2 * 3 + 2 + 0.5
    assert Measure(np.array([0.0, 0.0, 1.0])).most(lower, upper) == np.inf
    assert Measure(np.array([0.0, 0.0, -1.0])).most(lower, upper) == np.inf
