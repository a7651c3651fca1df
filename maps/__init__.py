"""Maps of a plan: an interactive page, static pictures, a brief and geodata, all drawn from one `Plan`.

>>> plan = Plan.open("results/world-2026")  # doctest: +SKIP
>>> page(plan, "map.html")  # doctest: +SKIP
>>> write_brief(plan, "brief.pdf")  # doctest: +SKIP
>>> geodata(plan, "sites.gpkg")  # doctest: +SKIP
>>> page(plan, "compare.html", others={"power late": Plan.open("results/late")})  # doctest: +SKIP
>>> static_map(plan, "europe.svg", region="europe", year=2031)  # doctest: +SKIP

In a notebook a `Plan` shows itself. `MapPlan` is the part of a plan that maps show.

Importing this package is cheap; geopandas and matplotlib are imported by the functions that draw.
"""

from __future__ import annotations

from maps.brief import read_prices, write_brief
from maps.files import write_map_files
from maps.geodata import write_geojson, write_geopackage
from maps.page import page_html, scenario_page_html, write_page, write_scenario_page
from maps.plan import Plan
from maps.scenarios import Scenario
from maps.static import static_charts, static_map
from maps.view import MapPlan, plan_view

# Functions of the names of their modules, so they come last: importing a submodule sets its name here.
from maps.drawing import page  # isort: skip
from maps.geodata import geodata  # isort: skip

__all__ = [
    "MapPlan", "Plan", "Scenario", "geodata", "page", "page_html", "plan_view", "read_prices", "scenario_page_html",
    "static_charts", "static_map", "write_brief", "write_geojson", "write_geopackage", "write_map_files", "write_page",
    "write_scenario_page",
]  # fmt: skip
