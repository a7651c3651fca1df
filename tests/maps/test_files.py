"""What lands in the result folder, and the GeoPackage."""

from __future__ import annotations

import subprocess
import sys

import geopandas as gpd
import pytest

from maps import plan_view, write_geopackage, write_map_files
from tests.maps.plans import make_plan


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
