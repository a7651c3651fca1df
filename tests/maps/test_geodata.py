"""GeoPackage and GeoJSON: fields, years, and a style that QGIS finds."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from xml.etree import ElementTree as Xml

import geopandas as gpd
import pytest

import maps
from maps import Plan, geodata, page, plan_view, write_geopackage
from maps.geodata_style import qml
from maps.names import NO_POWER_COLOUR, POWER_KINDS
from tests.maps.plans import another_plan, make_plan


@pytest.fixture(scope="module")
def made():
    return make_plan(30, names=["<b>&\"' Campus", "=1+1", "\u4e0a\u6d77", "'); DROP TABLE sites; --"])


@pytest.fixture(scope="module")
def plan(made):
    return Plan(made.instance, made.tables, made.manifest)


@pytest.fixture(scope="module")
def package(plan, tmp_path_factory):
    return geodata(plan, tmp_path_factory.mktemp("geodata") / "plan.gpkg")


def test_years_of_a_site_are_rows_with_dates(made, plan, package):
    frame = gpd.read_file(package, layer="site_years")
    view = plan.view
    assert len(frame) == sum(gw > 0 for site in view.sites for gw in site.online_gw)
    by_year = frame.groupby("year")["online_gw"].sum()
    for year, gw in zip(view.years, view.totals.online_gw, strict=True):
        assert by_year.get(year, 0.0) == pytest.approx(gw)
    assert (frame["year_start"].dt.year == frame["year"]).all()
    assert (frame["year_end"].dt.year == frame["year"]).all()
    power = {(site.site, year): (site, at) for site in view.sites for at, year in enumerate(view.years)}
    for row in frame.itertuples():
        site, at = power[row.site, row.year]
        assert row.energy_twh == pytest.approx(sum(part.values[at] for part in site.energy_twh))
        assert row.delivered_usd_per_mwh == pytest.approx(site.supply.delivered.usd_per_mwh[at])
        assert row.carbon_t_per_mwh == pytest.approx(site.supply.delivered.carbon_t_per_mwh[at])
        assert row.clean_share == pytest.approx(site.supply.delivered.clean_share[at])
    place = {site.site: (site.longitude, site.latitude) for site in view.sites}
    assert all((row.geometry.x, row.geometry.y) == place[row.site] for row in frame.itertuples())


def test_commitments_and_names_stand_in_the_fields(made, package):
    frame = gpd.read_file(package, layer="sites").set_index("site")
    for row in made.tables.sites:
        dates = [phase.committed for phase in made.tables.phases if phase.site == row.site and not phase.fact]
        assert (frame.loc[row.site, "commitments"] or "") == ", ".join(dates)
        assert frame.loc[row.site, "name"] == row.name


def test_every_layer_has_a_default_style_where_qgis_looks(package):
    with closing(sqlite3.connect(package)) as base:
        rows = base.execute(
            "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles WHERE useAsDefault = 1"
        ).fetchall()
        geometry = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
        listed = base.execute("SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'").fetchone()
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert base.execute("PRAGMA user_version").fetchone() == (10200,), "read by QGIS of 2022 without a warning"
    assert listed == ("attributes",)
    assert {row[0]: row[1] for row in rows} == geometry
    for name, _, text in rows:
        fields = set(gpd.read_file(package, layer=name).columns)
        root = Xml.fromstring(text)
        assert root.find("renderer-v2").get("attr") in fields
        sizes = {option.get("value") for option in root.iter("Option") if option.get("name") == "expression"}
        assert len(sizes) == 1
        assert sizes.pop().split('"')[1] in fields
        temporal = root.find("temporal")
        if temporal is not None:
            assert {temporal.get("startField"), temporal.get("endField")} <= fields


def test_the_style_has_a_colour_for_every_kind_of_power():
    root = Xml.fromstring(qml("online_gw"))
    categories = {category.get("value"): category.get("symbol") for category in root.iter("category")}
    symbols = {symbol.get("name"): symbol for symbol in root.iter("symbol")}
    assert len(symbols) == len(categories) == len(POWER_KINDS) + 1
    for kind, _, colour in (*POWER_KINDS, ("", "", NO_POWER_COLOUR)):
        options = {option.get("name"): option.get("value") for option in symbols[categories[kind]].iter("Option")}
        red, green, blue, _ = (int(part) for part in options["color"].split(","))
        assert f"#{red:02X}{green:02X}{blue:02X}" == colour


def test_a_plan_with_nothing_on_line_is_written(plan, tmp_path):
    import dataclasses

    idle = tuple(dataclasses.replace(site, online_gw=(0.0,) * 10) for site in plan.view.sites)
    path = write_geopackage(dataclasses.replace(plan.view, sites=idle), tmp_path / "idle.gpkg")
    assert list(gpd.list_layers(path)["name"]) == ["sites", "layer_styles"]


def test_geojson_is_the_sites_table(made, plan, tmp_path):
    path = geodata(plan, tmp_path / "plan.geojson")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert [feature["properties"]["name"] for feature in features] == [row.name for row in made.tables.sites]
    for feature, row in zip(features, made.tables.sites, strict=True):
        assert feature["geometry"]["coordinates"] == [row.longitude, row.latitude]
        assert feature["properties"]["online_gw_2036"] == pytest.approx(row.it_gw_end)
    assert gpd.read_file(path).crs.to_epsg() == 4326
    assert path.read_bytes() == geodata(plan, tmp_path / "again.geojson").read_bytes()


def test_other_suffixes_are_refused(plan, tmp_path):
    with pytest.raises(ValueError, match=r"end in \.gpkg or \.geojson, not '\.shp'"):
        geodata(plan, tmp_path / "plan.shp")


def test_one_manner_of_calling_draws_all(made, plan, tmp_path):
    other = another_plan(made, 77)
    written = page(plan, tmp_path / "one.html")
    assert "power late" not in written.read_text(encoding="utf-8")
    both = page(
        plan, tmp_path / "two.html", others={"power late": plan_view(other.instance, other.tables, other.manifest)}
    )
    assert "power late" in both.read_text(encoding="utf-8")
    assert callable(maps.page)
    assert callable(maps.geodata)
    assert all(hasattr(maps, name) for name in maps.__all__)
