"""Everything that can be pressed is reached by the Tab key, and what has the focus can be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from maps import Scenario, write_scenario_page
from maps.view.study import (
    FrontierAxis,
    FrontierPoint,
    PriceView,
    SiteStanding,
    SiteSupport,
    SlackView,
    StudyView,
    SwingView,
)
from tests.maps.browser import chromium, open_page
from tests.maps.plans import make_scenarios

pytestmark = pytest.mark.browser

#: What can be pressed or scrolled, marked so that it is known again.
MARK_ALL = """start => {
  const pressable = "button, select, input, summary, a[href], [tabindex='0']";
  const shown = (node) => node.checkVisibility({visibilityProperty: true}) && node.tabIndex >= 0 && !node.disabled;
  const all = [...document.querySelectorAll(pressable)].filter(shown)
    .filter((node) => !start || document.querySelector(start).compareDocumentPosition(node) & 4);
  all.forEach((node, number) => { node.dataset.number = number; });
  return all.map((node) => node.id || node.getAttribute("aria-label") || node.textContent.slice(0, 40));
}"""
#: Number of what has the focus, and whether that can be seen: an outline, the ring of a mark, or the bar of the panel.
FOCUSED = """() => {
  const node = document.activeElement, look = getComputedStyle(node), ring = node.querySelector(".halo");
  const outlined = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
  const ringed = ring !== null && getComputedStyle(ring).stroke !== "none";
  return [node.dataset.number ?? null, outlined || ringed || look.boxShadow !== "none"];
}"""


def _study() -> StudyView:
    """A study with every part, so that every tab is there."""
    return StudyView(
        plans=2,
        robustness=(SiteSupport("s000", 2, "2027", "2028"),),
        objective="NPV",
        base=1.0,
        swings=(SwingView("a", "low", "high", 0.5, 0.4, 1.5, 1.1, "", "", ()),),
        slacks=(SlackView(0.01, 1.0),),
        standings=(SiteStanding("s000", ("must build",), (True,)),),
        axes=(FrontierAxis("NPV", more_is_better=True), FrontierAxis("carbon", more_is_better=False)),
        frontier=(FrontierPoint("one", (1.0, 2.0), None), FrontierPoint("two", (0.5, 1.0), 0.6)),
        prices=(PriceView("budget", "budget", "global", "+1", 1.0, "B USD", 0.5, 1.5, 1.0, "B USD", "re-solved", ()),),
        priced="one",
    )


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    _, scenarios = make_scenarios(8, ("one", "two"))
    entries = [Scenario(one.title, one.plan, one.changes) for one in scenarios]
    return write_scenario_page(entries, tmp_path_factory.mktemp("keyboard") / "map.html", study=_study())


def _walk(page, start: str = "") -> tuple[list[str], set[int], list[str]]:
    """What is to be reached after an element (or on the whole page), what the Tab key reaches, and what is not seen."""
    wanted = page.evaluate(MARK_ALL, start)
    if start:
        page.focus(start)
    reached: set[int] = set()
    unseen = []
    for _ in range(len(wanted) + 8):
        page.keyboard.press("Tab")
        number, seen = page.evaluate(FOCUSED)
        if number is not None:
            reached.add(int(number))
            if not seen:
                unseen.append(wanted[int(number)])
    return wanted, reached, unseen


def _assert_all_reached(page, start: str = "") -> None:
    wanted, reached, unseen = _walk(page, start)
    assert [name for number, name in enumerate(wanted) if number not in reached] == []
    assert unseen == []


def test_the_whole_page_is_walked_by_the_tab_key(browser, path):
    watched = open_page(browser, path)
    _assert_all_reached(watched.page)
    assert watched.page.locator("g.site[data-number]").count() == watched.page.locator("g.site").count()
    assert watched.clean(), watched.complaints
    watched.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_is_walked_by_the_tab_key(browser, path, scheme):
    watched = open_page(browser, path, "#site=s000&compare=two", color_scheme=scheme)
    page = watched.page
    tabs = [tab.get_attribute("id") for tab in page.locator("#tabs button").all()]
    assert {f"tab-{name}" for name in ("compare", "robustness", "tornado", "frontier", "table")} < set(tabs)
    for tab in tabs:
        page.click(f"#{tab}")
        _assert_all_reached(page, f"#{tab}")
    assert watched.clean(), watched.complaints
    page.context.close()
