"""Rules that hold one place against another: shares, volumes of a chip, investment (SEMANTICS 7.5-7.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from optimizer import units
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.schema import Chip, Grouping, RuleMeasure, Site
from optimizer.plan.audit.clock import Mask, Series
from optimizer.plan.audit.ledger import NOTHING
from optimizer.plan.audit.rules.entries import PlanFlows, RuleEntry, entry
from optimizer.plan.audit.selection import EVERYONE, Group, Selection

ANYWHERE = Group()


def share(flows: PlanFlows, selection: Selection) -> Iterator[RuleEntry]:
    """Working compute and installed base of the destination against those of the base (7.5)."""
    rule, clock = selection.rule, flows.clock
    for group in selection.groups:
        # An operator narrows both sides; a country takes the place of the destination only.
        owner_only = Group(operator=group.operator)
        selected = _stock(flows, selection, rule.destination, group)
        here = selected + _standing(selection, rule.destination, group)
        there = _stock(flows, selection, rule.base_destination, owner_only)
        there = there + _standing(selection, rule.base_destination, owner_only) + rule.base_quantity
        for t in selection.in_force:
            used, limit, scale = float(here[t]), float(selection.quantity[t] * there[t]), float(here[t] + there[t])
            # A base that is above the cap without the plan is no breach of the plan.
            breakable = bool(selected[t] > NOTHING)
            yield RuleEntry(selection, group, "", clock.labels[t], used, limit, selection.unit, scale, breakable)


def _stock(flows: PlanFlows, selection: Selection, countries: str, group: Group) -> Series:
    """Working chips in a country set and a group that pass the other tests, in the measure."""
    total = flows.clock.zeros()
    for fleet in flows.fleets_of(selection, group):
        mask = selection.owned(fleet.site) & selection.located(countries, fleet.site.country)
        total += selection.weight(fleet.chip) * fleet.working * mask
    return total


def _standing(selection: Selection, countries: str, group: Group) -> Series:
    """Compute that stands in a country set and a group outside the plan, in the measure (7.5)."""
    total = selection.clock.zeros()
    if selection.rule.measure is RuleMeasure.CHIPS_MILLION:
        return total
    by_place: dict[tuple[str, str, str], dict[int, float]] = {}
    for row in selection.book.instance.installed_base:
        by_place.setdefault((row.country, row.stack, row.operator), {})[row.year] = row.h100e_million
    first_site = _first_sites(selection)
    for (country, _, operator), by_year in by_place.items():
        if not group.has_country(country) or not group.has_operator(operator):
            continue
        counts = _counts_base(selection, operator, first_site) & selection.located(countries, country)
        for t, year in enumerate(selection.clock.year_of):
            known = [other for other in by_year if other <= year]
            if known and counts[t]:
                total[t] += by_year[max(known)]
    if selection.rule.measure is RuleMeasure.GB300E_MILLION:
        return total * (units.TPP_PER_H100 / units.TPP_PER_GB300)
    return total


def _first_sites(selection: Selection) -> Mapping[str, Site]:
    sites: dict[str, Site] = {}
    for site in selection.book.instance.sites:
        sites.setdefault(site.operator, site)
    return sites


def _counts_base(selection: Selection, operator: str, first_site: Mapping[str, Site]) -> Mask:
    """Periods in which a row of installed_base.csv passes the owner and operator tests."""
    rule = selection.rule
    everyone = parse_country_set(rule.owner).is_everywhere and rule.operators.strip() == EVERYONE
    if operator == "":
        everyone = everyone and rule.per in (Grouping.ALL, Grouping.COUNTRY)
    elif operator in first_site:
        return selection.owned(first_site[operator])
    return np.full(len(selection.clock), everyone)


def volume(flows: PlanFlows, selection: Selection) -> Iterator[RuleEntry]:
    """Installations of each chip since the rule took effect against those of the same chip in the base (7.6)."""
    for group in selection.groups:
        for chip in selection.chips:
            used = np.cumsum(_volume(flows, selection, chip, group))
            base = np.cumsum(_base_volume(flows, selection, chip)) + selection.rule.base_quantity
            limit = selection.quantity * base
            for t in selection.in_force:
                label = flows.clock.labels[t]
                yield entry(selection, group, label, used[t], limit[t], chip=chip.chip, scale=used[t] + base[t])


def _volume(flows: PlanFlows, selection: Selection, chip: Chip, group: Group) -> Series:
    total = flows.clock.zeros()
    for fleet in flows.fleets_of(selection, group):
        if fleet.chip.chip == chip.chip:
            total += fleet.installed * selection.selects(fleet.site)
    return total * _since(selection)


def _base_volume(flows: PlanFlows, selection: Selection, chip: Chip) -> Series:
    total = flows.clock.zeros()
    for fleet in flows.fleets_of(selection, ANYWHERE):
        if fleet.chip.chip == chip.chip:
            total += fleet.installed * selection.located(selection.rule.base_destination, fleet.site.country)
    return total * _since(selection)


def _since(selection: Selection) -> Mask:
    """Periods from the one on in which the rule takes effect."""
    return np.array(selection.clock.starts) >= selection.rule.effective_from


def matching(flows: PlanFlows, selection: Selection) -> Iterator[RuleEntry]:
    """Capital committed at selected sites against that in the base, on decision dates (7.7)."""
    for group in selection.groups:
        here, there = flows.clock.zeros(), flows.clock.zeros()
        for site in selection.book.instance.sites:
            pledged = flows.builds[site.site].pledged * _since(selection)
            if group.contains(site):
                here += pledged * selection.selects(site)
            if group.has_operator(site.operator):
                there += pledged * selection.located(selection.rule.base_destination, site.country)
        used, limit = selection.quantity * np.cumsum(here), np.cumsum(there)
        for t in selection.in_force:
            if t in flows.clock.decisions:
                label, unit = flows.clock.labels[t], RuleMeasure.CAPITAL_BUSD.value
                yield RuleEntry(selection, group, "", label, float(used[t]), float(limit[t]), unit)
