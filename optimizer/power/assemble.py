"""The problem of a site from its offers and its weather."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance.schema import Climate, TechnologyKind
from optimizer.power.days import Days
from optimizer.power.profiles import Hours, pue_profile, thermal_output, weather_of
from optimizer.power.site import Needs, SitePowerProblem, Slices, Storage, Supplier
from optimizer.power.technologies import Offer, annuity_factor

#: Series whose worst days are kept: the hottest, and those of least wind, sun, spare power and interruptible grid.
KEEP_HIGHEST = ("pue",)
KEEP_LOWEST = ("wind", "solar", "spare", "interruptible")


@dataclass(frozen=True)
class Terms:
    """What a site is asked to carry, and what money costs.

    Attributes
    ----------
    years
        Discounted years of each period.
    rate
        Yearly cost of capital.
    pue_peak
        PUE in the hottest hour of the year.
    """

    years: Hours
    rate: float
    pue_peak: float


def series_of(climate: Climate, pue_average: float, pue_peak: float, uninterrupted: float = 1.0) -> Mapping[str, Hours]:
    """Hourly series of a year: solar, wind, temperature, pue, spare (sun and wind less need), interruptible.

    Parameters
    ----------
    climate
        Row of `climates`.
    pue_average, pue_peak
        Mean and highest PUE.
    uninterrupted
        Share of the hours in which interruptible grid is there. It is cut in the hottest hours, when others draw most.
    """
    weather = weather_of(climate)
    cut = round((1 - uninterrupted) * len(weather.temperature))
    there = np.ones(len(weather.temperature))
    there[np.argsort(-weather.temperature, kind="stable")[:cut]] = 0.0
    pue = pue_profile(weather.temperature, pue_average, pue_peak)
    return {
        "solar": weather.solar,
        "wind": weather.wind,
        "temperature": weather.temperature,
        "pue": pue,
        "spare": weather.solar + weather.wind - 2 * pue,
        "interruptible": there,
    }


def site_problem(offers: Sequence[Offer], days: Days, terms: Terms) -> SitePowerProblem:
    """Problem of a site without cuts, reserve or other demands; `dataclasses.replace` its `needs` for these."""
    sources = [offer for offer in offers if offer.row.kind is not TechnologyKind.LITHIUM_STORAGE]
    stores = [offer for offer in offers if offer.row.kind is TechnologyKind.LITHIUM_STORAGE]
    needs = Needs(terms.years, days.series["pue"], terms.pue_peak)
    suppliers = tuple(_supplier(offer, days, terms) for offer in sources)
    return SitePowerProblem(Slices(days.hours), needs, suppliers, _storage(stores[0], terms) if stores else None)


def _supplier(offer: Offer, days: Days, terms: Terms) -> Supplier:
    row = offer.row
    factor = annuity_factor(terms.rate, row.life_years)
    return Supplier(
        name=row.technology,
        capital=np.array([factor * cost.capex for cost in offer.costs]),
        fixed=np.array([cost.fixed for cost in offer.costs]),
        energy=np.array([cost.energy for cost in offer.costs]),
        shape=np.ones(len(days.hours)),
        output=_output(offer, days),
        carbon=np.array([cost.carbon for cost in offer.costs]),
        limit_gw=np.array(offer.limit_gw),
        firm_credit=row.firm_credit,
        ramp_per_hour=row.ramp_per_hour,
        is_grid=row.kind.is_grid,
        is_clean=row.clean,
    )


def _output(offer: Offer, days: Days) -> Hours:
    """Most output per capacity: the profile of sun, wind or interruptions, else availability less derating."""
    row = offer.row
    if row.kind is TechnologyKind.GRID_INTERRUPTIBLE:
        return days.series["interruptible"]
    if row.kind.follows_weather:
        profile = days.series["solar" if row.kind is TechnologyKind.SOLAR else "wind"]
        return np.asarray(row.availability * profile, dtype=float)
    heat = thermal_output(days.series["temperature"], row.derating_per_degree, row.derating_above_c)
    return np.asarray(row.availability * heat, dtype=float)


def _storage(offer: Offer, terms: Terms) -> Storage:
    factor = annuity_factor(terms.rate, offer.row.life_years)
    return Storage(
        power_capital=np.array([factor * cost.capex for cost in offer.costs]),
        energy_capital=np.array([factor * cost.energy_capex for cost in offer.costs]),
        fixed=np.array([cost.fixed for cost in offer.costs]),
        energy=np.array([cost.energy for cost in offer.costs]),
        limit_gw=np.array(offer.limit_gw),
        efficiency=offer.row.efficiency,
        firm_credit=offer.row.firm_credit,
    )
