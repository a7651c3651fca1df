"""Read an instance folder: files, settings, tables, changes, checks. Everything wrong is reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from optimizer.instance.calendar import Calendar, Span
from optimizer.instance.changes import Change, apply_to, changes_from_text, scenario_changes
from optimizer.instance.checks import Context, check_instance
from optimizer.instance.codes import Code, Severity
from optimizer.instance.csv_file import CsvFile, UnreadableError, read_csv
from optimizer.instance.diagnostics import Diagnostic, InstanceError, Place
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.instance import Instance
from optimizer.instance.periods import make_calendar
from optimizer.instance.places import SETTINGS_FILE, Locator, TableSource
from optimizer.instance.schema import TABLES, Row, Settings
from optimizer.instance.settings_reader import read_settings
from optimizer.instance.table_reader import read_table
from optimizer.instance.toml_file import TomlFile, read_toml


@dataclass
class _Reading:
    """State while a folder is read."""

    folder: Path
    diagnostics: list[Diagnostic] = field(default_factory=list)
    tables: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    sources: dict[str, TableSource] = field(default_factory=dict)
    refused: dict[str, frozenset[str]] = field(default_factory=dict)
    """Tables that are not known in full, with the names of their refused rows."""

    def name(self, file: str) -> str:
        return str(self.folder / file)


def load_instance(path: Path | str, scenario: str | None = None, changes: Iterable[str] = ()) -> Instance:
    """Read, change and check an instance.

    Parameters
    ----------
    path
        Folder of the instance, or its instance.toml.
    scenario
        Name of a scenario of instance.toml whose changes are made first.
    changes
        Further changes, e.g. ``"sites[us_*].lead_months += 6"``.

    Returns
    -------
    Instance
        Valid as a whole; `Instance.warnings` holds what was noticed.

    Raises
    ------
    InstanceError
        With every error found in the files, or else in the changes, or else in the changed instance.
    """
    path = Path(path)
    reading = _Reading(path.parent if path.name == SETTINGS_FILE else path)
    toml, settings = _read_settings_file(reading)
    _read_tables(reading)
    locator = Locator(str(reading.folder), toml, reading.sources)
    instance = _assemble(reading, settings, locator)
    if reading.diagnostics:
        findings = check_instance(instance, Context(reading.refused, settings_known=settings is not None))
        found = [*reading.diagnostics, *(locator.diagnostic(finding) for finding in findings)]
        raise _error(found)
    _check_scenarios(instance)
    return _changed_and_checked(instance, scenario, changes)


def _check_scenarios(instance: Instance) -> None:
    """Every scenario of the file can be made, also those that nobody asked for now."""
    found: list[Diagnostic] = []
    for name in instance.settings.scenarios:
        found += apply_to(instance, scenario_changes(instance, name))[1]
    errors = [diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR]
    if errors:
        raise InstanceError(errors)


def apply_changes(instance: Instance, changes: Iterable[str]) -> Instance:
    """Make changes to a valid instance and check it again as a whole.

    Raises
    ------
    InstanceError
        If a change cannot be made, or the changed instance is not valid.
    """
    return _changed_and_checked(instance, None, changes)


def _changed_and_checked(instance: Instance, scenario: str | None, changes: Iterable[str]) -> Instance:
    wanted: list[Change] = []
    if scenario is not None:
        if scenario not in instance.settings.scenarios:
            raise _error([_unknown_scenario(instance, scenario)])
        wanted += scenario_changes(instance, scenario)
    wanted += changes_from_text(changes)
    changed, noticed = apply_to(instance, wanted)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in noticed):
        raise _error(noticed)
    findings = check_instance(changed)
    found = [*noticed, *(changed.locator.diagnostic(finding) for finding in findings)]
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        raise _error(found)
    return replace(changed, warnings=tuple(sorted(found, key=Diagnostic.sort_key)))


def _unknown_scenario(instance: Instance, scenario: str) -> Diagnostic:
    place = Place(instance.locator.file_name(SETTINGS_FILE))
    hint = nearest_hint(scenario, instance.settings.scenarios)
    return Diagnostic(Code.UNKNOWN_SCENARIO, place, f"there is no scenario '{scenario}'", value=scenario, hint=hint)


def _error(found: Iterable[Diagnostic]) -> InstanceError:
    found = tuple(found)
    return InstanceError(
        [d for d in found if d.severity is Severity.ERROR], [d for d in found if d.severity is Severity.WARNING]
    )


def _read_settings_file(reading: _Reading) -> tuple[TomlFile | None, Settings | None]:
    file = reading.folder / SETTINGS_FILE
    name = reading.name(SETTINGS_FILE)
    if not file.is_file():
        message = f"there is no {SETTINGS_FILE} in '{reading.folder}'"
        hint = "give the folder of an instance, or its instance.toml"
        raise InstanceError([Diagnostic(Code.NO_INSTANCE, Place(name), message, hint=hint)])
    try:
        toml = read_toml(file.read_bytes(), name)
    except UnreadableError as error:
        reading.diagnostics.append(error.diagnostic)
        return None, None
    settings, diagnostics = read_settings(toml)
    reading.diagnostics += diagnostics
    return toml, settings


def _read_tables(reading: _Reading) -> None:
    known = {row_type.table: row_type for row_type in TABLES}
    present = {file.stem: file for file in sorted(reading.folder.glob("*.csv"))}
    for stem, file in present.items():
        if stem not in known:
            hint = nearest_hint(f"{stem}.csv", (f"{table}.csv" for table in known), 0)
            message = f"'{file.name}' is not a table of the format"
            place = Place(reading.name(file.name))
            reading.diagnostics.append(Diagnostic(Code.UNKNOWN_FILE, place, message, value=file.name, hint=hint))
    for table, row_type in known.items():
        if table in present:
            _read_one_table(reading, row_type, present[table])
        elif row_type.required_table:
            message = f"table '{table}.csv' is missing: {_first_line(row_type)}"
            hint = nearest_hint(table, (stem for stem in present if stem not in known), 0)
            place = Place(reading.name(f"{table}.csv"))
            reading.diagnostics.append(Diagnostic(Code.MISSING_TABLE, place, message, hint=hint))
            reading.refused[table] = frozenset()


def _read_one_table(reading: _Reading, row_type: type[Row], path: Path) -> None:
    table = row_type.table
    try:
        file: CsvFile = read_csv(path, reading.name(path.name))
    except UnreadableError as error:
        reading.diagnostics.append(error.diagnostic)
        reading.refused[table] = frozenset()
        return
    read = read_table(file, row_type)
    reading.diagnostics += read.diagnostics
    reading.tables[table] = read.rows
    reading.sources[table] = read.source
    if read.diagnostics:
        reading.refused[table] = read.refused_names
    elif not read.rows and row_type.required_table:
        message = f"'{table}.csv' has no rows: {_first_line(row_type)}"
        reading.diagnostics.append(Diagnostic(Code.NO_ROWS, file.whole(), message))
        reading.refused[table] = frozenset()


def _first_line(row_type: type[Row]) -> str:
    return (row_type.__doc__ or "").split("\n", 1)[0].rstrip(".").lower()


def _assemble(reading: _Reading, settings: Settings | None, locator: Locator) -> Instance:
    """Instance of the rows that are valid; with a stand-in for settings that are not."""
    calendar = make_calendar(settings.calendar) if settings else Calendar((Span(2027 * 12, 2028 * 12),), (0,))
    tables: Mapping[str, Any] = {row_type.table: reading.tables.get(row_type.table, ()) for row_type in TABLES}
    return Instance(
        settings=settings or _stand_in_settings(),
        calendar=calendar,
        folder=reading.folder,
        locator=locator,
        **tables,
    )


def _stand_in_settings() -> Settings:
    return Settings.model_validate(
        {
            "schema_version": 1,
            "name": "unreadable",
            "calendar": {"start": "2027", "periods": [{"months": 12, "count": 1}]},
            "finance": {"discount_rate": 0.0},
        }
    )
