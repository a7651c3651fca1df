"""Numbers of power options by year (SEMANTICS 12.13)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.instance import Instance
from optimizer.instance.schema import OptionYear, PowerOption


def dispatched_sites(instance: Instance) -> frozenset[str]:
    """Sites whose technologies are options of their own (12.13)."""
    if instance.settings.power.method.value not in ("columns", "embedded"):
        return frozenset()
    return frozenset(row.site for row in instance.site_power)


@dataclass(frozen=True)
class OptionYears:
    """Costs, carbon and firm credit of options: those of their row for the year, else their own."""

    instance: Instance

    def of(self, option: PowerOption, year: int) -> PowerOption | OptionYear:
        """What holds for an option in a year."""
        return self._rows.get((option.site, option.option, year), option)

    @cached_property
    def _rows(self) -> dict[tuple[str, str, int], OptionYear]:
        return {(row.site, row.option, row.year): row for row in self.instance.option_years}
