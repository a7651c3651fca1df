"""Pages of several plans: `gigasite map` with studies and result folders, and what a sweep writes by itself."""

import json
import re

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.commands.scenario_pages import MOST_PLANS, StudyPoint, chosen_points
from optimizer.instance import write_instance
from optimizer.plan.reader import read_plan
from tests.maps.packing import unpacked
from tests.studies.sweeps import CHIPS, small_instance


def gigasite(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    write_instance(small_instance(), folder / "small")
    (folder / "chips.toml").write_text("title = 'Chips <b>'\nbase = true\n" + CHIPS)
    done = gigasite("sweep", folder / "small", folder / "chips.toml", "--out", folder / "sweep", "--workers", 1)
    assert done.exit_code == 0, done.output
    assert "All 5 plans of the study." in done.stdout
    return folder


def scenarios_of(page):
    text = page.read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="plan-data">(.*?)</script>', text, re.DOTALL)[1])
    return data, unpacked(data["scenarios"])


def test_a_sweep_writes_a_page_of_its_plans_and_links_it(work):
    data, scenarios = scenarios_of(work / "sweep" / "map.html")
    points = json.loads((work / "sweep" / "sweep.json").read_text())["points"]
    assert data["title"] == "Chips <b>"
    assert [entry["title"] for entry in scenarios] == [point["label"] for point in points]
    for entry, point in zip(scenarios, points, strict=True):
        tables = read_plan(work / "sweep" / "points" / point["key"])
        assert entry["plan"]["totals"]["online_gw"][-1] == pytest.approx(sum(row.it_gw_end for row in tables.sites))
        assert entry["changes"] == [point["label"]]
    assert 'href="./map.html"' in (work / "sweep" / "report.html").read_text()


def test_a_tornado_opens_its_page_on_the_base(work):
    assert gigasite("tornado", work / "small", "--out", work / "tornado", "--workers", 1).exit_code == 0
    _, scenarios = scenarios_of(work / "tornado" / "map.html")
    assert (scenarios[0]["title"], scenarios[0]["changes"]) == ("as it is", [])
    assert 'href="./map.html"' in (work / "tornado" / "report.html").read_text()


def test_a_page_of_a_study_can_be_drawn_again_elsewhere(work, tmp_path):
    drawn = gigasite("map", work / "sweep", "--out", tmp_path / "again")
    assert drawn.exit_code == 0
    assert (tmp_path / "again" / "map.html").read_bytes() == (work / "sweep" / "map.html").read_bytes()


def test_results_side_by_side_say_what_differs_between_their_inputs(work, tmp_path):
    solve = ("solve", work / "small", "--no-map", "--quiet")
    for name, change in (("plain", ()), ("poor", ("--set", "budgets[*].capital_busd *= 0.5"))):
        assert gigasite(*solve, *change, "--out", tmp_path / name).exit_code == 0
    drawn = gigasite("map", tmp_path / "plain", tmp_path / "poor" / "manifest.json", "--out", tmp_path / "both")
    assert drawn.exit_code == 0, drawn.output
    _, (plain, poor) = scenarios_of(tmp_path / "both" / "map.html")
    assert (plain["title"], plain["changes"]) == ("plain", [])
    assert poor["title"] == "poor"
    assert any("budgets" in change and "capital_busd" in change for change in poor["changes"])


def test_points_of_a_sweep_are_named_by_their_changes(work, tmp_path):
    points = sorted((work / "sweep" / "points").iterdir())[:2]
    assert gigasite("map", *points, points[0], "--out", tmp_path).exit_code == 0
    _, scenarios = scenarios_of(tmp_path / "map.html")
    labels = [json.loads((point / "point.json").read_text())["changes"][0] for point in points]
    assert [entry["title"] for entry in scenarios] == [*labels, f"{labels[0]} (2)"]


def test_a_comparison_can_be_looked_at(work, tmp_path):
    one, two = sorted((work / "sweep" / "points").iterdir())[:2]
    assert gigasite("compare", one, two, "--out", tmp_path / "compared").exit_code == 0
    assert gigasite("map", tmp_path / "compared").exit_code == 0
    _, scenarios = scenarios_of(tmp_path / "compared" / "map.html")
    assert [entry["title"] for entry in scenarios] == ["before", "after"]


def test_a_study_without_any_plan_is_refused(work, tmp_path):
    folder = tmp_path / "empty"
    (folder / "points").mkdir(parents=True)
    (folder / "study.json").write_text('{"study": "price"}')
    result = gigasite("map", folder)
    assert result.exit_code == 2
    assert "no point of the study" in result.stderr
    (folder / "study.json").write_text("[]")
    assert gigasite("map", folder).exit_code == 2


def points_of(tmp_path, objectives, base=None):
    points = [StudyPoint(tmp_path / f"p{n}", f"p{n}", (f"x = {n}",), value) for n, value in enumerate(objectives)]
    return points if base is None else [*points[:3], StudyPoint(tmp_path / "b", "as it is", (), base), *points[3:]]


def test_few_points_are_all_taken_base_first(tmp_path):
    chosen = chosen_points(points_of(tmp_path, [1.0, 2.0, 3.0, 4.0], base=2.5))
    assert [point.title for point in chosen] == ["as it is", "p0", "p1", "p2", "p3"]


def test_of_many_points_those_far_from_the_base_are_taken_in_their_order(tmp_path):
    objectives = [10.0 + n for n in range(-10, 11)]
    chosen = chosen_points(points_of(tmp_path, objectives, base=10.4))
    assert len(chosen) == MOST_PLANS
    assert [point.title for point in chosen] == ["as it is", "p0", "p1", "p2", "p3", "p18", "p19", "p20"]


def test_of_many_points_without_a_base_an_even_spread_is_taken(tmp_path):
    chosen = chosen_points(points_of(tmp_path, [float(n) for n in range(22)]))
    assert [point.title for point in chosen] == [f"p{n}" for n in range(0, 22, 3)]
