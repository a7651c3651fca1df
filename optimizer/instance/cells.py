"""What is wrong with one cell, in words: from the text, the column and the reason it was refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any, Final

from optimizer.instance.codes import Code
from optimizer.instance.columns import NUMERIC_KINDS, Column, ColumnKind, format_value
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.iso_countries import ISO_CODES
from optimizer.units import Dimension, convert_text, unit_of_column, unit_variants

_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_PLAIN_NUMBER: Final = re.compile(rf"^{_NUMBER}$", re.ASCII)
_GROUPED: Final = re.compile(r"^(?P<sign>[-+]?)(?P<digits>\d{1,3}(?:[,'_ \u00a0\u202f]\d{3})+)(?P<rest>\.\d+)?$")
_DECIMAL_COMMA: Final = re.compile(r"^[-+]?\d+,\d+$")
_CURRENCY: Final = re.compile(rf"^(?:US\$|USD|[$€£¥])\s*(?P<number>{_NUMBER})\s*(?P<unit>.*)$")
_WITH_UNIT: Final = re.compile(rf"^(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s.].*)$")
_NOT_FINITE: Final = re.compile(r"^[-+]?(nan|inf|infinity)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Why a cell is refused; fields as in `Diagnostic`."""

    code: Code
    message: str
    expected: str = ""
    hint: str = ""


def number_problem(column: Column, given_as: str, text: str) -> CellProblem | None:
    """Why a text is no number for this column, or None if it is one.

    Parameters
    ----------
    column
        Column the cell belongs to.
    given_as
        Name of the column in the file, which may carry another unit.
    text
        The cell.
    """
    if _PLAIN_NUMBER.match(text) and isfinite(float(text)):
        return None
    unit = unit_of_column(given_as)
    of_unit = f"; the column is in {unit.text}" if unit else ""
    if _NOT_FINITE.match(text) or _PLAIN_NUMBER.match(text):
        return CellProblem(Code.NOT_FINITE, f"{given_as}: '{text}' is not a finite number", column.expected)
    decoration = _decoration(given_as, text, of_unit)
    if decoration is not None:
        what, hint = decoration
        return CellProblem(Code.UNIT_IN_CELL, f"{given_as}: '{text}' {what}", column.expected, hint)
    return CellProblem(Code.NOT_A_NUMBER, f"{given_as}: '{text}' is not a number", column.expected)


def _decoration(given_as: str, text: str, of_unit: str) -> tuple[str, str] | None:
    """What a number carries that it should not, and what to write instead."""
    if match := _GROUPED.match(text):
        plain = match["sign"] + re.sub(r"\D", "", match["digits"]) + (match["rest"] or "")
        return "has thousands separators", f"write {plain}{of_unit}"
    if _DECIMAL_COMMA.match(text):
        return "has a decimal comma", f"write {text.replace(',', '.')}{of_unit}"
    if _CURRENCY.match(text):
        return "carries a currency sign", f"write the bare number{of_unit}"
    if match := _WITH_UNIT.match(text):
        hint = _unit_hint(given_as, match["number"], match["unit"])
        return "carries a unit", hint or f"write the bare number{of_unit}"
    return None


_SPELLINGS: Final = {"%": "percent", "year": "years", "y": "years", "yr": "years", "month": "months", "mo": "months"}


def _unit_hint(column: str, number: str, unit_text: str) -> str:
    """``the column is in mw: write 1500, or name the column module_gw`` if the unit is one the column could have."""
    given = _SPELLINGS.get(unit_text.strip().lower(), unit_text.strip().lower())
    unit = unit_of_column(column)
    if unit is None:
        return "write 0.05 for 5 %" if given == "percent" else ""
    if given == unit.text:
        return f"the column is in {unit.text} already: write {number}"
    variants = {name: factor for name, factor in unit_variants(column).items() if name == unit.stem + given}
    for name, factor in variants.items():
        converted = format_value(convert_text(number, factor))
        return f"the column is in {unit.text}: write {converted}, or name the column {name}"
    if unit.above.dimension is Dimension.FRACTION and given == "percent":
        return f"the column is a fraction: write {format_value(convert_text(number, Fraction(1, 100)))}"
    return f"the column is in {unit.text}: write the bare number in that unit"


def whole_number_problem(column: Column, given_as: str, text: str, value: float) -> CellProblem:
    """A number that should be whole and is not."""
    converted = "" if given_as == column.name else f", which is {format_value(value)} {column.unit}"
    return CellProblem(
        Code.NOT_WHOLE, f"{given_as}: '{text}'{converted}, is not a whole number".replace(",,", ","), column.expected
    )


_RANGE_ERRORS: Final = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number")


def refused_cell(column: Column, given_as: str, text: str, error: dict[str, Any]) -> CellProblem:
    """Words for a cell that the schema refused.

    Parameters
    ----------
    column, given_as, text
        As in `number_problem`.
    error
        One entry of pydantic's ``ValidationError.errors()``.
    """
    kind = str(error["type"])
    if column.kind in NUMERIC_KINDS:
        problem = number_problem(column, given_as, text)
        if problem is not None:
            return problem
        if kind.startswith("int_"):
            return whole_number_problem(column, given_as, text, float(text))
        if kind in _RANGE_ERRORS:
            message = f"{given_as}: {text} is outside the allowed range"
            return CellProblem(Code.OUT_OF_RANGE, message, column.expected, _range_hint(column, text))
    return _refused_text(column, given_as, text, str(error["msg"]))


def _range_hint(column: Column, text: str) -> str:
    if column.name == "latitude" and abs(float(text)) <= 180:
        return "latitude and longitude look swapped"
    if "above" not in column.bounds and "at most 1" in column.bounds.split(" and ") and 1 < float(text) <= 100:
        return f"a share or fraction, not a percentage: write {format_value(convert_text(text, Fraction(1, 100)))}?"
    return ""


def _refused_text(column: Column, given_as: str, text: str, reason: str) -> CellProblem:
    match column.kind:
        case ColumnKind.MONTH | ColumnKind.PERIOD:
            reason = reason.removeprefix("Value error, ")
            return CellProblem(Code.BAD_DATE, f"{given_as}: '{text}' is not a date", reason.removeprefix("expected "))
        case ColumnKind.FLAG:
            return CellProblem(Code.NOT_A_FLAG, f"{given_as}: '{text}' is neither true nor false", column.expected)
        case ColumnKind.CHOICE:
            hint = nearest_hint(text, column.choices, show_at_most=0)
            return CellProblem(
                Code.UNKNOWN_CHOICE, f"{given_as}: '{text}' is not a value of this column", column.expected, hint
            )
        case ColumnKind.COUNTRY:
            hint = nearest_hint(text.upper(), ISO_CODES)
            return CellProblem(Code.BAD_TEXT, f"{given_as}: '{text}' is not a country code", column.expected, hint)
        case ColumnKind.NAME:
            return CellProblem(Code.BAD_TEXT, f"{given_as}: '{text}' is not a name", column.expected)
        case _:
            return CellProblem(Code.BAD_TEXT, f"{given_as}: '{text}' is refused: {reason}")
