"""A frontier as a report and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.studies.frontier_objectives import FrontierObjective, Values
from optimizer.studies.frontier_points import Answer, End, Frontier, FrontierPoint
from optimizer.studies.report import (
    ACCENT,
    INK,
    Cell,
    PlanLink,
    ReportFigure,
    ReportTable,
    StudyReport,
    write_report,
)
from optimizer.studies.study_folder import write_marker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: An end whose NPV exceeds the least NPV by less than this share of the best is held there by that limit.
AT_LIMIT = 0.01
#: Points up to which figures name each.
MOST_NAMES = 16


def write_frontier(folder: Path, study: Frontier) -> None:
    """Write report and tables beside the points, which are there already."""
    write_report(folder, frontier_report(study))
    write_marker(folder, frontier_document(study))


def frontier_report(study: Frontier) -> StudyReport:
    """The report of a frontier."""
    *some, last = (objective.label for objective in study.question.objectives)
    names = f"{', '.join(some)} and {last}"
    plans = [study.best, *(point.record for point in study.points), *(left.record for left in study.left_out)]
    return StudyReport(
        title=f"{study.instance.name}: frontier of {names}",
        question="Which plans are there of which none is better in one objective without being worse in another, "
        "and what does going from one to the next cost?",
        findings=tuple(findings(study)),
        tables=(_point_table(study), _objective_table(study), _end_table(study), _search_table(study)),
        figures=tuple(_figure(study, objective) for objective in study.question.objectives[1:]),
        sources=tuple(PlanLink(record.key, f"points/{record.key}") for record in plans),
    )


# --- findings --------------------------------------------------------------------------------


def findings(study: Frontier) -> list[str]:
    """What a reader should know first."""
    return [
        *_worth(study),
        *(_end_sentence(study, end) for end in study.ends),
        *_steps(study),
        *_certainty(study),
    ]


def _worth(study: Frontier) -> Iterator[str]:
    npv = study.best.values[FrontierObjective.NPV]
    head = f"The plan worth most has a net present value of {FrontierObjective.NPV.text(npv)}."
    if study.least_npv is None or study.question.least_npv is None:
        yield f"{head} The frontier holds plans of any worth."
    else:
        yield (
            f"{head} The frontier holds plans worth at least {study.question.least_npv:.0%} of that, "
            f"{FrontierObjective.NPV.text(study.least_npv)} (--at-least-npv)."
        )


def _end_sentence(study: Frontier, end: End) -> str:
    values, own = end.record.values, end.objective
    others = ", ".join(
        f"{other.label} {other.text(values[other])}" for other in study.question.objectives if other is not own
    )
    word = "Most" if own.sign > 0 else "Least"
    sentence = f"{word} {own.label}: {own.text(values[own])}, with {others}"
    if end.limit is not None:
        sentence += f"; proven: no such plan has {'more' if own.sign > 0 else 'less'} than {own.text(end.limit)}"
    if own is not FrontierObjective.NPV and _is_held(study, end):
        sentence += (
            f". The least NPV holds it there: plans worth less may have {'more' if own.sign > 0 else 'less'} "
            f"{own.label}"
        )
    return f"{sentence}."


def _is_held(study: Frontier, end: End) -> bool:
    best = study.best.values[FrontierObjective.NPV]
    return study.least_npv is not None and end.record.values[FrontierObjective.NPV] - study.least_npv <= AT_LIMIT * abs(
        best
    )


def _steps(study: Frontier) -> Iterator[str]:
    """What each step costs, of a frontier with NPV and one other objective."""
    if not _has_steps(study):
        return
    other = study.question.objectives[1]
    best = study.points[0]
    for point in study.points[1:]:
        cost = best.value(FrontierObjective.NPV) - point.value(FrontierObjective.NPV)
        share = cost / max(abs(best.value(FrontierObjective.NPV)), 1e-9)
        proven = ""
        if best.bound is not None and point.bound is not None:
            least = max(0.0, best.value(FrontierObjective.NPV) - point.bound)
            most = best.bound - point.value(FrontierObjective.NPV)
            proven = f"; by the proven bounds between {least:,.2f} and {most:,.2f}"
        yield (
            f"From {other.text(best.value(other))} to {other.text(point.value(other))} of {other.label}: "
            f"{FrontierObjective.NPV.text(cost)} of net present value ({share:.1%}{proven}), plan {point.key}."
        )


def _certainty(study: Frontier) -> Iterator[str]:
    close = [point for point in study.points if point.too_close]
    unanswered = sum(search.answer is Answer.UNANSWERED for search in study.searches)
    gaps = [gap for point in study.points if (gap := _gap(study, point)) is not None]
    first = study.question.objectives[0]
    text = f"{len(study.points)} plans of {len(study.searches)} searches; {study.skipped} grid points needed none"
    if gaps:
        text += f". The widest gap of a plan to its proven bound is {first.text(max(gaps))}"
    if study.left_out:
        text += f". {len(study.left_out)} plans found are left out, because others are as good in everything"
    yield f"{text}."
    if close:
        yield (
            "Too close to call: " + "; ".join(f"{point.key} against {', '.join(point.too_close)}" for point in close)
            + ". The latter are better in the other objectives, and the gap of their search leaves open whether "
            f"they could be as good in {first.label}. A smaller --gap decides it."
        )  # fmt: skip
    elif len(study.points) > 1:
        yield (
            "Every difference between points exceeds the gaps: it is proven that no plan as good in the other "
            f"objectives as a better point there is as good in {first.label}."
        )
    if unanswered:
        yield f"{unanswered} searches found no plan in the time and did not prove that there is none."
    if not study.complete:
        yield "The study was interrupted; the same command goes on from there."


def _has_steps(study: Frontier) -> bool:
    objectives = study.question.objectives
    return len(objectives) == 2 and objectives[0] is FrontierObjective.NPV


def _gap(study: Frontier, point: FrontierPoint) -> float | None:
    return None if point.bound is None else abs(point.bound - point.value(study.question.objectives[0]))


# --- tables ----------------------------------------------------------------------------------


def _point_table(study: Frontier) -> ReportTable:
    objectives = study.question.objectives
    first = objectives[0]
    columns = ["point", *(objective.column for objective in objectives), f"bound_{first.column}", "best_of"]
    columns += ["too_close_to", "sites_opened", "gw_online_end", "compute_h100e_million_years"]
    steps = dict(_step_costs(study)) if _has_steps(study) else {}
    if _has_steps(study):
        columns.append(_step_column(objectives[1]))
    rows: list[tuple[Cell, ...]] = []
    for point in study.points:
        row: list[Cell] = [point.key, *(point.value(objective) for objective in objectives), point.bound]
        row += [", ".join(point.ends) or None, ", ".join(point.too_close) or None]
        head = point.record.headline
        row += [round(head["sites_opened"]), head["gw_online_end"], point.record.compute]
        rows.append((*row, steps.get(point.key)) if _has_steps(study) else tuple(row))
    note = (
        f"bound: proven, no plan at least as good in the other objectives is better in {first.label}. "
        "best_of: objectives of which it is the best found."
    )
    if _has_steps(study):
        note += f" {_step_column(objectives[1])}: NPV given up against the row above, by what it brings."
    return ReportTable("frontier", "Frontier", tuple(columns), tuple(rows), note, key_column="point")


def _step_column(other: FrontierObjective) -> str:
    return "usd_per_t" if other is FrontierObjective.CARBON else "busd_per_percentage_point"


def _step_costs(study: Frontier) -> Iterator[tuple[str, float]]:
    other = study.question.objectives[1]
    # 1 B USD per Mt is 1,000 USD per t; 1 B USD per unit of a share is 0.01 B USD per percentage point.
    factor = 1000.0 if other is FrontierObjective.CARBON else 0.01
    for before, after in pairwise(study.points):
        gained = other.sign * (after.value(other) - before.value(other))
        if gained > 0:
            cost = before.value(FrontierObjective.NPV) - after.value(FrontierObjective.NPV)
            yield after.key, factor * cost / gained


def _objective_table(study: Frontier) -> ReportTable:
    ideal = {end.objective: end.record.values[end.objective] for end in study.ends}
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (objective.column, objective.definition, ideal.get(objective), study.worst.get(objective))
        for objective in study.question.objectives
    )
    note = "best, worst: over the ends, which is the range of the grid."
    if FrontierObjective.ALLIED_SHARE in study.question.objectives:
        note += f" Allied countries: {study.question.allied}."
    return ReportTable("objectives", "Objectives", ("objective", "definition", "best", "worst"), rows, note)


def _end_table(study: Frontier) -> ReportTable:
    objectives = study.question.objectives
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            str(end.objective),
            *(end.record.values[objective] for objective in objectives),
            end.limit,
            _is_held(study, end) if end.objective is not FrontierObjective.NPV else None,
            end.record.key,
        )
        for end in study.ends
    )
    return ReportTable(
        "ends",
        "Ends",
        ("best_of", *(objective.column for objective in objectives), "limit", "held_by_least_npv", "point"),
        rows,
        "The best of one objective, then of the others in their order. limit: proven, no plan worth enough is better "
        "in that objective. held_by_least_npv: plans worth less than the least NPV may be better.",
        key_column="point",
    )


def _search_table(study: Frontier) -> ReportTable:
    objectives = study.question.objectives
    instead = {left.record.key: left for left in study.left_out}
    rows: list[tuple[Cell, ...]] = []
    for search in study.searches:
        left = instead.get(search.key)
        outcome = str(search.answer) if left is None else ("same plan as" if left.same else "dominated by")
        rows.append(
            (
                search.key,
                *(search.asked.get(objective) for objective in objectives[1:]),
                outcome,
                None if left is None else left.because_of,
                *(search.values.get(objective) for objective in objectives),
                search.bound,
                search.seconds,
            )
        )
    asked = (f"asked_{objective.column}" for objective in objectives[1:])
    found = (objective.column for objective in objectives)
    return ReportTable(
        "searches",
        "Searches",
        ("search", *asked, "outcome", "other", *found, "bound", "seconds"),
        tuple(rows),
        "asked: levels to reach. bound: proven, no plan that reaches them is better in the first objective.",
    )


# --- JSON ------------------------------------------------------------------------------------


def frontier_document(study: Frontier) -> dict[str, Any]:
    """The study as JSON."""
    return {
        "study": "frontier",
        "question": study.question.digest(study.instance),
        "status": "finished" if study.complete else "unfinished",
        "instance": study.instance.name,
        "objectives": {str(objective): objective.definition for objective in study.question.objectives},
        "allied": study.question.allied,
        "best_npv_busd": study.best.values[FrontierObjective.NPV],
        "least_npv_busd": study.least_npv,
        "ends": [
            {
                "objective": str(end.objective),
                "key": end.record.key,
                "limit": end.limit,
                **_by_column(end.record.values),
            }
            for end in study.ends
        ],
        "points": [
            {
                "key": point.key,
                **_by_column(point.record.values),
                "bound": point.bound,
                "best_of": [str(objective) for objective in point.ends],
                "too_close_to": list(point.too_close),
            }
            for point in study.points
        ],
        "left_out": [{"key": left.record.key, "because_of": left.because_of} for left in study.left_out],
        "findings": findings(study),
        "searches": len(study.searches),
        "skipped": study.skipped,
        "seconds": sum(search.seconds for search in study.searches) + study.best.seconds,
    }


def _by_column(values: Values) -> dict[str, float]:
    return {objective.column: value for objective, value in values.items()}


# --- figures ---------------------------------------------------------------------------------


def _figure(study: Frontier, objective: FrontierObjective) -> ReportFigure:
    first = study.question.objectives[0]
    return ReportFigure(
        f"frontier_{objective}",
        f"{first.label.capitalize()} against {objective.label}",
        lambda axes: _draw(axes, study, objective),
        f"Points: plans of the frontier, {objective.label} along, {first.label} up; ticks: proven bounds",
    )


def _draw(axes: Axes, study: Frontier, across: FrontierObjective) -> None:
    first, *others = study.question.objectives
    points = sorted(study.points, key=lambda point: point.value(across))
    x = [_shown(across, point.value(across)) for point in points]
    y = [_shown(first, point.value(first)) for point in points]
    bounds = [_shown(first, point.value(first) if point.bound is None else point.bound) for point in points]
    axes.vlines(x, y, bounds, color="#8a96a3", linewidth=1.0)
    axes.plot(x, bounds, "_", color="#8a96a3", markersize=9, label="proven: no such plan is better")
    colour = next((other for other in others if other is not across), None)
    if colour is None:
        axes.plot(x, y, ":", color=ACCENT, linewidth=1.0)
        axes.plot(x, y, "o", color=ACCENT, label="plans")
    else:
        drawn = axes.scatter(
            x, y, c=[_shown(colour, point.value(colour)) for point in points], cmap="viridis", zorder=3, label="plans",
            edgecolors=INK, linewidths=0.5,
        )  # fmt: skip
        axes.get_figure(root=True).colorbar(drawn, ax=axes, label=_axis(colour))  # type: ignore[union-attr]
    if len(points) <= MOST_NAMES:
        for point, along, up in zip(points, x, y, strict=True):
            axes.annotate(point.key, (along, up), xytext=(5, -11), textcoords="offset points", fontsize=7.5, color=INK)
    axes.margins(x=0.09, y=0.09)
    axes.set_xlabel(f"{_axis(across)}, {'more' if across.sign > 0 else 'less'} is better")
    axes.set_ylabel(_axis(first))
    axes.legend(loc="best", fontsize=8, framealpha=0.9)


def _shown(objective: FrontierObjective, value: float) -> float:
    return 100 * value if objective.is_share else value


def _axis(objective: FrontierObjective) -> str:
    match objective:
        case FrontierObjective.NPV:
            return "net present value, B USD"
        case FrontierObjective.CARBON:
            return "carbon over the plan, Mt CO2"
        case FrontierObjective.ALLIED_SHARE:
            return "allied share of compute, %"
        case FrontierObjective.CONCENTRATION:
            return "largest country's share of compute, %"
