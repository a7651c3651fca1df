"""Changes: ``knob = value``, ``knob += value`` and ``knob *= value``, as scenarios, options and studies make them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import isfinite
from typing import Any, Final

from pydantic import ValidationError

from optimizer.instance.calendar import END_MONTH, FIRST_MONTH
from optimizer.instance.cells import number_problem, refused_cell
from optimizer.instance.codes import Code
from optimizer.instance.columns import NUMERIC_KINDS, Column, ColumnKind, format_value
from optimizer.instance.diagnostics import Diagnostic, Place
from optimizer.instance.instance import Instance
from optimizer.instance.knobs import CellsKnob, KnobError, SettingKnob, find_knob
from optimizer.instance.periods import make_calendar
from optimizer.instance.places import CellRef, Reference, SettingRef
from optimizer.instance.schema import Row, Settings
from optimizer.units import convert_text

_FORM: Final = re.compile(r"^\s*(?P<knob>[^=]*?)\s*(?P<operation>[-+*/]?=)\s*(?P<value>.*?)\s*$", re.DOTALL)


class Operation(StrEnum):
    """What a change does with its value."""

    SET = "="
    ADD = "+="
    SCALE = "*="


@dataclass(frozen=True, slots=True)
class Change:
    """A change as written, and where."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class ParsedChange:
    """A change split into its parts; `knob_offset` and `value_offset` are 0-based places in the text."""

    knob: str
    operation: Operation
    value: str
    knob_offset: int
    value_offset: int


