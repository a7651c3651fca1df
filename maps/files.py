"""The map files of a result folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maps.drawing import page
from maps.geodata import write_geopackage
from maps.static import static_map
from maps.view import plan_view
from optimizer.instance.instance import Instance
from optimizer.plan.tables import PlanTables

if TYPE_CHECKING:
    from maps.static.basemap import UserBasemap
    from maps.view.study import PriceView
    from optimizer.plan.full_year import FullYearCheck


def write_map_files(
    instance: Instance,
    tables: PlanTables,
    manifest: Mapping[str, Any],
    folder: Path | str,
    *,
    full_year: Sequence[FullYearCheck] = (),
    prices: Sequence[PriceView] = (),
    basemap: UserBasemap | None = None,
) -> None:
    """Write ``map.html``, ``map.png`` and ``sites.gpkg`` into an existing folder.

    Parameters
    ----------
    full_year
        Rows of ``full_year.csv``, of plans with computed power.
    prices
        What limits of the plan are worth, for the page.
    basemap
        Land and borders to draw instead of Natural Earth.
    """
    folder = Path(folder)
    plan = plan_view(instance, tables, manifest, full_year)
    page(plan, folder / "map.html", prices=prices, basemap=basemap)
    static_map(plan, folder / "map.png", basemap=basemap)
    write_geopackage(plan, folder / "sites.gpkg")
