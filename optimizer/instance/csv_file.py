"""CSV text into records that know where they stand. Places of single cells are worked out only when asked for."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from optimizer.instance.codes import Code
from optimizer.instance.diagnostics import Diagnostic, Place


class UnreadableError(Exception):
    """A file that cannot be split into cells at all."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a CSV file.

    Attributes
    ----------
    line
        1-based line on which it starts; a quoted cell may span several.
    cells
        Text of its cells without surrounding blanks.
    """

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class CsvFile:
    """A CSV file split into records. Blank lines are no records.

    Attributes
    ----------
    name
        Name of the file for messages.
    text
        All of it, without byte order mark.
    header
        First record, or None in an empty file.
    records
        The rest.
    """

    name: str
    text: str
    header: Record | None
    records: tuple[Record, ...]

    @cached_property
    def _lines(self) -> list[str]:
        """Lines with their ends, split where the csv module splits them."""
        return list(io.StringIO(self.text, newline=""))

    def whole(self) -> Place:
        """The file as such."""
        return Place(self.name)

    def row(self, record: Record) -> Place:
        """All of the first line of a record."""
        source = self._lines[record.line - 1].rstrip("\r\n")
        return Place(self.name, record.line, 1, max(1, len(source)), source)

    def cell(self, record: Record, index: int) -> Place:
        """The cell with a 0-based index; the end of the record if it has fewer cells."""
        line, column = record.line, 1
        start = (line, column)
        quoted, fresh, cell = False, True, 0
        while line <= len(self._lines):
            for character in self._lines[line - 1]:
                if character == '"' and (quoted or fresh):
                    quoted = not quoted
                elif not quoted and character in ",\r\n":
                    if cell == index or character != ",":
                        return self._between(start, (line, column))
                    cell += 1
                    start = (line, column + 1)
                fresh = character == "," or (quoted is False and character == '"')
                column += 1
            if not quoted:
                break  # the last line has no line end
            line, column = line + 1, 1
        return self._between(start, (min(line, len(self._lines)), column))

    def _between(self, start: tuple[int, int], end: tuple[int, int]) -> Place:
        """Place from start to before end, on the line of the start, without blanks around it."""
        line, column = start
        source = self._lines[line - 1].rstrip("\r\n") if line <= len(self._lines) else ""
        stop = end[1] - 1 if end[0] == line else len(source)
        text = source[column - 1 : stop]
        column += len(text) - len(text.lstrip())
        return Place(self.name, line, column, max(1, len(text.strip())), source)


def read_csv(path: Path, name: str) -> CsvFile:
    """Read a CSV file: UTF-8 with or without byte order mark, any line ends, quotes as in RFC 4180.

    Raises
    ------
    UnreadableError
        If it is not UTF-8 or a quote is misplaced or never closed.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(_not_utf8(name, raw, error)) from None
    return split_csv(text, name)


def split_csv(text: str, name: str) -> CsvFile:
    """Split CSV text into records.

    Raises
    ------
    UnreadableError
        If a quote is misplaced or never closed.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[Record] = []
    line = 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                records.append(Record(line, stripped))
            line = reader.line_num + 1
    except csv.Error as error:
        source = next(iter(text.splitlines()[line - 1 : line]), "")
        place = Place(name, line, 1, max(1, len(source)), source)
        hint = "double the quotes inside a quoted cell, and close the quote at the end of the cell"
        message = f"the row that starts here cannot be split into cells: {error}"
        raise UnreadableError(Diagnostic(Code.CSV_SYNTAX, place, message, hint=hint)) from None
    return CsvFile(name, text, records[0] if records else None, tuple(records[1:]))


def _not_utf8(name: str, raw: bytes, error: UnicodeDecodeError) -> Diagnostic:
    before = raw[: error.start]
    line = before.count(b"\n") + 1
    start = before.rfind(b"\n") + 1
    source = raw[start:].split(b"\n", 1)[0].decode("utf-8", errors="replace").rstrip("\r")
    column = len(before[start:].decode("utf-8", errors="replace")) + 1
    message = f"byte 0x{raw[error.start]:02x} is not UTF-8 text"
    return Diagnostic(Code.NOT_UTF8, Place(name, line, column, 1, source), message, hint="save the file as 'CSV UTF-8'")
