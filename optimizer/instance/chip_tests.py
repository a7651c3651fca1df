"""Chip tests of rules, e.g. ``us_controlled and (tpp >= 4800 or performance_density >= 5.92)`` (SEMANTICS 7.2).

``not`` binds before ``and``, ``and`` before ``or``. Numbers are compared with ``< <= > >= == !=``, text with
``==`` and ``!=``, ``release`` with a quoted month in any of these ways (``release < "2026-02"``), and ``us_controlled``
stands for itself. ``any`` passes every chip.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias, cast

from optimizer.instance.calendar import parse_month
from optimizer.instance.expressions import ExpressionError, Token, TokenStream, nearest_hint, tokenize
from optimizer.instance.schema import Chip

NUMBER_FIELDS = (
    "tpp",
    "performance_density",
    "memory_bandwidth_tb_s",
    "interconnect_gb_s",
    "performance_h100e",
    "it_power_kw",
)
TEXT_FIELDS = ("stack", "vendor", "design_country", "chip_class", "chip")
MONTH_FIELDS = ("release",)
FLAG_FIELDS = ("us_controlled",)
_WORDS = (*NUMBER_FIELDS, *TEXT_FIELDS, *MONTH_FIELDS, *FLAG_FIELDS, "any", "not", "and", "or")
_TOKENS = re.compile(
    r"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![A-Za-z_0-9.]))"
    r"|(?P<word>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<comparison><=|>=|==|!=|<|>)"
    r"|(?P<sign>[()=])"
)


class Comparison(StrEnum):
    """How a field is compared."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    EQUAL = "=="
    UNEQUAL = "!="


_COMPARE: Mapping[Comparison, Callable[[float, float], bool]] = {
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.MORE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.EQUAL: operator.eq,
    Comparison.UNEQUAL: operator.ne,
}


@dataclass(frozen=True, slots=True)
class Anything:
    """Passes every chip."""

    def passes(self, chip: Chip) -> bool:  # noqa: ARG002 - same shape as the others
        """Whether the chip passes."""
        return True


@dataclass(frozen=True, slots=True)
class NumberTest:
    """Compares a numeric field with a number."""

    field: str
    comparison: Comparison
    value: float

    def passes(self, chip: Chip) -> bool:
        """Whether the chip passes."""
        return _COMPARE[self.comparison](cast("float", getattr(chip, self.field)), self.value)


@dataclass(frozen=True, slots=True)
class MonthTest:
    """Compares the month of a field with a month (12 x year + month - 1)."""

    field: str
    comparison: Comparison
    month: int

    def passes(self, chip: Chip) -> bool:
        """Whether the chip passes."""
        return _COMPARE[self.comparison](cast("int", getattr(chip, self.field)), self.month)


@dataclass(frozen=True, slots=True)
class TextTest:
    """Compares a text field with a text, letter by letter."""

    field: str
    equal: bool
    value: str
    column: int

    def passes(self, chip: Chip) -> bool:
        """Whether the chip passes."""
        return (getattr(chip, self.field) == self.value) is self.equal


@dataclass(frozen=True, slots=True)
class FlagTest:
    """Passes chips whose flag is set."""

    field: str

    def passes(self, chip: Chip) -> bool:
        """Whether the chip passes."""
        return bool(getattr(chip, self.field))


@dataclass(frozen=True, slots=True)
class Not:
    """Passes chips that fail the inner test."""

    inner: TestNode

    def passes(self, chip: Chip) -> bool:
        """Whether the chip passes."""
        return not self.inner.passes(chip)


@dataclass(frozen=True, slots=True)
class And:
    """Passes chips that pass both tests."""

    left: TestNode
    right: TestNode

    def passes(self, chip: Chip) -> bool:
        """Whether the chip passes."""
        return self.left.passes(chip) and self.right.passes(chip)


@dataclass(frozen=True, slots=True)
class Or:
    """Passes chips that pass either test."""

    left: TestNode
    right: TestNode

    def passes(self, chip: Chip) -> bool:
        """Whether the chip passes."""
        return self.left.passes(chip) or self.right.passes(chip)


TestNode: TypeAlias = Anything | NumberTest | MonthTest | TextTest | FlagTest | Not | And | Or


