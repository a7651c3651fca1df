"""Quantity caps of export rules: cumulative, yearly, and on the working stock (SEMANTICS 7.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from optimizer.algebra import pyo
from optimizer.instance.schema import RuleEffect
from optimizer.model.context import ModelContext
from optimizer.model.export_flows import (
    GroupedRule,
    chip_weights,
    group_of_zone,
    in_force,
    report_idle_rules,
    selected_flows,
)
from optimizer.model.export_quantities import cumulative_rows, span_rows, stock_rows
from optimizer.model.expressions import Term, linear
from optimizer.model.fleet import Fleet
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.timing import PeriodIndex
from optimizer.model.zones import AllocationZone
from optimizer.policy.owners import RuleGroup
from optimizer.policy.rules import ActiveRule


@dataclass(frozen=True)
class StockMeasures:
    """Working stock of each zone in the measure of a rule, as variables shared between its rows.

    Variables
    ---------
    export_stock[rule, zone, t]
        Chips at work in a zone that pass the rule's chip test, in the rule's measure. Which zones a
        row adds up may change with the date.
    """

    context: ModelContext

    def of(self, rule: ActiveRule, zone: AllocationZone, period: PeriodIndex) -> list[Term]:
        """Term of the stock of a zone (none before its first possible arrival)."""
        stock, key = self.context.model.export_stock, (rule.rule.rule, zone.name, period)
        return [(1.0, stock[key])] if key in stock else []


def add_stock_measures(context: ModelContext, fleet: Fleet) -> StockMeasures:
    """Add stock variables and stock[t] = stock[t-1] + weight x arrivals - weight x departures."""
    rules = context.regime.with_effect(RuleEffect.CAP_STOCK, RuleEffect.SHARE_CAP)
    weights = {rule.rule.rule: chip_weights(context, rule) for rule in rules}
    states = [
        (rule.rule.rule, zone, t)
        for rule in rules
        for zone, start in _first_arrivals(fleet, weights[rule.rule.rule]).items()
        for t in context.timing.periods[start:]
    ]
    context.model.export_stock = pyo.Var(states, within=pyo.NonNegativeReals)
    stock, zones = context.model.export_stock, {zone.name: zone for zone in context.zones}

    def export_stock_balance(_: pyo.ConcreteModel, rule: str, zone: str, t: PeriodIndex) -> object:
        terms: list[Term] = [(1.0, stock[rule, zone, t])]
        if t > 0 and (rule, zone, context.timing.periods[t - 1]) in stock:
            terms.append((-1.0, stock[rule, zone, context.timing.periods[t - 1]]))
        change = fleet.stock_change(zones[zone], t, weights[rule])
        return linear([*terms, *((-weight, variable) for weight, variable in change)]) == 0

    context.model.export_stock_balance = pyo.Constraint(states, rule=export_stock_balance)
    return StockMeasures(context)


def _first_arrivals(fleet: Fleet, weights: Mapping[str, float]) -> Mapping[str, PeriodIndex]:
    first: dict[str, PeriodIndex] = {}
    for zone, chip, t in fleet.tuples:
        if chip in weights:
            first[zone] = min(first.get(zone, t), t)
    return first


def flow_cap_rows(context: ModelContext, fleet: Fleet) -> Rows:
    """Sum of weight x selected installations <= quantity, for each group (SEMANTICS 7.4, 7.9)."""
    rules = context.regime.with_effect(RuleEffect.CAP_CUMULATIVE, RuleEffect.CAP_YEARLY)
    rows: dict[tuple[GroupedRule, Hashable], LinearRow] = {}
    for rule in rules:
        dates = in_force(context, rule)
        for group, flows in selected_flows(context, fleet, rule).items():
            if rule.effect is RuleEffect.CAP_CUMULATIVE:
                made = cumulative_rows(context, rule, group, flows, dates)
            else:
                made = span_rows(context, rule, group, flows, dates, context.timing.year)
            rows |= {(GroupedRule(rule.name, group), when): row for when, row in made}
    report_idle_rules(context, rules, {key.rule for key, _ in rows})
    return rows


def stock_cap_rows(context: ModelContext, stocks: StockMeasures) -> Rows:
    """Working stock of the selected zones of each group <= quantity, in every period in force (SEMANTICS 7.4)."""
    rules = context.regime.with_effect(RuleEffect.CAP_STOCK)
    rows: dict[tuple[GroupedRule, Hashable], LinearRow] = {}
    for rule in rules:
        standing: dict[RuleGroup, dict[PeriodIndex, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for t in in_force(context, rule):
            for zone in context.zones:
                if rule.covers(zone.country, zone.owner, context.timing.start(t)):
                    standing[group_of_zone(rule, zone)][t] += stocks.of(rule, zone, t)
        for group, terms in standing.items():
            made = stock_rows(context, rule, group, terms)
            rows |= {(GroupedRule(rule.name, group), when): row for when, row in made}
    report_idle_rules(context, rules, {key.rule for key, _ in rows})
    return rows
