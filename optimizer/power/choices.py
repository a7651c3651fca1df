"""Technologies by what the planning model calls them, and the sets of them that a portfolio may mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.instance.schema import PowerKind, TechnologyKind
from optimizer.power.technologies import Offer

POWER_KIND = {
    TechnologyKind.GRID_FIRM: PowerKind.GRID_FIRM,
    TechnologyKind.GRID_INTERRUPTIBLE: PowerKind.GRID_INTERRUPTIBLE,
    TechnologyKind.OPEN_CYCLE_GAS: PowerKind.GAS_TURBINE,
    TechnologyKind.COMBINED_CYCLE_GAS: PowerKind.GAS_TURBINE,
    TechnologyKind.GAS_ENGINE: PowerKind.GAS_ENGINE,
    TechnologyKind.FUEL_CELL: PowerKind.FUEL_CELL,
    TechnologyKind.SOLAR: PowerKind.RENEWABLES_STORAGE,
    TechnologyKind.ONSHORE_WIND: PowerKind.RENEWABLES_STORAGE,
    TechnologyKind.LITHIUM_STORAGE: PowerKind.RENEWABLES_STORAGE,
    TechnologyKind.NUCLEAR_LARGE: PowerKind.NUCLEAR,
    TechnologyKind.NUCLEAR_SMALL: PowerKind.NUCLEAR,
    TechnologyKind.GEOTHERMAL: PowerKind.GEOTHERMAL,
    TechnologyKind.HYDRO_CONTRACT: PowerKind.HYDRO,
}
#: A site has one connection to the grid, of one of these kinds.
CONNECTIONS = (TechnologyKind.GRID_INTERRUPTIBLE, TechnologyKind.GRID_FIRM)


def choices(offers: Sequence[Offer]) -> Iterator[tuple[Offer, ...]]:
    """Sets of technologies that a portfolio may mix.

    Every firm source alone, and with sun, wind and storage; these alone; everything but the grid; everything, with
    one connection to the grid: firm or interruptible.
    """
    variable = [o for o in offers if o.row.kind.follows_weather or o.row.kind is TechnologyKind.LITHIUM_STORAGE]
    firm = [offer for offer in offers if offer not in variable]
    sets = [[source] for source in firm] + [[source, *variable] for source in firm] + [variable]
    sets += [[o for o in offers if not o.row.kind.is_grid]]
    sets += [[o for o in offers if o.row.kind is not other] for other in CONNECTIONS]
    seen = set()
    for chosen in sets:
        names = frozenset(offer.row.technology for offer in chosen)
        if names and names not in seen and any(o.row.kind is not TechnologyKind.LITHIUM_STORAGE for o in chosen):
            seen.add(names)
            yield tuple(chosen)


__all__ = ["CONNECTIONS", "POWER_KIND", "choices"]
