"""Chips: what they do, what they draw, what they cost, how many there are."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from optimizer.instance.schema.base import (
    Identifier,
    Iso3,
    Month,
    NonNegative,
    Period,
    Positive,
    Row,
    Share,
    Source,
    Year,
)


class Chip(Row):
    """An accelerator generation, with its share of server, network and storage."""

    table: ClassVar = "chips"
    key: ClassVar = ("chip",)
    required_table: ClassVar = True

    chip: Identifier = Field(description="identifier of the chip")
    name: str = Field(min_length=1, description="name shown to people")
    vendor: str = Field(min_length=1, description="who sells it; chip tests may name it")
    stack: Identifier = Field(description="software stack that demand must accept, e.g. us or cn")
    design_country: Iso3
    us_controlled: bool = Field(default=True, description="subject to US export rules wherever it is made")
    release: Month = Field(description="first month of delivery")
    end_of_sale: Month = Field(description="first month without delivery")
    performance_h100e: Positive = Field(description="useful compute in H100-equivalents")
    tpp: NonNegative = Field(description="total processing performance: dense TOPS x bits, the measure of export rules")
    performance_density: NonNegative = Field(default=0, description="TPP per mm2 of die")
    memory_bandwidth_tb_s: NonNegative = Field(default=0, description="memory bandwidth, for chip tests")
    interconnect_gb_s: NonNegative = Field(
        default=0, description="bandwidth to other chips, both ways, for chip tests (the rule of October 2022)"
    )
    chip_class: Identifier = Field(
        default="datacenter", description="market it is designed for, for chip tests, e.g. datacenter or workstation"
    )
    it_power_kw: Positive = Field(description="IT power per chip, server and network share included")
    life_months: int = Field(ge=3, le=240, description="retired after this")
    resale_curve: Identifier | None = Field(
        default=None, description="curve of resale_curves.csv; none: worthless at once"
    )
    source: Source


class ChipPrice(Row):
    """Price of a chip from a month on, server and network share included."""

    table: ClassVar = "chip_prices"
    key: ClassVar = ("chip", "since")
    required_table: ClassVar = True

    chip: Identifier = Field(description="row of chips.csv")
    since: Month = Field(description="month from which the price holds")
    price_usd: Positive = Field(description="price per chip")
    source: Source


class ChipSupply(Row):
    """Chips of one kind that the plan may buy within a stretch of time, spread evenly over its months."""

    table: ClassVar = "chip_supply"
    key: ClassVar = ("chip", "during")
    required_table: ClassVar = True

    chip: Identifier = Field(description="row of chips.csv")
    during: Period = Field(description="months over which the chips are delivered evenly")
    units: NonNegative = Field(description="number of chips")
    minimum_units: NonNegative = Field(default=0, description="take-or-pay: at least so many must be bought")
    source: Source


class ResalePoint(Row):
    """Value of a chip of a given age since release, as a share of its price at release."""

    table: ClassVar = "resale_curves"
    key: ClassVar = ("curve", "age_months")

    curve: Identifier = Field(description="name of the curve")
    age_months: int = Field(ge=0, description="months since the chip's release")
    share: Share = Field(description="value as a share of the chip's first price")
    source: Source


class InstalledBase(Row):
    """Compute that stands in a country before the plan and is not part of it, by year."""

    table: ClassVar = "installed_base"
    key: ClassVar = ("country", "stack", "operator", "year")

    country: Iso3
    stack: Identifier = Field(description="software stack")
    operator: str = Field(default="", description="whose it is, for share rules; empty: not known")
    year: Year = Field(description="holds for this year and later ones, until the next row")
    h100e_million: NonNegative = Field(description="compute that stands there")
    source: Source


class SupplyResponse(Row):
    """Growth of a chip's supply with what a market wanted and did not get (SEMANTICS 7.16)."""

    table: ClassVar = "supply_response"
    key: ClassVar = ("chip", "region")

    chip: Identifier = Field(description="row of chips.csv")
    region: Identifier = Field(description="row of demand_regions.csv")
    chips_per_unmet_h100e: NonNegative = Field(
        description="chips a year more for each H100e that the region wanted all year and did not get; 0 is off"
    )
    lag_years: int = Field(default=1, ge=1, le=10, description="years from want to delivery")
    source: Source
