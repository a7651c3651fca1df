"""Quota steps: what may be bought, for whom, from when on (SEMANTICS 7.13)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.schema import RuleEffect
from optimizer.policy.owners import Owner, RuleGroup
from optimizer.policy.rules import ActiveRule

_RAISABLE_CAPS = (RuleEffect.CAP_CUMULATIVE, RuleEffect.CAP_YEARLY, RuleEffect.CAP_STOCK)


@dataclass(frozen=True)
class QuotaStep:
    """A step and the rule whose quantity it raises."""

    step: ActiveRule
    raised: ActiveRule

    @property
    def name(self) -> str:
        """Identifier of the step's rule."""
        return self.step.name

    @property
    def cost_busd(self) -> float:
        """Price of the step for one group [B USD]."""
        return self.step.rule.cost_busd

    def adds_at(self, month: int) -> float:
        """What the step, once bought, adds in a period (or year or term whose last period) starts in ``month``."""
        return self.step.quantity_at(month) if self.step.serves(month) else 0.0

    @cached_property
    def bought_in(self) -> int | None:
        """Position of the period in which the step is paid: the first in which it serves; None if there is none."""
        periods = self.step.instance.calendar.periods
        return next((t for t, span in enumerate(periods) if self.step.serves(span.start)), None)

    @cached_property
    def groups(self) -> tuple[RuleGroup, ...]:
        """Groups of the raised rule in which some site passes the step's tests on the day it takes effect."""
        if self.bought_in is None or not self._is_raisable:
            return ()
        instance = self.step.instance
        day = max(self.step.rule.effective_from, instance.calendar.start)
        passing = [site for site in instance.sites if self.step.covers(site.country, Owner.of(site), day)]
        return tuple(
            group
            for group in self.raised.groups
            if any(group.includes(site.country, site.operator) for site in passing)
        )

    @property
    def why_useless(self) -> str:
        """Why it may be bought for no group; empty if it may be for some."""
        if not self._is_raisable:
            return f"{self.raised.name}, which it raises, grants no licence, so it has no quantity to raise"
        if self.bought_in is None:
            return "it takes effect in no period of the plan"
        return "" if self.groups else f"no site that {self.raised.name} counts passes its tests when it takes effect"

    @property
    def _is_raisable(self) -> bool:
        permit = self.raised.is_permit and self.raised.is_limited
        return permit or self.raised.effect in _RAISABLE_CAPS


def quota_steps(rules: tuple[ActiveRule, ...]) -> tuple[QuotaStep, ...]:
    """Steps that raise a rule of the same regime, in file order."""
    by_name = {rule.name: rule for rule in rules}
    return tuple(
        QuotaStep(rule, by_name[rule.rule.raises])
        for rule in rules
        if rule.effect is RuleEffect.QUOTA_STEP and rule.rule.raises in by_name
    )
