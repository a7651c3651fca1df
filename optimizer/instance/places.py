"""From a row and column of the instance back to the place in the files it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from optimizer.instance.codes import Code, Severity
from optimizer.instance.csv_file import CsvFile, Record
from optimizer.instance.diagnostics import Diagnostic, Place
from optimizer.instance.toml_file import KeyPath, TomlFile

SETTINGS_FILE = "instance.toml"


@dataclass(frozen=True, slots=True)
class CellRef:
    """A cell: 0-based row of a table of the Instance, and canonical column."""

    table: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class SettingRef:
    """A key of instance.toml."""

    path: KeyPath


@dataclass(frozen=True, slots=True)
class TableRef:
    """A whole table."""

    table: str


Reference: TypeAlias = CellRef | SettingRef | TableRef


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with an instance, before it is known in which file it stands.

    Attributes
    ----------
    code, message, value, expected, hint
        As in `Diagnostic`.
    at
        What it is about.
    offset, width
        Part of the cell's text that is meant; width 0 for all of it.
    severity
        Other than the code's own, or None.
    """

    code: Code
    at: Reference
    message: str
    value: str = ""
    expected: str = ""
    hint: str = ""
    offset: int = 0
    width: int = 0
    severity: Severity | None = None


@dataclass(frozen=True)
class TableSource:
    """The file of a table, and which record became which row."""

    file: CsvFile
    columns: Mapping[str, int]
    records: tuple[Record, ...]

    def cell(self, row: int, column: str) -> Place:
        """Place of a cell; the whole row if the file does not have the column."""
        record = self.records[row]
        if column not in self.columns:
            return self.file.row(record)
        return self.file.cell(record, self.columns[column])


@dataclass(frozen=True)
class Locator:
    """Knows where the rows and settings of one instance stand.

    Attributes
    ----------
    folder
        Prefix of file names in messages, "" in memory.
    settings
        instance.toml, if it was read.
    tables
        Files of the tables that were read.
    changed
        Places of the changes that set cells and settings since.
    """

    folder: str = ""
    settings: TomlFile | None = None
    tables: Mapping[str, TableSource] = field(default_factory=dict)
    changed: Mapping[Reference, Place] = field(default_factory=dict)

    def with_changes(self, changed: Mapping[Reference, Place]) -> Locator:
        """A locator that also knows these changes."""
        return replace(self, changed={**self.changed, **changed})

    def file_name(self, name: str) -> str:
        """Name of a file of the instance as messages show it."""
        return f"{self.folder}/{name}" if self.folder else name

    def place(self, reference: Reference) -> Place:
        """Where something stands; the change that set it comes before the file it was read from."""
        if reference in self.changed:
            return self.changed[reference]
        match reference:
            case SettingRef(path):
                return self.settings.value(path) if self.settings else Place(self.file_name(SETTINGS_FILE))
            case TableRef(table):
                return Place(self.file_name(f"{table}.csv"))
            case CellRef(table, row, column):
                source = self.tables.get(table)
                if source is None or row >= len(source.records):
                    return Place(self.file_name(f"{table}.csv"), row + 2)
                return source.cell(row, column)

    def diagnostic(self, finding: Finding) -> Diagnostic:
        """Give a finding its place."""
        place = self.place(finding.at)
        if finding.width and finding.at not in self.changed:
            quote = 1 if place.source[place.column - 1 : place.column] == '"' else 0
            place = place.within(finding.offset + quote, finding.width)
        return Diagnostic(
            code=finding.code,
            place=place,
            message=finding.message,
            value=finding.value,
            expected=finding.expected,
            hint=finding.hint,
            severity=finding.severity or finding.code.severity,
        )
