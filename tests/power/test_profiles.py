"""Profiles have the means they were given, are the same again, and files of them are refused with the line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.power.profiles import (
    HOURS,
    ProfileError,
    kept_weather,
    pue_profile,
    read_hourly,
    scaled_to_mean,
    solar_profile,
    temperature_profile,
    thermal_output,
    weather_of,
    wind_profile,
)
from tests import instances as make

CLIMATES = [
    make.climate("desert", latitude=25, longitude=55, mean_c=28, design_c=47),
    make.climate("north", latitude=65, longitude=22, solar_capacity_factor=0.1, mean_c=2, design_c=26),
    make.climate("south", latitude=-33, longitude=151, wind_capacity_factor=0.3),
]


@pytest.mark.parametrize("climate", CLIMATES, ids=lambda c: c.climate)
def test_means_are_those_of_the_climate(climate):
    weather = weather_of(climate)
    assert weather.solar.shape == weather.wind.shape == weather.temperature.shape == (HOURS,)
    assert weather.solar.mean() == pytest.approx(climate.solar_capacity_factor, abs=1e-9)
    assert weather.wind.mean() == pytest.approx(climate.wind_capacity_factor, abs=1e-9)
    assert weather.temperature.mean() == pytest.approx(climate.mean_c, abs=1e-9)
    assert weather.temperature.max() == pytest.approx(climate.design_c, abs=1e-9)
    for share in (weather.solar, weather.wind):
        assert share.min() >= 0
        assert share.max() <= 1


def test_same_seed_same_weather():
    first, again = (weather_of(make.climate(seed=7)) for _ in range(2))
    other = weather_of(make.climate(seed=8))
    for name in ("solar", "wind", "temperature"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))


class Kept(dict):
    """A store in memory, with the keys asked for."""

    def put(self, key, arrays):
        self[key] = arrays


def test_weather_is_kept_by_what_it_is_made_from():
    climate, store = make.climate("here", seed=7), Kept()
    first = kept_weather(climate, store)
    (key,) = store
    store[key] = {**store[key], "wind": np.full(HOURS, 0.25)}
    assert (kept_weather(make.climate("there", seed=7), store).wind == 0.25).all()
    assert np.array_equal(kept_weather(climate, store).solar, first.solar)
    assert not np.array_equal(kept_weather(make.climate(seed=8), store).solar, first.solar)
    assert len(store) == 2
    store[key] = {"wind": np.zeros(3)}
    assert np.array_equal(kept_weather(climate, store).wind, weather_of(climate).wind)


def test_the_sun_is_where_it_is():
    """No sun at night; noon is at 12 h local, summer in June in the north and in December in the south."""
    desert, _, south = (solar_profile(climate).reshape(365, 24) for climate in CLIMATES)
    by_hour = desert.mean(axis=0)
    local = (np.arange(24) + 0.5 + 55 / 15) % 24
    assert by_hour[(local < 4) | (local > 20)].max() == 0
    assert np.average(local, weights=by_hour) == pytest.approx(12, abs=0.5)
    assert south[-31:].mean() > south[151:181].mean()
    assert (
        temperature_profile(CLIMATES[2])[: 31 * 24].mean() > temperature_profile(CLIMATES[2])[181 * 24 :][:744].mean()
    )


def test_monthly_capacity_factors():
    monthly = tuple(np.linspace(0.1, 0.21, 12))
    profile = solar_profile(CLIMATES[0], monthly)
    assert profile[: 31 * 24].mean() == pytest.approx(0.1, abs=1e-9)
    assert profile[-31 * 24 :].mean() == pytest.approx(0.21, abs=1e-9)


def test_sun_that_cannot_be():
    with pytest.raises(ProfileError, match="cannot be reached"):
        scaled_to_mean(np.array([0.0, 1.0, 0.0, 0.0]), 0.25)
    with pytest.raises(ProfileError, match="above mean_c"):
        temperature_profile(make.climate(mean_c=20, design_c=20))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=30), st.floats(0.001, 0.99))
def test_scaling_hits_any_mean(shape, mean):
    scaled = scaled_to_mean(np.array(shape), mean)
    assert scaled.mean() == pytest.approx(mean, abs=1e-9)
    order = np.argsort(shape)
    assert (np.diff(scaled[order]) >= 0).all()


@settings(max_examples=10, deadline=None)
@given(st.floats(0.001, 0.85), st.integers(0, 1000))
def test_wind_hits_any_mean(mean, seed):
    assert wind_profile(make.climate(wind_capacity_factor=mean, seed=seed)).mean() == pytest.approx(mean, abs=1e-9)


@pytest.mark.parametrize(("average", "peak"), [(1.2, 1.35), (1.05, 1.4), (1.1, 1.1), (1, 1)])
def test_pue_has_its_average_and_its_peak(average, peak):
    temperature = temperature_profile(CLIMATES[0])
    pue = pue_profile(temperature, average, peak)
    assert pue.mean() == pytest.approx(average, abs=1e-9)
    assert pue.max() == pytest.approx(peak, abs=1e-9)
    assert pue.min() >= 1
    assert (np.diff(pue[np.argsort(temperature)]) >= -1e-12).all()


def test_no_pue_below_one():
    with pytest.raises(ProfileError, match="no PUE"):
        pue_profile(np.arange(10.0), 1, 1.2)
    with pytest.raises(ProfileError, match="no PUE"):
        pue_profile(np.arange(10.0), 1.3, 1.2)


def test_heat_takes_output():
    assert thermal_output(np.array([10.0, 15, 35, 500]), 0.007, 15) == pytest.approx([1, 1, 0.86, 0])


def write(path, values):
    path.write_text("hour,solar\n" + "".join(f"{hour},{value}\n" for hour, value in enumerate(values)))
    return path


def test_own_profile(tmp_path):
    values = np.linspace(0, 1, HOURS)
    assert np.array_equal(read_hourly(write(tmp_path / "own.csv", values), "solar"), values)


@pytest.mark.parametrize("bad", ["nan", "", "1.5", "-0.1", "x", "inf"])
def test_own_profile_with_a_bad_cell(tmp_path, bad):
    values = ["0.5"] * HOURS
    values[41] = bad
    with pytest.raises(ProfileError, match=r"own\.csv:43: 'solar' is"):
        read_hourly(write(tmp_path / "own.csv", values), "solar")


def test_own_profile_of_another_length_or_name(tmp_path):
    path = write(tmp_path / "own.csv", ["0.5"] * 8784)
    with pytest.raises(ProfileError, match="8784 hours instead of 8760"):
        read_hourly(path, "solar")
    with pytest.raises(ProfileError, match="no column 'wind'"):
        read_hourly(path, "wind")
