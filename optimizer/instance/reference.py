"""The format as documents: JSON Schema for machines, Markdown for people. Both come from the row classes alone."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from optimizer.instance.codes import Code
from optimizer.instance.columns import Column, columns_of
from optimizer.instance.schema import TABLES, Row, Settings
from optimizer.units import UNITS, Dimension


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of instance.toml and of a row of each table.

    Columns list the other names under which they may be given, with their factors, as ``x-unit-variants``.
    """
    tables = {row_type.table: _table_schema(row_type) for row_type in TABLES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gigasite instance",
        "type": "object",
        "properties": {
            "instance.toml": Settings.model_json_schema(),
            **{f"{table}.csv": {"type": "array", "items": schema} for table, schema in tables.items()},
        },
        "required": ["instance.toml", *(f"{row_type.table}.csv" for row_type in TABLES if row_type.required_table)],
    }


def _table_schema(row_type: type[Row]) -> dict[str, Any]:
    schema = row_type.model_json_schema(mode="validation")
    schema["x-key"] = list(row_type.key)
    for column in columns_of(row_type).values():
        entry = schema["properties"][column.name]
        if column.unit:
            entry["x-unit"] = column.unit
            entry["x-unit-variants"] = {name: float(factor) for name, factor in column.variants.items()}
    return schema


def format_reference() -> str:
    """Markdown of every setting, table, unit and diagnostic code, as `instances/README.md` contains it."""
    parts = [_settings_reference()]
    parts += [_table_reference(row_type) for row_type in TABLES]
    parts += [_unit_reference(), _code_reference()]
    return "\n\n".join(parts) + "\n"


def _settings_reference() -> str:
    lines = ["### instance.toml", "", "| key | form | default | meaning |", "|---|---|---|---|"]
    lines += _setting_lines(Settings, "")
    return "\n".join(lines)


def _setting_lines(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, info in model.model_fields.items():
        annotation: Any = info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _setting_lines(annotation, f"{prefix}{name}.")
            continue
        column = columns_of(model)[name]
        form, meaning = _SETTING_FORMS.get(prefix + name, (_form(column), column.meaning))
        default = "**required**" if column.required else _default(column)
        yield f"| `{prefix}{name}` | {form} | {default} | {_escaped(meaning)} |"


#: Settings whose type says too little, in words.
_SETTING_FORMS = {
    "schema_version": ("1", "version of this format"),
    "name": ("name", "names the result folder"),
    "title": ("text", "shown on maps"),
    "objective": ("one of `npv`, `compute`, `cost`", "what the plan is best at (SEMANTICS 9)"),
    "calendar.start": ("date", "first month of the plan"),
    "calendar.periods": (
        "list of `{ months = 1, 3, 6 or 12, count = n }`",
        "lengths of the operating periods, in order; none may cross the end of a year",
    ),
    "calendar.decision_every_months": ("1, 3, 6 or 12", "months between decision dates (SEMANTICS 1.2)"),
    "solver.gap": ("number, at least 0 and below 1", "relative gap at which to stop"),
    "solver.time_limit_seconds": ("number, above 0", "time at which to stop"),
    "solver.threads": ("whole number, at least 1", "threads of the solver"),
    "solver.seed": ("whole number, at least 0", "random seed of the solver"),
    "checks.accept": (
        'list such as `["M701"]`',
        "codes of kinds L and M that shall be warnings instead of errors in this instance",
    ),
    "scenarios": (
        '`[scenarios.NAME]` with `description` and `changes = ["...", ...]`',
        "named sets of changes, see below",
    ),
}


def _table_reference(row_type: type[Row]) -> str:
    needed = "required" if row_type.required_table else "optional"
    key = ", ".join(f"`{name}`" for name in row_type.key)
    doc = " ".join((inspect.getdoc(row_type) or "").split())
    lines = [
        f"### {row_type.table}.csv",
        "",
        f"{doc} *{needed.capitalize()}; key {key}.*",
        "",
        "| column | form | unit | default | meaning |",
        "|---|---|---|---|---|",
    ]
    for column in columns_of(row_type).values():
        default = "**required**" if column.required else _default(column)
        unit = f"`{column.unit}`" if column.unit else ""
        lines.append(f"| `{column.name}` | {_form(column)} | {unit} | {default} | {_escaped(column.meaning)} |")
    return "\n".join(lines)


def _form(column: Column) -> str:
    if column.choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in column.choices)
    return f"{column.kind}, {column.bounds}" if column.bounds else str(column.kind)


def _default(column: Column) -> str:
    return "none" if column.default in ("", "()", "{}") else f"`{column.default}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _unit_reference() -> str:
    lines = ["### Units", "", "| dimension | units that may stand for one another |", "|---|---|"]
    for dimension in Dimension:
        names = ", ".join(f"`{unit.name}`" for unit in UNITS if unit.dimension is dimension)
        lines.append(f"| {dimension.value} | {names} |")
    return "\n".join(lines)


def _code_reference() -> str:
    lines = ["### Diagnostic codes", "", "| code | severity | meaning |", "|---|---|---|"]
    for code in Code:
        severity = "error; can be accepted" if code.acceptable else code.severity.value
        lines.append(f"| {code.value} | {severity} | {_escaped(code.meaning)} |")
    return "\n".join(lines)


def section_of(text: str, name: str) -> str:
    """What stands between ``<!-- name: start -->`` and ``<!-- name: end -->``.

    Raises
    ------
    ValueError
        If a marker is missing.
    """
    start, end = _markers(name)
    return text[text.index(start) + len(start) : text.index(end)].strip("\n") + "\n"


def with_section(text: str, name: str, content: str) -> str:
    """The text with another content between the two markers.

    Raises
    ------
    ValueError
        If a marker is missing.
    """
    start, end = _markers(name)
    before, after = text[: text.index(start) + len(start)], text[text.index(end) :]
    return f"{before}\n\n{content.strip(chr(10))}\n\n{after}"


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- {name}: start -->", f"<!-- {name}: end -->"
