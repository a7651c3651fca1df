"""Matching investment: capital at home for capital abroad (SEMANTICS 7.7)."""

from __future__ import annotations

from optimizer.instance.schema import RuleEffect, Site
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.export_flows import GroupedRule
from optimizer.model.expressions import Term
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.siting import Siting
from optimizer.model.timing import PeriodIndex
from optimizer.policy.owners import Owner, RuleGroup
from optimizer.policy.rules import ActiveRule

_IDLE = "no site that it selects can commit capital that must be matched while it is in force"


def matching_rows(context: ModelContext, siting: Siting) -> Rows:
    """Capital committed in the base set so far >= quantity x that at selected sites, on each decision date in force."""
    rules = context.regime.with_effect(RuleEffect.MATCHING_INVESTMENT)
    rows: dict[tuple[GroupedRule, PeriodIndex], LinearRow] = {}
    for rule in rules:
        in_force = [d for d in context.timing.decisions if rule.in_force(context.timing.start(d))]
        for group in rule.groups:
            for position, d in enumerate(in_force):
                dates = in_force[: position + 1]
                if _asks_for_capital(context, siting, rule, group, dates):
                    terms = _matching_terms(context, siting, rule, group, dates)
                    rows[GroupedRule(rule.name, group), d] = LinearRow(terms, lower=0.0)
    found = {key.rule for key, _ in rows}
    context.vacuous.extend(Vacuous("rules", rule.name, _IDLE) for rule in rules if rule.name not in found)
    return rows


def _asks_for_capital(
    context: ModelContext, siting: Siting, rule: ActiveRule, group: RuleGroup, dates: list[PeriodIndex]
) -> bool:
    """Whether capital that must be matched can be committed; capital in the base set alone breaks no rule."""
    quantity = rule.quantity_at(context.timing.start(dates[-1]))
    return any(
        _matching_weight(rule, group, site, context.timing.start(d), quantity) < 0
        and _committed_capital(context, siting, site, d)
        for site in context.instance.sites
        if group.includes_operator(site.operator)
        for d in dates
    )


def _matching_terms(
    context: ModelContext, siting: Siting, rule: ActiveRule, group: RuleGroup, dates: list[PeriodIndex]
) -> list[Term]:
    """Base minus quantity x selected capital; group memberships count on the date of commitment (SEMANTICS 10.3)."""
    quantity = rule.quantity_at(context.timing.start(dates[-1]))
    return [
        (weight * busd, variable)
        for site in context.instance.sites
        if group.includes_operator(site.operator)
        for d in dates
        if (weight := _matching_weight(rule, group, site, context.timing.start(d), quantity)) != 0
        for busd, variable in _committed_capital(context, siting, site, d)
    ]


def _matching_weight(rule: ActiveRule, group: RuleGroup, site: Site, month: int, quantity: float) -> float:
    here = group.country in (None, site.country)
    selected = here and rule.covers(site.country, Owner.of(site), month)
    return (1.0 if rule.covers_base(site.country, month) else 0.0) - (quantity if selected else 0.0)


def _committed_capital(context: ModelContext, siting: Siting, site: Site, date: PeriodIndex) -> list[Term]:
    """Terms of opening and module cost committed on a decision date [B USD]."""
    cost = context.prices.module_cost(site)
    modules = [(sign * cost, variable) for sign, variable in siting.committed_between(site, date, date)]
    opening = [(sign * site.open_cost_busd, variable) for sign, variable in siting.opened_between(site, date, date)]
    return modules + opening
