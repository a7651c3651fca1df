"""Marginal values of steps, by the envelope theorem on a solved linear program.

A step moves right-hand sides, coefficients and bounds. With row duals y, reduced costs r and values x,
the objective gains sum of y (change of the side - change of the coefficients times x) + r x change of
the bound, to first order. For a share phi with denominator D this is dual x D per unit of phi.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.model.chip_supply import unsold_limits
from optimizer.model.limit_families import LIMIT_FAMILIES
from optimizer.model.plan_model import PlanModel
from optimizer.model.rows import LinearRow
from optimizer.solve.outcomes import LpSolution
from optimizer.solve.standard_form import FloatArray, StandardForm
from optimizer.studies.limit_index import LimitKey, LimitRow
from optimizer.studies.steps import Step, moved

#: A row with less slack than this, relative to its side, binds.
BINDING = 1e-6


@dataclass(frozen=True)
class Effects:
    """First-order effects of steps on the model.

    Attributes
    ----------
    rows
        By limit, date and row: change of the side minus change of the coefficients times x is worth the dual.
    bounds
        By limit: columns and changes of their upper bounds.
    """

    rows: Mapping[LimitKey, Sequence[tuple[str, int, float, Mapping[int, float]]]]
    bounds: Mapping[LimitKey, Sequence[tuple[int, float]]] = field(default_factory=dict)

    def value(self, limit: LimitKey, solution: LpSolution) -> float:
        """What the step of a limit is worth at a solution, to first order."""
        rows = sum(
            float(solution.row_duals[row]) * (side - sum(move * solution.values[j] for j, move in terms.items()))
            for _, row, side, terms in self.rows.get(limit, ())
        )
        # A reduced cost below zero belongs to a column at its lower bound, which no step moves.
        bounds = sum(max(0.0, float(solution.reduced_costs[j])) * move for j, move in self.bounds.get(limit, ()))
        return float(rows + bounds)


def effects_of(
    plan: PlanModel, form: StandardForm, instance: Instance, rows: Sequence[LimitRow], steps: Iterable[Step]
) -> Effects:
    """Make the rows of all limits again after their steps, a family at a time."""
    columns = form.column_of
    by_family: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_family[step.limit.family].append(step)
    positions = {form.row_names[row.position]: row for row in rows}
    found: dict[LimitKey, list[tuple[str, int, float, Mapping[int, float]]]] = defaultdict(list)
    bounds: dict[LimitKey, list[tuple[int, float]]] = defaultdict(list)
    for family, of_family in by_family.items():
        after = plan.for_instance(moved(instance, of_family))
        # Capital variables and their accounts are the live model's; only the limit's own numbers differ.
        before_rows, after_rows = LIMIT_FAMILIES[family](plan), LIMIT_FAMILIES[family](after)
        constraint = getattr(plan.pyomo, family)
        for index in constraint:
            row = positions.get(constraint[index].name)
            if row is not None:
                side, terms = _difference(before_rows[index], after_rows[index], columns)
                found[row.limit].append((row.when, row.position, side, terms))
        if family == "chip_supply":
            for chip, entry in _kept_supply(plan, after, form, columns):
                found[LimitKey(family, chip)].append(entry)
            for (chip, t), limit in unsold_limits(after.fleet).items():
                column = columns.get(id(plan.pyomo.unsold[chip, t])) if (chip, t) in plan.pyomo.unsold else None
                if column is not None:
                    bounds[LimitKey(family, chip)].append((column, limit - float(form.upper[column])))
    return Effects(found, bounds)


def _kept_supply(
    plan: PlanModel, after: PlanModel, form: StandardForm, columns: Mapping[int, int]
) -> Iterator[tuple[str, tuple[str, int, float, Mapping[int, float]]]]:
    """Changes of the rows that hold stock to supply, by chip: more supply is also more that may be kept."""
    row_numbers = {name: row for row, name in enumerate(form.row_names)}
    before_rows, after_rows = LIMIT_FAMILIES["kept_supply"](plan), LIMIT_FAMILIES["kept_supply"](after)
    constraint = plan.pyomo.kept_supply
    for chip, t in constraint:
        side, terms = _difference(before_rows[chip, t], after_rows[chip, t], columns)
        yield chip, (t.label, row_numbers[constraint[chip, t].name], side, terms)


def _difference(before: LinearRow, after: LinearRow, columns: Mapping[int, int]) -> tuple[float, Mapping[int, float]]:
    side = after.upper - before.upper if math.isfinite(before.upper) else after.lower - before.lower
    terms: dict[int, float] = defaultdict(float)
    for sign, row in ((1.0, after), (-1.0, before)):
        for coefficient, variable in row.terms:
            column = columns.get(id(variable))
            if column is not None:
                terms[column] += sign * coefficient
    return side, {column: move for column, move in terms.items() if abs(move) > 1e-15}


def binding_dates(
    form: StandardForm, rows: Sequence[LimitRow], values: FloatArray
) -> Mapping[LimitKey, tuple[str, ...]]:
    """Dates at which each limit leaves nothing, where anything it counts is there."""
    matrix = form.matrix.tocsr()
    activity = matrix @ values
    size = abs(matrix) @ np.abs(values)
    found: dict[LimitKey, list[str]] = defaultdict(list)
    for row in rows:
        k = row.position
        side = form.row_upper[k] if np.isfinite(form.row_upper[k]) else form.row_lower[k]
        if form.row_lower[k] == form.row_upper[k]:
            continue
        if size[k] > BINDING and abs(activity[k] - side) < BINDING * max(1.0, abs(side), size[k]):
            found[row.limit].append(row.when)
    return {limit: tuple(dict.fromkeys(whens)) for limit, whens in found.items()}
