"""Whether a model is a capacitated location problem, read from its matrix alone.

What a model must come to once columns that follow from others are taken out (`optimizer.solve.location.elimination`),
with sites i and customers j, every column one of these three and every row one of these four:

    maximise sum_ij g[i, j] s[i, j] - sum_i l[i] c[i] - sum_i f[i] y[i] + constant
    where    sum_i s[i, j] <= d[j]            a customer takes so much
             sum_j s[i, j] <= c[i]            from what sites have ready
             c[i] <= k[i] y[i]                which open ones have, up to their capacity
             sum_i c[i] >= t                  and of which so much must be ready

with y[i] 0 or 1, or without it for a site that stands, and g, l and f not below 0. Rows s[i, j] <= e y[i] with e from
d[j] on are allowed as well: what the others ask meets them.

If t is the demand of all customers, then no plan earns more than constant + sum_j h[j] d[j] less the least cost of the
location problem with unit costs l[i] - g[i, j] + h[j], whatever h is. For what is ready and not taken, c[i] - sum_j
s[i, j], is in total no less than what customers do not take, d[j] - sum_i s[i, j]. Give it to them: a location plan x,
with x[i, j] - s[i, j] not below 0 and sum_j x[i, j] not above c[i]. As g and l are not below 0, it earns no less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.solve.location.elimination import Reduced, entries_of, reduced
from optimizer.solve.location.problem import BoolArray, IndexArray, LocationProblem
from optimizer.solve.standard_form import FloatArray, StandardForm

#: Sums of many demands may differ by this share and be the same.
SAME = 1e-12
#: With fewer sites or customers there is nothing to search.
FEWEST = 2


@dataclass(frozen=True)
class LocationModel:
    """A model that is a location problem, and the way back.

    Attributes
    ----------
    form
        The model as it was handed over.
    problem
        The problem: the best plan earns `constant` less its least cost.
    reduced
        The model in the columns that decide.
    opening, ready, served
        Columns in `reduced` of y (-1 for a site that stands), c, shape (sites,), and s, shape (sites, customers).
    unit_ready
        What is ready at a site for one of its column, in units of demand, shape (sites,).
    """

    form: StandardForm
    problem: LocationProblem
    constant: float
    reduced: Reduced
    opening: IndexArray
    ready: IndexArray
    served: IndexArray
    unit_ready: FloatArray

    def worth(self, cost: float) -> float:
        """Objective of a plan, or a bound on it, from its cost."""
        return self.constant - cost

    def columns(self, used: BoolArray, amounts: FloatArray) -> FloatArray:
        """All columns of the model from the open sites and who is served from where, shape (sites, customers)."""
        values = np.where(self.reduced.fixed, self.reduced.lower, 0.0)
        values[self.served.ravel()] = amounts.ravel()
        values[self.ready] = amounts.sum(axis=1) / self.unit_ready
        chosen = self.opening >= 0
        values[self.opening[chosen]] = used[chosen]
        whole: FloatArray = self.reduced.back @ values
        return whole

    def breaks(self, values: FloatArray) -> float:
        """How far columns break a row or a bound at most, as a share of the largest term there, at least of 1."""
        form = self.form
        body, size = form.matrix @ values, abs(form.matrix) @ np.abs(values)
        rows = np.maximum(form.row_lower - body, body - form.row_upper) / np.maximum(1.0, size)
        columns = np.maximum(form.lower - values, values - form.upper) / np.maximum(1.0, np.abs(values))
        return float(max(0.0, rows.max(initial=0.0), columns.max(initial=0.0)))


def recognise(form: StandardForm) -> LocationModel | None:
    """Read the location problem that a model is; None if it is anything else."""
    if not may_be(form):
        return None
    try:
        return _read(form, reduced(form))
    except _UnlikeError:
        return None


def may_be(form: StandardForm) -> bool:
    """What is cheap to see: whole columns are 0 or 1, and one row asks for more than nothing."""
    whole = form.integer
    binary = bool((form.lower[whole] == 0.0).all() and (form.upper[whole] == 1.0).all())
    return binary and bool(whole.any()) and int((form.row_lower > 0).sum()) == 1


class _UnlikeError(Exception):
    """The model is no location problem."""


def _must(condition: bool | np.bool_) -> None:
    if not condition:
        raise _UnlikeError


class _Table:
    """Entries of the rows of a reduced model, by kind of row and of column.

    What is ready are the columns of the one row that asks for more than nothing, openings the whole ones, and service
    all others that have more than one value.
    """

    def __init__(self, model: Reduced) -> None:
        self.model = model
        self.owner, self.column, self.value = entries_of(model.rows)
        asking = np.isfinite(model.row_lower)
        _must(asking.sum() == 1 and bool((np.isinf(model.row_upper) == asking).all()))
        self.asking = np.flatnonzero(asking)
        self.opening = model.integer
        self.ready = np.zeros(len(model.cost), dtype=np.bool_)
        self.ready[self.column[asking[self.owner]]] = True
        self.served = ~self.opening & ~self.ready & ~model.fixed
        counts = np.stack([self._per_row(kind) for kind in (self.opening, self.ready, self.served)])
        none, one, several = (counts == 0), (counts == 1), (counts >= 1)
        from_nothing = model.row_upper == 0.0
        self.capacity = np.flatnonzero(one[0] & one[1] & none[2] & from_nothing)
        self.links = np.flatnonzero(one[0] & none[1] & one[2] & from_nothing)
        self.giving = np.flatnonzero(none[0] & one[1] & several[2] & from_nothing)
        self.taking = np.flatnonzero(none[0] & none[1] & several[2] & (model.row_upper > 0) & ~asking)
        explained = sum(len(rows) for rows in (self.asking, self.capacity, self.links, self.giving, self.taking))
        _must(explained == model.rows.shape[0])
        _must(bool((none[0] & none[2])[self.asking].all()))

    def _per_row(self, columns: BoolArray) -> IndexArray:
        return np.bincount(self.owner, columns[self.column], minlength=self.model.rows.shape[0]).astype(np.intp)

    def entries(self, rows: IndexArray, columns: BoolArray) -> tuple[IndexArray, IndexArray, FloatArray]:
        """Position of the row in `rows`, column and value of the entries of some rows in some columns, by row."""
        position = np.full(self.model.rows.shape[0], -1, dtype=np.intp)
        position[rows] = np.arange(len(rows))
        within = np.flatnonzero((position[self.owner] >= 0) & columns[self.column])
        return position[self.owner[within]], self.column[within], self.value[within]

    def sums(self, rows: IndexArray) -> tuple[IndexArray, FloatArray]:
        """Of rows in which every service has the same value above 0: by column the position of its row, and that value.

        Every service is in one of these rows.
        """
        owner, column, value = self.entries(rows, self.served)
        of_row = np.zeros(len(rows))
        of_row[owner] = value
        _must(bool((value == of_row[owner]).all() and (of_row > 0).all()))
        _must(len(column) == self.served.sum() and len(np.unique(column)) == len(column))
        of_column = np.full(len(self.served), -1, dtype=np.intp)
        of_column[column] = owner
        return of_column, of_row


def _read(form: StandardForm, model: Reduced) -> LocationModel:
    """Read the parts of the problem, each checked where it is read."""
    table = _Table(model)
    _must(bool((model.lower[~model.fixed] == 0.0).all() and np.isinf(model.upper[table.served]).all()))
    # Sites, in the order of the rows that say what they give.
    customer_of, weight = table.sums(table.taking)
    site_of, given = table.sums(table.giving)
    sites, customers = len(table.giving), len(table.taking)
    _must(min(sites, customers) >= FEWEST and table.served.sum() == sites * customers)
    served = np.full((sites, customers), -1, dtype=np.intp)
    columns = np.flatnonzero(table.served)
    served[site_of[columns], customer_of[columns]] = columns
    _must(bool((served >= 0).all()))
    _, ready, taken = table.entries(table.giving, table.ready)
    _must(table.ready.sum() == sites == len(np.unique(ready)) and bool((taken < 0).all()))
    unit_ready, demand = -taken / given, model.row_upper[table.taking] / weight
    opening, capacity = _openings(table, ready)
    _check_links(table, opening, site_of, demand[customer_of])
    _check_asked(table, ready, unit_ready, float(demand.sum()))
    problem, constant = _problem(model, opening, ready, served, unit_ready, capacity * unit_ready, demand)
    return LocationModel(form, problem, constant, model, opening, ready, served, unit_ready)


def _openings(table: _Table, ready: IndexArray) -> tuple[IndexArray, FloatArray]:
    """Whole column of each site, -1 without one, and what can be ready there."""
    model = table.model
    _, whole, most = table.entries(table.capacity, table.opening)
    _, limited, unit = table.entries(table.capacity, table.ready)
    _must(len(np.unique(whole)) == len(whole) == table.opening.sum() and len(np.unique(limited)) == len(limited))
    _must(bool((most < 0).all() and (unit > 0).all()))
    _must(bool((model.upper[whole] == 1.0).all()))
    of_column, capacity = np.full(len(model.cost), -1, dtype=np.intp), model.upper.copy()
    of_column[limited] = whole
    capacity[limited] = np.minimum(capacity[limited], -most / unit)
    _must(bool(np.isfinite(capacity[ready]).all() and (capacity[ready] > 0).all()))
    return of_column[ready], capacity[ready]


def _check_links(table: _Table, opening: IndexArray, site_of: IndexArray, demand_of: FloatArray) -> None:
    """Check that rows between a service and an opening ask for nothing else than the other rows."""
    _, service, value = table.entries(table.links, table.served)
    _, whole, most = table.entries(table.links, table.opening)
    _must(bool((whole == opening[site_of[service]]).all() and (value > 0).all()))
    _must(bool((-most / value >= demand_of[service] * (1 - SAME)).all()))


def _check_asked(table: _Table, ready: IndexArray, unit_ready: FloatArray, demand: float) -> None:
    """Check that what is asked to be ready is all demand."""
    _, column, value = table.entries(table.asking, table.ready)
    of_column = np.zeros(len(table.ready))
    of_column[column] = value
    rate = of_column[ready] / unit_ready
    _must(rate[0] > 0 and bool((np.abs(rate - rate[0]) <= SAME * rate[0]).all()))
    asked = float(table.model.row_lower[table.asking[0]] / rate[0])
    _must(abs(asked - demand) <= SAME * demand)


def _problem(
    model: Reduced,
    opening: IndexArray,
    ready: IndexArray,
    served: IndexArray,
    unit_ready: FloatArray,
    capacity: FloatArray,
    demand: FloatArray,
) -> tuple[LocationProblem, float]:
    """Put the parts together, with what a plan earns before its costs; costs are checked here."""
    stands = opening < 0
    fixed_cost = np.where(stands, 0.0, -model.cost[opening])
    per_unit, earned = -model.cost[ready] / unit_ready, model.cost[served]
    _must(bool((fixed_cost >= 0).all() and (per_unit >= 0).all() and (earned >= 0).all()))
    cost = per_unit[:, None] - earned
    moved = -np.minimum(cost.min(axis=0), 0.0)
    values = np.where(model.fixed, model.lower, 0.0)
    problem = LocationProblem(fixed_cost, np.minimum(capacity, demand.sum()), demand, cost + moved, stands)
    return problem, float(model.offset + model.cost @ values + moved @ demand)
