"""Records as compact JSON in which whatever occurs twice is written once.

Plans of one study differ in little: names, sources, positions, dates and most limits are the same in all of them.
`packed` finds what is the same by value, at any depth, so nothing has to say in advance what scenarios share, and
nothing that differs can be lost. `maps/viewer/src/packing.js` is the way back.

The form, for a value in a tree:

- a number, ``true``, ``false`` or ``null`` stands for itself;
- a string is the position of an entry of ``pool``;
- an array is a tuple;
- ``{"K": [...]}`` is a record of ``kinds[K]``, its fields in order;
- ``{"K+": [...]}`` is a tuple of such records, column by column.

An entry of the pool that is a string is that text itself; any other entry is a value as above.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Final, TypeAlias

#: Digits kept of each number: more than the page shows, few enough to keep the file small.
SIGNIFICANT_DIGITS: Final = 7

_Node: TypeAlias = tuple[object, ...]
_SHORTEST_SHARED: Final = 6  # characters; a shorter value costs no more than the reference to it


def packed(value: object) -> dict[str, object]:
    """Pack a tree of frozen dataclasses, tuples, texts and numbers; numbers are rounded to `SIGNIFICANT_DIGITS`.

    Raises
    ------
    TypeError
        If there is anything else in the tree.
    """
    return _Packer().pack(value)


class _Packer:
    """Gives equal values one number (children before parents), and counts who refers to each."""

    def __init__(self) -> None:
        self._number: dict[_Node, int] = {}
        self._nodes: list[_Node] = []
        self._uses: list[int] = []
        self._kinds: dict[type, int] = {}

    def pack(self, value: object) -> dict[str, object]:
        root = self._add(value)
        trees: list[object] = []  # of every node, without references
        sizes: list[int] = []
        place: dict[int, str] = {}  # of the nodes that went into the pool
        pool: list[object] = []
        for number, node in enumerate(self._nodes):
            tree = _tree(node, trees, place)
            trees.append(tree)
            is_text = node[0] == "text"
            sizes.append(_size(node, sizes, place))
            if is_text or (self._uses[number] > 1 and sizes[number] >= _SHORTEST_SHARED):
                place[number] = str(len(pool))
                pool.append(tree)
        return {
            "kinds": [[field.name for field in dataclasses.fields(kind)] for kind in self._kinds],
            "pool": pool,
            "root": place.get(root, trees[root]),
        }

    def _add(self, value: object) -> int:
        match value:
            case None | bool():
                return self._intern(("constant", str(value), value))
            case int():
                return self._intern(("number", value))
            case float():
                rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
                return self._intern(("number", int(rounded) if rounded.is_integer() else rounded))
            case str():
                return self._intern(("text", value))
            case tuple():
                return self._tuple(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in dataclasses.fields(value)]
            return self._intern(("record", self._kind(type(value)), *(self._add(getattr(value, n)) for n in names)))
        message = f"cannot pack a {type(value).__name__}"
        raise TypeError(message)

    def _tuple(self, values: tuple[object, ...]) -> int:
        kinds = {type(value) for value in values}
        kind = kinds.pop() if len(kinds) == 1 else object
        if not dataclasses.is_dataclass(kind):
            return self._intern(("tuple", *map(self._add, values)))
        columns = [tuple(getattr(value, field.name) for value in values) for field in dataclasses.fields(kind)]
        return self._intern(("table", self._kind(kind), *map(self._tuple, columns)))

    def _kind(self, kind: type) -> int:
        return self._kinds.setdefault(kind, len(self._kinds))

    def _intern(self, node: _Node) -> int:
        number = self._number.get(node)
        if number is None:
            number = self._number[node] = len(self._nodes)
            self._nodes.append(node)
            self._uses.append(0)
            for child in _children(node):
                self._uses[child] += 1
        return number


def _children(node: _Node) -> tuple[int, ...]:
    match node[0]:
        case "tuple":
            return node[1:]  # type: ignore[return-value]
        case "record" | "table":
            return node[2:]  # type: ignore[return-value]
    return ()


def _tree(node: _Node, trees: list[object], place: dict[int, str]) -> object:
    parts = [place.get(child, trees[child]) for child in _children(node)]
    match node[0]:
        case "tuple":
            return parts
        case "record":
            return {str(node[1]): parts}
        case "table":
            return {f"{node[1]}+": parts}
    return node[-1]


def _size(node: _Node, sizes: list[int], place: dict[int, str]) -> int:
    """About how many characters the value takes."""
    if node[0] in ("constant", "number", "text"):
        return len(json.dumps(node[-1]))
    return 2 + sum(len(place[child]) + 3 if child in place else sizes[child] + 1 for child in _children(node))
