"""Rules must have what their effect needs, and nothing it does not use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.country_sets import EVERYWHERE_NAME
from optimizer.instance.instance import NO_REGIME, Instance
from optimizer.instance.iso_countries import ISO_CODES
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import LEVIES, PERMITS, PermitPeriod, Rule, RuleEffect, RuleMeasure

_CHIP_MEASURES = (
    RuleMeasure.CHIPS_MILLION,
    RuleMeasure.TPP_MILLION_H100,
    RuleMeasure.H100E_MILLION,
    RuleMeasure.GB300E_MILLION,
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What an effect takes: its measures, whether one must be named, and whether it has a quantity (None: may)."""

    measures: tuple[RuleMeasure, ...]
    must_name_measure: bool
    quantity: bool | None = True


NEEDS = {
    RuleEffect.DENY: Needs((), must_name_measure=False, quantity=False),
    RuleEffect.LICENCE: Needs(_CHIP_MEASURES, must_name_measure=False, quantity=None),
    RuleEffect.ALLOW: Needs(_CHIP_MEASURES, must_name_measure=False, quantity=None),
    RuleEffect.QUOTA_STEP: Needs(_CHIP_MEASURES, must_name_measure=False),
    RuleEffect.TARIFF: Needs((), must_name_measure=False),
    RuleEffect.REVENUE_SHARE: Needs((), must_name_measure=False),
    RuleEffect.CAP_CUMULATIVE: Needs(_CHIP_MEASURES, must_name_measure=True),
    RuleEffect.CAP_YEARLY: Needs(_CHIP_MEASURES, must_name_measure=True),
    RuleEffect.CAP_STOCK: Needs(_CHIP_MEASURES, must_name_measure=True),
    RuleEffect.SHARE_CAP: Needs(_CHIP_MEASURES, must_name_measure=True),
    RuleEffect.VOLUME_RATIO: Needs((RuleMeasure.CHIPS_MILLION,), must_name_measure=False),
    RuleEffect.MATCHING_INVESTMENT: Needs((RuleMeasure.CAPITAL_BUSD,), must_name_measure=False),
}


def check_effects(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Quantity and measure of every rule, and the period of permits."""
    for index, rule in enumerate(instance.rules):
        yield from _check_quantity(index, rule)
        yield from _check_measure(index, rule)
        yield from _check_period(index, rule)


def _check_quantity(index: int, rule: Rule) -> Iterator[Finding]:
    at = CellRef("rules", index, "quantity")
    if rule.quantity is None:
        if NEEDS[rule.effect].quantity:
            message = f"rule '{rule.rule}' needs a quantity for its effect '{rule.effect}'"
            yield Finding(Code.QUANTITY_MISSING, at, message)
    elif NEEDS[rule.effect].quantity is False:
        message = f"rule '{rule.rule}': effect '{rule.effect}' takes no quantity"
        hint = "leave the cell empty, or choose a cap as effect"
        yield Finding(Code.QUANTITY_FORBIDDEN, at, message, str(rule.quantity), hint=hint)
    elif rule.effect is RuleEffect.SHARE_CAP and rule.quantity > 1:
        message = f"rule '{rule.rule}': a share of {rule.quantity} is above 1"
        hint = f"write {rule.quantity / 100} for {rule.quantity} %" if rule.quantity <= 100 else ""
        yield Finding(Code.RULE_SHARE_ABOVE_ONE, at, message, str(rule.quantity), "a share from 0 to 1", hint)
    elif rule.effect in LEVIES and rule.quantity > 1:
        message = f"rule '{rule.rule}' takes {rule.quantity} times the price of the chip"
        hint = f"write {rule.quantity / 100} for {rule.quantity} %"
        yield Finding(Code.LEVY_SIZE, at, message, str(rule.quantity), "a share of the price", hint)


def _check_measure(index: int, rule: Rule) -> Iterator[Finding]:
    at, needs = CellRef("rules", index, "measure"), NEEDS[rule.effect]
    expected = "one of " + ", ".join(needs.measures) if needs.measures else "an empty cell"
    if rule.measure is None:
        if needs.must_name_measure or _is_quota(rule):
            message = f"rule '{rule.rule}' needs a measure for its effect '{rule.effect}'"
            yield Finding(Code.MEASURE_MISSING, at, message, expected=expected)
    elif not needs.measures:
        message = f"rule '{rule.rule}': effect '{rule.effect}' takes no measure"
        yield Finding(Code.QUANTITY_FORBIDDEN, at, message, rule.measure, expected)
    elif rule.measure not in needs.measures:
        message = f"rule '{rule.rule}': measure '{rule.measure}' does not go with effect '{rule.effect}'"
        yield Finding(Code.MEASURE_INVALID, at, message, rule.measure, expected)


def _is_quota(rule: Rule) -> bool:
    """Whether the rule is a permit that counts."""
    return rule.effect in PERMITS and rule.quantity is not None


def _check_period(index: int, rule: Rule) -> Iterator[Finding]:
    if not _is_quota(rule):
        return
    if rule.period is None:
        message = f"permit '{rule.rule}' has a quantity but no period over which it counts"
        expected = "one of " + ", ".join(PermitPeriod)
        yield Finding(Code.PERIOD_MISSING, CellRef("rules", index, "period"), message, expected=expected)
    elif rule.period is PermitPeriod.TERM and rule.validity_months is None:
        message = f"permit '{rule.rule}' counts by term but has no validity_months"
        yield Finding(Code.VALIDITY_MISSING, CellRef("rules", index, "validity_months"), message)


def check_reserved_names(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Names that stand for something else."""
    for index, row in enumerate(instance.regimes):
        if row.regime == NO_REGIME:
            at = CellRef("regimes", index, "regime")
            yield Finding(Code.RESERVED_REGIME, at, "the regime 'none' stands for no rules at all", row.regime)
    for index, member in enumerate(instance.country_groups):
        if member.group in ISO_CODES or member.group == EVERYWHERE_NAME:
            what = "every country" if member.group == EVERYWHERE_NAME else "a country"
            at = CellRef("country_groups", index, "group")
            yield Finding(Code.RESERVED_GROUP, at, f"'{member.group}' already stands for {what}", member.group)


CHECKS = (check_effects, check_reserved_names)
