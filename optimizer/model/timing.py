"""Dates turned into positions: what is on line when, what leaves when, what a dollar of each period is worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from optimizer.instance.calendar import Calendar
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, Site


class LabelledIndex(int):
    """Position of something that prints as its label, so that exported models read well."""

    label: str

    def __new__(cls, position: int, label: str) -> Self:
        """Make the index of what stands at ``position``."""
        index = super().__new__(cls, position)
        index.label = label
        return index

    def __str__(self) -> str:
        return self.label

    __repr__ = __str__


class PeriodIndex(LabelledIndex):
    """Position of a period; prints as the period's label."""


@dataclass(frozen=True)
class Timing:
    """The calendar of an instance as the model uses it (SEMANTICS 1, 2.1, 2.2, 3.2)."""

    calendar: Calendar
    discount_rate: float
    minimum_operating_months: int

    @classmethod
    def of(cls, instance: Instance) -> Timing:
        """Timing of an instance."""
        settings = instance.settings
        return cls(instance.calendar, settings.finance.discount_rate, settings.model.minimum_operating_months)

    @cached_property
    def periods(self) -> tuple[PeriodIndex, ...]:
        """All periods in order."""
        return tuple(PeriodIndex(t, label) for t, label in enumerate(self.calendar.labels))

    @cached_property
    def decisions(self) -> tuple[PeriodIndex, ...]:
        """Periods on whose first day building is decided."""
        return tuple(self.periods[t] for t in self.calendar.decision_periods)

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years of the plan."""
        return self.calendar.years

    @property
    def last(self) -> PeriodIndex:
        """Last period of the plan."""
        return self.periods[-1]

    def start(self, period: int) -> int:
        """First month of a period."""
        return self.calendar.periods[period].start

    def length(self, period: int) -> float:
        """Length of a period [years]."""
        return self.calendar.years_in(period)

    def year(self, period: int) -> int:
        """Calendar year of a period."""
        return self.calendar.year_of(period)

    def of_year(self, year: int) -> tuple[PeriodIndex, ...]:
        """Periods of a calendar year."""
        return tuple(self.periods[t] for t in self.calendar.periods_of_year[year])

    def year_length(self, year: int) -> float:
        """Part of a calendar year that lies within the plan [years]."""
        return sum(self.length(t) for t in self.of_year(year))

    @cached_property
    def discount(self) -> tuple[float, ...]:
        """Present value of one dollar in the middle of each period."""
        origin = self.calendar.start
        return tuple(
            (1 + self.discount_rate) ** (-((span.start + span.end) / 2 - origin) / 12) for span in self.calendar.periods
        )

    @cached_property
    def final_discount(self) -> float:
        """Present value of one dollar at the end of the plan."""
        return float((1 + self.discount_rate) ** (-(self.calendar.end - self.calendar.start) / 12))

    @cached_property
    def year_discount(self) -> dict[int, float]:
        """Present value of one dollar spread evenly over the plan's part of a year."""
        return {
            year: sum(self.discount[t] * self.length(t) for t in self.of_year(year)) / self.year_length(year)
            for year in self.years
        }

    def online_period(self, committed: int, lead_months: int) -> PeriodIndex | None:
        """First period in which a module committed at the start of ``committed`` is on line; None beyond the plan."""
        return self.first_period_from(self.start(committed) + lead_months)

    def first_period_from(self, month: int) -> PeriodIndex | None:
        """First period that starts in ``month`` or later, or None beyond the plan."""
        position = self.calendar.first_period_from(month)
        return self.periods[position] if position < len(self.periods) else None

    def building_dates(self, site: Site) -> tuple[PeriodIndex, ...]:
        """Decision dates on which a module of the site may be committed (SEMANTICS 2.2)."""
        latest_online = self.calendar.end - max(1, self.minimum_operating_months)

        def allowed(decision: PeriodIndex) -> bool:
            online = self.online_period(decision, site.lead_months)
            return (
                self.start(decision) >= site.earliest_start
                and online is not None
                and self.start(online) <= latest_online
            )

        return tuple(decision for decision in self.decisions if allowed(decision))

    def departure(self, chip: Chip, installed: int) -> PeriodIndex | None:
        """First period in which a chip installed in ``installed`` no longer works; None if it outlives the plan."""
        return self.first_period_from(self.start(installed) + chip.life_months)

    def decision_serving(self, period: int) -> PeriodIndex:
        """Last decision date on or before a period."""
        return self.decisions[self.calendar.decision_serving(period)]

    def served_by(self, decision: int) -> tuple[PeriodIndex, ...]:
        """Periods from a decision date to the one before the next."""
        return self._served[decision]

    def served_until(self, decision: int) -> PeriodIndex:
        """Last period before the next decision date."""
        return self._served[decision][-1]

    @cached_property
    def _served(self) -> dict[int, tuple[PeriodIndex, ...]]:
        return {d: tuple(t for t in self.periods if self.decision_serving(t) == d) for d in self.decisions}

    def years_until_end(self, month: int) -> float:
        """Years from a month to the end of the plan."""
        return (self.calendar.end - month) / 12

    def on_sale(self, chip: Chip) -> Iterable[PeriodIndex]:
        """Periods that overlap the chip's time of sale."""
        return (
            t for t in self.periods if self.start(t) < chip.end_of_sale and self.calendar.periods[t].end > chip.release
        )
