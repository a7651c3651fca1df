"""Rows that whole modules imply, added only where the relaxation breaks them.

They make the relaxation stronger and change no plan (`optimizer.model.market_links`). There may be as many as arcs
between sites and markets, of which few bind. So the search runs on a model without them, takes them in round by
round until the relaxation meets all, and counts how many whole modules any plan needs at least.

Measured on published location problems (relaxation with all such rows at once, against round by round; seconds
of one core): 300 facilities and customers 23 to 35 against 2, 100 facilities and 1,000 customers
more than 120 against 16 to 39. 949 of 90,000 and 7,300 to 8,200 of 100,000 rows were taken in. Tried and dropped on
the latter: only the 12 best sites of each market with all of their rows, by interior point, and what prices out added:
3 to 24 s for each of more than five rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.model.limit_families import IMPLIED_FAMILIES
from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.session import HighsSession
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.standard_form import FloatArray

#: Up to so many implied rows stay in the model from the beginning.
FEW_ROWS = 2_000
#: A row is broken from this share of its largest coefficient on.
BROKEN = 1e-6
#: Rounds end when this many in a row together move the bound by less than `WORTHWHILE` of itself.
PATIENCE = 3
WORTHWHILE = 2e-6
#: Reduced costs and objective of a relaxation carry errors up to this share of the objective.
ROUNDING_ERROR = 1e-7


@dataclass
class ImpliedRows:
    """Rows ``matrix`` @ x <= ``upper`` that every plan meets, and which of them the session has."""

    matrix: sparse.csr_array
    upper: FloatArray
    present: NDArray[np.bool_]

    def take_broken(self, session: HighsSession, values: FloatArray) -> int:
        """Add the rows that ``values`` break; return how many."""
        broken = np.flatnonzero((self.matrix @ values - self.upper > self._tolerance()) & ~self.present)
        if len(broken):
            self.present[broken] = True
            session.add_rows(self.matrix[broken], self.upper[broken])
        return len(broken)

    def _tolerance(self) -> FloatArray:
        largest: FloatArray = np.asarray(abs(self.matrix).max(axis=1).todense(), dtype=np.float64).reshape(-1)
        return BROKEN * np.maximum(1.0, largest)


def set_aside(session: HighsSession) -> tuple[HighsSession, ImpliedRows | None]:
    """A session without the implied rows, and these rows; the same session and None if there are few."""
    families = (session.form.model.component(family) for family in IMPLIED_FAMILIES)
    if sum(len(family) for family in families if family is not None) <= FEW_ROWS:
        return session, None
    heads = tuple(f"{family}[" for family in IMPLIED_FAMILIES)
    implied = np.array([name.startswith(heads) for name in session.form.row_names], dtype=np.bool_)
    if implied.sum() <= FEW_ROWS:
        return session, None
    matrix, upper = session.rows(np.flatnonzero(implied))
    return session.without_rows(implied), ImpliedRows(matrix, upper, np.zeros(len(upper), dtype=np.bool_))


def require_fewest_modules(session: HighsSession, sites: Sequence[SiteColumns], seconds: float) -> None:
    """Add the row that says how many modules every plan has at least: the fewest of any relaxed plan, rounded up."""
    last = np.array([site.modules[-1] for site in sites if len(site.modules)], dtype=np.intp)
    if not len(last):
        return
    form = session.form
    count = np.zeros(len(form.cost))
    count[last] = -1.0
    session.set_cost(count, 0.0)
    try:
        fewest = session.solve_relaxation(interior_point=False, time_limit=seconds)
    finally:
        session.set_cost(form.cost, form.offset)
    least = np.ceil(-fewest.objective - 1e-6) if fewest.ending is Ending.OPTIMAL else 0.0
    if least > 0:
        row = sparse.csr_array((-np.ones(len(last)), (np.zeros(len(last), dtype=np.int32), last)), (1, len(count)))
        session.add_rows(row, np.array([-least]))


def meet_all(
    session: HighsSession,
    rows: ImpliedRows,
    relaxation: LpSolution,
    *,
    seconds_left: Callable[[], float],
    goes_on: Callable[[], bool],
    tell: Callable[[float], None],
) -> LpSolution:
    """Take rows in until the relaxation meets all of them, the bound hardly moves, or time is up.

    Parameters
    ----------
    tell
        Told every bound; each is proven, whatever rows are still missing.
    """
    bounds = [relaxation.objective]
    while goes_on() and rows.take_broken(session, relaxation.values):
        found = session.solve_relaxation(interior_point=False, time_limit=seconds_left())
        if found.ending is not Ending.OPTIMAL:
            break
        relaxation = found
        tell(relaxation.objective)
        bounds.append(relaxation.objective)
        recent = bounds[-1 - PATIENCE :]
        if len(recent) > PATIENCE and abs(recent[0] - recent[-1]) < WORTHWHILE * abs(recent[-1]):
            break
    return relaxation


def fixed_by_reduced_costs(
    session: HighsSession, relaxation: LpSolution, worth: float
) -> tuple[NDArray[np.intp], FloatArray]:
    """Whole columns that keep their value in every plan worth more than ``worth``, and these values.

    A column at its bound that moves by one costs at least its reduced cost: if the bound less that is not above
    ``worth``, it does not move.
    """
    form = session.form
    whole = np.flatnonzero(form.integer)
    values, lower, upper = relaxation.values[whole], form.lower[whole], form.upper[whole]
    gain = relaxation.reduced_costs[whole]
    limit = relaxation.objective + ROUNDING_ERROR * max(1.0, abs(relaxation.objective)) - worth
    stays_low = (values <= lower + ROUNDING_ERROR) & (-gain > limit)
    stays_high = (values >= upper - ROUNDING_ERROR) & (gain > limit)
    kept = np.where(stays_low, lower, upper)
    stays = stays_low | stays_high
    return whole[stays], kept[stays]
