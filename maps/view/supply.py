"""Frozen records about what feeds the campuses, and what it costs and emits. Tuples run over `MapPlan.years`."""

from __future__ import annotations

from dataclasses import dataclass

YearlyKnown = tuple[float | None, ...]
"""A value for every year; None in years without energy."""


@dataclass(frozen=True, slots=True)
class PowerSourceView:
    """What power comes from: a technology of computed options, or the kind of a given one."""

    key: str
    """As in ``power_mix.csv``."""
    label: str
    kind: str
    """Row of `maps.names.POWER_SOURCES`, which colours it."""
    stores: bool
    """Gives back what others made: it has capacity, and no energy of its own."""


@dataclass(frozen=True, slots=True)
class DeliveredPower:
    """What delivered energy costs and emits: energy with tax, fixed cost, and capital as annuity (SEMANTICS 13)."""

    usd_per_mwh: YearlyKnown
    carbon_t_per_mwh: YearlyKnown
    clean_share: YearlyKnown


@dataclass(frozen=True, slots=True)
class BridgeView:
    """When chips first work at a campus, and when they could without bridge power."""

    energised: str
    sources: str
    """Bridge sources by name; empty if none stands then."""
    without: str
    """First period in which other sources carry that load; empty if not within the plan."""
    months_gained: int


@dataclass(frozen=True, slots=True)
class HoursOfYear:
    """What every hour of a year says about computed power; differences are the full year less the plan."""

    year: int
    unserved_twh: float
    cost_difference_share: float
    carbon_difference_mt: float


@dataclass(frozen=True, slots=True)
class SiteSupply:
    """Power of a campus."""

    delivered: DeliveredPower
    interrupted_hours: YearlyKnown
    """Hours of the year without the interruptible grid; nought where the campus has none."""
    cut_hours: YearlyKnown
    """Hours at full depth that make up what is cut of the load; empty where nothing ever is."""
    bridge: BridgeView | None
    """None where no chips ever work."""
    hours: tuple[HoursOfYear, ...]
    """Empty for campuses with given options."""


@dataclass(frozen=True, slots=True)
class HoursCheck:
    """All computed campuses over every hour of their years; differences are the full year less the plan."""

    sites: int
    energy_share: float
    """Of all energy of the plan that was dispatched; small campuses with storage may be left out."""
    tolerance: float
    unserved_twh: float
    cost_difference_busd: float
    most_dearer_share: float
    most_cheaper_share: float
    carbon_difference_mt: float
    warnings: int
    """Campuses and years whose cost is off by more than the tolerance, or that lack energy."""


@dataclass(frozen=True, slots=True)
class PlanSupply:
    """Power of all campuses together: averages by energy."""

    delivered: DeliveredPower
    energy_twh: float
    """Delivered over the plan; the next three are averages over it."""
    usd_per_mwh: float
    carbon_t_per_mwh: float
    clean_share: float
    bridged_sites: int
    months_gained: int
    """Of all bridged campuses together."""
    hours: HoursCheck | None
    """None without computed campuses, or where they were not checked."""
