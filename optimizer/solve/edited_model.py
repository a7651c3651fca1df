"""One model that HiGHS holds twice, edited in place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.console import stdout_closed
from optimizer.solve.highs_model import file_name, highs_lp
from optimizer.solve.outcomes import SolverError
from optimizer.solve.standard_form import FloatArray, RowNames, StandardForm


class EditedModel:
    """A model in two copies inside HiGHS, with every edit made to both.

    Parameters
    ----------
    form
        The model as it is handed over, kept to restore bounds and what was added.

    Raises
    ------
    SolverError
        If HiGHS refuses the model, an option or an edit. Return codes are always checked: HiGHS otherwise keeps the
        old value of an option silently.
    """

    def __init__(self, form: StandardForm, **options: bool | int | float | str) -> None:
        self.form = form
        self._cost, self._offset = form.cost, form.offset
        with stdout_closed():
            self._relaxed, self._highs = highspy.Highs(), highspy.Highs()  # type: ignore[no-untyped-call]
        self._both = (self._relaxed, self._highs)
        for highs in self._both:
            self._set(highs, **options)
            self._check(highs.passModel(highs_lp(form)), "the model")

    def _forget_basis(self) -> None:
        """Called when rows or columns came or went, so that no basis fits."""

    def set_bounds(self, columns: np.ndarray, lower: FloatArray, upper: FloatArray) -> None:
        """Change column bounds in place."""
        for highs in self._both:
            self._change_bounds(highs, columns, lower, upper)

    def _change_bounds(self, highs: highspy.Highs, columns: np.ndarray, lower: FloatArray, upper: FloatArray) -> None:
        self._check(highs.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper), "new bounds")

    def set_cost(self, cost: FloatArray, offset: float) -> None:
        """Change the objective in place."""
        columns = np.arange(len(cost), dtype=np.int32)
        for highs in self._both:
            self._check(highs.changeColsCost(len(cost), columns, cost), "a new objective")
            self._check(highs.changeObjectiveOffset(offset), "a new objective offset")
        self._cost, self._offset = cost, offset

    @property
    def objective(self) -> tuple[FloatArray, float]:
        """Cost of each column, and offset, as they stand now."""
        return self._cost, self._offset

    def set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        """Change the bounds of a row in place."""
        for highs in self._both:
            self._check(highs.changeRowBounds(row, lower, upper), "new row bounds")

    def set_coefficient(self, row: int, column: int, value: float) -> None:
        """Change one entry of the matrix in place."""
        for highs in self._both:
            self._check(highs.changeCoeff(row, column, value), "a new coefficient")

    def add_column(self, *, lower: float, upper: float) -> int:
        """Add a continuous column without cost to the model and to `form`; `remove_added` takes it away.

        The matrix of `form` stays as it is: it describes the model as it was handed over.
        """
        for highs in self._both:
            self._check(highs.addCol(0.0, lower, upper, 0, [], []), "a new column")
        form = self.form
        self.form = replace(
            form,
            cost=np.append(form.cost, 0.0),
            lower=np.append(form.lower, lower),
            upper=np.append(form.upper, upper),
            integer=np.append(form.integer, False),
        )
        self._cost = np.append(self._cost, 0.0)
        self._forget_basis()
        return len(form.cost)

    def add_row(self, columns: NDArray[np.integer], values: FloatArray, lower: float, upper: float) -> int:
        """Add a row lower <= values @ x[columns] <= upper to the model; `remove_added` takes it away."""
        count = self._highs.getNumRow()
        for highs in self._both:
            self._check(highs.addRow(lower, upper, len(columns), columns.astype(np.int32), values), "a new row")
        self._forget_basis()
        return int(count)

    def add_rows(self, rows: sparse.csr_array, upper: FloatArray) -> None:
        """Add rows ``rows`` @ x <= ``upper`` to the model; `remove_added` takes them away."""
        count = rows.shape[0]
        lower = np.full(count, -np.inf)
        starts, columns = rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32)
        for highs in self._both:
            self._check(highs.addRows(count, lower, upper, rows.nnz, starts, columns, rows.data), "new rows")

    @property
    def row_count(self) -> int:
        """Rows of the model, added ones included."""
        return int(self._highs.getNumRow())

    def drop_rows(self, first: int) -> None:
        """Remove the rows from ``first`` on."""
        rows = np.arange(first, self.row_count, dtype=np.int32)
        for highs in self._both:
            if len(rows):
                self._check(highs.deleteRows(len(rows), rows), "a removal")
        self._forget_basis()

    def as_it_is(self) -> StandardForm:
        """The model as HiGHS holds it now, edits of the matrix and what was added included."""
        return self._form_without(np.zeros(self.form.matrix.shape[0], dtype=np.bool_))

    def _form_without(self, rows: NDArray[np.bool_]) -> StandardForm:
        lp = self._highs.getLp()
        counts = (lp.num_row_, lp.num_col_)
        parts = (np.asarray(lp.a_matrix_.value_), np.asarray(lp.a_matrix_.index_), np.asarray(lp.a_matrix_.start_))
        kind = sparse.csc_array if lp.a_matrix_.format_ == highspy.MatrixFormat.kColwise else sparse.csr_array
        kept = np.ones(lp.num_row_, dtype=np.bool_)
        kept[: len(rows)] = ~rows
        return replace(
            self.form,
            matrix=sparse.csc_array(sparse.csr_array(kind(parts, shape=counts))[np.flatnonzero(kept)]),
            cost=np.array(lp.col_cost_),
            offset=lp.offset_,
            lower=np.array(lp.col_lower_),
            upper=np.array(lp.col_upper_),
            row_lower=np.array(lp.row_lower_)[kept],
            row_upper=np.array(lp.row_upper_)[kept],
            row_names=RowNames.chosen(self.form.row_names, np.flatnonzero(kept)),
        )

    def rows(self, rows: NDArray[np.intp]) -> tuple[sparse.csr_array, FloatArray]:
        """Rows of `form` as HiGHS holds them now, with their upper bounds."""
        lp = self._highs.getLp()
        parts = (np.asarray(lp.a_matrix_.value_), np.asarray(lp.a_matrix_.index_), np.asarray(lp.a_matrix_.start_))
        kind = sparse.csc_array if lp.a_matrix_.format_ == highspy.MatrixFormat.kColwise else sparse.csr_array
        matrix = sparse.csr_array(kind(parts, shape=(lp.num_row_, lp.num_col_)))
        return matrix[rows], np.array(lp.row_upper_)[rows]

    def remove_added(self) -> None:
        """Remove every row and column that was added, and restore `form`."""
        rows, columns = self.form.matrix.shape
        for highs in self._both:
            for first, count, remove in (
                (rows, highs.getNumRow(), highs.deleteRows),
                (columns, highs.getNumCol(), highs.deleteCols),
            ):
                added = np.arange(first, count, dtype=np.int32)
                if len(added):
                    self._check(remove(len(added), added), "a removal")
        form = self.form
        self.form = replace(
            form,
            cost=form.cost[:columns],
            lower=form.lower[:columns],
            upper=form.upper[:columns],
            integer=form.integer[:columns],
        )
        self._cost = self._cost[:columns]
        self._forget_basis()

    def row(self, row: int) -> dict[int, float]:
        """Coefficients of a row as HiGHS holds them, by column."""
        status, columns, values = self._highs.getRowEntries(row)
        self._check(status, "a row")
        return dict(zip(columns.tolist(), values.tolist(), strict=True))

    def reset_bounds(self) -> None:
        """Restore the column bounds of the model as it was handed over."""
        self.set_bounds(np.arange(len(self.form.lower)), self.form.lower, self.form.upper)

    def write(self, path: Path) -> None:
        """Write the model as MPS or LP, by the suffix of ``path``."""
        for position, name in enumerate(self.form.column_names):
            self._highs.passColName(position, file_name(name, path))
        for position, name in enumerate(self.form.row_names):
            self._highs.passRowName(position, file_name(name, path))
        self._integrality(whole=True)
        self._check(self._highs.writeModel(str(path)), f"writing {path}", allow_warning=True)

    def _integrality(self, *, whole: bool) -> None:
        columns = np.flatnonzero(self.form.integer).astype(np.int32)
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        kinds = np.full(len(columns), int(kind), dtype=np.uint8)
        self._check(self._highs.changeColsIntegrality(len(columns), columns, kinds), "integrality")

    def _set(self, highs: highspy.Highs, **options: bool | int | float | str) -> None:
        for name, value in options.items():
            self._check(highs.setOptionValue(name, value), f"option {name} = {value!r}")

    @staticmethod
    def _check(status: highspy.HighsStatus, what: str, *, allow_warning: bool = True) -> None:
        if status == highspy.HighsStatus.kError or (status == highspy.HighsStatus.kWarning and not allow_warning):
            message = f"HiGHS refused {what}"
            raise SolverError(message)
