"""Rows that tell the relaxation to buy quota steps whole: a site that is full of chips cannot have bought half of one.

The row of a permit counts chips in its own measure, in which the newest chips count twenty times what the oldest do. So
sites that are full of chips of all ages count little against what the newest could, and the relaxation buys that
share of the step. Seen from power the sites are full, and the step is bought.

Counted at a density ``d`` in the measure per GW, chips take ``gw * min(1, density / d)``. Once the steps ``S`` are
bought, this is at most ``f(S) = min(most_gw, (quantity + what S adds) / d)``: a concave function of a sum, so
submodular, and for every set ``T`` of steps (Nemhauser and Wolsey, Annals of Discrete Mathematics 11, 1981)

    counted <= f(T) - sum over k in T of (1 - s_k) (f(all) - f(all - k)) + sum over k not in T of s_k (f(T + k) - f(T)).

The chips are those that the permit lets travel. Permission beyond what does travel is worth nothing, so the rows keep
a best plan, if not every listing of it.

Measured on world-2026 under the draft global rule of November 2026 (152 steps, relaxation 1,427.22 B USD): 1,423.64
after 8 rounds and 625 rows, 50 s of processor time; cuts of HiGHS in a search for whole steps alone, 1,425.6 after
330 s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.model.export_permits import RaisedStock, raised_stocks
from optimizer.model.plan_model import PlanModel
from optimizer.solve.standard_form import FloatArray, StandardForm

#: A row is broken from here on, as share of the length of its coefficients.
BROKEN = 1e-5


@dataclass(frozen=True)
class RaisedLimit:
    """What stands of a group of a permit on one date, and the steps that raise what may.

    Attributes
    ----------
    group
        Number of the group; its dates share their steps.
    columns, gw, measured
        Columns that add up, and what one of each takes: IT power [GW], and in the measure of the permit.
    most_gw
        Most power that all can take [GW].
    quantity
        What the permit allows without steps.
    steps, added
        Columns of the steps, and what each adds.
    """

    group: int
    columns: NDArray[np.intp]
    gw: FloatArray
    measured: FloatArray
    most_gw: float
    quantity: float
    steps: NDArray[np.intp]
    added: FloatArray

    def most(self, density: float, bought: NDArray[np.bool_]) -> float:
        """Most that can be counted at a density once some steps are bought."""
        return min(self.most_gw, (self.quantity + float(self.added[bought].sum())) / density)

    def row(self, density: float, known: NDArray[np.bool_]) -> StepRow:
        """The row at a density for a set of steps."""
        everything = np.ones(len(self.steps), dtype=np.bool_)
        base, top = self.most(density, known), self.most(density, everything)
        slopes, upper = np.zeros(len(self.steps)), base
        for k, inside in enumerate(known.tolist()):
            other = (everything if inside else known).copy()
            other[k] = not inside
            slopes[k] = top - self.most(density, other) if inside else self.most(density, other) - base
            upper -= slopes[k] if inside else 0.0
        counted = self.gw * np.minimum(1.0, self.measured / self.gw / density)
        return StepRow(np.concatenate([self.columns, self.steps]), np.concatenate([counted, -slopes]), upper)

    def broken(self, values: FloatArray) -> Iterator[tuple[float, StepRow]]:
        """Rows that values break, and by how much for the length of their coefficients."""
        none = np.zeros(len(self.steps), dtype=np.bool_)
        sets = [none, *np.eye(len(self.steps), dtype=np.bool_)]
        present = values[self.columns] > 0
        if not present.any():
            return
        for density in np.unique((self.measured / self.gw)[present]).tolist():
            for known in sets:
                row = self.row(density, known)
                distance = row.excess(values) / float(np.linalg.norm(row.coefficients))
                if distance > BROKEN:
                    yield distance, row


@dataclass(frozen=True)
class StepRow:
    """coefficients @ x[columns] <= upper."""

    columns: NDArray[np.intp]
    coefficients: FloatArray
    upper: float

    def excess(self, values: FloatArray) -> float:
        """By how much values break it; negative if they do not."""
        return float(self.coefficients @ values[self.columns]) - self.upper


def raised_limits(model: PlanModel, form: StandardForm) -> tuple[RaisedLimit, ...]:
    """Every date on which steps raise what may stand."""
    groups: dict[tuple[str, str], int] = {}
    limits = [
        _limit(stock, groups.setdefault((stock.permit, str(stock.group)), len(groups)), model, form)
        for stock in raised_stocks(model.context)
    ]
    return tuple(limit for limit in limits if len(limit.columns) and len(limit.steps))


def _limit(stock: RaisedStock, group: int, model: PlanModel, form: StandardForm) -> RaisedLimit:
    permitted, position = model.pyomo.permitted, form.column_of
    columns = np.array([position.get(id(permitted[stock.permit, *key]), -1) for key in stock.standing], dtype=np.intp)
    steps = [(position[id(bought)], added) for added, bought in stock.allowance.steps if id(bought) in position]
    there = columns >= 0
    return RaisedLimit(
        group=group,
        columns=columns[there],
        gw=np.array(stock.gw)[there],
        measured=np.array(stock.measured)[there],
        most_gw=stock.most_gw,
        quantity=stock.allowance.quantity,
        steps=np.array([column for column, _ in steps], dtype=np.intp),
        added=np.array([added for _, added in steps]),
    )


def most_broken(limits: Sequence[RaisedLimit], values: FloatArray, each: int) -> list[StepRow]:
    """Of every group that has bought a step in part, the rows that values break most, at most ``each``."""
    chosen: list[StepRow] = []
    for _, dates in groupby(limits, key=lambda limit: limit.group):
        members = list(dates)
        bought = values[np.unique(np.concatenate([limit.steps for limit in members]))]
        if (abs(bought - np.round(bought)) <= BROKEN).all():
            continue
        found = [entry for limit in members for entry in limit.broken(values)]
        found.sort(key=lambda entry: -entry[0])
        chosen += [row for _, row in found[:each]]
    return chosen


def as_matrix(rows: Sequence[StepRow], columns: int) -> tuple[sparse.csr_array, FloatArray]:
    """Rows as HiGHS takes them, and their upper sides."""
    starts = np.concatenate([[0], np.cumsum([len(row.columns) for row in rows])])
    indices = np.concatenate([row.columns for row in rows])
    data = np.concatenate([row.coefficients for row in rows])
    matrix = sparse.csr_array((data, indices, starts), shape=(len(rows), columns))
    return matrix, np.array([row.upper for row in rows])
