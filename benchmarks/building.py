"""Building the model and handing it to HiGHS.

Ours starts from the tables of the instance. The others get the finished rows as arrays, which is less
work: what is measured of them is only the tool. Imports are not timed.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from benchmarks.cases import Arrays, Case
from benchmarks.process import Outcome


def _outcome(seconds: float, arrays: Arrays, columns: int, rows: int) -> Outcome:
    """Outcome of a model that HiGHS holds.

    Raises
    ------
    AssertionError
        If it is not the model that was to be built.
    """
    assert (rows, columns) == arrays.matrix.shape, f"built {rows} x {columns}, not {arrays.matrix.shape}"
    size = {"rows": rows, "columns": columns, "nonzeros": int(arrays.matrix.nnz)}
    return Outcome({"": seconds}, {name: float(value) for name, value in size.items()})


def gigasite(case: Case, limit_seconds: float) -> Outcome:  # noqa: ARG001 - tasks share one signature
    """Tables to validated instance to Pyomo to arrays to HiGHS."""
    from optimizer.instance import load_instance
    from optimizer.model.build import build_model
    from optimizer.solve.session import HighsSession
    from optimizer.solve.standard_form import standard_form

    began = time.perf_counter()
    instance = load_instance(case.instance)
    loaded = time.perf_counter()
    model = build_model(instance)
    built = time.perf_counter()
    form = standard_form(model.pyomo)
    HighsSession(form, threads=1, seed=1, stop=threading.Event())
    ended = time.perf_counter()
    rows, columns = form.matrix.shape
    whole = _outcome(ended - began, Arrays.read(case.arrays), columns, rows)
    parts = {"load": loaded - began, "model": built - loaded, "hand-over": ended - built}
    return Outcome({**whole.seconds, **parts}, whole.values)


def naive_pyomo(case: Case, limit_seconds: float) -> Outcome:  # noqa: ARG001
    """One expression a row, and Pyomo's persistent interface to HiGHS."""
    import pyomo.environ as pyo
    from pyomo.contrib.appsi.solvers import Highs

    arrays = Arrays.read(case.arrays)
    rows, columns = arrays.matrix.shape
    began = time.perf_counter()
    model = pyo.ConcreteModel()
    model.x = pyo.Var(
        range(columns),
        within=lambda _, j: pyo.Integers if arrays.integer[j] else pyo.Reals,
        bounds=lambda _, j: (_finite(arrays.lower[j]), _finite(arrays.upper[j])),
    )

    def row(_: pyo.ConcreteModel, i: int) -> object:
        span = slice(arrays.matrix.indptr[i], arrays.matrix.indptr[i + 1])
        terms = zip(arrays.matrix.data[span], arrays.matrix.indices[span], strict=True)
        body = sum(float(value) * model.x[int(j)] for value, j in terms)
        if arrays.row_lower[i] == arrays.row_upper[i]:
            return body == float(arrays.row_upper[i])
        return pyo.inequality(_finite(arrays.row_lower[i]), body, _finite(arrays.row_upper[i]))

    model.row = pyo.Constraint(range(rows), rule=row)
    costs = ((float(arrays.cost[j]), j) for j in np.flatnonzero(arrays.cost).tolist())
    model.objective = pyo.Objective(expr=sum(cost * model.x[j] for cost, j in costs), sense=pyo.maximize)
    solver = Highs()
    solver.set_instance(model)
    seconds = time.perf_counter() - began
    held = solver._solver_model  # the only way to see what HiGHS holds
    return _outcome(seconds, arrays, held.getNumCol(), held.getNumRow())


def _finite(value: Any) -> float | None:  # noqa: ANN401 - numpy's scalars
    return float(value) if np.isfinite(value) else None


