"""The scripts that people run, in a copy of the checkout with a stand-in for Python: nothing is installed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Records what it is asked to do, makes environments that hold itself, and runs snippets with the real Python.
STAND_IN = """#!/bin/sh
echo "$*" >>'{work}/calls'
case "$*" in
    "-m venv --clear "*) rm -rf "$4" && mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
    "-m pip --version") ;;
    "-m pip install "*)
        echo "pip says something"
        if [ -e '{work}/offline' ]; then exit 1; fi
        while [ -e '{work}/slow' ]; do sleep 0.05; done
        printf '#!/bin/sh\\necho "in $PWD"\\nprintf "[%%s]" "$@"\\n' >"$(dirname "$0")/gigasite"
        chmod +x "$(dirname "$0")/gigasite" ;;
    "-m "*) echo "in $PWD: $*"; case " $FAILING " in *" $2 "*) exit 1 ;; esac ;;
    *) exec '{python}' "$@" ;;
esac
"""
BROKEN = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"


class Checkout:
    """A copy of the scripts in a folder whose name has a space, beside a folder of stand-ins."""

    def __init__(self, work):
        self.work = work
        self.root = work / "check out"
        (self.root / "scripts").mkdir(parents=True)
        for name in ("solve", "test", "_environment.sh"):
            shutil.copy2(ROOT / "scripts" / name, self.root / "scripts" / name)
        for name in ("pyproject.toml", "constraints.txt"):
            shutil.copy2(ROOT / name, self.root / name)
        self.programs = work / "bin"
        self.programs.mkdir()
        for name in ("python3.13", "python3.12", "python3"):
            self.program(name, BROKEN)
        self.program("python3.11", STAND_IN.format(work=work, python=sys.executable))

    def program(self, name, text):
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def start(self, script, *arguments, cwd=None, **environment):
        kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "GIGASITE_PYTHON"}}
        return subprocess.Popen(
            [self.root / "scripts" / script, *arguments],
            cwd=cwd or self.work,
            env={**kept, "PATH": f"{self.programs}:/usr/bin:/bin", "FAILING": "", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, script, *arguments, **options):
        process = self.start(script, *arguments, **options)
        output, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def calls(self, what):
        path = self.work / "calls"
        return [line for line in path.read_text().splitlines() if what in line] if path.exists() else []


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_first_run_prepares_an_environment_and_later_runs_start_at_once(checkout):
    first = checkout.run("solve", "a b", "--set", "sites[*].x = 1")
    assert first.returncode == 0
    assert first.stdout == f"in {checkout.work}\n[solve][a b][--set][sites[*].x = 1]"
    assert first.stderr.startswith("gigasite: installing packages into .venv")
    assert len(checkout.calls("pip install")) == 1
    again = checkout.run("solve", "c")
    assert (again.stdout, again.stderr) == (f"in {checkout.work}\n[solve][c]", "")
    assert len(checkout.calls("pip install")) == 1


def test_versions_come_from_the_constraints(checkout):
    checkout.run("solve")
    assert checkout.calls("pip install")[0].endswith("-c constraints.txt -e .")
    checkout.run("test")
    assert checkout.calls("pip install")[1].endswith("-c constraints.txt -e .[test,lint]")


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed_into_the_same_environment(checkout, name):
    checkout.run("solve")
    with (checkout.root / name).open("a") as file:
        file.write("# changed\n")
    assert checkout.run("solve").returncode == 0
    assert len(checkout.calls("pip install")) == 2
    assert len(checkout.calls("-m venv")) == 1


def test_an_environment_for_tests_serves_for_solving(checkout):
    checkout.run("test")
    assert checkout.run("solve").stderr == ""
    assert len(checkout.calls("pip install")) == 1


def test_a_moved_checkout_installs_itself_again(checkout):
    checkout.run("solve")
    moved = checkout.work / "elsewhere"
    checkout.root.rename(moved)
    checkout.root = moved
    assert checkout.run("solve").returncode == 0
    assert len(checkout.calls("pip install")) == 2


def test_a_failed_installation_says_so_and_is_tried_again_from_scratch(checkout):
    (checkout.work / "offline").touch()
    failed = checkout.run("solve", "x")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "pip says something" in failed.stderr
    assert "could not be installed" in failed.stderr
    (checkout.work / "offline").unlink()
    assert checkout.run("solve", "x").returncode == 0
    assert len(checkout.calls("-m venv")) == 2


def test_a_killed_installation_leaves_neither_lock_nor_trust(checkout):
    (checkout.work / "slow").touch()
    process = checkout.start("solve", "x")
    wait_until(lambda: checkout.calls("pip install"))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    (checkout.work / "slow").unlink()
    again = checkout.run("solve", "x")
    assert again.returncode == 0
    assert "waiting" not in again.stderr
    assert len(checkout.calls("-m venv")) == 2


def test_two_first_runs_at_once_install_once(checkout):
    (checkout.work / "slow").touch()
    first = checkout.start("solve", "one")
    wait_until(lambda: checkout.calls("pip install"))
    second = checkout.start("solve", "two")
    assert "waiting for another run" in second.stderr.readline()
    (checkout.work / "slow").unlink()
    assert first.communicate(timeout=60)[0].endswith("[solve][one]")
    assert second.communicate(timeout=60)[0].endswith("[solve][two]")
    assert len(checkout.calls("pip install")) == 1


def test_without_a_python_that_suits_the_user_is_told(checkout):
    checkout.program("python3.11", BROKEN)
    result = checkout.run("solve", "x")
    assert result.returncode == 1
    assert "needs Python 3.11 or later" in result.stderr
    assert not (checkout.root / ".venv").exists()


def test_the_user_may_name_a_python(checkout):
    checkout.program("my-python", (checkout.programs / "python3.11").read_text())
    checkout.program("python3.11", BROKEN)
    assert checkout.run("solve", "x", GIGASITE_PYTHON=str(checkout.programs / "my-python")).returncode == 0


def test_a_script_may_be_called_through_a_link(checkout):
    link = checkout.programs / "solve-it"
    link.symlink_to(checkout.root / "scripts" / "solve")
    environment = {**os.environ, "PATH": f"{checkout.programs}:/usr/bin:/bin"}
    result = subprocess.run(["solve-it", "x"], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.endswith("[solve][x]")


def test_all_checks_run_at_the_root_and_the_tests_last(checkout):
    result = checkout.run("test", "-q")
    assert result.returncode == 0
    commands = [line.removeprefix(f"in {checkout.root}: -m ") for line in result.stdout.splitlines()]
    assert commands == ["ruff check", "ruff format --check --quiet", "mypy", "pytest -q"]


@pytest.mark.parametrize("failing", ["ruff", "mypy", "pytest"])
def test_any_failure_fails_the_whole_and_hides_no_other_check(checkout, failing):
    result = checkout.run("test", FAILING=failing)
    assert result.returncode == 1
    assert len(result.stdout.splitlines()) == 4
    assert failing in result.stderr.splitlines()[-1]


def test_paths_of_tests_are_relative_to_the_user(checkout):
    folder = checkout.root / "tests" / "solve"
    folder.mkdir(parents=True)
    (folder / "test_x.py").touch()
    result = checkout.run("test", "-k", "solve", "test_x.py::test_y", "tests/none", cwd=folder)
    last = result.stdout.splitlines()[-1]
    assert last.endswith(f"pytest -k solve {folder}/test_x.py::test_y tests/none")


def test_constraints_name_versions_and_no_places():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins
    assert [
        line for line in pins if not line.replace("==", "").replace("-", "").replace(".", "").replace("_", "").isalnum()
    ] == []
    assert all(line.count("==") == 1 for line in pins)
