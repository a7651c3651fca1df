"""Technologies with their costs, fuels and limits, in internal units, as the dispatch needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from optimizer.instance import Instance
from optimizer.instance.schema import FuelPrice, TechnologyCost, TechnologyKind, TechnologyLimit, TechnologyRow
from optimizer.units import MONTHS_PER_YEAR, busd_per_twh, gw_from_mw

Yearly: TypeAlias = NDArray[np.float64]

__all__ = ["Cost", "Offer", "TechnologyKind", "annuity_factor", "offers_of_site", "physical"]

#: Columns of `technologies` that the dispatch of a year depends on.
PHYSICAL = ("kind", "availability", "ramp_per_hour", "derating_per_degree", "derating_above_c", "clean")


@dataclass(frozen=True, slots=True)
class Cost:
    """Costs of a technology at one date.

    Attributes
    ----------
    capex
        Of capacity [B USD per GW]; of storage, of its power part.
    energy_capex
        Of the energy part of storage [B USD per GWh].
    fixed
        Of holding capacity [B USD per GW and year].
    energy
        Of a TWh delivered, fuel included [B USD per TWh].
    carbon
        Emissions, those of the fuel included [Mt per TWh].
    """

    capex: float
    energy_capex: float
    fixed: float
    energy: float
    carbon: float


@dataclass(frozen=True)
class Offer:
    """A technology at a site.

    Attributes
    ----------
    row
        The technology.
    costs
        Costs at the start of each period.
    limit_gw
        Most capacity in each period; 0 before it can be there.
    """

    row: TechnologyRow
    costs: tuple[Cost, ...]
    limit_gw: tuple[float, ...]


def physical(row: TechnologyRow) -> tuple[object, ...]:
    """What the dispatch of a year depends on; the efficiency of a plant on fuel is a matter of cost."""
    stores = row.kind is TechnologyKind.LITHIUM_STORAGE
    return (row.technology, row.efficiency if stores else 1.0, *(getattr(row, column) for column in PHYSICAL))


def annuity_factor(rate: float, life_years: float) -> float:
    """Yearly payment per unit of capital, at the end of each year of the life.

    Raises
    ------
    ValueError
        If the rate is -100 % or less, or the life not above 0.
    """
    if rate <= -1 or life_years <= 0:
        message = f"no annuity at rate {rate} over {life_years} years"
        raise ValueError(message)
    return 1 / life_years if abs(rate) < 1e-12 else float(rate / -np.expm1(-life_years * np.log1p(rate)))


def offers_of_site(instance: Instance, site: str, starts: Sequence[int]) -> tuple[Offer, ...]:
    """Technologies that may be built at a site, with costs and limits in each period.

    Parameters
    ----------
    instance
        With a row for the site in `site_power`.
    site
        Row of `sites`.
    starts
        First month of each period.

    Raises
    ------
    KeyError
        If the site has no row in `site_power`.
    """
    region = {row.site: row.fuel_region for row in instance.site_power}[site]
    limits: dict[str, list[TechnologyLimit]] = {}
    for limit in instance.technology_limits:
        if limit.site == site:
            limits.setdefault(limit.technology, []).append(limit)
    return tuple(
        _offer(instance, row, limits[row.technology], region, starts)
        for row in instance.technologies
        if row.technology in limits
    )


def _offer(
    instance: Instance, row: TechnologyRow, limits: Sequence[TechnologyLimit], region: str, starts: Sequence[int]
) -> Offer:
    costs = [cost for cost in instance.technology_costs if cost.technology == row.technology]
    fuels = [price for price in instance.fuel_prices if (price.fuel_region, price.fuel) == (region, row.fuel)]
    earliest = instance.calendar.start + row.lead_months
    return Offer(
        row,
        _costs(row, costs, fuels, np.array(starts) / MONTHS_PER_YEAR),
        tuple(_limit(limits, start) if start >= earliest else 0.0 for start in starts),
    )


def _limit(limits: Sequence[TechnologyLimit], month: int) -> float:
    """Latest limit in force at a month [GW]; 0 before the first."""
    held = [(limit.holds_from, limit.cumulative_mw) for limit in limits if limit.holds_from <= month]
    return gw_from_mw(max(held)[1]) if held else 0.0


def _costs(row: TechnologyRow, costs: list[TechnologyCost], fuels: list[FuelPrice], years: Yearly) -> tuple[Cost, ...]:
    """Costs at the beginning of each period."""

    def of_cost(column: str) -> Yearly:
        return _interpolated([(cost.year, getattr(cost, column)) for cost in costs], years)

    def of_fuel(column: str) -> Yearly:
        if not fuels:
            return np.zeros(len(years))
        return _interpolated([(price.year, getattr(price, column)) for price in fuels], years)

    heat = 1.0 if row.kind is TechnologyKind.LITHIUM_STORAGE else 1 / row.efficiency
    columns = (
        of_cost("capex_usd_per_kw") / 1e3,
        of_cost("energy_capex_usd_per_kwh") / 1e3,
        of_cost("fixed_usd_per_kw_year") / 1e3,
        of_cost("variable_usd_per_mwh") + heat * of_fuel("price_usd_per_mwh"),
        row.carbon_t_per_mwh + heat * of_fuel("carbon_t_per_mwh"),
    )
    return tuple(
        Cost(capex, energy_capex, fixed, busd_per_twh(energy), carbon)
        for capex, energy_capex, fixed, energy, carbon in zip(*(column.tolist() for column in columns), strict=True)
    )


def _interpolated(points: list[tuple[int, float]], years: Yearly) -> Yearly:
    """Linear between years, constant outside them. A row holds for the start of its year."""
    ordered = sorted(points)
    return np.asarray(np.interp(years, [at for at, _ in ordered], [value for _, value in ordered]), dtype=float)
