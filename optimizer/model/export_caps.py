"""Quantity caps of export rules: cumulative, yearly, and on the working stock (SEMANTICS 7.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pyomo.environ as pyo

from optimizer.instance.schema import Chip, RuleEffect
from optimizer.model.chips import Fleet
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term, linear
from optimizer.model.timing import PeriodIndex
from optimizer.model.zones import AllocationZone
from optimizer.policy.regime import ActiveRule


class StockMeasures:
    """Working stock of each zone in the measure of a rule, as variables shared between its rows.

    `export_stock[rule, zone, t]` counts the chips that pass the rule's chip test, whatever the
    zone; which zones a row adds up may change with the date.
    """

    def __init__(self, context: ModelContext, fleet: Fleet, rules: tuple[ActiveRule, ...]) -> None:
        self._weights = {rule.rule.rule: chip_weights(context, rule) for rule in rules}
        states = [
            (rule.rule.rule, zone, t)
            for rule in rules
            for zone, start in _first_arrivals(fleet, self._weights[rule.rule.rule]).items()
            for t in context.timing.periods[start:]
        ]
        context.model.export_stock = pyo.Var(states, within=pyo.NonNegativeReals)
        self._stock = context.model.export_stock
        self._add_balance(context, fleet)

    def _add_balance(self, context: ModelContext, fleet: Fleet) -> None:
        """stock[t] = stock[t-1] + weight x arrivals - weight x departures."""
        stock, zones = self._stock, {zone.name: zone for zone in context.zones}

        def export_stock_balance(_: pyo.ConcreteModel, rule: str, zone: str, t: PeriodIndex) -> object:
            terms: list[Term] = [(1.0, stock[rule, zone, t])]
            if t > 0 and (rule, zone, context.timing.periods[t - 1]) in stock:
                terms.append((-1.0, stock[rule, zone, context.timing.periods[t - 1]]))
            change = fleet.stock_change(zones[zone], t, self._weights[rule])
            return linear([*terms, *((-weight, variable) for weight, variable in change)]) == 0

        context.model.export_stock_balance = pyo.Constraint(list(stock), rule=export_stock_balance)

    def of(self, rule: ActiveRule, zone: AllocationZone, period: PeriodIndex) -> list[Term]:
        """Term of the stock of a zone (none before its first possible arrival)."""
        key = (rule.rule.rule, zone.name, period)
        return [(1.0, self._stock[key])] if key in self._stock else []


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


def add_export_caps(context: ModelContext, fleet: Fleet, stocks: StockMeasures) -> None:
    """Add the rows of cap_cumulative, cap_yearly and cap_stock rules."""
    _add_flow_caps(context, fleet)
    _add_stock_caps(context, stocks)


def _add_flow_caps(context: ModelContext, fleet: Fleet) -> None:
    """Sum of weight x installations <= quantity.

    A cumulative cap holds at every date; installations are not negative, so its last date implies
    the others and one row is enough. A yearly cap has a row a year.
    """
    rules = context.regime.with_effect(RuleEffect.CAP_CUMULATIVE, RuleEffect.CAP_YEARLY)
    rows: dict[tuple[str, object], list[Term]] = defaultdict(list)
    quantities: dict[str, float] = {}
    for rule in rules:
        quantities[rule.rule.rule] = rule.quantity
        for t, installations in selected_installations(context, fleet, rule).items():
            when = "all" if rule.effect is RuleEffect.CAP_CUMULATIVE else context.timing.year(t)
            rows[rule.rule.rule, when] += [(rule.weight(chip), variable) for chip, variable in installations]
    report_idle_rules(context, rules, {name for name, _ in rows})

    def export_flow_cap(_: pyo.ConcreteModel, rule: str, when: object) -> object:
        return linear(rows[rule, when]) <= quantities[rule]

    context.model.export_flow_cap = pyo.Constraint(list(rows), rule=export_flow_cap)


def _add_stock_caps(context: ModelContext, stocks: StockMeasures) -> None:
    """Working stock of the selected zones <= quantity, in every period in force."""
    rules = context.regime.with_effect(RuleEffect.CAP_STOCK)
    rows: dict[tuple[str, PeriodIndex], list[Term]] = {}
    quantities = {rule.rule.rule: rule.quantity for rule in rules}
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
                    rows[rule.rule.rule, t] = terms
    report_idle_rules(context, rules, {name for name, _ in rows})

    def export_stock_cap(_: pyo.ConcreteModel, rule: str, t: PeriodIndex) -> object:
        return linear(rows[rule, t]) <= quantities[rule]

    context.model.export_stock_cap = pyo.Constraint(list(rows), rule=export_stock_cap)


def report_idle_rules(context: ModelContext, rules: tuple[ActiveRule, ...], used: set[str]) -> None:
    """List rules that select nothing that can happen."""
    context.vacuous.extend(
        Vacuous("rules", rule.rule.rule, "selects no installation that is possible while it is in force")
        for rule in rules
        if rule.rule.rule not in used
    )
