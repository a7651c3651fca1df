"""Cells in which two instances differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from optimizer.instance.columns import format_value
from optimizer.instance.instance import Instance
from optimizer.instance.schema import TABLES, PowerOption, Row

#: Texts for readers; no number of a plan depends on them.
LABELS = frozenset({"source", "citation", "reason", "note"})
#: Tables of which every row follows from others (SEMANTICS 12.11, 12.13).
_COMPUTED_TABLES = frozenset({"portfolio_parts", "option_years", "dispatch_modes", "dispatch_loads"})
#: Stands for a row that one of the instances does not have.
ABSENT = "(no row)"


@dataclass(frozen=True)
class InputChange:
    """A cell that differs.

    Attributes
    ----------
    table, row, column
        Where it stands; `row` holds the key, and both are empty for settings.
    before, after
        As text; `ABSENT` where only one of the instances has the row.
    """

    table: str
    row: str
    column: str
    before: str
    after: str

    @property
    def cell(self) -> str:
        """The cell as a knob, e.g. ``budgets[global, 2027].capital_busd``."""
        place = f"{self.table}[{self.row}]" if self.row else self.table
        return f"{place}.{self.column}" if self.column else place


def input_changes(before: Instance, after: Instance) -> tuple[InputChange, ...]:
    """All cells that differ, settings first; texts for readers and the solver's settings do not count.

    Computed power counts only where it was changed by hand: what else differs follows from other cells.
    """
    return (*_settings(before, after), *(change for row_type in TABLES for change in _table(row_type, before, after)))


def _settings(before: Instance, after: Instance) -> Iterator[InputChange]:
    old, new = _flat(before), _flat(after)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            section, _, key = name.rpartition(".")
            yield InputChange(section or "instance", "", key, str(old.get(name, ABSENT)), str(new.get(name, ABSENT)))


def _flat(instance: Instance) -> dict[str, Any]:
    document = instance.settings.model_dump(mode="json", exclude={"scenarios", "solver", "name", "title"})
    return dict(_leaves(document, ""))


def _leaves(document: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _table(row_type: type[Row], before: Instance, after: Instance) -> Iterator[InputChange]:
    table = row_type.table
    if table == "assumptions":
        return
    old, new = _rows(row_type, before), _rows(row_type, after)
    for key in [*old, *(key for key in new if key not in old)]:
        name = ", ".join(part for part in key if part)
        if key not in new:
            if not _is_computed(before, old[key]):
                yield InputChange(table, name, "", "row", ABSENT)
        elif key not in old:
            if not _is_computed(after, new[key]):
                yield InputChange(table, name, "", ABSENT, "row")
        elif old[key] != new[key] and not _is_computed_anew(after, old[key], new[key]):
            for column in row_type.model_fields:
                left, right = getattr(old[key], column), getattr(new[key], column)
                if column not in LABELS and left != right:
                    yield InputChange(table, name, column, format_value(left), format_value(right))


def _is_computed(instance: Instance, row: Row) -> bool:
    if isinstance(row, PowerOption):
        return (row.site, row.option) in instance.parts_of_option
    return row.table in _COMPUTED_TABLES


def _is_computed_anew(instance: Instance, old: Row, new: Row) -> bool:
    """Whether a row was computed from other inputs: its source names them."""
    return _is_computed(instance, new) and getattr(old, "source", None) != getattr(new, "source", None)


def _rows(row_type: type[Row], instance: Instance) -> dict[tuple[str, ...], Row]:
    """Rows by key. Tables whose rows have no key of their own number the repeats."""
    rows: dict[tuple[str, ...], Row] = {}
    for row in getattr(instance, row_type.table):
        key, repeat = row.key_values, 1
        while key in rows:
            repeat += 1
            key = (*row.key_values, f"#{repeat}")
        rows[key] = row
    return rows
