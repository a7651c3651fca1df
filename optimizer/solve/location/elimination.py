"""Columns that follow from others, taken out of a model: what is left has the same best plans.

Every step is exact. A column that an equation makes the sum of others is written as that sum; a column that nothing
holds back in the direction of its objective goes to its bound; a row of one column becomes a bound; a row that no
values within bounds can break is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.solve.location.problem import BoolArray, IndexArray
from optimizer.solve.standard_form import FloatArray, StandardForm

#: A row that its bounds keep within this share of its largest terms cannot be broken. Dropping a row only ever
#: allows more plans, so that bounds hold whatever stands here.
SLACK = 1e-9


@dataclass(frozen=True)
class Reduced:
    """A model in fewer columns: maximise cost @ z, row_lower <= rows @ z <= row_upper, lower <= z <= upper.

    Attributes
    ----------
    back
        Columns of the model handed over from those kept: x = back @ z, shape (columns, kept).
    """

    rows: sparse.csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    cost: FloatArray
    offset: float
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    back: sparse.csr_array

    @classmethod
    def of(cls, form: StandardForm) -> Reduced:
        """The model as it is."""
        return cls(
            rows=sparse.csr_array(form.matrix),
            row_lower=form.row_lower,
            row_upper=form.row_upper,
            cost=form.cost,
            offset=form.offset,
            lower=form.lower,
            upper=form.upper,
            integer=form.integer,
            back=sparse.csr_array(sparse.eye_array(len(form.cost), format="csr")),
        )

    @property
    def fixed(self) -> BoolArray:
        """Which columns have one value, their lower bound."""
        same: BoolArray = self.lower == self.upper
        return same

    def kept_rows(self, kept: BoolArray) -> Reduced:
        """The same with some of the rows."""
        positions = np.flatnonzero(kept)
        return replace(self, rows=self.rows[positions], row_lower=self.row_lower[kept], row_upper=self.row_upper[kept])


def reduced(form: StandardForm) -> Reduced:
    """Take out what can be taken out."""
    model = Reduced.of(form)
    while True:
        fewer = _substituted(model)
        if fewer is None:
            break
        model = fewer
    return _without_idle_rows(_bounds_of_single_columns(_without_fixed(_settled(model))))


def entries_of(matrix: sparse.csr_array) -> tuple[IndexArray, IndexArray, FloatArray]:
    """Row, column and value of every entry, row by row."""
    owner = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return owner, matrix.indices.astype(np.intp), matrix.data


def _substituted(model: Reduced) -> Reduced | None:
    """Replace columns that an equation makes a positive sum of others, from 0 on; None if there are none.

    Such a column stands in one equation only and alone has its sign there, so that those replaced at the same time do
    not need each other. It is never below 0, as no other is; that it may have a largest value becomes a row.
    """
    count = len(model.cost)
    equation = (model.row_lower == 0.0) & (model.row_upper == 0.0)
    owner, column, value = entries_of(model.rows)
    within = equation[owner]
    owner, column, value = owner[within], column[within], value[within]
    rows = len(equation)
    positive = np.bincount(owner, value > 0, minlength=rows)
    negative = np.bincount(owner, value < 0, minlength=rows)
    above_zero = np.bincount(owner, model.lower[column] < 0, minlength=rows) == 0
    uses = np.bincount(column, minlength=count)
    alone = np.where(value > 0, positive[owner] == 1, negative[owner] == 1)
    several = positive[owner] + negative[owner] >= 2
    opposed = (positive[owner] > 0) & (negative[owner] > 0)
    free = ~model.integer[column] & (model.lower[column] == 0.0) & (uses[column] == 1)
    candidates = np.flatnonzero(alone & several & opposed & free & above_zero[owner])
    if not len(candidates):
        return None
    defining, first = np.unique(owner[candidates], return_index=True)
    pivots = candidates[first]
    replaced, pivot_value = column[pivots], np.zeros(rows)
    pivot_value[defining] = value[pivots]
    # x[replaced] = sum of -value / pivot value * x over the rest of its row.
    position = np.zeros(rows, dtype=np.intp)
    position[defining] = replaced
    is_pivot = np.zeros(len(value), dtype=np.bool_)
    is_pivot[pivots] = True
    rest = np.flatnonzero((pivot_value[owner] != 0.0) & ~is_pivot)
    kept = np.ones(count, dtype=np.bool_)
    kept[replaced] = False
    new = np.cumsum(kept) - 1
    old = np.flatnonzero(kept)
    substitution = sparse.csr_array(
        (
            np.concatenate([np.ones(len(old)), -value[rest] / pivot_value[owner[rest]]]),
            (np.concatenate([old, position[owner[rest]]]), np.concatenate([new[old], new[column[rest]]])),
        ),
        shape=(count, len(old)),
    )
    other = np.ones(rows, dtype=np.bool_)
    other[defining] = False
    limited = replaced[np.isfinite(model.upper[replaced])]
    return Reduced(
        rows=sparse.csr_array(
            sparse.vstack([model.rows[np.flatnonzero(other)] @ substitution, substitution[limited]], format="csr")
        ),
        row_lower=np.concatenate([model.row_lower[other], np.full(len(limited), -np.inf)]),
        row_upper=np.concatenate([model.row_upper[other], model.upper[limited]]),
        cost=model.cost @ substitution,
        offset=model.offset,
        lower=model.lower[kept],
        upper=model.upper[kept],
        integer=model.integer[kept],
        back=sparse.csr_array(model.back @ substitution),
    )


def _settled(model: Reduced) -> Reduced:
    """Fix continuous columns that earn nothing by one direction, or cost nothing, where no row minds."""
    owner, column, value = entries_of(model.rows)
    has_upper, has_lower = np.isfinite(model.row_upper)[owner], np.isfinite(model.row_lower)[owner]
    count = len(model.cost)
    held_up = np.bincount(column, np.where(value > 0, has_upper, has_lower), minlength=count) > 0
    held_down = np.bincount(column, np.where(value > 0, has_lower, has_upper), minlength=count) > 0
    rises = ~model.integer & ~held_up & (model.cost >= 0) & np.isfinite(model.upper)
    falls = ~model.integer & ~held_down & (model.cost <= 0) & np.isfinite(model.lower) & ~rises
    return replace(
        model,
        lower=np.where(rises, model.upper, model.lower),
        upper=np.where(falls, model.lower, model.upper),
    )


def _without_fixed(model: Reduced) -> Reduced:
    """Take columns of one value out of the rows, and rows without columns away."""
    fixed = model.fixed
    values = np.where(fixed, model.lower, 0.0)
    moved = model.rows @ values
    rows = sparse.csr_array(model.rows @ sparse.diags_array((~fixed).astype(np.float64)))
    rows.eliminate_zeros()
    return replace(model, rows=rows, row_lower=model.row_lower - moved, row_upper=model.row_upper - moved)


def _bounds_of_single_columns(model: Reduced) -> Reduced:
    """Make rows of one column bounds of it."""
    single = np.diff(model.rows.indptr) == 1
    first = model.rows.indptr[:-1][single]
    column, value = model.rows.indices[first], model.rows.data[first]
    ends = np.stack([model.row_lower[single], model.row_upper[single]]) / value
    lower, upper = model.lower.copy(), model.upper.copy()
    np.maximum.at(lower, column, ends.min(axis=0))
    np.minimum.at(upper, column, ends.max(axis=0))
    return replace(model.kept_rows(~single), lower=lower, upper=upper)


def _without_idle_rows(model: Reduced) -> Reduced:
    """Drop rows that no values within bounds can break."""
    owner, column, value = entries_of(model.rows)
    count = model.rows.shape[0]
    at_upper, at_lower = value * model.upper[column], value * model.lower[column]
    most = np.bincount(owner, np.maximum(at_upper, at_lower), minlength=count)
    least = np.bincount(owner, np.minimum(at_upper, at_lower), minlength=count)
    with np.errstate(invalid="ignore"):  # infinite less infinite, of rows that may be broken
        below = (most <= model.row_upper) | (most - model.row_upper <= SLACK * np.where(np.isinf(most), 0.0, abs(most)))
        above = (least >= model.row_lower) | (
            model.row_lower - least <= SLACK * np.where(np.isinf(least), 0.0, abs(least))
        )
    return model.kept_rows(~(below & above))
