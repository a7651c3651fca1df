"""Months, quarters and the periods of the plan.

A month is an integer: 12 x year + (month - 1). Everything that has a date is compared in months, so
that periods of unequal length, quarterly supply and yearly budgets meet without a second calendar.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_MONTH_TEXT = re.compile(r"^(\d{4})(?:-(\d{2})(?:/([1-9]\d?))?|Q([1-4])|H([12]))?$", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1990, 2150
#: First month that can be written, and first month that cannot any more.
FIRST_MONTH, END_MONTH = 12 * _FIRST_YEAR, 12 * (_LAST_YEAR + 1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of calendar months, ``start`` included and ``end`` excluded."""

    start: int
    end: int

    @property
    def months(self) -> int:
        """Length in months."""
        return self.end - self.start

    def overlap(self, other: Span) -> int:
        """Months that both spans contain."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def parse_span(text: str) -> Span:
    """Read ``2027``, ``2027H1``, ``2027Q2``, ``2027-04`` or ``2027-04/9`` (9 months) as the stretch of months it names.

    Raises
    ------
    ValueError
        If the text is not one of these forms or the year lies outside 1990-2150.
    """
    match = _MONTH_TEXT.match(text.strip())
    if match is None:
        raise ValueError("expected a date such as 2027, 2027H1, 2027Q2 or 2027-04")
    year, month, months, quarter, half = match.groups()
    first = int(year) * 12
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        message = f"expected a year between {_FIRST_YEAR} and {_LAST_YEAR}"
        raise ValueError(message)
    if month is not None:
        if not 1 <= int(month) <= 12:
            raise ValueError("expected a month between 01 and 12")
        return Span(first + int(month) - 1, first + int(month) - 1 + int(months or 1))
    if quarter is not None:
        return Span(first + 3 * (int(quarter) - 1), first + 3 * int(quarter))
    if half is not None:
        return Span(first + 6 * (int(half) - 1), first + 6 * int(half))
    return Span(first, first + 12)


def parse_month(text: str) -> int:
    """First month of the stretch that ``text`` names (see `parse_span`)."""
    return parse_span(text).start


def format_month(month: int) -> str:
    """Write a month as ``2027-04``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def format_span(span: Span) -> str:
    """Write a span in its shortest form: ``2027``, ``2027H1``, ``2027Q2``, ``2027-04`` or ``2027-04/9``."""
    year, month = divmod(span.start, 12)
    match span.months:
        case 12 if month == 0:
            return f"{year:04d}"
        case 6 if month % 6 == 0:
            return f"{year:04d}H{month // 6 + 1}"
        case 3 if month % 3 == 0:
            return f"{year:04d}Q{month // 3 + 1}"
        case 1:
            return format_month(span.start)
        case months:
            return f"{format_month(span.start)}/{months}"


@dataclass(frozen=True)
class Calendar:
    """Operating periods, and the coarser grid of dates on which building is decided.

    Attributes
    ----------
    periods
        Consecutive spans; none crosses the end of a calendar year.
    decision_periods
        Indices into `periods` on whose first day modules and power may be committed.
    """

    periods: tuple[Span, ...]
    decision_periods: tuple[int, ...]

    @property
    def start(self) -> int:
        """First month of the plan."""
        return self.periods[0].start

    @property
    def end(self) -> int:
        """First month after the plan."""
        return self.periods[-1].end

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Calendar years that the plan touches, in order."""
        return tuple(range(self.start // 12, (self.end - 1) // 12 + 1))

    @cached_property
    def periods_of_year(self) -> dict[int, tuple[int, ...]]:
        """Indices of the periods of each calendar year."""
        return {
            year: tuple(t for t, span in enumerate(self.periods) if span.start // 12 == year) for year in self.years
        }

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Name of each period, as in the plan tables."""
        return tuple(format_span(span) for span in self.periods)

    @cached_property
    def index_of_label(self) -> dict[str, int]:
        """Period index for each name."""
        return {label: t for t, label in enumerate(self.labels)}

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(span.start for span in self.periods)

    def __len__(self) -> int:
        return len(self.periods)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.periods)))

    def year_of(self, period: int) -> int:
        """Calendar year of a period."""
        return self.periods[period].start // 12

    def years_in(self, period: int) -> float:
        """Length of a period in years."""
        return self.periods[period].months / 12

    def first_period_from(self, month: int) -> int:
        """Index of the first period that starts in ``month`` or later; ``len(self)`` when there is none."""
        return bisect_left(self._starts, month)

    def period_containing(self, month: int) -> int | None:
        """Index of the period that contains ``month``, or None outside the plan."""
        if not self.start <= month < self.end:
            return None
        return bisect_left(self._starts, month + 1) - 1

    def decision_serving(self, period: int) -> int:
        """Position in `decision_periods` of the last decision date on or before ``period``; -1 before the first."""
        return bisect_left(self.decision_periods, period + 1) - 1
