"""What the audit says of chips, permits and steps alone: instances with rules, and plans of a few rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Rule
from optimizer.plan.audit.building import audit_building
from optimizer.plan.audit.chips import audit_chips
from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.ledger import Failure, Ledger
from optimizer.plan.audit.rules import audit_rules, rule_entries
from optimizer.plan.audit.rules.entries import PlanFlows
from optimizer.plan.audit.rules.permits import PermitFlows
from optimizer.plan.audit.rules.steps import audit_steps
from optimizer.plan.audit.selection import RuleBook
from optimizer.plan.audit.structure import usable_tables
from optimizer.plan.tables import ChipInstallation, PermitUse, PlanTables, QuotaStepUse
from tests import instances as make

NO_PLAN = PlanTables(*((),) * 13)


#: Checks on what is lawful.
RULINGS = ("rules.", "permits.", "quota_steps.", "tables.")

Key = tuple[str, str, str, str]
"""Rule, group, chip and date of a row of the policy table."""


@dataclass(frozen=True)
class Ruling:
    """What the audit found.

    Attributes
    ----------
    failures
        Those on rules, permits and steps; the rest of these plans is missing.
    sides
        Used and limit of every rule with a quantity.
    """

    failures: tuple[Failure, ...]
    sides: Mapping[Key, tuple[float, float]]

    @property
    def checks(self) -> set[str]:
        """Names of the checks that failed."""
        return {failure.check for failure in self.failures}

    @property
    def message(self) -> str:
        """All failures as people read them."""
        return "\n".join(failure.render() for failure in self.failures)


def governed(rules: Sequence[Rule], *, sites: Iterable[Any] = (), **tables: Any) -> Instance:
    """An instance of half-years from 2027 on under the given rules, with one US-owned site in the Emirates."""
    defaults: dict[str, Any] = {
        "settings": make.settings(months=6, count=6, decision_every_months=6, policy={"regime": "test"}),
        "sites": list(sites) or [make.site("dubai", country="ARE", operator="Alef")],
        "rules": rules,
        "regimes": [make.regime(rule.rule) for rule in rules],
    }
    return make.instance(**{**defaults, **tables})


def arrival(period: str = "2027H1", million: float = 0.5, site: str = "dubai", chip: str = "C1") -> ChipInstallation:
    """Chips that arrive."""
    return ChipInstallation(site, chip, period, million, 0.0, million, 10 * million, 0.0, 0.0)


def permit(rule: str, period: str = "2027H1", million: float = 0.5, site: str = "dubai", chip: str = "C1") -> PermitUse:
    """What travels under a permit."""
    return PermitUse(rule, site, chip, period, million)


def step(rule: str, raises: str, *, group: str = "", bought: bool = True, cost_busd: float = 1.0) -> QuotaStepUse:
    """A quota step."""
    return QuotaStepUse(rule, group, raises, bought, cost_busd)


def ruling(
    instance: Instance,
    chips: Iterable[ChipInstallation] = (),
    permits: Iterable[PermitUse] = (),
    steps: Iterable[QuotaStepUse] = (),
) -> Ruling:
    """Audit the rules of a plan that consists of these rows."""
    plan = replace(NO_PLAN, chips=tuple(chips), permits=tuple(permits), quota_steps=tuple(steps))
    ledger, clock = Ledger(plan), Clock.of(instance)
    tables = usable_tables(ledger, instance, clock, plan)
    builds = audit_building(ledger, instance, clock, tables.phases)
    fleets = audit_chips(ledger, instance, clock, tables.chips)
    book = RuleBook.of(instance, clock)
    flows = PlanFlows(book, tuple(fleets.values()), builds, audit_steps(ledger, book, tables.quota_steps).raised)
    audit_rules(ledger, flows, tables)
    entries = rule_entries(flows, PermitFlows.of(flows, tables.permits))
    sides = {(e.selection.rule.rule, e.group.name, e.chip, e.when): (e.used, e.limit) for e in entries}
    return Ruling(tuple(f for f in ledger.report().failures if f.check.startswith(RULINGS)), sides)
