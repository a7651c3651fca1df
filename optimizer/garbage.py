"""Python's search for garbage, put off while many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_later() -> Iterator[None]:
    """Do not look for circular garbage meanwhile; also a decorator.

    Python looks through all objects again and again while their number grows: 1.6 s of the 3.6 s that the model of
    the world instance took to build, and it finds nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
