"""Prices of limits as a report, a table on the console and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.instance.schema import Objective
from optimizer.studies.price import BASE_KEY, Price, PriceStudy
from optimizer.studies.report import ACCENT, HEAT, INK, PlanLink, ReportFigure, ReportTable, StudyReport, write_report
from optimizer.studies.study_folder import staged_study, write_marker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: A thousandth of the objective's unit, and the unit itself, in words.
UNITS: Final = {
    Objective.NPV: ("M USD", "B USD"),
    Objective.COST: ("M USD", "B USD"),
    Objective.COMPUTE: ("thousand H100e-years", "million H100e-years"),
}
_DRAWN: Final = 15
_COLUMNS: Final = (
    "limit",
    "family",
    "name",
    "binding",
    "step",
    "value_per_unit",
    "unit",
    "resolved_value",
    "resolved_least",
    "resolved_most",
    "fixed_plan_price",
    "fixed_plan_step",
    "relaxation_price",
    "explanation",
    "key",
)


def words_of(price: Price) -> str:
    """The limit for people."""
    return price.step.limit.words


def binding_words(price: Price, most: int = 3) -> str:
    """Dates at which the limit binds."""
    whens = price.binding
    return ", ".join(whens[:most]) + (f" and {len(whens) - most} more" if len(whens) > most else "")


def findings(study: PriceStudy) -> Iterator[str]:
    """What the study found, the most important first."""
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    leading = [price for price in study.prices if price.resolved is not None and price.resolved > 0]
    for price in leading[:5]:
        yield (
            f"{words_of(price)}: {price.per_unit:,.4g} {thousandth} per {price.step.unit} "
            f"({price.step.words}: {price.resolved:,.4g} {whole}). {price.explanation()}"
        )
    later = sum(1 for price in study.prices if price.resolved is None)
    if later:
        yield f"{later} further limits have a price but were not re-solved; they stand behind the others."
    if study.unpriced:
        yield f"{study.unpriced} limits are worth nothing: neither the plan nor the relaxation would use more."


def price_report(study: PriceStudy) -> StudyReport:
    """The report of a study."""
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    note = (
        f"Values are in {whole} for the step (prices to first order; fixed_plan_step over all of it), value per unit "
        f"in {thousandth} per planner's unit. The re-solved value leads; it lies between resolved_least and "
        "resolved_most whatever the solver's gap. A denial is priced as a cap of no chips."
    )
    rows = tuple(
        (
            words_of(price),
            price.step.limit.family,
            price.step.limit.name,
            ", ".join(price.binding),
            price.step.words,
            price.per_unit,
            f"{thousandth} per {price.step.unit}",
            price.resolved,
            price.least,
            price.most,
            price.fixed,
            price.fixed_step,
            price.relaxed,
            price.explanation(),
            price.key,
        )
        for price in study.prices
    )
    name = study.base.instance.settings.title or study.base.instance.name
    links = [PlanLink("base plan", f"points/{BASE_KEY}")]
    links += [
        PlanLink(f"{words_of(price)}, {price.step.words}", f"points/{price.key}") for price in study.prices if price.key
    ]
    return StudyReport(
        title=f"What each limit is worth: {name}",
        question="How much would the plan gain if one limit were a little looser?",
        findings=tuple(findings(study)),
        tables=(ReportTable("prices", "Prices of limits", _COLUMNS, rows, note, key_column="key"),),
        figures=(
            ReportFigure(
                "prices",
                f"Value of one step of each limit [{whole}]",
                lambda axes: _draw(axes, study, whole),
                "Bars: re-solved difference; marks: price of the fixed plan and of the relaxation",
            ),
        ),
        sources=tuple(links),
    )


def _draw(axes: Axes, study: PriceStudy, unit: str) -> None:
    shown = list(study.prices[:_DRAWN])[::-1]
    places = list(range(len(shown)))
    axes.barh(places, [price.resolved or 0.0 for price in shown], color=ACCENT, label="re-solved", height=0.6)
    for label, marker, colour in (("fixed plan", "|", HEAT), ("relaxation", "x", INK)):
        values = [price.fixed if label == "fixed plan" else price.relaxed for price in shown]
        known = [(value, place) for value, place in zip(values, places, strict=True) if value is not None]
        axes.plot(
            [value for value, _ in known], [place for _, place in known], linestyle="", marker=marker, color=colour,
            label=label, markersize=9,
        )  # fmt: skip
    axes.set_yticks(places, [f"{words_of(price)}\n{price.step.words}" for price in shown], fontsize=7)
    axes.set_xlabel(unit)
    axes.legend(loc="lower right", frameon=False)


def price_document(study: PriceStudy) -> dict[str, Any]:
    """The study for other programs."""
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    return {
        "study": "price",
        "instance": study.base.instance.name,
        "unit": whole,
        "base": {"objective": study.base.objective, "bound": study.base.bound, "key": BASE_KEY},
        "findings": list(findings(study)),
        "prices": [
            {
                "limit": words_of(price),
                "family": price.step.limit.family,
                "name": price.step.limit.name,
                "binding": list(price.binding),
                "step": price.step.words,
                "changes": list(price.step.changes(study.base.instance)),
                "value_per_unit": price.per_unit,
                "unit": f"{thousandth} per {price.step.unit}",
                "resolved": price.resolved,
                "resolved_least": price.least,
                "resolved_most": price.most,
                "fixed_plan": price.fixed,
                "fixed_plan_step": price.fixed_step,
                "relaxation": price.relaxed,
                "explanation": price.explanation(),
                "key": price.key,
            }
            for price in study.prices
        ],
        "worth_nothing": study.unpriced,
    }


def write_prices(folder: Path, study: PriceStudy) -> None:
    """Write report, tables and all plans, whole or not at all."""
    with staged_study(folder) as staging:
        for key, point in study.points.items():
            point.write(staging / "points" / key)
        write_report(staging, price_report(study))
        write_marker(staging, price_document(study))
