"""Quota steps: which may be bought, what they cost, and what they add (SEMANTICS 7.13, 10.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance.schema import PERMITS, RuleEffect
from optimizer.plan.audit.clock import Series
from optimizer.plan.audit.ledger import Ledger
from optimizer.plan.audit.rules.permits import is_granted
from optimizer.plan.audit.selection import Group, RuleBook, Selection
from optimizer.plan.tables import QuotaStepUse

RAISABLE = (RuleEffect.CAP_CUMULATIVE, RuleEffect.CAP_YEARLY, RuleEffect.CAP_STOCK, *PERMITS)


@dataclass(frozen=True)
class BoughtSteps:
    """What was bought.

    Attributes
    ----------
    raised
        What it adds to a rule's quantity in each period, by rule and name of its group.
    payments
        Cost of each period [B USD].
    """

    raised: Mapping[tuple[str, str], Series]
    payments: Series


def audit_steps(ledger: Ledger, book: RuleBook, rows: Sequence[QuotaStepUse]) -> BoughtSteps:
    """Check that the table has every step that may be bought and no other; return what was bought."""
    stated = {(row.rule, row.group): row for row in rows}
    raised: dict[tuple[str, str], Series] = {}
    payments = book.clock.zeros()
    for step in book.with_effect(RuleEffect.QUOTA_STEP):
        rule = step.rule
        for group in _groups(book, step):
            row = stated.pop((rule.rule, group.name), None)
            if row is None:
                where = f"{rule.rule} {group.name}".strip()
                ledger.absent("quota_steps.rows", "quota_steps", where, f"{step.law} may be bought, but has no row")
                continue
            ledger.text("quota_steps.raises", row, "raises", rule.raises)
            ledger.number("quota_steps.cost", row, "cost_busd", rule.cost_busd)
            if row.bought:
                key = (str(rule.raises), group.name)
                raised[key] = raised.get(key, book.clock.zeros()) + step.quantity * step.service
                payments[int(np.flatnonzero(step.service)[0])] += rule.cost_busd
    for row in stated.values():
        message = "no such step may be bought for this group"
        ledger.holds("quota_steps.rows", row, "", condition=False, message=message)
    return BoughtSteps(raised, payments)


def _groups(book: RuleBook, step: Selection) -> list[Group]:
    """Groups for which a step may be bought."""
    raised = book.selections.get(step.rule.raises or "")
    if raised is None or not step.service.any() or not _is_raisable(book, raised):
        return []
    day = max(step.rule.effective_from, book.clock.start)
    return [
        group
        for group in raised.groups
        if any(group.contains(site) and step.selects_at(site, day) for site in book.instance.sites)
    ]


def _is_raisable(book: RuleBook, raised: Selection) -> bool:
    if raised.rule.effect not in RAISABLE or raised.rule.quantity is None:
        return False
    return raised.rule.effect not in PERMITS or is_granted(book.instance, raised.rule)
