"""Representative days stand for the whole year, keep its means and its worst hours, and say what they get wrong."""

import numpy as np
import pytest

from optimizer.power.days import all_days, representative_days
from optimizer.power.profiles import HOURS, ProfileError, weather_of
from tests import instances as make


def year():
    weather = weather_of(make.climate())
    return {"solar": weather.solar, "wind": weather.wind, "temperature": weather.temperature, "flat": np.ones(HOURS)}


@pytest.mark.parametrize("count", [1, 4, 12])
def test_days_stand_for_the_year(count):
    series = year()
    days = representative_days(series, count, keep_highest=("temperature",), keep_lowest=("wind", "solar"))
    assert days.hours.sum() == pytest.approx(HOURS, abs=1e-9)
    assert count < days.count <= count + 3
    assert all(len(values) == 24 * days.count for values in days.series.values())
    for error in days.errors:
        assert error.mean == pytest.approx(days.hours @ days.series[error.name] / HOURS - series[error.name].mean())
    assert (days.series["flat"] == 1).all()


def test_extreme_days_are_kept_as_they_were():
    series = year()
    days = representative_days(series, 4, keep_highest=("temperature",), keep_lowest=("wind",))
    assert days.series["temperature"].max() == pytest.approx(series["temperature"].max(), abs=1e-9)
    lowest = series["wind"].reshape(365, 24).mean(axis=1).min()
    assert days.series["wind"].reshape(-1, 24).mean(axis=1).min() == pytest.approx(lowest, abs=1e-9)
    errors = {error.name: error for error in days.errors}
    assert errors["temperature"].highest == pytest.approx(0, abs=1e-9)
    without = {error.name: error for error in representative_days(series, 4).errors}
    assert without["temperature"].highest < -0.5


def test_means_are_kept_and_more_days_are_closer():
    series = year()
    few, many = ({error.name: error for error in representative_days(series, count).errors} for count in (2, 24))
    for name in ("solar", "wind"):
        assert abs(many[name].mean) < 0.01
        assert many[name].duration < few[name].duration


def test_the_year_itself():
    series = year()
    days = all_days(series)
    assert days.count == 365
    assert np.array_equal(days.series["wind"], series["wind"])
    assert representative_days(series, 365).errors == days.errors
    assert all(error.duration == 0 for error in days.errors)


def test_a_year_of_another_length():
    with pytest.raises(ProfileError, match=r"\[10\] hours"):
        representative_days({"wind": np.ones(10)}, 4)
