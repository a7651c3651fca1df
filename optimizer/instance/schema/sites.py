"""Campuses: where they are, how big, when they can start, what they cost."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from optimizer.instance.schema.base import (
    Finite,
    Identifier,
    Iso3,
    Month,
    NonNegative,
    Positive,
    Row,
    Share,
    Source,
)


class Site(Row):
    """A campus on which whole modules of IT capacity may be built."""

    table: ClassVar = "sites"
    key: ClassVar = ("site",)
    required_table: ClassVar = True

    site: Identifier = Field(description="identifier of the site")
    name: str = Field(min_length=1, description="name shown to people")
    country: Iso3
    grid_region: Identifier = Field(description="row of grid_regions.csv")
    latency_zone: Identifier = Field(description="zone of latency.csv; sites of one zone reach demand equally fast")
    latitude: float = Field(ge=-90, le=90, description="degrees north")
    longitude: float = Field(ge=-180, le=180, description="degrees east")
    operator: str = Field(min_length=1, description="who builds and runs it; rules may name it")
    operator_hq: Iso3 = Field(description="country of the operator's headquarters; owner tests of rules look here")
    parent_hq: Iso3 | None = Field(
        default=None, description="country of the ultimate parent, for owner tests; none: that of the headquarters"
    )
    pool: Identifier = Field(default="global", description="pool of budgets.csv that pays for this site")
    module_mw: Positive = Field(description="IT capacity of one module")
    max_modules: int = Field(ge=1, le=100, description="modules that fit, committed ones included")
    earliest_start: Month = Field(description="first month in which a module may be committed")
    lead_months: int = Field(ge=0, le=180, description="from commitment to energised shell")
    max_starts_per_year: int | None = Field(default=None, ge=1, description="modules that may be committed in a year")
    open_cost_musd: NonNegative = Field(
        description="land, permits, roads, fibre: once, when the first module is committed"
    )
    module_cost_usd_per_kw: Positive = Field(description="shell, cooling and electrical plant per kW of IT")
    om_usd_per_kw_year: NonNegative = Field(description="staff, maintenance and insurance per kW of IT on line")
    pue_average: float = Field(ge=1, le=3, description="facility energy over IT energy, yearly average")
    pue_peak: float = Field(ge=1, le=3, description="facility power over IT power on the worst hour")
    water_m3_per_mwh: NonNegative = Field(default=0, description="cooling water per MWh of facility energy")
    basin: Identifier | None = Field(
        default=None, description="river basin or aquifer of its water, for limits on 'basin:NAME'; none: not said"
    )
    spend_profile: Identifier = Field(default="at_commitment", description="profile of spend_profiles.csv")
    status: str = Field(default="candidate", description="operating, construction, announced, planning, candidate ...")
    confidence: str = Field(default="", description="high, medium or low: how well the facts are known")
    source: Source

    @property
    def parent_country(self) -> str:
        """Country of the ultimate parent."""
        return self.parent_hq or self.operator_hq

    @property
    def module_gw(self) -> float:
        """IT capacity of one module [GW]."""
        return self.module_mw / 1e3

    @property
    def open_cost_busd(self) -> float:
        """Cost of opening the site [B USD]."""
        return self.open_cost_musd / 1e3

    @property
    def module_cost_busd(self) -> float:
        """Cost of one module [B USD]."""
        return self.module_cost_usd_per_kw * self.module_gw / 1e3

    @property
    def om_busd_per_gw_year(self) -> float:
        """Fixed operation and maintenance [B USD per GW of IT and year]."""
        return self.om_usd_per_kw_year / 1e3


class CommittedBuild(Row):
    """Modules that exist or are under construction: a fact, not a decision."""

    table: ClassVar = "committed"
    key: ClassVar = ("site", "online_from")

    site: Identifier = Field(description="row of sites.csv")
    online_from: Month = Field(description="month in which these modules are energised")
    modules: int = Field(ge=1, description="number of modules")
    remaining_cost_share: Share = Field(description="share of the module cost still to be paid within the plan")
    source: Source


class SpendMilestone(Row):
    """One payment of a module: a share of its cost, some months after commitment."""

    table: ClassVar = "spend_profiles"
    key: ClassVar = ("profile", "months_after_commitment")

    profile: Identifier = Field(description="name of the profile")
    months_after_commitment: int = Field(ge=0, le=180, description="when it is paid")
    share: Share = Field(description="share of the module cost; the shares of a profile add up to 1")
    source: Source


class Country(Row):
    """What building and owning in a country costs besides steel and chips."""

    table: ClassVar = "countries"
    key: ClassVar = ("country",)
    required_table: ClassVar = True

    country: Iso3
    name: str = Field(min_length=1, description="name shown to people")
    bloc: Identifier = Field(description="group used in reports, e.g. US, EU, Gulf, China")
    wacc_fraction: Annotated[float, Field(ge=0, lt=0.6)] = Field(
        description="cost of capital of a project there, per year"
    )
    it_sales_tax_fraction: Share = Field(default=0, description="sales tax on chips that cannot be recovered")
    import_tariff_fraction: Share = Field(default=0, description="tariff on chips designed in another country")
    investment_credit_fraction: Share = Field(default=0, description="share of module cost refunded")
    property_tax_fraction_per_year: Share = Field(
        default=0, description="yearly tax on the module cost of capacity on line"
    )
    power_tax_usd_per_mwh: Finite = Field(default=0, description="tax (or, negative, subsidy) on facility energy")
    source: Source
