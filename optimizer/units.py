"""One internal unit system, and every conversion into it.

Internal units: money in B USD, power in GW, energy in TWh, chips in millions, compute in million
H100-equivalents (H100e), carbon in Mt, water in million m3, time in months and years. With these,
kW per chip equals GW per million chips and kUSD per chip equals B USD per million chips, and every
coefficient of the model lies within a few orders of magnitude of one.
"""

from __future__ import annotations

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


def gw_from_mw(value: float) -> float:
    """Convert MW to GW."""
    return value / 1e3


def busd_from_usd_per_kw(usd_per_kw: float, gw: float) -> float:
    """Cost in B USD of ``gw`` GW at ``usd_per_kw`` USD per kW (1 USD/kW is 1e-3 B USD/GW)."""
    return usd_per_kw * gw / 1e3


def busd_per_twh(usd_per_mwh: float) -> float:
    """Convert USD per MWh to B USD per TWh."""
    return usd_per_mwh / 1e3


def kusd(usd: float) -> float:
    """Convert USD to thousand USD, which is B USD per million pieces."""
    return usd / 1e3


def millions(count: float) -> float:
    """Convert a count to millions."""
    return count / 1e6
