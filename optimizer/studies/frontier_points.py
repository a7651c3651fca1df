"""Points of a frontier: what was asked, what was found, which are dominated, which are too close to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from optimizer import __version__
from optimizer.instance import instance_hash
from optimizer.instance.instance import Instance
from optimizer.studies.frontier_objectives import FrontierObjective, Values
from optimizer.studies.points import BuildPlan

#: Values closer than this, relative to their size, are the same.
SAME = 1e-6


class Answer(StrEnum):
    """What a search ended with."""

    PLAN = "plan"
    IMPOSSIBLE = "impossible"
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class FrontierRecord:
    """One search of a frontier, as it is kept on disk.

    Attributes
    ----------
    key
        Folder under ``points/``.
    asked
        Levels that every plan searched had to reach, besides the least NPV.
    values
        Of the plan, from its audited tables; empty without one.
    bound
        Proven: no plan that reaches ``asked`` is better in the first objective; None if nothing is proven.
    limit
        Of an end: proven limit on its own objective among all plans worth at least the least NPV.
    compute, gross_busd
        Compute over the plan [million H100e-years], and present value of its inflows.
    finished
        False if an interrupt or an error in the search left it half done: it is searched again.
    """

    key: str
    answer: Answer
    asked: Values
    values: Values
    bound: float | None
    limit: float | None
    compute: float
    gross_busd: float
    build: BuildPlan
    headline: Mapping[str, float]
    seconds: float
    finished: bool

    def as_json(self) -> dict[str, Any]:
        """Form of frontier.json."""
        document = dict(vars(self))
        document["asked"] = {str(name): level for name, level in self.asked.items()}
        document["values"] = {str(name): value for name, value in self.values.items()}
        document["build"] = [[site, date, modules] for (site, date), modules in sorted(self.build.items())]
        document["headline"] = dict(self.headline)
        return document

    def line(self, objectives: Sequence[FrontierObjective]) -> str:
        """What is told when the search ends."""
        if self.answer is not Answer.PLAN:
            found = "no such plan" if self.answer is Answer.IMPOSSIBLE else "no answer within the time"
        else:
            known = [name for name in objectives if name in self.values]
            found = ", ".join(f"{name.label} {name.text(self.values[name])}" for name in known)
        proven = (
            ""
            if self.bound is None or self.answer is not Answer.PLAN
            else (f" (no better than {objectives[0].text(self.bound)})")
        )
        return f"{self.key}: {found}{proven}, {self.seconds:.1f} s"

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> FrontierRecord:
        """Read frontier.json."""
        fields = {name: document[name] for name in FrontierRecord.__dataclass_fields__}
        fields["answer"] = Answer(fields["answer"])
        for name in ("asked", "values"):
            fields[name] = {FrontierObjective(key): value for key, value in fields[name].items()}
        fields["build"] = {(site, date): modules for site, date, modules in fields["build"]}
        return FrontierRecord(**fields)


@dataclass(frozen=True)
class FrontierPoint:
    """A plan that no plan found dominates.

    Attributes
    ----------
    bound
        Proven: no plan at least as good in every other objective is better in the first; None if nothing is proven.
    ends
        Objectives of which it is the best found.
    too_close
        Points better in the other objectives whose proven bound does not rule out that they, searched on, would turn
        out as good in the first objective as well.
    """

    record: FrontierRecord
    bound: float | None
    ends: tuple[FrontierObjective, ...]
    too_close: tuple[str, ...]

    @property
    def key(self) -> str:
        """Folder under ``points/``."""
        return self.record.key

    def value(self, objective: FrontierObjective) -> float:
        """Value of an objective."""
        return self.record.values[objective]


@dataclass(frozen=True)
class LeftOut:
    """A plan found that is no point, because another one is as good in everything."""

    record: FrontierRecord
    because_of: str
    same: bool


class FrontierError(ValueError):
    """The question has no answer; the message tells the user why."""


@dataclass(frozen=True)
class FrontierQuestion:
    """What a frontier is asked.

    Attributes
    ----------
    objectives
        At least two; the first one is searched for at levels of the others. NPV comes first if it is among them.
    points
        Levels of each objective but the first, ends included.
    least_npv
        Share of the best NPV that every plan must be worth; None for no such limit.
    allied
        Country set.
    """

    objectives: tuple[FrontierObjective, ...]
    points: int
    least_npv: float | None
    allied: str

    def digest(self, instance: Instance) -> str:
        """Digest of all that decides the answer."""
        return sha256(f"{__version__} {instance_hash(instance)} {self!r}".encode()).hexdigest()


@dataclass(frozen=True)
class End:
    """The best of one objective.

    Attributes
    ----------
    limit
        Proven: no plan worth enough is better; None if nothing is proven.
    """

    objective: FrontierObjective
    record: FrontierRecord
    limit: float | None


@dataclass(frozen=True)
class Frontier:
    """The study.

    Attributes
    ----------
    best
        The plan worth most.
    least_npv
        NPV that every plan must be worth [B USD]; None for no such limit.
    worst
        Least good value of each objective at any end: where the grid begins.
    points
        Best in the first objective first.
    searches
        All searches made, ends included; `skipped` more needed none.
    complete
        False if the study was interrupted.
    """

    instance: Instance
    question: FrontierQuestion
    best: FrontierRecord
    least_npv: float | None
    ends: tuple[End, ...]
    worst: Values
    points: tuple[FrontierPoint, ...]
    left_out: tuple[LeftOut, ...]
    searches: tuple[FrontierRecord, ...]
    skipped: int
    complete: bool


def reaches(values: Values, levels: Values, tolerance: Values) -> bool:
    """Whether values are at least as good as levels."""
    return all(
        objective.at_least_as_good(values[objective], level, tolerance.get(objective, 0.0))
        for objective, level in levels.items()
    )


def is_looser(levels: Values, others: Values, tolerance: Values) -> bool:
    """Whether every plan that reaches the other levels reaches these."""
    return all(
        objective in others and objective.at_least_as_good(others[objective], level, tolerance[objective])
        for objective, level in levels.items()
    )


def tolerances(records: Sequence[FrontierRecord], objectives: Sequence[FrontierObjective]) -> Values:
    """Differences that are rounding."""
    return {
        objective: SAME * max([1e-3, *(abs(record.values[objective]) for record in records)])
        for objective in objectives
    }


def without_dominated(
    records: Sequence[FrontierRecord], objectives: Sequence[FrontierObjective], tolerance: Values
) -> tuple[list[FrontierRecord], list[LeftOut]]:
    """Part plans into those that no other one dominates, best in the first objective first, and the rest.

    A plan is dominated if another is at least as good in every objective and better in one. Of plans with the
    same values the first is kept.
    """
    kept: list[FrontierRecord] = []
    left_out: list[LeftOut] = []
    for number, record in enumerate(records):
        for place, other in enumerate(records):
            if place == number or not _covers(other, record, objectives, tolerance):
                continue
            same = _covers(record, other, objectives, tolerance)
            if not same or place < number:
                left_out.append(LeftOut(record, other.key, same))
                break
        else:
            kept.append(record)
    first = objectives[0]
    kept.sort(key=lambda record: (-first.sign * record.values[first], record.key))
    return kept, left_out


def _covers(
    one: FrontierRecord, other: FrontierRecord, objectives: Sequence[FrontierObjective], tolerance: Values
) -> bool:
    wanted = {objective: other.values[objective] for objective in objectives}
    return reaches(one.values, wanted, tolerance)


def points_of(
    records: Sequence[FrontierRecord],
    searches: Sequence[FrontierRecord],
    objectives: Sequence[FrontierObjective],
    tolerance: Values,
) -> tuple[FrontierPoint, ...]:
    """Points of plans that are not dominated, with what every search has proven about them.

    Parameters
    ----------
    searches
        All searches, whether they found a plan or not.
    """
    first, others = objectives[0], objectives[1:]
    bounds = {record.key: _bound(record, searches, objectives, tolerance) for record in records}
    best = {objective: max(objective.sign * record.values[objective] for record in records) for objective in objectives}
    points: list[FrontierPoint] = []
    for record in records:
        ends = tuple(
            objective
            for objective in objectives
            if objective.sign * record.values[objective] >= best[objective] - tolerance[objective]
        )
        wanted = {objective: record.values[objective] for objective in others}
        close = tuple(
            other.key
            for other in records
            if other is not record
            and reaches(other.values, wanted, tolerance)
            and not _proves_worse(first, bounds[other.key], record.values[first])
        )
        points.append(FrontierPoint(record, bounds[record.key], ends, close))
    return tuple(points)


def _bound(
    record: FrontierRecord,
    searches: Sequence[FrontierRecord],
    objectives: Sequence[FrontierObjective],
    tolerance: Values,
) -> float | None:
    """Best proven bound of all searches that asked no more than the plan reaches."""
    first = objectives[0]
    levels = {objective: record.values[objective] for objective in objectives[1:]}
    known = [
        search.bound
        for search in searches
        if search.bound is not None
        and search.answer is not Answer.IMPOSSIBLE
        and (search.key == record.key or is_looser(search.asked, levels, tolerance))
    ]
    if not known:
        return None
    tightest = min(known) if first.sign > 0 else max(known)
    return first.better(tightest, record.values[first])


def _proves_worse(first: FrontierObjective, bound: float | None, value: float) -> bool:
    return bound is not None and first.sign * (value - bound) > 0
