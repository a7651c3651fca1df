"""Hourly profiles of a year: sun, wind, temperature, and what follows from temperature."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from itertools import accumulate
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from optimizer.instance.schema import Climate
from optimizer.power.store import Store, content_key, versions

Hours: TypeAlias = NDArray[np.float64]

HOURS: Final = 8760
#: Correlation of wind from hour to hour, and of cloud and temperature from day to day.
WIND_MEMORY: Final = 0.97
DAY_MEMORY: Final = 0.6
#: Changes whenever the same climate gives another weather.
WEATHER_VERSION: Final = "weather 1"


class ProfileError(ValueError):
    """A profile that cannot be made, or a file of one that cannot be used."""


@dataclass(frozen=True)
class Weather:
    """Weather of a year.

    Attributes
    ----------
    solar, wind
        Output as share of capacity, in each hour.
    temperature
        Air temperature in each hour [Celsius].
    """

    solar: Hours
    wind: Hours
    temperature: Hours


def weather_of(climate: Climate) -> Weather:
    """Weather that has the means of a climate; the same for the same row, seed included.

    Raises
    ------
    ProfileError
        If a capacity factor cannot be reached where the climate lies.
    """
    return Weather(solar_profile(climate), wind_profile(climate), temperature_profile(climate))


def kept_weather(climate: Climate, store: Store) -> Weather:
    """Weather of a climate, from the store if it has it.

    Raises
    ------
    ProfileError
        If a capacity factor cannot be reached where the climate lies.
    """
    made_from = [(column, value) for column, value in climate if column not in ("climate", "source")]
    key = content_key(WEATHER_VERSION, [versions("numpy", "pvlib", "scipy"), made_from])
    kept = store.get(key)
    names = [field.name for field in fields(Weather)]
    if kept is not None and all(name in kept and kept[name].shape == (HOURS,) for name in names):
        return Weather(**{name: kept[name] for name in names})
    weather = weather_of(climate)
    store.put(key, {name: getattr(weather, name) for name in names})
    return weather


def solar_profile(climate: Climate, monthly: tuple[float, ...] | None = None) -> Hours:
    """Output of solar that tracks the sun on one axis, as share of its capacity.

    Clear sky of the place (pvlib, simplified Solis) under a cloud drawn for each day, scaled and cut off at full
    output such that the mean is exactly that of the climate.

    Parameters
    ----------
    climate
        Place, capacity factor and seed.
    monthly
        Capacity factor of each month, instead of one for the year.

    Raises
    ------
    ProfileError
        If a capacity factor cannot be reached.
    """
    days = _memory(np.random.default_rng([climate.seed, 1]), 365, DAY_MEMORY)
    clouded = _clear_sky(climate) * np.repeat(0.35 + 0.65 / (1 + np.exp(-1.5 * days - 0.8)), 24)
    if monthly is None:
        return scaled_to_mean(clouded, climate.solar_capacity_factor)
    if len(monthly) != 12:
        message = f"12 monthly capacity factors are needed, not {len(monthly)}"
        raise ProfileError(message)
    return np.concatenate([scaled_to_mean(part, mean) for part, mean in zip(_months(clouded), monthly, strict=True)])


def _clear_sky(climate: Climate) -> Hours:
    """Clear-sky irradiance on a one-axis tracker, by hour of a year of 365 days in UTC [W per m2]."""
    import pandas as pd
    import pvlib

    times = pd.date_range("2027-01-01 00:30", periods=HOURS, freq="h", tz="UTC")
    sun = pvlib.solarposition.get_solarposition(times, climate.latitude, climate.longitude, climate.elevation)
    pressure = pvlib.atmosphere.alt2pres(climate.elevation)
    sky = pvlib.clearsky.simplified_solis(sun["apparent_elevation"], pressure=pressure)
    axis = pvlib.tracking.singleaxis(sun["apparent_zenith"], sun["azimuth"])
    plane = pvlib.irradiance.get_total_irradiance(
        axis["surface_tilt"].fillna(0),
        axis["surface_azimuth"].fillna(180),
        sun["apparent_zenith"],
        sun["azimuth"],
        sky["dni"],
        sky["ghi"],
        sky["dhi"],
    )
    return np.asarray(np.nan_to_num(plane["poa_global"].to_numpy(dtype=float)).clip(min=0), dtype=float)


def _months(hours: Hours) -> list[Hours]:
    ends = np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])
    return np.split(hours, ends * 24)


def wind_profile(climate: Climate) -> Hours:
    """Output of wind as share of its capacity: a seeded process through a logistic that has the climate's mean."""
    mean = climate.wind_capacity_factor
    if mean == 0:
        return np.zeros(HOURS)
    from scipy.optimize import brentq

    process = 1.8 * _memory(np.random.default_rng([climate.seed, 2]), HOURS, WIND_MEMORY)

    def output(shift: float) -> Hours:
        return 1 / (1 + np.exp(-(process + shift)))

    shift = brentq(lambda at: float(output(at).mean()) - mean, -60, 60, xtol=1e-14, rtol=1e-14)
    return output(shift)


