"""A change of year touches only what differs, and what it leaves is right."""

from __future__ import annotations

import pytest

from maps import plan_view, write_page
from tests.maps.browser import chromium, open_page
from tests.maps.plans import make_plan

pytestmark = pytest.mark.browser

TABS = ("plan", "site&site=s000", "chips", "power", "money", "limits", "policy", "table")


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = make_plan(40)
    plan = plan_view(made.instance, made.tables, made.manifest)
    return write_page(plan, tmp_path_factory.mktemp("year") / "map.html")


def _to(page, year: int) -> None:
    page.evaluate(
        "year => { const y = document.getElementById('year'); y.value = year; y.dispatchEvent(new Event('input')); }",
        year,
    )
    assert page.locator("#year-shown").inner_text() == str(year)


@pytest.mark.parametrize("tab", TABS)
def test_panel_after_changes_of_year_is_that_of_a_page_opened_there(browser, path, tab):
    watched = open_page(browser, path, f"#tab={tab}&year=2027")
    for year in (2036, 2030, 2031):
        _to(watched.page, year)
    opened = open_page(browser, path, f"#tab={tab}&year=2031")
    contents = "document.getElementById('details').innerHTML"
    assert watched.page.evaluate(contents) == opened.page.evaluate(contents)
    assert watched.clean(), watched.complaints
    watched.page.context.close()
    opened.page.context.close()


def test_what_does_not_depend_on_the_year_stays_the_same_element(browser, path):
    page = open_page(browser, path, "#tab=limits&year=2030").page
    page.evaluate("document.querySelectorAll('.strip tbody').forEach(part => { part.kept = true; })")
    page.locator("#details details summary").first.click()
    _to(page, 2031)
    assert page.evaluate("[...document.querySelectorAll('.strip tbody')].every(part => part.kept)")
    assert page.evaluate("document.querySelector('#details details').open")
    page.context.close()


def test_focus_and_place_stay_through_the_years(browser, path):
    page = open_page(browser, path, "#tab=table&year=2030", viewport={"width": 1400, "height": 500}).page
    page.focus("[data-focus=sort-capital]")
    page.locator("aside").evaluate("part => { part.scrollTop = 90; }")
    _to(page, 2033)
    assert page.evaluate("document.activeElement.dataset.focus") == "sort-capital"
    assert page.locator("aside").evaluate("part => part.scrollTop") == 90
    page.context.close()
