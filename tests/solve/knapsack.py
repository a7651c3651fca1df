"""A model small enough to follow by hand."""

from __future__ import annotations

import pyomo.environ as pyo

from optimizer.solve.standard_form import StandardForm, standard_form


def knapsack() -> StandardForm:
    """Most of 5 a + 4 b + 3 c with 2 a + 3 b + c <= 5 and 4 a + b + 2 c <= 11, a whole, all at most 2."""
    model = pyo.ConcreteModel()
    model.a = pyo.Var(within=pyo.NonNegativeIntegers, bounds=(0, 2))
    model.b = pyo.Var(bounds=(0, 2))
    model.c = pyo.Var(bounds=(0, 2))
    model.first = pyo.Constraint(expr=2 * model.a + 3 * model.b + model.c <= 5)
    model.second = pyo.Constraint(expr=4 * model.a + model.b + 2 * model.c <= 9)
    model.objective = pyo.Objective(expr=5 * model.a + 4 * model.b + 3 * model.c, sense=pyo.maximize)
    return standard_form(model)
