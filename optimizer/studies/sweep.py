"""A sweep: changed instances solved side by side, none lost, and no relaxed limit ever with a worse value.

A first pass solves the points that are not on disk yet, chain by chain; each inherits the building plans of related
points of its chain. A second pass gives a point the building plan of a neighbour where that is better: a plan that is
feasible at a tighter point is feasible at a looser one, so that the curve of a pure relaxation is monotone whatever
the gap of each solve.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from optimizer.instance import instance_hash, write_instance
from optimizer.instance.instance import Instance
from optimizer.power.join import apply_changes
from optimizer.studies.edits import is_tightened
from optimizer.studies.errands import BETTER, Errand, PointTask, Work, is_better
from optimizer.studies.executors import Executor, Job, WorkerDiedError
from optimizer.studies.report import staged_files
from optimizer.studies.store import FAILED, PointRecord, PointStore, build_digest
from optimizer.studies.sweep_points import Sweep, SweepPoint

#: File that tells a folder of a sweep from others.
MARK: Final = "sweep.json"
_PAUSE: Final = 0.05  # seconds between looks at the workers
_LOOK: Final = 0.5  # seconds between looks at the points on disk
_MOST_ROUNDS: Final = 50


class BusyError(RuntimeError):
    """Another run works in the same folder."""


@dataclass(frozen=True)
class SweepState:
    """How far a sweep has come; points that share a plan count once."""

    total: int
    finished: int
    failed: int
    pass_name: str = ""

    @property
    def missing(self) -> int:
        """Points not solved yet."""
        return self.total - self.finished


@dataclass(frozen=True)
class SweepOutcome:
    """A finished sweep.

    Attributes
    ----------
    records
        By key of the point.
    solved, kept
        Points solved by this run, and points that were on disk before it.
    """

    sweep: Sweep
    folder: Path
    records: Mapping[str, PointRecord]
    solved: int
    kept: int
    seconds: float

    def record(self, point: SweepPoint) -> PointRecord:
        """Record of a point."""
        return self.records[point.key]


Watch = Callable[[SweepState], None]


def sweep_state(sweep: Sweep, folder: Path, pass_name: str = "") -> SweepState:
    """How far the sweep in a folder has come."""
    store = PointStore(folder)
    records = [store.read(key) for key in sweep.unique]
    failed = sum(record is not None and record.status == FAILED for record in records)
    return SweepState(len(records), sum(record is not None for record in records), failed, pass_name)


def run_sweep(
    sweep: Sweep, folder: Path, executor: Executor, watch: Watch = lambda _: None, *, retry_failed: bool = False
) -> SweepOutcome:
    """Solve what is missing of a sweep, then let neighbours share their plans.

    Parameters
    ----------
    folder
        Study folder; points found there are not solved again.
    watch
        Called from time to time.
    retry_failed
        Solve points again that failed earlier.

    Raises
    ------
    BusyError
        If another run works in the folder.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    store = PointStore(folder)
    with store.exclusively() as alone:
        if not alone:
            message = f"another run is at work in '{folder}'"
            raise BusyError(message)
        store.recover()
        if retry_failed:
            _forget_failed(sweep, store)
        _mark(sweep, folder)
        kept = sum(store.has(key) for key in sweep.unique)
        run = _Run(sweep, store, executor, watch)
        with executor:
            run.solve_missing()
            run.share_plans()
        records = run.records()
    return SweepOutcome(sweep, folder, records, len(records) - kept, kept, time.monotonic() - began)


def _forget_failed(sweep: Sweep, store: PointStore) -> None:
    for key in sweep.unique:
        record = store.read(key)
        if record is not None and record.status == FAILED:
            store.forget(key)


def _mark(sweep: Sweep, folder: Path) -> None:
    """Say what the folder is about, and keep the instance that its changes are made to."""
    points = [{"point": point.number, "label": point.label, "key": point.key} for point in sweep.points]
    document = {
        "schema": 1,
        "instance": {"name": sweep.instance.name, "sha256": instance_hash(sweep.instance)},
        "title": sweep.title,
        "points": points,
    }
    staging = Path(tempfile.mkdtemp(prefix=".staging.", dir=folder))
    write_instance(sweep.instance, staging)
    staging.chmod(0o755)
    shutil.rmtree(folder / "instance", ignore_errors=True)
    staging.rename(folder / "instance")
    with staged_files(folder) as files:
        (files / MARK).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


