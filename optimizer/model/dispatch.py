"""Computed sites whose technologies are options of their own: what stands carries the load by the hour (SEMANTICS 12).

How the hours are known, by modes or by variables of their own, is the matter of `dispatch_modes` and `hourly_dispatch`.
Both say what a year of dispatch takes; here it is tied to load, energy and capacity of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyomo.environ as pyo

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PortfolioPart, PowerOption, TechnologyKind
from optimizer.model.context import ModelContext
from optimizer.model.expressions import Term, linear

SiteYear = tuple[str, int]


@dataclass(frozen=True)
class YearOfDispatch:
    """What the dispatch of a site takes and gives in the plan's part of a year, as terms by technology.

    Attributes
    ----------
    supplied
        Facility energy of the load [TWh].
    capacity, storage
        Needed [GW-years, GWh-years].
    energy
        Made, or given back by storage [TWh].
    dearer
        Energy times the excess of its price over the mean [TWh].
    cut
        Energy of the load that is cut [TWh].
    grid_peak
        Highest draw from the grid [GW-years].
    """

    supplied: Sequence[Term]
    capacity: Mapping[str, Sequence[Term]]
    storage: Mapping[str, Sequence[Term]]
    energy: Mapping[str, Sequence[Term]]
    dearer: Mapping[str, Sequence[Term]]
    cut: Sequence[Term] = ()
    grid_peak: Sequence[Term] = ()


Dispatch = Mapping[SiteYear, YearOfDispatch]


@dataclass(frozen=True)
class TechnologyShares:
    """Which options of dispatched sites hold which technology."""

    instance: Instance

    @cached_property
    def by_technology(self) -> Mapping[tuple[str, str], tuple[tuple[PowerOption, PortfolioPart], ...]]:
        """Options and their part, by site and technology."""
        found: dict[tuple[str, str], list[tuple[PowerOption, PortfolioPart]]] = {}
        for option in self.instance.power_options:
            if option.site in self.instance.dispatched_sites:
                for part in self.instance.parts_of_option.get((option.site, option.option), ()):
                    found.setdefault((option.site, part.technology), []).append((option, part))
        return {key: tuple(pairs) for key, pairs in found.items()}

    def technologies(self, site: str) -> tuple[str, ...]:
        """Technologies of a site."""
        return tuple(technology for name, technology in self.by_technology if name == site)

    @cached_property
    def stores(self) -> frozenset[str]:
        """Technologies that store energy."""
        kinds = {row.technology: row.kind for row in self.instance.technologies}
        return frozenset(name for name, kind in kinds.items() if kind is TechnologyKind.LITHIUM_STORAGE)


def add_dispatch(
    context: ModelContext,
    dispatch: Dispatch,
    drawn: Callable[[str, int], Sequence[Term]],
    held: Callable[[PowerOption, int], Sequence[Term]],
    given: Callable[[str, int], Sequence[Term]],
) -> None:
    """Tie years of dispatch to the plan.

    Parameters
    ----------
    drawn
        Terms of the energy that a site draws in a year [TWh].
    held
        Terms of the capacity of an option, summed over the year [GW-years].
    given
        Terms of the energy of options of a site that are no technologies [TWh].
    """
    model, shares = context.model, TechnologyShares(context.instance)
    keys = [(site, technology, year) for (site, year), of_year in dispatch.items() for technology in of_year.energy]

    def dispatch_meets_load(_: pyo.ConcreteModel, site: str, year: int) -> object:
        """Energy of the load in dispatch, and of options given beside, = energy drawn; power-columns.md 1, balance."""
        less = [(-factor, variable) for factor, variable in drawn(site, year)]
        return linear([*dispatch[site, year].supplied, *given(site, year), *less]) == 0

    def energy_of_dispatch(_: pyo.ConcreteModel, site: str, technology: str, year: int) -> object:
        """Sum over the options of a technology of energy = energy that dispatch makes with it."""
        delivered: list[Term] = [
            (1.0, model.energy[site, option.option, year])
            for option, _ in shares.by_technology[site, technology]
            if (site, option.option, year) in model.energy
        ]
        made = [(-factor, variable) for factor, variable in dispatch[site, year].energy[technology]]
        return linear([*delivered, *made]) == 0

    def capacity_for_dispatch(_: pyo.ConcreteModel, site: str, technology: str, year: int) -> object:
        """Average capacity of a technology over the year >= what dispatch needs of it; power-columns.md 1, caps."""
        needed = [(-factor, variable) for factor, variable in dispatch[site, year].capacity[technology]]
        standing = [term for option, _ in shares.by_technology[site, technology] for term in held(option, year)]
        return linear([*standing, *needed]) >= 0

    def storage_for_dispatch(_: pyo.ConcreteModel, site: str, technology: str, year: int) -> object:
        """Hours x average capacity, summed over the options of a storage >= energy that dispatch stores at most."""
        needed = [(-factor, variable) for factor, variable in dispatch[site, year].storage[technology]]
        standing = [
            (part.storage_mwh_per_mw * factor, variable)
            for option, part in shares.by_technology[site, technology]
            for factor, variable in held(option, year)
        ]
        return linear([*standing, *needed]) >= 0

    model.dispatch_meets_load = pyo.Constraint(list(dispatch), rule=dispatch_meets_load)
    model.energy_of_dispatch = pyo.Constraint(keys, rule=energy_of_dispatch)
    model.capacity_for_dispatch = pyo.Constraint(keys, rule=capacity_for_dispatch)
    model.storage_for_dispatch = pyo.Constraint(
        [key for key in keys if key[1] in shares.stores], rule=storage_for_dispatch
    )
    _add_served(context, dispatch)


def _add_served(context: ModelContext, dispatch: Dispatch) -> None:
    """Add ``cut[site, year]`` [TWh] and ``grid_peak[site, year]`` [GW-years] where a site asks for them (12.16)."""
    model, needs = context.model, context.instance.needs
    curtailable = [(site, year) for site, year in dispatch if needs(site).is_curtailable]
    metered = [(site, year) for site, year in dispatch if needs(site).is_metered]

    def cuts_of_dispatch(_: pyo.ConcreteModel, site: str, year: int) -> object:
        """Cut = energy that dispatch cuts of the load; power-columns.md 1, shed."""
        made = [(-factor, variable) for factor, variable in dispatch[site, year].cut]
        return linear([(1.0, model.cut[site, year]), *made]) == 0

    def grid_peak_of_dispatch(_: pyo.ConcreteModel, site: str, year: int) -> object:
        """Grid peak, which pays the demand charge, >= highest draw of dispatch (12.16)."""
        drawn = [(-factor, variable) for factor, variable in dispatch[site, year].grid_peak]
        return linear([(1.0, model.grid_peak[site, year]), *drawn]) >= 0

    if curtailable:
        model.cut = pyo.Var(curtailable, within=pyo.NonNegativeReals)
        model.cuts_of_dispatch = pyo.Constraint(curtailable, rule=cuts_of_dispatch)
    if metered:
        model.grid_peak = pyo.Var(metered, within=pyo.NonNegativeReals)
        model.grid_peak_of_dispatch = pyo.Constraint(metered, rule=grid_peak_of_dispatch)


__all__ = ["Dispatch", "TechnologyShares", "YearOfDispatch", "add_dispatch"]
