"""When work in a thread of its own is to stop."""

from __future__ import annotations

import threading


class AnyStop(threading.Event):
    """Set when it is set itself, or any of the events that it heeds."""

    def __init__(self, *others: threading.Event) -> None:
        super().__init__()
        self._others = others

    def heed(self, other: threading.Event) -> None:
        """Heed one more event from now on."""
        self._others = (*self._others, other)

    def is_set(self) -> bool:
        """Whether to stop."""
        return super().is_set() or any(other.is_set() for other in self._others)
