"""The policy table: how much of every export rule a plan uses while the rule holds (SEMANTICS 7, 10.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import fsum

from optimizer.instance.calendar import format_month
from optimizer.instance.schema import PERMITS, PermitPeriod, RuleEffect, RuleMeasure, Site
from optimizer.model.timing import PeriodIndex
from optimizer.plan.limit_table import is_binding
from optimizer.plan.state import PlanState
from optimizer.plan.tables import PolicyUse
from optimizer.policy.owners import Owner, RuleGroup
from optimizer.policy.rules import ActiveRule


def policy_rows(state: PlanState) -> Iterator[PolicyUse]:
    """Make one row for every rule with a quantity, group, and date on which it holds."""
    for rule in state.context.regime.rules:
        maker = _MAKERS.get(rule.effect)
        if maker is None or (rule.effect in PERMITS and not (rule.is_permit and rule.is_limited)):
            continue
        for group in rule.groups:
            yield from maker(state, rule, group)


def _row(rule: ActiveRule, group: RuleGroup, when: str, used: float, limit: float, chip: str = "") -> PolicyUse:
    missing = RuleMeasure.CAPITAL_BUSD if rule.effect is RuleEffect.MATCHING_INVESTMENT else RuleMeasure.CHIPS_MILLION
    unit = rule.rule.measure or missing
    binding = is_binding(limit - used, used, limit)
    return PolicyUse(rule.name, rule.effect, str(group), chip, when, used, limit, limit - used, unit, binding)


def _quantity(state: PlanState, rule: ActiveRule, group: RuleGroup, period: PeriodIndex) -> float:
    """Quantity of a rule in a period, with the quota steps that were bought for the group."""
    month = state.timing.start(period)
    bought = (
        step.adds_at(month)
        for step in state.context.regime.steps_raising(rule, group)
        if (step.name, str(group)) in state.decisions.steps
    )
    return rule.quantity_at(month) + sum(bought)


def _in_force(state: PlanState, rule: ActiveRule) -> list[PeriodIndex]:
    return [t for t in state.timing.periods if rule.in_force(state.timing.start(t))]


# --- caps (SEMANTICS 7.4) ----------------------------------------------------------------------------------------


def _flow(state: PlanState, rule: ActiveRule, group: RuleGroup, period: PeriodIndex) -> float:
    """Weighted installations of a period that the rule selects in a group."""
    month = state.timing.start(period)
    return fsum(
        count * rule.weight(chip)
        for site, chip, count in state.installations_of_period.get(period, ())
        if group.includes(site.country, site.operator)
        and rule.passes_chip(chip)
        and rule.covers(site.country, Owner.of(site), month)
    )


def _cumulative_cap(state: PlanState, rule: ActiveRule, group: RuleGroup) -> Iterator[PolicyUse]:
    so_far = 0.0
    for t in _in_force(state, rule):
        so_far += _flow(state, rule, group, t)
        yield _row(rule, group, t.label, so_far, _quantity(state, rule, group, t))


def _yearly_cap(state: PlanState, rule: ActiveRule, group: RuleGroup) -> Iterator[PolicyUse]:
    by_year: dict[int, float] = {}
    last: dict[int, PeriodIndex] = {}
    for t in _in_force(state, rule):
        year = state.timing.year(t)
        by_year[year] = by_year.get(year, 0.0) + _flow(state, rule, group, t)
        last[year] = t
    for year, flow in by_year.items():
        yield _row(rule, group, str(year), flow, _quantity(state, rule, group, last[year]))


def _stock_cap(state: PlanState, rule: ActiveRule, group: RuleGroup) -> Iterator[PolicyUse]:
    for t in _in_force(state, rule):
        selected, _ = _stocks(state, rule, group, t)
        yield _row(rule, group, t.label, selected, _quantity(state, rule, group, t))


# --- one place against another (SEMANTICS 7.5-7.7) -----------------------------------------------------------------


def _stocks(state: PlanState, rule: ActiveRule, group: RuleGroup, period: PeriodIndex) -> tuple[float, float]:
    """Working chips of a group that the rule selects, and those of the group's operator in the base."""
    month = state.timing.start(period)
    selected = base = 0.0
    for (name, chip_id), counts in state.working.items():
        site, chip = state.instance.site_by_id[name], state.instance.chip_by_id[chip_id]
        if not rule.passes_chip(chip) or not rule.covers_owner(Owner.of(site), month):
            continue
        stock = counts[period] * rule.weight(chip)
        if group.includes(site.country, site.operator) and rule.covers_destination(site.country, month):
            selected += stock
        if group.includes_operator(site.operator) and rule.covers_base(site.country, month):
            base += stock
    return selected, base


