"""What a solve tells whoever is watching it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SolveEvent:
    """State of a solve at one moment.

    Attributes
    ----------
    stage
        Name of the step at work, e.g. ``build`` or ``branch and bound``.
    seconds
        Wall time since the solve began.
    incumbent
        Objective of the best plan so far, in the unit of the objective; None before the first plan.
    bound
        Proven limit on the objective of any plan; None before there is one.
    gap
        Relative distance of incumbent and bound, as a fraction; None if either is missing.
    nodes
        Nodes of the search tree done; None outside branch and bound.
    message
        Something worth a line of its own (why a stage was skipped, a warning), or "".
    """

    stage: str
    seconds: float
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None
    nodes: int | None = None
    message: str = ""


Observer = Callable[[SolveEvent], None]
"""Called with one event after another, from the thread that has news. It must be quick and must not raise."""
