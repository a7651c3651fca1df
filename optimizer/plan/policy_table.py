"""The policy table: how much of every export rule a plan uses while the rule holds (SEMANTICS 7, 10.3)."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.schema import RuleEffect, RuleMeasure, Site
from optimizer.model.timing import PeriodIndex
from optimizer.plan.limit_table import is_binding
from optimizer.plan.state import PlanState
from optimizer.plan.tables import PolicyUse
from optimizer.policy.regime import ActiveRule, Owner


def policy_rows(state: PlanState) -> Iterator[PolicyUse]:
    """Make one row for every rule with a quantity and date on which it holds."""
    for rule in state.context.regime.rules:
        match rule.effect:
            case RuleEffect.DENY | RuleEffect.QUOTA_STEP | RuleEffect.TARIFF | RuleEffect.REVENUE_SHARE:
                continue
            case RuleEffect.LICENCE | RuleEffect.ALLOW:
                continue
            case RuleEffect.CAP_CUMULATIVE | RuleEffect.CAP_YEARLY:
                yield from _flow_caps(state, rule)
            case RuleEffect.CAP_STOCK | RuleEffect.SHARE_CAP:
                yield from _stock_rules(state, rule)
            case RuleEffect.VOLUME_RATIO:
                yield from _volume_ratios(state, rule)
            case RuleEffect.MATCHING_INVESTMENT:
                yield from _matching(state, rule)


def _row(rule: ActiveRule, chip: str, when: str, used: float, limit: float) -> PolicyUse:
    missing = RuleMeasure.CAPITAL_BUSD if rule.effect is RuleEffect.MATCHING_INVESTMENT else RuleMeasure.CHIPS_MILLION
    unit = rule.rule.measure or missing
    binding = is_binding(limit - used, used, limit)
    return PolicyUse(rule.rule.rule, rule.effect, chip, when, used, limit, limit - used, unit, binding)


def _owner(site: Site) -> Owner:
    return Owner(site.operator, site.operator_hq)


def _flow(state: PlanState, rule: ActiveRule, period: PeriodIndex, *, base: bool, chip: str | None = None) -> float:
    """Weighted installations of a period that the rule selects (or that lie in its base)."""
    month = state.timing.start(period)
    total = 0.0
    for site, kind, count in state.installations_of_period.get(period, ()):
        if (chip is not None and kind.chip != chip) or not rule.passes_chip(kind):
            continue
        if base:
            counts = rule.covers_base(site.country, month)
        else:
            counts = rule.covers_destination(site.country, month) and rule.covers_owner(_owner(site), month)
        if counts:
            total += count * (1.0 if chip is not None else rule.weight(kind))
    return total


def _in_force(state: PlanState, rule: ActiveRule) -> list[PeriodIndex]:
    return [t for t in state.timing.periods if rule.in_force(state.timing.start(t))]


def _flow_caps(state: PlanState, rule: ActiveRule) -> Iterator[PolicyUse]:
    by_year: dict[int, float] = {}
    so_far = 0.0
    for t in _in_force(state, rule):
        flow = _flow(state, rule, t, base=False)
        so_far += flow
        by_year[state.timing.year(t)] = by_year.get(state.timing.year(t), 0.0) + flow
        if rule.effect is RuleEffect.CAP_CUMULATIVE:
            yield _row(rule, "", t.label, so_far, rule.quantity)
    if rule.effect is RuleEffect.CAP_YEARLY:
        for year, flow in by_year.items():
            yield _row(rule, "", str(year), flow, rule.quantity)


def _stock_rules(state: PlanState, rule: ActiveRule) -> Iterator[PolicyUse]:
    for t in _in_force(state, rule):
        month = state.timing.start(t)
        selected = base = 0.0
        for (name, chip_id), counts in state.working.items():
            site, chip = state.instance.site_by_id[name], state.instance.chip_by_id[chip_id]
            if rule.passes_chip(chip) and rule.covers_owner(_owner(site), month):
                stock = counts[t] * rule.weight(chip)
                selected += stock if rule.covers_destination(site.country, month) else 0.0
                base += stock if rule.covers_base(site.country, month) else 0.0
        if rule.effect is RuleEffect.CAP_STOCK:
            yield _row(rule, "", t.label, selected, rule.quantity)
        else:
            limit = rule.quantity * (base + rule.base_outside_plan(month))
            yield _row(rule, "", t.label, selected + rule.destination_outside_plan(month), limit)


def _volume_ratios(state: PlanState, rule: ActiveRule) -> Iterator[PolicyUse]:
    for chip in state.instance.chips:
        if not rule.passes_chip(chip):
            continue
        selected = base = 0.0
        for t in _in_force(state, rule):
            selected += _flow(state, rule, t, base=False, chip=chip.chip)
            base += _flow(state, rule, t, base=True, chip=chip.chip)
            yield _row(rule, chip.chip, t.label, selected, rule.quantity * base)


def _matching(state: PlanState, rule: ActiveRule) -> Iterator[PolicyUse]:
    selected = base = 0.0
    for d in state.timing.decisions:
        month = state.timing.start(d)
        if not rule.in_force(month):
            continue
        for site in state.instance.sites:
            committed = _committed_capital(state, site, d)
            if rule.covers_destination(site.country, month) and rule.covers_owner(_owner(site), month):
                selected += committed
            if rule.covers_base(site.country, month):
                base += committed
        yield _row(rule, "", d.label, rule.quantity * selected, base)


def _committed_capital(state: PlanState, site: Site, decision: PeriodIndex) -> float:
    """Opening and module cost committed on a decision date [B USD]."""
    total = 0.0
    for position, (d, _, modules) in enumerate(state.phases.get(site.site, ())):
        if d == decision:
            opening = state.opening_cost(site, position, modules)
            total += modules * state.context.prices.module_cost(site) + opening
    return total
