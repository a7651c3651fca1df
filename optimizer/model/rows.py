"""Limits as data: rows that can be made for an instance, added to a model, and made again for a changed one.

A limit family is a function from the model's features to rows. The builder adds the rows to the
Pyomo model; a study that changes only numbers makes them again and edits the live solver where
they differ. So there is one definition of each limit, and no second path that could disagree.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

from optimizer.algebra import pyo
from optimizer.model.expressions import Term, linear


@dataclass(frozen=True)
class LinearRow:
    """lower <= sum of coefficient x variable <= upper."""

    terms: list[Term]
    lower: float = -inf
    upper: float = inf


Rows: TypeAlias = Mapping[Any, LinearRow]
"""Rows of one family by index."""


def add_rows(model: pyo.ConcreteModel, family: str, rows: Rows) -> None:
    """Add a family of rows to a model as the constraint ``family``.

    A row whose terms have all gone is kept if it cannot hold, so that the solver reports it as
    infeasible by name; if it always holds it is left out.
    """
    # Pyomo refuses rows without a variable.
    nothing = pyo.Var(bounds=(0, 0))
    model.add_component(f"{family}_nothing", nothing)
    kept = {index: row for index, row in rows.items() if row.terms or not row.lower <= 0 <= row.upper}

    def row(_: pyo.ConcreteModel, *index: Hashable) -> object:
        entry = kept[index if len(index) > 1 else index[0]]
        expression = linear(entry.terms or [(1.0, nothing)])
        if entry.lower == entry.upper:
            return expression == entry.upper
        return expression >= entry.lower if entry.upper == inf else expression <= entry.upper

    model.add_component(family, pyo.Constraint(list(kept), rule=row))
