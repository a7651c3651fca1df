"""Representative days of a year, extreme days kept, with what they get wrong."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.power.profiles import HOURS, Hours, ProfileError


@dataclass(frozen=True)
class SeriesError:
    """What representative days get wrong about one series.

    Attributes
    ----------
    name
        Series.
    mean, highest
        Mean and highest hour of the days, less those of the year.
    duration
        Root mean square difference of the two duration curves.
    """

    name: str
    mean: float
    highest: float
    duration: float


@dataclass(frozen=True)
class Days:
    """Days that stand for a year.

    Attributes
    ----------
    series
        Each series in the hours of the days, one day after another.
    hours
        Hours of the year for which each of these hours stands; they add up to 8,760.
    errors
        One entry per series.
    """

    series: Mapping[str, Hours]
    hours: Hours
    errors: tuple[SeriesError, ...]

    @property
    def count(self) -> int:
        """Number of days."""
        return len(self.hours) // 24


def all_days(series: Mapping[str, Hours]) -> Days:
    """The year itself: 365 days, no error."""
    errors = tuple(SeriesError(name, 0.0, 0.0, 0.0) for name in series)
    return Days(dict(series), np.ones(HOURS), errors)


def representative_days(
    series: Mapping[str, Hours], count: int, *, keep_highest: tuple[str, ...] = (), keep_lowest: tuple[str, ...] = ()
) -> Days:
    """Typical days by hierarchical clustering (tsam), and the extreme days besides.

    Means of the year are kept by scaling the typical days, extreme days are as they were.

    Parameters
    ----------
    series
        Hours of a year of 365 days, each of 8,760 numbers.
    count
        Typical days.
    keep_highest
        Series of which the day with the highest hour is kept.
    keep_lowest
        Series of which the day with the lowest mean is kept.

    Raises
    ------
    ProfileError
        If a series has another length, or there are fewer days to choose from than asked for.
    """
    if not 1 <= count <= 365 or any(len(values) != HOURS for values in series.values()):
        message = f"{count} days of series of {sorted({len(v) for v in series.values()})} hours"
        raise ProfileError(message)
    if count == 365:
        return all_days(series)
    varying = {name: values for name, values in series.items() if np.ptp(values) > 1e-9}
    typical, days_of = _clusters(varying, count, keep_highest, keep_lowest) if varying else ({}, np.array([365.0]))
    hours = np.repeat(days_of, 24)
    chosen = {
        name: typical[name] if name in typical else np.full(len(hours), values[0]) for name, values in series.items()
    }
    return Days(chosen, hours, tuple(_error(name, series[name], chosen[name], hours) for name in series))


def with_days(days: Days, series: Mapping[str, Hours], extra: Sequence[int]) -> Days:
    """The same days and some days of the year as they were, each for itself; the others stand for that much less."""
    chosen = list(dict.fromkeys(extra))
    rest = days.hours * (1 - len(chosen) / 365)
    hours = np.concatenate([rest, np.ones(24 * len(chosen))])
    added = {
        name: np.concatenate([days.series[name], *(values.reshape(365, 24)[day] for day in chosen)])
        for name, values in series.items()
    }
    return Days(added, hours, tuple(_error(name, series[name], added[name], hours) for name in series))


def _clusters(
    series: Mapping[str, Hours], count: int, keep_highest: tuple[str, ...], keep_lowest: tuple[str, ...]
) -> tuple[dict[str, Hours], Hours]:
    """Series in the hours of the chosen days, and the days of the year for which each stands."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tsam 2 sets options and calls functions that pandas 3 has given up
        from tsam.timeseriesaggregation import TimeSeriesAggregation

        frame = pd.DataFrame(series, index=pd.date_range("2027-01-01", periods=HOURS, freq="h"))
        aggregation = TimeSeriesAggregation(
            frame,
            noTypicalPeriods=count,
            hoursPerPeriod=24,
            clusterMethod="hierarchical",
            extremePeriodMethod="append",
            addPeakMax=[name for name in keep_highest if name in series],
            addMeanMin=[name for name in keep_lowest if name in series],
        )
        table = aggregation.createTypicalPeriods()
    occurrences = aggregation.clusterPeriodNoOccur
    days_of = np.array([occurrences[day] for day in range(len(table) // 24)], dtype=float)
    return {name: np.asarray(table[name], dtype=float) for name in series}, days_of


def _error(name: str, year: Hours, days: Hours, hours: Hours) -> SeriesError:
    """Compare by duration curves, in the middle of each hour of the year."""
    order = np.argsort(days, kind="stable")
    ends = np.cumsum(hours[order])
    at = np.searchsorted(ends, np.arange(HOURS) + 0.5).clip(max=len(ends) - 1)
    duration = np.sqrt(np.mean((days[order][at] - np.sort(year)) ** 2))
    mean = float(hours @ days / HOURS - year.mean())
    return SeriesError(name, mean, float(days.max() - year.max()), float(duration))
