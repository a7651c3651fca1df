"""Rows, columns and coefficients are those that Pyomo's own compiler gives."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.core.expr import LinearExpression
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from optimizer.model.build import build_model
from optimizer.solve.compiled import CompileError, compiled
from optimizer.solve.standard_form import standard_form
from tests.random_instances import random_instance


@pytest.mark.parametrize("seed", range(20, 28))
def test_the_same_as_the_compiler_of_pyomo(seed: int) -> None:
    model = build_model(random_instance(random.Random(seed))).pyomo
    ours = compiled(model)
    theirs = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=pyo.maximize)
    assert [v.name for v in ours.variables] == [v.name for v in theirs.columns]
    assert [row.name for row in ours.constraints] == [row.constraint.name for row in theirs.rows]
    for part in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(ours.matrix, part), getattr(theirs.A, part))
    np.testing.assert_array_equal(ours.cost, theirs.c.todense().reshape(-1))
    assert ours.offset == theirs.c_offset[0]
    for row, least, most, right in zip(theirs.rows, ours.lower, ours.upper, theirs.rhs, strict=True):
        assert least == (-np.inf if row.bound_type > 0 else right)
        assert most == (np.inf if row.bound_type < 0 else right)


def _model() -> pyo.ConcreteModel:
    model = pyo.ConcreteModel()
    model.x = pyo.Var([1, 2], bounds=(0, 4))
    model.objective = pyo.Objective(expr=model.x[1] + 3, sense=pyo.maximize)
    return model


def test_expressions_of_any_shape_on_either_side() -> None:
    model = _model()
    x = model.x
    model.sides = pyo.Constraint(expr=2 * (x[1] - x[2]) + 1 <= x[2] - 3)
    model.between = pyo.Constraint(expr=(1, x[1] + x[1], 5))
    model.alone = pyo.Constraint(expr=x[2] >= 1)
    form = compiled(model)
    np.testing.assert_array_equal(form.matrix.todense(), [[2, -3], [2, 0], [0, 1]])
    assert list(form.lower) == [-np.inf, 1, 1]
    assert list(form.upper) == [-4, 5, np.inf]
    assert form.offset == 3


def test_terms_of_one_variable_are_added_and_rows_that_vanish_are_left_out() -> None:
    model = _model()
    model.gone = pyo.Constraint(expr=LinearExpression(linear_coefs=[1, -1], linear_vars=[model.x[1]] * 2) <= 0)
    model.kept = pyo.Constraint(expr=LinearExpression(linear_coefs=[1, 2], linear_vars=[model.x[2]] * 2) <= 6)
    form = compiled(model)
    assert [row.name for row in form.constraints] == ["kept"]
    np.testing.assert_array_equal(form.matrix.todense(), [[0, 3]])


def test_a_vanished_row_that_does_not_hold_is_refused_by_name() -> None:
    model = _model()
    gone = LinearExpression(linear_coefs=[1, -1], linear_vars=[model.x[1]] * 2)
    model.broken = pyo.Constraint(expr=gone >= 1)
    with pytest.raises(CompileError, match="broken has no variables and does not hold"):
        compiled(model)


def test_a_row_that_is_not_linear_is_refused_by_name() -> None:
    model = _model()
    model.curved = pyo.Constraint(expr=model.x[1] ** 2 <= 3)
    with pytest.raises(CompileError, match="curved is not linear"):
        compiled(model)


def test_a_fixed_variable_stays_at_its_value() -> None:
    model = _model()
    model.row = pyo.Constraint(expr=model.x[1] + model.x[2] <= 5)
    model.x[1].fix(2)
    form = standard_form(model)
    column = form.column_names.index("x[1]")
    assert form.lower[column] == form.upper[column] == 2


def test_a_solve_does_not_load_the_statistics_of_scipy() -> None:
    script = (
        "import sys, random, threading\n"
        "import optimizer.commands.solve, optimizer.power.join, optimizer.power.portfolios\n"
        "from optimizer.model.build import build_model\n"
        "from optimizer.solve.session import HighsSession\n"
        "from optimizer.solve.standard_form import standard_form\n"
        "import optimizer.solve.pipeline, optimizer.solve.sketch\n"
        "from tests.random_instances import random_instance\n"
        "form = standard_form(build_model(random_instance(random.Random(1))).pyomo)\n"
        "HighsSession(form, threads=1, seed=0, stop=threading.Event())\n"
        "print('scipy.sparse' in sys.modules, 'scipy.stats' in sys.modules, 'pyomo.environ' in sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["True", "False", "False"]
