"""Searches of a frontier on disk, each whole or not there, so that a killed study goes on where it was."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from optimizer.instance.country_sets import parse_country_set
from optimizer.plan.writer import write_result
from optimizer.studies.frontier_objectives import Values, plan_compute, plan_values
from optimizer.studies.frontier_points import Answer, FrontierRecord
from optimizer.studies.points import PointResult
from optimizer.studies.store import PointStore
from optimizer.studies.study_folder import MARKER, write_marker

RECORD: Final = "frontier.json"


@dataclass(frozen=True)
class Search:
    """A search under way.

    Attributes
    ----------
    asked
        Levels that every plan has to reach, besides the least NPV.
    """

    key: str
    asked: Values
    began: float = field(default_factory=time.monotonic)

    def asking(self, levels: Values) -> Search:
        """The same search, known by other levels."""
        return replace(self, asked=levels)

    def described(self) -> str:
        """Its levels as people say them."""
        return ", ".join(f"{name.label} of {name.text(level)} or better" for name, level in self.asked.items())

    def record(
        self,
        point: PointResult | None,
        allied: str,
        *,
        answer: Answer,
        bound: float | None,
        limit: float | None,
        finished: bool,
    ) -> FrontierRecord:
        """Record of the search, the values of its plan recomputed from the audited tables."""
        tables = None if point is None else point.tables
        values: Values = {}
        compute = gross = 0.0
        if point is not None and tables is not None:
            values = plan_values(point.instance, tables, allied)
            compute = plan_compute(point.instance, tables, parse_country_set(allied)).total
            gross = sum(row.pv_busd for row in tables.cash if row.pv_busd > 0)
        return FrontierRecord(
            key=self.key,
            answer=answer,
            asked=self.asked,
            values=values,
            bound=bound,
            limit=limit,
            compute=compute,
            gross_busd=gross,
            build={} if point is None else dict(point.build),
            headline={} if point is None else dict(point.manifest["headline"]),
            seconds=time.monotonic() - self.began,
            finished=finished,
        )


class BusyError(RuntimeError):
    """Another run works in the same folder."""


class FrontierStore:
    """The folder of a frontier: ``points/KEY`` holds a plan and the record of the search that found it.

    Parameters
    ----------
    folder
        Study folder.
    question
        Digest of all that decides the answer. Points of another question are removed.
    """

    def __init__(self, folder: Path, question: str) -> None:
        self._folder, self._question = folder, question
        self._points = PointStore(folder)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the folder alone, with what is left of an earlier run of the same question.

        Raises
        ------
        BusyError
            If another run holds it.
        """
        with self._points.exclusively() as alone:
            if not alone:
                message = f"another run is at work in '{self._folder}'"
                raise BusyError(message)
            self._points.recover()
            if self._question != self._asked_before():
                self._clear()
                write_marker(self._folder, {"study": "frontier", "question": self._question, "status": "unfinished"})
            yield

    def read(self, key: str) -> FrontierRecord | None:
        """A finished search; None if it is still to be made."""
        try:
            text = (self._points.path(key) / RECORD).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        record = FrontierRecord.from_json(json.loads(text))
        return record if record.finished else None

    def write(self, record: FrontierRecord, point: PointResult | None) -> None:
        """Put a search on disk, with its plan if it has one."""

        def add_record(staging: Path) -> None:
            text = json.dumps(record.as_json(), indent=2, allow_nan=False)
            (staging / RECORD).write_text(text + "\n", encoding="utf-8")

        if point is not None and point.tables is not None:
            path = self._points.path(record.key)
            write_result(path, point.instance, point.tables, lambda: point.manifest, (), add_record)
            return
        self._points.folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{record.key}.", dir=self._points.folder))
        staging.chmod(0o755)
        add_record(staging)
        shutil.rmtree(self._points.path(record.key), ignore_errors=True)
        staging.rename(self._points.path(record.key))

    def _asked_before(self) -> str | None:
        try:
            marker = json.loads((self._folder / MARKER).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        question = marker.get("question")
        return question if isinstance(question, str) else None

    def _clear(self) -> None:
        """Remove what an earlier study left; locks stay."""
        for remains in self._folder.iterdir():
            if remains.name.startswith("."):
                continue
            if remains.is_dir():
                shutil.rmtree(remains)
            else:
                remains.unlink()
        self._points.folder.mkdir()
