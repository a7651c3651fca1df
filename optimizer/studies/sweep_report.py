"""What a sweep found: one table with a row a point, tidy tables of sites, chips and rules, a curve and a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from optimizer.instance.columns import format_value
from optimizer.instance.schema import Objective
from optimizer.plan.tables import ROW_TYPES
from optimizer.studies.report import (
    ACCENT,
    HEAT,
    Cell,
    PlanLink,
    ReportFigure,
    ReportTable,
    StudyReport,
    shown,
    staged_files,
    write_frame,
    write_report,
)
from optimizer.studies.store import FAILED, PointRecord
from optimizer.studies.sweep import SweepOutcome
from optimizer.studies.sweep_points import SweepPoint

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Name of the objective, which is maximised, with its unit; and its column.
OBJECTIVE: Final = {
    Objective.NPV: ("NPV [B USD]", "npv_objective_busd"),
    Objective.COMPUTE: ("compute [million H100e-years]", "compute_objective_h100e_million_years"),
    Objective.COST: ("minus cost [B USD]", "minus_cost_objective_busd"),
}
#: Tidy tables of all points.
TIDY: Final = ("sites", "chips", "policy")
_HEADLINE: Final = ("sites_opened", "gw_online_end", "capex_busd", "chips_million", "tokens_trillion_per_month_end")
#: Map page of a sweep in its folder.
MAP_PAGE: Final = "map.html"
_MOST_BARS: Final = 60


def write_sweep_report(outcome: SweepOutcome) -> StudyReport:
    """Write the tables and the page of a sweep into its folder."""
    write_tidy_tables(outcome)
    report = sweep_report(outcome)
    write_report(outcome.folder, report)
    return report


def sweep_report(outcome: SweepOutcome) -> StudyReport:
    """Everything but the tidy tables."""
    sweep = outcome.sweep
    name, _ = OBJECTIVE[sweep.instance.settings.objective]
    return StudyReport(
        title=sweep.title or f"{sweep.instance.settings.title or sweep.instance.name}: sweep",
        question=f"How do plan and {name} change over {len(sweep.points)} points?",
        findings=tuple(_findings(outcome)),
        tables=(sweep_table(outcome),),
        figures=_figures(outcome),
        sources=plan_links(outcome),
        map_page=map_page(outcome),
    )


def map_page(outcome: SweepOutcome) -> str:
    """Name of the map page of the plans, if one was drawn."""
    return MAP_PAGE if (outcome.folder / MAP_PAGE).is_file() else ""


def plan_links(outcome: SweepOutcome) -> tuple[PlanLink, ...]:
    """Links to the plans of all points that have one."""
    return tuple(
        PlanLink(point.label, f"points/{point.key}") for point in outcome.sweep.points if outcome.record(point).has_plan
    )


# --- tables ----------------------------------------------------------------------------------


def sweep_table(outcome: SweepOutcome) -> ReportTable:
    """One row a point."""
    sweep = outcome.sweep
    axes = _axes(outcome)
    objective = OBJECTIVE[sweep.instance.settings.objective][1]
    columns = (
        "point", "changes", "scenario", *axes, "status", objective, "bound", "gap_rel", "npv_busd", *_HEADLINE,
        "seconds", "model_rebuilt", "stopped_because", "failure", "key",
    )  # fmt: skip
    rows = tuple(_row(point, outcome.record(point), axes) for point in sweep.points)
    note = "The objective is maximised; no plan of a point is better than its bound. The key names the plan's folder."
    return ReportTable("sweep", "Points", columns, rows, note, key_column="key")


def _row(point: SweepPoint, record: PointRecord, axes: Sequence[str]) -> tuple[Cell, ...]:
    turned = {turn.axis: turn.value for turn in point.position.turns}
    headline = record.headline or {}
    gap = record.gap
    relative = None if gap is None or record.objective is None else gap / max(abs(record.objective), 1e-9)
    return (
        point.number,
        point.label,
        point.position.scenario or "",
        *(turned.get(axis) for axis in axes),
        record.status,
        record.objective,
        record.bound,
        relative,
        record.npv_busd,
        *(headline.get(name) for name in _HEADLINE),
        record.seconds,
        record.transition,
        record.stopped_because,
        record.reason,
        point.key,
    )


def _axes(outcome: SweepOutcome) -> tuple[str, ...]:
    """Axes that some point turns, in order."""
    turned = {turn.axis for point in outcome.sweep.points for turn in point.position.turns}
    return tuple(axis for axis in outcome.sweep.axes if axis in turned)


def write_tidy_tables(outcome: SweepOutcome) -> None:
    """Write sites, chips and rules of all plans, each row with its point."""
    frames = {table: tidy_frame(outcome, table) for table in TIDY}
    with staged_files(outcome.folder) as staging:
        for table, frame in frames.items():
            write_frame(staging, table, frame)


def tidy_frame(outcome: SweepOutcome, table: str) -> pd.DataFrame:
    """One plan table of all points below each other."""
    import pandas as pd

    hints = get_type_hints(ROW_TYPES[table])
    names = [column.name for column in fields(ROW_TYPES[table])]
    kinds: dict[str, Any] = {
        name: {str: "string", bool: "bool", int: "int64"}.get(hints[name], "float64") for name in names
    }
    parts = [pd.DataFrame({"point": pd.Series(dtype="int64"), "key": pd.Series(dtype="string")})]
    for point in outcome.sweep.points:
        if outcome.record(point).has_plan:
            file = outcome.folder / "points" / point.key / f"{table}.csv"
            frame = pd.read_csv(file, keep_default_na=False, dtype=kinds)
            frame.insert(0, "point", point.number)
            frame.insert(1, "key", pd.Series([point.key] * len(frame), dtype="string"))
            parts.append(frame)
    if len(parts) == 1:
        empty = {name: pd.Series(dtype=kind) for name, kind in kinds.items()}
        return pd.concat([parts[0], pd.DataFrame(empty)], axis=1)
    return pd.concat(parts[1:], ignore_index=True)


def opened_sites(record: PointRecord) -> frozenset[str]:
    """Sites on which the plan of a point builds something new."""
    return frozenset(site for (site, _), modules in (record.build or {}).items() if modules > 0)


# --- findings --------------------------------------------------------------------------------


def _findings(outcome: SweepOutcome) -> Iterable[str]:
    name, _ = OBJECTIVE[outcome.sweep.instance.settings.objective]
    planned = [(outcome.record(p).objective, p) for p in outcome.sweep.points if outcome.record(p).has_plan]
    known = [(objective, point) for objective, point in planned if objective is not None]
    if known:
        least, most = min(known, key=lambda item: item[0]), max(known, key=lambda item: item[0])
        yield f"The {name} runs from {shown(least[0])} ({least[1].label}) to {shown(most[0])} ({most[1].label})."
        gaps = [gap for _, point in known if (gap := outcome.record(point).gap) is not None]
        yield f"Each is proven to within {shown(max(gaps))}: smaller differences say nothing."
        yield from _site_findings([opened_sites(outcome.record(point)) for _, point in known])
    for status, words in (
        ("infeasible", "no plan can meet the limits"),
        ("no_plan", "no plan was found within the time"),
        (FAILED, "the solve failed; the table has the reason"),
    ):
        found = [point.label for point in outcome.sweep.points if outcome.record(point).status == status]
        if found:
            yield f"At {len(found)} of {len(outcome.sweep.points)} points {words}: {'; '.join(found[:5])}."


def _site_findings(opened: Sequence[frozenset[str]]) -> Iterable[str]:
    always, ever = frozenset.intersection(*opened), frozenset.union(*opened)
    yield f"Built on at every point with a plan: {_names(always)}."
    yield f"Built on at some points only: {_names(ever - always)}."


def _names(sites: Iterable[str]) -> str:
    names = sorted(sites)
    if not names:
        return "no site"
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


# --- figures ---------------------------------------------------------------------------------


def _figures(outcome: SweepOutcome) -> tuple[ReportFigure, ...]:
    name, _ = OBJECTIVE[outcome.sweep.instance.settings.objective]
    planned = [point for point in outcome.sweep.points if outcome.record(point).objective is not None]
    if not planned:
        return ()
    numeric = _numeric_axes(outcome)
    if numeric and all(point.position.coordinates for point in planned):
        axis = max(numeric, key=lambda candidate: len({_value(point, candidate) for point in planned}))
        title = f"{name} over {axis}"
        return (ReportFigure("sweep", title, lambda axes: _draw_curves(axes, outcome, planned, axis), title),)
    high = 1.2 + 0.24 * min(len(planned), _MOST_BARS)
    title = f"{name} of each point"
    return (ReportFigure("sweep", title, lambda axes: _draw_points(axes, outcome, planned), title, (9.0, high)),)


def _numeric_axes(outcome: SweepOutcome) -> list[str]:
    found = []
    for axis in _axes(outcome):
        values = [_value(point, axis) for point in outcome.sweep.points]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            found.append(axis)
    return found


def _value(point: SweepPoint, axis: str) -> Cell:
    return next((turn.value for turn in point.position.turns if turn.axis == axis), None)


def _draw_curves(axes: Axes, outcome: SweepOutcome, points: Sequence[SweepPoint], axis: str) -> None:
    """One curve for every combination of the other axes, with the band between plan and proven bound."""
    curves: dict[str, list[SweepPoint]] = {}
    for point in points:
        others = [f"{turn.axis} {format_value(turn.value)}" for turn in point.position.turns if turn.axis != axis]
        label = ", ".join([*([point.position.scenario] if point.position.scenario else []), *others])
        curves.setdefault(label, []).append(point)
    for label, members in curves.items():
        members.sort(key=lambda point: float(_value(point, axis) or 0))
        x = [float(_value(point, axis) or 0) for point in members]
        records = [outcome.record(point) for point in members]
        y = [float(record.objective or 0) for record in records]
        line = axes.plot(x, y, marker="o", markersize=3.5, linewidth=1.3, label=label or None)[0]
        bound = [float(record.bound or 0) for record in records]
        axes.fill_between(x, y, bound, color=line.get_color(), alpha=0.18, linewidth=0)
    axes.set_xlabel(axis)
    axes.set_ylabel(OBJECTIVE[outcome.sweep.instance.settings.objective][0])
    axes.set_title("line: plan; shade: up to the proven bound", fontsize=8, loc="left")
    if 1 < len(curves) <= 12:
        axes.legend(fontsize=7.5)


def _draw_points(axes: Axes, outcome: SweepOutcome, points: Sequence[SweepPoint]) -> None:
    shown_points = list(points[:_MOST_BARS])[::-1]
    for place, point in enumerate(shown_points):
        record = outcome.record(point)
        value, bound = float(record.objective or 0), float(record.bound or 0)
        axes.plot([value, bound], [place, place], color=HEAT, linewidth=1.6)
        axes.plot([value], [place], marker="o", markersize=4, color=ACCENT)
    axes.set_yticks(range(len(shown_points)), [point.label[:60] for point in shown_points], fontsize=7.5)
    axes.set_xlabel(OBJECTIVE[outcome.sweep.instance.settings.objective][0])
    axes.set_title("dot: plan; line: up to the proven bound", fontsize=8, loc="left")