def linopy(case: Case, limit_seconds: float) -> Outcome:  # noqa: ARG001
    """Rows of equal length and kind as one array each, the way linopy likes them."""
    import linopy as lp
    import pandas as pd
    import xarray as xr

    arrays = Arrays.read(case.arrays)
    # What it imports when first used shall not count.
    first = lp.Model()
    first.add_objective(1.0 * first.add_variables(lower=0, upper=1))
    lp.io.to_highspy(first)
    began = time.perf_counter()
    model = lp.Model()
    index = pd.RangeIndex(arrays.matrix.shape[1], name="column")
    labels = np.empty(len(index), dtype=np.int64)
    for whole in (False, True):
        members = np.flatnonzero(arrays.integer == whole)
        if not len(members):
            continue
        lower, upper = (
            xr.DataArray(part[members], coords={"column": index[members]}) for part in (arrays.lower, arrays.upper)
        )
        variable = model.add_variables(lower, upper, integer=whole, name="whole" if whole else "real")
        labels[members] = variable.labels.to_numpy()
    lengths = np.diff(arrays.matrix.indptr)
    equal = arrays.row_lower == arrays.row_upper
    below = ~equal & np.isfinite(arrays.row_upper)
    for sign, kind, limits in (("=", equal, arrays.row_upper), ("<=", below, arrays.row_upper),
                               (">=", ~equal & ~below, arrays.row_lower)):  # fmt: skip
        for length in np.unique(lengths[kind]).tolist():
            rows = np.flatnonzero(kind & (lengths == length))
            entries = arrays.matrix.indptr[rows][:, None] + np.arange(length)
            dimensions = ("row", "_term")
            terms = xr.Dataset(
                {
                    "coeffs": (dimensions, arrays.matrix.data[entries]),
                    "vars": (dimensions, labels[arrays.matrix.indices[entries]]),
                },
                coords={"row": rows},
            )
            left = lp.LinearExpression(terms, model)
            right = xr.DataArray(limits[rows], coords={"row": rows})
            model.add_constraints(left, sign, right, name=f"{sign}{length}")
    priced = np.flatnonzero(arrays.cost)
    costs = xr.Dataset({"coeffs": ("_term", arrays.cost[priced]), "vars": ("_term", labels[priced])})
    model.add_objective(lp.LinearExpression(costs, model), sense="max")
    highs = lp.io.to_highspy(model)
    return _outcome(time.perf_counter() - began, arrays, highs.getNumCol(), highs.getNumRow())


def pulp(case: Case, limit_seconds: float) -> Outcome:  # noqa: ARG001
    """One expression a row, and PuLP's interface to HiGHS."""
    import pulp as lp

    arrays = Arrays.read(case.arrays)
    rows, columns = arrays.matrix.shape
    began = time.perf_counter()
    problem = lp.LpProblem("model", lp.LpMaximize)
    kinds = [lp.LpInteger if whole else lp.LpContinuous for whole in arrays.integer]
    x = [
        problem.add_variable(f"x{j}", _finite(arrays.lower[j]), _finite(arrays.upper[j]), kinds[j])
        for j in range(columns)
    ]
    problem += lp.LpAffineExpression([(x[j], float(arrays.cost[j])) for j in np.flatnonzero(arrays.cost).tolist()])
    for i in range(rows):
        span = slice(arrays.matrix.indptr[i], arrays.matrix.indptr[i + 1])
        terms = zip(arrays.matrix.indices[span].tolist(), arrays.matrix.data[span].tolist(), strict=True)
        body = lp.LpAffineExpression([(x[j], value) for j, value in terms])
        if arrays.row_lower[i] == arrays.row_upper[i]:
            problem += body == float(arrays.row_upper[i])
        elif np.isfinite(arrays.row_upper[i]):
            problem += body <= float(arrays.row_upper[i])
        else:
            problem += body >= float(arrays.row_lower[i])
    solver = lp.HiGHS(msg=False)
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    held = problem.solverModel
    return _outcome(time.perf_counter() - began, arrays, held.getNumCol(), held.getNumRow())


def highspy_arrays(case: Case, limit_seconds: float) -> Outcome:  # noqa: ARG001
    """The floor: finished arrays passed to HiGHS."""
    import highspy

    arrays = Arrays.read(case.arrays)
    began = time.perf_counter()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = arrays.matrix.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = arrays.cost, arrays.lower, arrays.upper
    model.row_lower_, model.row_upper_ = arrays.row_lower, arrays.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = arrays.matrix.indptr, arrays.matrix.indices
    model.a_matrix_.value_ = arrays.matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(whole)] for whole in arrays.integer]
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.passModel(model)
    return _outcome(time.perf_counter() - began, arrays, highs.getNumCol(), highs.getNumRow())
