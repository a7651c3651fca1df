"""What the plan is best at (SEMANTICS 9)."""

from __future__ import annotations

import pyomo.environ as pyo

from optimizer.instance.schema import Objective
from optimizer.model.cashbook import CashCategory
from optimizer.model.context import ModelContext
from optimizer.model.expressions import Term, linear

_NOT_A_COST = (CashCategory.REVENUE, CashCategory.SERVING)


def add_objective(context: ModelContext) -> None:
    """Add the objective; always a maximum, so that incumbent <= bound whatever is asked."""
    match context.instance.settings.objective:
        case Objective.NPV:
            expression = linear(context.cash.terms(), context.cash.constant())
        case Objective.COMPUTE:
            expression = linear(compute_terms(context))
        case Objective.COST:
            _add_required_compute(context)
            expression = linear(context.cash.terms(leave_out=_NOT_A_COST), context.cash.constant(leave_out=_NOT_A_COST))
    context.model.objective = pyo.Objective(expr=expression, sense=pyo.maximize)


def compute_terms(context: ModelContext) -> list[Term]:
    """H100e-years of working compute [million]."""
    return [(context.timing.length(t), variable) for (_, _, t), variable in context.model.compute.items()]


def _add_required_compute(context: ModelContext) -> None:
    """Average working compute of a year >= required_compute (SEMANTICS 9.3)."""
    timing, model = context.timing, context.model
    required = {row.year: row.h100e_million for row in context.instance.required_compute if row.year in timing.years}

    def required_compute(_: pyo.ConcreteModel, year: int) -> object:
        terms = [
            (timing.length(t), variable) for (_, _, t), variable in model.compute.items() if timing.year(t) == year
        ]
        if not terms:
            return pyo.Constraint.Infeasible if required[year] > 0 else pyo.Constraint.Feasible
        return linear(terms) >= required[year] * timing.year_length(year)

    model.required_compute = pyo.Constraint(list(required), rule=required_compute)
