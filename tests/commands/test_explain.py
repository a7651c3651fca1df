"""`gigasite price`, `gigasite why-not` and the explanation of `gigasite solve`, from the command line."""

import json

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.instance import load_instance, write_instance
from tests.solving import solve_small
from tests.studies.planted import planted
from tests.studies.test_price import two_sites
from tests.studies.test_why_not import dear_and_cheap


def gigasite(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    write_instance(two_sites(), folder / "two")
    write_instance(dear_and_cheap(module_cost_usd_per_kw=12_000), folder / "dear")
    write_instance(planted(0).instance, folder / "conflict")
    assert gigasite("solve", folder / "two", "--no-map", "-q", "--out", folder / "plan").exit_code == 0
    return folder


def test_prices_of_a_result(work):
    ended = gigasite("price", work / "plan", "--sites", 0, "--gap", 0, "--out", work / "prices", "--json")
    assert ended.exit_code == 0
    document = json.loads(ended.stdout)
    assert "base plan" in ended.stderr
    names = {(price["family"], price["name"]) for price in document["prices"]}
    assert ("chip_supply", "C1") in names
    assert "Content-Security-Policy" in (work / "prices" / "report.html").read_text()
    shown = gigasite(
        "price", work / "plan", "--sites", 0, "--resolve", 0, "--estimate", 0, "-q", "--out", work / "prices"
    )
    assert shown.exit_code == 0
    assert shown.stderr == ""
    assert "not re-solved" in shown.stdout
    assert f"Map page: {work / 'prices' / 'map.html'}" in shown.stdout.replace("\n", "")
    assert "Content-Security-Policy" in (work / "prices" / "map.html").read_text()


def test_prices_need_a_result(work):
    assert gigasite("price", work / "two").exit_code == 2


def test_why_not_of_an_instance(work):
    ended = gigasite("why-not", "beta", "--instance", work / "dear", "--gap", 0, "--out", work / "why", "--json")
    assert ended.exit_code == 0
    document = json.loads(ended.stdout)
    assert document["loss"] == pytest.approx(2.0)
    assert [cause["cause"] for cause in document["causes"]] == ["module cost"]
    assert (work / "why" / "causes.csv").is_file()
    assert (work / "why" / "map.html").is_file()


def test_why_not_of_a_site_that_is_built_or_unknown(work):
    built = gigasite("why-not", "alpha", "--instance", work / "dear", "-q")
    assert built.exit_code == 0
    assert "is built" in built.stdout
    unknown = gigasite("why-not", "alhpa", "--instance", work / "dear")
    assert unknown.exit_code == 2
    assert "alpha" in unknown.stderr


def test_an_infeasible_instance_ends_with_conflict_and_repairs(work):
    ended = gigasite("solve", work / "conflict", "--no-map", "-q", "--json")
    assert ended.exit_code == 3
    document = json.loads(ended.stdout)
    found = {(member["family"], member["name"]) for member in document["infeasibility"]["conflict"]}
    assert found == set(planted(0).members)
    places = [place for member in document["infeasibility"]["conflict"] for place in member["places"]]
    assert any("budgets.csv:" in place for place in places)
    for repair in document["infeasibility"]["repairs"]:
        assert solve_small(load_instance(work / "conflict", changes=repair["changes"])).feasible
