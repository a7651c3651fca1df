"""What a worker does for a study: solve points one after another on one live model, and leave each on disk."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from optimizer.instance.instance import Instance
from optimizer.power.join import apply_changes
from optimizer.studies.edits import is_tightened
from optimizer.studies.points import BuildPlan, PointResult, PointSolver
from optimizer.studies.store import FAILED, PointRecord, PointStore, build_digest, record_of

#: Plans of earlier points that a point tries where rounding is not enough; each costs a linear program.
MOST_INHERITED: Final = 2
#: A plan is better than another if its objective is, by more than this share.
BETTER: Final = 1e-9

#: A process solves one point at a time, whatever number of threads a cluster gives it.
_ONE_AT_A_TIME = threading.Lock()


class Work(StrEnum):
    """What to do with the points of an errand."""

    SOLVE = "solve"
    IMPROVE = "improve"


@dataclass(frozen=True)
class PointTask:
    """A point to solve.

    Attributes
    ----------
    related
        Keys of points whose building plans to try, the nearest first.
    """

    key: str
    changes: tuple[str, ...]
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Errand:
    """Points for one worker, in order.

    Attributes
    ----------
    folder
        Folder of the study, which every worker sees under this path.
    instance
        What the changes of the points are made to.
    """

    folder: Path
    instance: Instance
    points: tuple[PointTask, ...]
    work: Work


class UnseenFolderError(RuntimeError):
    """A worker does not see the folder of the study."""


def run_errand(errand: Errand) -> None:
    """Do an errand. A point that fails is recorded with its reason and does not stop the rest.

    Raises
    ------
    UnseenFolderError
        On a machine that does not share the folder.
    """
    if not (errand.folder / ".workers").exists():
        message = f"this worker does not see '{errand.folder}': workers and client must share the folder"
        raise UnseenFolderError(message)
    store = PointStore(errand.folder)
    with _ONE_AT_A_TIME, store.as_worker():
        worker = _Worker(store, errand.instance)
        for task in errand.points:
            if errand.work is Work.SOLVE:
                worker.solve(task)
            else:
                worker.improve(task)


class _Worker:
    """One live model and the points it is led through."""

    def __init__(self, store: PointStore, instance: Instance) -> None:
        self._store = store
        self._instance = instance
        self._solver = self._new_solver()

    def _new_solver(self) -> PointSolver:
        return PointSolver(threads=1, seed=self._instance.settings.solver.seed, stop=threading.Event())

    def solve(self, task: PointTask) -> None:
        """Solve a point unless it is finished."""
        if self._store.has(task.key):
            return
        inherited = self._builds(task.related)[:MOST_INHERITED]
        try:
            instance = apply_changes(self._instance, task.changes)
            result = self._solver.solve(instance, reserve=inherited)
            better = self._better(instance, result, task.related)
        except Exception as error:
            self._fail(task, error)
            return
        if better is None:
            self._store.write(record_of(task.key, task.changes, result, ()), result)
            return
        record = record_of(task.key, task.changes, better, (build_digest(better.build),))
        seconds = result.seconds + better.seconds
        transition = record_of(task.key, task.changes, result, ()).transition
        self._store.write(replace(record, seconds=seconds, transition=transition), better)

    def _better(self, instance: Instance, result: PointResult, related: Sequence[str]) -> PointResult | None:
        """The plan with the building decisions of an earlier point, where that is worth more than it should be.

        A point that allows everything the earlier one does must not be worth less. Done while the model is live: it
        takes one linear program. An earlier plan above the bound of this point is not allowed here as it stands.
        """
        if result.bound is None:
            return None
        best: PointResult | None = None
        for key in related:
            earlier = self._store.read(key)
            if earlier is None or earlier.build is None or not is_better(earlier.objective, (best or result).objective):
                continue
            if is_better(earlier.objective, result.bound):
                continue
            if is_tightened(apply_changes(self._instance, earlier.changes), instance):
                continue
            found = self._solver.adopt(instance, earlier.build, result.bound)
            if found is not None and is_better(found.objective, (best or result).objective):
                best = found
        return best

    def improve(self, task: PointTask) -> None:
        """Give a finished point the building plan of a related one if that is better there."""
        record = self._store.read(task.key)
        assert record is not None, "only finished points are improved"
        known = {*record.tried, *([build_digest(record.build)] if record.build is not None else [])}
        builds = [build for build in self._builds(task.related) if build_digest(build) not in known]
        try:
            best = self._best(record, task, builds)
        except Exception:
            best = None
            self._solver = self._new_solver()
        tried = (*record.tried, *(build_digest(build) for build in builds))
        if best is None:
            self._store.add_tried(task.key, tried)
            return
        improved = record_of(task.key, task.changes, best, tuple(dict.fromkeys(tried)))
        seconds = record.seconds + improved.seconds
        self._store.write(replace(improved, seconds=seconds, transition=record.transition), best)

    def _best(self, record: PointRecord, task: PointTask, builds: Sequence[BuildPlan]) -> PointResult | None:
        instance = apply_changes(self._instance, task.changes)
        bound = self._solver.solve_relaxation(instance).objective if record.bound is None else record.bound
        best: PointResult | None = None
        objective = record.objective
        for build in builds:
            found = self._solver.adopt(instance, build, bound)
            if found is not None and is_better(found.objective, objective):
                best, objective = found, found.objective
        return best

    def _builds(self, keys: Sequence[str]) -> list[BuildPlan]:
        """Different building plans of points, in order; points without one are passed over."""
        records = [record for key in keys if (record := self._store.read(key)) is not None]
        builds = {build_digest(record.build): record.build for record in records if record.build is not None}
        return list(builds.values())

    def _fail(self, task: PointTask, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        record = PointRecord(task.key, task.changes, FAILED, stopped_because="an error", reason=reason)
        self._store.write_failed(record, None)
        self._solver = self._new_solver()  # the live model may be half way to the point that failed


def is_better(objective: float | None, than: float | None) -> bool:
    """Whether an objective, which is maximised, is better than another, by more than rounding."""
    if objective is None or than is None:
        return objective is not None
    return objective > than + BETTER * max(1.0, abs(than))
