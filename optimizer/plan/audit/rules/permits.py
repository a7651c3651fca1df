"""Permission: what a licence rule selects travels under permits that may serve it (SEMANTICS 7.11, 7.12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance.calendar import format_month
from optimizer.instance.instance import Instance
from optimizer.instance.schema import PERMITS, PermitPeriod, Rule, RuleEffect, Site
from optimizer.plan.audit.clock import Clock, Series
from optimizer.plan.audit.ledger import CONSTRAINT_TOLERANCE, NOTHING, Ledger
from optimizer.plan.audit.rules.entries import PlanFlows, RuleEntry, entry
from optimizer.plan.audit.selection import Group, RuleBook, Selection
from optimizer.plan.tables import ChipInstallation, PermitUse

Place = tuple[str, str, str]
"""Site, chip and label of the period of an installation."""


def is_granted(instance: Instance, rule: Rule) -> bool:
    """Whether a rule is a permit: every `allow` rule, and licences that are granted (7.11)."""
    if rule.effect is not RuleEffect.LICENCE:
        return rule.effect is RuleEffect.ALLOW
    probability = 1.0 if rule.probability is None else rule.probability
    likely = probability >= instance.settings.policy.minimum_licence_probability
    return likely or (rule.quantity is not None and probability > 0)


def audit_permits(
    ledger: Ledger, book: RuleBook, installations: Sequence[ChipInstallation], rows: Sequence[PermitUse]
) -> None:
    """Check that every permit serves what travels under it, and that all that needs permission has it, exactly."""
    needs = _needs(book, installations)
    covered: dict[tuple[Place, str], float] = defaultdict(float)
    for row in rows:
        place = (row.site, row.chip, row.period)
        jurisdiction = book.selections[row.rule].rule.jurisdiction
        if _is_served(ledger, book, row):
            needed = jurisdiction in needs.get(place, {})
            message = f"no such installation needs permission of {jurisdiction}"
            if ledger.holds("permits.needed", row, "", needed, message):
                covered[place, jurisdiction] += row.permitted_million
    amounts = {(row.site, row.chip, row.period): row.installed_million for row in installations}
    for place, laws in needs.items():
        for jurisdiction, law in laws.items():
            found, amount = covered.get((place, jurisdiction), 0.0), amounts[place]
            message = f"{amount!r} million installed, which {law} puts under licence; {found!r} travel under permits"
            tolerance = CONSTRAINT_TOLERANCE * amount + NOTHING
            where = " ".join((*place, jurisdiction))
            ledger.tolerates("permits.cover", "permits", where, abs(amount - found), tolerance, message)


def _needs(book: RuleBook, installations: Sequence[ChipInstallation]) -> dict[Place, dict[str, str]]:
    """Law that puts each installation under licence, by jurisdiction; the first in file order."""
    licences = book.with_effect(RuleEffect.LICENCE)
    needs: dict[Place, dict[str, str]] = {}
    for row in installations:
        if row.installed_million <= NOTHING:
            continue
        site, t = book.instance.site_by_id[row.site], book.clock.index[row.period]
        for licence in licences:
            if licence.selects_installation(site, row.chip, t):
                laws = needs.setdefault((row.site, row.chip, row.period), {})
                laws.setdefault(licence.rule.jurisdiction, licence.law)
    return needs


def _is_served(ledger: Ledger, book: RuleBook, row: PermitUse) -> bool:
    """Whether the permit of a row exists and serves the installation that the row names."""
    permit = book.selections[row.rule]
    site, t = book.instance.site_by_id[row.site], book.clock.index[row.period]
    serves_from = format_month(permit.serves_from)
    ledger.holds("permits.row", row, "permitted_million", row.permitted_million > 0, "nothing travels")
    checks = (
        ("permits.granted", is_granted(book.instance, permit.rule), f"{permit.law} is no permit: it is not granted"),
        ("permits.in_force", bool(permit.service[t]), f"{permit.law} serves from {serves_from} until it ends"),
        (
            "permits.selects",
            row.chip in permit.chip_names and bool(permit.selects(site)[t]),
            f"{permit.law} does not cover this chip at this site",
        ),
    )
    passed = [ledger.holds(check, row, "", condition, message) for check, condition, message in checks]
    return all(passed)


@dataclass(frozen=True)
class PermitFlows:
    """What the permits table says travels, by permit.

    Attributes
    ----------
    entries
        Site, chip, period and million chips of each row, by rule.
    """

    flows: PlanFlows
    entries: Mapping[str, Sequence[tuple[Site, str, int, float]]]

    @classmethod
    def of(cls, flows: PlanFlows, rows: Sequence[PermitUse]) -> PermitFlows:
        """Flows of a permits table."""
        entries: dict[str, list[tuple[Site, str, int, float]]] = defaultdict(list)
        for row in rows:
            site, t = flows.book.instance.site_by_id[row.site], flows.clock.index[row.period]
            entries[row.rule].append((site, row.chip, t, row.permitted_million))
        return cls(flows, entries)

    def arrivals(self, permit: Selection, group: Group) -> Series:
        """Arrivals of each period, in the measure of the permit."""
        total = self.flows.clock.zeros()
        for site, chip, t, amount in self.entries.get(permit.rule.rule, ()):
            if group.contains(site):
                total[t] += permit.weight(self.flows.book.instance.chip_by_id[chip]) * amount
        return total

    def stock(self, permit: Selection, group: Group) -> Series:
        """Arrivals up to each period whose life is not over, in the measure of the permit."""
        starts = np.array(self.flows.clock.starts)
        total = self.flows.clock.zeros()
        for site, name, t, amount in self.entries.get(permit.rule.rule, ()):
            chip = self.flows.book.instance.chip_by_id[name]
            if group.contains(site):
                alive = (starts >= starts[t]) & (starts < starts[t] + chip.life_months)
                total += permit.weight(chip) * amount * alive
        return total


def permit_entries(travels: PermitFlows, permit: Selection) -> Iterator[RuleEntry]:
    """What travels under a permit with a quantity, against that quantity (7.12)."""
    rule, clock = permit.rule, travels.flows.clock
    if rule.effect not in PERMITS or rule.quantity is None or not is_granted(travels.flows.book.instance, rule):
        return
    serving = [int(t) for t in np.flatnonzero(permit.service)]
    for group in permit.groups:
        limit = _limit(travels.flows, permit, group)
        match rule.period:
            case PermitPeriod.YEARLY | PermitPeriod.TERM:
                arrivals = travels.arrivals(permit, group)
                for when, periods in _spans(clock, permit, serving).items():
                    yield entry(permit, group, when, arrivals[periods].sum(), limit[periods[-1]])
            case PermitPeriod.STOCK:
                stock = travels.stock(permit, group)
                for t in serving:
                    yield entry(permit, group, clock.labels[t], stock[t], limit[t])
            case _:
                total = np.cumsum(travels.arrivals(permit, group))
                for t in serving:
                    yield entry(permit, group, clock.labels[t], total[t], limit[t])


def _limit(flows: PlanFlows, permit: Selection, group: Group) -> Series:
    """Expected quantity of a permit: scaled by the probability of a licence, quota steps in full."""
    rule = permit.rule
    chance = rule.probability if rule.effect is RuleEffect.LICENCE and rule.probability is not None else 1.0
    return permit.quantity * chance + (flows.quantity(permit, group) - permit.quantity)


def _spans(clock: Clock, permit: Selection, serving: Sequence[int]) -> dict[str, list[int]]:
    """Periods of each calendar year, or of each term, in which a permit serves, by the name of the span."""
    spans: dict[str, list[int]] = defaultdict(list)
    for t in serving:
        if permit.rule.period is PermitPeriod.YEARLY:
            spans[str(clock.year_of[t])].append(t)
            continue
        if permit.rule.validity_months is None:
            message = f"rule {permit.rule.rule} counts by term and has no validity"
            raise ValueError(message)
        elapsed = clock.starts[t] - permit.serves_from
        first = permit.serves_from + elapsed // permit.rule.validity_months * permit.rule.validity_months
        spans[format_month(first)].append(t)
    return dict(spans)
