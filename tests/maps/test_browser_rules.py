"""Export rules on the page: what a campus is told, read back and held against `gigasite explain` and the tables."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from pathlib import Path

import pytest

from maps import Scenario, plan_view, write_page, write_scenario_page
from optimizer.studies.allocation import AllocationBook
from tests.maps.axe import violations
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_plan, without_rules

pytestmark = pytest.mark.browser


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
    return write_page(plan, tmp_path_factory.mktemp("page") / "map.html")


@pytest.fixture
def watched(browser, path):
    opened = open_page(browser, path)
    yield opened
    assert opened.clean(), (opened.requests, opened.complaints)
    opened.page.context.close()


def _open(page, site: str, year: int) -> None:
    page.evaluate("([site, year]) => { location.hash = `tab=site&site=${site}&year=${year}`; }", [site, year])
    page.locator(".law h3", has_text=str(year)).wait_for()


def _chips(text: str) -> float:
    return float(text.replace(",", "")) / 1e6


@pytest.mark.parametrize("year", [2028, 2032])
def test_every_chip_on_sale_has_the_standing_that_explain_gives(watched, made, plan, year):
    page, book = watched.page, AllocationBook(made.instance, made.tables)
    for country in ("USA", "ARE", "SAU", "CHN", "IND"):
        site = next(site for site in plan.sites if site.country == country)
        _open(page, site.site, year)
        found = {}
        for card in page.locator(".verdict").all():
            for chip in card.get_attribute("data-chips").split():
                found[chip] = (card.get_attribute("data-standing"), card.locator(".badge").inner_text())
                lines = book.allocation(site.site, chip, f"{year}Q4").lines
                said = {item.get_attribute("data-voice"): item.inner_text() for item in card.locator("li").all()}
                assert set(said) == {line.rule for line in lines}
                for line in lines:
                    assert all(words in said[line.rule] for words in (line.says, line.allows, line.citation))
        asked = {chip.chip: book.allocation(site.site, chip.chip, f"{year}Q4") for chip in made.instance.chips}
        assert found == {chip: (one.standing, one.standing) for chip, one in asked.items() if one.on_sale}


def test_denied_chips_name_the_rule_and_the_one_who_refuses(watched, plan):
    page = watched.page
    _open(page, next(site.site for site in plan.sites if site.country == "IND"), 2033)
    card = page.locator(".verdict[data-standing=denied]")
    assert card.get_attribute("data-chips") == "F300"
    assert "USA asks for a licence and no permit serves; no room" in card.inner_text()
    _open(page, next(site.site for site in plan.sites if site.country == "CHN"), 2033)
    assert "a rule denies it; no room" in page.locator(".verdict[data-standing=denied]").inner_text()


def test_room_and_headroom_are_those_of_the_tables(watched, made, plan):
    page, book = watched.page, AllocationBook(made.instance, made.tables)
    site = next(site for site in plan.sites if site.country == "SAU")
    _open(page, site.site, 2028)
    card = page.locator(".verdict[data-standing=permitted]")
    rooms = {chip: book.allocation(site.site, chip, "2028Q4").headroom_chips_million for chip in ("R200", "B300")}
    names = {chip.chip: chip.name for chip in made.instance.chips}
    shown = card.locator("p.quiet").inner_text()
    for chip, million in rooms.items():
        said = re.search(rf"([\d,]+) more {names[chip]}", shown)[1]
        assert _chips(said) == pytest.approx(million, rel=1e-5, abs=1e-6)
    later = [row.headroom for row in made.tables.policy if row.rule == "gulf_cap" and row.when >= "2028Q4"]
    headroom = re.search(r"headroom ([\d.]+) million H100e", card.locator("[data-voice=gulf_cap]").inner_text())[1]
    assert float(headroom) == pytest.approx(min(later), rel=5e-3)


def test_arrivals_and_their_permits_equal_the_tables(watched, made, plan):
    page = watched.page
    names = {chip.chip: chip.name for chip in made.instance.chips}
    site = next(site for site in plan.sites if site.country == "ARE" and site.arrivals)
    arrivals = {(row.chip, row.rule) for row in made.tables.permits if row.site == site.site}
    year = next(int(row.period[:4]) for row in made.tables.permits if row.site == site.site)
    _open(page, site.site, year)
    shown = [tuple(item.inner_text().split("\n")) for item in page.locator("[data-list=arrivals] li").all()]
    assert shown
    for amount, how in shown:
        count, name = amount.split(" ", 1)
        wanted = sum(
            row.permitted_million
            for row in made.tables.permits
            if row.site == site.site and names[row.chip] == name and f"under {row.rule}" == how
            and row.period.startswith(str(year))
        )  # fmt: skip
        assert _chips(count) == pytest.approx(wanted, rel=1e-5, abs=1e-6)
    assert {rule for _, rule in arrivals} == {"gulf_licence", "emirates_quota"}
    free = next(site for site in plan.sites if site.country == "USA" and site.chips_installed_million)
    year = next(int(row.period[:4]) for row in made.tables.chips if row.site == free.site)
    _open(page, free.site, year)
    assert "no permit needed" in page.locator("[data-list=arrivals]").inner_text()


def test_rules_that_are_code_stay_text(browser, tmp_path):
    made = make_plan(12)
    payload = "</script><img src=x onerror=window.pwned=1>"
    rules = [rule.model_copy(update={"title": payload, "citation": payload}) for rule in made.instance.rules]
    plan = plan_view(dataclasses.replace(made.instance, rules=tuple(rules)), made.tables, made.manifest)
    watched = open_page(browser, write_page(plan, tmp_path / "map.html"))
    _open(watched.page, next(site.site for site in plan.sites if site.country == "ARE"), 2032)
    assert payload in watched.page.locator(".voices").first.inner_text()
    assert watched.page.evaluate("window.pwned") is None
    assert watched.page.locator("img").count() == 0
    assert watched.clean(), watched.complaints
    watched.page.context.close()


# --- the policy tab -------------------------------------------------------------------------


def _policy(page, year: int, fragment: str = "") -> None:
    page.evaluate("hash => { location.hash = hash; }", f"tab=policy&year={year}{fragment}")
    page.locator("#details h2", has_text=f"{year}Q4").first.wait_for()


def _cells(page, table: str) -> dict[str, list[str]]:
    rows = page.locator(f"[data-table={table}] tbody tr")
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows.all()}


def test_compute_and_shares_by_bloc_and_stack_equal_the_tables(watched, made, plan):
    page = watched.page
    _policy(page, 2031)
    compute, bloc_of = {}, {site.site: site.bloc for site in plan.sites}
    for row in made.tables.operations:
        if row.period == "2031Q4":
            bloc = bloc_of[row.site].replace("_", " ")
            stack = "cn" if bloc == "China" else "us"
            label = f"{bloc}, {stack} stack"
            compute[label] = compute.get(label, 0.0) + row.compute_h100e_million
    total = sum(compute.values())
    shown = _cells(page, "compute")
    assert {name for name in shown if not name.startswith("all of")} == set(compute)
    for name, value in {**compute, "all of the cn stack": compute["China, cn stack"]}.items():
        assert float(shown[name][0].replace(",", "")) == pytest.approx(value, rel=5e-3)
        assert shown[name][1] == f"{100 * value / total:.1f} %"
    assert page.locator("figure", has_text="bloc and stack").locator(".hatch").count() > 0


def test_chips_by_permit_equal_the_tables(watched, made):
    page = watched.page
    year = next(int(row.period[:4]) for row in made.tables.permits)
    _policy(page, year)
    wanted: dict[str, float] = {}
    for row in made.tables.permits:
        if row.period.startswith(str(year)):
            wanted[row.rule] = wanted.get(row.rule, 0.0) + row.permitted_million
    arrived = sum(row.installed_million for row in made.tables.chips if row.period.startswith(str(year)))
    wanted["no permit of USA needed"] = arrived - sum(wanted.values())
    shown = {name: float(cells[0]) for name, cells in _cells(page, "permits").items()}
    assert shown == pytest.approx(wanted, rel=5e-3)


def test_headroom_is_that_of_the_tightest_row_of_the_year(watched, made):
    page = watched.page
    _policy(page, 2034)
    shown = {name.split("\n")[0]: (name, cells) for name, cells in _cells(page, "headroom").items()}
    assert set(shown) == {"gulf_cap", "asia_yearly", "emirates_quota"}
    for rule, (name, cells) in shown.items():
        rows = [row for row in made.tables.policy if row.rule == rule and row.when.startswith("2034")]
        tightest = max(rows, key=lambda row: row.used / row.limit)
        assert [float(cell) for cell in cells[:3]] == pytest.approx(
            [tightest.used, tightest.limit, tightest.headroom], rel=5e-3
        )
        assert tightest.group in name
    asia = page.locator(".strip tr", has_text="asia_yearly")
    assert asia.locator("td.binds").count() == 1
    assert asia.locator("td").first.inner_text().startswith("20")
    _policy(page, 2036)
    assert _cells(page, "headroom")["asia_yearly\n2036"][2] == "0"


def test_quota_steps_are_told_with_price_and_choice(watched, made):
    page = watched.page
    _policy(page, 2036)
    steps = made.tables.quota_steps
    shown = page.locator("[data-table=steps] tbody tr").all_inner_texts()
    assert len(shown) == len(steps) > 0
    for text, step in zip(shown, steps, strict=True):
        assert step.group in text
        assert "$2.50 bn" in text
        assert text.endswith("not bought") != step.bought
    assert [step.bought for step in steps].count(True) == 1
    assert f"1 of {len(steps)} bought, for $2.50 bn" in page.locator("#details").inner_text()


def test_rules_stand_with_their_law_by_whether_they_are_in_force(watched, made):
    page = watched.page
    for year, in_force in ((2030, False), (2031, True)):
        _policy(page, year)
        tables = page.locator(".law-table")
        titles = {row.get_attribute("data-rule"): row.inner_text() for row in tables.locator("tbody tr").all()}
        assert set(titles) == {rule.rule for rule in made.instance.rules}
        assert all(rule.citation in titles[rule.rule] for rule in made.instance.rules)
        first = tables.first.locator("tbody tr").evaluate_all("rows => rows.map(row => row.dataset.rule)")
        assert ("india_refused" in first) == in_force
    assert "No effect here: no period of the plan lies in its span." in titles["bygone"]
    assert "bygone" not in first
    page.locator("[data-rule=emirates_quota] summary").focus()
    page.keyboard.press("Enter")
    assert "each operator in each country apart" in page.locator("[data-rule=emirates_quota] dl").inner_text()


def test_policy_as_csv_holds_what_the_tables_hold(watched, made, plan):
    page = watched.page
    _policy(page, 2036)
    with page.expect_download() as waiting:
        page.click("#policy-csv")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    compute = sum(float(row["2036"]) for row in rows if row["table"] == "compute")
    assert compute == pytest.approx(plan.totals.compute_h100e_million[-1], rel=1e-6)
    permits = [row for row in rows if row["table"] == "chips by permit" and row["part"] != "none needed"]
    total = sum(float(row[str(year)]) for row in permits for year in plan.years)
    assert total == pytest.approx(sum(row.permitted_million for row in made.tables.permits), rel=1e-6)


# --- the layer of the map --------------------------------------------------------------------


def _show_rules(page, year: int) -> None:
    page.evaluate("year => { location.hash = `layer=rules&year=${year}`; }", year)
    page.wait_for_function("year => document.getElementById('year-shown').textContent == year", arg=str(year))
    page.locator("#meanings", has_text=f"{year}Q4").wait_for()


def _mark(page, site):
    return page.locator(f"g.site[data-site={site.site}]")


@pytest.mark.parametrize(("year", "chip"), [(2028, "R200"), (2033, "F300")])
def test_layer_shows_the_standing_of_the_most_powerful_chip(watched, made, plan, year, chip):
    page, book = watched.page, AllocationBook(made.instance, made.tables)
    _show_rules(page, year)
    assert made.instance.chip_by_id[chip].name in page.locator("#meanings").inner_text()
    signs = {"free": 0, "permitted": 1, "denied": 2}
    for site in plan.sites:
        asked = book.allocation(site.site, chip, f"{year}Q4")
        mark = _mark(page, site)
        assert asked.standing in mark.get_attribute("class").split()
        assert f"{asked.chip.name}: {asked.standing}" in mark.get_attribute("aria-label")
        # Told by a sign as well as by colour: none, a bar, a cross.
        assert (mark.locator(".sign").get_attribute("d") or "").count("M") == signs[asked.standing]


def test_arc_is_as_long_as_the_used_part_of_the_quota(watched, made, plan):
    page = watched.page
    _show_rules(page, 2028)
    used = next(row for row in made.tables.policy if row.rule == "gulf_cap" and row.when == "2028Q4")
    site = next(site for site in plan.sites if site.country == "SAU")
    arc = _mark(page, site).locator(".quota")
    length, radius = arc.evaluate("node => [node.getTotalLength(), Math.hypot(node.getPointAtLength(0).y)]")
    assert length / (2 * 3.14159265 * radius) == pytest.approx(used.used / used.limit, rel=1e-3)
    assert f"{100 * used.used / used.limit:.0f} % of its quota used" in _mark(page, site).get_attribute("aria-label")
    free = next(site for site in plan.sites if site.country == "USA")
    assert not _mark(page, free).locator(".quota").get_attribute("d")


def test_layer_is_switched_by_keyboard_and_kept_in_the_address(watched):
    page = watched.page
    page.focus("#layer")
    page.keyboard.press("End")  # of a list of all layers
    assert page.locator("g.site.denied").count() > 0
    assert "layer=rules" in page.url
    assert page.evaluate("document.activeElement.id") == "layer"
    page.keyboard.press("Home")
    assert page.locator("g.site.denied, g.site.free, g.site.permitted").count() == 0
    assert page.locator(".quota[d^=M], .sign[d^=M]").count() == 0


@pytest.fixture(scope="module")
def two(made, plan, tmp_path_factory) -> Path:
    freed = without_rules(made)
    scenarios = [Scenario("as it is", plan), Scenario("free trade", plan_view(*vars(freed).values()), ("no rules",))]
    return write_scenario_page(scenarios, tmp_path_factory.mktemp("two") / "map.html")


def test_layer_follows_the_scenario_and_marks_what_stands_otherwise(browser, two, plan):
    watched = open_page(browser, two, "#layer=rules&compare=free-trade")
    page = watched.page
    apart = {site.country for site in plan.sites if "apart" in _mark(page, site).get_attribute("class").split()}
    assert apart == {"ARE", "SAU", "CHN", "IND"}
    chinese = next(site for site in plan.sites if site.country == "CHN")
    assert "denied; free trade: free" in _mark(page, chinese).get_attribute("aria-label")
    _mark(page, chinese).focus()
    page.keyboard.press("Enter")
    assert "free trade has no export rules" in page.locator(".law").inner_text()
    page.select_option("#scenario", "free-trade")
    assert "no export rules" in page.locator("#meanings").inner_text()
    assert page.locator("g.site.free").count() == len(plan.sites)
    assert page.locator(".law").count() == 0
    page.click("#tab-policy")
    assert "this plan was made without" in page.locator("#details").inner_text()
    assert page.locator("[data-table=permits]").count() == 0
    assert watched.clean(), watched.complaints
    page.context.close()


def test_policy_tab_compares(browser, two, made):
    watched = open_page(browser, two, "#tab=policy&compare=free-trade&year=2033")
    page = watched.page
    assert "gulf_licence" in page.locator("[data-list=rules-here]").inner_text()
    assert page.locator("[data-list=rules-there]").inner_text() == "Rules only in free trade: none"
    # The same decisions, so that no share differs.
    assert {cells[-1] for cells in _cells(page, "compute").values()} == {"0"}
    permits = _cells(page, "permits")
    assert all(cells[1] == "0" for cells in permits.values())
    assert float(permits["gulf_licence"][0]) > 0
    assert watched.clean(), watched.complaints
    page.context.close()


def test_a_page_without_rules_has_neither_layer_nor_tab(browser, made, tmp_path):
    freed = without_rules(made)
    path = write_page(plan_view(*vars(freed).values()), tmp_path / "map.html")
    watched = open_page(browser, path, f"#layer=rules&tab=policy&site={made.instance.sites[0].site}")
    page = watched.page
    assert page.locator("#layer option[value=rules]").count() == 0
    assert page.locator("#layer").input_value() == "power"
    assert page.locator("#tab-policy").count() == 0
    assert page.locator("#tab-plan").get_attribute("aria-selected") == "true"
    assert page.locator("g.site.free").count() == 0
    page.click("#tab-site")
    assert page.locator(".law").count() == 0
    assert watched.clean(), watched.complaints
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_layer_meets_the_accessibility_rules(browser, two, scheme, tmp_path):
    page = open_page(browser, two, "#layer=rules&compare=free-trade", color_scheme=scheme, bypass_csp=True).page
    page.screenshot(path=screenshot_folder(tmp_path) / f"rules-{scheme}.png")
    assert not violations(page)
    page.context.close()
