"""The fleet: which installations are possible, and what arrives and leaves where (SEMANTICS 3.1, 3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.schema import Chip
from optimizer.model.context import ModelContext
from optimizer.model.expressions import Term
from optimizer.model.installations import Tuple3
from optimizer.model.siting import Siting
from optimizer.model.timing import PeriodIndex
from optimizer.model.zones import AllocationZone


@dataclass(frozen=True)
class Fleet:
    """Chip decisions, and the stocks that follow from them.

    Variables
    ---------
    installed[zone, chip, t]
        Million chips put to work at the start of t.
    arriving_gw[site, life, t]
        IT power of the arrivals with a given life [months] at a site [GW].
    working_gw[site, t]
        IT power of the working chips of a site [GW].
    compute[zone, stack, t]
        Compute of the working chips of a zone [million H100e].
    unsold[chip, t]
        Chips that stay with the vendor after t [million].
    expired, sold_early[zone, chip, t]
        Chips that leave at the end of their life, and earlier (only with early retirement) [million].
    installed_so_far, left_so_far[zone, chip, t]
        Chips that came and went up to t (only with early retirement) [million].
    """

    context: ModelContext
    siting: Siting
    tuples: tuple[Tuple3, ...]
    supply: Mapping[tuple[str, PeriodIndex], float]

    @property
    def early_retirement(self) -> bool:
        """Whether chips may leave before the end of their life."""
        return self.context.instance.settings.model.early_retirement

    @cached_property
    def by_zone(self) -> Mapping[str, tuple[tuple[Chip, PeriodIndex], ...]]:
        """Lawful, supplied installations of each zone."""
        grouped: dict[str, list[tuple[Chip, PeriodIndex]]] = defaultdict(list)
        for zone, chip, t in self.tuples:
            grouped[zone].append((self.context.instance.chip_by_id[chip], t))
        return {zone: tuple(entries) for zone, entries in grouped.items()}

    @cached_property
    def dates_of(self) -> Mapping[tuple[str, str], tuple[PeriodIndex, ...]]:
        """Periods of the lawful, supplied installations of each zone and chip."""
        grouped: dict[tuple[str, str], list[PeriodIndex]] = defaultdict(list)
        for zone, chip, t in self.tuples:
            grouped[zone, chip].append(t)
        return {key: tuple(dates) for key, dates in grouped.items()}

    def arrivals(self, zone: AllocationZone, period: PeriodIndex) -> list[tuple[Chip, object]]:
        """Chips and variables of the installations of a zone at the start of a period."""
        return self._arrivals.get((zone.name, period), [])

    def departures(self, zone: AllocationZone, period: PeriodIndex) -> list[tuple[Chip, object]]:
        """Chips and variables of what leaves a zone at the start of a period."""
        return self._departures.get((zone.name, period), [])

    @cached_property
    def _arrivals(self) -> dict[tuple[str, PeriodIndex], list[tuple[Chip, object]]]:
        grouped: dict[tuple[str, PeriodIndex], list[tuple[Chip, object]]] = defaultdict(list)
        for zone, entries in self.by_zone.items():
            for chip, t in entries:
                grouped[zone, t].append((chip, self.context.model.installed[zone, chip.chip, t]))
        return grouped

    @cached_property
    def _departures(self) -> dict[tuple[str, PeriodIndex], list[tuple[Chip, object]]]:
        model, timing = self.context.model, self.context.timing
        grouped: dict[tuple[str, PeriodIndex], list[tuple[Chip, object]]] = defaultdict(list)
        if self.early_retirement:
            for zone, chip_id, t in model.expired:
                chip = self.context.instance.chip_by_id[chip_id]
                grouped[zone, t] += [
                    (chip, model.expired[zone, chip_id, t]),
                    (chip, model.sold_early[zone, chip_id, t]),
                ]
            return grouped
        for zone, entries in self.by_zone.items():
            for chip, t in entries:
                leaves = timing.departure(chip, t)
                if leaves is not None:
                    grouped[zone, leaves].append((chip, model.installed[zone, chip.chip, t]))
        return grouped

    def stock_change(self, zone: AllocationZone, period: PeriodIndex, weight: Mapping[str, float]) -> list[Term]:
        """Change of a weighted working stock at the start of a period; chips without a weight do not count."""
        gained = [
            (weight[chip.chip], variable) for chip, variable in self.arrivals(zone, period) if chip.chip in weight
        ]
        lost = [
            (-weight[chip.chip], variable) for chip, variable in self.departures(zone, period) if chip.chip in weight
        ]
        return gained + lost
