"""From Pyomo to arrays: the matrix that goes to HiGHS, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.algebra import pyo
from optimizer.garbage import collected_later
from optimizer.solve.compiled import FloatArray, compiled

__all__ = ["FloatArray", "StandardForm", "standard_form"]

#: Coefficients below this are rounding errors of terms that cancel; units keep real ones far above.
CANCELLED = 1e-12


class RowNames(Sequence[str]):
    """Names of rows, made when they are first read: a solve that ends well needs none of them."""

    def __init__(self, count: int, make: Callable[[], list[str]]) -> None:
        self._count, self._make = count, make

    @classmethod
    def of(cls, constraints: Sequence[Any]) -> RowNames:
        """Names that the model gives its rows."""
        return cls(len(constraints), lambda: [constraint.name for constraint in constraints])

    @classmethod
    def chosen(cls, names: Sequence[str], positions: NDArray[np.intp]) -> RowNames:
        """Those at some positions; rows beyond those that have a name are nameless."""
        known = len(names)
        return cls(
            len(positions),
            lambda: [names[position] if position < known else "" for position in positions.tolist()],
        )

    @cached_property
    def _names(self) -> list[str]:
        return self._make()

    @overload
    def __getitem__(self, position: int) -> str: ...

    @overload
    def __getitem__(self, position: slice) -> Sequence[str]: ...

    def __getitem__(self, position: int | slice) -> str | Sequence[str]:
        """Name of a row, or of several."""
        return self._names[position]

    def __len__(self) -> int:
        """How many rows there are."""
        return self._count


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
    found = compiled(model)
    _settle_unused(model, found.variables)
    lower, upper = _bounds(found.variables)
    return StandardForm(
        matrix=_without_noise(found.matrix),
        cost=found.cost,
        offset=found.offset,
        lower=lower,
        upper=upper,
        row_lower=found.lower,
        row_upper=found.upper,
        integer=np.fromiter((not variable.is_continuous() for variable in found.variables), dtype=np.bool_),
        variables=found.variables,
        row_names=RowNames.of(found.constraints),
        model=model,
    )


def _without_noise(matrix: sparse.csc_array) -> sparse.csc_array:
    """Drop what is left of coefficients that cancel in exact arithmetic."""
    matrix.data[np.abs(matrix.data) < CANCELLED] = 0.0
    matrix.eliminate_zeros()
    return matrix


def _bounds(variables: Iterable[Any]) -> tuple[FloatArray, FloatArray]:
    """Least and greatest value of each variable; of a fixed one its value."""
    found = [(variable.value, variable.value) if variable.fixed else variable.bounds for variable in variables]
    lower = [-np.inf if least is None else least for least, _ in found]
    upper = [np.inf if most is None else most for _, most in found]
    return np.array(lower, dtype=np.float64), np.array(upper, dtype=np.float64)


def _settle_unused(model: pyo.ConcreteModel, used: Sequence[Any]) -> None:
    known = {id(variable) for variable in used}
    for variable in model.component_data_objects(pyo.Var, descend_into=True):
        if id(variable) not in known:
            highest = 0.0 if variable.ub is None else min(0.0, variable.ub)
            variable.set_value(highest if variable.lb is None else variable.lb)
