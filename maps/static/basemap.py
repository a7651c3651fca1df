"""A user's own land and borders in the place of Natural Earth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd

_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class UserBasemap:
    """Areas in longitude and latitude.

    Attributes
    ----------
    name
        Name of the file, for the note on the map.
    """

    name: str
    shapes: gpd.GeoSeries

    @property
    def note(self) -> str:
        """What the map says about its boundaries."""
        return f"Boundaries are those of {self.name}, given by the user; they express no opinion on any territory."


def read_basemap(path: Path | str) -> UserBasemap:
    """Read the first layer of a file of areas: GeoPackage, GeoJSON, shapefile, FlatGeobuf, or a zip of these.

    Raises
    ------
    ValueError
        If the file is missing, cannot be read, has no areas, has no reference system, or lies off the globe.
    """
    import geopandas as gpd
    from pyogrio.errors import DataSourceError

    path = Path(path)
    if not path.is_file():
        msg = f"there is no file '{path}'"
        raise ValueError(msg)
    try:
        frame = gpd.read_file(path, engine="pyogrio")
    except (DataSourceError, OSError, ValueError) as error:
        msg = f"'{path}' cannot be read as a map: {error}"
        raise ValueError(msg) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        msg = f"'{path}' is a table without shapes"
        raise ValueError(msg)
    if frame.crs is None:
        msg = f"'{path}' does not say its reference system; store it with one, e.g. EPSG:4326"
        raise ValueError(msg)
    shapes = frame.geometry.dropna()
    kinds = sorted(set(shapes.geom_type) - set(_AREAS))
    shapes = shapes[shapes.geom_type.isin(_AREAS)]
    if shapes.empty:
        found = f"only {', '.join(kinds)}" if kinds else "nothing"
        msg = f"'{path}' has no areas to draw as land: found {found}"
        raise ValueError(msg)
    shapes = shapes.to_crs(4326).make_valid()
    west, south, east, north = shapes.total_bounds
    if not (west >= -180.001 and east <= 180.001 and south >= -90.001 and north <= 90.001):
        msg = f"'{path}' reaches beyond the globe ({west:g} to {east:g}°E, {south:g} to {north:g}°N)"
        raise ValueError(msg)
    return UserBasemap(path.name, shapes)
