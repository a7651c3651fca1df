"""Rows of a model as text, for tests that compare them with rows written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.instance.instance import Instance
from optimizer.model.build import build_model
from optimizer.solve.standard_form import StandardForm, standard_form

#: Name under which the objective is compared like a row.
OBJECTIVE = "objective"


@dataclass(frozen=True)
class GoldenCase:
    """A constraint family, an instance with two or three rows of it, and these rows.

    Attributes
    ----------
    family
        Name of the Pyomo constraint.
    make
        Makes the instance.
    rows
        One row a line, terms in column order, coefficients to 6 digits.
    """

    family: str
    make: Callable[[], Instance]
    rows: str


def family_text(instance: Instance, family: str) -> str:
    """Rows of a family, one a line, in the order of the model."""
    form = standard_form(build_model(instance).pyomo)
    if family == OBJECTIVE:
        return f"{OBJECTIVE}: {_sum(form, dict(enumerate(form.cost)))} {form.offset:+.6g}"
    return "\n".join(
        row_text(form, position) for position, name in enumerate(form.row_names) if name.split("[")[0] == family
    )


def row_text(form: StandardForm, position: int) -> str:
    """A row, e.g. ``budget[global,2027]: +1 capital[global,USA,2027] +1 carried[global,2027] <= 30``."""
    row = sparse.csr_array(form.matrix)[[position], :].tocoo()
    terms = _sum(form, dict(zip(row.coords[1].tolist(), row.data.tolist(), strict=True)))
    lower, upper = form.row_lower[position], form.row_upper[position]
    limit = f"<= {upper:.6g}" if np.isfinite(upper) else f">= {lower:.6g}"
    return f"{form.row_names[position]}: {terms} {f'= {upper:.6g}' if lower == upper else limit}"


def _sum(form: StandardForm, coefficients: dict[int, float]) -> str:
    named = sorted((form.variables[column].name, value) for column, value in coefficients.items() if value != 0)
    return " ".join(f"{value:+.6g} {name}" for name, value in named)
