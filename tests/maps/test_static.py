"""Static maps: the numbers in the words, marks where sites are, labels that cover nothing."""

from __future__ import annotations

import dataclasses
import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import rc_context
from matplotlib.transforms import Bbox

from maps import plan_view, static_map
from maps.regions import REGIONS, region_by_key
from maps.static.figure import STYLE, draw
from maps.static.labels import Box, Disc, Request, place_labels
from maps.static.panel import diameter
from maps.static.projection import Projection
from maps.words import finding, money, proof
from tests.maps.plans import make_plan


def _view(**kwargs):
    made = make_plan(**kwargs)
    return plan_view(made.instance, made.tables, made.manifest)


@pytest.fixture(scope="module")
def small():
    return _view(sites=12)


@pytest.fixture(scope="module")
def large():
    return _view(sites=150)


def _figure(plan, region="world", year=None):
    with rc_context(STYLE):
        figure = draw(plan, region, year)
        figure.canvas.draw()
        return figure


def _labels(axes):
    return [text for text in axes.texts if (text.get_gid() or "").startswith("label:")]


def _discs(axes):
    """Centres and radii in pixels of all marks, read from the drawn collections."""
    for collection in axes.collections:
        if collection.get_gid() in ("sites", "candidates"):
            centres = axes.transData.transform(collection.get_offsets())
            radii = np.sqrt(collection.get_sizes()) / 2 * axes.figure.dpi / 72
            yield from zip(centres, radii, strict=True)


@pytest.mark.parametrize("region", ["world", "north_america", "europe", "gulf"])
def test_labels_cover_neither_labels_nor_marks(large, region):
    figure = _figure(large, region)
    shown = 0
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in _labels(axes)]
        shown += len(boxes)
        for one, other in itertools.combinations(boxes, 2):
            assert Bbox.intersection(one, other) is None or not one.overlaps(other)
        for box in boxes:
            frame = axes.get_window_extent()
            assert frame.x0 <= box.x0
            assert box.x1 <= frame.x1
            for (x, y), radius in _discs(axes):
                across = max(box.x0 - x, 0, x - box.x1)
                up = max(box.y0 - y, 0, y - box.y1)
                assert np.hypot(across, up) >= radius
    assert shown >= 4


def test_crowded_regions_become_insets_and_their_sites_are_named_there_only(large):
    figure = _figure(large)
    titles = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"North America", "Europe"} <= titles
    named = [text.get_gid() for axes in figure.axes for text in _labels(axes)]
    assert len(named) == len(set(named))


def test_marks_are_as_many_as_sites_on_line_and_area_is_proportional(small):
    figure = _figure(small, year=2031)
    world = figure.axes[0]
    on_line = [site for site in small.sites if site.online_gw[small.index_of(2031)] > 0]
    drawn = next(c for c in world.collections if c.get_gid() == "sites")
    waiting = next(c for c in world.collections if c.get_gid() == "candidates")
    assert len(drawn.get_offsets()) == len(on_line)
    assert len(waiting.get_offsets()) == len(small.sites) - len(on_line)
    assert diameter(4.0) == pytest.approx(2 * diameter(1.0))


def test_title_and_subtitle_state_the_numbers_of_the_plan(small):
    texts = [text.get_text() for text in _figure(small).texts]
    total = small.totals.online_gw[-1]
    campuses = sum(site.online_gw[-1] > 0 for site in small.sites)
    assert texts[0].startswith(f"2036: {total:.1f} GW on line at {campuses} campuses")
    assert money(small.headline.npv_busd) in texts[1]
    assert "gap 0.60%" in texts[1]
    assert "binds most often: chip supply (4 of 10 years)" in texts[1]


def test_finding_names_the_largest_share(small):
    top = small.totals.gw_by_bloc[0]
    share = top.values[-1] / small.totals.online_gw[-1]
    assert f"{share:.0%} in {top.label}" in finding(small.sites, 2036, len(small.years) - 1)
    assert finding((), 2030, 0) == "2030: nothing on line yet"


def test_proof_says_when_nothing_binds_or_figures_are_missing(small):
    bare = dataclasses.replace(
        small, constraints=(), headline=dataclasses.replace(small.headline, npv_busd=None, gap_rel=None)
    )
    assert proof(bare) == "optimal within the gap asked · no limit binds"


