"""Robustness, tornado and frontier of a study folder, for its map page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from maps.view.prices import price_views
from maps.view.study import FrontierAxis, FrontierPoint, SiteStanding, SiteSupport, SlackView, StudyView, SwingView
from optimizer.instance import load_instance
from optimizer.instance.columns import format_value
from optimizer.studies.alternatives import Standing
from optimizer.studies.frontier_objectives import FrontierObjective
from optimizer.studies.store import PointRecord, PointStore
from optimizer.studies.sweep import SweepOutcome
from optimizer.studies.sweep_report import OBJECTIVE
from optimizer.studies.tornado import Swing, make_tornado, swings

_SUREST_FIRST = (
    Standing.MUST, Standing.OBSERVED_ALWAYS, Standing.FREE, Standing.OBSERVED_NEVER, Standing.NEVER
)  # fmt: skip


def sweep_view(folder: Path, document: Mapping[str, Any]) -> StudyView:
    """What a finished sweep or tornado found.

    Parameters
    ----------
    document
        Contents of its ``sweep.json``.
    """
    store = PointStore(folder)
    keys = list(dict.fromkeys(entry["key"] for entry in document["points"]))
    records = {key: record for key in keys if (record := store.read(key)) is not None}
    planned = [record for record in records.values() if record.has_plan]
    support = robustness(planned)
    outcome = _tornado(folder, document, records)
    if outcome is None:
        return StudyView(plans=len(planned), robustness=support)
    base = outcome.record(outcome.sweep.points[0])
    return StudyView(
        plans=len(planned),
        robustness=support,
        objective=OBJECTIVE[outcome.sweep.instance.settings.objective][0],
        base=base.objective,
        swings=tuple(map(_swing, swings(outcome))) if base.objective is not None else (),
    )


def robustness(planned: Iterable[PointRecord]) -> tuple[SiteSupport, ...]:
    """Sites that some plan builds on, those of most plans first; empty if there are fewer than two plans."""
    plans = list(planned)
    if len(plans) < 2:  # one says nothing about what stays
        return ()
    firsts: dict[str, list[str]] = {}
    for record in plans:
        begun: dict[str, str] = {}
        for (site, date), modules in (record.build or {}).items():
            if modules > 0:
                begun[site] = min(date, begun.get(site, date))
        for site, date in begun.items():
            firsts.setdefault(site, []).append(date)
    found = [SiteSupport(site, len(dates), min(dates), max(dates)) for site, dates in firsts.items()]
    return tuple(sorted(found, key=lambda one: (-one.plans, one.earliest, one.site)))


def _tornado(folder: Path, document: Mapping[str, Any], records: Mapping[str, PointRecord]) -> SweepOutcome | None:
    """The folder as a tornado, if its points are those of the tornado of its instance."""
    if not str(document["title"]).endswith(": tornado") or not (folder / "instance").is_dir():
        return None
    sweep = make_tornado(load_instance(folder / "instance"))
    keys = [point.key for point in sweep.points]
    if keys != [entry["key"] for entry in document["points"]] or any(key not in records for key in keys):
        return None
    return SweepOutcome(sweep, folder, records, solved=0, kept=len(keys), seconds=0.0)


def _swing(one: Swing) -> SwingView:
    moves = frozenset[str]().union(*one.enters, *one.leaves)
    return SwingView(
        assumption=one.assumption,
        low=format_value(one.low.position.turns[0].value),
        high=format_value(one.high.position.turns[0].value),
        objective_low=one.low_record.objective,
        objective_high=one.high_record.objective,
        swing=one.swing,
        proven=one.certain,
        status_low=one.low_record.status,
        status_high=one.high_record.status,
        moves=tuple(sorted(moves)),
    )


def solved_view(document: Mapping[str, Any]) -> StudyView:
    """What the ``study.json`` of any other study says that the page can show."""
    match document.get("study"):
        case "frontier":
            return frontier_view(document)
        case "alternatives":
            return alternatives_view(document)
        case "price":
            return StudyView(prices=price_views(document), priced=str(document["base"]["key"]))
    return StudyView()


def alternatives_view(document: Mapping[str, Any]) -> StudyView:
    """What the ``study.json`` of alternatives says of every site, those most surely built first."""
    slacks = sorted(document["slacks"], key=lambda slack: slack["share"])
    found = [document["sites"][f"{slack['share']:g}"] for slack in slacks]
    rows = [
        SiteStanding(
            site, tuple(one[site]["standing"] for one in found), tuple(one[site]["certified"] for one in found)
        )
        for site in found[0]
    ]
    order = [str(standing) for standing in _SUREST_FIRST]
    return StudyView(
        slacks=tuple(SlackView(slack["share"], slack["least_npv_busd"]) for slack in slacks),
        standings=tuple(sorted(rows, key=lambda row: [order.index(one) for one in row.standings])),
    )


def frontier_view(document: Mapping[str, Any]) -> StudyView:
    """The frontier of a ``study.json``."""
    objectives = [FrontierObjective(name) for name in document["objectives"]]
    points = tuple(
        FrontierPoint(
            str(point["key"]).replace("_", " "), tuple(point[one.column] for one in objectives), point["bound"]
        )
        for point in document["points"]
    )
    axes = tuple(FrontierAxis(_axis_label(one), one.sign > 0) for one in objectives)
    return StudyView(axes=axes, frontier=points)


def _axis_label(objective: FrontierObjective) -> str:
    match objective:
        case FrontierObjective.NPV:
            return "Net present value, B USD"
        case FrontierObjective.CARBON:
            return "Carbon over the plan, Mt CO₂"
        case FrontierObjective.ALLIED_SHARE:
            return "Allied share of compute"
        case FrontierObjective.CONCENTRATION:
            return "Largest country's share of compute"
