"""The active regime as a table: each rule, what it does in this instance, the rows it makes, or why it does nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from optimizer.instance.calendar import format_month
from optimizer.instance.instance import Instance
from optimizer.instance.schema import RuleEffect, Site
from optimizer.model.build import build_model
from optimizer.model.plan_model import PlanModel
from optimizer.policy.legality import Standing, legality
from optimizer.policy.owners import Owner
from optimizer.policy.regime import ActiveRegime
from optimizer.policy.rules import ActiveRule

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
    def does(self) -> str:
        """What it does in this instance, in words."""
        rule = self.rule.rule
        counted = f"{self.selected:,} possible installations"
        match self.rule.effect:
            case _ if self.vacuous:
                words = f"nothing: {self.vacuous}"
            case RuleEffect.DENY:
                words = f"forbids {self.denied:,} installations"
            case RuleEffect.LICENCE | RuleEffect.ALLOW:
                words = self._permission(counted)
            case RuleEffect.QUOTA_STEP:
                words = f"raises {rule.raises} by {rule.quantity:g} for {rule.cost_busd:g} B USD"
            case RuleEffect.TARIFF | RuleEffect.REVENUE_SHARE:
                assert rule.quantity is not None
                words = f"adds {rule.quantity * rule.pass_through:.0%} to the price of {counted}"
            case _:
                words = f"limits {counted}, {self.rows:,} rows"
        return words

    def _permission(self, counted: str) -> str:
        lag = f" after {self.rule.rule.lag_months} months" if self.rule.rule.lag_months else ""
        limited = f", within its quantity ({self.rows:,} rows)" if self.rule.is_limited else ""
        if self.rule.effect is RuleEffect.ALLOW:
            return f"permits {counted}{lag}{limited}"
        if self.rule.is_permit:
            return f"wants a licence for {counted} and grants it{lag}{limited}"
        return f"wants a permit for {counted}, grants none; {self.denied:,} of them have none from elsewhere"


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
