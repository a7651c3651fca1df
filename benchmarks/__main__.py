"""Command line: measure, and write benchmark.json and benchmark.md."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks import cases, process, report, sweeps
from benchmarks.cases import Case
from benchmarks.process import Measurement
from benchmarks.tasks import BUILD, GAP, LP, OURS, TASKS, Task

#: Sites, chips, quarters and seed of drawn instances.
QUICK = ((20, 6, 24, 1), (40, 12, 24, 2))
FULL = ((20, 6, 24, 1), (40, 12, 40, 2), (80, 16, 40, 3), (154, 26, 40, 4))
#: Subjects by the word that selects them.
SUBJECTS = {"build": BUILD, "lp": LP, "gap": GAP}
SWEEP = "sweep"


@dataclass(frozen=True)
class Plan:
    """What to run."""

    cases: tuple[Case, ...]
    tasks: tuple[Task, ...]
    repeats: int
    limit_seconds: float

    def __iter__(self) -> Iterator[tuple[int, Case, Task]]:
        """Rounds outermost: what else the machine does falls on all systems alike."""
        for number in range(self.repeats):
            for case in self.cases:
                for task in self.tasks:
                    yield number, case, task


def main() -> int:
    """Prepare the cases, run everything in turn, and write what came out after every run."""
    arguments = _parser().parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    plan, absent = _plan(arguments)
    software = process.software()
    settings = {"repeats": plan.repeats, "limit_seconds": plan.limit_seconds, "quick": arguments.quick}
    measurements = _known(arguments.out / "benchmark.json", software, settings) if arguments.resume else []
    done = Counter((measurement.task, measurement.case) for measurement in measurements)
    for number, case, task in plan:
        if done[task.name, case.name] > number:
            continue
        print(f"round {number + 1}/{plan.repeats}  {case.name}  {task.name} ...", file=sys.stderr, flush=True)
        measurements.append(process.measure(task.name, case, plan.limit_seconds))
        text = report.as_json(measurements, software, settings)
        (arguments.out / "benchmark.json").write_text(text, encoding="utf-8")
    swept, problem = _sweeps(arguments, plan.repeats)
    absent += [f"sweeps: {problem}"] if problem else []
    table = report.as_markdown(
        measurements, software, repeats=plan.repeats, limit_seconds=plan.limit_seconds, swept=swept, absent=absent
    )
    (arguments.out / "benchmark.md").write_text(table, encoding="utf-8")
    print(table)
    ours_failed = any(m.outcome is None and TASKS[m.task].system == OURS for m in measurements)
    return 1 if ours_failed else 0


def _known(file: Path, software: Mapping[str, str], settings: Mapping[str, object]) -> list[Measurement]:
    """Runs of an earlier, interrupted command with the same versions and settings."""
    if not file.exists():
        return []
    try:
        return report.from_json(file.read_text(encoding="utf-8"), software, settings)
    except ValueError as error:
        message = f"{file}: {error}; take another --out or leave out --resume"
        raise SystemExit(message) from error


def _sweeps(arguments: argparse.Namespace, repeats: int) -> tuple[str, str]:
    """Table of sweeps, and why there is none."""
    if SWEEP not in arguments.only:
        return "", "not asked for"
    if arguments.quick or arguments.instances or arguments.location:
        return "", "measured on the world instance only, and not with --quick: twenty solves take minutes"
    print("sweeps ...", file=sys.stderr, flush=True)
    return sweeps.run(arguments.out, repeats)


def _plan(arguments: argparse.Namespace) -> tuple[Plan, list[str]]:
    """Cases and tasks to run, and what cannot be run."""
    quick = arguments.quick
    tasks = [task for task in TASKS.values() if task.subject in {SUBJECTS.get(word) for word in arguments.only}]
    present = [task for task in tasks if find_spec(task.module) is not None]
    absent = [
        f"{task.system}, {task.subject}: '{task.module}' is not installed" for task in tasks if task not in present
    ]
    work = process.folder_for_work(arguments.out)
    print("preparing instances and models ...", file=sys.stderr, flush=True)
    plan = Plan(
        cases=tuple(_cases(arguments.instances, arguments.location, work, quick=quick)),
        tasks=tuple(present),
        repeats=arguments.repeats or (1 if quick else 3),
        limit_seconds=arguments.limit or (30 if quick else 600),
    )
    return plan, absent


def _cases(instances: Sequence[Path], location: Sequence[Path], work: Path, *, quick: bool) -> Iterator[Case]:
    for folder in instances:
        yield cases.prepare(folder, work)
    yield from cases.import_location(location, work)
    if not instances and not location:
        if not quick:
            yield cases.prepare(cases.ROOT / "instances" / "world-2026", work)
        for size in QUICK if quick else FULL:
            yield cases.draw(*size, work)


def _parser() -> argparse.ArgumentParser:
    words = [*SUBJECTS, SWEEP]
    parser = argparse.ArgumentParser(
        prog="scripts/benchmark",
        description="Measure building, relaxation, time to gap and sweeps: ours against others, each in a process.",
        epilog="Without instances: world-2026 and four drawn ones. The whole takes hours; --quick some minutes.",
    )
    parser.add_argument("instances", nargs="*", type=Path, metavar="INSTANCE", help="measure these instead")
    parser.add_argument("--location", nargs="+", type=Path, default=[], metavar="FILE", help="location problems")
    parser.add_argument("--quick", action="store_true", help="two small instances, once, 30 s each")
    parser.add_argument("--only", nargs="+", choices=words, default=words, help="subjects")
    parser.add_argument("--repeats", type=int, metavar="N", help="runs of everything (default: 3)")
    parser.add_argument("--limit", type=float, metavar="SECONDS", help="time limit of a solve (default: 600)")
    parser.add_argument("--resume", action="store_true", help="go on where an interrupted command with this --out was")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark"), metavar="DIR")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
