"""`gigasite sweep` and `gigasite tornado` from the command line."""

import json

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.instance import write_instance
from optimizer.studies.store import PointStore
from tests import instances as make
from tests.studies.sweeps import CHIPS, small_instance


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    write_instance(small_instance(), folder / "small")
    (folder / "chips.toml").write_text(CHIPS)
    return folder


def gigasite(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_sweep_from_status_to_status(work):
    command = ("sweep", work / "small", work / "chips.toml", "--out", work / "out", "--workers", 1)
    before = gigasite(*command, "--status")
    assert before.exit_code == 0
    assert "0 of 5 points done, 5 missing" in before.stdout
    assert not (work / "out").exists(), "asking changes nothing"

    done = gigasite(*command, "--json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert (document["solved"], document["kept"], len(document["sweep"])) == (5, 0, 5)
    assert "5 of 5 points done" in done.stderr

    after = json.loads(gigasite(*command, "--status", "--json").stdout)
    assert (after["status"], after["finished"], after["missing"]) == ("finished", 5, 0)

    again = gigasite(*command, "--quiet")
    assert "0 points solved, 5 kept from earlier" in again.stdout
    assert "chip_supply[*].units *= 0.75" in again.stdout
    assert again.stderr == ""


def test_a_tornado_shows_its_table(work):
    shown = gigasite("tornado", work / "small", "--out", work / "tornado", "--workers", 1, "--gap", 0)
    assert shown.exit_code == 0
    assert "Assumptions by swing" in shown.stdout
    assert (work / "tornado" / "report.html").exists()


def test_mistakes_come_before_the_first_solve(work):
    (work / "bad.toml").write_text("[[axes]]\nknob = 'budgets[*].capital_busd'\nvalues = [1, -1]\n")
    result = gigasite("sweep", work / "small", work / "bad.toml", "--out", work / "none", "--json")
    assert result.exit_code == 2
    assert [(d["line"], d["column"]) for d in json.loads(result.stdout)["diagnostics"]] == [(3, 14)]
    assert not (work / "none").exists()


def test_other_folders_are_left_alone(work):
    (work / "mine").mkdir()
    (work / "mine" / "letter.txt").write_text("dear")
    result = gigasite("sweep", work / "small", work / "chips.toml", "--out", work / "mine")
    assert result.exit_code == 2
    assert "is not the folder of a sweep" in result.stderr
    assert [path.name for path in (work / "mine").iterdir()] == ["letter.txt"]


def test_a_folder_at_work_is_refused(work, tmp_path):
    store = PointStore(tmp_path / "busy")
    with store.exclusively():
        result = gigasite("sweep", work / "small", work / "chips.toml", "--out", tmp_path / "busy")
    assert result.exit_code == 2
    assert "another run is at work" in result.stderr


def test_no_plan_anywhere_is_told_by_the_exit_code(tmp_path):
    supply = [make.supply(during=str(year), units=400_000, minimum_units=100_000) for year in (2027, 2028)]
    write_instance(small_instance(chip_supply=supply), tmp_path / "small")
    (tmp_path / "poor.toml").write_text("[[axes]]\nknob = 'budgets[*].capital_busd'\nvalues = [0, 0.001]\n")
    result = gigasite("sweep", tmp_path / "small", tmp_path / "poor.toml", "--out", tmp_path / "out", "--workers", 1)
    assert result.exit_code == 3
    assert "no plan can meet the limits" in result.stdout
