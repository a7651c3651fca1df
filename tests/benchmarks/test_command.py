"""The command of the benchmark, on an instance that takes no time."""

import json
import sys

import pytest

from benchmarks import __main__ as command
from benchmarks import process, sweeps
from optimizer.instance import write_instance
from tests.instances import instance


@pytest.fixture
def ask(monkeypatch, tmp_path):
    write_instance(instance(), tmp_path / "tiny")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["benchmark", *map(str, arguments), "--out", str(tmp_path / "out")])
        return command.main()

    return run


def test_every_run_is_written_and_all_repeats_count(ask, tmp_path, capsys):
    assert ask(tmp_path / "tiny", "--only", "lp", "--repeats", "2", "--limit", "20") == 0
    document = json.loads((tmp_path / "out" / "benchmark.json").read_text())
    assert document["settings"]["repeats"] == 2
    ours = [run for run in document["runs"] if run["task"] == "linear relaxation/gigasite"]
    assert len(ours) == 2
    assert all(run["outcome"]["seconds"][""] > 0 for run in ours)
    table = (tmp_path / "out" / "benchmark.md").read_text()
    assert table == capsys.readouterr().out.removesuffix("\n")
    assert "| tiny | gigasite |" in table
    assert "- not measured: sweeps: not asked for" in table


def test_an_interrupted_command_goes_on_where_it_was(ask, tmp_path, monkeypatch):
    measure, measured = process.measure, []

    def counted(task, case, limit_seconds):
        measured.append(task)
        if len(measured) == 2:
            raise KeyboardInterrupt
        return measure(task, case, limit_seconds)

    monkeypatch.setattr(process, "measure", counted)
    asked = (tmp_path / "tiny", "--only", "lp", "--repeats", "1", "--limit", "20")
    with pytest.raises(KeyboardInterrupt):
        ask(*asked)
    first = json.loads((tmp_path / "out" / "benchmark.json").read_text())["runs"]
    assert [run["task"] for run in first] == measured[:1]
    assert ask(*asked, "--resume") == 0
    runs = json.loads((tmp_path / "out" / "benchmark.json").read_text())["runs"]
    assert runs[:1] == first
    assert [run["task"] for run in runs] == [measured[0], *measured[2:]]
    with pytest.raises(SystemExit, match="other versions or settings"):
        ask(*asked[:-1], "10", "--resume")


def test_sweeps_are_a_part_of_the_whole(ask, tmp_path, monkeypatch):
    monkeypatch.setattr(sweeps, "run", lambda out, repeats: (f"| swept {repeats} |\n", ""))
    monkeypatch.setattr(command, "_cases", lambda *_, **__: ())
    assert ask("--only", "sweep", "--repeats", "4") == 0
    assert "### Sweeps\n\n| swept 4 |" in (tmp_path / "out" / "benchmark.md").read_text()
    assert ask("--only", "sweep", "--quick") == 0
    assert "not measured: sweeps: measured on the world" in (tmp_path / "out" / "benchmark.md").read_text()


def test_a_sweep_that_fails_says_why(monkeypatch, tmp_path):
    monkeypatch.setattr(sweeps, "ROOT", tmp_path)
    table, problem = sweeps.run(tmp_path / "out", 1)
    assert table == ""
    assert problem
