"""The land of the page is that of the committed basemap."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box
from typer.testing import CliRunner

from maps import page, plan_view, write_page
from maps.basemap import Detail, topojson_text
from maps.page_basemap import steps_as_text, user_basemap, web_basemap
from maps.static.basemap import UserBasemap, read_basemap
from optimizer.cli import app
from optimizer.instance import write_instance
from tests.maps.browser import chromium, open_page
from tests.maps.plans import make_plan
from tests.studies.sweeps import small_instance


def _numbers(text: str) -> list[int]:
    """The way back, written from the description of the form."""
    found, number, weight = [], 0, 1
    for sign in text:
        digit = ord(sign) - 63
        number += (digit % 32) * weight
        weight *= 32
        if digit < 32:
            found.append(-(number + 1) // 2 if number % 2 else number // 2)
            number, weight = 0, 1
    return found


@given(st.lists(st.integers(-(10**7), 10**7), max_size=12).filter(lambda numbers: len(numbers) % 2 == 0))
def test_steps_come_back(numbers):
    text = steps_as_text(list(zip(numbers[::2], numbers[1::2], strict=True)))
    assert _numbers(text) == numbers
    assert "<" not in text


def test_every_line_of_the_basemap_is_in_the_page():
    original, packed = json.loads(topojson_text(Detail.WEB)), web_basemap()
    assert [_numbers(arc) for arc in packed["arcs"]] == [[n for step in arc for n in step] for arc in original["arcs"]]
    for name, layer in original["objects"].items():
        shapes = packed["objects"][name]["geometries"]
        assert [shape.get("arcs") for shape in shapes] == [shape.get("arcs") for shape in layer["geometries"]]
        assert [shape["type"] for shape in shapes] == [shape["type"] for shape in layer["geometries"]]


@pytest.mark.browser
def test_the_viewer_reads_the_lines(tmp_path):
    made = make_plan(3)
    path = write_page(plan_view(made.instance, made.tables, made.manifest), tmp_path / "map.html")
    with chromium() as browser:
        shown = open_page(browser, path, "#view=world").page
        widths = shown.eval_on_selector_all(".land path", "paths => paths.map(one => one.getBBox().width)")
        frame = shown.eval_on_selector(".sea path", "one => one.getBBox().width")
    shapes = web_basemap()["objects"]["countries"]["geometries"]
    assert len(widths) == len(shapes)
    # Countries cut by the edge of the map, Greenland among them, are as wide as the map; no other comes near.
    assert max(widths) <= frame
    assert sum(width > frame / 2 for width in widths) < 8
    assert sum(width > frame / 100 for width in widths) > 80


# --- a user's own ------------------------------------------------------------------------------


def _points(document: dict, arc: int) -> list[tuple[float, float]]:
    """Corners of an arc in degrees."""
    steps = np.array(_numbers(document["arcs"][arc]), dtype=float).reshape(-1, 2)
    return [tuple(point) for point in steps.cumsum(axis=0) * document["transform"]["scale"]]


def _own(tmp_path, shapes, name: str = "own.gpkg"):
    path = tmp_path / name
    gpd.GeoDataFrame(geometry=shapes, crs=4326).to_file(path, driver="GPKG", layer="own")
    return read_basemap(path)


def test_own_areas_are_kept_with_their_holes(tmp_path):
    ring = box(10, 40, 30, 60).difference(box(15, 45, 20, 50))
    document = user_basemap(_own(tmp_path, [ring, MultiPolygon([box(-5, -5, 0, 0), box(5, 5, 6, 6)])]))
    first, second = document["objects"]["countries"]["geometries"]
    ((outer, hole),) = first["arcs"]
    assert set(_points(document, outer[0])) == {(10, 40), (30, 40), (30, 60), (10, 60)}
    assert set(_points(document, hole[0])) == {(15, 45), (20, 45), (20, 50), (15, 50)}
    assert [len(polygon) for polygon in second["arcs"]] == [1, 1]
    assert document["objects"]["lakes"]["geometries"] == []


def test_long_own_lines_are_simplified(tmp_path):
    angles = np.linspace(0, 2 * np.pi, 400_000)
    waves = 1 + 0.001 * np.sin(3e4 * angles)
    coast = Polygon(np.column_stack([40 + 20 * np.cos(angles), 20 * np.sin(angles) * waves]))
    document = user_basemap(UserBasemap("coast", gpd.GeoSeries([coast], crs=4326)))
    assert sum(map(len, document["arcs"])) <= 700_000
    kept = Polygon(_points(document, 0))
    assert kept.symmetric_difference(coast.buffer(0)).area < 0.01 * coast.area


def test_the_page_draws_them_and_says_whose_they_are(tmp_path):
    made = make_plan(3)
    plan = plan_view(made.instance, made.tables, made.manifest)
    own = _own(tmp_path, [box(60, 0, 120, 50), box(-120, 20, -70, 50)], "<i>own<script>.gpkg")
    path = page(plan, tmp_path / "map.html", basemap=own)
    assert "Natural Earth" not in path.read_text()
    with chromium() as browser:
        watched = open_page(browser, path, "#view=world")
        assert watched.page.locator(".land path").count() == 2
        # A box of 60 degrees of the world's 360, near the equator, on the Pacific-centred map.
        east = watched.page.locator(".land path").first.bounding_box()
        frame = watched.page.locator(".sea path").bounding_box()
        assert east["width"] / frame["width"] == pytest.approx(60 / 360, rel=0.15)
        assert "Boundaries are those of <i>own<script>.gpkg" in watched.page.locator("#note").inner_text()
        assert watched.clean(), watched.complaints


def test_the_command_takes_them_for_results_and_studies(tmp_path):
    instance = small_instance()
    write_instance(instance, tmp_path / "instance")
    gpd.GeoDataFrame(geometry=[box(60, 0, 120, 50)], crs=4326).to_file(tmp_path / "own.gpkg")
    commands = (
        ["solve", str(tmp_path / "instance"), "--out", str(tmp_path / "plan"), "--no-map"],
        ["price", str(tmp_path / "plan"), "--out", str(tmp_path / "prices"), "--resolve", "0"],
        ["map", str(tmp_path / "plan"), "--basemap", str(tmp_path / "own.gpkg"), "--prices", str(tmp_path / "prices")],
        ["map", str(tmp_path / "prices"), "--basemap", str(tmp_path / "own.gpkg")],
        ["map", str(tmp_path / "plan"), str(tmp_path / "plan"), "--basemap", str(tmp_path / "own.gpkg"),
         "--out", str(tmp_path / "two")],
    )  # fmt: skip
    for command in commands:
        done = CliRunner().invoke(app, command, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    prices = json.loads((tmp_path / "prices" / "study.json").read_text())["prices"]
    for folder in ("plan", "prices", "two"):
        text = (tmp_path / folder / "map.html").read_text()
        assert "Boundaries are those of own.gpkg" in text
        assert "Natural Earth" not in text
        if folder != "two":
            assert prices[0]["limit"] in text
    assert (tmp_path / "plan" / "map.png").is_file()


def test_prices_of_another_plan_are_refused(tmp_path):
    write_instance(small_instance(), tmp_path / "instance")
    for command in (
        ["solve", str(tmp_path / "instance"), "--out", str(tmp_path / "plan"), "--no-map"],
        ["price", str(tmp_path / "plan"), "--out", str(tmp_path / "prices"), "--resolve", "0"],
        ["solve", str(tmp_path / "instance"), "--set", "finance.discount_rate = 0.2",
         "--out", str(tmp_path / "other"), "--no-map"],
    ):  # fmt: skip
        done = CliRunner().invoke(app, command, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["map", str(tmp_path / "other"), "--prices", str(tmp_path / "prices")])
    assert done.exit_code == 2
    assert not (tmp_path / "other" / "map.html").exists()
    done = CliRunner().invoke(app, ["map", str(tmp_path / "prices"), "--prices", str(tmp_path / "prices")])
    assert done.exit_code == 2
