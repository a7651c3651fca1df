"""The map files of a result folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maps.geodata import write_geopackage
from maps.page import write_page
from maps.static import static_map
from maps.view import plan_view
from optimizer.instance.instance import Instance
from optimizer.plan.tables import PlanTables


def write_map_files(instance: Instance, tables: PlanTables, manifest: Mapping[str, Any], folder: Path | str) -> None:
    """Write ``map.html``, ``map.png`` and ``sites.gpkg`` into an existing folder."""
    folder = Path(folder)
    plan = plan_view(instance, tables, manifest)
    write_page(plan, folder / "map.html")
    static_map(plan, folder / "map.png")
    write_geopackage(plan, folder / "sites.gpkg")
