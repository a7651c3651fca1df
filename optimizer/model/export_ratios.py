"""Ratio rules: shares of the working stock, and same-chip volume ratios (SEMANTICS 7.5, 7.6)."""

from __future__ import annotations

from collections import defaultdict

import pyomo.environ as pyo

from optimizer.instance.schema import RuleEffect
from optimizer.model.chips import Fleet
from optimizer.model.context import ModelContext
from optimizer.model.export_caps import StockMeasures, chip_weights, report_idle_rules
from optimizer.model.expressions import Term
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.timing import PeriodIndex
from optimizer.policy.regime import ActiveRule


def share_cap_rows(context: ModelContext, stocks: StockMeasures) -> Rows:
    """Selected stock + base there <= quantity x (base set's stock + base there); formulation.md (13), 2.7.

    Where the base outside the plan breaks the share by itself, and no stock of the plan in the base
    set can mend it, nothing may be selected, which is what SEMANTICS 7.5 leaves. Where it can be
    mended, the row asks for that even of plans that select nothing: to say "or nothing at all" takes
    a yes-or-no variable, which no instance has needed.
    """
    rules = context.regime.with_effect(RuleEffect.SHARE_CAP)
    found = {
        (rule.rule.rule, t): _share_row(context, stocks, rule, t)
        for rule in rules
        for t in context.timing.periods
        if rule.in_force(context.timing.start(t))
    }
    rows = {key: row for key, row in found.items() if any(weight > 0 for weight, _ in row.terms)}
    report_idle_rules(context, rules, {name for name, _ in rows})
    return rows


def _share_row(context: ModelContext, stocks: StockMeasures, rule: ActiveRule, period: PeriodIndex) -> LinearRow:
    month = context.timing.start(period)
    terms: list[Term] = []
    for zone in context.zones:
        if not rule.covers_owner(zone.owner, month):
            continue
        inside = 1.0 if rule.covers_destination(zone.country, month) else 0.0
        base = rule.quantity if rule.covers_base(zone.country, month) else 0.0
        terms += [((inside - base) * weight, variable) for weight, variable in stocks.of(rule, zone, period)]
    limit = rule.quantity * rule.base_outside_plan(month) - rule.destination_outside_plan(month)
    kept = [term for term in terms if term[0] != 0]
    can_be_mended = any(weight < 0 for weight, _ in kept)
    return LinearRow(kept, upper=limit if can_be_mended else max(0.0, limit))


def add_volume_margins(context: ModelContext, fleet: Fleet) -> None:
    """Add the variables of volume_ratio rules.

    Variables
    ---------
    volume_margin[rule, chip, t]
        Selected installations so far minus quantity x those in the base set [million chips]; it may
        fall without limit and must not be positive.
    """
    rules = context.regime.with_effect(RuleEffect.VOLUME_RATIO)
    states: list[tuple[str, str, PeriodIndex]] = []
    for rule in rules:
        for chip in chip_weights(context, rule):
            changes = _margin_changes(context, fleet, rule, chip)
            if changes:
                in_force = (t for t in context.timing.periods[min(changes) :] if rule.in_force(context.timing.start(t)))
                states += [(rule.rule.rule, chip, t) for t in in_force]
    report_idle_rules(context, rules, {name for name, _, _ in states})
    context.model.volume_margin = pyo.Var(states, within=pyo.NonPositiveReals)


def volume_ratio_rows(context: ModelContext, fleet: Fleet) -> Rows:
    """margin[t] = margin[t-1] + selected installations - quantity x base installations (SEMANTICS 7.6)."""
    margin = context.model.volume_margin
    rules = {rule.rule.rule: rule for rule in context.regime.with_effect(RuleEffect.VOLUME_RATIO)}
    changes = {(name, chip): _margin_changes(context, fleet, rules[name], chip) for name, chip, _ in margin}
    rows: dict[tuple[str, str, PeriodIndex], LinearRow] = {}
    for rule, chip, t in margin:
        terms: list[Term] = [(1.0, margin[rule, chip, t])]
        if t > 0 and (rule, chip, context.timing.periods[t - 1]) in margin:
            terms.append((-1.0, margin[rule, chip, context.timing.periods[t - 1]]))
        terms += [(-weight, variable) for weight, variable in changes[rule, chip].get(t, [])]
        rows[rule, chip, t] = LinearRow(terms, lower=0.0, upper=0.0)
    return rows


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
