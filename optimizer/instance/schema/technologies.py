"""Computed power: technologies, their costs and fuels, climates, and what each site may build (SEMANTICS 12)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from optimizer.instance.schema.base import Finite, Identifier, Month, NonNegative, Positive, Row, Share, Source, Year

Proper = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class TechnologyKind(StrEnum):
    """How a technology supplies power."""

    GRID_FIRM = "grid_firm"
    GRID_INTERRUPTIBLE = "grid_interruptible"
    OPEN_CYCLE_GAS = "open_cycle_gas"
    COMBINED_CYCLE_GAS = "combined_cycle_gas"
    GAS_ENGINE = "gas_engine"
    FUEL_CELL = "fuel_cell"
    SOLAR = "solar"
    ONSHORE_WIND = "onshore_wind"
    LITHIUM_STORAGE = "lithium_storage"
    NUCLEAR_LARGE = "nuclear_large"
    NUCLEAR_SMALL = "nuclear_small"
    GEOTHERMAL = "geothermal"
    HYDRO_CONTRACT = "hydro_contract"

    @property
    def is_grid(self) -> bool:
        """Whether it is taken from the grid through a connection."""
        return self in (self.GRID_FIRM, self.GRID_INTERRUPTIBLE, self.HYDRO_CONTRACT)

    @property
    def follows_weather(self) -> bool:
        """Whether its output is bounded by an hourly profile of sun or wind."""
        return self in (self.SOLAR, self.ONSHORE_WIND)


class TechnologyRow(Row):
    """A way to make or store power that sites may build."""

    table: ClassVar = "technologies"
    key: ClassVar = ("technology",)

    technology: Identifier = Field(description="name, e.g. ccgt")
    kind: TechnologyKind = Field(description="how it supplies power")
    fuel: Identifier | None = Field(default=None, description="fuel of fuel_prices.csv; none burns or buys nothing")
    efficiency: Proper = Field(
        default=1, description="electricity per heat of the fuel (lower heating value); storage: round trip"
    )
    carbon_t_per_mwh: NonNegative = Field(default=0, description="emissions per MWh besides those of the fuel")
    water_m3_per_mwh: NonNegative = Field(default=0, description="water per MWh delivered")
    lead_months: NonNegative = Field(description="months from order to first power")
    life_years: Positive = Field(description="economic life")
    availability: Proper = Field(default=1, description="share of the capacity that runs in an hour, outages off")
    firm_credit: Share = Field(description="share of the capacity that counts on the worst hour")
    ramp_per_hour: Proper = Field(default=1, description="most change of output in an hour, as share of the capacity")
    derating_per_degree: NonNegative = Field(
        default=0, lt=0.1, description="share of the capacity lost per degree Celsius above the reference"
    )
    derating_above_c: Finite = Field(default=15, description="reference air temperature of the derating, in Celsius")
    unit_mw: NonNegative = Field(default=0, description="size of one machine, for N+1 of sites without grid")
    clean: bool = Field(default=False, description="whether its energy counts as clean")
    resource: Identifier | None = Field(default=None, description="long-lead item of slots.csv that it takes")
    slots_mw_per_mw: Positive = Field(default=1, description="MW of the item per MW of capacity")
    source: Source


class TechnologyCost(Row):
    """What a technology costs if it is built from a year on."""

    table: ClassVar = "technology_costs"
    key: ClassVar = ("technology", "year")

    technology: Identifier = Field(description="row of technologies.csv")
    year: Year = Field(description="between rows costs are interpolated, outside them constant")
    capex_usd_per_kw: NonNegative = Field(description="cost of capacity; storage: of the power part")
    energy_capex_usd_per_kwh: NonNegative = Field(default=0, description="storage: cost of the energy part")
    fixed_usd_per_kw_year: NonNegative = Field(default=0, description="capacity charges and fixed O&M")
    variable_usd_per_mwh: NonNegative = Field(default=0, description="O&M or contract price per MWh, fuel not included")
    source: Source


class FuelPrice(Row):
    """Price and carbon of a fuel, or of energy from the grid, in a region."""

    table: ClassVar = "fuel_prices"
    key: ClassVar = ("fuel_region", "fuel", "year")

    fuel_region: Identifier = Field(description="name of the region")
    fuel: Identifier = Field(description="e.g. gas, uranium, grid")
    year: Year = Field(description="between rows prices are interpolated, outside them constant")
    price_usd_per_mwh: NonNegative = Field(description="per MWh of heat (lower heating value), or of electricity")
    carbon_t_per_mwh: NonNegative = Field(default=0, description="emissions per MWh of heat, or of electricity")
    source: Source


class Climate(Row):
    """Weather of a region, from which hourly profiles are made."""

    table: ClassVar = "climates"
    key: ClassVar = ("climate",)

    climate: Identifier = Field(description="name of the climate")
    latitude: float = Field(ge=-90, le=90, description="degrees north")
    longitude: float = Field(ge=-180, le=180, description="degrees east")
    elevation: Finite = Field(default=0, description="metres above the sea")
    solar_capacity_factor: float = Field(ge=0, lt=0.6, description="mean output of solar, share of its capacity")
    wind_capacity_factor: float = Field(ge=0, lt=0.9, description="mean output of wind, share of its capacity")
    mean_c: Finite = Field(description="mean air temperature of the year, in Celsius")
    design_c: Finite = Field(description="air temperature of the hottest hour, in Celsius")
    seed: int = Field(default=1, ge=0, description="seed of the weather that is drawn")
    source: Source


class SitePower(Row):
    """Climate and fuel prices of a site. A site with a row has its power computed."""

    table: ClassVar = "site_power"
    key: ClassVar = ("site",)

    site: Identifier = Field(description="row of sites.csv")
    climate: Identifier = Field(description="row of climates.csv")
    fuel_region: Identifier = Field(description="region of fuel_prices.csv")
    solar_profile: Identifier | None = Field(default=None, description="own hours of sun; none: drawn from the climate")
    wind_profile: Identifier | None = Field(default=None, description="own hours of wind; none: drawn from the climate")
    price_profile: Identifier | None = Field(default=None, description="own hours of the grid price; none: flat")
    load_profile: Identifier | None = Field(default=None, description="own hours of the IT load; none: flat")
    source: Source


#: Columns of `site_power` that name profiles of shares from 0 to 1.
SHARE_PROFILES = ("solar_profile", "wind_profile", "load_profile")


class TechnologyLimit(Row):
    """Capacity of a technology that a site may have from a month on. No row: not offered at the site."""

    table: ClassVar = "technology_limits"
    key: ClassVar = ("site", "technology", "available_from")

    site: Identifier = Field(description="row of site_power.csv")
    technology: Identifier = Field(description="row of technologies.csv")
    available_from: Month = Field(description="month from which the limit holds, until the next row")
    cumulative_mw: NonNegative = Field(description="most capacity in all; storage: of its power part")
    delay_months: int = Field(
        default=0, ge=-240, le=240, description="months by which it holds later than available_from, for scenarios"
    )
    source: Source

    @property
    def holds_from(self) -> int:
        """Month from which the limit holds, delay included."""
        return self.available_from + self.delay_months


class PortfolioPart(Row):
    """What a computed power option is made of (`optimizer.power.portfolios`)."""

    table: ClassVar = "portfolio_parts"
    key: ClassVar = ("site", "option", "technology")

    site: Identifier = Field(description="row of site_power.csv")
    option: Identifier = Field(description="option of that site in power_options.csv")
    technology: Identifier = Field(description="row of technologies.csv")
    mw_per_mw: NonNegative = Field(description="capacity per MW of the option; storage: of its power part")
    storage_mwh_per_mw: NonNegative = Field(default=0, description="energy part of storage per MW of the option")
    mwh_per_mwh: NonNegative = Field(description="energy of the technology per MWh that the option delivers")
    price_factor: NonNegative = Field(
        default=1, description="mean of price_profile over the hours in which the option buys from the grid"
    )
    source: Source


class OptionYear(Row):
    """What a computed power option costs, emits and counts for in a year, instead of what power_options.csv says."""

    table: ClassVar = "option_years"
    key: ClassVar = ("site", "option", "year")

    site: Identifier = Field(description="row of site_power.csv")
    option: Identifier = Field(description="option of that site in power_options.csv")
    year: Year = Field(description="calendar year")
    capex_usd_per_kw: NonNegative = Field(description="paid when capacity is added in this year")
    fixed_usd_per_kw_year: NonNegative = Field(description="capacity charges and fixed O&M")
    energy_usd_per_mwh: NonNegative = Field(description="energy, fuel and variable O&M per MWh delivered")
    carbon_t_per_mwh: NonNegative = Field(description="emissions per MWh delivered")
    firm_credit: Share = Field(description="share of the capacity that counts on the worst hour")
    source: Source


class DispatchMode(Row):
    """A way to run the technologies of a site over a year, hour by hour: what it needs per TWh of load in a year."""

    table: ClassVar = "dispatch_modes"
    key: ClassVar = ("site", "mode", "technology")

    site: Identifier = Field(description="row of site_power.csv")
    mode: Identifier = Field(description="name within the site")
    technology: Identifier = Field(description="row of technologies.csv")
    mw_per_twh: NonNegative = Field(description="capacity needed; storage: of its power part")
    storage_mwh_per_twh: NonNegative = Field(default=0, description="energy part of storage needed")
    mwh_per_mwh: NonNegative = Field(description="energy of the technology per MWh of load; storage: given back")
    price_factor: NonNegative = Field(
        default=1, description="price of its energy over the mean price, where the price has hours of its own"
    )
    source: Source

    @property
    def gw_per_twh(self) -> float:
        """Capacity needed [GW per TWh of load in a year]."""
        return self.mw_per_twh / 1e3

    @property
    def storage_gwh_per_twh(self) -> float:
        """Energy part of storage needed [GWh per TWh of load in a year]."""
        return self.storage_mwh_per_twh / 1e3
