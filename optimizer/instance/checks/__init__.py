"""Checks of an instance as a whole. Each yields findings; none reads a file.

A check that needs to see a whole table is skipped if part of it could not be read, so that one mistake in a file
gives one message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from optimizer.instance.checks import (
    acceptance,
    amounts,
    coordinates,
    dates,
    expressions,
    hourly,
    magnitudes,
    orphans,
    power_needs,
    references,
    rule_columns,
    rule_links,
    rules,
    technologies,
)
from optimizer.instance.checks.context import Context
from optimizer.instance.instance import Instance
from optimizer.instance.places import Finding

Check: TypeAlias = Callable[[Instance, Context], Iterator[Finding]]

ALL_CHECKS: tuple[Check, ...] = (
    *acceptance.CHECKS,
    *references.CHECKS,
    *expressions.CHECKS,
    *orphans.CHECKS,
    *dates.CHECKS,
    *amounts.CHECKS,
    *coordinates.CHECKS,
    *rules.CHECKS,
    *rule_columns.CHECKS,
    *rule_links.CHECKS,
    *magnitudes.CHECKS,
    *technologies.CHECKS,
    *hourly.CHECKS,
    *power_needs.CHECKS,
)


def check_instance(instance: Instance, context: Context | None = None) -> list[Finding]:
    """Everything wrong with an instance as a whole, in no particular order."""
    context = context or Context()
    found = (finding for check in ALL_CHECKS for finding in check(instance, context))
    return list(acceptance.with_acceptance(instance, found))


__all__ = ["Check", "Context", "check_instance"]
