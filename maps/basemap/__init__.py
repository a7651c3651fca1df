"""The world, as committed files: Natural Earth countries, lakes and states. Nothing is fetched at run time.

``PROVENANCE.md`` says where the files come from and ``build_basemap.py`` makes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd


class Detail(StrEnum):
    """How fine the lines are."""

    COARSE = "110m"
    WEB = "50m_web"
    FINE = "50m"


class Layer(StrEnum):
    """What the lines are. `STATES` covers AUS, BRA, CAN and USA, and is not part of `Detail.COARSE`."""

    COUNTRIES = "countries"
    LAKES = "lakes"
    STATES = "admin1"


def topojson_text(detail: Detail) -> str:
    """TopoJSON document with all layers, as text."""
    return (files(__package__) / f"basemap_{detail}.topojson").read_text(encoding="utf-8")


def label_points(countries: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Longitude and latitude at which Natural Earth writes the name of each country, those it knows, by ISO code."""
    shapes = json.loads(topojson_text(Detail.WEB))["objects"][Layer.COUNTRIES]["geometries"]
    found = {shape["properties"]["a3"]: shape["properties"] for shape in shapes}
    return {code: (found[code]["lx"], found[code]["ly"]) for code in sorted(set(countries) & set(found))}


@lru_cache(maxsize=8)
def layer(detail: Detail, name: Layer) -> gpd.GeoDataFrame:
    """One layer in longitude and latitude, with valid geometries.

    The frame is shared between callers: copy it before changing it.
    """
    import geopandas as gpd

    with as_file(files(__package__) / f"basemap_{detail}.topojson") as path:
        frame = gpd.read_file(path, layer=str(name))
    # TopoJSON states no reference system, and quantisation leaves a few self-touching rings.
    frame = frame.set_crs(4326, allow_override=True)
    frame["geometry"] = frame.geometry.make_valid()
    return frame
