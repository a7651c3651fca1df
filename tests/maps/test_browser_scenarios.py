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


def _figure(page, key: str) -> str:
    return page.locator(f"[data-figure={key}] dd").inner_text()


def _number(text: str) -> float:
    """A number as the page writes it: 1,234, +3, $1.23 tn, $45.6 bn, with a minus sign."""
    plain = text.replace(",", "").replace("\u2212", "-").replace("+", "").replace("$", "").strip()
    return float(plain[:-3]) * 1000 if plain.endswith(" tn") else float(plain.removesuffix(" bn"))


def _online(made, year: int) -> dict[str, float]:
    """GW of each site at the end of a year, from the table of the plan."""
    return {row.site: row.online_gw for row in made.tables.operations if row.period == f"{year}Q4"}


def _rows(page, table: str) -> dict[str, list[str]]:
    rows = page.locator(f"[data-table={table}] tbody tr")
    return {row.locator("th").inner_text().split("\n")[0]: row.locator("td").all_inner_texts() for row in rows.all()}


def _assert_shows(page, made, view, year: int) -> None:
    """Every tab shows the numbers of one plan."""
    online = _online(made, year)
    assert _number(_figure(page, "gw").split(" GW")[0]) == pytest.approx(sum(online.values()), rel=5e-3)
    assert _figure(page, "campuses").startswith(f"{sum(gw > 0 for gw in online.values())} campus")
    assert _number(_figure(page, "npv").split("\n")[0]) == pytest.approx(made.manifest["npv_busd"], rel=5e-3)
    page.click("#tab-power")
    table = page.locator("figure", has_text="TWh in the year").locator("table")
    energy = table.locator("tbody tr", has_text=str(year)).locator("td").last.text_content()
    expected = sum(row.energy_twh for row in made.tables.energy if row.year == year)
    assert _number(energy) == pytest.approx(expected, rel=5e-3)
    page.click("#tab-chips")
    table = page.locator("figure", has_text="million in the year").locator("table")
    chips = table.locator("tbody tr", has_text=str(year)).locator("td").last.text_content()
    expected = sum(row.installed_million for row in made.tables.chips if row.period.startswith(str(year)))
    assert _number(chips) == pytest.approx(expected, rel=5e-3)
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
    assert _number(label.split(": ")[1].split(" GW")[0]) == pytest.approx(online[largest.site], rel=5e-3)


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


