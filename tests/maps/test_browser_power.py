"""Power on the page: mix, cost, carbon, clean share, hours off the grid and months gained, as the tables have them."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import pytest

from maps import plan_view, write_page
from optimizer.plan.full_year import FullYearCheck
from optimizer.plan.power_outcome import PowerOutcome
from tests.maps.axe import violations
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_plan
from tests.maps.test_power_view import with_parts

pytestmark = pytest.mark.browser

YEAR = 2032


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def made():
    return make_plan(24)


@pytest.fixture(scope="module")
def tables(made, tmp_path_factory) -> dict[str, list[dict[str, str]]]:
    """The tables about power as a result folder has them."""
    folder = tmp_path_factory.mktemp("tables")
    PowerOutcome.of(made.instance, made.tables).write(folder)
    return {
        path.stem: list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))) for path in folder.glob("*.csv")
    }


@pytest.fixture(scope="module")
def path(made, tmp_path_factory) -> Path:
    view = plan_view(made.instance, made.tables, made.manifest)
    return write_page(view, tmp_path_factory.mktemp("power") / "map.html")


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("\N{GREATER-THAN OR EQUAL TO}", "").strip())


def _share(text: str) -> float:
    return float(text.removesuffix(" %")) / 100


def _cells(page, table: str) -> list[list[str]]:
    rows = page.locator(f"[data-table={table}] tbody tr").all()
    return [[row.locator("th").inner_text(), *row.locator("td").all_inner_texts()] for row in rows]


def _assert_delivered(cells: list[str], row: dict[str, str]) -> None:
    assert _number(cells[0]) == pytest.approx(float(row["delivered_usd_per_mwh"]), rel=5e-3)
    assert _number(cells[1]) == pytest.approx(float(row["carbon_t_per_mwh"]), rel=5e-3)
    assert _share(cells[2]) == pytest.approx(float(row["clean_share"]), abs=5e-3)


def test_averages_of_all_campuses_are_those_of_the_tables(browser, path, tables, tmp_path):
    watched = open_page(browser, path, f"#tab=power&year={YEAR}", viewport={"width": 1400, "height": 2300})
    page = watched.page
    rows = tables["power_years"]
    for year, energy, *cells in _cells(page, "delivered"):
        own = [row for row in rows if row["year"] == year]
        total = sum(float(row["energy_twh"]) for row in own)
        assert _number(energy) == pytest.approx(total, rel=5e-3)
        mean = {
            name: str(sum(float(row[name]) * float(row["energy_twh"]) for row in own) / total)
            for name in ("delivered_usd_per_mwh", "carbon_t_per_mwh", "clean_share")
        }
        _assert_delivered(cells, mean)
    assert len(_cells(page, "delivered")) == len({row["year"] for row in rows})
    assert page.locator("[data-table=delivered] .chosen-year th").inner_text() == str(YEAR)
    page.screenshot(path=screenshot_folder(tmp_path) / "power.png")
    assert watched.clean(), watched.complaints
    page.context.close()


def test_campuses_of_a_year_are_those_of_the_tables(browser, path, tables):
    page = open_page(browser, path, f"#tab=power&year={YEAR}").page
    rows = sorted(
        (row for row in tables["power_years"] if row["year"] == str(YEAR)), key=lambda row: -float(row["energy_twh"])
    )
    shown = page.locator("[data-table=site-power] tbody tr").all()
    assert len(shown) == min(len(rows), 12)
    for line, row in zip(shown, rows, strict=False):
        energy, *cells = line.locator("td").all_inner_texts()
        assert _number(energy) == pytest.approx(float(row["energy_twh"]), rel=5e-3)
        own = next(r for r in rows if r["site"] == line.get_attribute("data-site"))
        _assert_delivered(cells, own)
        assert _number(cells[3]) == pytest.approx(float(own["interrupted_hours"]), rel=5e-3)
    page.context.close()


def test_months_gained_are_those_of_the_table(browser, path, tables):
    page = open_page(browser, path, "#tab=power").page
    gained = {row["site"]: row for row in tables["energisation"] if int(row["months_gained"]) > 0}
    shown = page.locator("[data-table=bridges] tbody tr").all()
    assert len(shown) == min(len(gained), 12) > 0
    for line in shown:
        row = gained[line.get_attribute("data-site")]
        bridge, energised, without, months = line.locator("td").all_inner_texts()
        assert bridge == row["bridge"].replace("_", " ").replace("+", ", ")
        assert (energised, without) == (row["energised"], row["without_bridge"] or "not in plan")
        assert _number(months) == int(row["months_gained"])
    total = sum(int(row["months_gained"]) for row in gained.values())
    said = page.locator("#power-summary").inner_text()
    assert f"lets {len(gained)} campus" in said
    assert f"by {total / len(gained):.3g} months on average" in said
    page.context.close()


def test_panel_of_a_campus_tells_its_power(browser, path, tables, tmp_path):
    site = next(row["site"] for row in tables["energisation"] if int(row["months_gained"]) > 0)
    watched = open_page(browser, path, f"#tab=site&site={site}", viewport={"width": 1400, "height": 2900})
    page = watched.page
    rows = [row for row in tables["power_years"] if row["site"] == site]
    shown = _cells(page, "site-power-years")
    assert [cells[0] for cells in shown] == [row["year"] for row in rows]
    for (_, *cells), row in zip(shown, rows, strict=True):
        _assert_delivered(cells, row)
    own = next(row for row in tables["energisation"] if row["site"] == site)
    said = page.locator("[data-bridge]").inner_text()
    assert f"in {own['energised']} instead of {own['without_bridge']}: {own['months_gained']} months gained" in said
    energy = page.locator("figure", has_text="TWh made in the year")
    energy.locator("summary").click()
    heads = energy.locator("thead th").all_inner_texts()
    for row in tables["power_mix"]:
        name = row["source"].replace("_", " ").replace("renewables storage", "renewables + storage")
        name = {"grid firm": "firm grid", "grid interruptible": "interruptible grid"}.get(name, name)
        if row["site"] == site and float(row["energy_twh"]) > 0:
            line = energy.locator("tbody tr", has=page.locator("th", has_text=row["year"]))
            cells = line.locator("td").all_inner_texts()
            assert _number(cells[heads.index(name) - 1]) == pytest.approx(float(row["energy_twh"]), rel=5e-3)
    page.screenshot(path=screenshot_folder(tmp_path) / "site-power.png")
    assert watched.clean(), watched.complaints
    page.context.close()


def test_hours_off_the_interruptible_grid_are_shown_where_there_is_one(browser, path, tables):
    hours = {row["site"]: float(row["interrupted_hours"]) for row in tables["power_years"] if row["year"] == "2036"}
    assert {0.0} < set(hours.values())
    for site in (next(s for s in hours if hours[s] > 0), next(s for s in hours if hours[s] == 0)):
        page = open_page(browser, path, f"#tab=site&site={site}").page
        heads = page.locator("[data-table=site-power-years] thead th").all_inner_texts()
        assert ("hours off the grid" in heads) == (hours[site] > 0)
        if hours[site] > 0:
            assert _number(_cells(page, "site-power-years")[-1][4]) == pytest.approx(hours[site], rel=5e-3)
        page.context.close()


def test_what_binds_power_is_that_of_the_limits_table(browser, path, made):
    page = open_page(browser, path, "#tab=power&year=2028").page
    families = {"slots", "grid_headroom", "technology_limits", "gas_gw"}
    bound = {f"{row.family} {row.name}" for row in made.tables.limits if row.family in families and row.binding}
    rows = page.locator("[data-list=power-limits] li").all()
    assert {row.get_attribute("data-limit") for row in rows} == bound
    slots = page.locator("[data-limit='slots turbines']").inner_text()
    assert "2027\N{EN DASH}2029" in slots
    assert "binds in 2028" in page.locator("[data-limit='slots turbines']").text_content()
    page.context.close()


def test_tables_of_power_are_saved_whole(browser, path, tables):
    page = open_page(browser, path, "#tab=power").page
    saved = {}
    for button in ("power", "bridges"):
        with page.expect_download() as waiting:
            page.click(f"#{button}-csv")
        saved[button] = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    found = {(row["site"], row["year"]): row for row in saved["power"]}
    assert found.keys() == {(row["site"], row["year"]) for row in tables["power_years"]}
    for row in tables["power_years"]:
        for name in ("delivered_usd_per_mwh", "carbon_t_per_mwh", "clean_share", "interrupted_hours"):
            assert float(found[row["site"], row["year"]][name]) == pytest.approx(float(row[name]), rel=1e-5)
    for row in tables["power_mix"]:
        if float(row["energy_twh"]) > 0:
            twh = float(found[row["site"], row["year"]][f"made_twh_{row['source']}"])
            assert twh == pytest.approx(float(row["energy_twh"]), rel=1e-5)
    months = {row["site"]: row["months_gained"] for row in saved["bridges"]}
    assert months == {row["site"]: row["months_gained"] for row in tables["energisation"]}
    page.context.close()


@pytest.fixture(scope="module")
def computed(made, tmp_path_factory) -> tuple[str, Path]:
    """A campus whose power is computed, and a page that has its check over every hour."""
    row, instance = with_parts(made)
    checks = [
        FullYearCheck(row.site, year, 5.0, 0.003, 1.0, -0.5, -0.0541, 3.0, 0.25)
        for year in made.instance.calendar.years
    ]
    view = plan_view(instance, made.tables, made.manifest, checks)
    return row.site, write_page(view, tmp_path_factory.mktemp("computed") / "map.html")


def test_computed_power_is_told_by_technology_with_its_check(browser, computed, tmp_path):
    site, path = computed
    watched = open_page(browser, path, f"#tab=site&site={site}", viewport={"width": 1400, "height": 2900})
    page = watched.page
    energy = page.locator("figure", has_text="TWh made in the year")
    assert {"sun", "gas engine", "new wind"} <= set(energy.locator(".keys span").all_inner_texts())
    assert "storage" not in energy.locator(".keys").inner_text()
    assert energy.locator(".hatch").count() > 0
    assert "storage" in page.locator("figure", has_text="GW at the facility").locator(".keys").inner_text()
    heads = page.locator("[data-table=site-power-years] thead th").all_inner_texts()
    assert heads[-2:] == ["cost over all hours", "GWh unserved"]
    assert _cells(page, "site-power-years")[-1][-2:] == ["\N{MINUS SIGN}5.4 %", "3"]
    page.screenshot(path=screenshot_folder(tmp_path) / "site-computed.png")
    page.click("#tab-power")
    said = page.locator("#all-hours").inner_text()
    assert "costs $5.00 bn less than planned, emits 2.5 Mt of CO₂ more, and 30 GWh stay unserved" in said
    assert "10 campus-years are off by more than 2 % of the cost, or lack energy" in said
    assert watched.clean(), watched.complaints
    page.context.close()


def test_a_plan_without_known_options_still_has_its_charts(browser, made, tmp_path):
    instance = dataclasses.replace(made.instance, power_options=())
    view = plan_view(instance, made.tables, made.manifest)
    watched = open_page(browser, write_page(view, tmp_path / "map.html"), "#tab=power")
    assert watched.page.locator("figure", has_text="TWh in the year").locator(".bar").count() > 0
    assert watched.page.locator("[data-table=delivered], [data-table=bridges]").count() == 0
    assert watched.clean(), watched.complaints
    watched.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_power_meets_the_accessibility_rules(browser, computed, scheme):
    site, path = computed
    for tab in ("power", f"site&site={site}"):
        page = open_page(browser, path, f"#tab={tab}", color_scheme=scheme, bypass_csp=True).page
        assert not violations(page), tab
        page.context.close()