class _Run:
    """The two passes over the points of a sweep."""

    def __init__(self, sweep: Sweep, store: PointStore, executor: Executor, watch: Watch) -> None:
        self._sweep, self._store, self._executor, self._watch = sweep, store, executor, watch
        self._last_look = -_LOOK
        self._key_of = {point.number: point.key for point in sweep.points}
        self._instances: dict[str, Instance] = {}

    def records(self) -> dict[str, PointRecord]:
        """Records of all points."""
        found = {key: self._store.read(key) for key in self._sweep.unique}
        return {key: record for key, record in found.items() if record is not None}

    # --- first pass --------------------------------------------------------------------------

    def solve_missing(self) -> None:
        errands = [self._errand(tasks, Work.SOLVE) for tasks in map(self._missing, self._sweep.chains()) if tasks]
        self._drain(errands, "solving")

    def _missing(self, chain: Sequence[SweepPoint]) -> tuple[PointTask, ...]:
        tasks = []
        for place, point in enumerate(chain):
            if not self._store.has(point.key):
                near = {self._key_of[number] for number in point.neighbours}
                earlier = [other.key for other in reversed(chain[:place])]
                related = sorted(earlier, key=lambda key: key not in near)  # stable: then the latest first
                tasks.append(PointTask(point.key, point.changes, tuple(related)))
        return tuple(tasks)

    # --- second pass -------------------------------------------------------------------------

    def share_plans(self) -> None:
        """Let neighbours share plans until none gains.

        A worse value than a neighbour's is what a pure relaxation must not show, so only better neighbours are
        asked, and none that is better because it has looser limits: looser ones throughout, or a value above the
        bound here. Along a line of points that settles the line.
        """
        for _ in range(_MOST_ROUNDS):
            records = self.records()
            errands = [
                self._errand(tasks, Work.IMPROVE)
                for chain in self._sweep.chains()
                if (tasks := tuple(self._to_improve(chain, records)))
            ]
            if not errands:
                return
            self._drain(errands, "comparing plans")

    def _to_improve(self, chain: Sequence[SweepPoint], records: Mapping[str, PointRecord]) -> Iterator[PointTask]:
        for point in chain:
            record = records[point.key]
            if record.status in (FAILED, "infeasible") or _is_exact(record):
                continue
            known = {*record.tried, *([build_digest(record.build)] if record.build is not None else [])}
            related = [
                key
                for key in self._neighbours(point)
                if (build := records[key].build) is not None
                and is_better(records[key].objective, record.objective)
                and not (record.bound is not None and is_better(records[key].objective, record.bound))
                and build_digest(build) not in known
                and not is_tightened(self._instance_of(key), self._instance_of(point.key))
            ]
            if related:
                yield PointTask(point.key, point.changes, tuple(related))

    def _neighbours(self, point: SweepPoint) -> list[str]:
        """Keys of the neighbours of a point and of its doubles."""
        doubles = [other for other in self._sweep.points if other.key == point.key]
        return list(dict.fromkeys(self._key_of[number] for other in doubles for number in other.neighbours))

    def _instance_of(self, key: str) -> Instance:
        if key not in self._instances:
            self._instances[key] = apply_changes(self._sweep.instance, self._sweep.unique[key].changes)
        return self._instances[key]

    # --- errands -----------------------------------------------------------------------------

    def _errand(self, tasks: tuple[PointTask, ...], work: Work) -> Errand:
        return Errand(self._store.study, self._sweep.instance, tasks, work)

    def _drain(self, errands: Sequence[Errand], pass_name: str) -> None:
        """Do errands until all are done; what a worker that died had left over goes to another."""
        waiting: list[tuple[Job, Errand]] = [(self._executor.submit(errand), errand) for errand in errands]
        while waiting:
            if time.monotonic() > self._last_look + _LOOK:
                self._last_look = time.monotonic()
                self._watch(sweep_state(self._sweep, self._store.study, pass_name))
            ended = [(job, errand) for job, errand in waiting if job.done()]
            waiting = [(job, errand) for job, errand in waiting if not job.done()]
            for job, errand in ended:
                try:
                    job.result()
                except WorkerDiedError as error:
                    rest = self._without_the_point_that_killed(errand, error)
                    if rest.points:
                        waiting.append((self._executor.submit(rest), rest))
            if waiting and not ended:
                time.sleep(_PAUSE)
        self._watch(sweep_state(self._sweep, self._store.study, pass_name))

    def _without_the_point_that_killed(self, errand: Errand, error: WorkerDiedError) -> Errand:
        if errand.work is Work.IMPROVE:
            for task in errand.points:  # the plans there are stand, and are not compared again
                builds = [record.build for key in task.related if (record := self._store.read(key)) is not None]
                self._store.add_tried(task.key, tuple(build_digest(build) for build in builds if build is not None))
            return Errand(errand.folder, errand.instance, (), errand.work)
        left = [task for task in errand.points if not self._store.has(task.key)]
        if left:
            guilty = left.pop(0)
            record = PointRecord(guilty.key, guilty.changes, FAILED, stopped_because="an error", reason=str(error))
            self._store.write_failed(record, None)
        return Errand(errand.folder, errand.instance, tuple(left), errand.work)


def _is_exact(record: PointRecord) -> bool:
    """Whether no plan can be better, beyond rounding."""
    return record.gap is not None and record.gap <= BETTER * max(1.0, abs(record.objective or 0.0))
