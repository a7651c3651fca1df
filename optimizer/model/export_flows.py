"""What the rules of a regime select among the installations that are possible, and how rows of rules are named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term
from optimizer.model.fleet import Fleet
from optimizer.model.timing import PeriodIndex
from optimizer.model.zones import AllocationZone
from optimizer.policy.owners import EVERYTHING, RuleGroup
from optimizer.policy.reach import why_nothing_selected
from optimizer.policy.rules import ActiveRule

#: What a rule counts in each period.
Flows = Mapping[PeriodIndex, list[Term]]


@dataclass(frozen=True)
class GroupedRule:
    """A rule and one of the groups for which it holds apart, as an index of rows."""

    rule: str
    group: RuleGroup = EVERYTHING

    def __str__(self) -> str:
        """Name in exported models, e.g. ``QUOTA/G42/ARE``; just the rule where it holds for everything together."""
        return self.rule if self.group == EVERYTHING else f"{self.rule}/{self.group}"


def chip_weights(context: ModelContext, rule: ActiveRule) -> Mapping[str, float]:
    """What each chip that passes the rule's chip test counts."""
    return {chip.chip: rule.weight(chip) for chip in context.instance.chips if rule.passes_chip(chip)}


def group_of_zone(rule: ActiveRule, zone: AllocationZone) -> RuleGroup:
    """Group of a rule in which a zone counts."""
    return rule.group_of(zone.country, zone.owner.operator)


def selected_flows(context: ModelContext, fleet: Fleet, rule: ActiveRule) -> Mapping[RuleGroup, Flows]:
    """Installations that a rule selects while it is in force, in its measure, by group and period."""
    weights = chip_weights(context, rule)
    selected: dict[RuleGroup, dict[PeriodIndex, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for zone in context.zones:
        covered = covered_dates(context, rule, zone)
        for chip, t in fleet.by_zone.get(zone.name, ()):
            if chip.chip in weights and t in covered:
                variable = context.model.installed[zone.name, chip.chip, t]
                selected[group_of_zone(rule, zone)][t].append((weights[chip.chip], variable))
    return selected


def covered_dates(context: ModelContext, rule: ActiveRule, zone: AllocationZone) -> frozenset[PeriodIndex]:
    """Periods in force in which a zone passes destination, owner and operator tests."""
    dates = in_force(context, rule)
    return frozenset(t for t in dates if rule.covers(zone.country, zone.owner, context.timing.start(t)))


def in_force(context: ModelContext, rule: ActiveRule) -> list[PeriodIndex]:
    """Periods in which a rule holds."""
    return [t for t in context.timing.periods if rule.in_force(context.timing.start(t))]


def report_idle_rules(context: ModelContext, rules: Iterable[ActiveRule], used: Set[str]) -> None:
    """List rules that select nothing that can happen."""
    context.vacuous.extend(
        Vacuous("rules", rule.name, f"selects no installation that is possible: {why_nothing_selected(rule)}")
        for rule in rules
        if rule.name not in used
    )
