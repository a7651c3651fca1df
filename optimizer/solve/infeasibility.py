"""Why no plan exists: the least changes of limits that would allow one."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.solve.session import Ending, HighsSession
from optimizer.solve.standard_form import StandardForm

#: Families that say what the plan's quantities are, not what they may be. Relaxing one explains nothing.
DEFINITIONS = (
    "modules_never_fall",
    "site_stays_open",
    "modules_need_an_open_site",
    "open_site_has_modules",
    "power_of_working_chips",
    "arrivals_match_chips",
    "compute_of_working_chips",
    "capacity_never_falls",
    "energy_meets_load",
    "sales_fill_blocks",
    "capital_spent",
    "export_stock_balance",
    "volume_ratio",
    "chips_bought_so_far",
    "chips_left_so_far",
    "chips_leave_at_end_of_life",
    "only_working_chips_leave",
)
VISIBLE = 1e-6


@dataclass(frozen=True)
class Violation:
    """A row that must give way, and by how much in its own unit."""

    row: str
    amount: float


def least_violations(form: StandardForm, *, threads: int, seed: int, stop: threading.Event) -> tuple[Violation, ...]:
    """Find the smallest total relaxation of limits that makes the relaxed model feasible.

    Every row but definitions gets a slack in the violated direction; the sum of slacks is minimised
    with integrality dropped. Empty if integrality alone makes the model infeasible.

    Notes
    -----
    An elastic program after Chinneck; formulation.md 2.13, step 1.
    """
    elastic_rows = np.flatnonzero([not name.startswith(DEFINITIONS) for name in form.row_names])
    rows, columns = form.matrix.shape
    count = len(elastic_rows)
    ones = np.ones(count)
    relief = sparse.csc_array((ones, (elastic_rows, np.arange(count))), shape=(rows, count))
    elastic = replace(
        form,
        matrix=sparse.csc_array(sparse.hstack([form.matrix, relief, -relief])),
        cost=np.concatenate([np.zeros(columns), -np.ones(2 * count)]),
        offset=0.0,
        lower=np.concatenate([form.lower, np.zeros(2 * count)]),
        upper=np.concatenate([form.upper, np.full(2 * count, np.inf)]),
        integer=np.zeros(columns + 2 * count, dtype=np.bool_),
        variables=[],
    )
    session = HighsSession(elastic, threads=threads, seed=seed, stop=stop)
    outcome = session.solve_relaxation(interior_point=False, time_limit=60)
    if outcome.ending is not Ending.OPTIMAL:
        return ()
    slack = outcome.values[columns : columns + count] + outcome.values[columns + count :]
    violated = [Violation(form.row_names[elastic_rows[k]], float(slack[k])) for k in np.flatnonzero(slack > VISIBLE)]
    return tuple(sorted(violated, key=lambda violation: -violation.amount))
