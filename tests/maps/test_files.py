"""What lands in the result folder, and the GeoPackage."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys

import geopandas as gpd
import pytest

from maps import Plan, plan_view, write_geopackage, write_map_files
from optimizer.commands.loading import load_result
from optimizer.commands.solve import map_drawer
from optimizer.plan.full_year import FullYearCheck
from optimizer.plan.power_outcome import PowerOutcome
from optimizer.plan.reader import PlanReadError
from optimizer.plan.writer import write_result
from tests.maps.packing import unpacked
from tests.maps.plans import make_plan, without_rules


def test_all_three_files_are_written(tmp_path):
    made = make_plan(12)
    write_map_files(made.instance, made.tables, made.manifest, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"map.html", "map.png", "sites.gpkg"}
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "map.html").stat().st_size < 1_500_000


def test_page_of_a_world_plan_is_small(tmp_path):
    made = make_plan(150)
    write_map_files(made.instance, made.tables, made.manifest, tmp_path)
    assert (tmp_path / "map.html").stat().st_size < 1_500_000


def test_geopackage_holds_the_sites_table(tmp_path):
    made = make_plan(30)
    plan = plan_view(made.instance, made.tables, made.manifest)
    path = write_geopackage(plan, tmp_path / "sites.gpkg")
    frame = gpd.read_file(path, layer="sites").set_index("site")
    assert frame.crs.to_epsg() == 4326
    assert len(frame) == len(made.tables.sites)
    for row in made.tables.sites:
        read = frame.loc[row.site]
        assert read["online_gw_2036"] == pytest.approx(row.it_gw_end)
        assert read["capital_busd"] == pytest.approx(row.capital_busd)
        assert (read.geometry.x, read.geometry.y) == (row.longitude, row.latitude)
        assert read["outcome"] == row.status
        assert read["name"] == row.name


def test_an_earlier_geopackage_is_replaced(tmp_path):
    for count in (14, 12):
        made = make_plan(count)
        write_geopackage(plan_view(made.instance, made.tables, made.manifest), tmp_path / "sites.gpkg")
    assert len(gpd.read_file(tmp_path / "sites.gpkg", layer="sites")) == 12


def test_importing_maps_brings_in_no_heavy_library():
    code = "import sys, maps; print([m for m in ('geopandas', 'matplotlib', 'pyproj', 'pandas') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_check_over_every_hour_of_a_result_is_on_its_page(tmp_path):
    made = make_plan(12)
    row = made.tables.energy[0]
    check = FullYearCheck(row.site, row.year, 5.0, 0.003, 1.0, -0.5, -0.0541, 3.0, 0.25)
    PowerOutcome.checked(made.instance, made.tables, (check,)).write(tmp_path)
    map_drawer()(made.instance, made.tables, made.manifest, tmp_path)
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    block = re.search(r'<script type="application/json" id="plan-data">(.*?)</script>', page, re.DOTALL)[1]
    (scenario,) = unpacked(json.loads(block)["scenarios"])
    assert scenario["plan"]["supply"]["hours"]["unserved_twh"] == 0.003
    site = next(site for site in scenario["plan"]["sites"] if site["site"] == row.site)
    assert [hours["cost_difference_share"] for hours in site["supply"]["hours"]] == [-0.0541]


def test_a_result_is_opened_with_its_check_over_every_hour(tmp_path):
    made = without_rules(make_plan(12))
    row = made.tables.energy[0]
    check = FullYearCheck(row.site, row.year, 5.0, 0.003, 1.0, -0.5, -0.0541, 3.0, 0.25)
    folder = tmp_path / "result"
    instance = dataclasses.replace(made.instance, rules=(), regimes=())
    write_result(folder, instance, made.tables, lambda: made.manifest, [])
    assert Plan.open(folder).full_year == load_result(folder).plan().full_year == ()
    PowerOutcome.checked(made.instance, made.tables, (check,)).write(folder)
    assert Plan.open(folder).full_year == load_result(folder).plan().full_year == (check,)
    (folder / "full_year.csv").write_text("site,year\n")
    with pytest.raises(PlanReadError, match=r"full_year\.csv:1: .*the column is missing"):
        Plan.open(folder)
