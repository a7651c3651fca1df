"""Among plans with the most compute, the one that is worth most (SEMANTICS 9.2)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.model.build import PlanModel
from optimizer.solve.outcomes import Ending
from optimizer.solve.pipeline import Solution
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import StandardForm

#: Share of the compute that may be given up, so that rounding does not make the second stage infeasible.
GIVEN_UP = 1e-11


def most_valuable(session: HighsSession, model: PlanModel, form: StandardForm, solution: Solution) -> Solution:
    """Decide everything but the modules again, for the most NPV with as much compute.

    Parameters
    ----------
    session
        The model in HiGHS, with compute as its objective; as it was when this returns, but for its basis.
    model
        With the cash book of the instance solved.
    form
        Its columns and objective.
    solution
        Outcome of the search for compute; returned as it is if it has no plan.
    """
    if solution.values is None:
        return solution
    position = form.column_of
    value = np.zeros(len(form.cost))
    for busd, variable in model.context.cash.terms():
        column = position.get(id(variable))
        # A quota step that raises nothing possible has a price and no row, so no column: it is not bought.
        if column is not None:
            value[column] += busd
    computing = np.flatnonzero(form.cost)
    least = solution.incumbent - form.offset - GIVEN_UP * max(1.0, abs(solution.incumbent))
    session.add_row(computing, form.cost[computing], least, np.inf)
    session.set_cost(value, model.context.cash.constant())
    try:
        found = session.solve_fixed(solution.values, time_limit=600)
    finally:
        session.remove_added()
        session.set_cost(form.cost, form.offset)
    if found.ending is not Ending.OPTIMAL:
        return solution
    return replace(solution, values=found.values, incumbent=float(form.cost @ found.values) + form.offset)
