"""What the modes of dispatched sites ask of their technologies, and the loads they carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass
class Run:
    """What the modes of a site ask of a technology in a year.

    Attributes
    ----------
    capacity, storage
        GW-years, GWh-years.
    energy, paid
        TWh, and TWh times the factors on their price.
    """

    capacity: float = 0.0
    storage: float = 0.0
    energy: float = 0.0
    paid: float = 0.0


@dataclass(frozen=True)
class SiteLoad:
    """Load of a site in a year [TWh], with the tax [B USD] and the water [million m3] of what is delivered of it."""

    energy: float
    tax: float
    water: float


@dataclass(frozen=True)
class Service:
    """How the load of a site is served in a year: energy cut [TWh], its cost and the demand charge [B USD]."""

    cut: float = 0.0
    cost: float = 0.0
    charge: float = 0.0


@dataclass(frozen=True)
class Dispatched:
    """Dispatch of a plan as its table says it: runs by site, technology and year, and loads by site and year."""

    runs: Mapping[tuple[str, str, int], Run]
    loads: Mapping[tuple[str, int], SiteLoad]

    def price_factor(self, site: str, technologies: Sequence[str], year: int) -> float:
        """Factor on the price of what technologies of a site deliver in a year."""
        runs = [self.runs[key] for name in technologies if (key := (site, name, year)) in self.runs]
        energy = sum(run.energy for run in runs)
        return sum(run.paid for run in runs) / energy if energy > 0 else 1.0
