"""sweep.toml: which knobs of an instance a sweep turns, and how far."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from optimizer.instance import Code, Diagnostic, InstanceError
from optimizer.instance.columns import format_value
from optimizer.instance.csv_file import UnreadableError
from optimizer.instance.diagnostics import Place
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.toml_file import TomlFile, read_toml

AxisValue: TypeAlias = bool | int | float | str
_AXIS_HEADER: Final = re.compile(r"^\s*\[\[\s*axes\s*\]\]")
_ANY_HEADER: Final = re.compile(r"^\s*\[")
_DIGITS: Final = 12  # of the values of a range, so that 0.8, 0.9 ... are what they look like


class AxisOperation(StrEnum):
    """How the values of an axis, or the ends of a range of assumptions.csv, act on their knob."""

    SET = "set"
    ADD = "add"
    SCALE = "scale"

    def change(self, knob: str, value: AxisValue) -> str:
        """The change in the grammar of scenarios."""
        sign = {AxisOperation.SET: "=", AxisOperation.ADD: "+=", AxisOperation.SCALE: "*="}[self]
        return f"{knob} {sign} {format_value(value)}"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Axis(_Section):
    """One knob and the values it takes."""

    knob: str = Field(min_length=1)
    operation: AxisOperation = AxisOperation.SET
    values: tuple[AxisValue, ...] = ()
    first: float | None = Field(default=None, alias="from")
    last: float | None = Field(default=None, alias="to")
    steps: int | None = Field(default=None, ge=2, le=10_000)
    name: str = ""

    @model_validator(mode="after")
    def _values_or_range(self) -> Axis:
        span = (self.first, self.last, self.steps)
        if self.values and span == (None, None, None):
            if len(set(map(str, self.values))) < len(self.values):
                raise ValueError("a value stands twice")
            return self
        if self.values or None in span:
            raise ValueError("give either 'values', or 'from', 'to' and 'steps'")
        return self

    @property
    def points(self) -> tuple[AxisValue, ...]:
        """Numbers from the least to the greatest, other values in the order given."""
        if self.values:
            numbers = [value for value in self.values if not isinstance(value, bool | str)]
            return tuple(sorted(numbers)) if len(numbers) == len(self.values) else self.values
        assert self.first is not None
        assert self.last is not None
        assert self.steps is not None
        step = (self.last - self.first) / (self.steps - 1)
        return tuple(sorted(float(f"{self.first + number * step:.{_DIGITS}g}") for number in range(self.steps)))

    @property
    def label(self) -> str:
        """Name of the axis in tables."""
        return self.name or (self.knob if self.operation is AxisOperation.SET else f"{self.operation} {self.knob}")


class SolverSection(_Section):
    """When each point counts as solved; the instance's own settings where not given."""

    gap: float | None = None
    gap_busd: float | None = None
    time_limit_seconds: float | None = None
    seed: int | None = None

    @property
    def changes(self) -> tuple[str, ...]:
        """As changes to the instance."""
        given = self.model_dump(exclude_none=True)
        return tuple(f"solver.{name} = {format_value(value)}" for name, value in given.items())


class SweepSettings(_Section):
    """All of sweep.toml."""

    title: str = ""
    one_at_a_time: bool = False
    scenarios: tuple[str, ...] = ()
    base: bool | None = None
    axes: tuple[Axis, ...] = ()
    solver: SolverSection = SolverSection()

    @property
    def with_base(self) -> bool:
        """Whether the instance as it stands is a point: by default where there is nothing else to compare with."""
        return self.base if self.base is not None else bool(self.one_at_a_time or self.scenarios)