@dataclass(frozen=True, slots=True)
class ChipTest:
    """A parsed chip test."""

    text: str
    root: TestNode

    def passes(self, chip: Chip) -> bool:
        """Whether a chip passes the test."""
        return self.root.passes(chip)

    @property
    def is_any(self) -> bool:
        """Whether the text is just ``any``."""
        return isinstance(self.root, Anything)

    @property
    def text_tests(self) -> tuple[TextTest, ...]:
        """Comparisons with quoted text, so that the text can be looked up."""
        return tuple(_text_tests(self.root))


def _text_tests(node: TestNode) -> list[TextTest]:
    match node:
        case TextTest():
            return [node]
        case Not(inner):
            return _text_tests(inner)
        case And(left, right) | Or(left, right):
            return _text_tests(left) + _text_tests(right)
        case _:
            return []


@lru_cache(maxsize=4096)
def parse_chip_test(text: str) -> ChipTest:
    """Read a chip test.

    Raises
    ------
    ExpressionError
        With the column of the first mistake and, for an unknown field, the nearest one.
    """
    stream = TokenStream(tokenize(text, _TOKENS))
    root = _parse_or(stream)
    if stream.current.kind != "end":
        raise stream.fail("'and' or 'or'")
    return ChipTest(text, root)


def _parse_or(stream: TokenStream) -> TestNode:
    node = _parse_and(stream)
    while stream.take_if("or"):
        node = Or(node, _parse_and(stream))
    return node


def _parse_and(stream: TokenStream) -> TestNode:
    node = _parse_not(stream)
    while stream.take_if("and"):
        node = And(node, _parse_not(stream))
    return node


def _parse_not(stream: TokenStream) -> TestNode:
    return Not(_parse_not(stream)) if stream.take_if("not") else _parse_atom(stream)


def _parse_atom(stream: TokenStream) -> TestNode:
    if opening := stream.take_if("("):
        node = _parse_or(stream)
        if not stream.take_if(")"):
            if stream.current.kind == "end":
                raise ExpressionError("this parenthesis is never closed", opening.column)
            raise stream.fail("')'")
        return node
    if stream.current.kind != "word" or stream.current.text in ("and", "or"):
        raise stream.fail("a field of chips.csv, 'not', 'any' or '('")
    field = stream.take()
    if field.text == "any":
        return Anything()
    if field.text in FLAG_FIELDS:
        return FlagTest(field.text)
    if field.text in NUMBER_FIELDS:
        return _number_test(field, stream)
    if field.text in TEXT_FIELDS:
        return _text_test(field, stream)
    if field.text in MONTH_FIELDS:
        return _month_test(field, stream)
    message = f"'{field.text}' is not a field that a chip test can use"
    raise ExpressionError(message, field.column, len(field.text), nearest_hint(field.text, _WORDS, 99))


def _comparison(field: Token, stream: TokenStream) -> Token:
    if stream.current.text == "=":
        raise ExpressionError("'=' does not compare", stream.current.column, 1, "write '=='")
    if stream.current.kind != "comparison":
        wanted = f"a comparison after '{field.text}'"
        raise stream.fail(wanted)
    return stream.take()


def _number_test(field: Token, stream: TokenStream) -> NumberTest:
    comparison = _comparison(field, stream)
    if stream.current.kind != "number":
        wanted = f"a number to compare '{field.text}' with"
        raise stream.fail(wanted)
    return NumberTest(field.text, Comparison(comparison.text), float(stream.take().text))


def _text_test(field: Token, stream: TokenStream) -> TextTest:
    comparison = _comparison(field, stream)
    if comparison.text not in ("==", "!="):
        message = f"'{field.text}' is text and can only be compared with '==' or '!='"
        raise ExpressionError(message, comparison.column, len(comparison.text))
    if stream.current.kind != "text":
        wanted = f"quoted text to compare '{field.text}' with"
        raise stream.fail(wanted)
    token = stream.take()
    return TextTest(field.text, comparison.text == "==", token.text[1:-1], token.column)


def _month_test(field: Token, stream: TokenStream) -> MonthTest:
    comparison = _comparison(field, stream)
    if stream.current.kind != "text":
        wanted = f"a quoted month to compare '{field.text}' with, e.g. \"2026-02\""
        raise stream.fail(wanted)
    token = stream.take()
    try:
        month = parse_month(token.text[1:-1])
    except ValueError as error:
        message = f"{token.text} is not a month"
        hint = "write it as 2026-02, 2026Q1 or 2026"
        raise ExpressionError(message, token.column, len(token.text), hint) from error
    return MonthTest(field.text, Comparison(comparison.text), month)
