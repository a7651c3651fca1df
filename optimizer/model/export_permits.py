"""Permits: what travels under which licence, exception or authorisation, and how much may (SEMANTICS 7.11, 7.12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyomo.environ as pyo

from optimizer.instance.schema import PERMITS, PermitPeriod
from optimizer.model.context import ModelContext
from optimizer.model.export_flows import Flows, GroupedRule, group_of_zone
from optimizer.model.export_quantities import Allowance, cumulative_rows, span_rows, stock_rows
from optimizer.model.expressions import Term, linear
from optimizer.model.fleet import Fleet
from optimizer.model.installations import Tuple3
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.timing import PeriodIndex
from optimizer.policy.owners import RuleGroup
from optimizer.policy.rules import ActiveRule

#: Jurisdiction, and the installation that must travel under its permits.
Counted = tuple[str, str, str, PeriodIndex]


def add_permits(context: ModelContext, fleet: Fleet) -> None:
    """Add the variables of permits, and the rows that make installations travel under them.

    Where an unlimited permit serves, nothing needs counting: there is neither a variable nor a row.

    Variables
    ---------
    permitted[rule, zone, chip, t]
        Million chips that a permit with a quantity lets travel; at least what does travel.
    """
    served = dict(_counted_permits(context, fleet))
    keys = [(permit.name, *key[1:]) for key, permits in served.items() for permit in permits]
    context.model.permitted = pyo.Var(keys, within=pyo.NonNegativeReals)
    installed, permitted = context.model.installed, context.model.permitted

    def export_permission(_: pyo.ConcreteModel, jurisdiction: str, *place: Hashable) -> object:
        """Installed <= sum of permitted over the permits of a jurisdiction.

        Not an equation: permission that is not used does no harm, and the price of one more chip under
        permits then has one sign.
        """
        zone, chip, t = place
        permits: tuple[ActiveRule, ...] = served[jurisdiction, zone, chip, t]  # type: ignore[index]
        allowed: list[Term] = [(-1.0, permitted[permit.name, zone, chip, t]) for permit in permits]
        return linear([(1.0, installed[zone, chip, t]), *allowed]) <= 0

    context.model.export_permission = pyo.Constraint(list(served), rule=export_permission)


def _counted_permits(context: ModelContext, fleet: Fleet) -> Iterator[tuple[Counted, tuple[ActiveRule, ...]]]:
    """Installations that a jurisdiction lets travel under permits with a quantity only, and these permits."""
    if not context.regime.with_effect(*PERMITS):
        return
    for zone in context.zones:
        for chip, t in fleet.by_zone.get(zone.name, ()):
            month = context.timing.start(t)
            for requirement in context.regime.required_permits(zone.country, zone.owner, chip, month):
                if requirement.is_limited:
                    yield (requirement.jurisdiction, zone.name, chip.chip, t), requirement.permits


def permit_rows(context: ModelContext) -> Rows:
    """Sum of weight x permitted <= quantity, for each group and as the permit counts (SEMANTICS 7.12)."""
    rows: dict[tuple[GroupedRule, Hashable], LinearRow] = {}
    for rule_name, by_group in _travelling(context).items():
        rule = context.regime.by_name[rule_name]
        for group, arrivals in by_group.items():
            made = _rows_of_group(context, rule, group, arrivals)
            rows |= {(GroupedRule(rule_name, group), when): row for when, row in made}
    return rows


def _travelling(context: ModelContext) -> Mapping[str, Mapping[RuleGroup, Mapping[PeriodIndex, list[Tuple3]]]]:
    """Zone, chip and period of everything that may travel under each permit, by group and period."""
    zones = {zone.name: zone for zone in context.zones}
    found: dict[str, dict[RuleGroup, dict[PeriodIndex, list[Tuple3]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for rule, zone, chip, t in context.model.permitted:
        found[rule][group_of_zone(context.regime.by_name[rule], zones[zone])][t].append((zone, chip, t))
    return found


def _rows_of_group(
    context: ModelContext, rule: ActiveRule, group: RuleGroup, arrivals: Mapping[PeriodIndex, list[Tuple3]]
) -> Iterator[tuple[Hashable, LinearRow]]:
    dates = [t for t in context.timing.periods if rule.serves(context.timing.start(t))]
    flows: Flows = {t: [_term(context, rule, key) for key in keys] for t, keys in arrivals.items()}
    match rule.rule.period:
        case PermitPeriod.YEARLY:
            return span_rows(context, rule, group, flows, dates, context.timing.year)
        case PermitPeriod.TERM:
            return span_rows(context, rule, group, flows, dates, lambda t: rule.term_of(context.timing.start(t)))
        case PermitPeriod.STOCK:
            keys = {t: _standing(context, arrivals, t) for t in dates}
            standing = {t: [_term(context, rule, key) for key in keys[t]] for t in dates}
            return stock_rows(context, rule, group, standing, _most_at_work(context, rule, keys))
        case _:
            return cumulative_rows(context, rule, group, flows, dates)


def _term(context: ModelContext, rule: ActiveRule, key: Tuple3) -> Term:
    return rule.weight(context.instance.chip_by_id[key[1]]), context.model.permitted[rule.name, *key]


def _standing(context: ModelContext, arrivals: Mapping[PeriodIndex, list[Tuple3]], period: PeriodIndex) -> list[Tuple3]:
    """Arrivals so far whose life is not over; early retirement frees nothing."""
    timing, chips = context.timing, context.instance.chip_by_id
    return [
        key
        for arrived, keys in arrivals.items()
        if arrived <= period
        for key in keys
        if (gone := timing.departure(chips[key[1]], arrived)) is None or period < gone
    ]


def _most_at_work(
    context: ModelContext, rule: ActiveRule, standing: Mapping[PeriodIndex, Sequence[Tuple3]]
) -> Mapping[PeriodIndex, float] | None:
    """The most that full sites could hold of what counts most per kW, by date; None if chips may leave early."""
    if context.instance.settings.model.early_retirement:
        return None
    chips, zones = context.instance.chip_by_id, {zone.name: zone for zone in context.zones}
    most: dict[PeriodIndex, float] = {}
    for t, keys in standing.items():
        densest: dict[str, float] = {}
        for zone, chip, _ in keys:
            per_gw = rule.weight(chips[chip]) / chips[chip].it_power_kw
            densest[zone] = max(densest.get(zone, 0.0), per_gw)
        most[t] = sum(per_gw * zones[zone].most_gw for zone, per_gw in densest.items())
    return most


@dataclass(frozen=True)
class RaisedStock:
    """What stands under a permit on a date, where quota steps raise what may.

    Attributes
    ----------
    standing
        Zone, chip and period of arrivals whose life is not over.
    gw, measured
        IT power of a million chips of each [GW], and what they count in the measure of the permit.
    most_gw
        IT power of full sites [GW].
    allowance
        What may stand, and what steps add to it.
    """

    permit: str
    group: RuleGroup
    standing: tuple[Tuple3, ...]
    gw: tuple[float, ...]
    measured: tuple[float, ...]
    most_gw: float
    allowance: Allowance


def raised_stocks(context: ModelContext) -> Iterator[RaisedStock]:
    """Every date of every group of the stock permits that steps raise; none where chips may leave early.

    Then what stands under a permit may be more than what stands at the sites.
    """
    if context.instance.settings.model.early_retirement or not context.regime.quota_steps:
        return
    chips, zones = context.instance.chip_by_id, {zone.name: zone for zone in context.zones}
    raised = {step.raised.name for step in context.regime.quota_steps}
    for name, by_group in _travelling(context).items():
        rule = context.regime.by_name[name]
        if name not in raised or rule.rule.period is not PermitPeriod.STOCK:
            continue
        for group, arrivals in by_group.items():
            for t in (t for t in context.timing.periods if rule.serves(context.timing.start(t))):
                standing = tuple(_standing(context, arrivals, t))
                allowance = Allowance.at(context, rule, group, t)
                if standing and allowance.steps:
                    yield RaisedStock(
                        name,
                        group,
                        standing,
                        tuple(chips[chip].it_power_kw for _, chip, _ in standing),
                        tuple(rule.weight(chips[chip]) for _, chip, _ in standing),
                        sum(zones[zone].most_gw for zone in dict.fromkeys(zone for zone, _, _ in standing)),
                        allowance,
                    )
