"""Dates of a plan as the audit reads them from the instance: periods, decision dates, discounting, memberships."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from optimizer.instance.calendar import format_span
from optimizer.instance.country_sets import CountrySet, parse_country_set
from optimizer.instance.instance import Instance

Series = npt.NDArray[np.float64]
"""One number per period of the plan."""
Mask = npt.NDArray[np.bool_]
"""One flag per period of the plan."""


@dataclass(frozen=True)
class Clock:
    """Periods of the plan in months, and what follows from them (SEMANTICS 1).

    Attributes
    ----------
    starts, ends
        First month of each period, and the first month after it.
    decision_every_months
        Distance of decision dates.
    discount_rate
        Per year.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    labels: tuple[str, ...]
    decision_every_months: int
    discount_rate: float

    @classmethod
    def of(cls, instance: Instance) -> Clock:
        """Clock of an instance."""
        periods = instance.calendar.periods
        return cls(
            starts=tuple(period.start for period in periods),
            ends=tuple(period.end for period in periods),
            labels=tuple(format_span(period) for period in periods),
            decision_every_months=instance.settings.calendar.decision_every_months,
            discount_rate=instance.settings.finance.discount_rate,
        )

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def start(self) -> int:
        """First month of the plan."""
        return self.starts[0]

    @property
    def end(self) -> int:
        """First month after the plan."""
        return self.ends[-1]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Period of each label."""
        return {label: t for t, label in enumerate(self.labels)}

    @cached_property
    def months(self) -> tuple[int, ...]:
        """Length of each period in months."""
        return tuple(end - start for start, end in zip(self.starts, self.ends, strict=True))

    @cached_property
    def lengths(self) -> Series:
        """Length of each period in years."""
        return np.array(self.months) / 12.0

    @cached_property
    def year_of(self) -> tuple[int, ...]:
        """Calendar year of each period."""
        return tuple(start // 12 for start in self.starts)

    @cached_property
    def periods_of_year(self) -> Mapping[int, tuple[int, ...]]:
        """Periods of each calendar year of the plan, in order."""
        years = dict.fromkeys(self.year_of)
        return {year: tuple(t for t, other in enumerate(self.year_of) if other == year) for year in years}

    @cached_property
    def months_of_year(self) -> Mapping[int, int]:
        """Months of each calendar year that lie within the plan."""
        return {year: sum(self.months[t] for t in periods) for year, periods in self.periods_of_year.items()}

    @cached_property
    def decisions(self) -> tuple[int, ...]:
        """Periods on whose first day modules and power may be added (1.2)."""
        return tuple(t for t, s in enumerate(self.starts) if (s - self.start) % self.decision_every_months == 0)

    @cached_property
    def discount(self) -> Series:
        """Discount factor of the middle of each period (1.3)."""
        middles = np.array(self.starts) + np.array(self.months) / 2 - self.start
        factors: Series = (1 + self.discount_rate) ** (-middles / 12)
        return factors

    @property
    def discount_at_end(self) -> float:
        """Discount factor of the end of the plan (1.3)."""
        return float((1 + self.discount_rate) ** (-(self.end - self.start) / 12))

    def first_from(self, month: int) -> int | None:
        """First period that starts in ``month`` or later, or None."""
        t = bisect_left(self.starts, month)
        return t if t < len(self) else None

    def containing(self, month: int) -> int | None:
        """Period that contains ``month``, or None outside the plan."""
        return bisect_right(self.starts, month) - 1 if self.start <= month < self.end else None

    def overlap(self, t: int, start: int, end: int) -> int:
        """Months of period ``t`` in [start, end)."""
        return max(0, min(self.ends[t], end) - max(self.starts[t], start))

    def membership_day(self, year: int) -> int:
        """Month at which memberships of a year are taken: its first, or that of the plan if later."""
        return max(12 * year, self.start)

    def zeros(self) -> Series:
        """A series of zeros."""
        return np.zeros(len(self))

    def held(self, added: Series) -> Series:
        """Running total of additions made at the start of periods."""
        total: Series = np.cumsum(added)
        return total

    def yearly(self, series: Series) -> dict[int, float]:
        """Sum of ``years(t) x series`` over the periods of each year."""
        weighted = self.lengths * series
        return {year: float(weighted[list(periods)].sum()) for year, periods in self.periods_of_year.items()}


class Memberships:
    """Answers whether a country lies in a country set at a month, remembering answers between changes of membership."""

    def __init__(self, instance: Instance) -> None:
        self._groups = instance.groups
        rows = instance.country_groups
        dates = {row.member_from for row in rows} | {row.member_to for row in rows if row.member_to is not None}
        self._changes = sorted(dates)
        self._sets: dict[str, CountrySet] = {}
        self._answers: dict[tuple[str, str, int], bool] = {}

    def contains(self, countries: str, country: str, month: int) -> bool:
        """Whether ``country`` lies in the set written ``countries`` at ``month``."""
        key = (countries, country, bisect_right(self._changes, month))
        if key not in self._answers:
            if countries not in self._sets:
                self._sets[countries] = parse_country_set(countries)
            self._answers[key] = self._sets[countries].contains(country, month, self._groups)
        return self._answers[key]

    def mask(self, countries: str, country: str, months: tuple[int, ...]) -> Mask:
        """`contains` at each of ``months``."""
        return np.array([self.contains(countries, country, month) for month in months], dtype=bool)
