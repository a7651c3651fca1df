"""Chips by kind and year: what arrives, and what is at work at the end of each year (SEMANTICS 3.2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from maps.view.model import Yearly
from optimizer.instance.calendar import Calendar
from optimizer.plan.tables import ChipInstallation


def installed_by_year(rows: Iterable[ChipInstallation], calendar: Calendar) -> Yearly:
    """Million chips that arrive in each year of the plan."""
    arrived = dict.fromkeys(calendar.years, 0.0)
    for row in rows:
        arrived[int(row.period[:4])] += row.installed_million
    return tuple(arrived.values())


def working_by_year(rows: Sequence[ChipInstallation], life_months: int, calendar: Calendar) -> Yearly:
    """Million chips at work in the last period of each year, for one kind of chip at one site.

    Parameters
    ----------
    rows
        Installations and early retirements of that chip at that site.
    life_months
        A chip leaves at the first period that starts this long after the start of its period of installation.
        Early retirement takes the oldest first.
    """
    row_of = {calendar.index_of_label[row.period]: row for row in rows}
    cohorts: deque[list[float]] = deque()  # [first month out of work, million chips], oldest first
    at_end = dict.fromkeys(calendar.years, 0.0)
    for t in calendar:
        start = calendar.periods[t].start
        while cohorts and cohorts[0][0] <= start:
            cohorts.popleft()
        row = row_of.get(t)
        if row is not None:
            _retire_oldest(cohorts, row.retired_early_million)
            if row.installed_million > 0:
                cohorts.append([start + life_months, row.installed_million])
        at_end[calendar.year_of(t)] = sum(million for _, million in cohorts)
    return tuple(at_end.values())


def _retire_oldest(cohorts: deque[list[float]], million: float) -> None:
    left = million
    while cohorts and left > 0:
        taken = min(left, cohorts[0][1])
        cohorts[0][1] -= taken
        left -= taken
        if cohorts[0][1] <= 0:
            cohorts.popleft()
