"""Among plans with the most compute, the one that is worth most (SEMANTICS 9.2)."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
from scipy import sparse

from optimizer.model.build import PlanModel
from optimizer.solve.pipeline import Solution
from optimizer.solve.session import Ending, HighsSession
from optimizer.solve.standard_form import StandardForm

#: Share of the compute that may be given up, so that rounding does not make the second stage infeasible.
GIVEN_UP = 1e-11


def most_valuable(
    model: PlanModel, form: StandardForm, solution: Solution, *, threads: int, seed: int, stop: threading.Event
) -> Solution:
    """Decide everything but the modules again, for the most NPV with as much compute.

    Parameters
    ----------
    form
        The model with compute as its objective.
    solution
        Outcome of the search for compute; returned as it is if it has no plan.
    """
    if solution.values is None:
        return solution
    position = {id(variable): column for column, variable in enumerate(form.variables)}
    value = np.zeros(len(form.cost))
    for busd, variable in model.context.cash.terms():
        value[position[id(variable)]] += busd
    least = solution.incumbent - form.offset - GIVEN_UP * max(1.0, abs(solution.incumbent))
    second = replace(
        form,
        matrix=sparse.csc_array(sparse.vstack([form.matrix, sparse.csr_array(form.cost[np.newaxis, :])])),
        cost=value,
        offset=model.context.cash.constant(),
        row_lower=np.append(form.row_lower, least),
        row_upper=np.append(form.row_upper, np.inf),
        row_names=[*form.row_names, "most_compute"],
    )
    session = HighsSession(second, threads=threads, seed=seed, stop=stop)
    found = session.solve_fixed(solution.values, time_limit=600)
    if found.ending is not Ending.OPTIMAL:
        return solution
    return replace(solution, values=found.values, incumbent=float(form.cost @ found.values) + form.offset)
