"""Several plans on one page: the switch, the comparison, their addresses, keys and numbers."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import pytest

from maps import write_scenario_page
from tests.maps.axe import violations
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_scenarios
from tests.maps.reading import figure_text, number_of, online_gw
from tests.maps.test_browser import PAYLOADS

pytestmark = pytest.mark.browser

TITLES = ("as it is", "power_late", "capital_tight")
TABS = ("plan", "compare", "site", "chips", "power", "money", "limits", "policy", "table")


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def both():
    return make_scenarios(60, TITLES)


@pytest.fixture(scope="module")
def made(both):
    return both[0]


@pytest.fixture(scope="module")
def views(both):
    return [scenario.plan for scenario in both[1]]


@pytest.fixture(scope="module")
def path(both, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    return write_scenario_page(both[1], folder / "map.html", title="Three cases", note="All 3 plans of the study.")


@pytest.fixture
def watched(browser, path):
    opened = open_page(browser, path)
    yield opened
    assert opened.clean(), (opened.requests, opened.complaints)
    assert opened.requests == [opened.page.url.split("#")[0]]
    opened.page.context.close()


def _assert_shows(page, made, view, year: int) -> None:
    """Every tab shows the numbers of one plan."""
    online = online_gw(made, year)
    assert number_of(figure_text(page, "gw").split(" GW")[0]) == pytest.approx(sum(online.values()), rel=5e-3)
    assert figure_text(page, "campuses").startswith(f"{sum(gw > 0 for gw in online.values())} campus")
    assert number_of(figure_text(page, "npv").split("\n")[0]) == pytest.approx(made.manifest["npv_busd"], rel=5e-3)
    page.click("#tab-power")
    table = page.locator("figure", has_text="TWh in the year").locator("table")
    energy = table.locator("tbody tr", has_text=str(year)).locator("td").last.text_content()
    expected = sum(row.energy_twh for row in made.tables.energy if row.year == year)
    assert number_of(energy) == pytest.approx(expected, rel=5e-3)
    page.click("#tab-chips")
    table = page.locator("figure", has_text="million in the year").locator("table")
    chips = table.locator("tbody tr", has_text=str(year)).locator("td").last.text_content()
    expected = sum(row.installed_million for row in made.tables.chips if row.period.startswith(str(year)))
    assert number_of(chips) == pytest.approx(expected, rel=5e-3)
    page.click("#tab-money")
    assert f"add up to ${made.manifest['npv_busd'] / 1000:.2f} tn" in page.locator("#details").inner_text()
    page.click("#tab-table")
    for row in page.locator("#sites-table tbody tr").all()[:12]:
        gw = row.locator("td").first.inner_text()
        assert float(gw) == pytest.approx(online.get(row.get_attribute("data-site"), 0.0), rel=5e-3)
    assert page.locator("g.site:not(.waiting)").count() == sum(gw > 0 for gw in online.values())
    largest = max(view.sites, key=lambda site: site.online_gw[view.index_of(year)])
    label = page.locator(f"g.site[data-site={largest.site}]").get_attribute("aria-label")
    assert f"GW on line at the end of {year}" in label
    assert number_of(label.split(": ")[1].split(" GW")[0]) == pytest.approx(online[largest.site], rel=5e-3)


def test_every_tab_and_the_map_follow_the_switch(watched, made, views):
    page = watched.page
    assert page.locator("#title").inner_text() == "Three cases"
    assert page.locator("#scenario option").all_inner_texts() == list(TITLES)
    for number in (1, 2, 0):
        page.select_option("#scenario", label=TITLES[number])
        _assert_shows(page, made[number], views[number], 2036)
    page.evaluate("location.hash = 'scenario=capital-tight&year=2031'")
    page.wait_for_function("document.getElementById('year-shown').textContent == '2031'")
    _assert_shows(page, made[2], views[2], 2031)
    assert "Changed: budgets[*].capital_busd *= 0.2" in page.locator("#changes").inner_text()
    assert page.locator("#note").inner_text().startswith("All 3 plans of the study.")


def test_limits_policy_and_site_follow_too(watched, made, views):
    page = watched.page
    site = next(s for s in views[0].sites if s.phases and s.phases != views[1].sites[views[0].sites.index(s)].phases)
    page.evaluate("site => { location.hash = `tab=site&site=${site}&scenario=power-late`; }", site.site)
    page.locator("table.phases").wait_for()
    rows = [row for row in made[1].tables.phases if row.site == site.site]
    shown = page.locator("table.phases tbody tr").all()
    assert [row.locator("td").nth(2).inner_text() for row in shown] == [row.energised for row in rows]
    page.evaluate("location.hash = 'tab=limits&year=2034&scenario=capital-tight'")
    caps = page.locator("[data-list=caps]")
    caps.wait_for()
    binding = {row.name for row in made[2].tables.limits if row.when.startswith("2034") and row.binding}
    assert caps.locator("li").count() == max(1, len(binding))
    page.click("#tab-policy")
    assert page.locator("[data-rule=gulf_cap]").is_visible()


def test_switch_is_reached_by_keyboard_and_has_keys_of_its_own(watched):
    page = watched.page
    page.focus("#skip")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "scenario"
    page.keyboard.press("ArrowDown")
    assert page.locator("#scenario").input_value() == "power-late"
    assert "scenario=power-late" in page.url
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "compare"
    page.focus("#details")
    page.keyboard.press("]")
    assert page.locator("#scenario").input_value() == "capital-tight"
    page.keyboard.press("]")
    assert page.locator("#scenario").input_value() == "as-it-is"
    page.keyboard.press("[")
    assert page.locator("#scenario").input_value() == "capital-tight"
    page.focus("#search")
    page.keyboard.type("[")
    assert page.locator("#scenario").input_value() == "capital-tight"
    page.keyboard.press("Escape")


def test_address_restores_two_scenarios_and_nonsense_is_ignored(browser, path):
    watched = open_page(browser, path, "#scenario=capital-tight&compare=power-late&tab=compare")
    assert watched.page.locator("#scenario").input_value() == "capital-tight"
    assert watched.page.locator("#details h2").first.inner_text() == "capital_tight less power_late"
    watched.page.context.close()
    for fragment in ("#scenario=__proto__&compare=<img>&tab=compare", "#scenario=as-it-is&compare=as-it-is"):
        watched = open_page(browser, path, fragment)
        assert watched.page.locator("#scenario").input_value() == "as-it-is"
        assert watched.page.locator("#compare").input_value() == ""
        assert watched.clean(), watched.complaints
        watched.page.context.close()


def test_one_plan_has_no_switch(browser, both, tmp_path):
    watched = open_page(browser, write_scenario_page(both[1][:1], tmp_path / "map.html"), "#tab=compare")
    assert not watched.page.locator("#scenarios").is_visible()
    assert watched.page.locator("#tab-compare").count() == 0
    assert watched.page.locator("#tab-plan").get_attribute("aria-selected") == "true"
    assert watched.clean(), watched.complaints
    watched.page.context.close()


def test_titles_and_changes_that_are_code_stay_text(browser, tmp_path):
    _, scenarios = make_scenarios(16, PAYLOADS[:12], names=PAYLOADS)
    path = write_scenario_page(scenarios, tmp_path / "map.html", title=PAYLOADS[0], note=PAYLOADS[1])
    watched = open_page(browser, path)
    page = watched.page
    for option in page.locator("#scenario option").all():
        page.select_option("#scenario", value=option.get_attribute("value"))
    page.select_option("#compare", index=1)
    for tab in TABS:
        page.click(f"#tab-{tab}")
    page.click("#tab-compare")
    assert page.locator("#details h2").first.text_content().startswith(PAYLOADS[11])
    page.locator("g.site").first.focus()
    assert page.locator("#tip").is_visible()
    assert page.locator("#note").inner_text().startswith(PAYLOADS[1])
    with page.expect_download() as waiting:
        page.click("#pair-csv")
    cells = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert all(cell[:1] not in "=+@" for row in cells for cell in row if cell and not _is_number(cell))
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, iframe, object, embed, base, a[href^='javascript']").count() == 0
    assert page.locator("script").count() == 4
    assert watched.clean(), watched.complaints
    page.context.close()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_nothing_scrolls_sideways_nor_is_cut(browser, path, width, tmp_path):
    fragment = "#scenario=power-late&compare=as-it-is&tab=compare"
    watched = open_page(browser, path, fragment, viewport={"width": width, "height": 860})
    page = watched.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=screenshot_folder(tmp_path) / f"compare-{width}.png")
    for tab in ("plan", "chips", "power", "money"):
        page.click(f"#tab-{tab}")
        cut = page.eval_on_selector_all(
            "#details .chart svg text",
            """nodes => nodes.filter(node => {
                 const box = node.getBoundingClientRect(), svg = node.ownerSVGElement.getBoundingClientRect();
                 return box.left < svg.left - 0.5 || box.right > svg.right + 0.5 || box.bottom > svg.bottom + 0.5;
               }).map(node => node.textContent)""",
        )
        assert cut == [], tab
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_rules_are_met_when_comparing(browser, path, scheme):
    for fragment in ("#tab=compare", "#scenario=power-late&compare=as-it-is&tab=compare"):
        page = open_page(browser, path, fragment, color_scheme=scheme, bypass_csp=True).page
        assert not violations(page), fragment
        page.context.close()


def test_charts_of_all_scenarios_share_their_scale(watched):
    page = watched.page
    ticks = []
    for title in TITLES:
        page.select_option("#scenario", label=title)
        ticks.append(page.locator("figure", has_text="Capacity on line by bloc").locator("svg text").all_inner_texts())
    assert ticks[0] == ticks[1] == ticks[2]


def _cut(value, keep: int):
    """A view that ends `keep` years after its start."""
    if dataclasses.is_dataclass(value):
        parts = {field.name: _cut(getattr(value, field.name), keep) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **parts)
    if isinstance(value, tuple):
        yearly = len(value) == 10 and all(isinstance(part, int | float) for part in value)
        return value[:keep] if yearly else tuple(_cut(part, keep) for part in value)
    return value


def test_plans_of_other_years_are_shown_but_not_compared(browser, both, made, tmp_path):
    scenarios = [*both[1][:2], dataclasses.replace(both[1][2], plan=_cut(both[1][2].plan, 7))]
    watched = open_page(browser, write_scenario_page(scenarios, tmp_path / "map.html"), "#tab=compare&year=2036")
    page = watched.page
    assert "no such year" in page.locator("tr[data-scenario=capital-tight]").inner_text()
    assert page.locator("#compare option[value=capital-tight]").is_disabled()
    page.select_option("#compare", label="power_late")
    page.select_option("#scenario", label="capital_tight")
    assert page.locator("#year-shown").inner_text() == "2033"
    assert page.locator("#year").get_attribute("max") == "2033"
    assert page.locator("#compare").input_value() == ""
    assert number_of(figure_text(page, "gw").split(" GW")[0]) == pytest.approx(
        sum(online_gw(made[2], 2033).values()), rel=5e-3
    )
    page.evaluate("location.hash = 'scenario=as-it-is&compare=capital-tight&year=2036'")
    page.wait_for_function("document.getElementById('year-shown').textContent == '2036'")
    assert page.locator("#compare").input_value() == ""
    assert watched.clean(), watched.complaints
    page.context.close()


def test_titles_that_start_alike_are_told_apart_in_narrow_columns(browser, tmp_path):
    _, scenarios = make_scenarios(6, ("policy.regime = S0", "policy.regime = S1"))
    path = write_scenario_page(scenarios, tmp_path / "map.html")
    page = open_page(browser, path, "#tab=compare&compare=policy-regime-s1").page
    assert page.locator("table.overview th .link:not(.action)").all_inner_texts() == ["S0", "S1"]
    heads = page.locator("[data-table=figures] .clipped")
    assert heads.all_inner_texts() == ["S0", "S1"]
    assert heads.first.get_attribute("title") == "policy.regime = S0"
    page.context.close()
