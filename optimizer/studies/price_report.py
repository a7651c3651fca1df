"""Prices of limits as a report, a table on the console and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.instance.schema import Objective
from optimizer.studies.price import BASE_KEY, SHARP_OBJECTIVE, Evidence, Price, PriceStudy
from optimizer.studies.price_words import explanation
from optimizer.studies.report import (
    ACCENT,
    HEAT,
    INK,
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
    "known_by",
    "value",
    "least",
    "most",
    "resolved",
    "relaxation_step",
    "fixed_plan_step",
    "relaxation_price",
    "fixed_plan_price",
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


def range_words(price: Price) -> str:
    """What the difference can be, or nothing."""
    if price.least is None or price.most is None:
        return ""
    return f"{price.least:,.3g} to {price.most:,.3g}"


def findings(study: PriceStudy) -> Iterator[str]:
    """What the study found, the most important first."""
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    if study.base.objective is not None and study.base.bound is not None:
        gap = study.base.bound - study.base.objective
        if gap > SHARP_OBJECTIVE * max(1.0, abs(study.base.objective)):
            yield (
                f"The plan is worth {study.base.objective:,.6g} {whole}; the best possible is at most {gap:,.3g} more. "
                "Differences that this leaves open are marked as estimates, with the range that is proven."
            )
    for price in [price for price in study.prices if price.evidence is not Evidence.FIRST_ORDER][:5]:
        if price.leading > 0:
            yield _sentence(price, thousandth, whole)
    for price in study.lifted:
        yield (
            f"{words_of(price)} lifted: {_value(price, whole)}. The plan as built would gain "
            f"{price.fixed_step or 0.0:,.4g}."
        )
    if len(study.lifted) > 1:
        yield "Each rule is lifted alone; where two forbid the same chips, lifting both is worth more than the sum."
    later = sum(1 for price in study.prices if price.evidence is Evidence.FIRST_ORDER)
    if later:
        yield f"{later} more limits have a price to first order but were not re-solved; they stand behind the others."
    if study.unpriced:
        yield f"{study.unpriced} limits are worth nothing: neither the plan nor the relaxation would use more."


def _sentence(price: Price, thousandth: str, whole: str) -> str:
    return (
        f"{words_of(price)}: {price.per_unit:,.4g} {thousandth} per {price.step.unit} "
        f"({price.step.words}: {_value(price, whole)}). {explanation(price)}"
    )


def _value(price: Price, whole: str) -> str:
    if price.evidence is Evidence.RESOLVED:
        return f"{price.leading:,.4g} {whole}"
    return f"about {price.leading:,.4g} {whole}, proven {range_words(price)}"


def price_report(study: PriceStudy) -> StudyReport:
    """The report of a study."""
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    note = (
        f"Values are in {whole} for the step, value_per_unit in {thousandth} per planner's unit. value: what known_by "
        "says; the true difference of the best plans lies between least and most, whatever the solver's gap. "
        "resolved: best plans found after and before. relaxation_step, fixed_plan_step: gain of the linear relaxation, "
        "and of the plan with its building held, over the step. relaxation_price, fixed_plan_price: the same to first "
        "order. A denial is priced as a cap of no chips."
    )
    name = study.base.instance.settings.title or study.base.instance.name
    links = [PlanLink("base plan", f"points/{BASE_KEY}")]
    links += [
        PlanLink(f"{words_of(price)}, {price.step.words}", f"points/{price.key}")
        for price in (*study.prices, *study.lifted)
        if price.key
    ]
    return StudyReport(
        title=f"What each limit is worth: {name}",
        question="How much would the plan gain if one limit were a little looser?",
        findings=tuple(findings(study)),
        tables=(
            ReportTable("prices", "Prices of limits", _COLUMNS, _rows(study.prices, thousandth), note, "key"),
            ReportTable("rules", "Export rules lifted", _COLUMNS, _rows(study.lifted, thousandth), "", "key"),
        ),
        figures=(
            ReportFigure(
                "prices",
                f"Value of one step of each limit [{whole}]",
                lambda axes: _draw(axes, study, whole),
                "Bars: value of the step; lines: what it can be; marks: gain of the fixed plan and of the relaxation",
            ),
        ),
        sources=tuple(links),
    )


def _rows(prices: Iterable[Price], thousandth: str) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            words_of(price),
            price.step.limit.family,
            price.step.limit.name,
            ", ".join(price.binding),
            price.step.words,
            price.per_unit,
            f"{thousandth} per {price.step.unit}",
            str(price.evidence),
            price.leading,
            price.least,
            price.most,
            price.resolved,
            price.relaxed_step,
            price.fixed_step,
            price.relaxed,
            price.fixed,
            explanation(price),
            price.key,
        )
        for price in prices
    )


def _draw(axes: Axes, study: PriceStudy, unit: str) -> None:
    shown = list(study.prices[:_DRAWN])[::-1]
    places = list(range(len(shown)))
    axes.barh(places, [price.leading for price in shown], color=ACCENT, alpha=0.6, label="value", height=0.6)
    for place, price in zip(places, shown, strict=True):
        if price.least is not None and price.most is not None:
            axes.plot([price.least, price.most], [place, place], color=INK, linewidth=0.8)
    for label, marker, colour in (("fixed plan", "|", HEAT), ("relaxation", "x", INK)):
        values = [_marked(price, fixed=label == "fixed plan") for price in shown]
        known = [(value, place) for value, place in zip(values, places, strict=True) if value is not None]
        axes.plot(
            [value for value, _ in known], [place for _, place in known], linestyle="", marker=marker, color=colour,
            label=label, markersize=9,
        )  # fmt: skip
    axes.set_yticks(places, [f"{words_of(price)}\n{price.step.words}" for price in shown], fontsize=7)
    axes.set_xlabel(unit)
    axes.legend(loc="lower right", frameon=False)


def _marked(price: Price, *, fixed: bool) -> float | None:
    over, first = (price.fixed_step, price.fixed) if fixed else (price.relaxed_step, price.relaxed)
    return first if over is None else over


def price_document(study: PriceStudy) -> dict[str, Any]:
    """The study for other programs."""
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    return {
        "study": "price",
        "instance": study.base.instance.name,
        "unit": whole,
        "base": {"objective": study.base.objective, "bound": study.base.bound, "key": BASE_KEY},
        "findings": list(findings(study)),
        "prices": [_document(price, study, thousandth) for price in study.prices],
        "rules_lifted": [_document(price, study, thousandth) for price in study.lifted],
        "worth_nothing": study.unpriced,
    }


def _document(price: Price, study: PriceStudy, thousandth: str) -> dict[str, Any]:
    return {
        "limit": words_of(price),
        "family": price.step.limit.family,
        "name": price.step.limit.name,
        "binding": list(price.binding),
        "step": price.step.words,
        "changes": list(price.step.changes(study.base.instance)),
        "value_per_unit": price.per_unit,
        "unit": f"{thousandth} per {price.step.unit}",
        "known_by": str(price.evidence),
        "value": price.leading,
        "least": price.least,
        "most": price.most,
        "resolved": price.resolved,
        "relaxation_step": price.relaxed_step,
        "fixed_plan_step": price.fixed_step,
        "relaxation": price.relaxed,
        "fixed_plan": price.fixed,
        "explanation": explanation(price),
        "key": price.key,
    }


def write_prices(folder: Path, study: PriceStudy) -> None:
    """Write report, tables and all plans, whole or not at all."""
    with staged_study(folder) as staging:
        for key, point in study.points.items():
            point.write(staging / "points" / key)
        write_report(staging, price_report(study))
        write_marker(staging, price_document(study))
