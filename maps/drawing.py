"""The page of a plan, in the same manner as its pictures: a `maps.Plan` (or its view) and a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maps.page import write_scenario_page
from maps.plan import AnyPlan, as_view
from maps.scenarios import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping


def page(plan: AnyPlan, path: Path | str, *, others: Mapping[str, AnyPlan] | None = None) -> Path:
    """Write the interactive page of a plan; an existing file is replaced.

    Parameters
    ----------
    others
        Further plans by title, to switch to and compare with.
    """
    first = Scenario("as it is" if others else "", as_view(plan))
    more = [Scenario(title, as_view(other)) for title, other in (others or {}).items()]
    return write_scenario_page([first, *more], path)
