"""Why a site is not built, as a report, findings and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.price_report import UNITS
from optimizer.studies.report import ACCENT, HEAT, PlanLink, ReportFigure, ReportTable, StudyReport, write_report
from optimizer.studies.study_folder import staged_study, write_marker
from optimizer.studies.why_not import ALL_KEY, BASE_KEY, FORCED_KEY, CauseEffect, WhyNot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Share of the loss of a site below which none is left.
NO_LOSS: Final = 1e-6

_COLUMNS: Final = (
    "cause",
    "knob",
    "own",
    "median_of_built_sites",
    "unit",
    "worth",
    "loss_left",
    "break_even_built",
    "break_even_not_built",
    "verified",
    "key",
)


def findings(study: WhyNot) -> Iterator[str]:
    """What the study found, the most important first."""
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    if study.estimate is None:
        yield (
            f"One module at {study.site} costs {1e3 * study.loss:,.4g} {thousandth} "
            f"(between {1e3 * study.least:,.4g} and {1e3 * study.most:,.4g}, given the solver's bounds)."
        )
    else:
        yield from _estimated(study, thousandth, whole)
    for effect in study.effects:
        if effect.worth > 0:
            yield _sentence(effect, thousandth)
    if study.estimate is not None and study.estimate <= 0:
        return
    if study.effects and study.loss_left <= NO_LOSS * max(1.0, study.estimate or study.loss):
        yield "With all of these as at the sites that are built, no loss is left: they explain it wholly."
    elif study.effects:
        yield (
            f"With all of these as at the sites that are built, {1e3 * study.loss_left:,.4g} {thousandth} of loss "
            "are left: what others make of the same scarce chips, capital, power and demand."
        )
    elif any(modules > 0 for modules in study.base.build.values()):
        yield "No number that was compared is worse than at the sites that are built: they use what is scarce better."
    else:
        yield "The best plan builds nothing at all, so that there is no site to hold it against."


def _estimated(study: WhyNot, thousandth: str, whole: str) -> Iterator[str]:
    estimate = study.estimate or 0.0
    if estimate > 0:
        yield (
            f"One module at {study.site} costs about {1e3 * estimate:,.4g} {thousandth}: an estimate by the linear "
            "relaxation, which may build fractions of modules elsewhere. All causes below rest on it too."
        )
    else:
        yield (
            f"A module at {study.site} would gain {-1e3 * estimate:,.4g} {thousandth} in the linear relaxation: no "
            "number speaks against the site, and only whole modules and the solver's gap keep it out of this plan."
        )
    found = (study.forced.objective or 0.0) - (study.base.objective or 0.0)
    yield (
        f"The best plan found with the site is {abs(found):,.3g} {whole} {'better' if found > 0 else 'worse'} than "
        f"without it. Proven is only that the loss is between {study.least:,.3g} and {study.most:,.3g} {whole}: the "
        "solver's gap is wider than the loss."
    )


def _sentence(effect: CauseEffect, thousandth: str) -> str:
    cause = effect.cause
    worth = f"{1e3 * effect.worth:,.4g} {thousandth}"
    if not cause.has_scale:
        return f"{cause.name} ({cause.knob}): lifting them is worth {worth}."
    text = f"{cause.name}: {cause.own:g} {cause.unit} against {cause.reference:g}; worth {worth}."
    if effect.hopeless:
        return f"{text} No value of it alone would get the site built."
    if effect.break_even is not None:
        even = effect.break_even
        checked = "verified by solving on both sides" if even.verified else "not verified: the solver's gap is too wide"
        if not even.built_key:
            checked = "by the linear relaxation on both sides"
        text += f" The site is built at {even.built:.6g} and not at {even.not_built:.6g} ({checked})."
    return text


def why_not_report(study: WhyNot) -> StudyReport:
    """The report of a study."""
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    rows = tuple(
        (
            effect.cause.name,
            effect.cause.knob,
            effect.cause.own if effect.cause.has_scale else None,
            effect.cause.reference if effect.cause.has_scale else None,
            effect.cause.unit,
            effect.worth,
            effect.loss_left,
            None if effect.break_even is None else effect.break_even.built,
            None if effect.break_even is None else effect.break_even.not_built,
            None if effect.break_even is None else effect.break_even.verified,
            effect.key,
        )
        for effect in study.effects
    )
    note = (
        f"worth and loss_left in {whole}. worth is what the loss shrinks by when the cause alone is set to the median "
        "of the sites that are built, both plans made anew. Causes overlap: worths need not add up."
    )
    if study.estimate is not None:
        note += " Estimates by the linear relaxation: no plan folder stands behind them."
    return StudyReport(
        title=f"Why not {study.site}?",
        question=f"What does building at {study.site} cost, what speaks against it, and what would have to change?",
        findings=tuple(findings(study)),
        tables=(ReportTable("causes", "What speaks against it", _COLUMNS, rows, note, key_column="key"),),
        figures=(
            ReportFigure(
                "causes",
                f"What each cause is worth [{thousandth}]",
                lambda axes: _draw(axes, study, thousandth),
                "Bars: loss that vanishes when one cause is as at the sites that are built",
            ),
        ),
        sources=tuple(PlanLink(_link_words(study, key), f"points/{key}") for key in _kept(study)),
    )


def _kept(study: WhyNot) -> list[str]:
    return [key for key, point in study.points.items() if point.tables is not None]


def _link_words(study: WhyNot, key: str) -> str:
    names = {
        BASE_KEY: "best plan",
        FORCED_KEY: f"best plan with {study.site}",
        ALL_KEY: "all causes neutralised, with the site",
    }
    return names.get(key, key.replace("-", " "))


def _draw(axes: Axes, study: WhyNot, unit: str) -> None:
    shown = [effect for effect in study.effects if effect.worth > 0][::-1]
    names = ["all together", *(effect.cause.name for effect in shown), "loss when forced"]
    values = [study.loss - study.loss_left, *(effect.worth for effect in shown), study.loss]
    colours = [ACCENT] * (len(shown) + 1) + [HEAT]
    axes.barh(range(len(names)), [1e3 * value for value in values], color=colours, height=0.6)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(unit)


def why_not_document(study: WhyNot) -> dict[str, Any]:
    """The study for other programs."""
    _, whole = UNITS[study.base.instance.settings.objective]
    return {
        "study": "why-not",
        "instance": study.base.instance.name,
        "site": study.site,
        "unit": whole,
        "loss": study.loss,
        "loss_least": study.least,
        "loss_most": study.most,
        "loss_estimate": study.estimate,
        "loss_left": study.loss_left,
        "findings": list(findings(study)),
        "causes": [
            {
                "cause": effect.cause.name,
                "knob": effect.cause.knob,
                "own": effect.cause.own,
                "median_of_built_sites": effect.cause.reference,
                "unit": effect.cause.unit,
                "worth": effect.worth,
                "loss_left": effect.loss_left,
                "key": effect.key,
                "hopeless": effect.hopeless,
                "break_even": None if effect.break_even is None else vars(effect.break_even),
            }
            for effect in study.effects
        ],
        "points": _kept(study),
    }


def write_why_not(folder: Path, study: WhyNot) -> None:
    """Write report, tables and all plans, whole or not at all."""
    with staged_study(folder) as staging:
        for key in _kept(study):
            study.points[key].write(staging / "points" / key)
        write_report(staging, why_not_report(study))
        write_marker(staging, why_not_document(study))
