"""From Pyomo to arrays: the matrix that goes to HiGHS, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from optimizer.garbage import collected_later

FloatArray = NDArray[np.float64]

#: Coefficients below this are rounding errors of terms that cancel; units keep real ones far above.
CANCELLED = 1e-12


@dataclass(frozen=True)
class StandardForm:
    """maximise cost @ x + offset, row_lower <= matrix @ x <= row_upper, lower <= x <= upper, some x whole.

    Attributes
    ----------
    matrix
        Compressed by column, shape (rows, columns).
    integer
        True for columns that must be whole.
    variables
        The Pyomo variable of each column.
    row_names
        Name of each row, e.g. ``budget[global,2027]``.
    model
        The Pyomo model, kept alive because its variables know their names through it.
    """

    matrix: sparse.csc_array
    cost: FloatArray
    offset: float
    lower: FloatArray
    upper: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    integer: NDArray[np.bool_]
    variables: Sequence[Any]
    row_names: Sequence[str]
    model: Any

    @property
    def column_names(self) -> list[str]:
        """Name of each column, e.g. ``modules[us_tx_abilene,2027Q1]``."""
        return [variable.name for variable in self.variables]

    @cached_property
    def column_of(self) -> Mapping[int, int]:
        """Column of each variable, by its `id`; a variable that no row and no cost uses has none."""
        return {id(variable): column for column, variable in enumerate(self.variables)}

    def with_objective(self, cost: FloatArray, offset: float) -> StandardForm:
        """Replace the objective; everything else is shared."""
        return replace(self, cost=cost, offset=offset)

    def load(self, values: FloatArray) -> None:
        """Write a solution back into the Pyomo variables."""
        for variable, value in zip(self.variables, values.tolist(), strict=True):
            variable.set_value(value, skip_validation=True)


@collected_later()
def standard_form(model: pyo.ConcreteModel) -> StandardForm:
    """Compile a Pyomo model with one objective.

    Variables that appear in no row and not in the objective are fixed at a feasible value here,
    because the compiler leaves them out.
    """
    compiled = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=pyo.maximize)
    rows = len(compiled.rhs)
    kinds = np.fromiter((row.bound_type for row in compiled.rows), dtype=np.int64, count=rows)
    limits = np.asarray(compiled.rhs, dtype=np.float64)
    variables = list(compiled.columns)
    _settle_unused(model, variables)
    return StandardForm(
        matrix=_without_noise(sparse.csc_array(compiled.A)),
        cost=np.asarray(compiled.c.todense(), dtype=np.float64).reshape(-1),
        offset=float(compiled.c_offset[0]),
        lower=_bounds((variable.lb for variable in variables), -np.inf),
        upper=_bounds((variable.ub for variable in variables), np.inf),
        row_lower=np.where(kinds <= 0, limits, -np.inf),
        row_upper=np.where(kinds >= 0, limits, np.inf),
        integer=np.fromiter((not variable.is_continuous() for variable in variables), dtype=np.bool_),
        variables=variables,
        row_names=[row.constraint.name for row in compiled.rows],
        model=model,
    )


def _without_noise(matrix: sparse.csc_array) -> sparse.csc_array:
    """Drop what is left of coefficients that cancel in exact arithmetic."""
    matrix.data[np.abs(matrix.data) < CANCELLED] = 0.0
    matrix.eliminate_zeros()
    return matrix


def _bounds(values: Iterable[float | None], missing: float) -> FloatArray:
    return np.fromiter((missing if value is None else value for value in values), dtype=np.float64)


def _settle_unused(model: pyo.ConcreteModel, used: Sequence[Any]) -> None:
    known = {id(variable) for variable in used}
    for variable in model.component_data_objects(pyo.Var, descend_into=True):
        if id(variable) not in known:
            highest = 0.0 if variable.ub is None else min(0.0, variable.ub)
            variable.set_value(highest if variable.lb is None else variable.lb)
