"""The matrix says what the Pyomo model says."""

from __future__ import annotations

import random

import numpy as np
import pyomo.environ as pyo
import pytest

from optimizer.model.build import build_model
from optimizer.solve.standard_form import RowNames, standard_form
from tests.random_instances import random_instance


@pytest.mark.parametrize("seed", range(12))
def test_rows_bounds_and_objective_equal_pyomos_own_evaluation(seed: int) -> None:
    model = build_model(random_instance(random.Random(seed))).pyomo
    form = standard_form(model)
    point = np.random.default_rng(seed).uniform(0, 2, len(form.variables))
    form.load(point)
    assert form.cost @ point + form.offset == pytest.approx(pyo.value(model.objective), rel=1e-12, abs=1e-12)
    bodies = dict(zip(form.row_names, form.matrix @ point, strict=True))
    limits = dict(zip(form.row_names, zip(form.row_lower, form.row_upper, strict=True), strict=True))
    rows = list(model.component_data_objects(pyo.Constraint, active=True))
    assert len(rows) == len(form.row_names) == len(bodies)
    for row in rows:
        # The compiler moves constants of the body to the other side.
        lower, upper = limits[row.name]
        slack_above = np.inf if row.upper is None else pyo.value(row.upper) - pyo.value(row.body)
        slack_below = np.inf if row.lower is None else pyo.value(row.body) - pyo.value(row.lower)
        assert upper - bodies[row.name] == pytest.approx(slack_above, abs=1e-9)
        assert bodies[row.name] - lower == pytest.approx(slack_below, abs=1e-9)
    for column, variable in enumerate(form.variables):
        assert form.lower[column] == (-np.inf if variable.lb is None else variable.lb)
        assert form.upper[column] == (np.inf if variable.ub is None else variable.ub)
        assert form.integer[column] == (not variable.is_continuous())


def test_the_same_instance_gives_the_same_form_twice() -> None:
    instance = random_instance(random.Random(7))
    first, second = (standard_form(build_model(instance).pyomo) for _ in range(2))
    assert first.column_names == second.column_names
    assert list(first.row_names) == list(second.row_names)
    for part in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(first.matrix, part), getattr(second.matrix, part))
    for name in ("cost", "lower", "upper", "row_lower", "row_upper", "integer"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def _one_row() -> pyo.ConcreteModel:
    model = pyo.ConcreteModel()
    model.x = pyo.Var(bounds=(0, 4))
    model.y = pyo.Var(bounds=(0, 4))
    model.row = pyo.Constraint(expr=model.x + model.y <= 5)
    model.objective = pyo.Objective(expr=model.x, sense=pyo.maximize)
    return model


@pytest.mark.parametrize(
    ("bounds", "expected"), [((1, 3), 1), ((None, None), 0), ((0, None), 0), ((None, -2), -2), ((None, 5), 0)]
)
def test_variables_in_no_row_settle_at_a_feasible_value(
    bounds: tuple[float | None, float | None], expected: float
) -> None:
    model = _one_row()
    model.unused = pyo.Var(bounds=bounds)
    form = standard_form(model)
    assert "unused" not in form.column_names
    assert model.unused.value == expected


def test_what_is_left_of_cancelled_coefficients_is_dropped() -> None:
    model = _one_row()
    model.noisy = pyo.Constraint(expr=(0.1 + 0.2 - 0.3) * model.x + model.y >= 0)
    form = standard_form(model)
    row = form.row_names.index("noisy")
    assert form.matrix[[row], :].nnz == 1


def test_a_minimisation_becomes_a_maximisation_of_the_negative() -> None:
    model = _one_row()
    model.del_component(model.objective)
    model.objective = pyo.Objective(expr=3 * model.x - 2, sense=pyo.minimize)
    form = standard_form(model)
    assert form.cost[form.column_names.index("x")] == -3
    assert form.offset == 2


def test_names_of_rows_are_made_when_first_read_and_then_kept() -> None:
    made: list[int] = []

    def make() -> list[str]:
        made.append(1)
        return ["first", "second", "third"]

    names = RowNames(3, make)
    assert len(names) == 3
    assert not made
    some = RowNames.chosen(names, np.array([2, 0, 3, 4]))
    assert len(some) == 4
    assert not made
    assert list(some) == ["third", "first", "", ""], "rows that were added have no name"
    assert some[1:] == ["first", "", ""]
    assert names[1] == "second"
    assert made == [1]
