"""Caps on what a rule selects: cumulative, by year, and at work (SEMANTICS 7.4)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.plan.audit.clock import Series
from optimizer.plan.audit.rules.entries import PlanFlows, RuleEntry, entry
from optimizer.plan.audit.selection import Group, Selection


def cumulative(flows: PlanFlows, selection: Selection) -> Iterator[RuleEntry]:
    """All installations in force up to each period, against the quantity of that period."""
    for group in selection.groups:
        total = np.cumsum(_flow(flows, selection, group))
        quantity = flows.quantity(selection, group)
        for t in selection.in_force:
            yield entry(selection, group, flows.clock.labels[t], total[t], quantity[t])


def yearly(flows: PlanFlows, selection: Selection) -> Iterator[RuleEntry]:
    """Installations in force in each calendar year, against the quantity of its last period in force."""
    years = dict.fromkeys(flows.clock.year_of[t] for t in selection.in_force)
    for group in selection.groups:
        flow = _flow(flows, selection, group)
        quantity = flows.quantity(selection, group)
        for year in years:
            periods = [t for t in selection.in_force if flows.clock.year_of[t] == year]
            yield entry(selection, group, str(year), flow[periods].sum(), quantity[periods[-1]])


def stock(flows: PlanFlows, selection: Selection) -> Iterator[RuleEntry]:
    """Chips at work in each period in force, whenever installed."""
    for group in selection.groups:
        working = flows.clock.zeros()
        for fleet in flows.fleets_of(selection, group):
            working += selection.weight(fleet.chip) * fleet.working * selection.selects(fleet.site)
        quantity = flows.quantity(selection, group)
        for t in selection.in_force:
            yield entry(selection, group, flows.clock.labels[t], working[t], quantity[t])


def _flow(flows: PlanFlows, selection: Selection, group: Group) -> Series:
    """Selected installations of each period in force, in the measure."""
    total = flows.clock.zeros()
    for fleet in flows.fleets_of(selection, group):
        total += selection.weight(fleet.chip) * fleet.installed * selection.selects(fleet.site)
    return total * selection.force
