"""The command line as scripts and people meet it: exit codes, streams, files."""

import json
import re
import shutil
import subprocess
import sys
from functools import partial

import highspy
import pytest
from typer.testing import CliRunner

from optimizer import __version__
from optimizer.cli import app
from optimizer.instance import load_instance, write_instance
from optimizer.instance.schema import Objective
from optimizer.run import RunResult
from tests.instances import (
    member,
    regime,
    rule,
    settings,
    site,
    supply,
    tiny_instance,
)

COMMANDS = ["", "solve", "check", "audit", "map", "export", "schema"]
HEAVY = {"pyomo", "highspy", "geopandas", "matplotlib", "pandas", "numpy"}
#: Entry point of an installed gigasite, run from any folder.
GIGASITE = [
    sys.executable,
    "-c",
    f"import sys; sys.path.insert(0, {sys.path[0]!r}); from optimizer.cli import main; main()",
]


def gigasite(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


solve_fast = partial(gigasite, "solve", "--no-map")


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Folder of a valid instance; the working directory is the empty folder around it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "tiny"
    folder.mkdir()
    write_instance(tiny_instance(), folder)
    return folder


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """A result folder; to be copied before it is changed."""
    folder = tmp_path_factory.mktemp("solved")
    (folder / "instance").mkdir()
    write_instance(tiny_instance(), folder / "instance")
    assert solve_fast(folder / "instance", "--out", folder / "result").exit_code == 0
    return folder / "result"


@pytest.fixture
def result(solved, tmp_path):
    """A result folder of the test's own."""
    return shutil.copytree(solved, tmp_path / "result")


def replace_in(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# Help and version


@pytest.mark.parametrize("command", COMMANDS)
def test_help_loads_nothing_heavy(command):
    script = (
        "import sys\nfrom optimizer.cli import app\n"
        f"try: app({[command, '--help'] if command else ['--help']!r})\n"
        f"except SystemExit as end: print(end.code, sorted({HEAVY!r} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Usage: gigasite" in re.sub(r"Usage: .*?-c", "Usage: gigasite", ended.stdout)
    loaded = ended.stdout.splitlines()[-1]
    assert loaded == "0 []"


def test_help_of_changes_keeps_its_brackets():
    assert "sites[us_*]" in re.sub(r"\s*│\s*│\s*", "", gigasite("solve", "--help").stdout).replace("\n", "")


def test_version():
    assert gigasite("--version").stdout == f"gigasite {__version__}\n"


@pytest.mark.parametrize("arguments", [["solve"], ["solve", "x", "--nonsense"], ["nonsense"]])
def test_wrong_usage_is_bad_input(arguments):
    ended = gigasite(*arguments)
    assert ended.exit_code == 2
    assert ended.stdout == ""


# Solve


def test_solving_writes_a_result_folder_and_shows_the_plan(tiny):
    ended = solve_fast(tiny)
    assert ended.exit_code == 0
    assert "Net present value" in ended.stdout
    assert "Result folder: results/tiny" in ended.stdout
    assert "linear relaxation" in ended.stderr
    assert "\x1b" not in ended.stdout + ended.stderr
    assert {"manifest.json", "sites.csv", "cash.csv", "log.txt", "instance"} <= {
        path.name for path in (tiny.parent / "results" / "tiny").iterdir()
    }


def test_the_path_may_be_that_of_the_settings_file(tiny):
    assert solve_fast(tiny / "instance.toml").exit_code == 0


def test_json_is_one_document_with_the_manifest(tiny):
    ended = solve_fast(tiny, "--json", "--out", "here")
    document = json.loads(ended.stdout)
    manifest = json.loads((tiny.parent / "here" / "manifest.json").read_text())
    del document["seconds"], manifest["seconds"]  # the one on disk could not yet know how long writing took
    assert document == {**manifest, "exit_code": 0, "folder": "here", "explanation": []}


def test_quiet_solves_say_nothing_on_standard_error(tiny):
    assert solve_fast(tiny, "--quiet").stderr == ""


def test_progress_as_json_lines(tiny):
    events = [json.loads(line) for line in solve_fast(tiny, "--progress", "json").stderr.splitlines()]
    assert {"build", "audit", "write"} <= {event["stage"] for event in events}
    seconds = [event["seconds"] for event in events]
    assert seconds == sorted(seconds)


def test_maps_are_drawn_unless_refused(tiny):
    assert gigasite("solve", tiny, "--out", "with").exit_code == 0
    solve_fast(tiny, "--out", "without")
    maps = {"map.html", "map.png", "sites.gpkg"}
    assert {path.name for path in (tiny.parent / "with").iterdir()} >= maps
    assert maps.isdisjoint({path.name for path in (tiny.parent / "without").iterdir()})


def test_options_change_the_settings_that_are_solved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_instance(tiny_instance(rules=[rule()], regimes=[regime("R1", "strict")]), tmp_path / "ruled")
    options = {
        "--regime": "strict",
        "--objective": "compute",
        "--gap": 0.25,
        "--gap-busd": 0.5,
        "--time-limit": 77,
        "--threads": 2,
        "--set": "finance.discount_rate = 0.07",
    }
    arguments = [argument for option in options.items() for argument in option]
    assert solve_fast("ruled", "--out", "out", *arguments).exit_code == 0
    solved = load_instance(tmp_path / "out" / "instance").settings
    assert solved.policy.regime == "strict"
    assert solved.objective is Objective.COMPUTE
    solver = solved.solver
    assert (solver.gap, solver.gap_busd, solver.time_limit_seconds, solver.threads) == (0.25, 0.5, 77, 2)
    assert solved.finance.discount_rate == 0.07


def test_a_scenario_has_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenarios = {"late": {"changes": ["sites[*].lead_months += 12"]}}
    write_instance(tiny_instance(settings=settings(scenarios=scenarios)), tmp_path / "tiny")
    assert solve_fast("tiny").exit_code == 0
    assert solve_fast("tiny", "--scenario", "late").exit_code == 0
    months = [
        load_instance(tmp_path / "results" / name / "instance").sites[0].lead_months for name in ("tiny", "tiny-late")
    ]
    assert months[1] == months[0] + 12


def test_every_problem_is_listed_and_nothing_is_written(tiny):
    replace_in(tiny / "instance.toml", "discount_rate", "discount_rat")
    (tiny / "sites.csv").write_text((tiny / "sites.csv").read_text().replace("alpha", "al pha"))
    ended = solve_fast(tiny)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert "discount_rat" in ended.stderr
    assert "sites.csv:2" in ended.stderr
    assert [path.name for path in tiny.parent.iterdir()] == ["tiny"]


def test_bad_input_as_json(tiny):
    replace_in(tiny / "instance.toml", "discount_rate", "discount_rat")
    document = json.loads(solve_fast(tiny, "--json").stdout)
    assert (document["status"], document["exit_code"]) == ("bad_input", 2)
    assert any("discount_rat" in diagnostic["message"] for diagnostic in document["diagnostics"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "sites[nowhere].lead_months = 3"],
        ["--set", "nonsense"],
        ["--gap", "7"],
        ["--regime", "nowhere"],
        ["--scenario", "nowhere"],
        ["--time-limit", "-1"],
    ],
)
def test_bad_changes_are_bad_input(tiny, arguments):
    ended = solve_fast(tiny, *arguments)
    assert ended.exit_code == 2
    assert arguments[1].split("[")[0] in ended.stderr
    assert not (tiny.parent / "results").exists()


def test_there_may_be_no_instance(tmp_path):
    ended = solve_fast(tmp_path / "nowhere")
    assert ended.exit_code == 2
    assert "instance.toml" in ended.stderr


def test_an_impossible_instance_is_explained(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # One site of three small modules cannot house the chips that must be taken.
    chips = [supply("C1", "2028", units=90_000_000, minimum_units=90_000_000)]
    write_instance(tiny_instance(chip_supply=chips), tmp_path / "impossible")
    ended = solve_fast("impossible")
    assert ended.exit_code == 3
    assert "C1" in ended.stdout
    assert not (tmp_path / "results").exists()
    document = json.loads(solve_fast("impossible", "--json").stdout)
    assert (document["status"], document["exit_code"], document["folder"]) == ("infeasible", 3, None)
    assert document["explanation"]


@pytest.mark.parametrize(("code", "line"), [(4, "No plan: time limit"), (5, "cash.pv: cash.csv:7 states 1")])
def test_other_ends_of_a_run_reach_the_exit_code(tiny, monkeypatch, code, line):
    ending = RunResult(code, {"status": "as the run says"}, "Tiny", explanation=(line,))
    monkeypatch.setattr("optimizer.commands.solve.run_instance", lambda *args, **options: ending)
    ended = solve_fast(tiny)
    assert ended.exit_code == code
    assert line in ended.stdout
    assert json.loads(solve_fast(tiny, "--json").stdout) == {
        "status": "as the run says", "exit_code": code, "folder": None, "explanation": [line],
    }  # fmt: skip


def test_giving_up_ends_as_shells_expect(tiny, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    def leave(code):
        raise SystemExit(code)

    monkeypatch.setattr("optimizer.commands.solve.run_interruptibly", interrupted)
    monkeypatch.setattr("os._exit", leave)  # would end the test run
    ended = solve_fast(tiny)
    assert ended.exit_code == 130
    assert "Given up" in ended.stderr


def test_a_folder_that_is_no_result_is_not_replaced(tiny):
    ended = solve_fast(tiny, "--out", tiny)
    assert ended.exit_code == 2
    assert "is not a result folder" in ended.stderr
    assert load_instance(tiny).name == "tiny"


def test_earlier_results_and_empty_folders_are_replaced(tiny):
    (tiny.parent / "out").mkdir()
    assert solve_fast(tiny, "--out", "out").exit_code == 0
    (tiny.parent / "out" / "stale.csv").touch()
    assert solve_fast(tiny, "--out", "out").exit_code == 0
    assert not (tiny.parent / "out" / "stale.csv").exists()


# Check


def test_check_counts_what_an_instance_holds(tiny):
    ended = gigasite("check", tiny)
    assert ended.exit_code == 0
    assert "3 periods from 2027 to 2029" in ended.stdout
    assert re.search(r"^budgets\s+3$", ended.stdout, re.MULTILINE)


def test_check_as_json(tiny):
    document = json.loads(gigasite("check", tiny, "--json").stdout)
    assert (document["status"], document["periods"], document["rows"]["sites"]) == ("valid", 3, 1)
    assert len(document["instance"]["sha256"]) == 64


def test_check_shows_warnings_without_failing(tmp_path):
    unused = [member("A", "USA")]
    write_instance(tiny_instance(country_groups=unused, sites=[site(status="candidate")]), tmp_path / "warned")
    loaded = load_instance(tmp_path / "warned")
    ended = gigasite("check", tmp_path / "warned")
    assert ended.exit_code == 0
    assert ended.stderr.count("warning[") == len(loaded.warnings)


def test_check_lists_every_problem(tiny):
    replace_in(tiny / "instance.toml", "discount_rate", "discount_rat")
    ended = gigasite("check", tiny, "--json")
    assert ended.exit_code == 2
    assert json.loads(ended.stdout)["status"] == "bad_input"


# Audit, map, export, schema


def test_a_sound_result_passes_its_audit(solved):
    ended = gigasite("audit", solved)
    assert ended.exit_code == 0
    assert "passed" in ended.stdout
    assert json.loads(gigasite("audit", solved, "--json").stdout)["ok"] is True


def test_a_changed_number_fails_the_audit(result):
    replace_in(result / "manifest.json", '"gw_online_end": ', '"gw_online_end": 1')
    ended = gigasite("audit", result)
    assert ended.exit_code == 5
    assert "gw_online_end" in ended.stdout
    document = json.loads(gigasite("audit", result / "manifest.json", "--json").stdout)
    assert (document["ok"], document["exit_code"]) == (False, 5)


def test_a_result_that_cannot_be_read_is_bad_input(result):
    replace_in(result / "cash.csv", "busd", "usd")
    (result / "sites.csv").unlink()
    ended = gigasite("audit", result, "--json")
    assert ended.exit_code == 2
    assert {problem["file"] for problem in json.loads(ended.stdout)["diagnostics"]} == {"cash.csv", "sites.csv"}


@pytest.mark.parametrize("contents", [None, "not JSON", "[]"])
def test_what_is_no_result_folder_is_bad_input(result, contents):
    (result / "manifest.json").unlink()
    if contents is not None:
        (result / "manifest.json").write_text(contents)
    for command in ("audit", "map"):
        ended = gigasite(command, result)
        assert ended.exit_code == 2
        assert "manifest" in ended.stderr


def test_maps_may_be_drawn_again_elsewhere(solved, tmp_path):
    assert gigasite("map", solved, "--out", tmp_path / "maps").exit_code == 0
    assert {path.name for path in (tmp_path / "maps").iterdir()} == {"map.html", "map.png", "sites.gpkg"}


def test_exported_files_hold_the_same_problem(tiny, solved, capfd):
    assert gigasite("export", tiny, "--mps", "a.mps", "--lp", "a.lp").exit_code == 0
    npv = json.loads((solved / "manifest.json").read_text())["npv_busd"]
    assert npv > 0
    for name in ("a.mps", "a.lp"):
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.readModel(str(tiny.parent / name))
        solver.run()
        assert solver.getObjectiveValue() == pytest.approx(npv, rel=1e-6)
        assert "alpha" in solver.getColName(0)[1]


@pytest.mark.parametrize("arguments", [[], ["--mps", "a.txt"], ["--lp", "nowhere/a.lp"]])
def test_exports_that_cannot_be_written_are_bad_input(tiny, arguments):
    assert gigasite("export", tiny, *arguments).exit_code == 2
    assert [path.name for path in tiny.parent.iterdir()] == ["tiny"]


def test_the_schema_is_the_same_on_standard_output_and_in_a_file(tmp_path):
    printed = gigasite("schema")
    assert gigasite("schema", "--out", tmp_path / "schema.json").stdout == ""
    assert json.loads(printed.stdout) == json.loads((tmp_path / "schema.json").read_text())
    assert gigasite("schema", "--out", tmp_path / "nowhere" / "schema.json").exit_code == 2


# The process as a whole


def test_standard_output_of_a_process_is_the_document_alone(tiny):
    ended = subprocess.run([*GIGASITE, "solve", tiny, "--no-map", "--json"], capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout)["exit_code"] == 0
    assert "Traceback" not in ended.stderr


def test_a_reader_that_leaves_early_is_no_error(tiny):
    with subprocess.Popen(
        [*GIGASITE, "check", tiny], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_names_that_the_terminal_cannot_show_do_not_stop_a_result(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_instance(tiny_instance(sites=[site().model_copy(update={"name": "Luleå ☃"})]), tmp_path / "snow")
    environment = {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "ascii"}
    command = [*GIGASITE, "solve", "snow", "--no-map", "--quiet"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "Lule? ?" in ended.stdout
