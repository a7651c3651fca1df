"""Write an instance as canonical files, and name its content by a hash."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optimizer.instance.columns import columns_of, format_value
from optimizer.instance.instance import Instance
from optimizer.instance.places import SETTINGS_FILE
from optimizer.instance.schema import TABLES, Row


def write_instance(instance: Instance, folder: Path) -> None:
    """Write an instance into a folder, which is made if need be, so that reading it gives the same instance.

    Tables without rows are left out unless every instance needs them. The caller sees to it that readers never
    meet a folder half written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in canonical_files(instance):
        (folder / name).write_text(text, encoding="utf-8", newline="")


def instance_hash(instance: Instance) -> str:
    """SHA-256 of the content, in hexadecimal.

    It depends on settings, and on rows in file order; not on the folder, on how numbers, dates and units were
    written, on the order of columns, or on tables that are empty.
    """
    digest = hashlib.sha256()
    for name, text in canonical_files(instance):
        content = text.encode()
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def canonical_files(instance: Instance) -> Iterator[tuple[str, str]]:
    """Name and text of each file."""
    yield SETTINGS_FILE, canonical_settings(instance)
    for row_type in TABLES:
        rows: tuple[Row, ...] = getattr(instance, row_type.table)
        if rows or row_type.required_table:
            yield f"{row_type.table}.csv", canonical_table(row_type, rows)


def canonical_table(row_type: type[Row], rows: tuple[Row, ...]) -> str:
    """CSV text with every column of the schema, in its order and unit."""
    names = list(columns_of(row_type))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        cells = row.model_dump(mode="json")
        writer.writerow([format_value(cells[name]) for name in names])
    return text.getvalue()


def canonical_settings(instance: Instance) -> str:
    """TOML text with every setting."""
    document = instance.settings.model_dump(mode="json")
    lines = [f"{name} = {_toml(value)}" for name, value in document.items() if not isinstance(value, dict)]
    for name, section in document.items():
        if name == "scenarios":
            for scenario, content in section.items():
                lines += _section(f"scenarios.{_key(scenario)}", content)
        elif isinstance(section, dict):
            lines += _section(name, section)
    return "\n".join(lines) + "\n"


def _section(name: str, content: dict[str, Any]) -> list[str]:
    given = {key: value for key, value in content.items() if value is not None}
    return ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in given.items())]


def _key(name: str) -> str:
    is_bare = name and all(c.isascii() and (c.isalnum() or c in "_-") for c in name)
    return name if is_bare else _toml(name)


def _toml(value: Any) -> str:  # noqa: ANN401 - a value of any TOML type
    match value:
        case bool() | int() | float():
            return format_value(value) if isinstance(value, bool) else repr(value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_toml(item)}" for key, item in value.items()) + " }"
        case _:
            message = f"no TOML form for {type(value).__name__}"
            raise TypeError(message)
