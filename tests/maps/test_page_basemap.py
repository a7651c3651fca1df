"""The land of the page is that of the committed basemap."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps import plan_view, write_page
from maps.basemap import Detail, topojson_text
from maps.page_basemap import steps_as_text, web_basemap
from tests.maps.browser import chromium, open_page
from tests.maps.plans import make_plan


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
        page = open_page(browser, path, "#view=world").page
        widths = page.eval_on_selector_all(".land path", "paths => paths.map(one => one.getBBox().width)")
        frame = page.eval_on_selector(".sea path", "one => one.getBBox().width")
    shapes = web_basemap()["objects"]["countries"]["geometries"]
    assert len(widths) == len(shapes)
    # Countries cut by the edge of the map, Greenland among them, are as wide as the map; no other comes near.
    assert max(widths) <= frame
    assert sum(width > frame / 2 for width in widths) < 8
    assert sum(width > frame / 100 for width in widths) > 80