@dataclass(frozen=True)
class SweepFile:
    """Settings of a sweep, with their places in the file."""

    settings: SweepSettings
    file: TomlFile | None = None

    def axis_place(self, axis: int, key: str, value: AxisValue | None = None) -> Place:
        """Where a key of the (axis+1)th ``[[axes]]`` stands, or one value of its list."""
        if self.file is None:
            return Place("sweep")
        place = _axis_place(self.file, axis, key)
        if value is None or not place.line:
            return place
        source = self.file.text.splitlines()[place.line - 1]
        written = re.escape(str(value) if isinstance(value, str) else format_value(value))
        found = re.compile(rf"(?<![\w.+-]){written}(?![\w.])").search(source, max(0, place.column - 1))
        return place if found is None else Place(place.file, place.line, found.start() + 1, len(found[0]), source)

    def place(self, key: str, text: str = "") -> Place:
        """Where a key at the top or in ``[solver]`` stands, or a text in its value."""
        if self.file is None:
            return Place("sweep")
        path = tuple(key.split("."))
        return self.file.text_in(path, text) if text else self.file.value(path)


def read_sweep(path: Path) -> SweepFile:
    """Read sweep.toml.

    Raises
    ------
    InstanceError
        With everything that is wrong with the file itself.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise InstanceError([Diagnostic(Code.BAD_SETTING, Place(str(path)), message)]) from None
    try:
        file = read_toml(raw, str(path))
    except UnreadableError as error:
        raise InstanceError([error.diagnostic]) from None
    try:
        settings = SweepSettings.model_validate(file.content)
    except ValidationError as error:
        entries = [dict(entry) for entry in error.errors(include_url=False)]
        raise InstanceError({_diagnostic(file, entry) for entry in entries}) from None
    if not (settings.axes or settings.scenarios or settings.one_at_a_time):
        message, hint = "there is nothing to sweep", "give [[axes]], scenarios, or one_at_a_time = true"
        raise InstanceError([Diagnostic(Code.MISSING_SETTING, Place(str(path)), message, hint=hint)])
    return SweepFile(settings, file)


_KEYS: Final[Mapping[str, type[BaseModel]]] = {"axes": Axis, "solver": SolverSection}


def _diagnostic(file: TomlFile, error: Mapping[str, Any]) -> Diagnostic:
    path = tuple(error["loc"])
    names = [part for part in path if isinstance(part, str)]
    key = names[-1] if names else ""
    if path[:1] == ("axes",) and len(path) > 1 and isinstance(path[1], int):
        place = _axis_place(file, path[1], str(path[2]) if len(path) > 2 else "")
    else:
        place = file.value(path)
    if error["type"] == "extra_forbidden":
        known = _KEYS[names[0]] if len(names) > 1 else SweepSettings
        keys = [field.alias or name for name, field in known.model_fields.items()]
        hint = nearest_hint(key, keys) or f"known: {', '.join(keys)}"
        return Diagnostic(Code.UNKNOWN_SETTING, place, f"unknown key '{'.'.join(names)}'", value=key, hint=hint)
    if error["type"] == "missing":
        return Diagnostic(Code.MISSING_SETTING, place, f"key '{'.'.join(names)}' is missing", value=key)
    reason = str(error["msg"]).removeprefix("Value error, ")
    return Diagnostic(Code.BAD_SETTING, place, f"{'.'.join(names)}: {reason[:1].lower()}{reason[1:]}", value=key)


def _axis_place(file: TomlFile, axis: int, key: str) -> Place:
    """Place in the (axis+1)th ``[[axes]]``; of its header if the key does not stand there."""
    lines = file.text.splitlines()
    headers = [number for number, line in enumerate(lines) if _AXIS_HEADER.match(line)]
    if axis >= len(headers):
        return file.value(("axes",))
    header = headers[axis]
    for number in range(header + 1, len(lines)):
        if _ANY_HEADER.match(lines[number]):
            break
        match = re.match(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*=\s*(?P<value>.*?)\s*$", lines[number]) if key else None
        if match:
            width = max(1, len(match["value"]))
            return Place(file.name, number + 1, match.start("value") + 1, width, lines[number])
    return Place(file.name, header + 1, 1, len(lines[header]), lines[header])
