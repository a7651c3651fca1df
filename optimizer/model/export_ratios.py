"""Ratio rules: shares of the working stock, and same-chip volume ratios (SEMANTICS 7.5, 7.6)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pyomo.environ as pyo

from optimizer.instance.schema import RuleEffect
from optimizer.model.chips import Fleet
from optimizer.model.context import ModelContext
from optimizer.model.export_caps import StockMeasures, chip_weights, report_idle_rules
from optimizer.model.expressions import Term, linear
from optimizer.model.timing import PeriodIndex
from optimizer.policy.regime import ActiveRule


@dataclass(frozen=True)
class _Row:
    terms: list[Term]
    limit: float


def add_export_ratios(context: ModelContext, fleet: Fleet, stocks: StockMeasures) -> None:
    """Add the rows of share_cap and volume_ratio rules."""
    _add_share_caps(context, stocks)
    _add_volume_ratios(context, fleet)


def _add_share_caps(context: ModelContext, stocks: StockMeasures) -> None:
    """Selected stock + base there <= quantity x (base set's stock + base there); formulation.md (13), 2.7."""
    rules = context.regime.with_effect(RuleEffect.SHARE_CAP)
    rows = {
        (rule.rule.rule, t): row
        for rule in rules
        for t in context.timing.periods
        if rule.in_force(context.timing.start(t)) and (row := _share_row(context, stocks, rule, t)).terms
    }
    report_idle_rules(context, rules, {name for name, _ in rows})

    def export_share_cap(_: pyo.ConcreteModel, rule: str, t: PeriodIndex) -> object:
        return linear(rows[rule, t].terms) <= rows[rule, t].limit

    context.model.export_share_cap = pyo.Constraint(list(rows), rule=export_share_cap)


def _share_row(context: ModelContext, stocks: StockMeasures, rule: ActiveRule, period: PeriodIndex) -> _Row:
    month = context.timing.start(period)
    terms: list[Term] = []
    for zone in context.zones:
        if not rule.covers_owner(zone.owner, month):
            continue
        inside = 1.0 if rule.covers_destination(zone.country, month) else 0.0
        base = rule.quantity if rule.covers_base(zone.country, month) else 0.0
        terms += [((inside - base) * weight, variable) for weight, variable in stocks.of(rule, zone, period)]
    limit = rule.quantity * rule.base_outside_plan(month) - rule.destination_outside_plan(month)
    return _Row([term for term in terms if term[0] != 0], limit)


def _add_volume_ratios(context: ModelContext, fleet: Fleet) -> None:
    """Selected installations of a chip so far <= quantity x those in the base set so far.

    `volume_margin[rule, chip, t]` is the left side minus the right; it may fall without limit and
    must not be positive.
    """
    rules = context.regime.with_effect(RuleEffect.VOLUME_RATIO)
    changes = {
        (rule.rule.rule, chip): _margin_changes(context, fleet, rule, chip)
        for rule in rules
        for chip in chip_weights(context, rule)
    }
    started = {key: min(by_period) for key, by_period in changes.items() if by_period}
    report_idle_rules(context, rules, {name for name, _ in started})
    by_name = {rule.rule.rule: rule for rule in rules}
    states = [
        (rule, chip, t)
        for (rule, chip), start in started.items()
        for t in context.timing.periods[start:]
        if by_name[rule].in_force(context.timing.start(t))
    ]
    context.model.volume_margin = pyo.Var(states, within=pyo.NonPositiveReals)
    margin = context.model.volume_margin

    def volume_ratio(_: pyo.ConcreteModel, rule: str, chip: str, t: PeriodIndex) -> object:
        terms: list[Term] = [(1.0, margin[rule, chip, t])]
        if t > started[rule, chip]:
            terms.append((-1.0, margin[rule, chip, context.timing.periods[t - 1]]))
        now = changes[rule, chip].get(t, [])
        return linear([*terms, *((-weight, variable) for weight, variable in now)]) == 0

    context.model.volume_ratio = pyo.Constraint(states, rule=volume_ratio)


def _margin_changes(
    context: ModelContext, fleet: Fleet, rule: ActiveRule, chip_id: str
) -> dict[PeriodIndex, list[Term]]:
    """What each installation of the chip adds to the margin, by period in force."""
    changes: dict[PeriodIndex, list[Term]] = defaultdict(list)
    for zone in context.zones:
        for chip, t in fleet.by_zone.get(zone.name, ()):
            month = context.timing.start(t)
            if chip.chip != chip_id or not rule.in_force(month):
                continue
            selected = rule.covers_destination(zone.country, month) and rule.covers_owner(zone.owner, month)
            weight = (1.0 if selected else 0.0) - (rule.quantity if rule.covers_base(zone.country, month) else 0.0)
            if weight != 0:
                changes[t].append((weight, context.model.installed[zone.name, chip_id, t]))
    return changes
