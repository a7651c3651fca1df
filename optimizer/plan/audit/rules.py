"""Recomputes every export rule of the active regime (SEMANTICS 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import units
from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, Rule, RuleEffect, RuleMeasure, Site
from optimizer.plan.audit.building import SiteBuild
from optimizer.plan.audit.chips import Fleet
from optimizer.plan.audit.clock import Clock, Mask, Memberships, Series
from optimizer.plan.audit.ledger import NOTHING, Ledger
from optimizer.plan.audit.limits import is_binding
from optimizer.plan.tables import ChipInstallation, PolicyUse

#: TPP of the chip in which ``gb300e_million`` counts (7.8).
EVERYONE = "any"


@dataclass(frozen=True)
class RuleEntry:
    """Both sides of a rule when it holds.

    Attributes
    ----------
    scale
        Magnitude of what was added up.
    breakable
        False where the plan has nothing that the rule selects, so that it cannot break it.
    """

    rule: Rule
    chip: str
    when: str
    used: float
    limit: float
    unit: str
    scale: float = 0.0
    breakable: bool = True


@dataclass(frozen=True)
class PlanFlows:
    """What rules look at."""

    instance: Instance
    clock: Clock
    memberships: Memberships
    fleets: Sequence[Fleet]
    builds: Mapping[str, SiteBuild]


def audit_rules(
    ledger: Ledger, flows: PlanFlows, installations: Sequence[ChipInstallation], rows: Sequence[PolicyUse]
) -> None:
    """Check that no rule is broken and that the policy table states every rule rightly, and nothing else."""
    stated = {(row.rule, row.chip, row.when): row for row in rows}
    for rule in flows.instance.active_rules:
        if rule.effect is RuleEffect.DENY:
            _audit_denial(ledger, flows, rule, installations)
            continue
        for entry in _ENTRIES[rule.effect](Selection(rule, flows)):
            where = " ".join(part for part in (rule.rule, entry.chip, entry.when) if part)
            if entry.breakable:
                check = f"rules.{rule.effect.value}"
                ledger.at_most(check, "policy", where, entry.used, entry.limit, scale=entry.scale)
            row = stated.pop((rule.rule, entry.chip, entry.when), None)
            if row is None:
                ledger.absent("policy.rows", "policy", where, "the rule holds then, but has no row")
            else:
                _audit_row(ledger, entry, row)
    for row in stated.values():
        ledger.holds("policy.rows", row, "", condition=False, message="no such rule counts anything then")


def _audit_row(ledger: Ledger, entry: RuleEntry, row: PolicyUse) -> None:
    ledger.text("policy.effect", row, "effect", entry.rule.effect.value)
    ledger.text("policy.unit", row, "unit", entry.unit)
    ledger.number("policy.used", row, "used", entry.used, scale=entry.scale)
    ledger.number("policy.limit", row, "limit", entry.limit, scale=entry.scale)
    ledger.number("policy.headroom", row, "headroom", row.limit - row.used, scale=abs(row.limit) + abs(row.used))
    ledger.text("policy.binding", row, "binding", is_binding(row.headroom, row.used, row.limit))


def _holds(rule: Rule, month: int) -> bool:
    """Whether a rule holds in a period that starts in this month (7.1)."""
    return rule.effective_from <= month and (rule.effective_to is None or month < rule.effective_to)


def _covers(rule: Rule, operator: str) -> bool:
    """Whether a rule covers an operator (7.3)."""
    return rule.operators.strip() == EVERYONE or operator in {part.strip() for part in rule.operators.split(";")}


def _audit_denial(ledger: Ledger, flows: PlanFlows, rule: Rule, installations: Sequence[ChipInstallation]) -> None:
    """Check that no selected chip is installed while a denial holds (7.4)."""
    test = parse_chip_test(rule.chip_test)
    denied = {chip.chip for chip in flows.instance.chips if test.passes(chip)}
    contains = flows.memberships.contains
    for row in installations:
        if row.chip not in denied or row.installed_million <= NOTHING:
            continue
        month = flows.clock.starts[flows.clock.index[row.period]]
        site = flows.instance.site_by_id[row.site]
        selected = (
            _holds(rule, month)
            and _covers(rule, site.operator)
            and contains(rule.destination, site.country, month)
            and contains(rule.owner, site.operator_hq, month)
        )
        ledger.holds("rules.deny", row, "installed_million", not selected, f"rule {rule.rule} denies it")


class Selection:
    """What one rule selects of the chips and sites of a plan."""

    def __init__(self, rule: Rule, flows: PlanFlows) -> None:
        self.rule = rule
        self.flows = flows
        self.clock = flows.clock
        test = parse_chip_test(rule.chip_test)
        self.chips = tuple(chip for chip in flows.instance.chips if test.passes(chip))
        passing = {chip.chip for chip in self.chips}
        self.fleets = [f for f in flows.fleets if f.chip.chip in passing]
        self.in_force = [t for t, start in enumerate(self.clock.starts) if _holds(rule, start)]
        self.force = np.isin(np.arange(len(self.clock)), self.in_force)
        self.since = np.array(self.clock.starts) >= rule.effective_from

    def owned(self, site: Site) -> Mask:
        """Periods in which the site passes the owner and operator tests."""
        if not _covers(self.rule, site.operator):
            return np.zeros(len(self.clock), dtype=bool)
        return self.flows.memberships.mask(self.rule.owner, site.operator_hq, self.clock.starts)

    def located(self, countries: str, site: Site) -> Mask:
        """Periods in which the site lies in a country set."""
        return self.flows.memberships.mask(countries, site.country, self.clock.starts)

    def weight(self, chip: Chip) -> float:
        """What a chip counts in the measure of the rule (7.8)."""
        match self.rule.measure:
            case RuleMeasure.TPP_MILLION_H100:
                return chip.tpp / units.TPP_PER_H100
            case RuleMeasure.H100E_MILLION:
                return chip.performance_h100e
            case RuleMeasure.GB300E_MILLION:
                return chip.tpp / units.TPP_PER_GB300
            case _:
                return 1.0

    def flow(self) -> Series:
        """Selected installations of each period, in the measure."""
        total = self.clock.zeros()
        for fleet in self.fleets:
            mask = self.owned(fleet.site) & self.located(self.rule.destination, fleet.site)
            total += self.weight(fleet.chip) * fleet.installed * mask
        return total

    def stock(self, countries: str) -> Series:
        """Working chips in a country set that pass the other tests, in each period, in the measure."""
        total = self.clock.zeros()
        for fleet in self.fleets:
            mask = self.owned(fleet.site) & self.located(countries, fleet.site)
            total += self.weight(fleet.chip) * fleet.working * mask
        return total

    def installed_base(self, countries: str) -> Series:
        """Compute that stands in a country set outside the plan, in the measure (7.5)."""
        total = self.clock.zeros()
        by_place: dict[tuple[str, str], dict[int, float]] = {}
        for row in self.flows.instance.installed_base:
            by_place.setdefault((row.country, row.stack), {})[row.year] = row.h100e_million
        h100 = units.TPP_PER_H100 / units.TPP_PER_GB300 if self.rule.measure is RuleMeasure.GB300E_MILLION else 1.0
        for (country, _), by_year in by_place.items():
            mask = self.flows.memberships.mask(countries, country, self.clock.starts)
            for t, year in enumerate(self.clock.year_of):
                known = [other for other in by_year if other <= year]
                if known and mask[t]:
                    total[t] += h100 * by_year[max(known)]
        return total

    def pledged(self, countries: str, *, owned_only: bool) -> Series:
        """Capital committed in a country set since the rule took effect, up to each period [B USD] (7.7)."""
        total = self.clock.zeros()
        for site in self.flows.instance.sites:
            mask = self.since & self.located(countries, site)
            if owned_only:
                mask &= self.owned(site)
            total += self.flows.builds[site.site].pledged * mask
        return np.cumsum(total)

    def unit(self) -> str:
        """Measure of the rule, or what counts without one."""
        return self.rule.measure.value if self.rule.measure is not None else RuleMeasure.CHIPS_MILLION.value

    def entry(self, when: str, used: float, limit: float, *, chip: str = "") -> RuleEntry:
        """Both sides of the rule at a time."""
        return RuleEntry(self.rule, chip, when, float(used), float(limit), self.unit())

    @property
    def quantity(self) -> float:
        """Right-hand side, share or ratio of the rule."""
        if self.rule.quantity is None:
            message = f"rule {self.rule.rule} has no quantity"
            raise ValueError(message)
        return self.rule.quantity


def _cumulative(selection: Selection) -> Iterator[RuleEntry]:
    total = np.cumsum(selection.flow() * selection.force)
    for t in selection.in_force:
        yield selection.entry(selection.clock.labels[t], total[t], selection.quantity)


def _yearly(selection: Selection) -> Iterator[RuleEntry]:
    flow = selection.flow() * selection.force
    for year in dict.fromkeys(selection.clock.year_of[t] for t in selection.in_force):
        periods = list(selection.clock.periods_of_year[year])
        yield selection.entry(str(year), flow[periods].sum(), selection.quantity)


def _stock(selection: Selection) -> Iterator[RuleEntry]:
    working = selection.stock(selection.rule.destination)
    for t in selection.in_force:
        yield selection.entry(selection.clock.labels[t], working[t], selection.quantity)


def _share(selection: Selection) -> Iterator[RuleEntry]:
    rule, measure = selection.rule, selection.unit()
    selected, there = selection.stock(rule.destination), selection.stock(rule.base_destination)
    here = selected
    everyone = parse_country_set(rule.owner).is_everywhere and rule.operators.strip() == EVERYONE
    if everyone and rule.measure is not RuleMeasure.CHIPS_MILLION:
        here = here + selection.installed_base(rule.destination)
        there = there + selection.installed_base(rule.base_destination)
    for t in selection.in_force:
        used, limit, scale = float(here[t]), float(selection.quantity * there[t]), float(here[t] + there[t])
        # A base that is above the cap without the plan is no breach of the plan (7.5).
        breakable = bool(selected[t] > NOTHING)
        yield RuleEntry(rule, "", selection.clock.labels[t], used, limit, measure, scale, breakable)


def _ratio(selection: Selection) -> Iterator[RuleEntry]:
    rule = selection.rule
    for chip in selection.chips:
        here, there = selection.clock.zeros(), selection.clock.zeros()
        for fleet in selection.fleets:
            if fleet.chip.chip == chip.chip:
                flow = selection.weight(chip) * fleet.installed * selection.since
                here += flow * (selection.owned(fleet.site) & selection.located(rule.destination, fleet.site))
                there += flow * selection.located(rule.base_destination, fleet.site)
        used, limit = np.cumsum(here), selection.quantity * np.cumsum(there)
        for t in selection.in_force:
            yield selection.entry(selection.clock.labels[t], used[t], limit[t], chip=chip.chip)


def _matching(selection: Selection) -> Iterator[RuleEntry]:
    rule = selection.rule
    here = selection.quantity * selection.pledged(rule.destination, owned_only=True)
    there = selection.pledged(rule.base_destination, owned_only=False)
    for t in selection.in_force:
        if t in selection.clock.decisions:
            label, unit = selection.clock.labels[t], RuleMeasure.CAPITAL_BUSD.value
            yield RuleEntry(rule, "", label, float(here[t]), float(there[t]), unit)


_ENTRIES: Mapping[RuleEffect, Callable[[Selection], Iterator[RuleEntry]]] = {
    RuleEffect.CAP_CUMULATIVE: _cumulative,
    RuleEffect.CAP_YEARLY: _yearly,
    RuleEffect.CAP_STOCK: _stock,
    RuleEffect.SHARE_CAP: _share,
    RuleEffect.VOLUME_RATIO: _ratio,
    RuleEffect.MATCHING_INVESTMENT: _matching,
}
