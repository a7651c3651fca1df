"""What the plan is best at (SEMANTICS 9)."""

from __future__ import annotations

from optimizer.algebra import pyo
from optimizer.instance.schema import Objective
from optimizer.model.cashbook import CashCategory
from optimizer.model.context import ModelContext
from optimizer.model.expressions import Term, linear
from optimizer.model.rows import LinearRow, Rows

_NOT_A_COST = (CashCategory.REVENUE, CashCategory.SERVING)


def add_objective(context: ModelContext) -> None:
    """Add the objective; always a maximum, so that incumbent <= bound whatever is asked."""
    terms, constant = objective_terms(context)
    context.model.objective = pyo.Objective(expr=linear(terms, constant), sense=pyo.maximize)


def objective_terms(context: ModelContext) -> tuple[list[Term], float]:
    """Terms and constant of the objective."""
    match context.instance.settings.objective:
        case Objective.NPV:
            return context.cash.terms(), context.cash.constant()
        case Objective.COMPUTE:
            return compute_terms(context), 0.0
        case Objective.COST:
            return context.cash.terms(leave_out=_NOT_A_COST), context.cash.constant(leave_out=_NOT_A_COST)


def compute_terms(context: ModelContext) -> list[Term]:
    """H100e-years of working compute [million]."""
    return [(context.timing.length(t), variable) for (_, _, t), variable in context.model.compute.items()]


def required_compute_rows(context: ModelContext) -> Rows:
    """Average working compute of a year >= required_compute; objective `cost` only (SEMANTICS 9.3)."""
    timing = context.timing
    if context.instance.settings.objective is not Objective.COST:
        return {}
    return {
        row.year: LinearRow(
            [(timing.length(t), v) for (_, _, t), v in context.model.compute.items() if timing.year(t) == row.year],
            lower=row.h100e_million * timing.year_length(row.year),
        )
        for row in context.instance.required_compute
        if row.year in timing.years
    }
