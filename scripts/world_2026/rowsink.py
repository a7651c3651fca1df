"""Collects validated rows and writes them as the CSV tables of an instance."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from optimizer.instance.schema import TABLES, Row


def number(value: float, digits: int = 4) -> float:
    """Round to significant digits, so that files stay readable."""
    return float(f"{value:.{digits}g}")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def write_tables(rows: Iterable[Row], folder: Path) -> dict[str, int]:
    """Write one CSV file a table, columns that are nowhere set left out; return the row counts.

    Raises
    ------
    ValueError
        If two rows of a table have the same key.
    """
    collected: dict[type[Row], list[Row]] = {table: [] for table in TABLES}
    for row in rows:
        collected[type(row)].append(row)
    counts = {}
    for table, members in collected.items():
        keys = [row.key_values for row in members]
        if len(set(keys)) < len(keys):
            duplicates = sorted({key for key in keys if keys.count(key) > 1})
            msg = f"{table.table}: duplicate keys {duplicates[:3]}"
            raise ValueError(msg)
        path = folder / f"{table.table}.csv"
        if not members:
            path.unlink(missing_ok=True)
            continue
        _write(path, table, members)
        counts[table.table] = len(members)
    return counts


def _write(path: Path, table: type[Row], members: list[Row]) -> None:
    dumped = [row.model_dump(mode="json") for row in members]
    used = [
        name
        for name, field in table.model_fields.items()
        if field.is_required() or any(row[name] != field.default for row in dumped)
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(used)
        writer.writerows([_text(row[name]) for name in used] for row in dumped)
