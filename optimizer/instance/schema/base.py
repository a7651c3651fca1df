"""Base of every row of every table: frozen, closed, and read from text."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from optimizer.instance.calendar import END_MONTH, FIRST_MONTH, Span, format_month, format_span, parse_month, parse_span


class Row(BaseModel):
    """One row of a table. Subclasses name their columns; units stand in the column names.

    Attributes
    ----------
    table
        File name without ``.csv``.
    key
        Columns that together identify a row.
    required_table
        False for a table that an instance may leave out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, validate_default=True)

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    required_table: ClassVar[bool] = False

    @property
    def key_values(self) -> tuple[str, ...]:
        """Key of the row as text, for messages and selectors."""
        written = self.model_dump(mode="json", include=set(self.key))
        return tuple(str(written[name]) for name in self.key)


def _month(value: object) -> int:
    if isinstance(value, int) and FIRST_MONTH <= value < END_MONTH:
        return value
    return parse_month(str(value))


def _span(value: object) -> Span:
    return value if isinstance(value, Span) else parse_span(str(value))


Month = Annotated[
    int,
    BeforeValidator(_month, json_schema_input_type=str),
    PlainSerializer(format_month, return_type=str),
]
"""A calendar month, written ``2027``, ``2027Q2`` or ``2027-04``; held as 12 x year + month - 1."""

Period = Annotated[
    Span,
    BeforeValidator(_span, json_schema_input_type=str),
    PlainSerializer(format_span, return_type=str),
]
"""A stretch of months, written ``2027``, ``2027H1``, ``2027Q2`` or ``2027-04``."""

Year = Annotated[int, Field(ge=1990, le=2150)]
"""A calendar year."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:+-]*$", max_length=64)]
Iso3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 3166-1 alpha-3 country code")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Source = Annotated[str, Field(min_length=3, description="where the numbers of this row come from")]
