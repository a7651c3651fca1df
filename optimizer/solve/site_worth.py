"""What a site can add at most, with and without its module, at the prices of the relaxation.

Take the rows that tie sites together into the objective at their duals y: what is left falls apart by site, and the
bound of the relaxation is a constant plus the best of every site. So with V0[s] and V1[s] the best of site s without
and with its module, and Z the bound of all plans,

    no plan with    the module of s is worth more than Z - (V0[s] - V1[s]) if V1[s] < V0[s],
    no plan without the module of s is worth more than Z - (V1[s] - V0[s]) if V0[s] < V1[s],

because the best of the relaxed site is at least max(V0[s], V1[s]); any y of a relaxation solved to optimality will do.
Reduced costs of the module columns say the same only where simplex leaves the worth of a site in its module column:
where that is followed by rows for power, chips and compute, it mostly does not. All rows that whole modules imply are
taken, also those that the relaxation did not need.

Measured on published location problems (facilities fixed of all, by reduced costs and by worth): see
`optimizer.solve.stages.mip`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.solve.implied_rows import ROUNDING_ERROR, ImpliedRows
from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.session import HighsSession
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.standard_form import FloatArray, StandardForm


@dataclass(frozen=True)
class SiteWorths:
    """Best of each site of one module with the rest of the model at prices.

    Attributes
    ----------
    columns
        Module column of each of the sites.
    without, with_module
        V0 and V1 above, in the unit of the objective; -inf where impossible.
    """

    columns: NDArray[np.intp]
    without: FloatArray
    with_module: FloatArray

    def settled(self, bound: float, worth: float) -> tuple[NDArray[np.intp], FloatArray]:
        """Module columns that are the same in every plan worth more than ``worth``, and their values."""
        limit = bound + ROUNDING_ERROR * max(1.0, abs(bound)) - worth
        closed = self.without - self.with_module > limit
        opened = self.with_module - self.without > limit
        stays = closed | opened
        return self.columns[stays], opened[stays].astype(np.float64)


def site_worths(
    session: HighsSession, implied: ImpliedRows, relaxation: LpSolution, sites: Sequence[SiteColumns], seconds: float
) -> SiteWorths | None:
    """Worth of every site that has one module column and no other whole one; None if a program does not end.

    Parameters
    ----------
    session
        The model, with the rows in it whose duals ``relaxation`` has.
    """
    form = session.form
    single = [site for site in sites if len(site.own) and len(site.modules) == 1 and not len(site.opened)]
    if not single:
        return None
    owner = np.full(len(form.cost), -1, dtype=np.intp)
    for number, site in enumerate(single):
        owner[site.own] = number
    columns = np.array([site.modules[0] for site in single], dtype=np.intp)
    rows = np.arange(len(relaxation.row_duals))
    matrix, _ = session.rows(rows)
    ties = ~_local(matrix, owner)
    prices = np.where(ties, relaxation.row_duals, 0.0)
    cost = form.cost - prices @ matrix
    apart = _apart(session, implied, matrix, ~ties, owner, cost)
    kept = np.flatnonzero(owner >= 0)
    worths: list[FloatArray] = []
    for value in (0.0, 1.0):
        found = _best(apart, np.searchsorted(kept, columns), value, seconds)
        if found is None:
            return None
        by_site = np.zeros(len(single))
        np.add.at(by_site, owner[kept], apart.cost * found)
        worths.append(by_site)
    return SiteWorths(columns, worths[0], worths[1])


def _local(matrix: sparse.csr_array, owner: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Rows all of whose columns belong to one site."""
    of_entry = owner[matrix.indices]
    filled = np.diff(matrix.indptr) > 0
    first = matrix.indptr[:-1][filled]
    local = np.zeros(matrix.shape[0], dtype=np.bool_)
    if len(first):
        low, high = np.minimum.reduceat(of_entry, first), np.maximum.reduceat(of_entry, first)
        local[filled] = (low == high) & (low >= 0)
    return local


def _apart(
    session: HighsSession,
    implied: ImpliedRows,
    matrix: sparse.csr_array,
    local: NDArray[np.bool_],
    owner: NDArray[np.intp],
    cost: FloatArray,
) -> StandardForm:
    """The sites without what ties them together, and with all rows that whole modules imply."""
    form = session.form
    kept = np.flatnonzero(owner >= 0)
    count = form.matrix.shape[0]
    handed_over = np.flatnonzero(local[:count])
    whole = _local(implied.matrix, owner)
    parts = sparse.vstack([matrix[handed_over], implied.matrix[whole]], format="csc")
    without_lower = np.full(int(whole.sum()), -np.inf)
    return replace(
        form,
        matrix=sparse.csc_array(parts[:, kept]),
        cost=cost[kept],
        offset=0.0,
        lower=form.lower[kept],
        upper=form.upper[kept],
        row_lower=np.concatenate([form.row_lower[handed_over], without_lower]),
        row_upper=np.concatenate([form.row_upper[handed_over], implied.upper[whole]]),
        integer=form.integer[kept],
        variables=[form.variables[column] for column in kept.tolist()],
        row_names=[""] * parts.shape[0],
    )


def _best(apart: StandardForm, modules: NDArray[np.intp], value: float, seconds: float) -> FloatArray | None:
    """Best values of all columns with the modules at a value."""
    lower, upper = apart.lower.copy(), apart.upper.copy()
    lower[modules] = upper[modules] = value
    fixed = replace(apart, lower=lower, upper=upper, integer=np.zeros_like(apart.integer))
    session = HighsSession(fixed, threads=1, seed=0, stop=threading.Event())
    found = session.solve_relaxation(interior_point=False, time_limit=seconds)
    return found.values if found.ending is Ending.OPTIMAL else None
