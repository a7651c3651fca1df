"""Every way to change one thing in the tables of a plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from optimizer.plan.audit.ledger import key_of
from optimizer.plan.tables import ROW_TYPES, PlanTables

#: Numbers of smaller magnitude are not worth protecting.
SMALLEST = 1e-6


@dataclass(frozen=True)
class Mutation:
    """A plan with one change, and the row that was changed."""

    table: str
    index: int
    column: str
    change: str
    plan: PlanTables
    keys: frozenset[str]

    @property
    def line(self) -> int:
        return self.index + 2

    def __str__(self) -> str:
        return f"{self.table}[{self.index}].{self.column} {self.change} ({' / '.join(sorted(self.keys))})"


def key_text(row: Any) -> str:
    return " ".join(str(part) for part in key_of(row) if part != "")


def changed_cells(plan: PlanTables) -> Iterator[Mutation]:
    """Every number 1 % up and down, every whole number one up, every flag flipped, every text replaced."""
    for table in ROW_TYPES:
        rows = getattr(plan, table)
        for index, row in enumerate(rows):
            for field in dataclasses.fields(row):
                for value, change in _other_values(getattr(row, field.name)):
                    new = dataclasses.replace(row, **{field.name: value})
                    rows_then = (*rows[:index], new, *rows[index + 1 :])
                    then = dataclasses.replace(plan, **{table: rows_then})
                    yield Mutation(table, index, field.name, change, then, frozenset({key_text(row), key_text(new)}))


def _other_values(value: Any) -> list[tuple[Any, str]]:
    if isinstance(value, bool):
        return [(not value, "flipped")]
    if isinstance(value, int):
        return [(value + 1, "one more")]
    if isinstance(value, float):
        if abs(value) <= SMALLEST:
            return [(value + 0.01, "+0.01")]
        return [(value * 1.01, "+1 %"), (value * 0.99, "-1 %")]
    return [(f"{value}x", "another text")]


def changed_rows(plan: PlanTables) -> Iterator[Mutation]:
    """Every row missing once, and every row twice."""
    for table in ROW_TYPES:
        rows = getattr(plan, table)
        for index, row in enumerate(rows):
            without = dataclasses.replace(plan, **{table: (*rows[:index], *rows[index + 1 :])})
            twice = dataclasses.replace(plan, **{table: (*rows, dataclasses.replace(row))})
            keys = frozenset({key_text(row)})
            yield Mutation(table, index, "", "missing", without, keys)
            yield Mutation(table, len(rows), "", "twice", twice, keys)
