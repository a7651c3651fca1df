"""A sweep that is killed with SIGKILL, again and again, at random moments."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from optimizer.instance import load_instance, write_instance
from optimizer.plan.audit import audit_plan
from optimizer.plan.reader import read_plan
from optimizer.studies.executors import InlineExecutor
from optimizer.studies.store import PointStore
from optimizer.studies.sweep import run_sweep, sweep_state
from tests.studies.sweeps import small_instance, sweep_of

KILLS = 20
COMMAND = "from optimizer.cli import main; main()"
GRID = """
[[axes]]
knob = "chip_supply[*].units"
operation = "scale"
from = 0.5
to = 1.5
steps = 12

[[axes]]
knob = "demand[*].price_usd_per_h100e_hour"
operation = "scale"
from = 0.8
to = 1.2
steps = 12
"""


def start(instance, sweep_file, out):
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "sweep", instance, sweep_file, "--out", out, "--workers", "2", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finished(store):
    """Points on disk, each with what tells whether anybody wrote it again."""
    found = {}
    if store.folder.is_dir():
        for path in store.folder.iterdir():
            if not path.name.startswith("."):
                found[path.name] = (path.stat().st_ino, (path / "point.json").stat().st_mtime_ns)
    return found


def assert_whole(store, key):
    folder = store.path(key)
    record = store.read(key)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert record.key == key
    assert record.status == "optimal"
    assert audit_plan(load_instance(folder / "instance"), read_plan(folder), manifest).ok


@pytest.mark.slow
def test_no_point_is_lost_repeated_or_torn(tmp_path):
    rng = random.Random(20)
    write_instance(small_instance(), tmp_path / "small")
    sweep = sweep_of(tmp_path, load_instance(tmp_path / "small"), GRID)
    store = PointStore(tmp_path / "out")
    known = {}
    interrupted = 0
    for number in range(KILLS):
        process = start(tmp_path / "small", tmp_path / "sweep.toml", tmp_path / "out")
        if number % 5:  # else killed at any moment since its start, before the first point too
            while process.poll() is None and finished(store).keys() == known.keys():
                time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.06 if number % 5 else 2.0))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        with store.exclusively() as alone:  # as soon as the workers have noticed
            assert alone
            now = finished(store)
        assert known.items() <= now.items(), "a finished point was lost or written again"
        for key in now.keys() - known.keys():
            assert_whole(store, key)
        assert now.keys() <= sweep.unique.keys()
        interrupted += sweep_state(sweep, tmp_path / "out").missing > 0
        known = now
    assert interrupted >= KILLS // 2, "most kills must hit a sweep at work"

    process = start(tmp_path / "small", tmp_path / "sweep.toml", tmp_path / "out")
    output, _ = process.communicate()
    assert process.returncode == 0
    document = json.loads(output)
    assert document["kept"] == len(known)
    assert document["solved"] == len(sweep.unique) - len(known)
    assert known.items() <= finished(store).items()
    assert not [path.name for path in store.folder.iterdir() if path.name.startswith(".")]

    undisturbed = run_sweep(sweep, tmp_path / "again", InlineExecutor())
    for row, point in zip(document["sweep"], sweep.points, strict=True):
        assert row["npv_objective_busd"] == pytest.approx(undisturbed.record(point).objective, rel=1e-9)
