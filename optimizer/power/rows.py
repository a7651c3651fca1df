"""A linear program gathered from arrays: columns, and rows of broadcast terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimizer.console import stdout_closed
from optimizer.power.profiles import Hours

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

Columns: TypeAlias = NDArray[np.intp]
Term: TypeAlias = tuple[Columns, ArrayLike]


class PowerError(RuntimeError):
    """A site for which the LP has no solution."""


@dataclass(frozen=True)
class LinearProgram:
    """Minimise ``cost @ x`` for ``row_lower <= matrix @ x <= row_upper`` and ``lower <= x <= upper``."""

    matrix: csc_matrix
    cost: Hours
    lower: Hours
    upper: Hours
    row_lower: Hours
    row_upper: Hours


@dataclass(frozen=True)
class Optimum:
    """Solution of a linear program; `row_dual` is the change of the least cost per unit of a row's bound."""

    value: float
    x: Hours
    row_dual: Hours


@dataclass
class Gathering:
    """Columns and rows so far."""

    _cost: list[Hours] = field(default_factory=list)
    _upper: list[Hours] = field(default_factory=list)
    _entries: list[tuple[Columns, Columns, Hours]] = field(default_factory=list)
    _row_lower: list[Hours] = field(default_factory=list)
    _row_upper: list[Hours] = field(default_factory=list)
    columns: int = 0
    rows: int = 0

    def add_columns(self, *shape: int, cost: ArrayLike = 0.0, upper: ArrayLike = np.inf) -> Columns:
        """Variables of at least 0, as an array of their indices."""
        count = int(np.prod(shape))
        indices = np.arange(self.columns, self.columns + count).reshape(shape)
        self._cost.append(np.array(np.broadcast_to(cost, shape), dtype=float).ravel())
        self._upper.append(np.array(np.broadcast_to(upper, shape), dtype=float).ravel())
        self.columns += count
        return indices

    def add_rows(
        self, shape: tuple[int, ...], terms: Sequence[Term], *, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf
    ) -> Columns:
        """One row per element of ``shape``: the sum of columns times factors, each broadcast to it."""
        count = int(np.prod(shape))
        rows = np.arange(self.rows, self.rows + count).reshape(shape)
        for columns, factor in terms:
            factors = np.array(np.broadcast_to(factor, shape), dtype=float)
            used = factors != 0
            self._entries.append((rows[used], np.broadcast_to(columns, shape)[used], factors[used]))
        self._row_lower.append(np.array(np.broadcast_to(lower, shape), dtype=float).ravel())
        self._row_upper.append(np.array(np.broadcast_to(upper, shape), dtype=float).ravel())
        self.rows += count
        return rows

    def add_sums(self, groups: int, terms: Sequence[Term], *, upper: ArrayLike = np.inf) -> Columns:
        """One row per group: terms of shape (groups, ...) summed over all but the first axis."""
        rows = np.arange(self.rows, self.rows + groups)
        for columns, factor in terms:
            factors = np.array(np.broadcast_to(factor, columns.shape), dtype=float)
            used = factors != 0
            index = np.broadcast_to(rows.reshape(-1, *[1] * (columns.ndim - 1)), columns.shape)
            self._entries.append((index[used], columns[used], factors[used]))
        self._row_lower.append(np.full(groups, -np.inf))
        self._row_upper.append(np.array(np.broadcast_to(upper, (groups,)), dtype=float))
        self.rows += groups
        return rows

    def costs(self) -> Hours:
        """Costs of the columns gathered."""
        return np.concatenate(self._cost)

    def program(self) -> LinearProgram:
        """What was gathered."""
        # Not needed where the power is in the cache; and Pyomo loads `scipy.stats`, half a second, if it finds SciPy.
        from scipy.sparse import csc_matrix

        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        upper = np.concatenate(self._upper)
        return LinearProgram(
            csc_matrix((values, (rows, columns)), shape=(self.rows, self.columns)),
            np.concatenate(self._cost),
            np.zeros(len(upper)),
            upper,
            np.concatenate(self._row_lower),
            np.concatenate(self._row_upper),
        )


def solve_program(program: LinearProgram) -> Optimum:
    """Solve with HiGHS on one thread.

    Raises
    ------
    PowerError
        If there is no optimum; says which kind of failure.
    """
    with stdout_closed():
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.passModel(as_highs(program))
    # HiGHS keeps the number of threads of the first solve in a thread, and refuses others there.
    alone = Thread(target=highs.run)
    alone.start()
    alone.join()
    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        message = f"the power of the site has no optimum: {highs.modelStatusToString(status).lower()}"
        raise PowerError(message)
    solution = highs.getSolution()
    value = highs.getInfo().objective_function_value
    return Optimum(value, np.array(solution.col_value), np.array(solution.row_dual))


def as_highs(program: LinearProgram) -> highspy.HighsLp:
    """Program as HiGHS takes it."""
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = program.matrix.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = program.matrix.indptr, program.matrix.indices
    lp.a_matrix_.value_ = program.matrix.data
    return lp
