"""instance.toml into validated Settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from optimizer.instance.codes import Code
from optimizer.instance.columns import ColumnKind, columns_of
from optimizer.instance.diagnostics import Diagnostic, Place
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.periods import first_span_crossing_year_end, period_spans
from optimizer.instance.schema import Settings
from optimizer.instance.schema.settings import Scenario
from optimizer.instance.toml_file import KeyPath, TomlFile


def read_settings(file: TomlFile) -> tuple[Settings | None, tuple[Diagnostic, ...]]:
    """Settings, or None with everything that is wrong with them."""
    try:
        settings = Settings.model_validate(file.content)
    except ValidationError as error:
        entries = error.errors(include_url=False)
        paths = [tuple(entry["loc"]) for entry in entries]
        # a list whose items are refused is also called too short: the items tell enough
        innermost = [
            entry
            for entry, path in zip(entries, paths, strict=True)
            if not any(len(other) > len(path) and other[: len(path)] == path for other in paths)
        ]
        return None, tuple(_diagnostic(file, dict(entry)) for entry in innermost)
    crossing = first_span_crossing_year_end(period_spans(settings.calendar))
    if crossing is None:
        return settings, ()
    first, last = crossing.start, crossing.end - 1
    message = (
        f"the period from {first // 12}-{first % 12 + 1:02d} to {last // 12}-{last % 12 + 1:02d} "
        "crosses the end of a calendar year"
    )
    hint = "budgets and demand are yearly: let periods start so that none crosses 1 January"
    place = file.key(("calendar", "periods"))
    return None, (Diagnostic(Code.YEAR_END, place, message, hint=hint),)


def section_model(path: KeyPath) -> type[BaseModel] | None:
    """Class of the section that contains a key, or None if there is none."""
    model: type[BaseModel] = Settings
    for name in (part for part in path[:-1] if isinstance(part, str)):
        if model is Settings and name == "scenarios":
            model = Scenario
            continue
        if model is Scenario and name not in Scenario.model_fields:
            continue  # the scenario's own name
        info = model.model_fields.get(name)
        inner = None if info is None else _model_in(info.annotation)
        if inner is None:
            return None
        model = inner
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _diagnostic(file: TomlFile, error: Mapping[str, Any]) -> Diagnostic:
    path: KeyPath = tuple(error["loc"])
    model = section_model(path)
    dotted = ".".join(str(part) for part in path)
    key = str(path[-1])
    known = columns_of(model) if model is not None else {}
    if error["type"] == "extra_forbidden":
        hint = nearest_hint(key, known)
        return Diagnostic(Code.UNKNOWN_SETTING, file.key(path), f"unknown key '{dotted}'", value=key, hint=hint)
    expected = known[key].expected if key in known and known[key].kind is not ColumnKind.TEXT else ""
    if error["type"] == "missing":
        place = file.key(path[:-1]) if len(path) > 1 else Place(file.name)
        return Diagnostic(Code.MISSING_SETTING, place, f"key '{dotted}' is missing", value=key, expected=expected)
    reason = str(error["msg"]).removeprefix("Value error, ")
    value = error.get("input")
    message = f"{dotted}: {_lower_first(reason)}, got {value!r}"
    return Diagnostic(Code.BAD_SETTING, file.value(path), message, value=str(value), expected=expected)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