@pytest.mark.parametrize(
    ("busd", "text"),
    [
        (0.784, "$0.78 bn"),
        (45.61, "$45.6 bn"),
        (-312.4, "\N{MINUS SIGN}$312 bn"),
        (999.6, "$1.00 tn"),
        (99.96, "$100 bn"),
    ],
)
def test_money_is_written_with_three_digits(busd, text):
    assert money(busd) == text


@pytest.mark.parametrize("region", [region.key for region in REGIONS])
def test_every_region_can_be_drawn_as_svg(small, region, tmp_path):
    path = static_map(small, tmp_path / "map.svg", region)
    assert path.stat().st_size > 50_000


def test_dollars_and_markup_in_names_stay_text(tmp_path):
    names = ["$\\frac{1}{$ Campus", "<b>&amp; Campus", "a_{b}^$x$"]
    plan = _view(sites=12, names=names, title="Costs $5 & $6_x")
    svg = static_map(plan, tmp_path / "map.svg").read_text()
    assert "$\\frac{1}{$ Campus" in svg
    assert "&lt;b&gt;&amp;amp" in svg
    assert "a_{b}^$x$" in svg
    assert "Costs $5 &amp; $6_x" in svg


def test_names_in_scripts_that_the_font_lacks_do_not_warn(tmp_path):
    plan = _view(sites=12, names=["\u4e0a\u6d77\u6570\u636e\u4e2d\u5fc3"])
    static_map(plan, tmp_path / "map.png")


def test_the_same_plan_gives_the_same_bytes(small, tmp_path):
    for suffix in (".svg", ".png", ".pdf"):
        first = static_map(small, tmp_path / f"one{suffix}").read_bytes()
        assert first == static_map(small, tmp_path / f"two{suffix}").read_bytes()


def test_svg_text_stays_text(small, tmp_path):
    svg = static_map(small, tmp_path / "map.svg").read_text()
    assert re.search(r"<text[^>]*>2036: [\d.]+ GW on line", svg)


def test_unknown_suffix_region_and_year_are_refused(small, tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.png, \.svg, \.pdf, not '\.jpg'"):
        static_map(small, tmp_path / "map.jpg")
    with pytest.raises(ValueError, match="no region 'moon'"):
        static_map(small, tmp_path / "map.png", region="moon")
    with pytest.raises(ValueError, match="not 1999"):
        static_map(small, tmp_path / "map.png", year=1999)
    assert not list(tmp_path.iterdir())


def test_projection_returns_to_degrees():
    projection = Projection(region_by_key("europe"))
    longitude, latitude = np.array([-5.0, 10.0, 25.0]), np.array([40.0, 52.0, 66.0])
    xy = projection.points(longitude, latitude)
    assert projection.degrees(xy[:, 0], xy[:, 1]) == pytest.approx(np.column_stack([longitude, latitude]))


def test_the_seam_tears_no_country():
    from maps.basemap import Detail, Layer, layer

    land = Projection(region_by_key("world")).layer(layer(Detail.FINE, Layer.COUNTRIES).geometry)
    widest = (land.bounds["maxx"] - land.bounds["minx"]).max()
    assert widest < 15e6  # metres; a torn polygon would span the map, 34 million
    # Equal Earth keeps areas: the land without Antarctica is 135 million km2.
    assert land.area.sum() / 1e12 == pytest.approx(135, rel=0.02)


numbers = st.floats(0, 400, allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers, st.floats(1, 12)), min_size=1, max_size=40))
def test_placed_labels_never_meet(points):
    discs = [Disc(x, y, radius) for x, y, radius in points]
    requests = [Request(str(i), disc, 50, 14) for i, disc in enumerate(discs)]
    frame = Box(0, 0, 400, 400)
    taken = Box(0, 0, 100, 100)
    placed = place_labels(requests, discs, frame, taken=[taken])
    for one, other in itertools.combinations([label.box for label in placed], 2):
        assert not one.overlaps(other)
    for label in placed:
        assert label.box.within(frame)
        assert not label.box.overlaps(taken)
        assert not any(disc.touches(label.box) for disc in discs)


def test_a_lone_label_stands_beside_its_mark():
    disc = Disc(100, 100, 5)
    (placed,) = place_labels([Request("a", disc, 40, 10)], [disc], Box(0, 0, 400, 400), gap=4)
    assert placed.box == Box(109, 95, 149, 105)
    assert not placed.needs_leader
