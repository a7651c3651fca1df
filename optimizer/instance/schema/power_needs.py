"""What the load of a site asks of its computed power beside energy, and how computed dispatches serve it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from optimizer.instance.schema.base import Identifier, NonNegative, Row, Share, Source
from optimizer.units import HOURS_PER_YEAR, TWH_PER_GW_YEAR

HoursOfYear = Annotated[float, Field(ge=0, le=HOURS_PER_YEAR, allow_inf_nan=False)]


class PowerNeeds(Row):
    """What the load of a site with computed power asks for or may do without (SEMANTICS 12.16). No row: none of it."""

    table: ClassVar = "power_needs"
    key: ClassVar = ("site",)

    site: Identifier = Field(description="row of site_power.csv")
    curtailment_depth: Share = Field(default=0, description="most of the load that may be cut in an hour")
    curtailment_hours: HoursOfYear = Field(
        default=HOURS_PER_YEAR, description="most hours of cuts at full depth in a year"
    )
    curtailment_energy_share: Share = Field(default=1, description="most of the energy of a year that may be cut")
    curtailment_cost_usd_per_mwh: NonNegative | None = Field(
        default=None, description="what a MWh cut costs; needed where load may be cut"
    )
    reserve_margin: Share = Field(default=0, description="firm capacity beyond the worst hour, as share of it")
    carbon_limit_t_per_mwh: NonNegative | None = Field(
        default=None, description="most emissions of a year per MWh delivered; none: no limit"
    )
    hourly_clean_share: Share = Field(default=0, description="least clean share of what is delivered, in every hour")
    demand_charge_usd_per_kw_year: NonNegative = Field(
        default=0, description="charge on the highest draw from the grid in a year"
    )
    source: Source

    @property
    def curtailment_budget(self) -> float:
        """Most of the energy of a year that may be cut, by energy and by hours."""
        return min(self.curtailment_energy_share, self.curtailment_depth * self.curtailment_hours / HOURS_PER_YEAR)

    @property
    def is_curtailable(self) -> bool:
        """Whether load may be cut at all."""
        return self.curtailment_depth > 0 and self.curtailment_budget > 0

    @property
    def is_metered(self) -> bool:
        """Whether the highest draw from the grid costs anything."""
        return self.demand_charge_usd_per_kw_year > 0

    @property
    def is_idle(self) -> bool:
        """Whether the row changes nothing: it may stand there for scenarios."""
        asks = self.is_curtailable or self.is_metered or self.reserve_margin > 0 or self.hourly_clean_share > 0
        return not asks and self.carbon_limit_t_per_mwh is None

    @property
    def curtailment_busd_per_twh(self) -> float:
        """Cost of energy cut [B USD per TWh]."""
        return (self.curtailment_cost_usd_per_mwh or 0.0) / 1e3

    @property
    def demand_charge_busd_per_gw_year(self) -> float:
        """Charge on the highest draw from the grid in a year [B USD per GW and year]."""
        return self.demand_charge_usd_per_kw_year / 1e3


class DispatchLoad(Row):
    """How a computed dispatch serves the load of a site that has a row in power_needs.csv."""

    table: ClassVar = "dispatch_loads"
    key: ClassVar = ("site", "dispatch")

    site: Identifier = Field(description="row of power_needs.csv")
    dispatch: Identifier = Field(description="mode of dispatch_modes.csv, or computed option of power_options.csv")
    cut_mwh_per_mwh: Share = Field(default=0, description="energy cut per MWh that the load asks for")
    deepest_cut: Share = Field(default=0, description="most of the load that is cut in an hour")
    grid_peak_per_load: NonNegative = Field(
        default=0, description="highest draw from the grid over the average load; counted where a charge is on it"
    )
    least_clean_share: Share = Field(
        default=0, description="least clean share of any hour; counted where one is asked for"
    )
    source: Source

    @property
    def delivered(self) -> float:
        """Energy delivered per energy that the load asks for."""
        return 1 - self.cut_mwh_per_mwh

    @property
    def grid_peak_gw_per_twh(self) -> float:
        """Highest draw from the grid for a load that asks for 1 TWh in a year [GW]."""
        return self.grid_peak_per_load / TWH_PER_GW_YEAR


__all__ = ["DispatchLoad", "PowerNeeds"]
