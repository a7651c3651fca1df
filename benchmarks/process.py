"""One measurement: a task in a process of its own, with its time and its peak memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import ROOT, Case

#: Time beyond its own limit that a task gets to start and to stop.
GRACE_SECONDS = 60.0
#: Runs that a task may make one after the other, each within the limit: one for each target gap.
RUNS = 4


@dataclass(frozen=True)
class Outcome:
    """What a task reports of itself.

    Attributes
    ----------
    seconds
        Wall time of the measured part, by name; infinite when it did not happen within the limit.
    values
        Other results, e.g. objective and size.
    """

    seconds: Mapping[str, float]
    values: Mapping[str, float]


@dataclass(frozen=True)
class Measurement:
    """A task that was run.

    Attributes
    ----------
    outcome
        None if the task failed; ``problem`` says why.
    cpu_seconds, peak_mib
        Of the whole process, imports included.
    """

    task: str
    case: str
    outcome: Outcome | None
    cpu_seconds: float
    peak_mib: float
    problem: str = ""


def measure(task: str, case: Case, limit_seconds: float) -> Measurement:
    """Run a task of `benchmarks.tasks` in a new process; kill it when it overruns its limit by far."""
    command = [sys.executable, "-m", "benchmarks.child", task, case.name, str(case.folder), str(limit_seconds)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(command, stdout=output, stderr=errors, env=environment, start_new_session=True)
        overrun = threading.Event()

        def end() -> None:
            overrun.set()
            os.killpg(child.pid, signal.SIGKILL)

        timer = threading.Timer(RUNS * limit_seconds + GRACE_SECONDS, end)
        timer.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        finally:
            timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if overrun.is_set():
            report, problem = None, "killed: did not stop in time"
        else:
            report, problem = _report(child.returncode, output.read(), errors.read())
    return Measurement(
        task=task,
        case=case.name,
        outcome=None if report is None else Outcome(report["seconds"], report["values"]),
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / 1024 if report is None else report["peak_mib"],
        problem=problem,
    )


def _report(code: int, output: str, errors: str) -> tuple[dict[str, Any] | None, str]:
    """What a process that ended says of itself, or the last thing it said in its distress."""
    if code != 0:
        return None, (errors.strip().splitlines() or [f"exit code {code}"])[-1]
    return json.loads(output.strip().splitlines()[-1]), ""


def software() -> dict[str, str]:
    """Versions of what is measured, and the machine."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in ("gigasite", "pyomo", "highspy", "linopy", "PuLP", "PySCIPOpt", "ortools", "numpy"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {"python": sys.version.split()[0], "cores": str(os.cpu_count()), **versions}


def folder_for_work(out: Path) -> Path:
    """Folder for instances and models, beside the results."""
    work = out / "work"
    work.mkdir(parents=True, exist_ok=True)
    return work
