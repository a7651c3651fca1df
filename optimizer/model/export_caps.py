"""Quantity caps of export rules: cumulative, yearly, and on the working stock (SEMANTICS 7.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pyomo.environ as pyo

from optimizer.instance.schema import Chip, RuleEffect
from optimizer.model.chips import Fleet
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term, linear
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.timing import PeriodIndex
from optimizer.model.zones import AllocationZone
from optimizer.policy.regime import ActiveRule


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


def chip_weights(context: ModelContext, rule: ActiveRule) -> Mapping[str, float]:
    """What each chip that passes the rule's chip test counts."""
    return {chip.chip: rule.weight(chip) for chip in context.instance.chips if rule.passes_chip(chip)}


def _first_arrivals(fleet: Fleet, weights: Mapping[str, float]) -> Mapping[str, PeriodIndex]:
    first: dict[str, PeriodIndex] = {}
    for zone, chip, t in fleet.tuples:
        if chip in weights:
            first[zone] = min(first.get(zone, t), t)
    return first


def selected_installations(
    context: ModelContext, fleet: Fleet, rule: ActiveRule
) -> Mapping[PeriodIndex, list[tuple[Chip, object]]]:
    """Installations that a rule selects while it is in force, by period."""
    weights = chip_weights(context, rule)
    selected: dict[PeriodIndex, list[tuple[Chip, object]]] = defaultdict(list)
    for zone in context.zones:
        for chip, t in fleet.by_zone.get(zone.name, ()):
            month = context.timing.start(t)
            if (
                chip.chip in weights
                and rule.in_force(month)
                and rule.covers_destination(zone.country, month)
                and rule.covers_owner(zone.owner, month)
            ):
                selected[t].append((chip, context.model.installed[zone.name, chip.chip, t]))
    return selected


def flow_cap_rows(context: ModelContext, fleet: Fleet) -> Rows:
    """Sum of weight x selected installations <= quantity (SEMANTICS 7.4).

    A cumulative cap holds at every date; installations are not negative, so its last date implies
    the others and one row is enough. A yearly cap has a row a year.
    """
    rules = context.regime.with_effect(RuleEffect.CAP_CUMULATIVE, RuleEffect.CAP_YEARLY)
    terms: dict[tuple[str, object], list[Term]] = defaultdict(list)
    for rule in rules:
        for t, installations in selected_installations(context, fleet, rule).items():
            when = "all" if rule.effect is RuleEffect.CAP_CUMULATIVE else context.timing.year(t)
            terms[rule.rule.rule, when] += [(rule.weight(chip), variable) for chip, variable in installations]
    report_idle_rules(context, rules, {name for name, _ in terms})
    quantities = {rule.rule.rule: rule.quantity for rule in rules}
    return {key: LinearRow(found, upper=quantities[key[0]]) for key, found in terms.items()}


def stock_cap_rows(context: ModelContext, stocks: StockMeasures) -> Rows:
    """Working stock of the selected zones <= quantity, in every period in force (SEMANTICS 7.4)."""
    rules = context.regime.with_effect(RuleEffect.CAP_STOCK)
    rows: dict[tuple[str, PeriodIndex], LinearRow] = {}
    for rule in rules:
        for t in context.timing.periods:
            month = context.timing.start(t)
            if rule.in_force(month):
                terms = [
                    term
                    for zone in context.zones
                    if rule.covers_destination(zone.country, month) and rule.covers_owner(zone.owner, month)
                    for term in stocks.of(rule, zone, t)
                ]
                if terms:
                    rows[rule.rule.rule, t] = LinearRow(terms, upper=rule.quantity)
    report_idle_rules(context, rules, {name for name, _ in rows})
    return rows


def report_idle_rules(context: ModelContext, rules: tuple[ActiveRule, ...], used: set[str]) -> None:
    """List rules that select nothing that can happen."""
    context.vacuous.extend(
        Vacuous("rules", rule.rule.rule, "selects no installation that is possible while it is in force")
        for rule in rules
        if rule.rule.rule not in used
    )
