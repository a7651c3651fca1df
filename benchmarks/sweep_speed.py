"""Sweeps against solves one by one, and linear programs after a change against from nothing.

Run as ``python -m benchmarks.sweep_speed``. Both sides are measured in the same run, in wall and in processor time:
on a busy machine the second is the fairer one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from optimizer.instance.instance import Instance
from optimizer.power.join import apply_changes, load_powered
from optimizer.studies.points import PointSolver
from optimizer.studies.sweep_file import read_sweep
from optimizer.studies.sweep_points import Sweep, make_sweep

WORLD = Path("instances/world-2026")
COMMAND = (sys.executable, "-c", "from optimizer.cli import main; main()")

#: Changes of one limit by a step that a planner would ask about.
STEPS = (
    "budgets[global,2030].capital_busd += 5",
    "budgets[global,2032].capital_busd += -5",
    "chip_supply[*,2031].units *= 0.99",
    "grid_headroom[AE,*].cumulative_mw += 100",
    "grid_headroom[*,2030].cumulative_mw *= 0.95",
    "slots[gas_turbines,*].mw *= 0.95",
    "demand[us_east,interactive,*].quantity_h100e_million *= 0.9",
    "power_options[us_tx_abilene,*].max_mw *= 0.9",
    "limits[capital_gulf,*].value += 0.01",
    "sovereignty[eu_west,*].minimum_share *= 0.8",
)
#: Changes of every limit of a kind.
SHIFTS = (
    "budgets[*].capital_busd *= 0.99",
    "budgets[*].capital_busd *= 0.95",
    "chip_supply[*].units *= 0.95",
    "grid_headroom[*].cumulative_mw *= 0.9",
    "slots[*].mw *= 0.9",
    "power_options[*].max_mw *= 0.95",
    "demand[*].quantity_h100e_million *= 0.95",
)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Timing:
    """Seconds that something took.

    Attributes
    ----------
    wall, cpu
        Elapsed, and of all processors in all processes that took part.
    """

    wall: float
    cpu: float


@dataclass(frozen=True)
class Row:
    """One line of the outcome.

    Attributes
    ----------
    wall_ratio, cpu_ratio
        Time of the other way over the time of this one; None for what is compared against.
    note
        What came out, e.g. objectives that agree.
    """

    name: str
    timing: Timing
    wall_ratio: float | None = None
    cpu_ratio: float | None = None
    note: str = ""


def measure(instance_folder: Path, points: Path, out: Path, *, workers: int = 2) -> list[Row]:
    """Run a sweep, and ``gigasite solve`` for each of its points, and compare.

    Parameters
    ----------
    points
        A sweep.toml.
    out
        Folder for the results of both.

    Raises
    ------
    RuntimeError
        If a command fails, or a sweep and a solve contradict each other: a plan above the other's bound.
    """
    sweep = make_sweep(load_powered(instance_folder).instance, read_sweep(points))
    swept = _command("sweep", str(instance_folder), str(points), "--out", str(out / "sweep"), "--workers", str(workers))
    separate = [_solve(instance_folder, sweep, number, out) for number in range(len(sweep.points))]
    _agree(sweep, out)
    together = Timing(sum(timing.wall for timing in separate), sum(timing.cpu for timing in separate))
    name = f"{len(separate)} points"
    return [
        Row(f"{name}, gigasite solve each", together),
        Row(f"{name}, gigasite sweep", swept, together.wall / swept.wall, together.cpu / swept.cpu),
    ]


def _solve(instance_folder: Path, sweep: Sweep, number: int, out: Path) -> Timing:
    point = sweep.points[number]
    changes = [word for change in point.changes for word in ("--set", change)]
    solver = sweep.instance.settings.solver
    return _command(
        "solve", str(instance_folder), *changes, "--gap", str(solver.gap), "--time-limit",
        str(solver.time_limit_seconds), "--out", str(out / "solve" / str(point.number)),
    )  # fmt: skip


def _command(*words: str) -> Timing:
    """Run gigasite and wait for it and its workers."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen([*COMMAND, *words, "--quiet", "--json"], stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            message = f"gigasite {' '.join(words)} ended with {child.returncode}: {said.read()[-2000:]}"
            raise RuntimeError(message)
    return Timing(time.perf_counter() - began, usage.ru_utime + usage.ru_stime)


def _agree(sweep: Sweep, out: Path) -> None:
    """No plan of either may be worth more than the other proves possible."""
    for point in sweep.points:
        manifests = [
            json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            for folder in (out / "sweep" / "points" / point.key, out / "solve" / str(point.number))
        ]
        (value, bound), (other_value, other_bound) = (
            (m["objective"]["value"], m["objective"]["bound"]) for m in manifests
        )
        if value > other_bound + 1e-6 * abs(other_bound) or other_value > bound + 1e-6 * abs(bound):
            message = f"point {point.number}: sweep {value} <= {bound}, solve {other_value} <= {other_bound}"
            raise RuntimeError(message)


