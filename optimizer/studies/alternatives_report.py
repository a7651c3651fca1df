"""Alternatives as a report and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.studies.alternatives import ROUNDING, Alternatives, CapacityRange, Standing
from optimizer.studies.plan_changes import gw_by_country, site_changes
from optimizer.studies.report import (
    ACCENT,
    Cell,
    PlanLink,
    ReportFigure,
    ReportTable,
    StudyReport,
    write_report,
)
from optimizer.studies.study_folder import staged_study, write_marker

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_FORCED = ("npv_with", "limit_with", "plan_with", "npv_without", "limit_without", "plan_without")


def write_alternatives(folder: Path, study: Alternatives) -> None:
    """Write report, tables and every plan, whole or not at all."""
    with staged_study(folder) as staging:
        for plan in study.plans:
            plan.point.write(staging / "points" / plan.key)
        write_report(staging, alternatives_report(study))
        write_marker(staging, alternatives_document(study))


def alternatives_report(study: Alternatives) -> StudyReport:
    """The report of a study of alternatives."""
    return StudyReport(
        title=f"{study.instance.name}: what is truly decided",
        question="Which sites are in every plan that is nearly as good as the best, which in none, and how far "
        "can capacity move?",
        findings=tuple(findings(study)),
        tables=(_site_table(study), _range_table(study), _different_table(study)),
        figures=(
            ReportFigure(
                "ranges",
                "Capacity at the end in plans that are good enough",
                lambda axes: _draw(axes, study),
                "Bars: range of IT capacity of each country at the widest slack; points: the best plan",
            ),
        ),
        sources=tuple(PlanLink(plan.key, f"points/{plan.key}") for plan in study.plans),
    )


def findings(study: Alternatives) -> list[str]:
    """What a reader should know first."""
    lines = [
        f"The best plan is worth {study.best.npv_busd:.3f} B USD. Slack is counted on its gross value of "
        f"{study.gross_busd:.3f} B USD (present value of all inflows), not on its NPV."
    ]
    better = max((plan.npv_busd for plan in study.plans), default=study.best.npv_busd)
    if better > study.best.npv_busd + ROUNDING * study.gross_busd:
        lines.append(
            f"A plan found on the way is worth {better - study.best.npv_busd:.3f} B USD more: the best plan was only "
            "known to be best within the gap asked. A smaller --gap finds better ones."
        )
    if study.gross_busd > 0 and study.best.npv_busd > 0:
        per_cent = 0.01 * study.gross_busd / study.best.npv_busd
        lines.append(f"1% of gross value is {0.01 * study.gross_busd:.3f} B USD, or {per_cent:.2%} of NPV.")
    for share, floor in study.slacks:
        rows = study.standings[share]
        counts = {standing: sum(row.standing is standing for row in rows) for standing in Standing}
        must = [row.name for row in rows if row.standing is Standing.MUST]
        lines.append(
            f"Within {share:.2%} (NPV of at least {floor:.3f} B USD): {counts[Standing.MUST]} sites must be built"
            + (f" ({', '.join(must[:8])}{' and more' if len(must) > 8 else ''})" if must else "")
            + f", {counts[Standing.NEVER]} are never built, {counts[Standing.FREE]} are free to choose; not proven: "
            f"{counts[Standing.OBSERVED_ALWAYS]} in all plans found, {counts[Standing.OBSERVED_NEVER]} in none."
        )
    lines.append(f"{len(study.different)} plans with truly different sites are within the widest slack.")
    if not study.complete:
        lines.append("The time for searches ended first: what is not proven may become so with a larger --budget.")
    return lines


def alternatives_document(study: Alternatives) -> dict[str, Any]:
    """The study as JSON."""
    return {
        "study": "alternatives",
        "instance": study.instance.name,
        "npv_busd": study.best.npv_busd,
        "gross_busd": study.gross_busd,
        "complete": study.complete,
        "slacks": [{"share": share, "least_npv_busd": floor} for share, floor in study.slacks],
        "sites": {
            f"{share:g}": {
                row.site: {"standing": str(row.standing), "certified": row.standing.certified} for row in rows
            }
            for share, rows in study.standings.items()
        },
        "ranges": [asdict(one) for one in study.ranges],
        "different": [
            {"key": plan.key, "npv_busd": plan.npv_busd, "sites": sorted(plan.sites)} for plan in study.different
        ],
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _site_table(study: Alternatives) -> ReportTable:
    shares = [share for share, _ in study.slacks]
    columns = tuple(f"within_{share:g}" for share in shares)
    rows: list[tuple[Cell, ...]] = []
    for position, site in enumerate(study.standings[shares[0]]):
        with_it, without = study.forced[site.site, True], study.forced[site.site, False]
        rows.append(
            (
                site.site,
                site.name,
                site.country,
                *(str(study.standings[share][position].standing) for share in shares),
                _finite(with_it.best),
                _finite(with_it.bound),
                with_it.key or None,
                _finite(without.best),
                _finite(without.bound),
                without.key or None,
            )
        )
    return ReportTable(
        "sites",
        "Sites",
        ("site", "name", "country", *columns, *_FORCED),
        tuple(rows),
        "must, never and free are proven. npv: best plan found with (without) the site, B USD; limit: proven, no such "
        "plan is worth more (none: there is no such plan, or it was not needed); plan: folder under points/.",
    )


def _range_table(study: Alternatives) -> ReportTable:
    return ReportTable(
        "ranges",
        "Capacity at the end of the plan",
        ("kind", "group", "slack", "lowest_gw", "highest_gw", "least_gw", "most_gw", "plan_lowest", "plan_highest"),
        tuple(
            (
                one.kind,
                one.group,
                one.share,
                one.lowest,
                one.highest,
                one.least,
                one.most,
                one.lowest_key,
                one.highest_key,
            )
            for one in study.ranges
        ),
        "country: IT capacity on line; power: facility capacity of the kind. lowest, highest: in plans found; "
        "least, most: proven limits of every plan that is good enough.",
    )


def _different_table(study: Alternatives) -> ReportTable:
    best = study.best.point.tables
    rows: list[tuple[Cell, ...]] = []
    for plan in study.different:
        tables = plan.point.tables
        if best is not None and tables is not None:
            changes = "; ".join(change.sentence for change in site_changes(best, tables))
            rows.append((plan.key, plan.npv_busd, plan.npv_busd - study.best.npv_busd, changes))
    return ReportTable(
        "different",
        "Plans that differ",
        ("key", "npv_busd", "against_best_busd", "changes"),
        tuple(rows),
        "Each the best found whose sites differ from those of every plan before it, in at least two sites.",
        key_column="key",
    )


def _draw(axes: Axes, study: Alternatives) -> None:
    widest = study.slacks[-1][0]
    shown: list[CapacityRange] = [one for one in study.ranges if one.kind == "country" and one.share == widest]
    shown = sorted(shown, key=lambda one: -one.highest)[:25]
    best = gw_by_country(study.best.point.tables) if study.best.point.tables is not None else {}
    places = range(len(shown))
    axes.barh(places, [one.highest - one.lowest for one in shown], left=[one.lowest for one in shown], color=ACCENT,
              alpha=0.45)  # fmt: skip
    axes.plot([best.get(one.group, 0.0) for one in shown], list(places), "o", color="#17202b", markersize=4)
    axes.set_yticks(places, [one.group for one in shown])
    axes.invert_yaxis()
    axes.set_xlabel(f"GW of IT, plans within {widest:.2%} of gross value")
