"""Knobs: what a change can turn.

A knob is a setting such as ``finance.discount_rate``, or cells such as ``sites[us_*].lead_months``.

The selector in brackets names key columns of the table, separated by commas, with the wildcards ``* ? [ ]``;
fewer names than key columns stand for any value of the rest. Dates may be written in any form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from optimizer.instance.calendar import parse_span
from optimizer.instance.codes import Code
from optimizer.instance.columns import Column, ColumnKind, column_names, columns_of
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.instance import Instance
from optimizer.instance.schema import TABLES, Row, Settings
from optimizer.instance.settings_reader import section_model

_TABLE_KNOB: Final = re.compile(r"^(?P<table>\w+)\[(?P<selector>.*)\]\.(?P<column>\w+)$")
_SETTING_KNOB: Final = re.compile(r"^\w+(?:\.\w+)*$")
TABLE_BY_NAME: Final = {row_type.table: row_type for row_type in TABLES}


class KnobError(ValueError):
    """A knob that does not exist or turns nothing.

    Attributes
    ----------
    code
        Kind of mistake.
    message, hint
        As in `Diagnostic`.
    offset, width
        Part of the knob's text that is meant.
    """

    def __init__(self, code: Code, message: str, *, offset: int = 0, width: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.width = width
        self.hint = hint


@dataclass(frozen=True)
class CellsKnob:
    """One column of some rows of a table.

    Attributes
    ----------
    row_type
        Table.
    column
        Canonical column.
    given_as
        Name under which the knob gave it; another unit than the column's if different.
    rows
        0-based indices of the rows, at least one.
    """

    row_type: type[Row]
    column: Column
    given_as: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class SettingKnob:
    """One key of instance.toml."""

    path: tuple[str, ...]
    column: Column


Knob: TypeAlias = CellsKnob | SettingKnob


def find_knob(instance: Instance, text: str) -> Knob:
    """What a knob turns in an instance.

    Raises
    ------
    KnobError
        If it is not written like a knob, does not exist, or selects no row.
    """
    match = _TABLE_KNOB.match(text)
    if match is not None:
        return _find_cells(instance, match)
    if not _SETTING_KNOB.match(text):
        hint = "write a setting such as 'finance.discount_rate' or cells such as 'sites[us_*].lead_months'"
        raise KnobError(Code.CHANGE_SYNTAX, f"'{text}' is not a knob", width=len(text), hint=hint)
    return _find_setting(text)


def _find_cells(instance: Instance, match: re.Match[str]) -> CellsKnob:
    table = match["table"]
    row_type = TABLE_BY_NAME.get(table)
    if row_type is None:
        message, hint = f"there is no table '{table}'", nearest_hint(table, TABLE_BY_NAME)
        raise KnobError(Code.UNKNOWN_KNOB, message, width=len(table), hint=hint)
    given_as = match["column"]
    canonical = column_names(row_type).get(given_as)
    if canonical is None:
        message = f"table '{table}' has no column '{given_as}'"
        hint = nearest_hint(given_as, column_names(row_type), 0)
        raise KnobError(Code.UNKNOWN_KNOB, message, offset=match.start("column"), width=len(given_as), hint=hint)
    if canonical in row_type.key:
        message = f"'{canonical}' identifies the rows of '{table}' and cannot be changed"
        raise KnobError(Code.BAD_OPERATION, message, offset=match.start("column"), width=len(given_as))
    rows = _select(instance, row_type, match)
    return CellsKnob(row_type, columns_of(row_type)[canonical], given_as, rows)


def _select(instance: Instance, row_type: type[Row], match: re.Match[str]) -> tuple[int, ...]:
    selector, start = match["selector"], match.start("selector")
    patterns = [pattern.strip() for pattern in selector.split(",")]
    if len(patterns) > len(row_type.key) or not all(patterns):
        message = f"'{selector}' does not select rows of '{row_type.table}'"
        hint = f"its key is {', '.join(row_type.key)}; '*' selects all rows"
        raise KnobError(Code.CHANGE_SYNTAX, message, offset=start, width=len(selector), hint=hint)
    columns = columns_of(row_type)
    tests = [(columns[name], pattern) for name, pattern in zip(row_type.key, patterns, strict=False)]
    table: tuple[Row, ...] = getattr(instance, row_type.table)
    rows = tuple(
        index for index, row in enumerate(table) if all(_matches(row, column, pattern) for column, pattern in tests)
    )
    if not rows:
        message = f"'{selector}' selects no row of '{row_type.table}'"
        hint = _nearest_row(table, tests)
        raise KnobError(Code.SELECTS_NOTHING, message, offset=start, width=len(selector), hint=hint)
    return rows


def _matches(row: Row, column: Column, pattern: str) -> bool:
    if pattern == "*":
        return True
    text = row.key_values[row.key.index(column.name)]
    if column.kind in (ColumnKind.MONTH, ColumnKind.PERIOD) and not set(pattern) & set("*?["):
        try:
            wanted = parse_span(pattern)
        except ValueError:
            return False
        value = getattr(row, column.name)
        return bool(value == (wanted.start if column.kind is ColumnKind.MONTH else wanted))
    return fnmatchcase(text, pattern)


def _nearest_row(table: tuple[Row, ...], tests: list[tuple[Column, str]]) -> str:
    """Hint with the nearest value of the first key column that no row matches."""
    for column, pattern in tests:
        if not any(_matches(row, column, pattern) for row in table):
            return nearest_hint(pattern, (row.key_values[row.key.index(column.name)] for row in table))
    return ""


def _find_setting(text: str) -> SettingKnob:
    path = tuple(text.split("."))
    if path[0] in TABLE_BY_NAME and path[0] not in Settings.model_fields:
        hint = f"select rows of the table: '{path[0]}[*].{'.'.join(path[1:]) or 'column'}'"
        raise KnobError(Code.CHANGE_SYNTAX, f"'{text}' names a table without rows", width=len(text), hint=hint)
    model = section_model(path)
    info = None if model is None else model.model_fields.get(path[-1])
    if model is None or info is None or path[0] == "scenarios":
        hint = nearest_hint(text, [*SETTING_PATHS, *TABLE_BY_NAME], 0)
        raise KnobError(Code.UNKNOWN_KNOB, f"there is no setting '{text}'", width=len(text), hint=hint)
    if text not in SETTING_PATHS:
        message = f"'{text}' is a section or a list: it cannot be changed as a whole"
        raise KnobError(Code.BAD_OPERATION, message, width=len(text))
    return SettingKnob(path, columns_of(model)[path[-1]])


def _setting_paths(model: type[BaseModel], prefix: str = "") -> tuple[str, ...]:
    paths: list[str] = []
    for name, info in model.model_fields.items():
        annotation: Any = info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            paths += _setting_paths(annotation, f"{prefix}{name}.")
        elif not str(annotation).startswith(("tuple", "dict")):
            paths.append(prefix + name)
    return tuple(paths)


#: Every setting that a change may set.
SETTING_PATHS: Final = _setting_paths(Settings)
