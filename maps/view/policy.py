"""Sums over all campuses that the rules shape: compute by bloc and stack, chips by permit, quota steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from maps.names import bloc_label
from maps.view.law import BlocCompute, PermitFlow, PolicyView, QuotaStepView, Yearly
from maps.view.model import SiteView
from optimizer.instance.instance import Instance
from optimizer.plan.tables import PlanTables


def policy_view(instance: Instance, tables: PlanTables, sites: Sequence[SiteView]) -> PolicyView:
    """Sum over the campuses.

    Parameters
    ----------
    sites
        Views of all campuses of the plan.
    """
    return PolicyView(
        compute=_compute(instance, sites),
        permits=tuple(_permits(instance, tables)),
        steps=tuple(
            QuotaStepView(row.rule, row.group, row.raises, row.bought, row.cost_busd) for row in tables.quota_steps
        ),
    )


def _compute(instance: Instance, sites: Iterable[SiteView]) -> tuple[BlocCompute, ...]:
    found: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * len(instance.calendar.years))
    for site in sites:
        for series in site.chips_working_million:
            chip = instance.chip_by_id[series.key]
            total = found[site.bloc, chip.stack]
            for position, million in enumerate(series.values):
                total[position] += million * chip.performance_h100e
    rows = [BlocCompute(bloc, bloc_label(bloc), stack, tuple(values)) for (bloc, stack), values in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.values[-1], -sum(row.values), row.bloc, row.stack)))


def _permits(instance: Instance, tables: PlanTables) -> Iterable[PermitFlow]:
    jurisdiction_of = {rule.rule: rule.jurisdiction for rule in instance.active_rules}
    used = {row.rule for row in tables.permits}
    permits = [rule.rule for rule in instance.active_rules if rule.rule in used]
    arrived = _sum(instance, ((row.period, row.installed_million) for row in tables.chips))
    for jurisdiction in dict.fromkeys(jurisdiction_of[permit] for permit in permits):
        left = arrived
        for permit in permits:
            if jurisdiction_of[permit] == jurisdiction:
                rows = (row for row in tables.permits if row.rule == permit)
                values = _sum(instance, ((row.period, row.permitted_million) for row in rows))
                left = tuple(whole - part for whole, part in zip(left, values, strict=True))
                yield PermitFlow(jurisdiction, permit, values)
        yield PermitFlow(jurisdiction, "", tuple(max(0.0, million) for million in left))


def _sum(instance: Instance, amounts: Iterable[tuple[str, float]]) -> Yearly:
    total = dict.fromkeys(instance.calendar.years, 0.0)
    for period, million in amounts:
        total[int(period[:4])] += million
    return tuple(total.values())
