"""The active regime as a table: each rule, what it does in this instance, the rows it makes, or why it does nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from optimizer.instance.calendar import format_month
from optimizer.instance.instance import Instance
from optimizer.instance.schema import OwnerTest, RuleEffect, RuleMeasure, Site
from optimizer.model.build import build_model
from optimizer.model.plan_model import PlanModel
from optimizer.policy.legality import Standing, legality
from optimizer.policy.owners import Owner
from optimizer.policy.regime import ActiveRegime
from optimizer.policy.rules import ActiveRule
from optimizer.policy.wording import allowed, number

#: Families of rows and columns whose index starts with the name of a rule.
_ROW_FAMILIES: Final = (
    "export_flow_cap", "export_stock_cap", "export_share_cap", "volume_ratio", "matching_investment", "export_permit",
)  # fmt: skip


@dataclass(frozen=True)
class RuleEntry:
    """A rule of the active regime and what became of it.

    Attributes
    ----------
    selected
        Installations (site, chip and period, the chip on sale) that it selects while in force.
    denied
        Those of them that end up impossible, and in which this rule is one of those that forbid.
    rows
        Rows of the model that bear its name.
    vacuous
        Why it does nothing, or "".
    """

    rule: ActiveRule
    selected: int
    denied: int
    rows: int
    vacuous: str

    @property
    def dates(self) -> str:
        """When it holds."""
        since, until = format_month(self.rule.rule.effective_from), self.rule.rule.effective_to
        return f"since {since}" if until is None else f"{since} to {format_month(until)}"

    @property
    def scope(self) -> str:
        """What it covers, where and for whom, in words."""
        rule, chips = self.rule.rule, self.rule.instance.chips
        parts = []
        if rule.chip_test != "any":
            parts.append(f"{sum(map(self.rule.passes_chip, chips))} of {len(chips)} kinds of chip")
        if rule.destination != "any":
            parts.append(f"sites in {rule.destination}")
        if rule.owner != "any":
            parts.append(f"{_OWNERS[rule.owner_test]} in {rule.owner}")
        if rule.operators != "any":
            parts.append("operators " + ", ".join(sorted(self.rule.operators)))
        return "; ".join(parts) or "all chips, everyone, everywhere"

    @property
    def allows(self) -> str:
        """What it allows or takes, its changes over time, and how likely a licence is; empty if nothing is counted."""
        rule = self.rule.rule
        steps = [step for step in self.rule.instance.rule_steps if step.rule == rule.rule]
        parts = [allowed(rule, rule.quantity, self._raised_measure)] if rule.quantity is not None else []
        parts += [f"from {format_month(step.since)} {number(rule, step.quantity)}" for step in steps]
        if rule.effect is RuleEffect.LICENCE:
            parts.append(f"granted with probability {self.rule.probability:g}")
        return "; ".join(parts)

    @property
    def does(self) -> str:
        """What it does in this instance, in words."""
        rule = self.rule.rule
        counted = f"{self.selected:,} installations"
        match self.rule.effect:
            case _ if self.vacuous:
                words = f"nothing: {self.vacuous}"
            case RuleEffect.DENY:
                words = f"forbids {self.denied:,} installations"
            case RuleEffect.LICENCE | RuleEffect.ALLOW:
                words = self._permission(counted)
            case RuleEffect.QUOTA_STEP:
                words = f"may be bought, which raises {rule.raises}"
            case RuleEffect.TARIFF | RuleEffect.REVENUE_SHARE:
                assert rule.quantity is not None
                words = f"adds {rule.quantity * rule.pass_through:.0%} to the price of {counted}"
            case RuleEffect.MATCHING_INVESTMENT:
                words = f"ties capital at the sites it selects to capital in {rule.base_destination} ({self._limits})"
            case _:
                words = f"limits {counted} ({self._limits})"
        return words

    @property
    def _raised_measure(self) -> RuleMeasure | None:
        """What the rule counts that a quota step raises."""
        return next((rule.measure for rule in self.rule.instance.rules if rule.rule == self.rule.rule.raises), None)

    @property
    def _limits(self) -> str:
        return "1 limit in the model" if self.rows == 1 else f"{self.rows:,} limits in the model"

    def _permission(self, counted: str) -> str:
        lag = f" after {self.rule.rule.lag_months} months" if self.rule.rule.lag_months else ""
        limited = ""
        if self.rule.is_limited and self.rule.is_permit:
            idle = "; its quantity does not bind, as a permit without one serves the same"
            limited = f", within its quantity ({self._limits})" if self.rows else idle
        if self.rule.effect is RuleEffect.ALLOW:
            return f"lets in {counted}{lag}{limited}"
        if self.rule.is_permit:
            return f"asks a licence for {counted} and grants it{lag}{limited}"
        served = self.selected - self.denied
        others = f"; {served:,} have another permit of {self.rule.rule.jurisdiction}" if served else ""
        return f"asks a licence for {counted} and refuses it: {self.denied:,} are impossible{others}"


_OWNERS: Final = {
    OwnerTest.HEADQUARTERS: "owners with headquarters",
    OwnerTest.PARENT: "owners with a parent",
    OwnerTest.EITHER: "owners with headquarters or parent",
    OwnerTest.BOTH: "owners with headquarters and parent",
}


@dataclass
class _Count:
    """Installations counted for one rule."""

    selected: int = 0
    denied: int = 0


def rule_book(instance: Instance) -> tuple[RuleEntry, ...]:
    """Build the model of an instance and say what each rule of its regime does there, in file order."""
    plan = build_model(instance)
    counts, rows = _counted(instance, plan.context.regime), _rows_by_rule(plan)
    silent = {row.row: row.reason for row in plan.context.vacuous if row.table == "rules"}
    return tuple(
        RuleEntry(
            rule=rule,
            selected=counts[rule.name].selected,
            denied=counts[rule.name].denied,
            rows=rows.get(rule.name, 0),
            vacuous=silent.get(rule.name, ""),
        )
        for rule in plan.context.regime.rules
    )


def _counted(instance: Instance, regime: ActiveRegime) -> Mapping[str, _Count]:
    counts: dict[str, _Count] = defaultdict(_Count)
    for site, alike in _places(instance):
        for chip in instance.chips:
            for span in instance.calendar.periods:
                if span.start < chip.end_of_sale and chip.release < span.end:
                    found = legality(regime, site, chip, span.start)
                    for name in {voice.rule.name for voice in found.voices}:
                        counts[name].selected += alike
                    if found.standing is Standing.DENIED:
                        for voice in found.deciding:
                            counts[voice.rule.name].denied += alike
    return counts


def _places(instance: Instance) -> tuple[tuple[Site, int], ...]:
    """One site of each country and owner, and how many there are: rules cannot tell them apart."""
    alike: dict[tuple[str, Owner], list[Site]] = defaultdict(list)
    for site in instance.sites:
        alike[site.country, Owner.of(site)].append(site)
    return tuple((sites[0], len(sites)) for sites in alike.values())


def _rows_by_rule(plan: PlanModel) -> Mapping[str, int]:
    rows: dict[str, int] = defaultdict(int)
    for name in _names_in_rows(plan):
        rows[name] += 1
    return rows


def _names_in_rows(plan: PlanModel) -> Iterator[str]:
    for family in _ROW_FAMILIES:
        for index in getattr(plan.pyomo, family, ()):
            yield index[0].rule
