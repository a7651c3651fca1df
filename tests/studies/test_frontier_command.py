"""The command line of frontiers: folders, JSON, exit codes, the page."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.commands.loading import load_result
from optimizer.instance import write_instance
from optimizer.plan.audit import audit_plan
from tests import instances as make
from tests.studies.test_frontier import clean_or_cheap, two_countries


def run(*arguments):
    return CliRunner().invoke(app, ["frontier", *map(str, arguments)], catch_exceptions=False)


def saved(instance, folder):
    folder.mkdir()
    write_instance(instance, folder)
    return folder


def test_the_command_writes_a_study_of_audited_plans(tmp_path):
    instance = saved(clean_or_cheap(), tmp_path / "tiny")
    done = run(instance, "--points", 9, "--out", tmp_path / "study", "--json")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert [round(point["npv_busd"], 2) for point in document["points"]] == [32.56, 27.24, 22.56]
    assert document["status"] == "finished"
    for point in document["points"]:
        result = load_result(tmp_path / "study" / "points" / point["key"])
        assert audit_plan(result.instance, result.tables, result.manifest).ok
        assert result.manifest["npv_busd"] == pytest.approx(point["npv_busd"])
    table = pd.read_csv(tmp_path / "study" / "frontier.csv")
    assert table["point"].tolist() == [point["key"] for point in document["points"]]
    # From 13.14 Mt to seven eighths of it costs an eighth of 42.56 B USD: 3,239 USD a tonne.
    assert table["usd_per_t"][1] == pytest.approx(1000 * 42.56 / 13.14, rel=1e-4)
    first = next(line for line in document["findings"] if "plan p1" in line)
    assert first.startswith("From 13.14 Mt CO2 to 11.50 Mt CO2 of carbon: 5.32 B USD of net present value (16.3%")
    assert "between 5.32 and 5.32" in first
    for name in ("frontier_carbon.png", "frontier_carbon.svg", "report.html", "map.html", "ends.csv", "searches.csv"):
        assert (tmp_path / "study" / name).stat().st_size > 0


def test_running_it_again_searches_nothing_and_says_the_same(tmp_path):
    instance = saved(clean_or_cheap(), tmp_path / "tiny")
    arguments = [instance, "--points", 5, "--out", tmp_path / "study"]
    first = run(*arguments)
    table = (tmp_path / "study" / "frontier.csv").read_bytes()
    again = run(*arguments)
    assert again.exit_code == 0
    assert "end-npv:" in first.stderr
    assert "end-npv:" not in again.stderr
    assert again.stdout == first.stdout
    assert (tmp_path / "study" / "frontier.csv").read_bytes() == table


def test_all_four_objectives_and_the_group_that_stands_for_allies(tmp_path):
    groups = [make.member("TIER1", "ARE")]
    instance = saved(two_countries(country_groups=groups), tmp_path / "tiny")
    names = "concentration,allied_share,carbon,npv"
    done = run(instance, "--objectives", names, "--points", 2, "--out", tmp_path / "study", "--json")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert next(iter(document["objectives"])) == "npv"
    assert document["allied"] == "USA | TIER1"
    assert {point["allied_share"] for point in document["points"]} == {1.0}
    page = (tmp_path / "study" / "report.html").read_text(encoding="utf-8")
    assert "largest share of the plan" in page
    for name in ("carbon", "allied_share", "concentration"):
        assert (tmp_path / "study" / f"frontier_{name}.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--objectives", "npv"], "two or more"),
        (["--objectives", "npv,npv"], "two or more"),
        (["--objectives", "npv,beauty"], "two or more"),
        (["--at-least-npv", "lots"], "--at-least-npv needs"),
        (["--objectives", "npv,allied_share"], "say which countries are allied"),
        (["--objectives", "npv,allied_share", "--allied", "USA | UK"], "UK is no country code"),
        (["--objectives", "npv,allied_share", "--allied", "USA |"], "expected"),
        (["--objectives", "npv,allied_share", "--allied", "NOR"], "no site lies there"),
        (["--objectives", "npv,concentration", "--at-least-npv", "any"], "worth more than nothing"),
        (["--set", "objective = compute"], "objective = npv"),
    ],
)
def test_bad_questions_are_refused(tmp_path, arguments, message):
    instance = saved(two_countries(), tmp_path / "tiny")
    done = run(instance, *arguments, "--out", tmp_path / "study")
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())
    assert not (tmp_path / "study" / "report.html").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    instance = saved(clean_or_cheap(), tmp_path / "tiny")
    assert run(instance, "--out", instance).exit_code == 2
    assert (instance / "instance.toml").is_file()


def test_an_impossible_instance_has_its_exit_code(tmp_path):
    instance = clean_or_cheap(chip_supply=[make.supply(during="2027", minimum_units=1_000_000)], budgets=[
        make.budget(year=year, capital_busd=1) for year in (2027, 2028, 2029)
    ])  # fmt: skip
    done = run(saved(instance, tmp_path / "tiny"), "--out", tmp_path / "study")
    assert done.exit_code == 3
    assert not (tmp_path / "study" / "report.html").exists()
