"""Chips on offer: supply, stock that vendors keep, take-or-pay, growth with unmet demand (SEMANTICS 3.4, 3.5, 7.16)."""

from __future__ import annotations

from collections import defaultdict

from optimizer.algebra import pyo
from optimizer.instance.calendar import format_span
from optimizer.model.context import ModelContext
from optimizer.model.expressions import Term
from optimizer.model.fleet import Fleet
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.supply_response import extra_supply_terms
from optimizer.model.timing import PeriodIndex
from optimizer.units import millions


def chip_supply(context: ModelContext) -> dict[tuple[str, PeriodIndex], float]:
    """Million chips of each kind on offer in each period (SEMANTICS 3.4)."""
    supply: dict[tuple[str, PeriodIndex], float] = defaultdict(float)
    for row in context.instance.chip_supply:
        for t in context.timing.periods:
            overlap = context.timing.calendar.periods[t].overlap(row.during)
            if overlap:
                supply[row.chip, t] += millions(row.units) * overlap / row.during.months
    return dict(supply)


def add_unsold(fleet: Fleet) -> None:
    """Add the stock that vendors keep; see `Fleet`."""
    kept = unsold_limits(fleet)
    fleet.context.model.unsold = pyo.Var(
        list(kept), within=pyo.NonNegativeReals, bounds=lambda _, chip, t: (0, kept[chip, t])
    )


def chip_supply_rows(fleet: Fleet) -> Rows:
    """Installed + unsold - unsold before <= supply of the period and what unmet demand adds; formulation.md 2.4, (6).

    The rest lapses: what the vendor may keep is bounded.
    """
    model, periods = fleet.context.model, fleet.context.timing.periods
    rows: dict[tuple[str, PeriodIndex], list[Term]] = {}
    for zone, chip, t in fleet.tuples:
        rows.setdefault((chip, t), []).append((1.0, model.installed[zone, chip, t]))
    for chip, t in model.unsold:
        rows.setdefault((chip, t), []).append((1.0, model.unsold[chip, t]))
        if t + 1 < len(periods) and ((chip, periods[t + 1]) in rows or (chip, periods[t + 1]) in model.unsold):
            rows.setdefault((chip, periods[t + 1]), []).append((-1.0, model.unsold[chip, t]))
    for (chip, t), terms in rows.items():
        terms += [(-share, variable) for share, variable in extra_supply_terms(fleet.context, chip, t)]
    ordered = sorted(rows, key=lambda key: (key[0], int(key[1])))
    return {key: LinearRow(rows[key], upper=fleet.supply.get(key, 0.0)) for key in ordered}


def unsold_limits(fleet: Fleet) -> dict[tuple[str, PeriodIndex], float]:
    """Most that the vendor may keep after each period, where that is anything (SEMANTICS 3.4) [million chips]."""
    timing = fleet.context.timing
    carry = fleet.context.instance.settings.model.chip_carry_months

    def most(chip: str, period: PeriodIndex) -> float:
        oldest = timing.calendar.periods[period].end - carry
        return sum(fleet.supply.get((chip, t), 0.0) for t in timing.periods[: period + 1] if timing.start(t) >= oldest)

    return {key: limit for key in fleet.supply if (limit := most(*key)) > 0}


def take_or_pay_rows(fleet: Fleet) -> Rows:
    """Installations that start within the row's span >= minimum_units (SEMANTICS 3.5)."""
    timing, model = fleet.context.timing, fleet.context.model
    rows: dict[tuple[str, str], LinearRow] = {}
    for row in fleet.context.instance.chip_supply:
        within = [t for t in timing.periods if row.during.start <= timing.start(t) < row.during.end]
        if row.minimum_units > 0 and within:
            terms = [(1.0, model.installed[key]) for key in fleet.tuples if key[1] == row.chip and key[2] in within]
            rows[row.chip, format_span(row.during)] = LinearRow(terms, lower=millions(row.minimum_units))
    return rows


def kept_supply_rows(fleet: Fleet) -> Rows:
    """Unsold - unsold before <= supply of the period: what unmet demand adds is not kept as stock (SEMANTICS 7.16).

    Without extra supply this follows from `chip_supply_rows`.
    """
    model, periods = fleet.context.model, fleet.context.timing.periods
    rows: dict[tuple[str, PeriodIndex], LinearRow] = {}
    for chip, t in model.unsold:
        if extra_supply_terms(fleet.context, chip, t):
            terms: list[Term] = [(1.0, model.unsold[chip, t])]
            if t > 0 and (chip, periods[t - 1]) in model.unsold:
                terms.append((-1.0, model.unsold[chip, periods[t - 1]]))
            rows[chip, t] = LinearRow(terms, upper=fleet.supply.get((chip, t), 0.0))
    return rows
