"""All scenarios of a page at a glance, and two of them side by side: every number is that of the tables."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from maps import write_scenario_page
from tests.maps.browser import chromium, open_page
from tests.maps.plans import make_scenarios
from tests.maps.reading import number_of, online_gw, table_rows

pytestmark = pytest.mark.browser

TITLES = ("as it is", "power_late", "capital_tight")


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


def test_difference_on_the_map_is_that_of_the_tables(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'scenario=power-late&compare=as-it-is&year=2033'")
    page.locator("g.site.more").first.wait_for()
    here, there = online_gw(made[1], 2033), online_gw(made[0], 2033)
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
        assert number_of(label.split(": ")[1].split(" GW")[0]) == pytest.approx(abs(gap[site]), rel=5e-3)
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
    figures = table_rows(page, "figures")
    assert [number_of(text) for text in figures["net present value"][:2]] == pytest.approx(npvs, rel=5e-3)
    assert number_of(figures["net present value"][2]) == pytest.approx(npvs[0] - npvs[1], rel=5e-3)
    capital = [sum(row.capital_busd for row in one.tables.sites) for one in (made[2], made[0])]
    assert number_of(figures["capital, whole plan"][2]) == pytest.approx(capital[0] - capital[1], rel=5e-3)

    country = {site.site: site.country for site in made[0].instance.sites}
    names = {row.country: row.name for row in made[0].instance.countries}
    rows = table_rows(page, "countries")
    for code in ("USA", "CHN"):
        sums = [sum(gw for s, gw in online_gw(one, 2033).items() if country[s] == code) for one in (made[2], made[0])]
        assert [number_of(text) for text in rows[names[code]]] == pytest.approx([*sums, sums[0] - sums[1]], rel=5e-3)
    total = [sum(online_gw(one, 2033).values()) for one in (made[2], made[0])]
    assert [number_of(text) for text in rows["sum"]] == pytest.approx([*total, total[0] - total[1]], rel=5e-3)

    chips = [sum(row.installed_million for row in one.tables.chips) for one in (made[2], made[0])]
    assert [number_of(text) for text in table_rows(page, "chips")["sum"]] == pytest.approx(
        [*chips, chips[0] - chips[1]], rel=5e-3
    )
    assert number_of(table_rows(page, "money")["sum"][2]) == pytest.approx(npvs[0] - npvs[1], rel=5e-3)


def test_headline_says_by_how_much_two_plans_differ(watched, made):
    page = watched.page
    page.select_option("#compare", label="power_late")
    here, there = (made[number].manifest["npv_busd"] for number in (0, 1))
    by, of = page.locator("[data-figure=npv] small").inner_text().split(" from ")
    assert number_of(by) == pytest.approx(here - there, rel=5e-3)
    assert number_of(of) == pytest.approx(there, rel=5e-3)


def test_what_is_proven_of_a_difference_is_said(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'scenario=power-late&compare=capital-tight&tab=compare'")
    page.locator("#pair-proof").wait_for()
    here, there = (made[number].manifest for number in (1, 2))
    least, most = here["npv_busd"] - there["bound_busd"], here["bound_busd"] - there["npv_busd"]
    shown = [number_of(text) for text in page.locator("#pair-proof .whole").all_inner_texts()]
    assert shown == pytest.approx([least, most], rel=6e-3)
    settled = not least < 0 < most
    assert ("not settled" in page.locator("#pair-proof").inner_text()) != settled


def test_campuses_that_differ_are_listed_and_open(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'scenario=power-late&compare=as-it-is&year=2030&tab=compare'")
    table = page.locator("[data-table=campuses]")
    table.wait_for()
    here, there = online_gw(made[1], 2030), online_gw(made[0], 2030)
    row = table.locator("tbody tr").first
    site = row.get_attribute("data-site")
    gap = here.get(site, 0.0) - there.get(site, 0.0)
    assert abs(gap) == pytest.approx(max(abs(here.get(s, 0.0) - there.get(s, 0.0)) for s in {*here, *there}))
    assert number_of(row.locator("td").last.inner_text()) == pytest.approx(gap, rel=5e-3)
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
    here, there = online_gw(made[1], 2036), online_gw(made[0], 2036)
    by_name = {site.name: site.site for site in made[0].instance.sites}
    for row in (row for row in rows if row["table"] == "Campuses"):
        site = by_name[row["row"]]
        assert float(row["difference"]) == pytest.approx(here.get(site, 0.0) - there.get(site, 0.0), abs=1e-6)


def test_overview_has_every_scenario_and_its_buttons_work(watched, made):
    page = watched.page
    page.click("#tab-compare")
    for one, key in zip(made, ("as-it-is", "power-late", "capital-tight"), strict=True):
        cells = page.locator(f"tr[data-scenario={key}] td").all_inner_texts()
        assert number_of(cells[0]) == pytest.approx(one.manifest["npv_busd"], rel=5e-3)
        assert number_of(cells[2]) == pytest.approx(sum(online_gw(one, 2036).values()), rel=5e-3)
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
    online = [online_gw(one, 2031) for one in made]
    any_of = {site for one in online for site, gw in one.items() if gw > 0}
    rows = page.locator("[data-table=matrix] tbody tr").all()
    assert len(rows) == min(40, len(any_of))
    times = []
    for row in rows:
        site, cells = row.get_attribute("data-site"), row.locator("td").all()
        values = [one.get(site, 0.0) for one in online]
        for cell, gw in zip(cells, values, strict=True):
            assert (
                cell.text_content() == "·none"
                if gw == 0
                else number_of(cell.inner_text()) == pytest.approx(gw, rel=5e-3)
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
