"""Ratio rules: shares of the working stock, and same-chip volume ratios (SEMANTICS 7.5, 7.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.algebra import pyo
from optimizer.instance.schema import RuleEffect
from optimizer.model.context import ModelContext
from optimizer.model.export_caps import StockMeasures
from optimizer.model.export_flows import GroupedRule, chip_weights, group_of_zone, in_force, report_idle_rules
from optimizer.model.expressions import Term, Variable
from optimizer.model.fleet import Fleet
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.timing import PeriodIndex, Timing
from optimizer.policy.owners import RuleGroup
from optimizer.policy.rules import ActiveRule


def share_cap_rows(context: ModelContext, stocks: StockMeasures) -> Rows:
    """Selected stock + base there <= quantity x (base set's stock + base there); formulation.md (13), 2.7.

    Where the base outside the plan breaks the share by itself, and no stock of the plan in the base
    set can mend it, nothing may be selected, which is what SEMANTICS 7.5 leaves. Where it can be
    mended, the row asks for that even of plans that select nothing: to say "or nothing at all" takes
    a yes-or-no variable, which no instance has needed.
    """
    rules = context.regime.with_effect(RuleEffect.SHARE_CAP)
    found = {
        (GroupedRule(rule.name, group), t): _share_row(context, stocks, rule, group, t)
        for rule in rules
        for group in rule.groups
        for t in in_force(context, rule)
    }
    rows = {key: row for key, row in found.items() if any(weight > 0 for weight, _ in row.terms)}
    report_idle_rules(context, rules, {key.rule for key, _ in rows})
    return rows


def _share_row(
    context: ModelContext, stocks: StockMeasures, rule: ActiveRule, group: RuleGroup, period: PeriodIndex
) -> LinearRow:
    """One group at one date: its country takes the place of the destination, its operator narrows both sides (7.9)."""
    month = context.timing.start(period)
    quantity = rule.quantity_at(month)
    terms: list[Term] = []
    for zone in context.zones:
        if not group.includes_operator(zone.owner.operator) or not rule.covers_owner(zone.owner, month):
            continue
        selected = group.country in (None, zone.country) and rule.covers_destination(zone.country, month)
        base = quantity if rule.covers_base(zone.country, month) else 0.0
        weight = (1.0 if selected else 0.0) - base
        terms += [(weight * factor, variable) for factor, variable in stocks.of(rule, zone, period)]
    limit = quantity * rule.base_outside_plan(month, group) - rule.destination_outside_plan(month, group)
    kept = [term for term in terms if term[0] != 0]
    can_be_mended = any(weight < 0 for weight, _ in kept)
    return LinearRow(kept, upper=limit if can_be_mended else max(0.0, limit))


def add_volume_margins(context: ModelContext, fleet: Fleet) -> None:
    """Add the variables of volume_ratio rules.

    Variables
    ---------
    volume_margin[rule, chip, t]
        Selected installations so far minus quantity x (those in the base set + base_quantity) [million
        chips]; it may fall without limit and must not be positive.
    """
    rules = context.regime.with_effect(RuleEffect.VOLUME_RATIO)
    states: list[tuple[GroupedRule, str, PeriodIndex]] = []
    for rule in rules:
        for group in rule.groups:
            for chip in chip_weights(context, rule):
                ratio = _Ratio.of(context, fleet, rule, group, chip)
                dates = in_force(context, rule) if ratio.selected else []
                states += [(GroupedRule(rule.name, group), chip, t) for t in dates if t >= ratio.first]
    report_idle_rules(context, rules, {key.rule for key, _, _ in states})
    context.model.volume_margin = pyo.Var(states, within=pyo.NonPositiveReals)


def volume_ratio_rows(context: ModelContext, fleet: Fleet) -> Rows:
    """margin[t] = margin[t-1] + selected - quantity x base installations (SEMANTICS 7.6).

    The first row takes quantity x base_quantity off; where the quantity changes, so does what the base so far allows.
    """
    margin, periods = context.model.volume_margin, context.timing.periods
    ratios = {
        (key, chip): _Ratio.of(context, fleet, context.regime.by_name[key.rule], key.group, chip)
        for key, chip, _ in margin
    }
    rows: dict[tuple[GroupedRule, str, PeriodIndex], LinearRow] = {}
    for key, chip, t in margin:
        terms: list[Term] = [(1.0, margin[key, chip, t])]
        before = periods[t - 1] if t > 0 and (key, chip, periods[t - 1]) in margin else None
        if before is not None:
            terms.append((-1.0, margin[key, chip, before]))
        changes, constant = ratios[key, chip].change(t, before)
        rows[key, chip, t] = LinearRow(
            terms + [(-weight, variable) for weight, variable in changes], lower=constant, upper=constant
        )
    return rows


@dataclass(frozen=True)
class _Ratio:
    """Installations of a chip under a volume ratio, by period in force."""

    timing: Timing
    rule: ActiveRule
    selected: Mapping[PeriodIndex, list[Variable]]
    base: Mapping[PeriodIndex, list[Variable]]

    @classmethod
    def of(cls, context: ModelContext, fleet: Fleet, rule: ActiveRule, group: RuleGroup, chip_id: str) -> _Ratio:
        selected: dict[PeriodIndex, list[Variable]] = defaultdict(list)
        base: dict[PeriodIndex, list[Variable]] = defaultdict(list)
        for zone in context.zones:
            own = group == group_of_zone(rule, zone)
            for t in fleet.dates_of.get((zone.name, chip_id), ()):
                month = context.timing.start(t)
                if not rule.in_force(month):
                    continue
                variable = context.model.installed[zone.name, chip_id, t]
                if own and rule.covers(zone.country, zone.owner, month):
                    selected[t].append(variable)
                if rule.covers_base(zone.country, month):
                    base[t].append(variable)
        return cls(context.timing, rule, selected, base)

    @property
    def first(self) -> PeriodIndex:
        """First period with an installation on either side."""
        return min([*self.selected, *self.base])

    def change(self, period: PeriodIndex, before: PeriodIndex | None) -> tuple[list[Term], float]:
        """Terms and constant by which the margin of a period differs from that of the period before, if it has one."""
        quantity = self.rule.quantity_at(self.timing.start(period))
        weights: dict[int, float] = defaultdict(float)
        variables: dict[int, Variable] = {}
        selected = [(1.0, variable) for variable in self.selected.get(period, ())]
        counted = [(-quantity, variable) for variable in self.base.get(period, ())]
        constant = 0.0 - quantity * self.rule.rule.base_quantity
        if before is not None:
            rise = quantity - self.rule.quantity_at(self.timing.start(before))
            counted += [(-rise, variable) for u, entries in self.base.items() if u <= before for variable in entries]
            constant = 0.0 - rise * self.rule.rule.base_quantity
        for weight, variable in (*selected, *counted):
            weights[id(variable)] += weight
            variables[id(variable)] = variable
        return [(weight, variables[key]) for key, weight in weights.items() if weight != 0], constant
