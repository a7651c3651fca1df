"""What differs between the inputs of two plans, in few words: cells that changed alike are told together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from optimizer.studies.input_changes import InputChange

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
_DIGITS: Final = 6  # of numbers that are told; computed ones have more, which say nothing
_FACTOR_DIGITS: Final = 4
_TIMES: Final = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class _Step:
    """How a cell changed: the same step in many rows is one change to people."""

    table: str
    column: str
    words: str


def change_words(changes: Sequence[InputChange], most: int) -> tuple[str, ...]:
    """At most so many texts on what changed, and how many cells are left out.

    Rows of a table that were multiplied by the same factor, or moved by the same number of months, are one text.
    """
    groups: dict[_Step | InputChange, list[InputChange]] = {}
    for change in changes:
        groups.setdefault(_step(change) or change, []).append(change)
    told = [_words(step, cells) for step, cells in list(groups.items())[:most]]
    left = sum(len(cells) for cells in list(groups.values())[most:])
    return (*told, *([f"and {left} more inputs"] if left else []))


def _words(step: _Step | InputChange, cells: Sequence[InputChange]) -> str:
    if isinstance(step, _Step) and len(cells) > 1:
        return f"{step.table}[*].{step.column} {step.words} in {len(cells)} rows"
    change = cells[0]
    return f"{change.cell}: {_shown(change.before)} becomes {_shown(change.after)}"


def _step(change: InputChange) -> _Step | None:
    """The step of a cell of a table; None for settings, rows that came or went, and texts."""
    if not change.row or not change.column:
        return None
    return next((_Step(change.table, change.column, words) for words in _steps(change)), None)


def _steps(change: InputChange) -> Iterator[str]:
    first, last = _MONTH.fullmatch(change.before), _MONTH.fullmatch(change.after)
    if first and last:
        months = 12 * (int(last[1]) - int(first[1])) + int(last[2]) - int(first[2])
        yield f"{months:+d} months"
        return
    before, after = _number(change.before), _number(change.after)
    if before is not None and after is not None and before != 0:
        yield f"{_TIMES} {after / before:.{_FACTOR_DIGITS}g}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _shown(text: str) -> str:
    value = _number(text)
    return text if value is None or "." not in text else f"{value:.{_DIGITS}g}"
