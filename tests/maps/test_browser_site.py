"""The panel of a campus: its numbers are those of the plan tables and of a price study."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from maps import Plan, Scenario, write_page, write_scenario_page
from maps.view.prices import price_views
from maps.view.study import PriceView, StudyView
from optimizer.cli import app
from optimizer.instance import load_instance
from tests.maps.axe import violations
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_scenarios
from tests.maps.test_browser import PAYLOADS
from tests.solving import solve_small

pytestmark = pytest.mark.browser

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
THREE_REGIONS = Path(__file__).parents[2] / "instances" / "three-regions"


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def plan() -> Plan:
    instance = load_instance(THREE_REGIONS)
    return Plan(instance, solve_small(instance).tables, {})


@pytest.fixture(scope="module")
def path(plan, tmp_path_factory) -> Path:
    return write_page(plan.view, tmp_path_factory.mktemp("site") / "map.html")


@pytest.fixture(scope="module")
def priced(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("priced")
    for command in (
        ["solve", str(THREE_REGIONS), "--out", str(folder / "plan"), "--no-map"],
        ["price", str(folder / "plan"), "--out", str(folder / "prices"), "--resolve", "1"],
        ["map", str(folder / "prices")],
    ):
        done = CliRunner().invoke(app, command, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return folder / "prices"


def _busd(text: str) -> float:
    """B USD from ``$1.23 tn``, or with a minus sign before it."""
    sign, amount, unit = re.fullmatch(rf"({MINUS}?)\$([\d.]+)(?: (bn|tn))?", text).groups()
    return (-1 if sign else 1) * float(amount) * (1000 if unit == "tn" else 1)


def test_phases_and_their_last_moments_are_those_of_the_tables(browser, path, plan, tmp_path):
    for site in plan.view.sites:
        if not site.phases:
            continue
        watched = open_page(browser, path, f"#tab=site&site={site.site}")
        rows = [
            row.locator("td").all_inner_texts() for row in watched.page.locator("[data-table=phases] tbody tr").all()
        ]
        phases = [phase for phase in plan.tables.phases if phase.site == site.site]
        assert len(rows) == len(phases)
        for cells, phase, view in zip(rows, phases, site.phases, strict=True):
            assert cells[0] == (phase.committed or "before")
            assert cells[1] == (view.decide_by or DASH)
            assert cells[2] == (phase.energised or "after the plan")
            assert float(cells[3]) == pytest.approx(phase.it_gw, rel=5e-3)
            assert _busd(cells[5]) == pytest.approx(
                phase.opening_cost_busd + phase.module_cost_busd, rel=6e-3, abs=5e-3
            )
        new = sum(not phase.fact for phase in phases)
        assert watched.page.locator(".timeline .deadline").count() == new
        assert watched.page.locator(".timeline .online").count() == len(phases)
        assert watched.clean(), watched.complaints
        watched.page.context.close()


def test_cash_of_the_campuses_adds_up_to_the_net_present_value(browser, path, plan):
    total, by_year = 0.0, defaultdict(float)
    for site in plan.view.sites:
        page = open_page(browser, path, f"#tab=site&site={site.site}").page
        chart = page.locator("figure", has_text="Cash of this campus")
        if chart.count():
            value = page.locator("summary", has_text="Present value by category").inner_text()
            total += _busd(value.split(": ")[1].removesuffix(" in all"))
            chart.locator("summary").click()
            for row in chart.locator("tbody tr").all():
                by_year[int(row.locator("th").inner_text())] += float(row.locator("td").last.inner_text())
        page.context.close()
    assert total == pytest.approx(sum(row.pv_busd for row in plan.tables.cash), rel=5e-3)
    for year in plan.view.years:
        cash = sum(row.busd for row in plan.tables.cash if int(row.period[:4]) == year)
        gross = sum(abs(row.busd) for row in plan.tables.cash if int(row.period[:4]) == year)
        assert by_year[year] == pytest.approx(cash, abs=5e-3 * gross)


def test_panel_says_what_speaks_for_a_campus_and_what_binds(browser, path, plan, tmp_path):
    sites = sorted(plan.view.sites, key=lambda site: -len(site.limits))
    watched = open_page(browser, path, f"#tab=site&site={sites[0].site}", viewport={"width": 1400, "height": 1800})
    page = watched.page
    for own in sites[0].traits:
        cells = page.locator(f"[data-trait={own.key}] td").all_inner_texts()
        trait = next(trait for trait in plan.view.traits if trait.key == own.key)
        assert float(cells[0].replace(",", "")) == pytest.approx(own.value, rel=5e-3)
        assert float(cells[1].replace(",", "")) == pytest.approx(trait.median, rel=5e-3, abs=1e-6)
        assert cells[2] == f"{own.worse} of {trait.sites}"
    shown = {row.get_attribute("data-limit") for row in page.locator("[data-list=site-limits] li").all()}
    assert shown == {f"{limit.family} {limit.name}" for limit in plan.view.limits_of(sites[0])}
    page.screenshot(path=screenshot_folder(tmp_path) / "site.png")
    values = sorted((site.account.value_busd for site in plan.view.sites if site.account), reverse=True)
    rank = 1 + values.index(sites[0].account.value_busd)
    assert f"number {rank} of {len(values)}" in page.locator("[data-worth]").inner_text()
    assert watched.clean(), watched.complaints
    page.context.close()


def test_prices_are_those_of_the_price_study(browser, priced, tmp_path):
    tables = [pd.read_csv(priced / f"{name}.csv", keep_default_na=False) for name in ("prices", "rules")]
    expected = pd.concat([table for table in tables if len(table)])
    watched = open_page(browser, priced / "map.html", "#tab=limits", viewport={"width": 1400, "height": 1800})
    page = watched.page
    rows = page.locator("[data-table=prices] tbody tr").all()
    assert len(rows) == len(expected) > 0
    for row in rows:
        limit, step = row.locator("th").inner_text().split("\n")
        wanted = expected[(expected["limit"] == limit) & (expected["step"] == step.split("; ")[0])].squeeze(axis=0)
        cells = row.locator("td").all_inner_texts()
        assert float(cells[0].replace(",", "")) == pytest.approx(wanted["value"], rel=5e-3, abs=5e-7)
        for cell, column in zip(cells[1:3], ("least", "most"), strict=True):
            if wanted[column] == "":
                assert cell == DASH
            else:
                assert float(cell.replace(",", "").replace(MINUS, "-")) == pytest.approx(
                    float(wanted[column]), rel=5e-3, abs=5e-7
                )
    page.screenshot(path=screenshot_folder(tmp_path) / "prices.png")
    page.select_option("#scenario", index=1)
    assert page.locator("[data-table=prices]").count() == 0
    assert "Prices of limits are known of the plan “base”" in page.locator("#details").inner_text()
    assert watched.clean(), watched.complaints
    page.context.close()


def test_only_price_studies_have_prices():
    with pytest.raises(ValueError, match="not a price study"):
        price_views({"study": "frontier"})


def _price(text: str, at: int) -> PriceView:
    return PriceView(text, text, text, text, 1.0 + at, text, None, None, 1.0, text, text, (text,))


def test_hostile_prices_stay_text(browser, tmp_path):
    _, scenarios = make_scenarios(6, ("one", "two"))
    study = StudyView(prices=tuple(_price(text, at) for at, text in enumerate(PAYLOADS)), priced="one")
    path = write_scenario_page([Scenario(one.title, one.plan) for one in scenarios], tmp_path / "map.html", study=study)
    watched = open_page(browser, path, "#tab=limits")
    assert watched.page.locator("[data-table=prices] tbody tr").count() == len(PAYLOADS)
    assert watched.page.evaluate("window.pwned") is None
    assert watched.clean(), watched.complaints
    watched.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_panel_and_prices_meet_the_accessibility_rules(browser, path, plan, priced, scheme):
    site = max(plan.view.sites, key=lambda site: len(site.limits)).site
    for page_path, tab in ((path, f"site&site={site}"), (priced / "map.html", "limits")):
        page = open_page(browser, page_path, f"#tab={tab}", color_scheme=scheme, bypass_csp=True).page
        assert not violations(page), tab
        page.context.close()


def test_decisions_of_a_year_are_those_of_the_tables(browser, path, plan):
    moments = {
        (site.site, phase.committed): phase.decide_by for site in plan.view.sites for phase in site.phases
    }  # fmt: skip
    decided = [row for row in plan.tables.phases if not row.fact]
    seen = 0
    for year in plan.view.years:
        due = [row for row in decided if moments[row.site, row.committed].startswith(str(year))]
        page = open_page(browser, path, f"#tab=plan&year={year}").page
        heading = page.locator("#details h2", has_text=f"To decide in {year}").inner_text()
        if not due:
            assert heading.endswith("nothing")
        else:
            counted = re.search(r"(\d+) commitments?, ([\d.]+) GW", heading)
            assert int(counted[1]) == len(due)
            assert float(counted[2]) == pytest.approx(sum(row.it_gw for row in due), rel=5e-3)
            rows = page.locator("[data-table=decisions] tbody tr").all()
            assert len(rows) == min(len(due), 12)
            seen += len(rows)
        page.context.close()
    assert seen


def test_commitments_are_saved_whole(browser, path, plan):
    page = open_page(browser, path).page
    with page.expect_download() as waiting:
        page.click("#commitments-csv")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    found = {
        (row["site"], row["committed"]): (row["on_line"], float(row["it_gw"]), float(row["cost_busd"])) for row in rows
    }
    expected = {
        (row.site, row.committed): (row.energised, row.it_gw, row.opening_cost_busd + row.module_cost_busd)
        for row in plan.tables.phases
        if not row.fact
    }
    assert found.keys() == expected.keys()
    for key, (online, *numbers) in expected.items():
        assert found[key][0] == online
        assert found[key][1:] == pytest.approx(tuple(numbers), rel=1e-6)
    moments = [row["decide_by"] for row in rows]
    assert moments == sorted(moments)
    page.context.close()
