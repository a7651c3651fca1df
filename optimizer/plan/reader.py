"""Reads the CSV tables of a result folder back into `PlanTables`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from optimizer.plan.tables import OPTIONAL_TABLES, ROW_TYPES, PlanTables

#: Turns the text of a cell into its value; raises ValueError with what was expected.
CellParser = Callable[[str], object]
AnyRow = TypeVar("AnyRow")


@dataclass(frozen=True, slots=True)
class TableProblem:
    """Something in a table that cannot be read.

    Attributes
    ----------
    file
        Name of the file.
    line
        Line in the file (1 is the header); 0 when the whole file is concerned.
    column
        Name of the column; empty when the whole line is concerned.
    """

    file: str
    line: int
    column: str
    message: str

    def render(self) -> str:
        """One line for people."""
        place = self.file + (f":{self.line}" if self.line else "")
        return f"{place}: {self.column + ': ' if self.column else ''}{self.message}"


class PlanReadError(ValueError):
    """A result folder whose tables cannot be read; lists every problem.

    Attributes
    ----------
    problems
        All problems, file by file.
    """

    def __init__(self, problems: tuple[TableProblem, ...]) -> None:
        super().__init__("\n".join(problem.render() for problem in problems))
        self.problems = problems


def read_plan(folder: Path | str) -> PlanTables:
    """Read the plan tables of a result folder.

    Parameters
    ----------
    folder
        Folder with one CSV file per table of `PlanTables`, as `optimizer.plan.writer` writes them.

    Raises
    ------
    PlanReadError
        If a file is missing or any cell cannot be read; it lists all problems of all files.
    """
    problems: list[TableProblem] = []
    tables = {
        table: tuple(_read_table(Path(folder) / f"{table}.csv", row_type, problems))
        for table, row_type in ROW_TYPES.items()
    }
    if problems:
        raise PlanReadError(tuple(problems))
    return PlanTables(**tables)


def read_table(path: Path, row_type: type[AnyRow]) -> tuple[AnyRow, ...]:
    """Read one table of a result folder that is none of `PlanTables`; errors as of `read_plan`."""
    problems: list[TableProblem] = []
    rows = tuple(_read_table(path, row_type, problems))
    if problems:
        raise PlanReadError(tuple(problems))
    return rows


def _read_table(path: Path, row_type: type, problems: list[TableProblem]) -> list[Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if path.stem in OPTIONAL_TABLES:
            return []
        problems.append(TableProblem(path.name, 0, "", "the file is missing"))
        return []
    except UnicodeDecodeError as error:
        problems.append(TableProblem(path.name, 0, "", f"not UTF-8 text ({error.reason} at byte {error.start})"))
        return []
    parsers = _parsers(row_type)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Any] = []
    try:
        header = next(reader, [])
        if not _header_is_right(path.name, header, row_type, problems):
            return []
        order = [(header.index(name), name, parser) for name, parser in parsers.items() if name in header]
        previous = reader.line_num
        for cells in reader:
            line, previous = previous + 1, reader.line_num
            if len(cells) != len(header):
                message = f"expected {len(header)} cells, found {len(cells)}"
                problems.append(TableProblem(path.name, line, "", message))
                continue
            row = _read_row(path.name, line, cells, order, row_type, problems)
            if row is not None:
                rows.append(row)
    except csv.Error as error:
        problems.append(TableProblem(path.name, reader.line_num, "", f"not a CSV line: {error}"))
    return rows


def _header_is_right(file: str, header: list[str], row_type: type, problems: list[TableProblem]) -> bool:
    """Whether every column is there once; those that results of earlier versions lack have a default."""
    before = len(problems)
    expected = [field.name for field in fields(row_type)]
    needed = [field.name for field in fields(row_type) if field.default is MISSING]
    problems.extend(TableProblem(file, 1, name, "the column is missing") for name in needed if name not in header)
    problems.extend(TableProblem(file, 1, name, "no such column") for name in header if name not in expected)
    repeated = {name for name in header if header.count(name) > 1}
    problems.extend(TableProblem(file, 1, name, "the column appears twice") for name in sorted(repeated))
    return len(problems) == before


def _read_row(
    file: str,
    line: int,
    cells: list[str],
    order: list[tuple[int, str, CellParser]],
    row_type: type,
    problems: list[TableProblem],
) -> object | None:
    before = len(problems)
    values: dict[str, object] = {}
    for position, name, parser in order:
        try:
            values[name] = parser(cells[position])
        except ValueError as error:
            problems.append(TableProblem(file, line, name, f"{error}, found '{cells[position]}'"))
    return row_type(**values) if len(problems) == before else None


def _parsers(row_type: type) -> dict[str, CellParser]:
    hints = get_type_hints(row_type)
    by_type: dict[object, CellParser] = {str: str, bool: _flag, int: _whole, float: _decimal}
    return {field.name: by_type[hints[field.name]] for field in fields(row_type)}


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("expected true or false")
    return text == "true"


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("expected a whole number") from None


def _decimal(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("expected a number") from None
    if not math.isfinite(value):
        raise ValueError("expected a finite number")
    return value