class ChangeError(ValueError):
    """A change that cannot be made; fields as in `Diagnostic`, `offset` and `width` within the text."""

    def __init__(self, code: Code, message: str, *, offset: int = 0, width: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.width = width
        self.hint = hint


def changes_from_text(texts: Iterable[str]) -> list[Change]:
    """Changes given as plain text, e.g. on the command line."""
    return [Change(text, Place("change", number, 1, len(text), text)) for number, text in enumerate(texts, start=1)]


def scenario_changes(instance: Instance, scenario: str) -> list[Change]:
    """Changes of a scenario of instance.toml, with their places there."""
    changes: list[Change] = []
    for text in instance.settings.scenarios[scenario].changes:
        place = Place(instance.locator.file_name("instance.toml"), 0, 1, len(text), "")
        if instance.locator.settings is not None:
            place = instance.locator.settings.text_in(("scenarios", scenario, "changes"), text)
        changes.append(Change(text, place))
    return changes


def parse_change(text: str) -> ParsedChange:
    """Split a change into knob, operation and value.

    Raises
    ------
    ChangeError
        If it is not of one of the three forms.
    """
    match = _FORM.match(text)
    if match is None or not match["knob"] or not match["value"]:
        raise ChangeError(Code.CHANGE_SYNTAX, f"'{text}' is not a change", width=len(text), hint=_FORMS)
    operation = match["operation"]
    if operation in ("-=", "/="):
        instead = "'+=' with a negative value" if operation == "-=" else "'*=' with the inverse"
        message = f"'{operation}' is not an operation"
        raise ChangeError(
            Code.CHANGE_SYNTAX, message, offset=match.start("operation"), width=2, hint=f"write {instead}"
        )
    return ParsedChange(match["knob"], Operation(operation), match["value"], match.start("knob"), match.start("value"))


_FORMS: Final = "write 'knob = value', 'knob += value' or 'knob *= value'"


def apply_to(instance: Instance, changes: Iterable[Change]) -> tuple[Instance, list[Diagnostic]]:
    """Make changes one after the other, without checking the result as a whole.

    Returns
    -------
    tuple
        The changed instance and what was noticed. If that holds an error the instance is of no use.
    """
    current, noticed = instance, list[Diagnostic]()
    for change in changes:
        try:
            current, more = _apply_one(current, change)
            noticed += more
        except ChangeError as error:
            place = change.place.within(error.offset, error.width) if error.width else change.place
            noticed.append(Diagnostic(error.code, place, error.message, value=change.text, hint=error.hint))
    return current, noticed


def _apply_one(instance: Instance, change: Change) -> tuple[Instance, list[Diagnostic]]:
    parsed = parse_change(change.text)
    try:
        knob = find_knob(instance, parsed.knob)
    except KnobError as error:
        raise ChangeError(
            error.code, error.message, offset=parsed.knob_offset + error.offset, width=error.width, hint=error.hint
        ) from None
    if isinstance(knob, SettingKnob):
        return _change_setting(instance, knob, parsed, change), []
    return _change_cells(instance, knob, parsed, change)


def _change_cells(
    instance: Instance, knob: CellsKnob, parsed: ParsedChange, change: Change
) -> tuple[Instance, list[Diagnostic]]:
    table = knob.row_type.table
    rows: list[Row] = list(getattr(instance, table))
    noticed: list[Diagnostic] = []
    places: dict[Reference, Place] = {}
    for index in knob.rows:
        row = rows[index]
        value = _new_value(knob.column, knob.given_as, getattr(row, knob.column.name), parsed)
        if knob.column.kind is ColumnKind.INTEGER and isinstance(value, float) and isfinite(value):
            whole = round(value)
            if abs(whole - value) > 1e-9 * max(1.0, abs(value)):
                name = ", ".join(row.key_values)
                message = f"{table}[{name}].{knob.column.name}: {format_value(value)} was rounded to {whole}"
                noticed.append(
                    Diagnostic(Code.ROUNDED, change.place, message, change.text, severity=Code.ROUNDED.severity)
                )
            value = whole
        rows[index] = _revalidated(row, knob, value, parsed)
        places[CellRef(table, index, knob.column.name)] = change.place
    changed: dict[str, Any] = {table: tuple(rows)}
    return replace(instance, **changed, locator=instance.locator.with_changes(places)), noticed


def _new_value(column: Column, given_as: str, old: Any, parsed: ParsedChange) -> Any:  # noqa: ANN401 - any cell
    """Value of a cell after a change, in the column's own unit."""
    text = parsed.value.strip("\"'")
    if column.kind in NUMERIC_KINDS:
        if column.optional and parsed.operation is Operation.SET and text == "none":
            return None
        number = _number(column, given_as, parsed)
        if parsed.operation is Operation.SET:
            return number
        if old is None:
            message = f"'{column.name}' is empty: there is nothing to add to or to scale"
            raise ChangeError(Code.BAD_OPERATION, message, hint="set it with '='")
        return old + number if parsed.operation is Operation.ADD else old * number
    if column.kind is ColumnKind.MONTH and parsed.operation is Operation.ADD and old is not None:
        if not re.fullmatch(r"[-+]?\d{1,6}", text):
            message = f"'{text}' is not a whole number of months to move '{column.name}' by"
            raise ChangeError(Code.BAD_CHANGED_VALUE, message, offset=parsed.value_offset, width=len(parsed.value))
        moved = old + int(text)
        if not FIRST_MONTH <= moved < END_MONTH:
            message = f"'{column.name}' would move out of the calendar"
            raise ChangeError(Code.BAD_CHANGED_VALUE, message, offset=parsed.value_offset, width=len(parsed.value))
        return moved
    if parsed.operation is not Operation.SET:
        message = f"'{column.name}' is a {column.kind}: it can be set with '=', not changed with '{parsed.operation}'"
        raise ChangeError(Code.BAD_OPERATION, message)
    return None if column.optional and text == "none" else text


def _number(column: Column, given_as: str, parsed: ParsedChange) -> float:
    problem = number_problem(column, given_as, parsed.value)
    if problem is not None:
        raise ChangeError(
            Code.BAD_CHANGED_VALUE,
            problem.message,
            offset=parsed.value_offset,
            width=len(parsed.value),
            hint=problem.hint,
        )
    is_factor = parsed.operation is Operation.SCALE
    return convert_text(parsed.value, Fraction(1) if is_factor else column.variants.get(given_as, Fraction(1)))


def _revalidated(row: Row, knob: CellsKnob, value: Any, parsed: ParsedChange) -> Row:  # noqa: ANN401 - any cell
    values = {name: getattr(row, name) for name in type(row).model_fields}
    values[knob.column.name] = value
    try:
        return type(row).model_validate(values)
    except ValidationError as error:
        entry = dict(error.errors(include_url=False)[0])
        problem = refused_cell(knob.column, knob.column.name, format_value(value), entry)
        name = ", ".join(row.key_values)
        raise ChangeError(
            Code.BAD_CHANGED_VALUE,
            f"{type(row).table}[{name}]: {problem.message}",
            offset=parsed.value_offset,
            width=len(parsed.value),
            hint=problem.hint or f"expected {problem.expected}",
        ) from None


def _change_setting(instance: Instance, knob: SettingKnob, parsed: ParsedChange, change: Change) -> Instance:
    document = instance.settings.model_dump(mode="json")
    section = document
    for name in knob.path[:-1]:
        section = section[name]
    old, value = section[knob.path[-1]], _setting_value(parsed, knob)
    if parsed.operation is not Operation.SET:
        if any(isinstance(part, bool) or not isinstance(part, int | float) for part in (old, value)):
            message = f"'{parsed.knob}' is no number: it can be set with '=', not changed with '{parsed.operation}'"
            raise ChangeError(Code.BAD_OPERATION, message)
        value = old + value if parsed.operation is Operation.ADD else old * value
        value = round(value) if isinstance(old, int) and isfinite(value) and value == round(value) else value
    section[knob.path[-1]] = value
    try:
        settings = Settings.model_validate(document)
        calendar = make_calendar(settings.calendar)
    except ValueError as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        message = f"{parsed.knob}: {reason}, got {format_value(value)}"
        raise ChangeError(
            Code.BAD_CHANGED_VALUE, message, offset=parsed.value_offset, width=len(parsed.value)
        ) from None
    locator = instance.locator.with_changes({SettingRef(knob.path): change.place})
    return replace(instance, settings=settings, calendar=calendar, locator=locator)


def _setting_value(parsed: ParsedChange, knob: SettingKnob) -> Any:  # noqa: ANN401 - a number, a flag, a text or none
    text = parsed.value
    if knob.column.optional and text.strip("\"'") == "none":
        return None
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[-+]?\d{1,15}", text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text.strip("\"'")
