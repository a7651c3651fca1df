"""What a frontier trades off: net present value, carbon, the share of allied countries, concentration (SEMANTICS 11).

Each objective is a number of a plan, recomputed from its audited tables. Two of them are shares of compute, that is,
ratios. A plan without compute has no shares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from optimizer.instance.country_sets import CountrySet, parse_country_set
from optimizer.instance.instance import Instance
from optimizer.plan.tables import PlanTables

#: Groups that are taken for the allies of the United States, the first that an instance has.
ALLIED_GROUPS: Final = ("TIER1", "A:5")


class FrontierObjective(StrEnum):
    """An objective; the value is its name on the command line."""

    NPV = "npv"
    CARBON = "carbon"
    ALLIED_SHARE = "allied_share"
    CONCENTRATION = "concentration"

    @property
    def sign(self) -> int:
        """1 if more is better, else -1."""
        return 1 if self in (FrontierObjective.NPV, FrontierObjective.ALLIED_SHARE) else -1

    @property
    def is_share(self) -> bool:
        """Whether it is a ratio with all compute of the plan below the line."""
        return self in (FrontierObjective.ALLIED_SHARE, FrontierObjective.CONCENTRATION)

    @property
    def column(self) -> str:
        """Column of tables, with its unit."""
        return _COLUMNS[self]

    @property
    def label(self) -> str:
        """What axes and sentences call it."""
        return _LABELS[self]

    @property
    def definition(self) -> str:
        """One sentence."""
        return _DEFINITIONS[self]

    def at_least_as_good(self, value: float, other: float, tolerance: float = 0.0) -> bool:
        """Whether a value is no worse than another by more than a tolerance."""
        return self.sign * (value - other) >= -tolerance

    def better(self, value: float, other: float) -> float:
        """The better of two values."""
        return max(value, other) if self.sign > 0 else min(value, other)

    def worse(self, value: float, other: float) -> float:
        """The worse of two values."""
        return min(value, other) if self.sign > 0 else max(value, other)

    def text(self, value: float) -> str:
        """A value as people say it."""
        match self:
            case FrontierObjective.NPV:
                return f"{value:,.2f} B USD"
            case FrontierObjective.CARBON:
                return f"{value:,.2f} Mt CO2"
            case _:
                return f"{value:.1%}"


_COLUMNS: Final = {
    FrontierObjective.NPV: "npv_busd",
    FrontierObjective.CARBON: "carbon_mt",
    FrontierObjective.ALLIED_SHARE: "allied_share",
    FrontierObjective.CONCENTRATION: "concentration",
}
_LABELS: Final = {
    FrontierObjective.NPV: "net present value",
    FrontierObjective.CARBON: "carbon",
    FrontierObjective.ALLIED_SHARE: "allied share",
    FrontierObjective.CONCENTRATION: "concentration",
}
_DEFINITIONS: Final = {
    FrontierObjective.NPV: "npv (most): net present value of the plan, B USD.",
    FrontierObjective.CARBON: "carbon (least): CO2 of all energy over the whole plan, Mt, not discounted.",
    FrontierObjective.ALLIED_SHARE: "allied_share (most): share of the plan's compute (H100e-years at work over the "
    "whole plan) at sites in allied countries, membership taken period by period.",
    FrontierObjective.CONCENTRATION: "concentration (least): largest share of the plan's compute (H100e-years at work "
    "over the whole plan) at the sites of a single country.",
}

Values: TypeAlias = Mapping[FrontierObjective, float]
"""Values of a plan, in the units of `FrontierObjective.column`."""


@dataclass(frozen=True)
class PlanCompute:
    """Working compute over the whole plan [million H100e-years]."""

    total: float
    allied: float
    by_country: Mapping[str, float]


def default_allied(instance: Instance) -> str | None:
    """The United States with the first of `ALLIED_GROUPS` that the instance has; None if it has none."""
    return next((f"USA | {group}" for group in ALLIED_GROUPS if group in instance.groups), None)


def plan_compute(instance: Instance, tables: PlanTables, allied: CountrySet) -> PlanCompute:
    """Compute at work, from the operations table."""
    calendar = instance.calendar
    position = {label: t for t, label in enumerate(calendar.labels)}
    by_country: dict[str, float] = defaultdict(float)
    outside = 0.0
    for row in tables.operations:
        t = position[row.period]
        country = instance.site_by_id[row.site].country
        compute = calendar.years_in(t) * row.compute_h100e_million
        by_country[country] += compute
        if not allied.contains(country, calendar.periods[t].start, instance.groups):
            outside += compute
    total = sum(by_country.values())
    return PlanCompute(total, total - outside, dict(by_country))


def plan_values(instance: Instance, tables: PlanTables, allied: str) -> dict[FrontierObjective, float]:
    """Values of a plan, from its tables alone; shares only if it has compute.

    Parameters
    ----------
    allied
        Country set.
    """
    values = {
        FrontierObjective.NPV: sum(row.pv_busd for row in tables.cash),
        FrontierObjective.CARBON: sum(row.carbon_mt for row in tables.energy),
    }
    compute = plan_compute(instance, tables, parse_country_set(allied))
    if compute.total > 0:
        values[FrontierObjective.ALLIED_SHARE] = compute.allied / compute.total
        values[FrontierObjective.CONCENTRATION] = max(compute.by_country.values()) / compute.total
    return values
