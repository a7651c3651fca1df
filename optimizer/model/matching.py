"""Matching investment: capital at home for capital abroad (SEMANTICS 7.7)."""

from __future__ import annotations

from optimizer.instance.schema import RuleEffect, Site
from optimizer.model.context import ModelContext
from optimizer.model.export_caps import report_idle_rules
from optimizer.model.expressions import Term
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.siting import Siting
from optimizer.model.timing import PeriodIndex
from optimizer.policy.regime import ActiveRule, Owner


def matching_rows(context: ModelContext, siting: Siting) -> Rows:
    """Capital committed in the base set so far >= quantity x that at selected sites, on each decision date in force."""
    rules = context.regime.with_effect(RuleEffect.MATCHING_INVESTMENT)
    rows: dict[tuple[str, PeriodIndex], LinearRow] = {}
    for rule in rules:
        in_force = [d for d in context.timing.decisions if rule.in_force(context.timing.start(d))]
        for d in in_force:
            terms = _matching_terms(context, siting, rule, in_force[0], d)
            if any(weight < 0 for weight, _ in terms):
                rows[rule.rule.rule, d] = LinearRow(terms, lower=0.0)
    report_idle_rules(context, rules, {name for name, _ in rows})
    return rows


def _matching_terms(
    context: ModelContext, siting: Siting, rule: ActiveRule, since: PeriodIndex, until: PeriodIndex
) -> list[Term]:
    """Base minus quantity x selected capital; group memberships count on the date of commitment (SEMANTICS 10.3)."""
    dates = [d for d in context.timing.decisions if since <= d <= until]
    return [
        (weight * busd, variable)
        for site in context.instance.sites
        for d in dates
        if (weight := _matching_weight(rule, site, context.timing.start(d))) != 0
        for busd, variable in _committed_capital(context, siting, site, d)
    ]


def _matching_weight(rule: ActiveRule, site: Site, month: int) -> float:
    selected = rule.covers(site.country, Owner.of(site), month)
    return (1.0 if rule.covers_base(site.country, month) else 0.0) - (rule.quantity if selected else 0.0)


def _committed_capital(context: ModelContext, siting: Siting, site: Site, date: PeriodIndex) -> list[Term]:
    """Terms of opening and module cost committed on a decision date [B USD]."""
    cost = context.prices.module_cost(site)
    modules = [(sign * cost, variable) for sign, variable in siting.committed_between(site, date, date)]
    opening = [(sign * site.open_cost_busd, variable) for sign, variable in siting.opened_between(site, date, date)]
    return modules + opening
