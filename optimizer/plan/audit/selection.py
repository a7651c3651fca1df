"""What a rule selects, when it holds, what it counts and how much of it (SEMANTICS 7.1-7.3, 7.8-7.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer import units
from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, Grouping, OwnerTest, Rule, RuleEffect, RuleMeasure, Site
from optimizer.plan.audit.clock import Clock, Mask, Memberships, Series

#: Stands for every operator in `Rule.operators`.
EVERYONE = "any"


@dataclass(frozen=True, slots=True)
class Group:
    """What a rule is held for apart (7.9): a country of sites, an operator, both, or everything.

    Attributes
    ----------
    name
        As plan tables write it; "" for everything.
    country, operator
        What a site must have to belong to the group; None: any.
    """

    name: str = ""
    country: str | None = None
    operator: str | None = None

    @classmethod
    def of(cls, per: Grouping, site: Site) -> Group:
        """Group of a site under a rule."""
        match per:
            case Grouping.ALL:
                return cls()
            case Grouping.COUNTRY:
                return cls(site.country, country=site.country)
            case Grouping.OPERATOR:
                return cls(site.operator, operator=site.operator)
            case Grouping.OPERATOR_COUNTRY:
                return cls(f"{site.operator}/{site.country}", site.country, site.operator)

    def contains(self, site: Site) -> bool:
        """Whether a site belongs to the group."""
        return self.has_country(site.country) and self.has_operator(site.operator)

    def has_country(self, country: str) -> bool:
        """Whether a country is that of the group."""
        return self.country is None or self.country == country

    def has_operator(self, operator: str) -> bool:
        """Whether an operator is that of the group."""
        return self.operator is None or self.operator == operator


@dataclass(frozen=True)
class RuleBook:
    """The active regime, read afresh from the tables of the instance."""

    instance: Instance
    clock: Clock
    memberships: Memberships

    @classmethod
    def of(cls, instance: Instance, clock: Clock) -> RuleBook:
        """Rule book of an instance."""
        return cls(instance, clock, Memberships(instance))

    @cached_property
    def selections(self) -> Mapping[str, Selection]:
        """Every active rule, in file order, by name."""
        return {rule.rule: Selection(rule, self) for rule in self.instance.active_rules}

    def with_effect(self, *effects: RuleEffect) -> list[Selection]:
        """Active rules that have one of the effects."""
        return [selection for selection in self.selections.values() if selection.rule.effect in effects]


class Selection:
    """One rule, and what it selects of the chips and sites of an instance."""

    def __init__(self, rule: Rule, book: RuleBook) -> None:
        self.rule = rule
        self.book = book
        self.clock = book.clock
        test = parse_chip_test(rule.chip_test)
        self.chips = tuple(chip for chip in book.instance.chips if test.passes(chip))
        self.chip_names = frozenset(chip.chip for chip in self.chips)
        self._owned: dict[tuple[str, str, str], Mask] = {}
        self._located: dict[tuple[str, str], Mask] = {}
        self._selects: dict[str, Mask] = {}

    @property
    def law(self) -> str:
        """The rule and where it stands, for messages."""
        return f"rule {self.rule.rule} ({self.rule.citation})"

    @cached_property
    def force(self) -> Mask:
        """Periods in which the rule holds (7.1)."""
        starts = np.array(self.clock.starts)
        ends = self.rule.effective_to
        return (starts >= self.rule.effective_from) & (True if ends is None else starts < ends)

    @cached_property
    def in_force(self) -> list[int]:
        """Periods in which the rule holds, as a list."""
        return [int(t) for t in np.flatnonzero(self.force)]

    @property
    def serves_from(self) -> int:
        """First month in which a permit serves, or a quota step adds its quantity (7.11)."""
        if self.rule.lag_months == 0:
            return self.rule.effective_from
        return max(self.rule.effective_from, self.clock.start) + self.rule.lag_months

    @cached_property
    def service(self) -> Mask:
        """Periods in which the rule holds and its lag is over."""
        return self.force & (np.array(self.clock.starts) >= self.serves_from)

    def covers(self, operator: str) -> bool:
        """Whether the rule covers an operator (7.3)."""
        listed = self.rule.operators.strip()
        return listed == EVERYONE or operator in {part.strip() for part in listed.split(";")}

    def owned(self, site: Site) -> Mask:
        """Periods in which a site passes the operator and owner tests (7.3)."""
        key = (site.operator, site.operator_hq, site.parent_hq or site.operator_hq)
        if key not in self._owned:
            self._owned[key] = self._passes_owner_test(*key)
        return self._owned[key]

    def _passes_owner_test(self, operator: str, headquarters: str, parent: str) -> Mask:
        if not self.covers(operator):
            return np.zeros(len(self.clock), dtype=bool)
        return np.array([self._passes_at(headquarters, parent, month) for month in self.clock.starts], dtype=bool)

    def selects_at(self, site: Site, month: int) -> bool:
        """Whether a site passes the destination, operator and owner tests at a month."""
        return (
            self.covers(site.operator)
            and self.book.memberships.contains(self.rule.destination, site.country, month)
            and self._passes_at(site.operator_hq, site.parent_hq or site.operator_hq, month)
        )

    def _passes_at(self, headquarters: str, parent: str, month: int) -> bool:
        at_home = self.book.memberships.contains(self.rule.owner, headquarters, month)
        above = self.book.memberships.contains(self.rule.owner, parent, month)
        match self.rule.owner_test:
            case OwnerTest.HEADQUARTERS:
                return at_home
            case OwnerTest.PARENT:
                return above
            case OwnerTest.EITHER:
                return at_home or above
            case OwnerTest.BOTH:
                return at_home and above

    def located(self, countries: str, country: str) -> Mask:
        """Periods in which a country lies in a country set."""
        key = (countries, country)
        if key not in self._located:
            self._located[key] = self.book.memberships.mask(countries, country, self.clock.starts)
        return self._located[key]

    def selects(self, site: Site) -> Mask:
        """Periods in which a site passes the destination, operator and owner tests, in force or not."""
        if site.site not in self._selects:
            self._selects[site.site] = self.owned(site) & self.located(self.rule.destination, site.country)
        return self._selects[site.site]

    def selects_installation(self, site: Site, chip: str, t: int) -> bool:
        """Whether the rule holds and selects the installation of a chip at a site in a period."""
        return chip in self.chip_names and bool(self.force[t]) and bool(self.selects(site)[t])

    @cached_property
    def groups(self) -> Sequence[Group]:
        """Groups of the rule: those of the sites that pass its tests in some period in force (10.3)."""
        if self.rule.per is Grouping.ALL:
            return (Group(),)
        sites = [site for site in self.book.instance.sites if (self.selects(site) & self.force).any()]
        return tuple(dict.fromkeys(Group.of(self.rule.per, site) for site in sites))

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

    @property
    def unit(self) -> str:
        """Measure of the rule, or what counts without one."""
        return self.rule.measure.value if self.rule.measure is not None else RuleMeasure.CHIPS_MILLION.value

    @cached_property
    def quantity(self) -> Series:
        """Quantity of the rule in each period (7.10)."""
        if self.rule.quantity is None:
            message = f"rule {self.rule.rule} has no quantity"
            raise ValueError(message)
        steps = sorted(
            (step.since, step.quantity) for step in self.book.instance.rule_steps if step.rule == self.rule.rule
        )
        quantity = np.full(len(self.clock), self.rule.quantity)
        for t, start in enumerate(self.clock.starts):
            begun = [value for since, value in steps if since <= start]
            if begun:
                quantity[t] = begun[-1]
        return quantity
