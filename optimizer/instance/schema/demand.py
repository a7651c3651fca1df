"""Demand for compute: who wants how much, at what price, how far away, and under whose law."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from optimizer.instance.schema.base import (
    Identifier,
    NonNegative,
    Positive,
    Row,
    Share,
    Source,
    Year,
)


class DemandRegion(Row):
    """A market."""

    table: ClassVar = "demand_regions"
    key: ClassVar = ("region",)
    required_table: ClassVar = True

    region: Identifier = Field(description="identifier of the market")
    name: str = Field(min_length=1, description="name shown to people")
    stacks: str = Field(description="software stacks it accepts, separated by ';'")
    latitude: float = Field(ge=-90, le=90, description="degrees north, for maps")
    longitude: float = Field(ge=-180, le=180, description="degrees east, for maps")
    source: Source

    @property
    def accepted_stacks(self) -> tuple[str, ...]:
        """Stacks this market buys."""
        return tuple(part.strip() for part in self.stacks.split(";") if part.strip())


class StackPrice(Row):
    """What a market pays for compute of a stack, against what it pays otherwise (SEMANTICS 7.15)."""

    table: ClassVar = "stack_prices"
    key: ClassVar = ("region", "stack")

    region: Identifier = Field(description="row of demand_regions.csv")
    stack: Identifier = Field(description="software stack")
    price_multiplier: Share = Field(description="1: the full price; 0.8: a fifth less")
    source: Source


class Workload(Row):
    """A kind of use of compute."""

    table: ClassVar = "workloads"
    key: ClassVar = ("workload",)
    required_table: ClassVar = True

    workload: Identifier = Field(description="identifier of the workload")
    name: str = Field(min_length=1, description="name shown to people")
    max_latency_ms: Positive = Field(description="longest round trip it tolerates")
    utilisation: float = Field(gt=0, le=1, description="share of installed compute that can be sold for it")
    tokens_per_h100e_second: NonNegative = Field(description="tokens made by one H100e while it is sold")
    source: Source


class Demand(Row):
    """Compute wanted by a market for a workload in a year, at an anchor price."""

    table: ClassVar = "demand"
    key: ClassVar = ("region", "workload", "year")
    required_table: ClassVar = True

    region: Identifier = Field(description="row of demand_regions.csv")
    workload: Identifier = Field(description="row of workloads.csv")
    year: Year = Field(description="calendar year")
    quantity_h100e_million: NonNegative = Field(description="million H100e sold all year round")
    price_usd_per_h100e_hour: NonNegative = Field(description="anchor price; price_blocks.csv spreads demand around it")
    source: Source


class PriceBlock(Row):
    """A slice of demand that pays a multiple of the anchor price. Multipliers fall from block to block."""

    table: ClassVar = "price_blocks"
    key: ClassVar = ("workload", "block")
    required_table: ClassVar = True

    workload: Identifier = Field(description="row of workloads.csv")
    block: int = Field(ge=1, description="number of the block; prices fall with it")
    quantity_share: NonNegative = Field(description="share of the quantity in demand.csv")
    price_multiplier: NonNegative = Field(description="price of the block over the anchor price")
    source: Source


class Latency(Row):
    """Round trip between a latency zone of sites and a market. A pair without a row is never served."""

    table: ClassVar = "latency"
    key: ClassVar = ("latency_zone", "region")
    required_table: ClassVar = True

    latency_zone: Identifier = Field(description="zone of sites.csv")
    region: Identifier = Field(description="row of demand_regions.csv")
    rtt_ms: NonNegative = Field(description="round trip")
    serving_cost_usd_per_h100e_hour: NonNegative = Field(
        default=0, description="transit and quality cost of serving from there"
    )
    source: Source


class Sovereignty(Row):
    """Least share of a market's purchases that must be served from given countries."""

    table: ClassVar = "sovereignty"
    key: ClassVar = ("region", "workload")

    region: Identifier = Field(description="row of demand_regions.csv")
    workload: Identifier = Field(description="row of workloads.csv")
    allowed: str = Field(description="country set, e.g. 'DEU | FRA' or 'EU'")
    minimum_share: Share = Field(description="share of what is sold there")
    first_year: Year = Field(description="year from which it holds")
    source: Source


class RequiredCompute(Row):
    """Compute that must be on line in a year; used by the objective 'cost'."""

    table: ClassVar = "required_compute"
    key: ClassVar = ("year",)

    year: Year = Field(description="calendar year")
    h100e_million: NonNegative = Field(description="least average working compute of the year")
    source: Source
