"""The page of a plan, in the same manner as its pictures: a `maps.Plan` (or its view) and a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maps.page import write_scenario_page
from maps.plan import AnyPlan, as_view
from maps.scenarios import Scenario
from maps.view.study import StudyView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from maps.static.basemap import UserBasemap
    from maps.view.study import PriceView


def page(
    plan: AnyPlan,
    path: Path | str,
    *,
    others: Mapping[str, AnyPlan] | None = None,
    prices: Sequence[PriceView] = (),
    basemap: UserBasemap | None = None,
) -> Path:
    """Write the interactive page of a plan; an existing file is replaced.

    Parameters
    ----------
    others
        Further plans by title, to switch to and compare with.
    prices
        What limits of the plan are worth, from `maps.view.prices.read_price_views`.
    basemap
        Land and borders to draw instead of Natural Earth, from `maps.static.basemap.read_basemap`.
    """
    first = Scenario("as it is" if others else "", as_view(plan))
    more = [Scenario(title, as_view(other)) for title, other in (others or {}).items()]
    study = StudyView(prices=tuple(prices), priced=first.title)
    return write_scenario_page([first, *more], path, study=study, basemap=basemap)
