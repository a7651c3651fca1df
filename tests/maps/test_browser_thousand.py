"""A thousand campuses on one page."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from maps import plan_view, write_page
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_plan

pytestmark = pytest.mark.browser

MANY = 1000


@pytest.fixture(scope="module")
def plan():
    made = make_plan(MANY)
    return plan_view(made.instance, made.tables, made.manifest)


@pytest.fixture(scope="module")
def path(plan, tmp_path_factory) -> Path:
    return write_page(plan, tmp_path_factory.mktemp("thousand") / "map.html")


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def watched(browser, path):
    opened = open_page(browser, path)
    yield opened
    assert opened.clean(), (opened.requests, opened.complaints)
    opened.page.context.close()


def test_page_stays_small(path):
    assert path.stat().st_size < 2_000_000


def test_marks_follow_the_year(watched, plan):
    page = watched.page
    assert page.locator("g.site").count() == MANY
    for year in (2028, 2033):
        page.evaluate("year => { location.hash = `year=${year}`; }", year)
        page.wait_for_function("year => document.getElementById('year-shown').textContent == year", arg=str(year))
        at = plan.years.index(year)
        assert page.locator("g.site:not(.waiting)").count() == sum(site.online_gw[at] > 0 for site in plan.sites)
        shown = float(page.locator("[data-figure=gw] dd").inner_text().split(" GW")[0].replace(",", ""))
        assert shown == pytest.approx(plan.totals.online_gw[at], rel=5e-3)


def test_a_campus_is_found_and_reached_by_keyboard(watched, plan):
    page, site = watched.page, plan.sites[777]
    page.locator("body").press("/")
    page.keyboard.type(f"campus 777 {site.country_name}")
    page.keyboard.press("Enter")
    assert page.locator("#details h2.name").inner_text().startswith(site.name)
    assert f"site={site.site}" in page.url


def test_table_is_whole_when_asked(watched, plan):
    page = watched.page
    page.click("#tab-table")
    assert page.locator("#sites-table tbody tr").count() == 100
    assert f"The first 100 of {MANY} campuses" in page.locator("#sites-table caption").inner_text()
    page.focus("#all-rows")
    page.keyboard.press("Enter")
    rows = page.locator("#sites-table tbody tr")
    assert rows.count() == MANY
    largest = sorted((site.online_gw[-1] for site in plan.sites), reverse=True)
    assert float(rows.nth(700).locator("td").first.inner_text()) == pytest.approx(largest[700], rel=5e-3)
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 101
    assert page.locator("#all-rows").count() == 0


def test_no_label_lies_on_another(watched, tmp_path):
    page = watched.page
    for view in ("world", "north_america"):
        page.select_option("#view", view)
        boxes = page.eval_on_selector_all(
            ".labels text",
            "nodes => nodes.map(n => n.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])",
        )
        assert len(boxes) > 3
        for one, other in combinations(boxes, 2):
            across, up = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
            assert across <= 1 or up <= 5  # line boxes are taller than the letters in them
        page.screenshot(path=screenshot_folder(tmp_path) / f"thousand-{view}.png")
