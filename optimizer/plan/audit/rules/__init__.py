"""Recomputes every export rule of the active regime, reading the rule table afresh (SEMANTICS 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from optimizer.instance.schema import RuleEffect
from optimizer.plan.audit.ledger import NOTHING, Ledger
from optimizer.plan.audit.limits import is_binding
from optimizer.plan.audit.rules import caps, ratios
from optimizer.plan.audit.rules.entries import PlanFlows, RuleEntry
from optimizer.plan.audit.rules.permits import PermitFlows, audit_permits, permit_entries
from optimizer.plan.audit.selection import RuleBook, Selection
from optimizer.plan.tables import ChipInstallation, PlanTables, PolicyUse

_ENTRIES: Mapping[RuleEffect, Callable[[PlanFlows, Selection], Iterator[RuleEntry]]] = {
    RuleEffect.CAP_CUMULATIVE: caps.cumulative,
    RuleEffect.CAP_YEARLY: caps.yearly,
    RuleEffect.CAP_STOCK: caps.stock,
    RuleEffect.SHARE_CAP: ratios.share,
    RuleEffect.VOLUME_RATIO: ratios.volume,
    RuleEffect.MATCHING_INVESTMENT: ratios.matching,
}


def audit_rules(ledger: Ledger, flows: PlanFlows, tables: PlanTables) -> None:
    """Check that no rule is broken and that the policy table states every rule rightly, and nothing else."""
    _audit_denials(ledger, flows.book, tables.chips)
    audit_permits(ledger, flows.book, tables.chips, tables.permits)
    stated = {(row.rule, row.group, row.chip, row.when): row for row in tables.policy}
    for entry in rule_entries(flows, PermitFlows.of(flows, tables.permits)):
        rule, group = entry.selection.rule, entry.group.name
        where = " ".join(part for part in (rule.rule, group, entry.chip, entry.when) if part)
        if entry.breakable:
            check, law = f"rules.{rule.effect.value}", entry.selection.law
            ledger.at_most(check, "policy", where, entry.used, entry.limit, scale=entry.scale, under=law)
        row = stated.pop((rule.rule, group, entry.chip, entry.when), None)
        if row is None:
            ledger.absent("policy.rows", "policy", where, "the rule holds then, but has no row")
        else:
            _audit_row(ledger, entry, row)
    for row in stated.values():
        ledger.holds("policy.rows", row, "", condition=False, message="no such rule counts anything then")


def rule_entries(flows: PlanFlows, travels: PermitFlows) -> Iterator[RuleEntry]:
    """Both sides of every active rule with a quantity, for each group and date."""
    for selection in flows.book.selections.values():
        if selection.rule.effect in _ENTRIES:
            yield from _ENTRIES[selection.rule.effect](flows, selection)
        yield from permit_entries(travels, selection)


def _audit_row(ledger: Ledger, entry: RuleEntry, row: PolicyUse) -> None:
    ledger.text("policy.effect", row, "effect", entry.selection.rule.effect.value)
    ledger.text("policy.unit", row, "unit", entry.unit)
    ledger.number("policy.used", row, "used", entry.used, scale=entry.scale)
    ledger.number("policy.limit", row, "limit", entry.limit, scale=entry.scale)
    ledger.number("policy.headroom", row, "headroom", row.limit - row.used, scale=abs(row.limit) + abs(row.used))
    ledger.text("policy.binding", row, "binding", is_binding(row.headroom, row.used, row.limit))


def _audit_denials(ledger: Ledger, book: RuleBook, installations: Sequence[ChipInstallation]) -> None:
    """Check that no selected chip is installed while a denial holds (7.4)."""
    denials = book.with_effect(RuleEffect.DENY)
    for row in installations:
        if row.installed_million <= NOTHING:
            continue
        site, t = book.instance.site_by_id[row.site], book.clock.index[row.period]
        for denial in denials:
            denied = denial.selects_installation(site, row.chip, t)
            ledger.holds("rules.deny", row, "installed_million", not denied, f"{denial.law} denies it")
