"""Recomputes the supply of chips: what is delivered, what is kept, what unmet demand adds (SEMANTICS 3.4, 7.16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from optimizer import units
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip
from optimizer.plan.audit.chips import Fleet
from optimizer.plan.audit.clock import Clock, Series
from optimizer.plan.audit.ledger import Ledger

Unmet = Mapping[tuple[str, int], float]
"""Compute that a region wanted and did not get in a year of the plan [million H100e-years]."""


@dataclass(frozen=True)
class ChipOffer:
    """Chips of one kind installed everywhere and on offer, by period [million chips].

    Attributes
    ----------
    offered
        Supply of the period, what vendors have kept, and what unmet demand adds.
    extra
        The last of these; it is taken first, and what is left of it lapses.
    """

    chip: Chip
    installed: Series
    offered: Series
    extra: Series

    @property
    def extra_taken(self) -> Series:
        """Chips that unmet demand added and that are installed."""
        return np.minimum(self.installed, self.extra)


def chip_offers(instance: Instance, clock: Clock, fleets: Iterable[Fleet], unmet: Unmet) -> list[ChipOffer]:
    """Both sides of the supply of every chip."""
    installed: Mapping[str, Series] = {chip.chip: clock.zeros() for chip in instance.chips}
    for fleet in fleets:
        installed[fleet.chip.chip][:] += fleet.installed
    supply: Mapping[str, Series] = {chip.chip: clock.zeros() for chip in instance.chips}
    for row in instance.chip_supply:
        for t in range(len(clock)):
            months = clock.overlap(t, row.during.start, row.during.end)
            supply[row.chip][t] += units.millions(row.units) * months / row.during.months
    carry = instance.settings.model.chip_carry_months
    offers = []
    for chip in instance.chips:
        extra = clock.zeros()
        for year, amount in response(instance, clock, chip, unmet).items():
            extra += amount * _shares_of_year(clock, chip, year)
        regular = _regular(clock, supply[chip.chip], np.maximum(0.0, installed[chip.chip] - extra), carry)
        offers.append(ChipOffer(chip, installed[chip.chip], regular + extra, extra))
    return offers


def _regular(clock: Clock, supply: Series, taken: Series, carry_months: int) -> Series:
    """Supply of each period plus the stock that the vendor can have kept."""
    offered = clock.zeros()
    stock = 0.0
    for t, end in enumerate(clock.ends):
        offered[t] = stock + supply[t]
        fresh = sum(supply[u] for u in range(t + 1) if clock.starts[u] >= end - carry_months)
        stock = max(0.0, min(offered[t] - taken[t], fresh))
    return offered


def response(instance: Instance, clock: Clock, chip: Chip, unmet: Unmet) -> dict[int, float]:
    """Most that the supply of a chip may grow in each year of the plan, where a row may make it grow [million]."""
    growth: dict[int, float] = defaultdict(float)
    for row in instance.supply_response:
        if row.chip != chip.chip:
            continue
        for year in clock.periods_of_year:
            if _shares_of_year(clock, chip, year).any():
                growth[year] += row.chips_per_unmet_h100e * unmet.get((row.region, year - row.lag_years), 0.0)
    return dict(growth)


def _shares_of_year(clock: Clock, chip: Chip, year: int) -> Series:
    """Share of a year's extra chips that comes in each period: evenly over the months in which the chip is on sale."""
    first, last = max(12 * year, chip.release), min(12 * year + 12, chip.end_of_sale)
    if first >= last:
        return clock.zeros()
    return np.array([clock.overlap(t, first, last) / (last - first) for t in range(len(clock))])


def audit_supply(ledger: Ledger, clock: Clock, offers: Iterable[ChipOffer]) -> None:
    """Check that no more chips are installed than are on offer."""
    for offer in offers:
        for t, label in enumerate(clock.labels):
            used, offered = float(offer.installed[t]), float(offer.offered[t])
            if used > 0:
                ledger.at_most("chips.supply", "chips", f"{offer.chip.chip} {label}", used, offered)