def _share_cap(state: PlanState, rule: ActiveRule, group: RuleGroup) -> Iterator[PolicyUse]:
    for t in _in_force(state, rule):
        month = state.timing.start(t)
        selected, base = _stocks(state, rule, group, t)
        limit = rule.quantity_at(month) * (base + rule.base_outside_plan(month, group))
        yield _row(rule, group, t.label, selected + rule.destination_outside_plan(month, group), limit)


def _volume_ratio(state: PlanState, rule: ActiveRule, group: RuleGroup) -> Iterator[PolicyUse]:
    for chip in state.instance.chips:
        if not rule.passes_chip(chip):
            continue
        selected, base = 0.0, rule.rule.base_quantity
        for t in _in_force(state, rule):
            month = state.timing.start(t)
            for site, kind, count in state.installations_of_period.get(t, ()):
                if kind.chip != chip.chip:
                    continue
                if group.includes(site.country, site.operator) and rule.covers(site.country, Owner.of(site), month):
                    selected += count
                if rule.covers_base(site.country, month):
                    base += count
            yield _row(rule, group, t.label, selected, rule.quantity_at(month) * base, chip.chip)


def _matching(state: PlanState, rule: ActiveRule, group: RuleGroup) -> Iterator[PolicyUse]:
    selected = base = 0.0
    for d in state.timing.decisions:
        month = state.timing.start(d)
        if not rule.in_force(month):
            continue
        for site in state.instance.sites:
            committed = _committed_capital(state, site, d)
            if group.includes(site.country, site.operator) and rule.covers(site.country, Owner.of(site), month):
                selected += committed
            if group.includes_operator(site.operator) and rule.covers_base(site.country, month):
                base += committed
        yield _row(rule, group, d.label, rule.quantity_at(month) * selected, base)


def _committed_capital(state: PlanState, site: Site, decision: PeriodIndex) -> float:
    """Opening and module cost committed on a decision date [B USD]."""
    total = 0.0
    for position, (d, _, modules) in enumerate(state.phases.get(site.site, ())):
        if d == decision:
            opening = state.opening_cost(site, position, modules)
            total += modules * state.context.prices.module_cost(site) + opening
    return total


# --- permits (SEMANTICS 7.12) --------------------------------------------------------------------------------------


def _permit(state: PlanState, rule: ActiveRule, group: RuleGroup) -> Iterator[PolicyUse]:
    serving = [t for t in state.timing.periods if rule.serves(state.timing.start(t))]
    arrivals = list(_travelled(state, rule, group))
    match rule.rule.period:
        case PermitPeriod.STOCK:
            for t in serving:
                alive = fsum(count for came, life, count in arrivals if _is_alive(state, came, life, t))
                yield _row(rule, group, t.label, alive, _quantity(state, rule, group, t))
        case PermitPeriod.YEARLY | PermitPeriod.TERM:
            last = {_span(state, rule, t): t for t in serving}
            for span, t in last.items():
                within = fsum(count for came, _, count in arrivals if _span(state, rule, came) == span)
                yield _row(rule, group, span, within, _quantity(state, rule, group, t))
        case _:
            for t in serving:
                so_far = fsum(count for came, _, count in arrivals if came <= t)
                yield _row(rule, group, t.label, so_far, _quantity(state, rule, group, t))


def _travelled(state: PlanState, rule: ActiveRule, group: RuleGroup) -> Iterator[tuple[PeriodIndex, int, float]]:
    """Period, life [months] and weighted chips of the arrivals under a permit in a group."""
    for name, chip_id, t, amount in state.travelling.get(rule.name, ()):
        site, chip = state.instance.site_by_id[name], state.instance.chip_by_id[chip_id]
        if group.includes(site.country, site.operator):
            yield t, chip.life_months, amount * rule.weight(chip)


def _is_alive(state: PlanState, came: PeriodIndex, life_months: int, period: PeriodIndex) -> bool:
    return came <= period and state.timing.start(period) < state.timing.start(came) + life_months


def _span(state: PlanState, rule: ActiveRule, period: PeriodIndex) -> str:
    """Name of the year or of the term to which a period belongs."""
    if rule.rule.period is PermitPeriod.YEARLY:
        return str(state.timing.year(period))
    return format_month(rule.term_of(state.timing.start(period)))


_MAKERS: Mapping[RuleEffect, Callable[[PlanState, ActiveRule, RuleGroup], Iterator[PolicyUse]]] = {
    RuleEffect.CAP_CUMULATIVE: _cumulative_cap,
    RuleEffect.CAP_YEARLY: _yearly_cap,
    RuleEffect.CAP_STOCK: _stock_cap,
    RuleEffect.SHARE_CAP: _share_cap,
    RuleEffect.VOLUME_RATIO: _volume_ratio,
    RuleEffect.MATCHING_INVESTMENT: _matching,
    RuleEffect.LICENCE: _permit,
    RuleEffect.ALLOW: _permit,
}
