"""Greedy label placement: the same input gives the same picture, and what does not fit is left out.

All lengths are in pixels of the figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-parallel rectangle."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share any area."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def within(self, other: Box) -> bool:
        """Whether it lies inside the other."""
        return other.x0 <= self.x0 and self.x1 <= other.x1 and other.y0 <= self.y0 and self.y1 <= other.y1

    @property
    def centre(self) -> tuple[float, float]:
        """Middle point."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Disc:
    """A site mark."""

    x: float
    y: float
    radius: float

    def touches(self, box: Box) -> bool:
        """Whether any of the disc lies in the box."""
        nearest_x = min(max(self.x, box.x0), box.x1)
        nearest_y = min(max(self.y, box.y0), box.y1)
        return (self.x - nearest_x) ** 2 + (self.y - nearest_y) ** 2 < self.radius**2


@dataclass(frozen=True, slots=True)
class Request:
    """A label that wants to stand near a disc."""

    key: str
    disc: Disc
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A label that found a place; the leader runs from the disc to the box when they stand apart."""

    key: str
    box: Box
    disc: Disc
    needs_leader: bool


#: Directions from the disc in order of preference: right, left, above, below, then the diagonals.
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


def _candidates(request: Request, gap: float, longest_leader: float) -> Iterator[tuple[Box, bool]]:
    distances = [gap, *np.linspace(gap * 3, longest_leader, 4)] if longest_leader > gap * 3 else [gap]
    half_width, half_height = request.width / 2, request.height / 2
    for step, distance in enumerate(distances):
        for dx, dy in _DIRECTIONS:
            reach = (request.disc.radius + distance) * (0.75 if dx and dy else 1.0)
            x = request.disc.x + dx * (reach + half_width)
            y = request.disc.y + dy * (reach + half_height)
            yield Box(x - half_width, y - half_height, x + half_width, y + half_height), step > 0


def place_labels(
    requests: Sequence[Request],
    discs: Sequence[Disc],
    frame: Box,
    *,
    taken: Sequence[Box] = (),
    gap: float = 4.0,
    longest_leader: float = 60.0,
) -> tuple[Placed, ...]:
    """Give each label, first come first served, the nearest place that is free.

    Parameters
    ----------
    requests
        Labels, most important first.
    discs
        All site marks; no label may cover any of them.
    frame
        Labels stay inside it.
    taken
        Rectangles that are in use already.
    gap, longest_leader
        Least and greatest distance between a mark and its label. A label without a free place is dropped.
    """
    occupied = list(taken)
    placed: list[Placed] = []
    for request in requests:
        for box, needs_leader in _candidates(request, gap, longest_leader):
            free = box.within(frame) and not any(box.overlaps(other) for other in occupied)
            if free and not any(disc.touches(box) for disc in discs):
                occupied.append(box)
                placed.append(Placed(request.key, box, request.disc, needs_leader))
                break
    return tuple(placed)
