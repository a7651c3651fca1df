"""Linear expressions built from terms, without the cost of an expression tree per operator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from pyomo.core.expr import LinearExpression

Variable: TypeAlias = Any
"""A Pyomo variable; Pyomo publishes no types."""

Term: TypeAlias = tuple[float, Variable]
"""Coefficient and variable."""


def linear(terms: Iterable[Term], constant: float = 0.0) -> LinearExpression:
    """Sum of coefficient x variable plus a constant; terms with coefficient zero are left out."""
    kept = [(coefficient, variable) for coefficient, variable in terms if coefficient != 0]
    return LinearExpression(
        constant=constant,
        linear_coefs=[coefficient for coefficient, _ in kept],
        linear_vars=[variable for _, variable in kept],
    )
