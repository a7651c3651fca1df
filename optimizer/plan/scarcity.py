"""What was scarce, year by year: chips, power, capital, rules or demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.plan.tables import LimitUse, PlanTables

#: A resource counts as scarce in a year when at least this share of it is used.
SCARCE = 0.98
#: Chips count as scarce when most of those installed came from a supply that was used up.
HALF = 0.5


@dataclass(frozen=True)
class Scarcity:
    """Use of the resources in one year.

    Attributes
    ----------
    chips_sold_out
        Share of the chips installed in the year whose supply was used up when they were installed.
    capital_used, demand_served
        Shares of what was on offer; a budget counts what was carried in.
    filled
        Share of the capacity on line that carries chips, at the end of the year.
    power_limits, rules_binding, other_limits
        Number of grid regions, slots or technologies of sites, of export and sovereignty rules, and of other limits
        without slack.
    """

    year: int
    chips_sold_out: float
    capital_used: float
    demand_served: float
    filled: float
    power_limits: int
    rules_binding: int
    other_limits: int

    @property
    def scarce(self) -> tuple[str, ...]:
        """Names of what bound in the year.

        Capacity counts when shells are full although chips are to be had: then lead times hold the plan back.
        """
        found = {
            "capacity": self.filled >= SCARCE and self.chips_sold_out < HALF,
            "chips": self.chips_sold_out >= HALF,
            "capital": self.capital_used >= SCARCE,
            "power": self.power_limits > 0,
            "rules": self.rules_binding > 0,
            "demand": self.demand_served >= SCARCE,
        }
        return tuple(name for name, binds in found.items() if binds)


def scarcity_by_year(tables: PlanTables) -> Iterator[Scarcity]:
    """Read from the tables what bound in each year."""
    years = sorted({row.year for row in tables.demand})
    limits: dict[tuple[str, int], list[LimitUse]] = defaultdict(list)
    for row in tables.limits:
        limits[row.family, int(row.when[:4])].append(row)
    for year in years:
        chips, budgets = limits["chip_supply", year], limits["budget", year]
        blocks = [row for row in tables.demand if row.year == year]
        last = [row for row in tables.operations if row.period[:4] == str(year)]
        final = max((row.period for row in last), default="")
        yield Scarcity(
            year=year,
            chips_sold_out=_share(sum(row.used for row in chips if row.binding), sum(row.used for row in chips)),
            capital_used=_share(sum(row.used for row in budgets), sum(row.limit for row in budgets)),
            demand_served=_share(
                sum(row.sold_h100e_million_years for row in blocks),
                sum(row.offered_h100e_million_years for row in blocks),
            ),
            filled=_share(
                sum(row.installed_gw for row in last if row.period == final),
                sum(row.online_gw for row in last if row.period == final),
            ),
            power_limits=sum(_binding(limits[family, year]) for family in _POWER),
            rules_binding=_binding(limits["sovereignty", year])
            + len({row.rule for row in tables.policy if row.binding and row.when[:4] == str(year)}),
            other_limits=sum(_binding(limits[family, year]) for family in _OTHER),
        )


_POWER = ("grid_headroom", "slots", "technology_limits", "gas_gw")
_OTHER = ("take_or_pay", "capital_share", "it_gw", "carbon_mt", "water_million_m3", "required_compute")


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _binding(rows: list[LimitUse]) -> int:
    return sum(1 for row in rows if row.binding)
