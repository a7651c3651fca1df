"""Sweeps against solves one by one: `benchmarks.sweep_speed` in a process of its own, as part of the whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.cases import ROOT


def run(out: Path, repeats: int) -> tuple[str, str]:
    """Measure sweeps on the world instance.

    Parameters
    ----------
    out
        Where its own JSON and Markdown go.

    Returns
    -------
    tuple[str, str]
        Its table and nothing, or nothing and why there is none.
    """
    command = [sys.executable, "-m", "benchmarks.sweep_speed", "--out", str(out.resolve()), "--repeats", str(repeats)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return "", (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return (out / "sweep_speed.md").read_text(encoding="utf-8"), ""
