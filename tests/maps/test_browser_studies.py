"""Tabs of a study: each only where the study has it, with the numbers of the study's own tables."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from maps import Scenario, write_scenario_page
from maps.view.study import FrontierAxis, FrontierPoint, SiteStanding, SiteSupport, SlackView, StudyView, SwingView
from optimizer.cli import app
from optimizer.instance import write_instance
from tests.maps.axe import violations
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_scenarios
from tests.maps.test_browser import PAYLOADS
from tests.studies.sweeps import small_instance
from tests.studies.test_alternatives import three_sites
from tests.studies.test_frontier import clean_or_cheap

pytestmark = pytest.mark.browser

STUDY_TABS = {"Robustness", "Tornado", "Frontier"}


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


def _study(folder: Path, command: str, instance, *options) -> Path:
    write_instance(instance, folder / "instance")
    arguments = [command, str(folder / "instance"), "--out", str(folder / command), *map(str, options)]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return folder / command


@pytest.fixture(scope="module")
def tornado(tmp_path_factory) -> Path:
    return _study(tmp_path_factory.mktemp("tornado"), "tornado", small_instance(), "--workers", 1)


@pytest.fixture(scope="module")
def frontier(tmp_path_factory) -> Path:
    return _study(tmp_path_factory.mktemp("frontier"), "frontier", clean_or_cheap(), "--points", 9)


@pytest.fixture(scope="module")
def alternatives(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("alternatives")
    study = _study(folder, "alternatives", three_sites(), "--within", "1% 2.5% 30%")
    done = CliRunner().invoke(app, ["map", str(study)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return study


def _saved(page, button: str) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        page.click(button)
    return list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))


def _open(browser, folder: Path, tab: str, **options):
    watched = open_page(browser, folder / "map.html", f"#tab={tab}", **options)
    assert watched.page.locator(f"#tab-{tab}").get_attribute("aria-selected") == "true"
    return watched


def _rows(page, table: str) -> dict[str, list[str]]:
    rows = page.locator(f"[data-table={table}] tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}


def _tabs(page) -> set[str]:
    return STUDY_TABS & set(page.locator("#tabs button").all_inner_texts())


def test_tornado_shows_the_numbers_of_its_table(browser, tornado, tmp_path):
    watched = _open(browser, tornado, "tornado")
    page = watched.page
    assert _tabs(page) == {"Robustness", "Tornado"}
    table = pd.read_csv(tornado / "tornado.csv", keep_default_na=False).set_index("assumption")
    shown = _rows(page, "tornado")
    assert list(shown) == list(table.index)
    for assumption, cells in shown.items():
        row = table.loc[assumption]
        columns = ("low", "objective_low", "high", "objective_high", "swing", "swing_proven")
        assert [float(cell) for cell in cells[:6]] == pytest.approx([float(row[c]) for c in columns], rel=5e-3)
    assert len(shown["chips"][6].split(", ")) == 1
    assert "NPV [B USD]" in page.locator("#details h2").inner_text()
    assert page.locator("rect.swing").count() == 2 * len(table)
    saved = {row["assumption"]: row for row in _saved(page, "#tornado-csv")}
    assert {key: float(row["swing"]) for key, row in saved.items()} == pytest.approx(dict(table["swing"]), rel=1e-6)
    page.screenshot(path=screenshot_folder(tmp_path) / "study-tornado.png")
    assert watched.clean(), watched.complaints
    page.context.close()


def test_robustness_counts_the_plans_that_build_on_a_site(browser, tornado, tmp_path):
    page = _open(browser, tornado, "robustness").page
    phases = {
        folder.name: pd.read_csv(folder / "phases.csv", dtype={"committed": str})
        for folder in (tornado / "points").iterdir()
    }
    built = {key: set(frame[~frame["fact"]]["site"]) for key, frame in phases.items()}
    rows = {row.get_attribute("data-site"): row for row in page.locator("[data-table=robustness] tbody tr").all()}
    assert set(rows) == set().union(*built.values())
    counts = {site: sum(site in sites for sites in built.values()) for site in rows}
    assert len(set(counts.values())) > 1  # else the count could not be told from a constant
    for site, row in rows.items():
        plans, share, when = row.locator("td").all_inner_texts()
        assert int(plans) == counts[site]
        assert share == f"{100 * counts[site] / len(built):.0f} %"
        dates = [frame[(frame["site"] == site) & ~frame["fact"]]["committed"].min() for frame in phases.values()]
        dates = sorted(date for date in dates if isinstance(date, str))
        assert when == (dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}")
    assert {row["site"]: int(row["plans"]) for row in _saved(page, "#robustness-csv")} == counts
    page.screenshot(path=screenshot_folder(tmp_path) / "study-robustness.png")
    page.locator("[data-table=robustness] button").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#tab-site").get_attribute("aria-selected") == "true"
    page.context.close()


def test_frontier_shows_the_numbers_of_its_table(browser, frontier, tmp_path):
    watched = _open(browser, frontier, "frontier")
    page = watched.page
    assert _tabs(page) == {"Frontier"}
    table = pd.read_csv(frontier / "frontier.csv").set_index("point")
    shown = _rows(page, "frontier")
    assert list(shown) == [key.replace("_", " ") for key in table.index]
    for (_, row), cells in zip(table.iterrows(), shown.values(), strict=True):
        expected = [row["npv_busd"], row["carbon_mt"]]
        assert [float(cell) for cell in cells[:2]] == pytest.approx(expected, rel=5e-3)
        if pd.notna(row["bound_npv_busd"]):
            assert float(cells[2]) == pytest.approx(row["bound_npv_busd"], rel=5e-3)
    assert page.locator("circle.frontier").count() == len(table) >= 3
    saved = [float(row["Net present value, B USD"]) for row in _saved(page, "#frontier-csv")]
    assert saved == pytest.approx(list(table["npv_busd"]), rel=1e-6)
    page.screenshot(path=screenshot_folder(tmp_path) / "study-frontier.png")
    assert watched.clean(), watched.complaints
    page.context.close()


def test_alternatives_say_what_is_decided(browser, alternatives, tmp_path):
    watched = _open(browser, alternatives, "robustness")
    page = watched.page
    assert _tabs(page) == {"Robustness"}
    table = pd.read_csv(alternatives / "sites.csv").set_index("site")
    columns = [f"within_{share}" for share in ("0.01", "0.025", "0.3")]
    shown = {
        row.get_attribute("data-site"): row.locator("td").all_text_contents()
        for row in page.locator("[data-table=standings] tbody tr").all()
    }
    assert shown == {site: list(row) for site, row in table[columns].iterrows()}
    assert len({standing for row in shown.values() for standing in row}) > 1
    saved = {row["site"]: row for row in _saved(page, "#standings-csv")}
    assert {site: [row[name] for name in columns] for site, row in saved.items()} == shown
    slacks = page.locator("[data-list=slacks] li").all_inner_texts()
    assert "within 1.00 %" in slacks[0]
    assert "1 must, 2 never, 0 free" in slacks[0]
    page.screenshot(path=screenshot_folder(tmp_path) / "study-alternatives.png")
    assert watched.clean(), watched.complaints
    page.context.close()


def test_a_page_without_a_study_has_none_of_the_tabs(browser, tmp_path):
    _, scenarios = make_scenarios(6, ("one", "two"))
    path = write_scenario_page(scenarios, tmp_path / "map.html")
    watched = open_page(browser, path, "#tab=tornado")
    assert _tabs(watched.page) == set()
    assert watched.page.locator("#tab-plan").get_attribute("aria-selected") == "true"
    assert watched.clean()
    watched.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_study_tabs_meet_the_accessibility_rules(browser, tornado, frontier, alternatives, scheme):
    pages = (
        (tornado, "robustness"), (tornado, "tornado"), (frontier, "frontier"), (alternatives, "robustness")
    )  # fmt: skip
    for folder, tab in pages:
        page = _open(browser, folder, tab, color_scheme=scheme, bypass_csp=True).page
        assert not violations(page), tab
        page.context.close()


def test_hostile_names_of_a_study_stay_text(browser, tmp_path):
    _, scenarios = make_scenarios(6, ("one", "two"))
    study = StudyView(
        plans=2,
        robustness=tuple(SiteSupport(text, 1, text, text) for text in PAYLOADS),
        objective=PAYLOADS[0],
        base=1.0,
        swings=tuple(SwingView(t, t, t, 0.5, None, None, None, t, t, (t,)) for t in PAYLOADS),
        axes=(FrontierAxis(PAYLOADS[0], more_is_better=True), FrontierAxis(PAYLOADS[1], more_is_better=False)),
        slacks=(SlackView(0.01, 1.0),),
        standings=tuple(SiteStanding(text, (text,), (True,)) for text in PAYLOADS),
        frontier=tuple(FrontierPoint(text, (1.0, float(at)), None) for at, text in enumerate(PAYLOADS)),
    )
    path = write_scenario_page([Scenario(one.title, one.plan) for one in scenarios], tmp_path / "map.html", study=study)
    for tab in ("robustness", "tornado", "frontier"):
        watched = open_page(browser, path, f"#tab={tab}")
        assert watched.page.locator(f"[data-table={tab}] tbody tr").count() == len(PAYLOADS)
        assert watched.page.evaluate("window.pwned") is None
        assert watched.clean(), watched.complaints
        watched.page.context.close()
