"""The land of the page: TopoJSON whose lines are written as text, a quarter of their length as JSON.

An arc is a run of steps (right, up) on the grid of the document. Each number is doubled, or doubled and inverted if
negative, and cut into digits of 32, the lowest first; every digit is one character from ``?`` on, those that are
followed by another one 32 further. `maps/viewer/src/basemap.js` is the way back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from maps.basemap import Detail, topojson_text

_FIRST: Final = 63  # "?": the digits are printable, and none of them is "<"
_BASE: Final = 32


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


def steps_as_text(steps: Iterable[Iterable[int]]) -> str:
    """Write the steps of an arc as text."""
    return "".join(sign for step in steps for number in step for sign in _digits(number))


def _digits(number: int) -> Iterator[str]:
    rest = ~(number << 1) if number < 0 else number << 1
    while rest >= _BASE:
        yield chr(_FIRST + _BASE + rest % _BASE)
        rest //= _BASE
    yield chr(_FIRST + rest)
