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

    chip: Identifier
    name: str = Field(min_length=1)
    vendor: str = Field(min_length=1)
    stack: Identifier = Field(description="software stack that demand must accept, e.g. us or cn")
    design_country: Iso3
    us_controlled: bool = Field(default=True, description="subject to US export rules wherever it is made")
    release: Month = Field(description="first month of delivery")
    end_of_sale: Month = Field(description="first month without delivery")
    performance_h100e: Positive = Field(description="useful compute in H100-equivalents")
    tpp: NonNegative = Field(description="total processing performance: dense TOPS x bits, the measure of export rules")
    performance_density: NonNegative = Field(default=0, description="TPP per mm2 of die")
    memory_bandwidth_tb_s: NonNegative = Field(default=0)
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

    chip: Identifier
    since: Month
    price_usd: Positive
    source: Source


class ChipSupply(Row):
    """Chips of one kind that the plan may buy within a stretch of time, spread evenly over its months."""

    table: ClassVar = "chip_supply"
    key: ClassVar = ("chip", "during")
    required_table: ClassVar = True

    chip: Identifier
    during: Period
    units: NonNegative
    minimum_units: NonNegative = Field(default=0, description="take-or-pay: at least so many must be bought")
    source: Source


class ResalePoint(Row):
    """Value of a chip of a given age since release, as a share of its price at release."""

    table: ClassVar = "resale_curves"
    key: ClassVar = ("curve", "age_months")

    curve: Identifier
    age_months: int = Field(ge=0)
    share: Share
    source: Source


class InstalledBase(Row):
    """Compute that stands in a country before the plan and is not part of it, by year."""

    table: ClassVar = "installed_base"
    key: ClassVar = ("country", "stack", "year")

    country: Iso3
    stack: Identifier
    year: Year
    h100e_million: NonNegative
    source: Source
