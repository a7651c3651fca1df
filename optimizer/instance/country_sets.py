"""Country sets of rules, sovereignty and limits, e.g. ``(D:1 | D:4) - A:5 | MAC`` (SEMANTICS 7.2).

Names are ISO codes and names of `country_groups.csv`, ``|`` is union, ``&`` intersection and ``-`` difference;
``&`` and ``-`` bind before ``|`` and each other from the left. A minus sign needs a blank before it, since group
names may contain hyphens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from optimizer.instance.expressions import ExpressionError, TokenStream, tokenize
from optimizer.instance.schema import GroupMembership

Groups: TypeAlias = Mapping[str, tuple[GroupMembership, ...]]
_TOKENS = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9:_]*(?:-[A-Za-z0-9:_]+)*)|(?P<sign>[|&()-])")
EVERYWHERE_NAME = "any"


@dataclass(frozen=True, slots=True)
class Everywhere:
    """Every country."""

    def contains(self, country: str, month: int, groups: Groups) -> bool:  # noqa: ARG002 - same shape as the others
        """Whether the country belongs to the set in this month."""
        return True


@dataclass(frozen=True, slots=True)
class Named:
    """One country or one group."""

    name: str
    column: int

    def contains(self, country: str, month: int, groups: Groups) -> bool:
        """Whether the country belongs to the set in this month."""
        if self.name not in groups:
            return country == self.name
        return any(
            member.country == country
            and member.member_from <= month
            and (member.member_to is None or month < member.member_to)
            for member in groups[self.name]
        )


@dataclass(frozen=True, slots=True)
class Union:
    """Countries in either set."""

    left: SetNode
    right: SetNode

    def contains(self, country: str, month: int, groups: Groups) -> bool:
        """Whether the country belongs to the set in this month."""
        return self.left.contains(country, month, groups) or self.right.contains(country, month, groups)


@dataclass(frozen=True, slots=True)
class Intersection:
    """Countries in both sets."""

    left: SetNode
    right: SetNode

    def contains(self, country: str, month: int, groups: Groups) -> bool:
        """Whether the country belongs to the set in this month."""
        return self.left.contains(country, month, groups) and self.right.contains(country, month, groups)


@dataclass(frozen=True, slots=True)
class Difference:
    """Countries in the left set and not in the right one."""

    left: SetNode
    right: SetNode

    def contains(self, country: str, month: int, groups: Groups) -> bool:
        """Whether the country belongs to the set in this month."""
        return self.left.contains(country, month, groups) and not self.right.contains(country, month, groups)


SetNode: TypeAlias = Everywhere | Named | Union | Intersection | Difference


@dataclass(frozen=True, slots=True)
class CountrySet:
    """A parsed country set."""

    text: str
    root: SetNode

    def contains(self, country: str, month: int, groups: Groups) -> bool:
        """Whether a country belongs to the set in a month.

        Parameters
        ----------
        country
            ISO 3166-1 alpha-3 code.
        month
            12 x year + month - 1; memberships hold from `member_from` to before `member_to`.
        groups
            Memberships by group, as `Instance.groups`.
        """
        return self.root.contains(country, month, groups)

    @property
    def names(self) -> tuple[Named, ...]:
        """Countries and groups that the text names, in order."""
        return tuple(_names(self.root))

    @property
    def is_everywhere(self) -> bool:
        """Whether the text is just ``any``."""
        return isinstance(self.root, Everywhere)


def _names(node: SetNode) -> Iterator[Named]:
    match node:
        case Named():
            yield node
        case Union(left, right) | Intersection(left, right) | Difference(left, right):
            yield from _names(left)
            yield from _names(right)


@lru_cache(maxsize=4096)
def parse_country_set(text: str) -> CountrySet:
    """Read a country set. Names are not looked up; `CountrySet.names` lists them for that.

    Raises
    ------
    ExpressionError
        With the column of the first mistake.
    """
    stream = TokenStream(tokenize(text, _TOKENS))
    root = _parse_union(stream)
    if stream.current.kind != "end":
        raise stream.fail("'|', '&' or '-'")
    return CountrySet(text, root)


def _parse_union(stream: TokenStream) -> SetNode:
    node = _parse_product(stream)
    while stream.take_if("|"):
        node = Union(node, _parse_product(stream))
    return node


def _parse_product(stream: TokenStream) -> SetNode:
    node = _parse_atom(stream)
    while sign := stream.take_if("&", "-"):
        right = _parse_atom(stream)
        node = Intersection(node, right) if sign.text == "&" else Difference(node, right)
    return node


def _parse_atom(stream: TokenStream) -> SetNode:
    if opening := stream.take_if("("):
        node = _parse_union(stream)
        if not stream.take_if(")"):
            if stream.current.kind == "end":
                raise ExpressionError("this parenthesis is never closed", opening.column)
            raise stream.fail("')'")
        return node
    if stream.current.kind != "name":
        raise stream.fail("a country code, a group or 'any'")
    token = stream.take()
    return Everywhere() if token.text == EVERYWHERE_NAME else Named(token.text, token.column)
