"""What the schema says about each column, in one flat form: kind, unit, bounds, default and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from optimizer.instance.schema import Row
from optimizer.instance.schema.base import Identifier, Iso3, Month, Period
from optimizer.units import unit_of_column, unit_variants


class ColumnKind(StrEnum):
    """How the cells of a column are written."""

    NUMBER = "number"
    INTEGER = "whole number"
    MONTH = "date"
    PERIOD = "span"
    FLAG = "true/false"
    CHOICE = "choice"
    COUNTRY = "country"
    NAME = "name"
    TEXT = "text"


NUMERIC_KINDS = (ColumnKind.NUMBER, ColumnKind.INTEGER)


@dataclass(frozen=True)
class Column:
    """One column of a table, or one key of a section of instance.toml.

    Attributes
    ----------
    name
        Canonical name.
    kind
        How its cells are written.
    required
        Whether a cell must be filled.
    optional
        Whether an empty cell means "none" rather than a default.
    default
        What an empty cell means, as it would be written; "" if required or none.
    meaning
        Description, or "".
    bounds
        Allowed range in words, or "".
    choices
        Allowed values of a choice.
    """

    name: str
    kind: ColumnKind
    required: bool
    optional: bool
    default: str
    meaning: str
    bounds: str
    choices: tuple[str, ...]

    @property
    def unit(self) -> str:
        """Unit in the name, or ""."""
        unit = unit_of_column(self.name) if self.kind in NUMERIC_KINDS else None
        return unit.text if unit else ""

    @property
    def variants(self) -> Mapping[str, Fraction]:
        """Other names that give the column in other units, with their factor."""
        return unit_variants(self.name) if self.kind in NUMERIC_KINDS else {}

    @property
    def expected(self) -> str:
        """What a cell of the column should look like, for messages."""
        if self.kind is ColumnKind.CHOICE:
            return "one of " + ", ".join(self.choices)
        if self.kind in NUMERIC_KINDS:
            of = f" of {self.unit}" if self.unit else ""
            return f"a {self.kind}{of}" + (f" {self.bounds}" if self.bounds else "")
        return _EXPECTED[self.kind]


_EXPECTED: Final = {
    ColumnKind.MONTH: "a date such as 2027, 2027H1, 2027Q2 or 2027-04",
    ColumnKind.PERIOD: "a span such as 2027, 2027H1, 2027Q2 or 2027-04",
    ColumnKind.FLAG: "true or false",
    ColumnKind.COUNTRY: "an ISO 3166-1 alpha-3 country code such as USA",
    ColumnKind.NAME: "a name of letters, digits and _ . : + - that starts with a letter or digit",
    ColumnKind.TEXT: "text",
}


@cache
def columns_of(model: type[BaseModel]) -> Mapping[str, Column]:
    """Columns of a row class (or keys of a settings section) by canonical name, in order."""
    return {name: _column(name, info) for name, info in model.model_fields.items()}


@cache
def column_names(row_type: type[Row]) -> Mapping[str, str]:
    """Canonical column for every name under which it may be given, canonical names first."""
    columns = columns_of(row_type)
    names = {name: name for name in columns}
    for column in columns.values():
        for variant in column.variants:
            names.setdefault(variant, column.name)
    return names


def _column(name: str, info: FieldInfo) -> Column:
    annotation, metadata, optional = _unwrap(info)
    required = info.is_required()
    return Column(
        name=name,
        kind=_kind(annotation, metadata),
        required=required,
        optional=optional,
        default="" if required else format_value(info.get_default(call_default_factory=True)),
        meaning=info.description or "",
        bounds=_bounds(metadata),
        choices=_choices(annotation),
    )


def _unwrap(info: FieldInfo) -> tuple[Any, tuple[Any, ...], bool]:
    """Bare type, metadata of constraints, and whether None is allowed."""
    annotation, metadata = info.annotation, tuple(info.metadata)
    members = [part for part in get_args(annotation) if part is not type(None)]
    optional = type(None) in get_args(annotation)
    if optional and len(members) == 1:
        annotation = members[0]
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        metadata += tuple(part for item in inner for part in _flatten(item))
    return annotation, metadata, optional


def _flatten(item: object) -> tuple[Any, ...]:
    return tuple(item.metadata) if isinstance(item, FieldInfo) else (item,)


def _metadata_of(alias: object) -> tuple[Any, ...]:
    return tuple(part for item in get_args(alias)[1:] for part in _flatten(item))


_KIND_OF_TYPE: Final = {bool: ColumnKind.FLAG, int: ColumnKind.INTEGER, float: ColumnKind.NUMBER}


def _kind(annotation: object, metadata: tuple[Any, ...]) -> ColumnKind:
    """Kind of a column; dates and codes are told from numbers and text by the metadata of their alias."""
    if any(part in metadata for part in _metadata_of(Month)):
        return ColumnKind.MONTH
    if any(part in metadata for part in _metadata_of(Period)):
        return ColumnKind.PERIOD
    if isinstance(annotation, type) and annotation in _KIND_OF_TYPE:
        return _KIND_OF_TYPE[annotation]
    if _choices(annotation):
        return ColumnKind.CHOICE
    for alias, kind in ((Iso3, ColumnKind.COUNTRY), (Identifier, ColumnKind.NAME)):
        if _patterns(metadata) & _patterns(_metadata_of(alias)):
            return kind
    return ColumnKind.TEXT


def _patterns(metadata: tuple[Any, ...]) -> set[str]:
    return {pattern for part in metadata if isinstance(pattern := getattr(part, "pattern", None), str)}


def _choices(annotation: object) -> tuple[str, ...]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(member.value for member in annotation)
    return ()


def _bounds(metadata: tuple[Any, ...]) -> str:
    words: list[str] = []
    for part in metadata:
        match part:
            case annotated_types.Ge(limit):
                words.append(f"at least {limit}")
            case annotated_types.Gt(limit):
                words.append(f"above {limit}")
            case annotated_types.Le(limit):
                words.append(f"at most {limit}")
            case annotated_types.Lt(limit):
                words.append(f"below {limit}")
    return " and ".join(words)


def format_value(value: object) -> str:
    """Write a plain value as in a canonical CSV cell: shortest exact form of numbers, empty for none."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case _:
            return str(value)


def format_cell(row: Row, column: str) -> str:
    """Write one cell of a row as in a canonical CSV file."""
    return format_value(row.model_dump(mode="json", include={column})[column])
