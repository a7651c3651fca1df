"""The land of the page: TopoJSON whose lines are written as text, a quarter of their length as JSON.

An arc is a run of steps (right, up) on the grid of the document. Each number is doubled, or doubled and inverted if
negative, and cut into digits of 32, the lowest first; every digit is one character from ``?`` on, those that are
followed by another one 32 further. `maps/viewer/src/basemap.js` is the way back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from maps.basemap import Detail, Layer, topojson_text

if TYPE_CHECKING:
    from shapely import LinearRing, Polygon
    from shapely.geometry.base import BaseGeometry

    from maps.static.basemap import UserBasemap

_FIRST: Final = 63  # "?": the digits are printable, and none of them is "<"
_BASE: Final = 32
_GRID: Final = 1e-3  # degrees: a user's own lines are kept as finely as the page can show them
_MOST_CHARACTERS: Final = 700_000
_LEAST_POINTS: Final = 4  # of a ring, the first one twice
_Point = tuple[int, int]


@lru_cache(maxsize=1)
def web_basemap() -> dict[str, Any]:
    """Natural Earth as the viewer reads it: without names and statistics, which it does not show."""
    document: dict[str, Any] = json.loads(topojson_text(Detail.WEB))
    for layer in document["objects"].values():
        layer["geometries"] = [
            {name: shape[name] for name in ("type", "arcs", "geometries") if name in shape}
            for shape in layer["geometries"]
        ]
    return {**document, "arcs": [steps_as_text(arc) for arc in document["arcs"]]}


def user_basemap(basemap: UserBasemap) -> dict[str, Any]:
    """A user's own areas in the same form, simplified as far as the page would grow too long."""
    points = int(basemap.shapes.count_coordinates().sum())
    tolerance = 0.0 if points <= _MOST_CHARACTERS / 2 else 2 * _GRID
    while True:
        document = _document(basemap, tolerance)
        if sum(map(len, document["arcs"])) <= _MOST_CHARACTERS:
            return document
        tolerance = max(2 * tolerance, 2 * _GRID)


def _document(basemap: UserBasemap, tolerance: float) -> dict[str, Any]:
    arcs: list[str] = []
    shapes = []
    for shape in basemap.shapes.simplify(tolerance) if tolerance else basemap.shapes:
        polygons = [rings for polygon in _polygons(shape) if (rings := _rings(polygon, arcs))]
        if polygons:
            shapes.append({"type": "MultiPolygon", "arcs": polygons})
    empty: dict[str, Any] = {"type": "GeometryCollection", "geometries": []}
    return {
        "type": "Topology",
        "transform": {"scale": [_GRID, _GRID], "translate": [0, 0]},
        "objects": {Layer.COUNTRIES: {**empty, "geometries": shapes}, Layer.LAKES: empty, Layer.STATES: empty},
        "arcs": arcs,
    }


def _polygons(shape: BaseGeometry) -> Iterator[Polygon]:
    """Areas of a shape, which repairs may have mixed with lines."""
    import shapely

    for part in shapely.get_parts(shape):
        if part.geom_type == "GeometryCollection":
            yield from _polygons(part)
        elif part.geom_type in ("Polygon", "MultiPolygon"):
            yield from shapely.get_parts(part)


def _rings(polygon: Polygon, arcs: list[str]) -> list[list[int]]:
    """Positions of the outer ring and of the holes among the arcs, to which they are added; none if it is too small."""
    found: list[list[int]] = []
    for position, ring in enumerate((polygon.exterior, *polygon.interiors)):
        points = _on_grid(ring)
        if len(points) >= _LEAST_POINTS:
            arcs.append(steps_as_text(_differences(points)))
            found.append([len(arcs) - 1])
        elif position == 0:
            return []
    return found


def _on_grid(ring: LinearRing) -> list[_Point]:
    import shapely

    points: list[_Point] = list(map(tuple, (shapely.get_coordinates(ring) / _GRID).round().astype(int).tolist()))
    return [point for position, point in enumerate(points) if position == 0 or point != points[position - 1]]


def _differences(points: Sequence[_Point]) -> Iterator[_Point]:
    before = (0, 0)
    for point in points:
        yield point[0] - before[0], point[1] - before[1]
        before = point


def steps_as_text(steps: Iterable[Iterable[int]]) -> str:
    """Write the steps of an arc as text."""
    return "".join(sign for step in steps for number in step for sign in _digits(number))


def _digits(number: int) -> Iterator[str]:
    rest = ~(number << 1) if number < 0 else number << 1
    while rest >= _BASE:
        yield chr(_FIRST + _BASE + rest % _BASE)
        rest //= _BASE
    yield chr(_FIRST + rest)
