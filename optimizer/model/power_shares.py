"""What a power option takes of grids, long-lead items and technologies: by its parts if computed, else by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerKind, PowerOption, TechnologyKind, TechnologyRow

#: Kinds of given options, and technologies, that are fed by gas pipelines.
GAS_KINDS = frozenset({PowerKind.GAS_TURBINE, PowerKind.GAS_ENGINE, PowerKind.FUEL_CELL})
GAS_TECHNOLOGIES = frozenset(
    {
        TechnologyKind.OPEN_CYCLE_GAS,
        TechnologyKind.COMBINED_CYCLE_GAS,
        TechnologyKind.GAS_ENGINE,
        TechnologyKind.FUEL_CELL,
    }
)


@dataclass(frozen=True)
class PowerShares:
    """Reads what one MW of each option of an instance takes of what is scarce (SEMANTICS 4.6, 4.7, 12.11)."""

    instance: Instance

    def grid(self, option: PowerOption) -> float:
        """MW drawn from the grid region."""
        parts = self.technologies(option)
        if parts is None:
            return 1.0 if option.kind.uses_grid_headroom else 0.0
        return sum(mw for name, mw in parts.items() if self._technologies[name].kind.is_grid)

    def slot(self, option: PowerOption, resource: str) -> float:
        """MW of a long-lead item."""
        parts = self.technologies(option)
        if parts is None:
            return self._by_kind.get((resource, option.kind), 0.0)
        taken = ((self._technologies[name], mw) for name, mw in parts.items())
        return sum(made.slots_mw_per_mw * mw for made, mw in taken if made.resource == resource)

    def gas(self, option: PowerOption) -> float:
        """MW of sources that burn gas, fed by pipelines."""
        parts = self.technologies(option)
        if parts is None:
            return 1.0 if option.kind in GAS_KINDS else 0.0
        return sum(mw for name, mw in parts.items() if self._technologies[name].kind in GAS_TECHNOLOGIES)

    def technologies(self, option: PowerOption) -> Mapping[str, float] | None:
        """MW of each technology in a computed option; None for a given one."""
        parts = self.instance.parts_of_option.get((option.site, option.option))
        return None if parts is None else {part.technology: part.mw_per_mw for part in parts}

    @cached_property
    def _technologies(self) -> Mapping[str, TechnologyRow]:
        return {row.technology: row for row in self.instance.technologies}

    @cached_property
    def _by_kind(self) -> Mapping[tuple[str, PowerKind], float]:
        return {(use.resource, use.kind): use.mw_per_mw for use in self.instance.slot_use}


def firm_share(instance: Instance, option: PowerOption, year: int) -> float:
    """Share of the capacity of an option that counts on the worst hour of a year, net of the reserve of its site.

    A portfolio carries the reserve of its load within its parts; of everything else a margin is held back (12.7).
    """
    credit = instance.option_in_year(option, year).firm_credit
    is_portfolio = (option.site, option.option) in instance.parts_of_option and not instance.is_dispatched(option)
    return credit if is_portfolio else credit / (1 + instance.needs(option.site).reserve_margin)
