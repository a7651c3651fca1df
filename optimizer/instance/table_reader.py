"""One CSV table into validated rows: header, units, cells, keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from optimizer.instance.cells import number_problem, refused_cell, whole_number_problem
from optimizer.instance.codes import Code
from optimizer.instance.columns import NUMERIC_KINDS, Column, ColumnKind, column_names, columns_of
from optimizer.instance.csv_file import CsvFile, Record
from optimizer.instance.diagnostics import Diagnostic
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.places import TableSource
from optimizer.instance.schema import Row
from optimizer.units import convert_text

AnyRow = TypeVar("AnyRow", bound=Row)


@dataclass(frozen=True)
class TableRead(Generic[AnyRow]):
    """What a file gave.

    Attributes
    ----------
    rows
        Rows that are valid by themselves, in file order.
    source
        Where they stand.
    diagnostics
        Everything wrong with the header and the cells.
    refused_names
        First key cell of the rows that were refused, so that references to them are no further errors.
    """

    rows: tuple[AnyRow, ...]
    source: TableSource
    diagnostics: tuple[Diagnostic, ...]
    refused_names: frozenset[str]


@dataclass(frozen=True)
class _Given:
    """A column of the file that the table knows."""

    column: Column
    name: str
    index: int
    factor: Fraction | None
    """Factor to the canonical unit; None if given in it."""


@dataclass
class _Reading(Generic[AnyRow]):
    """State while one table is read."""

    file: CsvFile
    row_type: type[AnyRow]
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def report(
        self,
        record: Record,
        index: int | None,
        code: Code,
        message: str,
        *,
        value: str = "",
        expected: str = "",
        hint: str = "",
    ) -> None:
        """Add a diagnostic about a cell, or about the row if index is None."""
        place = self.file.row(record) if index is None else self.file.cell(record, index)
        self.diagnostics.append(Diagnostic(code, place, message, value, expected, hint))


def read_table(file: CsvFile, row_type: type[AnyRow]) -> TableRead[AnyRow]:
    """Validate every row of a file on its own, and that keys are unique."""
    reading = _Reading(file, row_type)
    if file.header is None:
        message = f"{row_type.table}.csv has no header line"
        hint = "the first line names the columns: " + ",".join(columns_of(row_type))
        reading.diagnostics.append(Diagnostic(Code.NO_HEADER, file.whole(), message, hint=hint))
        return TableRead((), TableSource(file, {}, ()), tuple(reading.diagnostics), frozenset())
    given = _read_header(reading, file.header)
    rows: list[AnyRow] = []
    records: list[Record] = []
    refused: set[str] = set()
    for record in file.records:
        row = _read_row(reading, record, given, width=len(file.header.cells))
        if row is not None:
            rows.append(row)
            records.append(record)
        elif row_type.key[0] in given and given[row_type.key[0]].index < len(record.cells):
            refused.add(record.cells[given[row_type.key[0]].index])
    _check_keys(reading, rows, records, given)
    source = TableSource(file, {name: column.index for name, column in given.items()}, tuple(records))
    return TableRead(tuple(rows), source, tuple(reading.diagnostics), frozenset(refused))


def _read_header(reading: _Reading[AnyRow], header: Record) -> dict[str, _Given]:
    """Columns by canonical name."""
    columns, names = columns_of(reading.row_type), column_names(reading.row_type)
    given: dict[str, _Given] = {}
    for index, name in enumerate(header.cells):
        canonical = names.get(name)
        if canonical is None:
            free = [n for n in columns if n not in header.cells]
            message = f"unknown column '{name}'" if name else "a column without a name"
            hint = nearest_hint(name, [*free, *names], show_at_most=0)
            reading.report(header, index, Code.UNKNOWN_COLUMN, message, value=name, hint=hint)
        elif canonical not in given:
            column = columns[canonical]
            given[canonical] = _Given(column, name, index, column.variants.get(name))
        elif given[canonical].name == name:
            reading.report(header, index, Code.REPEATED_COLUMN, f"column '{name}' stands twice", value=name)
        else:
            message = f"'{name}' and '{given[canonical].name}' are the same quantity in two units"
            reading.report(header, index, Code.COLUMN_IN_TWO_UNITS, message, value=name, hint="keep one of the two")
    for column in columns.values():
        if column.required and column.name not in given:
            of = "" if not column.meaning else f" ({column.meaning})"
            message = f"column '{column.name}' is missing{of}"
            reading.report(header, None, Code.MISSING_COLUMN, message, value=column.name, expected=column.expected)
    return given


def _read_row(reading: _Reading[AnyRow], record: Record, given: Mapping[str, _Given], *, width: int) -> AnyRow | None:
    """Validate one record; None if it is refused, with everything wrong reported."""
    if len(record.cells) != width:
        message = f"this row has {len(record.cells)} cells, the header has {width}"
        hint = "put a cell that contains a comma in double quotes" if len(record.cells) > width else ""
        place_of = width if len(record.cells) > width else None
        reading.report(record, place_of, Code.CELL_COUNT, message, value=str(len(record.cells)), hint=hint)
        return None
    values: dict[str, Any] = {}
    sound = True
    for name, item in given.items():
        text = record.cells[item.index]
        if not text:
            if item.column.required:
                reading.report(
                    record, item.index, Code.EMPTY_CELL, f"{item.name} is empty", expected=item.column.expected
                )
                sound = False
        elif item.factor is not None or (item.column.kind in NUMERIC_KINDS and "_" in text):
            number = _converted(reading, record, item, text)
            sound = sound and number is not None
            values[name] = number
        else:
            values[name] = text
    try:
        row = reading.row_type.model_validate(values)
    except ValidationError as error:
        _report_refused(reading, record, given, values, error)
        return None
    return row if sound else None


def _converted(reading: _Reading[AnyRow], record: Record, item: _Given, text: str) -> float | int | None:
    """Number of a cell in the canonical unit; None if there is none, which is reported."""
    problem = number_problem(item.column, item.name, text)
    if problem is None:
        value = convert_text(text, item.factor or Fraction(1))
        if item.column.kind is not ColumnKind.INTEGER:
            return value
        if abs(value - round(value)) <= 1e-9 * max(1.0, abs(value)):
            return round(value)
        problem = whole_number_problem(item.column, item.name, text, value)
    reading.report(
        record, item.index, problem.code, problem.message, value=text, expected=problem.expected, hint=problem.hint
    )
    return None


def _report_refused(
    reading: _Reading[AnyRow],
    record: Record,
    given: Mapping[str, _Given],
    values: Mapping[str, Any],
    error: ValidationError,
) -> None:
    """Report what the schema refused, except columns and cells already known to be missing or no number."""
    seen: set[str] = set()
    for entry in error.errors(include_url=False, include_context=False):
        name = str(entry["loc"][0]) if entry["loc"] else ""
        if name not in given or values.get(name) is None or name in seen:
            continue
        seen.add(name)
        item = given[name]
        text = record.cells[item.index]
        problem = refused_cell(item.column, item.name, text, dict(entry))
        reading.report(
            record, item.index, problem.code, problem.message, value=text, expected=problem.expected, hint=problem.hint
        )


def _check_keys(
    reading: _Reading[AnyRow], rows: Sequence[AnyRow], records: Sequence[Record], given: Mapping[str, _Given]
) -> None:
    """Report rows whose key an earlier row has."""
    key_columns = reading.row_type.key
    first: dict[tuple[Any, ...], Record] = {}
    for row, record in zip(rows, records, strict=True):
        key = tuple(getattr(row, name) for name in key_columns)
        earlier = first.setdefault(key, record)
        if earlier is not record:
            what = ", ".join(row.key_values)
            message = f"{' and '.join(key_columns)} '{what}' already {'has' if len(key) == 1 else 'have'} a row"
            hint = f"first defined at {reading.file.name}:{earlier.line}"
            index = given[key_columns[0]].index
            reading.report(record, index, Code.DUPLICATE_KEY, message, value=what, hint=hint)