def test_difference_on_the_map_is_that_of_the_tables(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'scenario=power-late&compare=as-it-is&year=2033'")
    page.locator("g.site.more").first.wait_for()
    here, there = _online(made[1], 2033), _online(made[0], 2033)
    gap = {site: here.get(site, 0.0) - there.get(site, 0.0) for site in {*here, *there}}
    assert page.locator("g.site.more").count() == sum(gw > 1e-9 for gw in gap.values())
    assert page.locator("g.site.less").count() == sum(gw < -1e-9 for gw in gap.values())
    page.wait_for_timeout(400)  # the radius moves for a moment
    radius = {}
    for site in sorted(gap, key=lambda site: -abs(gap[site]))[:8]:
        mark = page.locator(f"g.site[data-site={site}]")
        word = "more" if gap[site] > 0 else "less"
        label = mark.get_attribute("aria-label")
        assert f" GW {word} at the end of 2033" in label
        assert _number(label.split(": ")[1].split(" GW")[0]) == pytest.approx(abs(gap[site]), rel=5e-3)
        radius[site] = float(mark.locator(".mark").get_attribute("r"))
    first, last = next(iter(radius)), list(radius)[-1]
    assert (radius[first] / radius[last]) ** 2 == pytest.approx(abs(gap[first] / gap[last]), rel=1e-3)
    assert "more in power_late" in " ".join(page.locator("#legend").inner_text().split())
    page.select_option("#compare", value="")
    assert page.locator("g.site.more, g.site.less, g.site.same").count() == 0
    assert "firm grid" in page.locator("#legend").inner_text()


def test_comparison_is_that_of_the_tables_and_adds_up(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'scenario=capital-tight&compare=as-it-is&year=2033&tab=compare'")
    page.locator("[data-table=figures]").wait_for()
    npvs = [one.manifest["npv_busd"] for one in (made[2], made[0])]
    figures = _rows(page, "figures")
    assert [_number(text) for text in figures["net present value"][:2]] == pytest.approx(npvs, rel=5e-3)
    assert _number(figures["net present value"][2]) == pytest.approx(npvs[0] - npvs[1], rel=5e-3)
    capital = [sum(row.capital_busd for row in one.tables.sites) for one in (made[2], made[0])]
    assert _number(figures["capital, whole plan"][2]) == pytest.approx(capital[0] - capital[1], rel=5e-3)

    country = {site.site: site.country for site in made[0].instance.sites}
    names = {row.country: row.name for row in made[0].instance.countries}
    rows = _rows(page, "countries")
    for code in ("USA", "CHN"):
        sums = [sum(gw for s, gw in _online(one, 2033).items() if country[s] == code) for one in (made[2], made[0])]
        assert [_number(text) for text in rows[names[code]]] == pytest.approx([*sums, sums[0] - sums[1]], rel=5e-3)
    total = [sum(_online(one, 2033).values()) for one in (made[2], made[0])]
    assert [_number(text) for text in rows["sum"]] == pytest.approx([*total, total[0] - total[1]], rel=5e-3)

    chips = [sum(row.installed_million for row in one.tables.chips) for one in (made[2], made[0])]
    assert [_number(text) for text in _rows(page, "chips")["sum"]] == pytest.approx(
        [*chips, chips[0] - chips[1]], rel=5e-3
    )
    assert _number(_rows(page, "money")["sum"][2]) == pytest.approx(npvs[0] - npvs[1], rel=5e-3)


def test_headline_says_by_how_much_two_plans_differ(watched, made):
    page = watched.page
    page.select_option("#compare", label="power_late")
    here, there = (made[number].manifest["npv_busd"] for number in (0, 1))
    by, of = page.locator("[data-figure=npv] small").inner_text().split(" from ")
    assert _number(by) == pytest.approx(here - there, rel=5e-3)
    assert _number(of) == pytest.approx(there, rel=5e-3)


def test_what_is_proven_of_a_difference_is_said(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'scenario=power-late&compare=capital-tight&tab=compare'")
    page.locator("#pair-proof").wait_for()
    here, there = (made[number].manifest for number in (1, 2))
    least, most = here["npv_busd"] - there["bound_busd"], here["bound_busd"] - there["npv_busd"]
    shown = [_number(text) for text in page.locator("#pair-proof .whole").all_inner_texts()]
    assert shown == pytest.approx([least, most], rel=6e-3)
    settled = not least < 0 < most
    assert ("not settled" in page.locator("#pair-proof").inner_text()) != settled


def test_campuses_that_differ_are_listed_and_open(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'scenario=power-late&compare=as-it-is&year=2030&tab=compare'")
    table = page.locator("[data-table=campuses]")
    table.wait_for()
    here, there = _online(made[1], 2030), _online(made[0], 2030)
    row = table.locator("tbody tr").first
    site = row.get_attribute("data-site")
    gap = here.get(site, 0.0) - there.get(site, 0.0)
    assert abs(gap) == pytest.approx(max(abs(here.get(s, 0.0) - there.get(s, 0.0)) for s in {*here, *there}))
    assert _number(row.locator("td").last.inner_text()) == pytest.approx(gap, rel=5e-3)
    row.locator("button").focus()
    page.keyboard.press("Enter")
    assert f"site={site}" in page.url
    assert "the same in as it is" in page.locator("#details").inner_text()


def test_comparison_is_saved_in_full(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'scenario=power-late&compare=as-it-is&tab=compare'")
    page.locator("#pair-csv").wait_for()
    with page.expect_download() as waiting:
        page.click("#pair-csv")
    assert waiting.value.suggested_filename == "made_up-power-late-less-as-it-is.csv"
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    npv = next(row for row in rows if row["row"] == "net present value")
    assert float(npv["power_late"]) == pytest.approx(made[1].manifest["npv_busd"], rel=1e-6)
    assert float(npv["difference"]) == pytest.approx(
        made[1].manifest["npv_busd"] - made[0].manifest["npv_busd"], rel=1e-4
    )
    here, there = _online(made[1], 2036), _online(made[0], 2036)
    by_name = {site.name: site.site for site in made[0].instance.sites}
    for row in (row for row in rows if row["table"] == "Campuses"):
        site = by_name[row["row"]]
        assert float(row["difference"]) == pytest.approx(here.get(site, 0.0) - there.get(site, 0.0), abs=1e-6)


def test_overview_has_every_scenario_and_its_buttons_work(watched, made):
    page = watched.page
    page.click("#tab-compare")
    for one, key in zip(made, ("as-it-is", "power-late", "capital-tight"), strict=True):
        cells = page.locator(f"tr[data-scenario={key}] td").all_inner_texts()
        assert _number(cells[0]) == pytest.approx(one.manifest["npv_busd"], rel=5e-3)
        assert _number(cells[2]) == pytest.approx(sum(_online(one, 2036).values()), rel=5e-3)
    page.locator("[data-focus=compare-power-late]").focus()
    page.keyboard.press("Enter")
    assert page.locator("#compare").input_value() == "power-late"
    assert page.evaluate("document.activeElement.dataset.focus") == "compare-power-late"
    page.click("[data-focus=scenario-power-late]")
    assert page.locator("#scenario").input_value() == "power-late"
    assert page.locator("#compare").input_value() == "as-it-is", "the two change places"
    page.click("[data-focus=compare-as-it-is]")
    assert page.locator("#compare").input_value() == ""


def test_campuses_of_all_scenarios_stand_side_by_side(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'tab=compare&year=2031'")
    page.locator("h2", has_text="end of 2031").wait_for()
    online = [_online(one, 2031) for one in made]
    any_of = {site for one in online for site, gw in one.items() if gw > 0}
    rows = page.locator("[data-table=matrix] tbody tr").all()
    assert len(rows) == min(40, len(any_of))
    times = []
    for row in rows:
        site, cells = row.get_attribute("data-site"), row.locator("td").all()
        values = [one.get(site, 0.0) for one in online]
        for cell, gw in zip(cells, values, strict=True):
            assert (
                cell.text_content() == "·none" if gw == 0 else _number(cell.inner_text()) == pytest.approx(gw, rel=5e-3)
            )
        times.append(sum(gw > 0 for gw in values))
    assert times == sorted(times, reverse=True)
    everywhere = {site for site in any_of if all(one.get(site, 0.0) > 0 for one in online)}
    assert f"{len(everywhere)} campuses of the {len(any_of)}" in page.locator("#matrix-summary").inner_text()
    with page.expect_download() as waiting:
        page.click("#matrix-csv")
    saved = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert {row["site"] for row in saved} == any_of
    for row in saved:
        assert [float(row[f"gw {title}"]) for title in TITLES] == pytest.approx(
            [one.get(row["site"], 0.0) for one in online], rel=1e-6
        )


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
    assert _number(_figure(page, "gw").split(" GW")[0]) == pytest.approx(sum(_online(made[2], 2033).values()), rel=5e-3)
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
