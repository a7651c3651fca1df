"""A stress test of regimes as tables, pictures and a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from optimizer.studies.regime_outcome import RegimeOutcome
from optimizer.studies.report import ACCENT, INK, Cell, ReportFigure, ReportTable, StudyReport, shown, write_report
from optimizer.studies.stress import Stress, StressCase, by_bloc, read_stress
from optimizer.studies.sweep import SweepOutcome
from optimizer.studies.sweep_report import map_page, plan_links, sweep_table, write_tidy_tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Whose vendors' lost sales are shown.
US: Final = "USA"
#: Told apart by people who see no colours too (Okabe and Ito).
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#6b7280", "#17202b")
#: Blocs drawn apart; the rest are drawn together.
_MOST_BLOCS: Final = 8
_OTHERS: Final = "others"
#: Sites, countries and chips that a finding names.
_NAMED: Final = 3


def write_stress_report(outcome: SweepOutcome) -> StudyReport:
    """Write tables, pictures and page of a stress test into its folder."""
    write_tidy_tables(outcome)
    report = stress_report(read_stress(outcome))
    write_report(outcome.folder, report)
    return report


def stress_report(stress: Stress) -> StudyReport:
    """Everything but the tidy tables."""
    reference = stress.reference.regime
    figures: tuple[ReportFigure, ...] = ()
    if stress.solved:
        figures = (
            _figure(
                "regimes",
                "Net present value by regime [B USD]",
                stress,
                _draw_value,
                "Bars: change against the first regime; lines: what it may be at least and at most",
            ),
            _figure("blocs", "Compute at the end of the plan, by bloc", stress, _draw_blocs, "Stacked bars by bloc"),
        )
    return StudyReport(
        title=stress.sweep.sweep.title,
        question=f"What do other export rules do to the plan, and to whom, held against '{reference}'?",
        findings=tuple(_findings(stress)),
        tables=(
            _regimes(stress),
            _blocs(stress),
            _compute(stress),
            _chips(stress),
            _markets(stress),
            sweep_table(stress.sweep),
        ),
        figures=figures,
        sources=plan_links(stress.sweep),
        map_page=map_page(stress.sweep),
    )


# --- tables ----------------------------------------------------------------------------------


def _regimes(stress: Stress) -> ReportTable:
    columns = (
        "regime", "status", "npv_busd", "npv_bound_busd", "npv_change_busd", "npv_change_low_busd",
        "npv_change_high_busd", "compute_h100e_million_end", "us_chip_sales_busd", "us_chip_sales_change_busd",
        "online_without_chips_gw_end", "online_without_chips_gw_years", "chips_unsold_million", "key",
    )  # fmt: skip
    reference = stress.reference
    rows = tuple(_regime_row(case, reference) for case in stress.cases)
    note = (
        f"Changes are against '{reference.regime}'; low and high are what the bounds of both solves leave open. "
        "Sales are what the plan pays for chips of American design, without taxes and undiscounted. On line "
        "without chips: energised IT capacity that holds none."
    )
    return ReportTable("regimes", "Regimes", columns, rows, note, key_column="key")


def _regime_row(case: StressCase, reference: StressCase) -> tuple[Cell, ...]:
    outcome, base = case.outcome, reference.outcome
    if outcome is None:
        return (case.regime, case.record.status, *([None] * 11), case.key)
    sales = outcome.sales_busd(US)
    return (
        case.regime,
        case.record.status,
        case.record.npv_busd,
        case.record.bound,
        *npv_change(case, reference),
        outcome.compute_at_end(),
        sales,
        None if base is None else sales - base.sales_busd(US),
        outcome.idle_gw_end,
        outcome.idle_gw_years,
        sum(outcome.unsold.values()),
        case.key,
    )


def npv_change(case: StressCase, reference: StressCase) -> tuple[float | None, float | None, float | None]:
    """Change of the objective against the reference, and the least and the most that the bounds leave open."""
    one, other = case.record, reference.record
    if one.objective is None or one.bound is None or other.objective is None or other.bound is None:
        return (None, None, None)
    if case is reference:
        return (0.0, 0.0, 0.0)
    return (one.objective - other.objective, one.objective - other.bound, one.bound - other.objective)


def _blocs(stress: Stress) -> ReportTable:
    columns = ("regime", "bloc", "value_busd", "value_change_busd", "compute_h100e_million_end", "share_of_compute_end",
               "compute_change_h100e_million_end")  # fmt: skip
    base = stress.reference.outcome
    rows: list[tuple[Cell, ...]] = []
    for case, outcome in stress.solved:
        value, compute = by_bloc(outcome, lambda one: one.value_busd), bloc_compute(outcome)
        value_before = {} if base is None else by_bloc(base, lambda one: one.value_busd)
        compute_before = {} if base is None else bloc_compute(base)
        total = sum(compute.values())
        for bloc in sorted({*value, *compute, *value_before, *compute_before}):
            here, there = value.get(bloc, 0.0), compute.get(bloc, 0.0)
            rows.append((
                case.regime, bloc, here, None if base is None else here - value_before.get(bloc, 0.0), there,
                there / total if total else 0.0, None if base is None else there - compute_before.get(bloc, 0.0),
            ))  # fmt: skip
    note = (
        "Value: present value of all cash of the bloc's sites, revenue going to who serves. Losers stand with a minus."
    )
    return ReportTable("blocs", "Who gains and who loses", columns, tuple(rows), note)


def bloc_compute(outcome: RegimeOutcome) -> dict[str, float]:
    """Compute at the end by bloc [million H100e]."""
    found: dict[str, float] = defaultdict(float)
    for place, compute in outcome.compute.items():
        found[place.bloc] += compute.at_end
    return found


def _compute(stress: Stress) -> ReportTable:
    columns = ("regime", "country", "bloc", "owner_headquarters", "stack", "compute_h100e_million_end",
               "compute_h100e_million_years", "share_of_all")  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for case, outcome in stress.solved:
        total = sum(one.over_plan for one in outcome.compute.values())
        rows += [
            (case.regime, place.country, place.bloc, place.owner, place.stack, one.at_end, one.over_plan,
             one.over_plan / total if total else 0.0)
            for place, one in sorted(outcome.compute.items(), key=lambda item: -item[1].over_plan)
        ]  # fmt: skip
    return ReportTable("compute", "Compute by country, owner and stack", columns, tuple(rows))


def _chips(stress: Stress) -> ReportTable:
    columns = ("regime", "chip", "stack", "bloc", "million", "busd", "million_change")
    base = {} if stress.reference.outcome is None else _bought(stress.reference.outcome)
    rows: list[tuple[Cell, ...]] = []
    for case, outcome in stress.solved:
        bought = _bought(outcome)
        busd = {(flow.chip, flow.bloc): flow.busd for flow in outcome.purchases}
        stack_of = {chip.chip: chip.stack for chip in stress.instance.chips}
        rows += [
            (case.regime, chip, stack_of[chip], bloc, bought.get((chip, bloc), 0.0), busd.get((chip, bloc), 0.0),
             bought.get((chip, bloc), 0.0) - base.get((chip, bloc), 0.0))
            for chip, bloc in sorted({*bought, *base})
        ]  # fmt: skip
        rows += [
            (case.regime, chip, stack_of[chip], "unsold", million, None,
             None if stress.reference.outcome is None else million - stress.reference.outcome.unsold.get(chip, 0.0))
            for chip, million in sorted(outcome.unsold.items())
            if million > 0
        ]  # fmt: skip
    note = "Over the plan. 'unsold' are chips on offer that nobody installs."
    return ReportTable("chips_by_bloc", "Where the chips go", columns, tuple(rows), note)


def _bought(outcome: RegimeOutcome) -> dict[tuple[str, str], float]:
    return {(flow.chip, flow.bloc): flow.million for flow in outcome.purchases}


def _markets(stress: Stress) -> ReportTable:
    columns = ("regime", "region", "served_by", "stack", "sold_h100e_million_years", "share_of_what_it_buys")
    rows: list[tuple[Cell, ...]] = []
    for case, outcome in stress.solved:
        total: dict[str, float] = defaultdict(float)
        for one in outcome.service:
            total[one.region] += one.sold
        rows += [
            (case.regime, one.region, one.bloc, one.stack, one.sold, one.sold / total[one.region])
            for one in outcome.service
            if one.sold > 0
        ]
    return ReportTable("markets", "Who serves whom", columns, tuple(rows), "Over the plan.")


# --- findings --------------------------------------------------------------------------------


def _findings(stress: Stress) -> Iterable[str]:
    reference = stress.reference
    if reference.outcome is None:
        yield f"'{reference.regime}' has no plan ({reference.record.status}); nothing can be held against it."
        return
    compute = reference.outcome.compute_at_end()
    npv = shown(reference.record.npv_busd)
    yield f"{reference.regime}: NPV {npv} B USD, {shown(compute)} million H100e at the end."
    for case, outcome in stress.solved[1:]:
        yield _sentence(case, outcome, reference, reference.outcome)
    for case in stress.cases:
        if case.outcome is None:
            yield f"{case.regime}: no plan ({case.record.status}); {case.record.reason or case.record.stopped_because}."


def _sentence(case: StressCase, outcome: RegimeOutcome, reference: StressCase, base: RegimeOutcome) -> str:
    change, low, high = npv_change(case, reference)
    assert change is not None
    assert low is not None
    assert high is not None
    proven = "" if low > 0 or high < 0 else ", which the gaps of the solves do not tell from nothing"
    parts = [f"{case.regime}: NPV {change:+,.1f} B USD (between {low:+,.1f} and {high:+,.1f}{proven})"]
    before, after = bloc_compute(base), bloc_compute(outcome)
    changes = {bloc: after.get(bloc, 0.0) - before.get(bloc, 0.0) for bloc in {*before, *after}}
    moved = sorted(
        (item for item in changes.items() if abs(item[1]) >= 0.01), key=lambda item: (-abs(item[1]), item[0])
    )
    if moved:
        named = ", ".join(f"{bloc} {amount:+,.3g}" for bloc, amount in moved[:_NAMED])
        parts.append(f"compute at the end [M H100e] {named}")
    sales = outcome.sales_busd(US) - base.sales_busd(US)
    parts.append(f"American chip sales {sales:+,.0f} B USD")
    idle = outcome.idle_gw_end - base.idle_gw_end
    if abs(idle) >= 0.01:
        parts.append(f"on line without chips at the end {idle:+,.2f} GW")
    return "; ".join(parts) + "."


# --- pictures --------------------------------------------------------------------------------


def _figure(
    name: str, title: str, stress: Stress, draw: Callable[[Axes, Stress], None], description: str
) -> ReportFigure:
    return ReportFigure(
        name, title, lambda axes: draw(axes, stress), description, (9.5, 1.5 + 0.36 * len(stress.solved))
    )


def _draw_value(axes: Axes, stress: Stress) -> None:
    """Changes, as bars from nothing look alike where rules cost a twentieth; values without a plan to compare with."""
    reference, cases = stress.reference, [case for case, _ in stress.solved][::-1]
    compared = reference.record.objective is not None
    for place, case in enumerate(cases):
        change, least, most = npv_change(case, reference) if compared else (case.record.npv_busd, None, None)
        axes.barh(place, change or 0.0, height=0.62, color=ACCENT)
        if least is not None and most is not None:
            axes.plot([least, most], [place, place], color=INK, linewidth=1.4)
    axes.set_yticks(range(len(cases)), [f"{case.regime}   {case.record.npv_busd:,.0f}" for case in cases])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    if compared:
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlabel(
            f"change of net present value against {reference.regime} [B USD]; black: what the gaps of both leave open"
        )
    else:
        axes.set_xlabel("net present value [B USD]")


def _draw_blocs(axes: Axes, stress: Stress) -> None:
    cases = stress.solved[::-1]
    compute = [bloc_compute(outcome) for _, outcome in cases]
    shown_blocs = _largest(compute)
    left = [0.0] * len(cases)
    for number, bloc in enumerate(shown_blocs):
        widths = [_width(one, bloc, shown_blocs) for one in compute]
        axes.barh(range(len(cases)), widths, left=left, height=0.66, label=bloc, color=_COLOURS[number])
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.set_yticks(range(len(cases)), [case.regime for case, _ in cases])
    axes.set_xlabel("working compute in the last period [million H100e]")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)


def _largest(compute: list[dict[str, float]]) -> list[str]:
    most: dict[str, float] = defaultdict(float)
    for one in compute:
        for bloc, amount in one.items():
            most[bloc] = max(most[bloc], amount)
    ranked = sorted((bloc for bloc, amount in most.items() if amount > 0), key=lambda bloc: (-most[bloc], bloc))
    return ranked if len(ranked) <= _MOST_BLOCS else [*ranked[: _MOST_BLOCS - 1], _OTHERS]


def _width(compute: dict[str, float], bloc: str, shown_blocs: list[str]) -> float:
    if bloc == _OTHERS and _OTHERS not in compute:
        return sum(amount for name, amount in _rest(compute, shown_blocs))
    return compute.get(bloc, 0.0)


def _rest(compute: dict[str, float], shown_blocs: list[str]) -> Iterator[tuple[str, float]]:
    return ((name, amount) for name, amount in compute.items() if name not in shown_blocs)
