"""Maps of a plan: an interactive page, static pictures and a GeoPackage, all drawn from one `MapPlan`.

>>> plan = plan_view(instance, tables, manifest)  # doctest: +SKIP
>>> write_page(plan, "map.html")  # doctest: +SKIP
>>> write_scenario_page([Scenario("as it is", plan), Scenario("late", late)], "scenarios.html")  # doctest: +SKIP
>>> static_map(plan, "europe.svg", region="europe", year=2031)  # doctest: +SKIP

Importing this package is cheap; geopandas and matplotlib are imported by the functions that draw.
"""

from __future__ import annotations

from maps.files import write_map_files
from maps.geodata import write_geopackage
from maps.page import page_html, scenario_page_html, write_page, write_scenario_page
from maps.plan import Plan
from maps.scenarios import Scenario
from maps.static import static_charts, static_map
from maps.view import MapPlan, plan_view

__all__ = [
    "MapPlan", "Plan", "Scenario", "page_html", "plan_view", "scenario_page_html", "static_charts", "static_map",
    "write_geopackage", "write_map_files", "write_page", "write_scenario_page",
]  # fmt: skip
