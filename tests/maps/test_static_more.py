"""Regions, charts, a user's basemap, notebooks, and the command that draws them."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import matplotlib.colors as mcolors
import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from shapely.geometry import Point, box

from maps import Plan, plan_view, static_charts, static_map
from maps.names import POWER_KINDS
from maps.static.areas import AREAS, area_by_key
from maps.static.basemap import read_basemap
from maps.static.charts import _CHIP_COLOURS, commitments_chart, decided_sites
from maps.static.figure import STYLE, crowded_part, draw
from maps.static.sheets import charts_figure
from maps.words import audit_words, gigawatts
from optimizer.commands.draw import Pictures, draw_maps
from optimizer.commands.exit_codes import ExitCode
from optimizer.instance import load_instance
from optimizer.instance.calendar import parse_span
from optimizer.plan.writer import write_result
from tests.maps.plans import make_plan
from tests.maps.test_static import _discs, _labels
from tests.solving import solve_small

THREE_REGIONS = Path(__file__).parents[2] / "instances" / "three-regions"


@pytest.fixture(scope="module")
def made():
    return make_plan(60)


@pytest.fixture(scope="module")
def plan(made):
    return Plan(made.instance, made.tables, made.manifest)


@pytest.fixture(scope="module")
def three_regions():
    instance = load_instance(THREE_REGIONS)
    return Plan(instance, solve_small(instance).tables, {"status": "optimal"})


@pytest.fixture(scope="module")
def result(three_regions, tmp_path_factory):
    folder = tmp_path_factory.mktemp("three") / "result"
    write_result(folder, three_regions.instance, three_regions.tables, lambda: three_regions.manifest, [])
    return folder


def _collisions(figure):
    """Pairs of label boxes that overlap, and labels that cover a mark, over all maps of a figure."""
    figure.canvas.draw()
    found = []
    for axes in figure.axes:
        labels = _labels(axes)
        boxes = [text.get_window_extent() for text in labels]
        found += [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
        for one in boxes:
            for (x, y), radius in _discs(axes):
                across, up = max(one.x0 - x, 0, x - one.x1), max(one.y0 - y, 0, y - one.y1)
                if np.hypot(across, up) < radius:
                    found.append((one, (x, y)))
    return found


@pytest.mark.parametrize("region", ["world", "north-america", "gulf", "nordics", "europe", "asia"])
def test_no_label_meets_another_or_a_mark(three_regions, region):
    with rc_context(STYLE):
        assert _collisions(draw(three_regions.view, region)) == []


@pytest.mark.parametrize("year", [2029, 2036])
@pytest.mark.parametrize("region", ["world", "north-america", "europe", "nordics"])
def test_no_label_meets_another_or_a_mark_in_a_crowd(region, year):
    crowd = make_plan(220, seed=9)
    with rc_context(STYLE):
        figure = draw(plan_view(crowd.instance, crowd.tables, crowd.manifest), region, year)
        assert _collisions(figure) == []
        assert sum(len(_labels(axes)) for axes in figure.axes) > 3


def test_where_campuses_crowd_a_region_has_a_close_up_that_names_them():
    crowd = make_plan(220, seed=9)
    view = plan_view(crowd.instance, crowd.tables, crowd.manifest)
    area = area_by_key("north-america")
    part = crowded_part(view.sites, area, len(view.years) - 1)
    assert part is not None
    assert part.east - part.west == pytest.approx(1.1 * (area.east - area.west) / 9)
    with rc_context(STYLE):
        figure = draw(view, "north-america")
    main, close_up = figure.axes[:2]
    assert "Close-up (dashed frame)" in [text.get_text() for text in close_up.texts]
    named = [{text.get_gid() for text in _labels(axes)} for axes in (main, close_up)]
    assert len(named[1]) >= 4
    assert not named[0] & named[1]
    inside = {
        f"label:{site.site}"
        for site in view.sites
        if part.west <= site.longitude <= part.east and part.south <= site.latitude <= part.north
    }
    assert not named[0] & inside


def test_few_campuses_need_no_close_up(three_regions):
    assert crowded_part(three_regions.view.sites, area_by_key("asia"), 3) is None


def test_figures_of_a_region_count_its_sites_alone(plan):
    area = area_by_key("asia")
    inside = [
        site
        for site in plan.view.sites
        if area.west <= site.longitude <= area.east and area.south <= site.latitude <= area.north
    ]
    total = sum(site.online_gw[-1] for site in inside)
    with rc_context(STYLE):
        texts = [text.get_text() for text in draw(plan.view, "asia").texts]
    assert texts[0].startswith(
        f"Asia, 2036: {gigawatts(total)} GW on line at {sum(s.online_gw[-1] > 0 for s in inside)} "
    )
    assert "64°E to 148°E" in texts[2]


@pytest.mark.parametrize("country", ["the United Emirates of a Country with a Long Name Indeed", "X"])
def test_no_text_leaves_the_figure(plan, country):
    sites = tuple(dataclasses.replace(site, country_name=f"{country} {site.country}") for site in plan.view.sites)
    with rc_context(STYLE):
        for region in ("gulf", "world"):
            figure = draw(dataclasses.replace(plan.view, sites=sites), region)
            for text in figure.texts:
                assert text.get_window_extent().x1 <= figure.bbox.x1


def test_hyphens_stand_for_underscores():
    assert area_by_key("north-america") is area_by_key("north_america") is AREAS["north_america"]
    with pytest.raises(ValueError, match="no region 'moon'; choose from world, "):
        area_by_key("moon")


def test_sums_in_any_order_show_the_same_digits():
    parts = [3.3, 0.1, 82.45]
    assert sum(parts) != 85.85 or sum(parts[::-1]) != 85.85  # the sums differ in the last bit
    assert gigawatts(sum(parts)) == gigawatts(sum(parts[::-1])) == gigawatts(85.85)


def test_bars_of_the_charts_are_the_numbers_of_the_plan(plan):
    with rc_context(STYLE):
        capacity, chips, energy, gantt = charts_figure(plan.view).axes
    for axes, total in (
        (capacity, plan.view.totals.online_gw),
        (chips, np.sum([series.values for series in plan.view.totals.chips_installed_million], axis=0)),
        (energy, np.sum([series.values for series in plan.view.totals.energy_twh], axis=0)),
    ):
        heights = np.zeros(len(plan.view.years))
        for container in axes.containers:
            heights += [patch.get_height() for patch in container]
        assert heights == pytest.approx(np.asarray(total))
    diamonds = [point for drawn in gantt.collections for point in drawn.get_offsets()]
    shown = decided_sites(plan.view, 30)
    assert len(diamonds) == sum(not phase.fact for site in shown for phase in site.phases)
    assert "GW" in capacity.get_title(loc="left")
    assert "million" in chips.get_title(loc="left")
    assert "TWh" in energy.get_title(loc="left")


@pytest.mark.parametrize(("lead_months", "early"), [(0, True), (12, False)])
def test_gantt_shows_last_moments_that_are_later_than_the_commitment(made, lead_months, early):
    sites = tuple(site.model_copy(update={"lead_months": lead_months}) for site in made.instance.sites)
    view = plan_view(dataclasses.replace(made.instance, sites=sites), made.tables, made.manifest)
    axes = Figure().add_subplot()
    commitments_chart(axes, view, most=100)
    shown = decided_sites(view, 100)
    late = {
        (row, parse_span(phase.decide_by).start / 12)
        for row, site in enumerate(shown)
        for phase in site.phases
        if not phase.fact and phase.decide_by != phase.committed
    }
    drawn = [line for line in axes.lines if line.get_gid() == "last moment"]
    assert {(round(sum(line.get_ydata()) / 2), line.get_xdata()[0]) for line in drawn} == late
    assert bool(late) == early
    assert ("if later" in axes.get_xlabel()) == early


def test_gantt_says_how_many_it_leaves_out(plan):
    axes = Figure().add_subplot()
    commitments_chart(axes, plan.view, most=5)
    total = sum(any(not phase.fact for phase in site.phases) for site in plan.view.sites)
    assert f"(5 largest of {total} campuses)" in axes.get_title(loc="left")
    assert len(axes.get_yticklabels()) == 5


def test_charts_of_a_plan_without_anything_can_be_drawn(plan, tmp_path):
    bare = dataclasses.replace(
        plan.view,
        sites=(),
        totals=dataclasses.replace(
            plan.view.totals, gw_by_bloc=(), chips_installed_million=(), energy_twh=(), committed_gw=(0.0,) * 10
        ),
    )
    assert static_charts(bare, tmp_path / "charts.png").stat().st_size > 1000


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
def test_charts_are_the_same_bytes_each_time(plan, tmp_path, suffix):
    first = static_charts(plan, tmp_path / f"one{suffix}").read_bytes()
    assert first == static_charts(plan, tmp_path / f"two{suffix}").read_bytes()


def _as_seen_without(cone, colour):
    """Linear RGB of a colour as Machado et al. (2009) simulate it for full deuteranopia or protanopia."""
    matrices = {
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    }
    rgb = np.asarray(mcolors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.clip(np.asarray(matrices[cone]) @ linear, 0, 1)


@pytest.mark.parametrize("cone", ["deutan", "protan"])
@pytest.mark.parametrize("colours", [[colour for _, _, colour in POWER_KINDS], _CHIP_COLOURS], ids=["power", "chips"])
def test_colours_differ_for_colour_blind_readers(cone, colours):
    seen = [_as_seen_without(cone, colour) for colour in colours]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) > 0.03


def test_a_users_basemap_takes_the_place_of_natural_earth(plan, tmp_path):
    path = tmp_path / "own.gpkg"
    gpd.GeoDataFrame({"name": ["square"]}, geometry=[box(60, 0, 120, 50)], crs=4326).to_file(path)
    own = static_map(plan, tmp_path / "own.svg", basemap=read_basemap(path)).read_text()
    usual = static_map(plan, tmp_path / "usual.svg").read_text()
    assert "own.gpkg, given by the user" in own
    assert "Natural Earth" not in own
    assert "Natural Earth" in usual
    assert len(own) < len(usual)


def test_basemaps_in_other_systems_are_turned_into_degrees(tmp_path):
    path = tmp_path / "own.gpkg"
    gpd.GeoDataFrame(geometry=[box(10, 50, 20, 60)], crs=4326).to_crs(3857).to_file(path)
    assert read_basemap(path).shapes.total_bounds == pytest.approx([10, 50, 20, 60])


def test_bad_basemaps_are_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no file"):
        read_basemap(tmp_path / "none.gpkg")
    (tmp_path / "text.geojson").write_text("not a map")
    with pytest.raises(ValueError, match="cannot be read as a map"):
        read_basemap(tmp_path / "text.geojson")
    gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=4326).to_file(tmp_path / "points.gpkg")
    with pytest.raises(ValueError, match="no areas to draw as land: found only Point"):
        read_basemap(tmp_path / "points.gpkg")
    gpd.GeoDataFrame(geometry=[box(0, 0, 500, 500)], crs=4326).to_file(tmp_path / "far.gpkg")
    with pytest.raises(ValueError, match="reaches beyond the globe"):
        read_basemap(tmp_path / "far.gpkg")
    gpd.GeoDataFrame(geometry=[box(0, 0, 5, 5)], crs=4326).to_file(tmp_path / "flat.shp")
    (tmp_path / "flat.prj").unlink()
    with pytest.raises(ValueError, match="does not say its reference system"):
        read_basemap(tmp_path / "flat.shp")


def test_the_command_draws_what_is_asked_for(result, tmp_path, capsys):
    year = Plan.open(result).view.years[2]
    asked = Pictures(formats=("svg", "pdf"), regions=("world", "gulf"), years=(year,), charts=True)
    assert draw_maps([result], tmp_path, asked) == ExitCode.DONE
    names = {f"map-{region}-{year}.{suffix}" for region in ("world", "gulf") for suffix in ("svg", "pdf")}
    assert {path.name for path in tmp_path.iterdir()} == names | {"charts.svg", "charts.pdf"}
    assert len(capsys.readouterr().out.splitlines()) == 6


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Pictures(regions=("world", "moon")), "no region 'moon'"),
        (Pictures(years=(1999,)), "not 1999"),
        (Pictures(basemap=Path("none.gpkg")), "there is no file"),
    ],
)
def test_the_command_refuses_before_it_draws(result, tmp_path, capsys, asked, message):
    assert draw_maps([result], tmp_path, asked) == ExitCode.BAD_INPUT
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_pictures_are_of_one_result(result, tmp_path, capsys):
    assert draw_maps([result, result], tmp_path, Pictures(formats=("png",))) == ExitCode.BAD_INPUT
    assert "one result at a time" in capsys.readouterr().err


def test_a_plan_shows_itself_in_a_notebook(plan):
    text = plan._repr_html_()
    assert f"{gigawatts(plan.view.totals.online_gw[-1])} GW on line" in text
    assert "within 0.60% of the best possible" in text
    assert "no audit is recorded" in text
    assert f"{plan.view.supply.energy_twh:,.0f} TWh over the plan, ${plan.view.supply.usd_per_mwh:,.1f}" in text


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'><svg/onload=x>", "&lt;"]
)
def test_hostile_names_are_inert_in_a_notebook(name):
    made = make_plan(12, names=[name] * 12, title=name)
    text = Plan(made.instance, made.tables, made.manifest)._repr_html_()
    for mark in ("<script", "<img", "<svg"):
        assert mark not in text
    assert name not in text
    assert "Campus" in text


def test_a_plan_is_opened_without_drawing_libraries(result):
    code = (
        "import sys; from maps import Plan; Plan.open(sys.argv[1])._repr_html_(); "
        "print([m for m in ('geopandas', 'matplotlib', 'pyproj', 'openpyxl') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code, str(result)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_audit_is_told_as_it_is():
    assert audit_words({"audit": {"ok": True, "checks": 12345}}).startswith("passed, 12,345 checks")
    assert audit_words({"audit": {"ok": False, "checks": 2}}) == "FAILED, 2 checks"
    assert audit_words({}) == "no audit is recorded"
