"""Projecting without torn polygons: shapes are cut along the seam of the world before they are bent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry import LineString, Polygon, box

from maps.regions import Region

_SLIVER = 1e-6  # degrees on either side of the seam
_BEND = 1.0  # degrees between points of a straight edge that may become a curve


@dataclass(frozen=True)
class Projection:
    """Equal Earth for the world, Albers for a part of it; both keep areas true."""

    region: Region

    @cached_property
    def crs(self) -> CRS:
        """Reference system, in metres."""
        region = self.region
        if region.is_world:
            return CRS.from_proj4(f"+proj=eqearth +lon_0={region.central_longitude} +datum=WGS84")
        low, high = region.parallels
        return CRS.from_proj4(
            f"+proj=aea +lat_1={low} +lat_2={high} +lat_0={region.central_latitude} "
            f"+lon_0={region.central_longitude} +datum=WGS84"
        )

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs(4326, self.crs, always_xy=True)

    def points(self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions in metres, shape (n, 2)."""
        x, y = self._transformer.transform(longitude, latitude)
        return np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])

    def degrees(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitude and latitude of positions in metres, shape (n, 2)."""
        longitude, latitude = self._transformer.transform(x, y, direction="INVERSE")
        return np.column_stack([longitude, latitude])

    def layer(self, frame: gpd.GeoSeries) -> gpd.GeoSeries:
        """Shapes in metres, cut along the seam, empty parts dropped."""
        seam = (self.region.central_longitude + 360) % 360 - 180
        halves = [frame]
        if abs(abs(seam) - 180) > _SLIVER:
            west, east = box(-180, -90, seam - _SLIVER, 90), box(seam + _SLIVER, -90, 180, 90)
            halves = [frame.intersection(west), frame.intersection(east)]
        if not self.region.is_world:
            halves = [half.intersection(box(*self._clip_degrees)) for half in halves]
        shapes = np.concatenate([np.asarray(half.array) for half in halves])
        shapes = shapely.segmentize(shapes[~shapely.is_empty(shapes)], _BEND)
        bent: Any = shapely.transform(shapes, lambda xy: self.points(xy[:, 0], xy[:, 1]))
        return gpd.GeoSeries(shapely.make_valid(bent), crs=self.crs)

    @cached_property
    def _clip_degrees(self) -> tuple[float, float, float, float]:
        """A generous box round a region: Albers folds what is far away onto the map."""
        region = self.region
        wide, high = region.east - region.west, region.north - region.south
        return (
            max(-180, region.west - wide), max(-85, region.south - high),
            min(180, region.east + wide), min(85, region.north + high),
        )  # fmt: skip

    def outline(self) -> Polygon:
        """Edge of the world."""
        middle = self.region.central_longitude
        west, east = middle - 179.999, middle + 179.999
        along, up = np.linspace(west, east, 181), np.linspace(-90, 90, 181)
        longitude = np.concatenate([np.full(181, west), along, np.full(181, east), along[::-1]])
        latitude = np.concatenate([up, np.full(181, 90.0), up[::-1], np.full(181, -90.0)])
        return Polygon(self.points(longitude, latitude))

    def graticule(self) -> gpd.GeoSeries:
        """Lines of longitude and latitude, 30 degrees apart."""
        meridians = [LineString([(lon, -85), (lon, 85)]) for lon in range(-180, 180, 30)]
        parallels = [LineString([(-180, lat), (180, lat)]) for lat in range(-60, 61, 30)]
        return self.layer(gpd.GeoSeries(meridians + parallels, crs=4326))

    def extent(self, south: float, north: float) -> tuple[float, float, float, float]:
        """Least and greatest x, then y, of the region between two latitudes [m]."""
        region = self.region
        inset = 0.001 if region.is_world else 0.0
        lon = np.linspace(region.west + inset, region.east - inset, 61)
        lat = np.linspace(south, north, 61)
        edge = np.concatenate(
            [
                self.points(lon, np.full(61, south)), self.points(lon, np.full(61, north)),
                self.points(np.full(61, lon[0]), lat), self.points(np.full(61, lon[-1]), lat),
            ]
        )  # fmt: skip
        (x0, y0), (x1, y1) = edge.min(axis=0), edge.max(axis=0)
        return float(x0), float(x1), float(y0), float(y1)
