"""A small model on which the first plan is found at once and the proof takes very long."""

from __future__ import annotations

import random

import pyomo.environ as pyo

from optimizer.solve.standard_form import StandardForm, standard_form


def hard_form() -> StandardForm:
    """Choose among 100 things under 10 knapsacks; values follow weights, so nothing is dominated."""
    rng = random.Random(0)
    model = pyo.ConcreteModel()
    weights = [[rng.randint(100, 1000) for _ in range(100)] for _ in range(10)]
    model.take = pyo.Var(range(100), within=pyo.Binary)
    model.fits = pyo.Constraint(
        range(10),
        rule=lambda m, k: sum(w * m.take[j] for j, w in enumerate(weights[k])) <= sum(weights[k]) // 2,
    )
    worth = [sum(row[j] for row in weights) / 10 + rng.randint(0, 500) for j in range(100)]
    model.objective = pyo.Objective(expr=sum(v * model.take[j] for j, v in enumerate(worth)), sense=pyo.maximize)
    return standard_form(model)
