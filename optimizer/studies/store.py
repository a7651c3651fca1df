"""Finished points of a study on disk: each a whole result folder under a content hash, or not there at all."""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from optimizer.instance import write_instance
from optimizer.instance.instance import Instance
from optimizer.plan.writer import write_result
from optimizer.studies.points import BuildPlan, PointResult

SCHEMA: Final = 1
#: Status of a point that could not be solved for a reason other than its instance.
FAILED: Final = "failed"
_OLD: Final = ".old."


@dataclass(frozen=True)
class PointRecord:
    """What is known about a finished point.

    Attributes
    ----------
    status
        As in `PointResult`, or ``failed``.
    reason
        Why it failed, or "".
    objective, bound
        In the unit of the objective, which is maximised; None without a plan.
    transition
        How the live model came to the point: "" for edits, else why it was built anew.
    build
        Modules committed by site and decision period.
    tried
        Digests of the building plans of other points that were tried here.
    """

    key: str
    changes: tuple[str, ...]
    status: str
    stopped_because: str = ""
    reason: str = ""
    objective: float | None = None
    bound: float | None = None
    npv_busd: float | None = None
    seconds: float = 0.0
    transition: str = ""
    build: BuildPlan | None = None
    tried: tuple[str, ...] = ()
    headline: Mapping[str, float] | None = None

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan, in a result folder that passed its audit."""
        return self.build is not None

    @property
    def gap(self) -> float | None:
        """Distance of objective and bound."""
        return None if self.objective is None or self.bound is None else max(0.0, self.bound - self.objective)

    def as_json(self) -> dict[str, Any]:
        """Form of point.json."""
        document: dict[str, Any] = {"schema": SCHEMA, **vars(self), "changes": list(self.changes)}
        document["tried"] = list(self.tried)
        if self.build is not None:
            document["build"] = [[site, date, modules] for (site, date), modules in sorted(self.build.items())]
        return document

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> PointRecord:
        """Read point.json."""
        fields = {name: document[name] for name in PointRecord.__dataclass_fields__}
        build = fields["build"]
        fields["build"] = None if build is None else {(site, date): modules for site, date, modules in build}
        fields["changes"], fields["tried"] = tuple(fields["changes"]), tuple(fields["tried"])
        return PointRecord(**fields)


def record_of(key: str, changes: tuple[str, ...], result: PointResult, tried: tuple[str, ...]) -> PointRecord:
    """Record of a solved point."""
    rebuild = result.transition.rebuild
    detail = f" ({result.transition.detail})" if result.transition.detail else ""
    return PointRecord(
        key=key,
        changes=changes,
        status=result.status,
        stopped_because=result.stopped_because,
        objective=result.objective,
        bound=result.bound,
        npv_busd=result.npv_busd,
        seconds=result.seconds,
        transition="" if rebuild is None else f"{rebuild}{detail}",
        build=None if result.tables is None else dict(result.build),
        tried=tried,
        headline=result.manifest["headline"],
    )


def build_digest(build: BuildPlan) -> str:
    """Short name of a building plan."""
    return sha256(repr(sorted(build.items())).encode()).hexdigest()[:16]


class PointStore:
    """Finished points in ``points/`` of a study folder.

    A point is a folder named by its key: a result folder with ``point.json`` beside the manifest. It appears by one
    rename, so that whoever is killed at any moment leaves a whole point or none.
    """

    def __init__(self, folder: Path) -> None:
        self.study = folder
        self.folder = folder / "points"

    def path(self, key: str) -> Path:
        """Folder of a point."""
        return self.folder / key

    def has(self, key: str) -> bool:
        """Whether a point is finished."""
        return (self.folder / key / "point.json").is_file()

    def read(self, key: str) -> PointRecord | None:
        """Record of a point, or None if it is not finished."""
        try:
            text = (self.folder / key / "point.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return PointRecord.from_json(json.loads(text))

    def write(self, record: PointRecord, result: PointResult) -> None:
        """Put a solved point on disk; an earlier plan of the same point is replaced."""

        def add_record(staging: Path) -> None:
            _write_json(staging / "point.json", record.as_json())

        if result.tables is None:
            self._write_planless(record, result.instance, result.manifest)
        else:
            write_result(self.path(record.key), result.instance, result.tables, lambda: result.manifest, (), add_record)

    def write_failed(self, record: PointRecord, instance: Instance | None) -> None:
        """Put a point that failed on disk, with its instance if that could be made."""
        self._write_planless(record, instance, None)

    def _write_planless(
        self, record: PointRecord, instance: Instance | None, manifest: Mapping[str, Any] | None
    ) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{record.key}.", dir=self.folder))
        staging.chmod(0o755)
        if instance is not None:
            write_instance(instance, staging / "instance")
        if manifest is not None:
            _write_json(staging / "manifest.json", manifest)
        _write_json(staging / "point.json", record.as_json())
        staging.rename(self.path(record.key))

    def add_tried(self, key: str, tried: tuple[str, ...]) -> None:
        """Remember building plans that brought a finished point nothing."""
        record = self.read(key)
        assert record is not None
        merged = dict.fromkeys((*record.tried, *tried))
        temporary = self.folder / f".{key}.json"
        _write_json(temporary, {**record.as_json(), "tried": list(merged)})
        temporary.replace(self.path(key) / "point.json")

    def forget(self, key: str) -> None:
        """Remove a point, so that it is solved again."""
        gone = Path(tempfile.mkdtemp(prefix=".forgotten.", dir=self.folder))
        self.path(key).rename(gone / "point")
        shutil.rmtree(gone)

    def recover(self) -> None:
        """Undo what a killed run left half done. Only for the one who holds `exclusively`."""
        if not self.folder.is_dir():
            return
        for remains in (*sorted(self.folder.glob(".*")), *self.study.glob(".staging.*")):
            if remains.is_file():
                remains.unlink()
                continue
            name, found, _ = remains.name[1:].partition(_OLD)
            if found and (remains / "result").is_dir() and not self.path(name).exists():
                # Killed between the two renames that replace a plan by a better one: the earlier one stands.
                (remains / "result").rename(self.path(name))
            shutil.rmtree(remains, ignore_errors=True)

    # --- locks -------------------------------------------------------------------------------

    @contextmanager
    def exclusively(self) -> Iterator[bool]:
        """Hold the study alone; gives False if somebody else does.

        Workers that a killed run left behind are waited for: they end when they notice.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.study / ".lock").open("w") as mine, (self.study / ".workers").open("w") as workers:
            try:
                fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            fcntl.flock(workers, fcntl.LOCK_EX)
            fcntl.flock(workers, fcntl.LOCK_UN)
            yield True

    @contextmanager
    def as_worker(self) -> Iterator[None]:
        """Be known as one who writes points."""
        with (self.study / ".workers").open("r") as workers:
            fcntl.flock(workers, fcntl.LOCK_SH)
            yield


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")
