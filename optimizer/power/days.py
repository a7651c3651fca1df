"""Representative days of a year, extreme days kept, with what they get wrong."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from optimizer.power.profiles import HOURS, Hours, ProfileError

Indices: TypeAlias = NDArray[np.intp]


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
    stands
        For each of the 365 days of the year, which of these days stands for it.
    """

    series: Mapping[str, Hours]
    hours: Hours
    errors: tuple[SeriesError, ...]
    stands: Indices

    @property
    def count(self) -> int:
        """Number of days."""
        return len(self.hours) // 24


def all_days(series: Mapping[str, Hours]) -> Days:
    """The year itself: 365 days, no error."""
    errors = tuple(SeriesError(name, 0.0, 0.0, 0.0) for name in series)
    return Days(dict(series), np.ones(HOURS), errors, np.arange(365))


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
    alike: tuple[dict[str, Hours], Indices] = ({}, np.zeros(365, dtype=np.intp))
    typical, stands = _clusters(varying, count, keep_highest, keep_lowest) if varying else alike
    hours = np.repeat(np.bincount(stands).astype(float), 24)
    chosen = {
        name: typical[name] if name in typical else np.full(len(hours), values[0]) for name, values in series.items()
    }
    return Days(chosen, hours, tuple(_error(name, series[name], chosen[name], hours) for name in series), stands)


def chosen_days(series: Mapping[str, Hours], chosen: Sequence[int], stands: Indices) -> Days:
    """Some days of the year as they were, each for all days of its group.

    Parameters
    ----------
    series
        Hours of a year of 365 days.
    chosen
        Day of the year that stands for each group.
    stands
        Group of each day of the year; none is empty.
    """
    hours = np.repeat(np.bincount(stands, minlength=len(chosen)).astype(float), 24)
    kept = {name: values.reshape(365, 24)[list(chosen)].ravel() for name, values in series.items()}
    return Days(kept, hours, tuple(_error(name, series[name], kept[name], hours) for name in series), stands)


def with_days_apart(series: Mapping[str, Hours], days: Days, apart: Sequence[int]) -> Days:
    """Let some days of the year stand for themselves, as they were.

    The day that stood for them changes by what they differed from it, so that means of the year stay as they are, as
    far as no hour leaves the range that the year has.

    Parameters
    ----------
    series
        Hours of a year of 365 days.
    days
        Days that stand for the year.
    apart
        Days of the year; those that are alone in their group already change nothing.
    """
    stands = days.stands.copy()
    kept = {name: list(values.reshape(-1, 24)) for name, values in days.series.items()}
    for day in apart:
        group, weight = stands[day], np.count_nonzero(stands == stands[day])
        if weight == 1:
            continue
        stands[day] = len(np.unique(stands))
        for name, hours_of_days in kept.items():
            itself = series[name].reshape(365, 24)[day]
            left = (weight * hours_of_days[group] - itself) / (weight - 1)
            hours_of_days[group] = np.clip(left, series[name].min(), series[name].max())
            hours_of_days.append(itself)
    hours = np.repeat(np.bincount(stands).astype(float), 24)
    chosen = {name: np.concatenate(hours_of_days) for name, hours_of_days in kept.items()}
    return Days(chosen, hours, tuple(_error(name, series[name], chosen[name], hours) for name in chosen), stands)


def _clusters(
    series: Mapping[str, Hours], count: int, keep_highest: tuple[str, ...], keep_lowest: tuple[str, ...]
) -> tuple[dict[str, Hours], Indices]:
    """Series in the hours of the chosen days, and which of them stands for each day of the year."""
    with warnings.catch_warnings():
        import pandas as pd

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
    stands = np.asarray(aggregation.clusterOrder, dtype=np.intp)
    return {name: np.asarray(table[name], dtype=float) for name in series}, stands


def _error(name: str, year: Hours, days: Hours, hours: Hours) -> SeriesError:
    """Compare by duration curves, in the middle of each hour of the year."""
    order = np.argsort(days, kind="stable")
    ends = np.cumsum(hours[order])
    at = np.searchsorted(ends, np.arange(HOURS) + 0.5).clip(max=len(ends) - 1)
    duration = np.sqrt(np.mean((days[order][at] - np.sort(year)) ** 2))
    mean = float(hours @ days / HOURS - year.mean())
    return SeriesError(name, mean, float(days.max() - year.max()), float(duration))
