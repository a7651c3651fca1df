"""One internal unit system, and every conversion into it.

Internal units: money in B USD, power in GW, energy in TWh, chips in millions, compute in million
H100-equivalents (H100e), carbon in Mt, water in million m3, time in months and years. With these,
kW per chip equals GW per million chips and kUSD per chip equals B USD per million chips, and every
coefficient of the model lies within a few orders of magnitude of one.

Columns of instance files carry their unit in their name and may be given in any other unit of the same
dimension: `unit_variants` knows which, and the exact factor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from itertools import product
from math import copysign, inf, isfinite, prod
from typing import Final

HOURS_PER_YEAR: Final = 8760.0
MONTHS_PER_YEAR: Final = 12
SECONDS_PER_HOUR: Final = 3600.0

#: TWh that one GW delivers when it runs all year.
TWH_PER_GW_YEAR: Final = HOURS_PER_YEAR / 1000.0
#: B USD a year for one million H100e sold at 1 USD per H100e-hour.
BUSD_PER_MILLION_H100E_YEAR: Final = HOURS_PER_YEAR * 1e6 / 1e9
#: Total processing performance of one H100 (1,979 TOPS x 8 bit), the unit of H100e in rules that count TPP.
TPP_PER_H100: Final = 15_832.0
#: Total processing performance of one GB300, the unit of recent licences.
TPP_PER_GB300: Final = 60_000.0


def gw_from_mw(value: float) -> float:
    """Convert MW to GW."""
    return value / 1e3


def busd_per_twh(usd_per_mwh: float) -> float:
    """Convert USD per MWh to B USD per TWh."""
    return usd_per_mwh / 1e3


def kusd(usd: float) -> float:
    """Convert USD to thousand USD, which is B USD per million pieces."""
    return usd / 1e3


def millions(count: float) -> float:
    """Convert a count to millions."""
    return count / 1e6


class Dimension(StrEnum):
    """What a unit measures. Units of one dimension may replace each other in a column name."""

    MONEY = "money"
    POWER = "power"
    ENERGY = "energy"
    DURATION = "duration"
    PER_TIME = "time in a rate"
    LATENCY = "latency"
    COMPUTE = "compute"
    COUNT = "count"
    MASS = "mass"
    VOLUME = "volume"
    BANDWIDTH = "bandwidth"
    FRACTION = "fraction"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is written in a column name.

    Attributes
    ----------
    name
        As written, in lower case.
    dimension
        What it measures.
    size
        Its size in the reference unit of the dimension, exact.
    """

    name: str
    dimension: Dimension
    size: Fraction


def _units(dimension: Dimension, **sizes: str) -> tuple[Unit, ...]:
    return tuple(Unit(name, dimension, Fraction(size)) for name, size in sizes.items())


#: Every unit that may stand in a column name, with its exact size in the first unit of its dimension.
UNITS: Final[tuple[Unit, ...]] = (
    *_units(Dimension.MONEY, usd="1", kusd="1e3", musd="1e6", busd="1e9"),
    *_units(Dimension.POWER, kw="1", w="1e-3", mw="1e3", gw="1e6"),
    *_units(Dimension.ENERGY, mwh="1", kwh="1e-3", gwh="1e3", twh="1e6"),
    *_units(Dimension.DURATION, months="1", years="12"),
    *_units(Dimension.PER_TIME, year="1", month="1/12", hour="1/8760"),
    *_units(Dimension.LATENCY, ms="1", s="1e3"),
    *_units(Dimension.COMPUTE, h100e="1", h100e_thousand="1e3", h100e_million="1e6"),
    *_units(Dimension.COUNT, units="1", units_thousand="1e3", units_million="1e6"),
    *_units(Dimension.MASS, t="1", kg="1e-3", kt="1e3", mt="1e6"),
    *_units(Dimension.VOLUME, m3="1", l="1e-3", million_m3="1e6"),
    *_units(Dimension.BANDWIDTH, tb_s="1", gb_s="1e-3"),
    *_units(Dimension.FRACTION, fraction="1", percent="1e-2"),
)

_UNIT_BY_NAME: Final = {unit.name: unit for unit in UNITS}
_ATOM: Final = "|".join(sorted((re.escape(name) for name in _UNIT_BY_NAME), key=len, reverse=True))
_COLUMN: Final = re.compile(
    rf"^(?P<stem>[a-z0-9_]*?)(?P<top>{_ATOM})(?:_per_(?P<below>(?:{_ATOM})(?:_(?:{_ATOM}))*))?$"
)


@dataclass(frozen=True, slots=True)
class ColumnUnit:
    """Stem and unit of a column name such as ``module_cost_usd_per_kw``.

    Attributes
    ----------
    stem
        What stands before the unit, with its underscore: ``module_cost_``.
    above, below
        Units multiplied and divided by: ``usd`` and ``kw``.
    """

    stem: str
    above: Unit
    below: tuple[Unit, ...]

    @property
    def text(self) -> str:
        """The unit as it reads in the column name."""
        return self.above.name + ("_per_" + "_".join(unit.name for unit in self.below) if self.below else "")

    @property
    def size(self) -> Fraction:
        """Size of the unit in the reference units of its dimensions."""
        return self.above.size / prod((unit.size for unit in self.below), start=Fraction(1))


@cache
def unit_of_column(column: str) -> ColumnUnit | None:
    """Unit in a column name, or None if the name carries none that has alternatives.

    >>> unit_of_column("module_cost_usd_per_kw").text
    'usd_per_kw'
    """
    match = _COLUMN.match(column)
    if match is None or (match["stem"] and not match["stem"].endswith("_")):
        return None
    below = tuple(_UNIT_BY_NAME[name] for name in re.findall(_ATOM, match["below"] or ""))
    above = _UNIT_BY_NAME[match["top"]]
    if above.dimension is Dimension.PER_TIME:
        return None  # `year` by itself is a calendar year, not a length of time
    if any(unit.dimension is above.dimension for unit in below):
        return None  # mw_per_mw: the same whatever the unit
    return ColumnUnit(match["stem"], above, below)


def _alternatives(unit: Unit) -> list[Unit]:
    return [other for other in UNITS if other.dimension is unit.dimension]


@cache
def unit_variants(column: str) -> Mapping[str, Fraction]:
    """Other names under which a column may be given, each with the factor that turns its numbers into the column's.

    >>> unit_variants("module_mw")["module_gw"]
    Fraction(1000, 1)
    """
    unit = unit_of_column(column)
    if unit is None:
        return {}
    choices = [_alternatives(unit.above)] + [
        [part] if part.dimension is Dimension.COMPUTE else _alternatives(part) for part in unit.below
    ]
    variants: dict[str, Fraction] = {}
    for above, *below in product(*choices):
        variant = ColumnUnit(unit.stem, above, tuple(below))
        name = unit.stem + variant.text
        if name != column:
            variants[name] = variant.size / unit.size
    return variants


def convert_text(text: str, factor: Fraction) -> float:
    """Convert a decimal number in text exactly, rounding once. Numbers beyond those of floats become 0 or infinite.

    Raises
    ------
    ValueError
        If the text is not a decimal number.
    """
    rounded = float(text)
    if rounded == 0 or not isfinite(rounded):
        return rounded  # its exact form could be too long to hold
    try:
        return float(Fraction(Decimal(text.strip())) * factor)
    except OverflowError:
        return copysign(inf, rounded)
