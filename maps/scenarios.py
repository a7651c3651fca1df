"""Plans that one page holds side by side."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from maps.view import MapPlan

_LONGEST_KEY: Final = 40


@dataclass(frozen=True, slots=True)
class Scenario:
    """A plan with what tells it from the others.

    Attributes
    ----------
    title
        A few words; "" only where there is one plan.
    changes
        What was changed of the instance, one text a change.
    """

    title: str
    plan: MapPlan
    changes: tuple[str, ...] = ()


def scenario_keys(titles: Iterable[str]) -> tuple[str, ...]:
    """Short names for addresses, one a title: lower-case letters and digits joined by hyphens, all different."""
    keys: list[str] = []
    for title in titles:
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        name = "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_KEY].strip("-") or "scenario"
        key, repeat = name, 1
        while key in keys:
            repeat += 1
            key = f"{name}-{repeat}"
        keys.append(key)
    return tuple(keys)
