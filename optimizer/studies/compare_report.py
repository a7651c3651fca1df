"""A comparison as a report and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.plan.writer import write_result
from optimizer.studies.compare import ComparedPlan, Comparison, Contribution, Tightness
from optimizer.studies.plan_changes import gw_text
from optimizer.studies.report import (
    ACCENT,
    HEAT,
    PlanLink,
    ReportFigure,
    ReportTable,
    StudyReport,
    write_report,
)
from optimizer.studies.study_folder import staged_study, write_marker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Result folders of the two plans within the study.
BEFORE, AFTER = "before", "after"
#: Causes that the findings name.
FIRST_CAUSES = 4


def comparison_report(comparison: Comparison) -> StudyReport:
    """The report of a comparison."""
    before, after = comparison.before.label, comparison.after.label
    return StudyReport(
        title=f"{after} against {before}",
        question=f"Where does the difference between the plans {before} and {after} come from?",
        findings=tuple(findings(comparison)),
        tables=tuple(_tables(comparison)),
        figures=(
            ReportFigure(
                "causes",
                "Difference in net present value by cause",
                lambda axes: _draw_causes(axes, comparison),
                f"Bars: present value of each cash category in {after} less {before}, B USD",
            ),
        ),
        sources=(PlanLink(before, f"points/{BEFORE}"), PlanLink(after, f"points/{AFTER}")),
    )


def write_comparison(folder: Path, comparison: Comparison) -> None:
    """Write report, tables and both plans, whole or not at all."""
    with staged_study(folder) as staging:
        _write_plan(staging / "points" / BEFORE, comparison.before)
        _write_plan(staging / "points" / AFTER, comparison.after)
        write_report(staging, comparison_report(comparison))
        write_marker(staging, comparison_document(comparison))


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON."""
    return {
        "study": "compare",
        "before": _plan_document(comparison.before),
        "after": _plan_document(comparison.after),
        "difference_busd": comparison.difference_busd,
        "noise_busd": comparison.noise_busd,
        "by_category": [_contribution(one) for one in comparison.by_category],
        "by_country": [_contribution(one) for one in comparison.by_country],
        "sites": [asdict(change) for change in comparison.sites],
        "gw_by_country": dict(comparison.gw),
        "limits": [asdict(change) for change in comparison.limits],
        "inputs": [{"cell": change.cell, **asdict(change)} for change in comparison.inputs],
    }


def findings(comparison: Comparison) -> list[str]:
    """What a reader should know first."""
    before, after, gained = comparison.before, comparison.after, comparison.difference_busd
    lines = [
        f"{after.label} is worth {gained:+.3f} B USD against {before.label}: "
        f"{after.npv_busd:.3f} instead of {before.npv_busd:.3f}."
    ]
    noise = comparison.noise_busd
    if noise is None:
        lines.append("The gap of at least one plan is not known, so part of the difference may be search noise.")
    elif abs(gained) <= noise:
        lines.append(f"That is within the gaps of the two plans ({noise:.3f} B USD): it proves nothing.")
    causes = [one for one in comparison.by_category if abs(one.difference_busd) > 5e-4][:FIRST_CAUSES]
    if causes:
        listed = ", ".join(f"{_words(one.name)} {one.difference_busd:+.3f}" for one in causes)
        lines.append(f"Largest causes, in B USD of present value: {listed}.")
    lines.append(_sites_sentence(comparison))
    bound = sum(change.change is Tightness.BINDING for change in comparison.limits)
    lines.append(f"{bound} limits bind that did not; {len(comparison.limits) - bound} no longer bind.")
    count = len(comparison.inputs)
    lines.append(f"{count} input cells differ." if count else "The inputs are the same.")
    if before.instance.settings.objective != after.instance.settings.objective:
        lines.append("The plans were made for different objectives; the difference shown is that of NPV.")
    return lines


def _sites_sentence(comparison: Comparison) -> str:
    if not comparison.sites:
        return "The same sites are built at the same times."
    kinds: dict[str, int] = {}
    for change in comparison.sites:
        kinds[change.kind] = kinds.get(change.kind, 0) + 1
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    gw = gw_text(comparison.gw)
    return f"Sites: {counted}." + (f" Capacity at the end: {gw}." if gw else "")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _contribution(one: Contribution) -> dict[str, Any]:
    return {**asdict(one), "difference_busd": one.difference_busd}


def _plan_document(plan: ComparedPlan) -> dict[str, Any]:
    return {"label": plan.label, "instance": dict(plan.manifest["instance"]), "npv_busd": plan.npv_busd}


def _write_plan(folder: Path, plan: ComparedPlan) -> None:
    write_result(folder, plan.instance, plan.tables, lambda: plan.manifest, ())


def _tables(comparison: Comparison) -> list[ReportTable]:
    columns = ("before_busd", "after_busd", "difference_busd")

    def row(one: Contribution) -> tuple[float, float, float]:
        return one.before_busd, one.after_busd, one.difference_busd

    added_up = "Present values; the differences add up to that of the two NPVs."
    return [
        ReportTable(
            "categories",
            "Value by cause",
            ("category", *columns),
            tuple((one.name, *row(one)) for one in comparison.by_category),
            added_up,
        ),
        ReportTable(
            "countries",
            "Value by country",
            ("country", *columns),
            tuple((one.name, *row(one)) for one in comparison.by_country),
            f"{added_up} Revenue belongs to the countries that serve a market, by the compute each sells there.",
        ),
        ReportTable(
            "causes",
            "Value by cause and country",
            ("category", "country", *columns),
            tuple((category, one.name, *row(one)) for category, one in comparison.by_both),
            added_up,
        ),
        _site_table(comparison),
        _limit_table(comparison),
        ReportTable(
            "inputs",
            "Inputs that differ",
            ("cell", "before", "after"),
            tuple((change.cell, change.before, change.after) for change in comparison.inputs),
            "Sources, the solver's settings and other labels left out.",
        ),
    ]


def _site_table(comparison: Comparison) -> ReportTable:
    return ReportTable(
        "sites",
        "Sites added, dropped or changed",
        ("site", "name", "country", "change", "modules_before", "modules_after", "gw_before", "gw_after"),
        tuple(
            (one.site, one.name, one.country, str(one.kind), one.before, one.after, one.gw_before, one.gw_after)
            for one in comparison.sites
        ),
        "New modules and the decision dates on which they are committed.",
    )


def _limit_table(comparison: Comparison) -> ReportTable:
    return ReportTable(
        "limits",
        "Limits that bind in one plan only",
        ("family", "name", "when", "change", "used_before", "limit_before", "used_after", "limit_after", "unit"),
        tuple(
            (
                one.family,
                one.name,
                one.when,
                str(one.change),
                one.used_before,
                one.limit_before,
                one.used_after,
                one.limit_after,
                one.unit,
            )
            for one in comparison.limits
        ),
    )


def _draw_causes(axes: Axes, comparison: Comparison) -> None:
    shown = [one for one in comparison.by_category if abs(one.difference_busd) > 0]
    values = [one.difference_busd for one in shown]
    places = range(len(shown))
    axes.barh(places, values, color=[ACCENT if value > 0 else HEAT for value in values])
    axes.set_yticks(places, [_words(one.name) for one in shown])
    axes.invert_yaxis()
    axes.axvline(0, color="#17202b", linewidth=0.8)
    axes.set_xlabel(f"B USD of present value (total {comparison.difference_busd:+.3f})")
