"""A dispatch mode: what a year of dispatch of a load of 1 TWh takes, makes and leaves, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """What a mode needs of a technology, and makes with it, for a load of 1 TWh in a year.

    Attributes
    ----------
    capacity
        GW; of storage, of its power.
    storage
        GWh of storage.
    energy
        TWh; of storage, given back.
    price_factor
        Price of its energy over the mean price.
    """

    technology: str
    capacity: float
    storage: float
    energy: float
    price_factor: float = 1.0


@dataclass(frozen=True)
class Served:
    """How a mode serves the load. What a site does not ask for stays 0.

    Attributes
    ----------
    cut
        Energy cut [TWh per TWh that the load asks for].
    deepest_cut
        Most of the load that is cut in an hour.
    grid_peak
        Highest draw from the grid for a load of 1 TWh in a year [GW].
    least_clean
        Least clean share of what is delivered in any hour.
    """

    cut: float = 0.0
    deepest_cut: float = 0.0
    grid_peak: float = 0.0
    least_clean: float = 0.0


#: Nothing is cut, and nothing counted.
WHOLE = Served()


@dataclass(frozen=True)
class Mode:
    """Uses of technologies, one for each that runs, and how the load is served. Iterates over its uses."""

    uses: tuple[Use, ...]
    served: Served = WHOLE

    def __iter__(self) -> Iterator[Use]:
        return iter(self.uses)

    def __len__(self) -> int:
        return len(self.uses)


@dataclass(frozen=True)
class ModePrices:
    """What the planning model pays for what a mode takes in a year, in any money; only `cut` may be below 0.

    Attributes
    ----------
    capacity, energy
        Per GW and TWh of each technology; 0 where none is named.
    storage
        Per GWh of storage.
    shape
        Per TWh of each technology, times the excess of its price over the mean in each hour.
    cut
        Per TWh of load that is cut; below 0 if tax and cooling that it saves are worth more.
    grid_peak
        Per GW of the highest draw from the grid.
    """

    capacity: Mapping[str, float]
    energy: Mapping[str, float]
    storage: float = 0.0
    shape: Mapping[str, float] | None = None
    cut: float = 0.0
    grid_peak: float = 0.0


def cost_of_mode(mode: Mode, prices: ModePrices) -> float:
    """What a mode takes, at given prices."""
    shape = prices.shape or {}
    uses = sum(
        use.capacity * prices.capacity.get(use.technology, 0.0)
        + use.storage * prices.storage
        + use.energy * prices.energy.get(use.technology, 0.0)
        + use.energy * (use.price_factor - 1) * shape.get(use.technology, 0.0)
        for use in mode
    )
    return uses + mode.served.cut * prices.cut + mode.served.grid_peak * prices.grid_peak


__all__ = ["WHOLE", "Mode", "ModePrices", "Served", "Use", "cost_of_mode"]
