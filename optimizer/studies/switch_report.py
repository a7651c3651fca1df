"""Switch points as a report and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.instance.schema import Objective
from optimizer.studies.plan_changes import gw_text
from optimizer.studies.points import PointResult
from optimizer.studies.report import HEAT, Cell, PlanLink, ReportFigure, ReportTable, StudyReport, write_report
from optimizer.studies.study_folder import staged_study, write_marker
from optimizer.studies.switch import Stretch, Switch, SwitchKind, SwitchStudy, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNITS = {Objective.NPV: "B USD", Objective.COMPUTE: "M H100e-years", Objective.COST: "B USD"}
#: Changed sites that a finding names.
SITES_NAMED = 6
#: Plans on both sides of a switch whose objectives differ by no more than this share are worth the same there.
SAME_WORTH = 1e-3


def write_switch_study(folder: Path, study: SwitchStudy) -> None:
    """Write report, tables and every plan, whole or not at all."""
    with staged_study(folder) as staging:
        for key, point in _keyed_points(study):
            if not (staging / "points" / key).exists():
                point.write(staging / "points" / key)
        write_report(staging, switch_report(study))
        write_marker(staging, switch_document(study))


def switch_report(study: SwitchStudy) -> StudyReport:
    """The report of a study of switch points."""
    question = study.question
    low, high = value_text(question.low), value_text(question.high)
    points = dict(_keyed_points(study))
    return StudyReport(
        title=f"{question.instance.name}: where the plan changes with {question.knob}",
        question=f"At which values of {question.knob} ({question.mode}) between {low} and {high} "
        "does the best plan change, and how?",
        findings=tuple(findings(study)),
        tables=(_switch_table(study), _site_table(study), _curve_table(study)),
        figures=(
            ReportFigure(
                "switch",
                "Value of the plans over the knob",
                lambda axes: _draw(axes, study),
                "Lines: value of each plan, its building decisions held; dashed: switch points",
            ),
        ),
        sources=tuple(PlanLink(key, f"points/{key}") for key in points),
    )


def findings(study: SwitchStudy) -> list[str]:
    """What a reader should know first."""
    count, unit = len(study.switches), _unit(study)
    lines = [f"The plan changes {count} {'time' if count == 1 else 'times'}."]
    lines += [_switch_sentence(study, switch) for switch in study.switches]
    lines.append(
        f"Plans whose values differ by less than {study.noise:.4g} {unit} (the gap asked) everywhere are not told "
        "apart; between the searched values a plan that is best only there would not be seen."
    )
    if not study.complete:
        lines.append("The study was stopped before every crossing was searched: there may be more switches.")
    return lines


def switch_document(study: SwitchStudy) -> dict[str, Any]:
    """The study as JSON."""
    question = study.question
    return {
        "study": "switch",
        "instance": question.instance.name,
        "knob": question.knob,
        "mode": str(question.mode),
        "between": [question.low, question.high],
        "tolerance": question.tolerance,
        "noise": study.noise,
        "unit": _unit(study),
        "complete": study.complete,
        "switches": [
            _switch_document(switch, *pair) for switch, pair in zip(study.switches, _pairs(study), strict=True)
        ],
        "stretches": [
            {
                "plan": stretch.label,
                "from": stretch.first,
                "to": stretch.last,
                "points": [
                    {
                        "value": value,
                        "objective": None if point is None else point.objective,
                        "key": _key(stretch, value),
                    }
                    for value, point in stretch.points
                ],
            }
            for stretch in study.stretches
        ],
    }


def _switch_document(switch: Switch, before: Stretch, after: Stretch) -> dict[str, Any]:
    return {
        "lower": switch.lower,
        "upper": switch.upper,
        "why": str(switch.kind),
        "before": None if switch.before is None else _key(before, switch.lower),
        "after": None if switch.after is None else _key(after, switch.upper),
        "objective_before": None if switch.before is None else switch.before.objective,
        "objective_after": None if switch.after is None else switch.after.objective,
        "room": switch.room,
        "sites": [asdict(change) for change in switch.sites],
        "gw_by_country": dict(switch.gw),
    }


def _switch_sentence(study: SwitchStudy, switch: Switch) -> str:
    where = _where(study, switch)
    text = f"{where}: {switch.kind}"
    sides = (switch.before, switch.after)
    worth = [point.objective for point in sides if point is not None and point.objective is not None]
    if switch.kind is SwitchKind.OVERTAKEN and len(worth) == len(sides):
        text += f", {_worth_words(study, switch, *worth)}"
    sites = [change.sentence for change in switch.sites]
    if sites:
        more = len(sites) - SITES_NAMED
        text += ". " + "; ".join(sites[:SITES_NAMED]) + (f"; and {more} more" if more > 0 else "")
    gw = gw_text(switch.gw)
    return text + (f". Capacity at the end: {gw}." if gw else ".")


def _worth_words(study: SwitchStudy, switch: Switch, before: float, after: float) -> str:
    """What both plans are worth where they change places; each at its own end where these are too far apart."""
    if abs(after - before) <= SAME_WORTH * max(1.0, abs(before)):
        return f"both worth {before:.4f} {_unit(study)}"
    lower, upper = _short(switch.lower), _short(switch.upper)
    return f"the one before worth {before:.4f} {_unit(study)} at {lower}, the one after {after:.4f} at {upper}"


def _where(study: SwitchStudy, switch: Switch) -> str:
    if study.question.whole:
        return f"From {value_text(switch.upper)} on"
    return f"At {_short((switch.lower + switch.upper) / 2)} (between {_short(switch.lower)} and {_short(switch.upper)})"


def _short(value: float) -> str:
    return f"{value:.8g}"


def _unit(study: SwitchStudy) -> str:
    return UNITS[study.question.instance.settings.objective]


def _key(stretch: Stretch, value: float) -> str:
    """Key of the plan of a stretch at a value: a plain folder name."""
    return f"{stretch.label}-at-{re.sub(r'[^0-9.e-]', '_', value_text(value))}"


def _pairs(study: SwitchStudy) -> list[tuple[Stretch, Stretch]]:
    return list(zip(study.stretches, study.stretches[1:], strict=False))


def _keyed_points(study: SwitchStudy) -> Iterator[tuple[str, PointResult]]:
    for stretch in study.stretches:
        for value, point in stretch.points:
            if point is not None:
                yield _key(stretch, value), point
    for switch, (before, after) in zip(study.switches, _pairs(study), strict=True):
        if switch.before is not None:
            yield _key(before, switch.lower), switch.before
        if switch.after is not None:
            yield _key(after, switch.upper), switch.after


def _switch_table(study: SwitchStudy) -> ReportTable:
    rows: list[tuple[Cell, ...]] = []
    for switch, (before, after) in zip(study.switches, _pairs(study), strict=True):
        value = switch.upper if study.question.whole else (switch.lower + switch.upper) / 2
        rows.append(
            (
                value,
                switch.lower,
                switch.upper,
                str(switch.kind),
                None if switch.before is None else switch.before.objective,
                None if switch.after is None else switch.after.objective,
                switch.room,
                gw_text(switch.gw),
                None if switch.before is None else _key(before, switch.lower),
                None if switch.after is None else _key(after, switch.upper),
            )
        )
    unit = _unit(study)
    return ReportTable(
        "switches",
        "Switch points",
        ("value", "lower", "upper", "why", "worth_before", "worth_after", "room", "gw_by_country", "before", "after"),
        tuple(rows),
        f"worth: {unit}, of the earlier plan at lower and the later one at upper; room: most by which a plan not found "
        "could be better there; before, after: folders under points/.",
    )


def _site_table(study: SwitchStudy) -> ReportTable:
    rows = tuple(
        (
            switch.upper,
            one.site,
            one.name,
            one.country,
            str(one.kind),
            one.before,
            one.after,
            one.gw_before,
            one.gw_after,
        )
        for switch in study.switches
        for one in switch.sites
    )
    columns = (
        "switch",
        "site",
        "name",
        "country",
        "change",
        "modules_before",
        "modules_after",
        "gw_before",
        "gw_after",
    )
    return ReportTable("sites", "Sites that change", columns, rows, "switch: first value of the later plan.")


def _curve_table(study: SwitchStudy) -> ReportTable:
    rows: list[tuple[Cell, ...]] = []
    for stretch in study.stretches:
        for value, point in stretch.points:
            if point is None:
                rows.append((value, stretch.label, None, None, None, None))
            else:
                rows.append((value, stretch.label, point.objective, point.bound, point.npv_busd, _key(stretch, value)))
    return ReportTable(
        "curve",
        "Best plan over the knob",
        ("value", "plan", "objective", "bound", "npv_busd", "key"),
        tuple(rows),
        f"objective, bound: {_unit(study)}; a plan without numbers stands for values at which none is possible.",
        key_column="key",
    )


def _draw(axes: Axes, study: SwitchStudy) -> None:
    for label, line in study.lines.items():
        known = [(value, worth) for value, worth in line if worth is not None]
        axes.plot(
            [value for value, _ in known], [worth for _, worth in known], linewidth=1.2, marker="o", markersize=3,
            label=f"plan {label}",
        )  # fmt: skip
    for switch in study.switches:
        axes.axvline((switch.lower + switch.upper) / 2, color=HEAT, linestyle="--", linewidth=0.9)
    axes.set_xlabel(f"{study.question.knob} ({study.question.mode})")
    axes.set_ylabel(_unit(study))
    if study.lines:
        axes.legend(frameon=False, fontsize=8)
