"""Layers of the map: chips that arrive, and what is left of the grid."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections import defaultdict
from pathlib import Path

import pytest

from maps import plan_view, write_page, write_scenario_page
from maps.basemap import label_points
from tests.maps.axe import violations
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_plan, make_scenarios

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def made():
    return make_plan(40)


@pytest.fixture(scope="module")
def path(made, tmp_path_factory) -> Path:
    return write_page(
        plan_view(made.instance, made.tables, made.manifest), tmp_path_factory.mktemp("layers") / "map.html"
    )


def _arrivals(made, year: int) -> dict[tuple[str, str], float]:
    """Million chips that arrive in a year, by country of design and campus."""
    design = {chip.chip: chip.design_country for chip in made.instance.chips}
    found: dict[tuple[str, str], float] = defaultdict(float)
    for row in made.tables.chips:
        if row.period.startswith(str(year)) and row.installed_million > 0:
            found[design[row.chip], row.site] += row.installed_million
    return found


def test_a_line_for_every_campus_at_which_chips_arrive(browser, path, made, tmp_path):
    watched = open_page(browser, path, "#layer=flows&year=2029")
    page = watched.page
    for year in (2029, 2032):
        page.evaluate("year => { location.hash = `layer=flows&year=${year}`; }", year)
        page.wait_for_function("year => document.getElementById('year-shown').textContent == year", arg=str(year))
        expected = _arrivals(made, year)
        lines = page.locator("path.flow").all()
        assert {line.get_attribute("data-flow") for line in lines} == {
            f"{country} {site}" for country, site in expected
        }
    widths = {line.get_attribute("data-flow"): float(line.get_attribute("stroke-width")) for line in lines}
    wide = {f"{country} {site}": million for (country, site), million in expected.items()}
    ordered = sorted(wide, key=lambda key: wide[key])
    assert [widths[key] for key in ordered] == sorted(widths.values())
    page.screenshot(path=screenshot_folder(tmp_path) / "layer-flows.png")
    _, site = next(iter(expected))
    label = page.locator(f"g.site[data-site={site}]").get_attribute("aria-label")
    assert "arrive in 2032" in label
    names = {"United States": "USA", "China": "CHN"}
    origins = page.locator(".labels text", has_text="M chips").all_text_contents()
    assert {text.split(": ")[0] for text in origins} == set(names)
    for text in origins:
        name, amount = text.split(": ")
        sent = sum(million for (where, _), million in expected.items() if where == names[name])
        assert float(amount.removesuffix(" M chips")) == pytest.approx(sent, rel=5e-3)
    assert watched.clean(), watched.complaints
    page.context.close()


def test_table_of_arrivals_equals_the_plan(browser, path, made):
    page = open_page(browser, path, "#tab=chips&year=2031").page
    country_of = {site.site: site.country for site in made.instance.sites}
    names = {country.country: country.name for country in made.instance.countries}
    expected: dict[tuple[str, str], float] = defaultdict(float)
    for (design, site), million in _arrivals(made, 2031).items():
        expected[names[design], names[country_of[site]]] += million
    shown = {}
    for row in page.locator("[data-table=flows] tbody tr").all():
        to, million = row.locator("td").all_inner_texts()
        shown[row.locator("th").inner_text(), to] = float(million)
    assert shown == pytest.approx(dict(expected), rel=5e-3)
    with page.expect_download() as waiting:
        page.click("#arrivals-csv")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    total = sum(float(row["installed_million_2031"]) for row in rows)
    assert total == pytest.approx(sum(_arrivals(made, 2031).values()), rel=1e-6)
    page.context.close()


def test_grid_layer_says_what_is_left_of_the_region(browser, path, made, tmp_path):
    watched = open_page(browser, path, "#layer=grid&year=2027")
    page = watched.page
    for year in (2027, 2035):
        page.evaluate("year => { location.hash = `layer=grid&year=${year}`; }", year)
        page.wait_for_function("year => document.getElementById('year-shown').textContent == year", arg=str(year))
        rows = {row.name: row for row in made.tables.limits if row.family == "grid_headroom" and row.when == str(year)}
        for site in made.instance.sites:
            row = rows[site.grid_region]
            mark = page.locator(f"g.site[data-site={site.site}]")
            share = row.used / row.limit
            room = "full" if row.binding else "scarce" if share > 0.9 else "tight" if share >= 0.5 else "ample"
            assert mark.get_attribute("data-room") == room
            assert f"{row.used:.3g} of 1 GW of headroom used" in mark.get_attribute("aria-label")
    page.screenshot(path=screenshot_folder(tmp_path) / "layer-grid.png")
    page.select_option("#layer", "power")
    assert page.locator("[data-room]").count() == 0
    assert watched.clean(), watched.complaints
    page.context.close()


def test_full_regions_bear_a_sign_and_regions_without_limit_none(browser, tmp_path):
    made = make_plan(12)
    region = made.instance.sites[0].grid_region
    rows = tuple(row for row in made.tables.limits if row.family != "grid_headroom" or row.name != region)
    full = next(row for row in made.tables.limits if row.family == "grid_headroom" and row.name != region)
    plan = plan_view(made.instance, _with_limits(made, rows, full), made.manifest)
    page = open_page(browser, write_page(plan, tmp_path / "map.html"), f"#layer=grid&year={full.when}").page
    for site in made.instance.sites:
        mark = page.locator(f"g.site[data-site={site.site}]")
        if site.grid_region == region:
            assert mark.get_attribute("data-room") == "unlimited"
        if site.grid_region == full.name:
            assert mark.get_attribute("data-room") == "full"
            assert mark.locator(".sign").get_attribute("d")
    page.context.close()


def _used_up(row):
    return dataclasses.replace(row, used=row.limit, slack=0.0, binding=True)


def _with_limits(made, rows, full):
    return dataclasses.replace(made.tables, limits=tuple(_used_up(row) if row is full else row for row in rows))


def test_layers_follow_the_scenario(browser, tmp_path):
    made, scenarios = make_scenarios(20, ("one", "two"))
    path = write_scenario_page(scenarios, tmp_path / "map.html")
    watched = open_page(browser, path, "#layer=flows&year=2030&scenario=two&compare=one")
    found = {line.get_attribute("data-flow") for line in watched.page.locator("path.flow").all()}
    assert found == {f"{country} {site}" for country, site in _arrivals(made[1], 2030)}
    assert found != {f"{country} {site}" for country, site in _arrivals(made[0], 2030)}
    assert watched.clean(), watched.complaints
    watched.page.context.close()


def test_origins_lie_where_the_country_is():
    places = label_points({"USA", "CHN", "XXX"})
    assert set(places) == {"USA", "CHN"}
    assert -125 < places["USA"][0] < -70
    assert 25 < places["USA"][1] < 50


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_layers_meet_the_accessibility_rules(browser, path, scheme):
    for layer in ("flows", "grid"):
        page = open_page(
            browser, path, f"#layer={layer}&year=2030&tab=chips", color_scheme=scheme, bypass_csp=True
        ).page
        assert not violations(page), layer
        page.context.close()
