"""A rule of the active regime: when it holds, what it selects, how much it allows (SEMANTICS 7.1-7.12)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.chip_tests import ChipTest, parse_chip_test
from optimizer.instance.country_sets import CountrySet, parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import (
    PERMITS,
    Chip,
    Grouping,
    InstalledBase,
    OwnerTest,
    PermitPeriod,
    Rule,
    RuleEffect,
    RuleMeasure,
    RuleStep,
)
from optimizer.policy.installed_base import measure_of_h100e, standing_rows
from optimizer.policy.owners import EVERYTHING, Owner, RuleGroup
from optimizer.units import TPP_PER_GB300, TPP_PER_H100


@dataclass(frozen=True)
class ActiveRule:
    """A rule of the active regime with its tests parsed."""

    rule: Rule
    instance: Instance

    @property
    def name(self) -> str:
        """Identifier of the rule."""
        return self.rule.rule

    @property
    def effect(self) -> RuleEffect:
        """What the rule does."""
        return self.rule.effect

    # --- when ----------------------------------------------------------------------------------

    def in_force(self, month: int) -> bool:
        """Whether the rule holds in a period that starts in ``month`` (SEMANTICS 7.1)."""
        ends = self.rule.effective_to
        return self.rule.effective_from <= month and (ends is None or month < ends)

    @cached_property
    def serves_from(self) -> int:
        """First month in which a permit or a quota step serves (SEMANTICS 7.11)."""
        if self.rule.lag_months == 0:
            return self.rule.effective_from
        return max(self.rule.effective_from, self.instance.calendar.start) + self.rule.lag_months

    def serves(self, month: int) -> bool:
        """Whether a permit or a quota step is in force and its lag is over in a period that starts in ``month``."""
        return self.in_force(month) and month >= self.serves_from

    def term_of(self, month: int) -> int:
        """First month of the term, of a permit counted by term, to which a period that starts in ``month`` belongs."""
        assert self.rule.validity_months is not None
        return month - (month - self.serves_from) % self.rule.validity_months

    @property
    def changes(self) -> tuple[int, ...]:
        """Months from which the rule holds, serves or allows something else than before."""
        ends = () if self.rule.effective_to is None else (self.rule.effective_to,)
        return (self.rule.effective_from, *ends, self.serves_from, *(step.since for step in self._steps))

    # --- what ----------------------------------------------------------------------------------

    def passes_chip(self, chip: Chip) -> bool:
        """Whether the chip passes the rule's chip test."""
        return self._chip_test.passes(chip)

    def covers_owner(self, owner: Owner, month: int) -> bool:
        """Whether the owner passes the rule's owner and operator tests (SEMANTICS 7.3)."""
        if self.operators and owner.operator not in self.operators:
            return False
        headquarters = self._owner.contains(owner.headquarters, month, self.instance.groups)
        parent = self._owner.contains(owner.parent_country, month, self.instance.groups)
        match self.rule.owner_test:
            case OwnerTest.HEADQUARTERS:
                return headquarters
            case OwnerTest.PARENT:
                return parent
            case OwnerTest.EITHER:
                return headquarters or parent
            case OwnerTest.BOTH:
                return headquarters and parent

    def covers_destination(self, country: str, month: int) -> bool:
        """Whether a country lies in the rule's destination."""
        return self._destination.contains(country, month, self.instance.groups)

    def covers(self, country: str, owner: Owner, month: int) -> bool:
        """Whether a site passes destination, owner and operator tests."""
        return self.covers_destination(country, month) and self.covers_owner(owner, month)

    def selects(self, country: str, owner: Owner, chip: Chip, month: int) -> bool:
        """Whether the rule holds and selects an installation (SEMANTICS 7.1, 7.3)."""
        return self.in_force(month) and self.passes_chip(chip) and self.covers(country, owner, month)

    def covers_base(self, country: str, month: int) -> bool:
        """Whether a country lies in the base of a share, ratio or match."""
        return self._base.contains(country, month, self.instance.groups)

    @cached_property
    def operators(self) -> frozenset[str]:
        """Operators that the rule names; empty when it covers any."""
        if self.rule.operators == "any":
            return frozenset()
        return frozenset(part.strip() for part in self.rule.operators.split(";"))

    # --- for whom apart ------------------------------------------------------------------------

    @property
    def parts_operators(self) -> bool:
        """Whether the rule holds for each operator apart."""
        return self.rule.per in (Grouping.OPERATOR, Grouping.OPERATOR_COUNTRY)

    def group_of(self, country: str, operator: str) -> RuleGroup:
        """Group in which a site of a country and an operator counts (SEMANTICS 7.9)."""
        match self.rule.per:
            case Grouping.ALL:
                return EVERYTHING
            case Grouping.COUNTRY:
                return RuleGroup(country=country)
            case Grouping.OPERATOR:
                return RuleGroup(operator=operator)
            case Grouping.OPERATOR_COUNTRY:
                return RuleGroup(country, operator)

    @cached_property
    def groups(self) -> tuple[RuleGroup, ...]:
        """Groups of the sites that pass the rule's tests in some period in force, in file order (SEMANTICS 10.3).

        A rule that holds for everything together has its one group even if it covers no site.
        """
        if self.rule.per is Grouping.ALL:
            return (EVERYTHING,)
        months = [span.start for span in self.instance.calendar.periods if self.in_force(span.start)]
        found = (
            self.group_of(site.country, site.operator)
            for site in self.instance.sites
            if any(self.covers(site.country, Owner.of(site), month) for month in months)
        )
        return tuple(dict.fromkeys(found))

    # --- how much ------------------------------------------------------------------------------

    @property
    def is_limited(self) -> bool:
        """Whether the rule has a quantity."""
        return self.rule.quantity is not None

    @property
    def quantity(self) -> float:
        """Quantity of a rule that has one, as its row has it."""
        assert self.rule.quantity is not None, f"rule {self.name} has no quantity"
        return self.rule.quantity

    @property
    def granted(self) -> bool:
        """Whether a licence rule is a permit (SEMANTICS 7.11)."""
        probability = self.probability
        sure = probability >= self.instance.settings.policy.minimum_licence_probability
        return sure or (self.is_limited and probability > 0)

    @property
    def is_permit(self) -> bool:
        """Whether installations may travel under the rule."""
        return self.effect is RuleEffect.ALLOW or (self.effect is RuleEffect.LICENCE and self.granted)

    @property
    def probability(self) -> float:
        """Probability that a licence is granted."""
        return 1.0 if self.rule.probability is None else self.rule.probability

    def quantity_at(self, month: int) -> float:
        """Quantity in a period that starts in ``month`` (SEMANTICS 7.10), for licences the expected one (7.12)."""
        step = self._step_at(month)
        quantity = self.quantity if step is None else step.quantity
        return quantity * self.probability if self.effect is RuleEffect.LICENCE else quantity

    def quantity_since(self, month: int) -> int:
        """Month from which the quantity of a period that starts in ``month`` holds."""
        step = self._step_at(month)
        return self.rule.effective_from if step is None else step.since

    def _step_at(self, month: int) -> RuleStep | None:
        return next((step for step in reversed(self._steps) if step.since <= month), None)

    @property
    def counts_stock(self) -> bool:
        """Whether a quantity limits what stands, not what flows."""
        return self.effect is RuleEffect.CAP_STOCK or (
            self.effect in PERMITS and self.rule.period is PermitPeriod.STOCK
        )

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

    # --- outside the plan (SEMANTICS 7.5) ---------------------------------------------------------

    def base_outside_plan(self, month: int, group: RuleGroup = EVERYTHING) -> float:
        """Installed base of the denominator of a share, and the rule's ``base_quantity``, in its measure."""
        inside = self._installed(self._base, month, group)
        return inside + self.rule.base_quantity

    def destination_outside_plan(self, month: int, group: RuleGroup = EVERYTHING) -> float:
        """Installed base of the numerator of a share, in the rule's measure."""
        return self._installed(self._destination, month, group, group.country)

    def _installed(self, places: CountrySet, month: int, group: RuleGroup, country: str | None = None) -> float:
        scale = measure_of_h100e(self.rule.measure)
        if scale == 0:
            return 0.0
        return scale * sum(
            row.h100e_million
            for row in standing_rows(self.instance.installed_base, month // 12)
            if country in (None, row.country)
            and places.contains(row.country, month, self.instance.groups)
            and self._counts_in_share(row, month, group)
        )

    def _counts_in_share(self, row: InstalledBase, month: int, group: RuleGroup) -> bool:
        """Whether the owner of some installed base passes; an operator's countries are those of its first site."""
        anyone = self._owner.is_everywhere and not self.operators
        if not row.operator:
            return anyone and not self.parts_operators
        site = next((site for site in self.instance.sites if site.operator == row.operator), None)
        passes = anyone if site is None else self.covers_owner(Owner.of(site), month)
        return passes and group.includes_operator(row.operator)

    # ---------------------------------------------------------------------------------------------

    @cached_property
    def _steps(self) -> tuple[RuleStep, ...]:
        own = (step for step in self.instance.rule_steps if step.rule == self.rule.rule)
        return tuple(sorted(own, key=lambda step: step.since))

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
