"""The problem of a site from its offers and its weather."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance import Instance
from optimizer.instance.schema import Climate, SitePower, TechnologyKind
from optimizer.power.days import Days
from optimizer.power.own_hours import NO_OWN_HOURS, OwnHours, own_hours_of
from optimizer.power.profiles import Hours, ProfileError, kept_weather, pue_profile, thermal_output
from optimizer.power.site import Needs, SitePowerProblem, Slices, Storage, Supplier
from optimizer.power.store import NoStore, Store
from optimizer.power.technologies import Offer, annuity_factor

#: Series whose worst days are kept: the hottest, those of most load and highest price,
#: and those of least wind, sun, spare power and interruptible grid.
KEEP_HIGHEST = ("pue", "load", "price")
KEEP_LOWEST = ("wind", "solar", "spare", "interruptible")
#: What can fail together: a plan with several of these needs the days on which they are least as a whole.
FAIL_TOGETHER = (("wind", "interruptible"), ("solar", "interruptible"), ("wind", "solar", "interruptible"))


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


def series_of(
    climate: Climate,
    pue_average: float,
    pue_peak: float,
    uninterrupted: float = 1.0,
    own: OwnHours = NO_OWN_HOURS,
    store: Store | None = None,
) -> Mapping[str, Hours]:
    """Hourly series of a year: solar, wind, temperature, pue, spare (sun and wind less need), interruptible.

    Also price and load, where the user gives them.

    Parameters
    ----------
    climate
        Row of `climates`.
    pue_average, pue_peak
        Mean and highest PUE.
    uninterrupted
        Share of the hours in which interruptible grid is there. It is cut in the hottest hours, when others draw most.
    own
        Hours that the user knows; they take the place of drawn ones.
    store
        Keeps drawn weather.
    """
    weather = kept_weather(climate, store or NoStore())
    solar = weather.solar if own.solar is None else own.solar
    wind = weather.wind if own.wind is None else own.wind
    cut = round((1 - uninterrupted) * len(weather.temperature))
    there = np.ones(len(weather.temperature))
    there[np.argsort(-weather.temperature, kind="stable")[:cut]] = 0.0
    pue = pue_profile(weather.temperature, pue_average, pue_peak)
    load = np.ones(len(wind)) if own.load is None else own.load_keeping_energy(pue)
    given = {"price": own.price, "load": None if own.load is None else load}
    return {
        "solar": solar,
        "wind": wind,
        "temperature": weather.temperature,
        "pue": pue,
        "spare": solar + wind - 2 * pue * load,
        "interruptible": there,
        **{name: hours for name, hours in given.items() if hours is not None},
    }


def days_of_least(series: Mapping[str, Hours]) -> list[int]:
    """Days of the year on which interruptible grid and weather give least together; none where grid is always there."""
    if series["interruptible"].min() >= 1:
        return []
    need = series["pue"] * series.get("load", 1.0)
    sums = (np.sum([np.minimum(series[name], need) for name in names], axis=0) for names in FAIL_TOGETHER)
    return list(dict.fromkeys(int(np.argmin(hours.reshape(365, 24).sum(axis=1))) for hours in sums))


@dataclass(frozen=True)
class SiteHours:
    """What the hours of a site depend on, and how many typical days stand for them. Equal ones have equal series."""

    climate: Climate
    pue_average: float
    pue_peak: float
    uninterrupted: float
    load_share: float
    profiles: tuple[str | None, ...]
    typical_days: int
    refined: bool = False

    @classmethod
    def of(cls, instance: Instance, row: SitePower) -> SiteHours:
        """Read them from an instance."""
        site = instance.site_by_id[row.site]
        climate = next(climate for climate in instance.climates if climate.climate == row.climate)
        offered = {limit.technology for limit in instance.technology_limits if limit.site == row.site}
        there = [
            made.availability
            for made in instance.technologies
            if made.technology in offered and made.kind is TechnologyKind.GRID_INTERRUPTIBLE
        ]
        profiles = (row.solar_profile, row.wind_profile, row.price_profile, row.load_profile)
        power = instance.settings.power
        return cls(
            climate,
            site.pue_average,
            site.pue_peak,
            min(there, default=1.0),
            power.average_load_share,
            profiles,
            power.typical_days,
            power.refine_all_days,
        )

    def series(self, instance: Instance, store: Store | None = None) -> Mapping[str, Hours]:
        """Hourly series of the site, with its own hours where it names any; drawn weather may come from a store.

        Raises
        ------
        ProfileError
            If an hour would take more load than is installed.
        """
        own = own_hours_of(instance, self.profiles)
        series = series_of(self.climate, self.pue_average, self.pue_peak, self.uninterrupted, own, store)
        highest = self.load_share * float(max(series.get("load", np.ones(1))))
        if highest > 1:
            message = (
                f"profile '{self.profiles[-1]}' asks for {highest:.3g} times the installed load in its highest hour: "
                f"average_load_share is {self.load_share:g} and the profile peaks at "
                f"{highest / self.load_share:.3g} times its average"
            )
            raise ProfileError(message)
        return series


def site_problem(offers: Sequence[Offer], days: Days, terms: Terms) -> SitePowerProblem:
    """Problem of a site without cuts, reserve or other demands; `dataclasses.replace` its `needs` for these."""
    sources = [offer for offer in offers if offer.row.kind is not TechnologyKind.LITHIUM_STORAGE]
    stores = [offer for offer in offers if offer.row.kind is TechnologyKind.LITHIUM_STORAGE]
    # A load that differs from its average in an hour asks for as much more or less of facility power.
    needs = Needs(terms.years, days.series["pue"] * days.series.get("load", 1.0), terms.pue_peak)
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
        shape=_price_shape(offer, days),
        output=_output(offer, days),
        carbon=np.array([cost.carbon for cost in offer.costs]),
        limit_gw=np.array(offer.limit_gw),
        firm_credit=row.firm_credit,
        ramp_per_hour=row.ramp_per_hour,
        is_grid=row.kind.is_grid,
        is_clean=row.clean,
    )


def _price_shape(offer: Offer, days: Days) -> Hours:
    """Factor on the cost of energy: the user's price for what is bought from the grid, else 1."""
    bought = offer.row.kind in (TechnologyKind.GRID_FIRM, TechnologyKind.GRID_INTERRUPTIBLE)
    flat = np.ones(len(days.hours))
    return days.series.get("price", flat) if bought else flat


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