def temperature_profile(climate: Climate) -> Hours:
    """Air temperature [Celsius]: seasons, days and a seeded disturbance; mean and hottest hour are the climate's.

    Raises
    ------
    ProfileError
        If the hottest hour is not hotter than the mean.
    """
    if climate.design_c <= climate.mean_c:
        message = f"climate '{climate.climate}': design_c {climate.design_c} must be above mean_c {climate.mean_c}"
        raise ProfileError(message)
    hour = np.arange(HOURS)
    season = np.cos(2 * np.pi * (hour / 24 - 200) / 365) * (1 if climate.latitude >= 0 else -1)
    tropical = min(1.0, abs(climate.latitude) / 30)
    day = np.cos(2 * np.pi * (hour + climate.longitude / 15 - 15) / 24)
    drift = np.repeat(_memory(np.random.default_rng([climate.seed, 3]), 365, DAY_MEMORY), 24)
    return climate.mean_c + (climate.design_c - climate.mean_c) * _unit(tropical * season + 0.5 * day + 0.25 * drift)


def pue_profile(temperature: Hours, average: float, peak: float) -> Hours:
    """PUE of each hour: rises with temperature, has the given mean and, in the hottest hour, the given peak.

    Affine in temperature if that nowhere falls below 1, else convex: as convex as it must be.

    Raises
    ------
    ProfileError
        If average and peak go with no PUE of at least 1.
    """
    if not 1 <= average <= peak or (average == 1 < peak):
        message = f"no PUE of at least 1 has the average {average} and the peak {peak}"
        raise ProfileError(message)
    heat = _unit(temperature)
    for bend in (0.0, *2.0 ** np.arange(8)):
        shape = heat if bend == 0 else _unit(np.exp(bend * (heat - 1)))
        pue = average + (peak - average) * shape
        if pue.min() >= 1:
            return pue
    message = f"no PUE of at least 1 has the average {average} and the peak {peak} in this weather"
    raise ProfileError(message)


def thermal_output(temperature: Hours, per_degree: float, above: float) -> Hours:
    """Share of its capacity that a plant can give in each hour, less in heat."""
    return np.asarray(np.clip(1 - per_degree * np.maximum(0, temperature - above), 0, 1), dtype=float)


def scaled_to_mean(shape: Hours, mean: float) -> Hours:
    """The shape times a factor, cut off at 1, with exactly this mean (within rounding).

    Raises
    ------
    ProfileError
        If even full output in all hours in which there is any has a lower mean.
    """
    if mean == 0:
        return np.zeros_like(shape)
    reachable = float(np.mean(shape > 0))
    if mean >= reachable:
        message = f"a mean of {mean:g} cannot be reached: there is output in {reachable:.0%} of the hours only"
        raise ProfileError(message)
    from scipy.optimize import brentq

    unit = shape / shape.max()
    highest = 1.0
    while np.minimum(1, highest * unit).mean() < mean:
        highest *= 2
    factor = brentq(lambda f: float(np.minimum(1, f * unit).mean()) - mean, 0, highest, xtol=1e-15, rtol=1e-14)
    return np.asarray(np.minimum(1, factor * unit), dtype=float)


def read_hourly(path: Path, column: str, *, lowest: float = 0, highest: float = 1) -> Hours:
    """A column of 8,760 numbers of a CSV file with a header.

    Raises
    ------
    ProfileError
        With file and line, if the column is missing, has another length, or holds anything but numbers in range.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if column not in (reader.fieldnames or ()):
            message = f"{path.name}:1: there is no column '{column}'"
            raise ProfileError(message)
        values = [_number(row[column], path, reader.line_num, column, (lowest, highest)) for row in reader]
    if len(values) != HOURS:
        message = f"{path.name}: '{column}' has {len(values)} hours instead of {HOURS}"
        raise ProfileError(message)
    return np.array(values)


def _number(text: str | None, path: Path, line: int, column: str, allowed: tuple[float, float]) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = np.nan
    if not allowed[0] <= value <= allowed[1]:
        message = f"{path.name}:{line}: '{column}' is '{text}', not a number from {allowed[0]:g} to {allowed[1]:g}"
        raise ProfileError(message)
    return value


def _memory(generator: np.random.Generator, length: int, memory: float) -> Hours:
    """Standard normal numbers, each correlated with the one before."""
    shocks = generator.standard_normal(length)
    shocks[1:] *= np.sqrt(1 - memory**2)
    # As `scipy.signal.lfilter` has it, to the last digit: only loading that takes longer than all profiles together.
    return np.array(list(accumulate(shocks.tolist(), lambda before, shock: memory * before + shock)))


def _unit(values: Hours) -> Hours:
    """Shifted and scaled to mean 0 and maximum 1."""
    centred = values - values.mean()
    return np.asarray(centred / centred.max(), dtype=float)
