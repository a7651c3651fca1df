"""Scopes of limits as they are written: '*', a country set, or a place such as 'grid:REGION' (SEMANTICS 8.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from optimizer.instance.schema import Limit


class PlaceKind(StrEnum):
    """What a place of sites is, by the word before its name."""

    GRID = "grid"
    BASIN = "basin"


_KINDS = {str(kind): kind for kind in PlaceKind}


@dataclass(frozen=True)
class Place:
    """All sites of a grid region, or all that draw water from a basin."""

    kind: PlaceKind
    name: str

    @classmethod
    def of(cls, scope: str) -> Self | None:
        """The place that a scope names; None if it is '*' or a country set."""
        word, colon, name = scope.partition(":")
        kind = _KINDS.get(word) if colon else None
        return None if kind is None else cls(kind, name)

    @property
    def text(self) -> str:
        """As it is written in a scope."""
        return f"{self.kind}:{self.name}"

    @property
    def words(self) -> str:
        """For people."""
        return f"{'grid region' if self.kind is PlaceKind.GRID else 'basin'} {self.name}"


def where_words(limits: Iterable[Limit], name: str) -> str:
    """Places that the rows of a limit are on, for people; "" if they are on countries or everywhere."""
    places = (Place.of(row.scope) for row in limits if row.limit == name)
    return ", ".join(dict.fromkeys(place.words for place in places if place is not None))


__all__ = ["Place", "PlaceKind", "where_words"]
