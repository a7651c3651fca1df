"""The worked instance of computed power, from the command line to the map."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.power.store import VARIABLE

FOLDER = Path(__file__).parents[2] / "instances" / "three-regions-power"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("power") / "result"
    quick = ["--set", "solver.gap = 0.06"]
    outcome = CliRunner().invoke(app, ["solve", str(FOLDER), "--out", str(out), *quick])
    assert outcome.exit_code == 0, outcome.output
    return out


def test_the_log_says_how_many_sites_were_computed(result):
    first = (result / "log.txt").read_text().splitlines()[0]
    assert first.startswith("power: 3 sites exact, 22 technologies as options, ")
    assert first.endswith(
        "; columns chosen by auto, as 16 technologies at sites x 8 years are 128, above 24, and 3 sites x 8 years 24, "
        "at most 400"
    )


def test_the_plan_uses_computed_options_and_is_audited(result):
    manifest = json.loads((result / "manifest.json").read_text())
    assert manifest["audit"]["ok"]
    used = (result / "energy.csv").read_text()
    parts = (result / "instance" / "portfolio_parts.csv").read_text()
    options = {line.split(",")[1] for line in used.splitlines()[1:] if line.startswith("tx_abilene")}
    assert options
    assert all(f"tx_abilene,{option}," in parts for option in options)


def test_it_is_drawn(result):
    assert (result / "map.png").stat().st_size > 10_000
    assert "tx_abilene" in (result / "map.html").read_text()


def test_the_result_is_audited_again_from_its_folder(result):
    outcome = CliRunner().invoke(app, ["audit", str(result)])
    assert outcome.exit_code == 0, outcome.output


def test_nothing_but_json_goes_to_standard_output():
    """In a process of its own: the solver greets on its first solve."""
    entry = f"import sys; sys.path.insert(0, {sys.path[0]!r}); from optimizer.cli import main; main()"
    command = [sys.executable, "-c", entry, "check", str(FOLDER), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)
    assert "3 sites exact" in done.stderr


def test_the_second_command_finds_what_the_first_kept(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    static = ["--set", "power.method = static"]
    notes = [CliRunner().invoke(app, ["check", str(FOLDER), *static]).stderr for _ in range(2)]
    assert ", 0 of " in notes[0]
    assert ", 0 of " not in notes[1]
    known, programs = notes[1].split(" s, ")[1].split(" programs")[0].split(" of ")
    assert known == programs
    assert list((tmp_path / "kept").rglob("*.npz"))


def test_nothing_is_kept_or_read_if_asked(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    outcome = CliRunner().invoke(app, ["check", str(FOLDER), "--no-cache"])
    assert outcome.exit_code == 0, outcome.output
    assert not (tmp_path / "kept").exists()
