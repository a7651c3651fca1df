"""Diagnostics: everything that is wrong with an instance, where it stands, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from optimizer.instance.codes import Code, Severity


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file.

    Attributes
    ----------
    file
        Path as a user would type it, relative to where the instance was asked for.
    line, column
        1-based; 0 when the whole file is meant.
    width
        Characters to underline.
    source
        The line's text, or "".
    """

    file: str
    line: int = 0
    column: int = 0
    width: int = 1
    source: str = ""

    def within(self, offset: int, width: int) -> Place:
        """Part of this place: ``width`` characters from ``offset`` (0-based) on."""
        return replace(self, column=self.column + offset, width=max(1, width))

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong.

    Attributes
    ----------
    code
        Stable code; `Code.meaning` explains it in general.
    place
        File, line and column.
    message
        What is wrong here.
    value
        The offending text, or "".
    expected
        What would be allowed, or "".
    hint
        What to do: the nearest valid name, the column's unit, or "".
    severity
        Errors stop the run, warnings do not.
    """

    code: Code
    place: Place
    message: str
    value: str = ""
    expected: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR

    @property
    def file(self) -> str:
        """File the diagnostic is about."""
        return self.place.file

    @property
    def line(self) -> int:
        """1-based line, 0 for the whole file."""
        return self.place.line

    @property
    def column(self) -> int:
        """1-based column, 0 for the whole line or file."""
        return self.place.column

    def render(self, colour: bool = False) -> str:
        """Lines for a terminal: message, place, source line with a caret, expectation and hint."""
        paint = _paint if colour else _plain
        headline = paint(f"{self.severity}[{self.code.value}]", "1;31" if self.severity == "error" else "1;33")
        margin = " " * len(str(self.place.line or ""))
        lines = [f"{headline}{paint(': ' + self.message, '1')}", f"{margin}{paint('-->', '1;34')} {self.place}"]
        if self.place.source:
            lines += _source_lines(self.place, margin, headline_colour="1;31" if colour else "")
        for label, text in (("expected", self.expected), ("help", self.hint)):
            if text:
                lines.append(f"{margin} {paint('=', '1;34')} {paint(label, '1;36')}: {text}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """Form for JSON; keys are stable."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "value": self.value,
            "message": self.message,
            "expected": self.expected,
            "hint": self.hint,
        }

    def sort_key(self) -> tuple[str, int, int, str]:
        """By file, line and column."""
        return (self.place.file, self.place.line, self.place.column, self.code.value)


def _paint(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"


def _plain(text: str, style: str) -> str:  # noqa: ARG001 - same shape as `_paint`
    return text


_SHOWN = 110  # characters of a source line that fit beside the margin


def _source_lines(place: Place, margin: str, headline_colour: str) -> list[str]:
    """The source line, cut to a window around the place, and the caret below it."""
    source = place.source.replace("\t", " ")
    first = max(0, min(place.column - 1 - _SHOWN // 3, len(source) - _SHOWN))
    window = source[first : first + _SHOWN]
    before, after = "…" if first else "", "…" if first + _SHOWN < len(source) else ""
    indent = place.column - 1 - first + len(before)
    carets = "^" * max(1, min(place.width, len(before) + len(window) - indent))
    if headline_colour:
        carets = _paint(carets, headline_colour)
    return [f"{margin} |", f"{place.line} | {before}{window}{after}", f"{margin} | {' ' * indent}{carets}"]


class InstanceError(Exception):
    """An instance that cannot be used.

    Attributes
    ----------
    diagnostics
        Every error found, in order of file, line and column; at least one.
    warnings
        What was noticed besides.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], warnings: Iterable[Diagnostic] = ()) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=Diagnostic.sort_key))
        self.warnings = tuple(sorted(warnings, key=Diagnostic.sort_key))
        super().__init__(self.render())

    def render(self, colour: bool = False) -> str:
        """All errors and warnings, and a closing count."""
        parts = [diagnostic.render(colour) for diagnostic in (*self.diagnostics, *self.warnings)]
        return "\n\n".join([*parts, self.summary()])

    def summary(self) -> str:
        """One line, e.g. ``2 errors and 1 warning in 2 files``."""
        files = {d.place.file for d in (*self.diagnostics, *self.warnings)}
        counts = [_count(len(self.diagnostics), "error")]
        if self.warnings:
            counts.append(_count(len(self.warnings), "warning"))
        return f"{' and '.join(counts)} in {_count(len(files), 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
