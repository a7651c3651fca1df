"""Money, exposure and environment: the limits that a board or a government sets."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from optimizer.instance.schema.base import (
    Finite,
    Identifier,
    NonNegative,
    Row,
    Source,
    Year,
)


class Budget(Row):
    """Capital that a pool may spend in a year. Unspent money carries over as [finance] says."""

    table: ClassVar = "budgets"
    key: ClassVar = ("pool", "year")
    required_table: ClassVar = True

    pool: Identifier = Field(description="pool that sites.csv names")
    year: Year = Field(description="calendar year")
    capital_busd: NonNegative = Field(description="new money of the year")
    source: Source


class LimitKind(StrEnum):
    """What a limit counts, and in which unit its value is given."""

    CAPITAL_SHARE = "capital_share"  # share of all capital spent up to a year that lies in the scope [0..1]
    IT_GW = "it_gw"  # IT capacity on line in the scope at any time of the year [GW]
    GAS_GW = "gas_gw"  # power capacity on gas in the scope, what its pipelines can feed [GW]
    CARBON_MT = "carbon_mt"  # emissions of the scope in the year [Mt CO2]
    WATER_MILLION_M3 = "water_million_m3"  # water use of the scope in the year [million m3]


class Limit(Row):
    """Most that a set of countries, a grid region or a basin may take of something in a year."""

    table: ClassVar = "limits"
    key: ClassVar = ("limit", "year")

    limit: Identifier = Field(description="identifier of the limit")
    kind: LimitKind = Field(
        description="what is limited, and the unit of value: a share, GW of IT or of power on gas, Mt CO2, million m3"
    )
    scope: str = Field(
        description="'*', a country set such as 'ARE | SAU', 'grid:REGION', or 'basin:BASIN' of sites.csv"
    )
    year: Year = Field(description="calendar year")
    value: NonNegative = Field(description="the limit, in the unit of its kind")
    source: Source


class Assumption(Row):
    """A number that is chosen rather than found, with the range that sensitivity studies use."""

    table: ClassVar = "assumptions"
    key: ClassVar = ("assumption",)

    assumption: Identifier = Field(description="identifier of the assumption")
    knob: str = Field(min_length=1, description="what to change, e.g. 'chips[*].life_months'")
    central: Finite = Field(description="value used in the instance")
    low: Finite = Field(description="low end of its range")
    high: Finite = Field(description="high end of its range")
    mode: str = Field(default="set", pattern="^(set|scale|add)$", description="how low and high act on the knob")
    reason: str = Field(min_length=3, description="why it was chosen so")
    source: Source
