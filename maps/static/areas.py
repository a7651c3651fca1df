"""The regions of static maps: those of the page, and some that only paper needs."""

from __future__ import annotations

from typing import Final

from maps.regions import REGIONS, Region

_ON_PAPER: Final = (
    Region("north_america", "North America", -126, -66, 22, 58, -96),
    Region("nordics", "Nordics", 3, 33, 54, 71.5, 18),
    Region("asia", "Asia", 64, 148, -11, 52, 106),
)

#: Every region of a static map by its key.
AREAS: Final = {region.key: region for region in (*REGIONS, *_ON_PAPER)}


def area_by_key(key: str) -> Region:
    """Find a region; hyphens may stand for underscores.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    region = AREAS.get(key.replace("-", "_"))
    if region is None:
        msg = f"no region '{key}'; choose from {', '.join(name.replace('_', '-') for name in AREAS)}"
        raise ValueError(msg)
    return region
