"""A Pyomo model as numbers: one pass over its rows.

Pyomo has a compiler of its own for this (`LinearStandardFormCompiler`), which gives the same columns, rows and
coefficients. But it walks every row as an expression, although ours are lists of terms already, and it loads
`scipy.stats`, which nothing else here needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyomo.core.expr import LinearExpression
from pyomo.repn import generate_standard_repn
from scipy import sparse

from optimizer.algebra import pyo

FloatArray: TypeAlias = NDArray[np.float64]
Component: TypeAlias = Any
"""A constraint, objective, variable or expression; Pyomo publishes no types."""


class CompileError(ValueError):
    """A row or an objective that is no sum of terms, or a row without variables that does not hold."""


@dataclass
class _Columns:
    """Numbers of variables: a component's members follow one another, components by which is met first."""

    numbers: dict[int, int] = field(default_factory=dict)
    variables: list[Component] = field(default_factory=list)

    def of(self, variables: Sequence[Component]) -> list[int]:
        numbers = self.numbers
        try:
            return [numbers[id(variable)] for variable in variables]
        except KeyError:
            for variable in variables:
                if id(variable) not in numbers:
                    self._add(list(variable.parent_component().values()))
            return self.of(variables)

    def _add(self, members: list[Component]) -> None:
        first = len(self.variables)
        self.numbers.update((id(member), first + place) for place, member in enumerate(members))
        self.variables += members


@dataclass(frozen=True)
class Compiled:
    """Rows ``lower <= matrix @ x <= upper``, and an objective ``cost @ x + offset`` to be maximised.

    Attributes
    ----------
    matrix
        Compressed by column; every column has an entry here or in the objective.
    constraints, variables
        Pyomo's constraint of each row and variable of each column.
    """

    matrix: sparse.csc_array
    lower: FloatArray
    upper: FloatArray
    cost: FloatArray
    offset: float
    constraints: list[Component]
    variables: list[Component]


def compiled(model: pyo.ConcreteModel) -> Compiled:
    """Read the rows and the objective of a model that has one.

    Raises
    ------
    CompileError
        If a row or the objective is not linear, or a row without variables does not hold.
    """
    columns = _Columns()
    objective = next(model.component_data_objects(pyo.Objective, active=True))
    variables, prices, offset = _terms(objective.expr, objective)
    priced = columns.of(variables)
    entries: list[float] = []
    places: list[int] = []
    ends = [0]
    lower: list[float] = []
    upper: list[float] = []
    constraints = list(model.component_data_objects(pyo.Constraint, active=True))
    for constraint in constraints:
        least, body, most = constraint.to_bounded_expression(evaluate_bounds=True)
        variables, coefficients, constant = _terms(body, constraint)
        places += columns.of(variables)
        entries += coefficients
        ends.append(len(places))
        lower.append(-np.inf if least is None else least - constant)
        upper.append(np.inf if most is None else most - constant)
    sign = 1.0 if objective.sense == pyo.maximize else -1.0
    cost = np.zeros(len(columns.variables))
    np.add.at(cost, priced, sign * np.array(prices, dtype=np.float64))
    rows = sparse.csr_array(
        (np.array(entries, dtype=np.float64), np.array(places, dtype=np.int32), np.array(ends, dtype=np.int32)),
        shape=(len(constraints), len(columns.variables)),
    )
    return _without_the_empty(
        Compiled(
            sparse.csc_array(rows),
            np.array(lower, dtype=np.float64),
            np.array(upper, dtype=np.float64),
            cost,
            sign * float(offset),
            constraints,
            columns.variables,
        )
    )


def _terms(expression: Component, component: Component) -> tuple[Sequence[Component], Sequence[float], float]:
    """Variables, their coefficients, and the constant."""
    if type(expression) is LinearExpression:
        return expression.linear_vars, expression.linear_coefs, expression.constant
    found = generate_standard_repn(expression, quadratic=False)
    if not found.is_linear():
        message = f"{component.name} is not linear"
        raise CompileError(message)
    return found.linear_vars, found.linear_coefs, found.constant


def _without_the_empty(whole: Compiled) -> Compiled:
    """Without columns that have no entry, and without rows that have none and hold."""
    matrix = whole.matrix
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    filled = np.bincount(matrix.indices, minlength=matrix.shape[0]) > 0
    broken = np.flatnonzero(~filled & ((whole.lower > 0) | (whole.upper < 0)))
    if len(broken):
        message = f"{whole.constraints[broken[0]].name} has no variables and does not hold"
        raise CompileError(message)
    used = (np.diff(matrix.indptr) > 0) | (whole.cost != 0)
    if filled.all() and used.all():
        return whole
    return Compiled(
        sparse.csc_array(matrix[np.flatnonzero(filled)][:, np.flatnonzero(used)]),
        whole.lower[filled],
        whole.upper[filled],
        whole.cost[used],
        whole.offset,
        [row for row, keep in zip(whole.constraints, filled.tolist(), strict=True) if keep],
        [variable for variable, keep in zip(whole.variables, used.tolist(), strict=True) if keep],
    )
