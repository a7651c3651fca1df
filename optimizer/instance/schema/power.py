"""Power: what can feed a site, from when, at what cost, and what it takes from shared scarcity."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from optimizer.instance.schema.base import (
    Identifier,
    Iso3,
    Month,
    NonNegative,
    Positive,
    Row,
    Share,
    Source,
    Year,
)


class PowerKind(StrEnum):
    """What feeds a site."""

    GRID_FIRM = "grid_firm"
    GRID_INTERRUPTIBLE = "grid_interruptible"
    GAS_TURBINE = "gas_turbine"
    GAS_ENGINE = "gas_engine"
    FUEL_CELL = "fuel_cell"
    RENEWABLES_STORAGE = "renewables_storage"
    NUCLEAR = "nuclear"
    GEOTHERMAL = "geothermal"
    HYDRO = "hydro"

    @property
    def uses_grid_headroom(self) -> bool:
        """Whether its capacity counts against the headroom of the grid region."""
        return self in (PowerKind.GRID_FIRM, PowerKind.GRID_INTERRUPTIBLE, PowerKind.HYDRO)


class PowerOption(Row):
    """A supply portfolio offered to one site, per kW of facility load it can carry."""

    table: ClassVar = "power_options"
    key: ClassVar = ("site", "option")
    required_table: ClassVar = True

    site: Identifier = Field(description="row of sites.csv")
    option: Identifier = Field(description="name within the site, e.g. grid_firm")
    kind: PowerKind = Field(description="what feeds the site")
    available_from: Month = Field(description="first month in which it can carry load")
    max_mw: NonNegative = Field(description="most facility power it can carry at this site")
    capex_usd_per_kw: NonNegative = Field(description="connection or plant, paid when the capacity is added")
    fixed_usd_per_kw_year: NonNegative = Field(description="capacity charges and fixed O&M")
    energy_usd_per_mwh: NonNegative = Field(description="energy, fuel and variable O&M per MWh delivered")
    carbon_t_per_mwh: NonNegative = Field(description="emissions per MWh delivered")
    firm_credit: Share = Field(description="share of the capacity that counts on the worst hour")
    energy_availability: float = Field(gt=0, le=1, description="most of the year's hours it can deliver energy for")
    life_years: Positive = Field(default=20, description="economic life, for the value left at the end of the plan")
    water_m3_per_mwh: NonNegative = Field(default=0, description="water per MWh delivered, besides cooling")
    beside_computed: bool = Field(
        default=False, description="stays where the power of the site is computed, e.g. what is contracted already"
    )
    source: Source

    @property
    def least_share(self) -> float:
        """Share of the capacity that counts where least of it does, on the worst hour or over the year."""
        return min(share for share in (self.firm_credit, self.energy_availability) if share > 0)

    @property
    def capex_busd_per_gw(self) -> float:
        """Cost of adding capacity [B USD per GW of facility power]."""
        return self.capex_usd_per_kw / 1e3

    @property
    def fixed_busd_per_gw_year(self) -> float:
        """Yearly cost of holding capacity [B USD per GW and year]."""
        return self.fixed_usd_per_kw_year / 1e3

    @property
    def energy_busd_per_twh(self) -> float:
        """Cost of energy [B USD per TWh]."""
        return self.energy_usd_per_mwh / 1e3


class GridStep(Row):
    """A later, larger limit of a power option: by this month it can carry so much in all."""

    table: ClassVar = "grid_steps"
    key: ClassVar = ("site", "option", "available_from")

    site: Identifier = Field(description="row of sites.csv")
    option: Identifier = Field(description="option of that site")
    available_from: Month = Field(description="month from which the new limit holds")
    cumulative_mw: NonNegative = Field(description="replaces max_mw of the option until the next step")
    source: Source


class GridRegion(Row):
    """A balancing area whose spare capacity its sites share."""

    table: ClassVar = "grid_regions"
    key: ClassVar = ("grid_region",)
    required_table: ClassVar = True

    grid_region: Identifier = Field(description="identifier of the region")
    name: str = Field(min_length=1, description="name shown to people")
    country: Iso3
    source: Source


class GridHeadroom(Row):
    """Facility power that new sites may draw from a grid region in all, by year."""

    table: ClassVar = "grid_headroom"
    key: ClassVar = ("grid_region", "year")

    grid_region: Identifier = Field(description="row of grid_regions.csv")
    year: Year = Field(description="holds for decisions of this year and later ones, until the next row")
    cumulative_mw: NonNegative = Field(description="facility power that new capacity may take in all")
    source: Source


class Slots(Row):
    """New capacity of a long-lead item (turbines, transformers) that the world can deliver in a year."""

    table: ClassVar = "slots"
    key: ClassVar = ("resource", "year")

    resource: Identifier = Field(description="name of the item, e.g. gas_turbine")
    year: Year = Field(description="year of delivery")
    mw: NonNegative = Field(description="new capacity that may be energised with it in this year")
    source: Source


class SlotUse(Row):
    """How much of a long-lead item one unit of new power capacity of a kind takes."""

    table: ClassVar = "slot_use"
    key: ClassVar = ("resource", "kind")

    resource: Identifier = Field(description="resource of slots.csv")
    kind: PowerKind = Field(description="kind of power that needs it")
    mw_per_mw: Positive = Field(description="MW of the item per MW of power capacity")
    source: Source
