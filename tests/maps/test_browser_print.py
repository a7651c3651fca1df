"""What is printed: one sheet with the map and what matters, then the numbers of the tab if it is another one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maps import plan_view, write_page, write_scenario_page
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_plan, make_scenarios

pytestmark = pytest.mark.browser

#: What fits on A4 across within margins of 10 mm, in pixels.
SHEET = {"width": 1046, "height": 718}


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def made():
    return make_plan(60)


@pytest.fixture(scope="module")
def plan(made):
    return plan_view(made.instance, made.tables, made.manifest)


@pytest.fixture(scope="module")
def path(plan, tmp_path_factory) -> Path:
    return write_page(plan, tmp_path_factory.mktemp("print") / "map.html")


def _sheets(page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))


def _as_printed(browser, path, fragment="", **options):
    """The page as the printer sees it."""
    watched = open_page(browser, path, fragment, viewport=SHEET, **options)
    watched.page.emulate_media(media="print")
    watched.page.wait_for_function("() => document.getElementById('sheet').children.length > 0")
    return watched


@pytest.mark.parametrize("fragment", ["#year=2032", "#year=2032&view=gulf&layer=flows", "#theme=dark"])
def test_the_plan_is_printed_on_one_sheet(browser, path, fragment):
    page = open_page(browser, path, fragment).page
    assert _sheets(page) == 1
    page.context.close()


def test_other_tabs_follow_on_further_sheets(browser, path):
    for tab in ("limits", "table", "site&site=s000"):
        page = open_page(browser, path, f"#tab={tab}").page
        assert _sheets(page) > 1, tab
        page.context.close()


def test_controls_are_not_printed_and_paper_is_white(browser, path):
    page = _as_printed(browser, path, "#theme=dark").page
    for control in ("#year", "#controls", "#zoom", "#tabs", "aside"):
        assert not page.locator(control).is_visible(), control
    assert page.locator("#map").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.land path')).fill") == "rgb(251, 250, 246)"
    page.context.close()


def test_numbers_of_the_sheet_are_those_of_the_plan(browser, path, plan, made):
    page = _as_printed(browser, path, "#year=2033").page
    at = plan.years.index(2033)
    largest = sorted(plan.sites, key=lambda site: -site.online_gw[at])[:9]
    rows = page.locator("[data-table=sheet-campuses] tr").all()
    shown = [float(row.locator("td").last.inner_text().removesuffix(" GW")) for row in rows]
    assert shown == pytest.approx([site.online_gw[at] for site in largest], rel=5e-3)
    binding = {
        row.name
        for row in made.tables.limits
        if row.when.startswith("2033") and row.binding and row.family != "sovereignty"
    }
    listed = page.locator("#sheet [data-list=caps] li").all_inner_texts()
    assert len(listed) == min(len(binding), 9) + (len(binding) > 9)
    page.context.close()


@pytest.mark.parametrize(
    "fragment", ["#year=2033", "#tab=site&site=s000", "#tab=site&site=s004", "#year=2036&layer=grid"]
)
def test_nothing_is_cut_off_or_covered(browser, path, fragment, tmp_path):
    page = _as_printed(browser, path, fragment).page
    _fits(page)
    page.screenshot(path=screenshot_folder(tmp_path) / f"print{re.sub(r'[^a-z0-9]', '-', fragment)}.png")
    page.context.close()


def test_scenarios_fit_too(browser, tmp_path):
    titles = ("policy.regime = S0", "policy.regime = S1, and chips late by a year", "policy.regime = S2")
    _, scenarios = make_scenarios(30, titles)
    path = write_scenario_page(scenarios, tmp_path / "map.html", note="Three of the eight plans of the study.")
    page = _as_printed(
        browser, path, "#compare=policy-regime-s2&scenario=policy-regime-s1-and-chips-late-by-a-year"
    ).page
    _fits(page)
    page.screenshot(path=screenshot_folder(tmp_path) / "print-scenarios.png")
    page.context.close()


def _fits(page) -> None:
    box = {name: page.locator(name).bounding_box() for name in ("header", "#stage", "#sheet", "footer")}
    bottom = {name: one["y"] + one["height"] for name, one in box.items()}
    assert bottom["header"] <= box["#stage"]["y"] + 1
    assert bottom["#stage"] <= box["footer"]["y"] + 1
    assert bottom["footer"] <= SHEET["height"]
    assert box["#stage"]["x"] + box["#stage"]["width"] <= box["#sheet"]["x"]
    assert page.locator("#sheet").evaluate("part => part.scrollHeight <= part.clientHeight + 1")
    assert page.locator("#legend").evaluate("part => part.getBoundingClientRect().bottom") <= bottom["#stage"] + 1
