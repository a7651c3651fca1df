"""The views that a map can open on, shared by the page and the static map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the world and the projection that suits it.

    Attributes
    ----------
    west, east, south, north
        Degrees that must be visible.
    central_longitude
        Degrees; the world is cut half a turn away from it.
    """

    key: str
    title: str
    west: float
    east: float
    south: float
    north: float
    central_longitude: float

    @property
    def is_world(self) -> bool:
        """Whether it shows the whole globe (Equal Earth) or a part (Albers)."""
        return self.east - self.west >= 359

    @property
    def parallels(self) -> tuple[float, float]:
        """Standard parallels of the Albers projection, a sixth of the height from either edge."""
        sixth = (self.north - self.south) / 6
        return self.south + sixth, self.north - sixth

    @property
    def central_latitude(self) -> float:
        """Middle latitude [degrees]."""
        return (self.south + self.north) / 2


#: The Pacific in the middle keeps Asia and America on one sheet and leaves an empty ocean for notes.
WORLD: Final = Region("world", "World", -30, 330, -56, 82, 150)

REGIONS: Final = (
    WORLD,
    Region("atlantic", "World, Atlantic in the middle", -170, 190, -56, 82, 10),
    Region("north_america", "North America", -124, -68, 25, 51, -96),
    Region("europe", "Europe", -11, 31, 36, 69, 10),
    Region("gulf", "Gulf and Middle East", 33, 61, 14, 36, 47),
    Region("south_asia", "South and South-East Asia", 68, 120, -9, 33, 94),
    Region("east_asia", "East Asia", 100, 146, 20, 48, 123),
    Region("latin_america", "Latin America", -105, -35, -40, 28, -70),
)


def region_by_key(key: str) -> Region:
    """Find a region.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    for region in REGIONS:
        if region.key == key:
            return region
    msg = f"no region '{key}'; choose from {', '.join(region.key for region in REGIONS)}"
    raise ValueError(msg)
