"""A tornado: every ranged assumption at its low and its high, re-solved, and ranked by how much it moves the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from optimizer.instance.columns import format_value
from optimizer.instance.instance import Instance
from optimizer.studies.report import (
    ACCENT,
    HEAT,
    INK,
    Cell,
    ReportFigure,
    ReportTable,
    StudyReport,
    shown,
    write_report,
)
from optimizer.studies.store import PointRecord
from optimizer.studies.sweep import SweepOutcome
from optimizer.studies.sweep_file import SweepFile, SweepSettings
from optimizer.studies.sweep_points import Sweep, SweepPoint, make_sweep
from optimizer.studies.sweep_report import OBJECTIVE, map_page, opened_sites, plan_links, sweep_table, write_tidy_tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_BARS: Final = 40


@dataclass(frozen=True)
class Swing:
    """What one assumption does to the plan between its low and its high.

    Attributes
    ----------
    low, high
        Points at the ends of its range.
    swing
        Best less worst objective of low, base and high; None if one of them has no plan.
    certain
        What of the swing is proven: how far the best plan lies above the bound of the worst point.
    enters, leaves
        At the low and at the high end: sites built on there and not at the base, and the other way round.
    """

    assumption: str
    low: SweepPoint
    high: SweepPoint
    low_record: PointRecord
    high_record: PointRecord
    swing: float | None
    certain: float | None
    enters: tuple[frozenset[str], frozenset[str]]
    leaves: tuple[frozenset[str], frozenset[str]]


def make_tornado(instance: Instance) -> Sweep:
    """Points of a tornado: the base, and low and high of every row of assumptions.csv.

    Raises
    ------
    InstanceError
        If there are no assumptions, or one leads out of what the format allows.
    """
    title = f"{instance.settings.title or instance.name}: tornado"
    settings = SweepSettings(title=title, one_at_a_time=True)
    return make_sweep(instance, SweepFile(settings))


def swings(outcome: SweepOutcome) -> tuple[Swing, ...]:
    """Swings, those without a plan at one end first, then the widest first."""
    base = outcome.record(outcome.sweep.points[0])
    ends: dict[str, dict[str, SweepPoint]] = {}
    for point in outcome.sweep.points:
        if point.position.range_end:
            ends.setdefault(point.position.turns[0].axis, {})[point.position.range_end] = point
    found = [_swing(name, pair["low"], pair["high"], base, outcome) for name, pair in ends.items()]
    return tuple(sorted(found, key=lambda one: (one.swing is not None, -(one.swing or 0.0), one.assumption)))


def _swing(name: str, low: SweepPoint, high: SweepPoint, base: PointRecord, outcome: SweepOutcome) -> Swing:
    records = (outcome.record(low), base, outcome.record(high))
    objectives = [record.objective for record in records]
    bounds = [record.bound for record in records]
    swing: float | None = None
    certain: float | None = None
    known = [value for value in objectives if value is not None]
    limits = [value for value in bounds if value is not None]
    if len(known) == len(limits) == len(records):
        swing = max(known) - min(known)
        certain = max(0.0, max(known) - min(limits))
    built = [opened_sites(record) for record in records]
    enters, leaves = [], []
    for end in (0, 2):
        comparable = records[end].has_plan and base.has_plan
        enters.append(built[end] - built[1] if comparable else frozenset())
        leaves.append(built[1] - built[end] if comparable else frozenset())
    return Swing(
        name, low, high, records[0], records[2], swing, certain, (enters[0], enters[1]), (leaves[0], leaves[1])
    )


# --- report ----------------------------------------------------------------------------------


def write_tornado_report(outcome: SweepOutcome) -> StudyReport:
    """Write tables, plot and page of a tornado into its folder."""
    write_tidy_tables(outcome)
    report = tornado_report(outcome)
    write_report(outcome.folder, report)
    return report


def tornado_report(outcome: SweepOutcome) -> StudyReport:
    """Everything but the tidy tables."""
    found = swings(outcome)
    name, _ = OBJECTIVE[outcome.sweep.instance.settings.objective]
    base = outcome.record(outcome.sweep.points[0])
    figures: tuple[ReportFigure, ...] = ()
    drawn = [one for one in found if one.low_record.objective is not None or one.high_record.objective is not None]
    if base.objective is not None and drawn:
        title = f"{name} at the low and the high of each assumption"
        high = 1.3 + 0.3 * min(len(drawn), _MOST_BARS)
        figures = (ReportFigure("tornado", title, lambda axes: _draw(axes, drawn, base, name), title, (9.5, high)),)
    return StudyReport(
        title=outcome.sweep.title,
        question=f"Which chosen number moves the {name} most, and which campuses depend on it?",
        findings=tuple(_findings(outcome, found, base)),
        tables=(_table(found, base, name), sweep_table(outcome)),
        figures=figures,
        sources=plan_links(outcome),
        map_page=map_page(outcome),
    )


def _findings(outcome: SweepOutcome, found: Sequence[Swing], base: PointRecord) -> Iterable[str]:
    name, _ = OBJECTIVE[outcome.sweep.instance.settings.objective]
    if base.objective is None:
        yield f"The instance as it stands has no plan ({base.status}); there is nothing to compare with."
        return
    yield f"As it stands: {name} {shown(base.objective)}, proven to within {shown(base.gap)}."
    for one in [swing for swing in found if swing.swing is not None][:3]:
        ends = f"{shown(one.low_record.objective)} at the low and {shown(one.high_record.objective)} at the high"
        yield f"{one.assumption}: a swing of {shown(one.swing)}, {ends}."
    for one in found:
        for word, record in (("low", one.low_record), ("high", one.high_record)):
            if not record.has_plan:
                why = record.reason or record.stopped_because
                yield f"{one.assumption} at its {word}: {record.status.replace('_', ' ')}; {why}."
    small = [one.assumption for one in found if one.swing is not None and not one.certain]
    if small:
        yield f"Not larger than what the solves leave open, so no difference is proven: {', '.join(small)}."
    moved = [one.assumption for one in found if any((*one.enters, *one.leaves))]
    yield f"Which sites are built on depends on: {', '.join(moved) or 'no assumption'}."


def _table(found: Sequence[Swing], base: PointRecord, name: str) -> ReportTable:
    columns = (
        "rank", "assumption", "low", "high", "low_change", "high_change", "objective_low", "objective_base",
        "objective_high", "swing", "swing_proven", "enter_at_low", "leave_at_low", "enter_at_high", "leave_at_high",
        "status_low", "status_high", "key_low", "key_high",
    )  # fmt: skip
    rows = tuple(_row(rank, one, base) for rank, one in enumerate(found, start=1))
    note = f"Objectives: {name}. Proven: the part of the swing that the bounds of the solves do not leave open."
    return ReportTable("tornado", "Assumptions by swing", columns, rows, note)


def _row(rank: int, one: Swing, base: PointRecord) -> tuple[Cell, ...]:
    low, high = one.low.position.turns[0], one.high.position.turns[0]
    return (
        rank,
        one.assumption,
        format_value(low.value),
        format_value(high.value),
        low.change,
        high.change,
        one.low_record.objective,
        base.objective,
        one.high_record.objective,
        one.swing,
        one.certain,
        " ".join(sorted(one.enters[0])),
        " ".join(sorted(one.leaves[0])),
        " ".join(sorted(one.enters[1])),
        " ".join(sorted(one.leaves[1])),
        one.low_record.status,
        one.high_record.status,
        one.low.key,
        one.high.key,
    )


def _draw(axes: Axes, found: Sequence[Swing], base: PointRecord, name: str) -> None:
    """Bars from the base to each end; thin lines show how far the bound of the end lies above its plan."""
    assert base.objective is not None
    bars = list(found[:_MOST_BARS])[::-1]
    for place, one in enumerate(bars):
        for record, colour in ((one.low_record, ACCENT), (one.high_record, HEAT)):
            if record.objective is not None and record.bound is not None:
                axes.barh(place, record.objective - base.objective, left=base.objective, height=0.62, color=colour)
                axes.plot([record.objective, record.bound], [place, place], color=INK, linewidth=0.9)
    axes.axvline(base.objective, color=INK, linewidth=1)
    labels = [
        f"{one.assumption} [{format_value(one.low.position.turns[0].value)}, "
        f"{format_value(one.high.position.turns[0].value)}]"
        for one in bars
    ]
    axes.set_yticks(range(len(bars)), labels, fontsize=8)
    axes.set_xlabel(name)
    axes.set_title("blue: low, orange: high; thin line: up to the proven bound", fontsize=8, loc="left")
