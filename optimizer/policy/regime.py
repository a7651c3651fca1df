"""The active regime: what it forbids, under which permits chips travel, what it levies (SEMANTICS 7)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.instance import Instance
from optimizer.instance.schema import LEVIES, Chip, RuleEffect
from optimizer.policy.owners import EVERYTHING, Owner, RuleGroup
from optimizer.policy.quota_steps import QuotaStep, quota_steps
from optimizer.policy.rules import ActiveRule

__all__ = ["EVERYTHING", "ActiveRegime", "ActiveRule", "Law", "Owner", "QuotaStep", "Requirement", "RuleGroup"]


@dataclass(frozen=True)
class Requirement:
    """One jurisdiction's demand that an installation travel under its permits (SEMANTICS 7.11).

    Attributes
    ----------
    licences
        Rules that demand it, in file order.
    permits
        Permits of the jurisdiction that serve the installation, in file order; none: it cannot be installed.
    """

    jurisdiction: str
    licences: tuple[ActiveRule, ...]
    permits: tuple[ActiveRule, ...]

    @property
    def is_limited(self) -> bool:
        """Whether every permit that serves has a quantity, so that what travels must be counted."""
        return all(permit.is_limited for permit in self.permits)

    @property
    def freest(self) -> ActiveRule | None:
        """First permit without a quantity, exceptions before licences (SEMANTICS 7.12); None if all have one."""
        unlimited = [permit for permit in self.permits if not permit.is_limited]
        return min(unlimited, key=lambda permit: permit.effect is not RuleEffect.ALLOW, default=None)


@dataclass(frozen=True)
class Law:
    """What the regime says about one installation: a chip at a site in a period that starts in ``month``.

    Attributes
    ----------
    rules
        Rules in force that select it, in file order.
    """

    month: int
    rules: tuple[ActiveRule, ...]

    def of_effect(self, *effects: RuleEffect) -> tuple[ActiveRule, ...]:
        """Rules on it that have one of the effects."""
        return tuple(rule for rule in self.rules if rule.effect in effects)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """What each jurisdiction that wants a permit accepts; jurisdictions that want none are left out."""
        licences = self.of_effect(RuleEffect.LICENCE)
        permits = [rule for rule in self.rules if rule.is_permit and rule.serves(self.month)] if licences else []
        return tuple(
            Requirement(
                jurisdiction,
                tuple(rule for rule in licences if rule.rule.jurisdiction == jurisdiction),
                tuple(rule for rule in permits if rule.rule.jurisdiction == jurisdiction),
            )
            for jurisdiction in dict.fromkeys(rule.rule.jurisdiction for rule in licences)
        )

    @cached_property
    def denies(self) -> bool:
        """Whether it is impossible: a rule denies it, or a jurisdiction wants a permit and none serves."""
        denied = any(rule.effect is RuleEffect.DENY for rule in self.rules)
        return denied or any(not requirement.permits for requirement in self.requirements)

    @cached_property
    def levy_rate(self) -> float:
        """Tariffs and revenue shares of rules, as a share of the price (SEMANTICS 7.14)."""
        return sum(rule.quantity_at(self.month) * rule.rule.pass_through for rule in self.of_effect(*LEVIES))


@dataclass(frozen=True)
class ActiveRegime:
    """All rules of the regime that the instance selects."""

    instance: Instance

    @cached_property
    def rules(self) -> tuple[ActiveRule, ...]:
        """Rules in file order."""
        return tuple(ActiveRule(rule, self.instance) for rule in self.instance.active_rules)

    @cached_property
    def by_name(self) -> Mapping[str, ActiveRule]:
        """Rules by identifier."""
        return {rule.name: rule for rule in self.rules}

    def with_effect(self, *effects: RuleEffect) -> tuple[ActiveRule, ...]:
        """Rules that have one of the effects."""
        return tuple(rule for rule in self.rules if rule.effect in effects)

    @cached_property
    def named_operators(self) -> frozenset[str]:
        """Operators that some rule names."""
        return frozenset[str]().union(*(rule.operators for rule in self.rules))

    @cached_property
    def parts_operators(self) -> bool:
        """Whether some rule holds for each operator apart."""
        return any(rule.parts_operators for rule in self.rules)

    def tells_apart(self, operator: str) -> bool:
        """Whether some rule can treat an operator unlike another of the same countries."""
        return self.parts_operators or operator in self.named_operators

    @cached_property
    def quota_steps(self) -> tuple[QuotaStep, ...]:
        """Steps that may be bought for at least one group, in file order."""
        return tuple(step for step in quota_steps(self.rules) if step.groups)

    @property
    def useless_steps(self) -> tuple[tuple[str, str], ...]:
        """Steps that may be bought for no group, in file order, each with the reason."""
        raising = {step.name: step.why_useless for step in quota_steps(self.rules)}
        absent = "the rule that it raises is not in the regime"
        found = ((rule.name, raising.get(rule.name, absent)) for rule in self.with_effect(RuleEffect.QUOTA_STEP))
        return tuple((name, reason) for name, reason in found if reason)

    def steps_raising(self, rule: ActiveRule, group: RuleGroup) -> tuple[QuotaStep, ...]:
        """Steps that may raise the quantity of a rule for a group."""
        return tuple(step for step in self.quota_steps if step.raised.name == rule.name and group in step.groups)

    # --- one installation ------------------------------------------------------------------------

    def law(self, country: str, owner: Owner, chip: Chip, month: int) -> Law:
        """What the regime says about installing a chip in a period that starts in ``month``.

        It is the same for all months between two changes of the law, of which there are few.
        """
        since = bisect_right(self._changes, month)
        key = (country, owner, id(chip), since)
        known = self._laws.get(key)
        if known is None:
            covering = self._covering(country, owner, month, since)
            known = chip, Law(month, tuple(rule for rule in covering if rule.passes_chip(chip)))
            self._laws[key] = known
        return known[1]

    def selecting(self, country: str, owner: Owner, chip: Chip, month: int) -> tuple[ActiveRule, ...]:
        """Rules in force that select an installation in a period that starts in ``month``, in file order."""
        return self.law(country, owner, chip, month).rules

    def denies(self, country: str, owner: Owner, chip: Chip, month: int) -> bool:
        """Whether an installation is impossible: see `Law.denies`."""
        return self.law(country, owner, chip, month).denies

    def required_permits(self, country: str, owner: Owner, chip: Chip, month: int) -> tuple[Requirement, ...]:
        """What each jurisdiction that wants a permit accepts; jurisdictions that want none are left out."""
        return self.law(country, owner, chip, month).requirements

    def levy_rate(self, country: str, owner: Owner, chip: Chip, month: int) -> float:
        """Tariffs and revenue shares of rules on an installation, as a share of the price (SEMANTICS 7.14)."""
        return self.law(country, owner, chip, month).levy_rate

    @cached_property
    def _changes(self) -> tuple[int, ...]:
        """Months from which another rule, quantity, permit or membership of a country holds."""
        months = {month for rule in self.rules for month in rule.changes}
        for members in self.instance.groups.values():
            months.update(member.member_from for member in members)
            months.update(member.member_to for member in members if member.member_to is not None)
        return tuple(sorted(months))

    @cached_property
    def _laws(self) -> dict[tuple[str, Owner, int, int], tuple[Chip, Law]]:
        """By country, owner, chip and number of changes before; the chip is kept so that its id stays its own."""
        return {}

    def _covering(self, country: str, owner: Owner, month: int, since: int) -> tuple[ActiveRule, ...]:
        """Rules in force that cover a place and an owner; asked again for every chip."""
        key = (country, owner, since)
        if key not in self._covering_known:
            self._covering_known[key] = tuple(
                rule for rule in self.rules if rule.in_force(month) and rule.covers(country, owner, month)
            )
        return self._covering_known[key]

    @cached_property
    def _covering_known(self) -> dict[tuple[str, Owner, int], tuple[ActiveRule, ...]]:
        return {}
