"""The active regime: which rules hold when, and which flows each of them selects (SEMANTICS 7.1-7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.chip_tests import ChipTest, parse_chip_test
from optimizer.instance.country_sets import CountrySet, parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, Rule, RuleEffect, RuleMeasure
from optimizer.units import TPP_PER_GB300, TPP_PER_H100


@dataclass(frozen=True)
class Owner:
    """Who runs a site: all that owner tests look at."""

    operator: str
    headquarters: str


@dataclass(frozen=True)
class ActiveRule:
    """A rule of the active regime with its tests parsed."""

    rule: Rule
    instance: Instance

    @property
    def effect(self) -> RuleEffect:
        """What the rule does."""
        return self.rule.effect

    @property
    def quantity(self) -> float:
        """Quantity of a rule that has one."""
        assert self.rule.quantity is not None
        return self.rule.quantity

    def in_force(self, month: int) -> bool:
        """Whether the rule holds in a period that starts in ``month``."""
        ends = self.rule.effective_to
        return self.rule.effective_from <= month and (ends is None or month < ends)

    def passes_chip(self, chip: Chip) -> bool:
        """Whether the chip passes the rule's chip test."""
        return self._chip_test.passes(chip)

    def covers_owner(self, owner: Owner, month: int) -> bool:
        """Whether the owner passes the rule's owner and operator tests."""
        listed = self.rule.operators == "any" or owner.operator in self.operators
        return listed and self._owner.contains(owner.headquarters, month, self.instance.groups)

    def covers_destination(self, country: str, month: int) -> bool:
        """Whether a country lies in the rule's destination."""
        return self._destination.contains(country, month, self.instance.groups)

    def covers_base(self, country: str, month: int) -> bool:
        """Whether a country lies in the base of a share, ratio or match."""
        return self._base.contains(country, month, self.instance.groups)

    def counts_installed_base(self) -> bool:
        """Whether compute outside the plan counts in a share (SEMANTICS 7.5)."""
        anyone = self.rule.owner == "any" and self.rule.operators == "any"
        return anyone and self.rule.measure is not RuleMeasure.CHIPS_MILLION

    def weight(self, chip: Chip) -> float:
        """What one chip counts in the rule's measure (SEMANTICS 7.8)."""
        match self.rule.measure:
            case RuleMeasure.TPP_MILLION_H100:
                return chip.tpp / TPP_PER_H100
            case RuleMeasure.H100E_MILLION:
                return chip.performance_h100e
            case RuleMeasure.GB300E_MILLION:
                return chip.tpp / TPP_PER_GB300
            case _:
                return 1.0

    def installed_base(self, countries_of: CountrySet, month: int) -> float:
        """Compute outside the plan in a set of countries, in the rule's measure."""
        if not self.counts_installed_base():
            return 0.0
        scale = TPP_PER_H100 / TPP_PER_GB300 if self.rule.measure is RuleMeasure.GB300E_MILLION else 1.0
        latest: dict[tuple[str, str], tuple[int, float]] = {}
        for row in self.instance.installed_base:
            key = (row.country, row.stack)
            if row.year <= month // 12 and row.year >= latest.get(key, (0, 0.0))[0]:
                latest[key] = (row.year, row.h100e_million)
        return scale * sum(
            h100e
            for (country, _), (_, h100e) in latest.items()
            if countries_of.contains(country, month, self.instance.groups)
        )

    def base_outside_plan(self, month: int) -> float:
        """Installed base of the denominator."""
        return self.installed_base(self._base, month)

    def destination_outside_plan(self, month: int) -> float:
        """Installed base of the numerator."""
        return self.installed_base(self._destination, month)

    @cached_property
    def _chip_test(self) -> ChipTest:
        return parse_chip_test(self.rule.chip_test)

    @cached_property
    def _owner(self) -> CountrySet:
        return parse_country_set(self.rule.owner)

    @cached_property
    def _destination(self) -> CountrySet:
        return parse_country_set(self.rule.destination)

    @cached_property
    def _base(self) -> CountrySet:
        return parse_country_set(self.rule.base_destination)

    @cached_property
    def operators(self) -> frozenset[str]:
        """Operators that the rule names; empty when it covers any."""
        if self.rule.operators == "any":
            return frozenset()
        return frozenset(part.strip() for part in self.rule.operators.split(";"))


@dataclass(frozen=True)
class ActiveRegime:
    """All rules of the regime that the instance selects."""

    instance: Instance

    @cached_property
    def rules(self) -> tuple[ActiveRule, ...]:
        """Rules in file order."""
        return tuple(ActiveRule(rule, self.instance) for rule in self.instance.active_rules)

    def with_effect(self, *effects: RuleEffect) -> tuple[ActiveRule, ...]:
        """Rules that have one of the effects."""
        return tuple(rule for rule in self.rules if rule.effect in effects)

    @cached_property
    def named_operators(self) -> frozenset[str]:
        """Operators that some rule names."""
        return frozenset[str]().union(*(rule.operators for rule in self.rules))

    def denies(self, country: str, owner: Owner, chip: Chip, month: int) -> bool:
        """Whether a rule forbids installing the chip at such a site in a period that starts in ``month``."""
        return any(
            rule.in_force(month)
            and rule.passes_chip(chip)
            and rule.covers_destination(country, month)
            and rule.covers_owner(owner, month)
            for rule in self.with_effect(RuleEffect.DENY)
        )