# --- linear programs -------------------------------------------------------------------------


def measure_relaxations(
    instance_folder: Path, changes: Sequence[str] = (*STEPS, *SHIFTS), *, repeats: int = 3
) -> list[Row]:
    """Time the relaxation from nothing, and after each of some changes of limits on a live model.

    From nothing: load, build, matrix, interior point. After a change: edit in place and go on by simplex; the way
    there and back are both timed, as both are changes. The first of all also computes the weights that the others
    find in memory, and has a row of its own.
    """
    base = load_powered(instance_folder).instance
    changed = {change: apply_changes(base, [change]) for change in changes}
    cold = [_timed(lambda: _from_nothing(instance_folder)) for _ in range(repeats)]
    reference = Timing(median(t.wall for t, _ in cold), median(t.cpu for t, _ in cold))
    solver = cold[-1][1]
    rows = [Row("from nothing", reference, note=f"median of {repeats}")]
    first, _ = _timed(lambda: solver.solve_relaxation(changed[changes[0]]))
    rows.append(_compared(f"first change: {changes[0]}", first, reference))
    solver.solve_relaxation(base)
    for change in changes:
        times = list(_there_and_back(solver, base, changed[change], repeats))
        timing = Timing(median(t.wall for t in times), median(t.cpu for t in times))
        rows.append(_compared(change, timing, reference))
    for name, group in (("steps of one limit", STEPS), ("shifts of all limits of a kind", SHIFTS)):
        found = [row.timing for row in rows if row.name in group]
        if found:
            middle = Timing(median(t.wall for t in found), median(t.cpu for t in found))
            rows.append(_compared(f"median of {len(found)} {name}", middle, reference))
    return rows


def _from_nothing(instance_folder: Path) -> PointSolver:
    instance = load_powered(instance_folder).instance
    solver = PointSolver(threads=1, seed=1, stop=threading.Event())
    solver.solve_relaxation(instance)
    return solver


def _there_and_back(solver: PointSolver, base: Instance, changed: Instance, repeats: int) -> Iterator[Timing]:
    for _ in range(repeats):
        for instance in (changed, base):
            timing, relaxed = _timed(lambda instance=instance: solver.solve_relaxation(instance))  # type: ignore[misc]
            if relaxed.transition.rebuild is not None:
                message = f"the model was rebuilt: {relaxed.transition.detail}"
                raise RuntimeError(message)
            yield timing


def _timed(work: Callable[[], Result]) -> tuple[Timing, Result]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return Timing(time.perf_counter() - wall, time.process_time() - cpu), result


def _compared(name: str, timing: Timing, reference: Timing) -> Row:
    return Row(name, timing, reference.wall / timing.wall, reference.cpu / timing.cpu)


# --- command line ----------------------------------------------------------------------------


def as_markdown(rows: Sequence[Row]) -> str:
    """Table for people."""
    lines = ["| what | wall [s] | ratio | CPU [s] | ratio |", "|---|--:|--:|--:|--:|"]
    for row in rows:
        ratios = ["" if ratio is None else f"{ratio:.1f}" for ratio in (row.wall_ratio, row.cpu_ratio)]
        lines.append(f"| {row.name} | {row.timing.wall:.2f} | {ratios[0]} | {row.timing.cpu:.2f} | {ratios[1]} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure what is asked for, and write sweep_speed.json and sweep_speed.md."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sweep_speed", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("instance", nargs="?", type=Path, default=WORLD)
    parser.add_argument("--points", type=Path, default=WORLD / "sweeps" / "budget-and-chips.toml", metavar="SWEEP.TOML")
    parser.add_argument("--only", nargs="+", choices=["relaxations", "sweep"], default=["relaxations", "sweep"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("results/sweep-speed"), metavar="DIR")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    if "relaxations" in arguments.only:
        rows += measure_relaxations(arguments.instance, repeats=arguments.repeats)
    if "sweep" in arguments.only:
        with tempfile.TemporaryDirectory(dir=arguments.out) as work:
            rows += measure(arguments.instance, arguments.points, Path(work), workers=arguments.workers)
    text = json.dumps([asdict(row) for row in rows], indent=2) + "\n"
    (arguments.out / "sweep_speed.json").write_text(text, encoding="utf-8")
    (arguments.out / "sweep_speed.md").write_text(as_markdown(rows), encoding="utf-8")
    print(as_markdown(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
