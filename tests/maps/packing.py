"""The way back from `maps.packing`, written from its description alone."""

from __future__ import annotations

from typing import Any


def unpacked(document: dict[str, Any]) -> Any:
    kinds, pool = document["kinds"], document["pool"]

    def value(node: Any) -> Any:
        if isinstance(node, str):
            entry = pool[int(node)]
            return entry if isinstance(entry, str) else value(entry)
        if isinstance(node, list):
            return [value(part) for part in node]
        if isinstance(node, dict):
            ((kind, parts),) = node.items()
            names, cells = kinds[int(kind.rstrip("+"))], [value(part) for part in parts]
            rows = zip(*cells, strict=True) if kind.endswith("+") else [cells]
            records = [dict(zip(names, row, strict=True)) for row in rows]
            return records if kind.endswith("+") else records[0]
        return node

    return value(document["root"])
