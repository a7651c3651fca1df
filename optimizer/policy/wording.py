"""What to call the parts of a rule in a sentence."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from optimizer.instance.schema import LEVIES, Grouping, PermitPeriod, Rule, RuleEffect, RuleMeasure

#: Units of the measures (SEMANTICS 7.8).
MEASURE_WORDS: Final = MappingProxyType(
    {
        RuleMeasure.CHIPS_MILLION: "million chips",
        RuleMeasure.TPP_MILLION_H100: "million H100 by TPP",
        RuleMeasure.H100E_MILLION: "million H100e",
        RuleMeasure.GB300E_MILLION: "million GB300 by TPP",
        RuleMeasure.CAPITAL_BUSD: "B USD",
    }
)

#: Units of amounts of chips, without the million.
_CHIPS: Final = MappingProxyType(
    {
        RuleMeasure.CHIPS_MILLION: "chips",
        RuleMeasure.TPP_MILLION_H100: "H100 by TPP",
        RuleMeasure.H100E_MILLION: "H100e",
        RuleMeasure.GB300E_MILLION: "GB300 by TPP",
    }
)
_SHARED: Final = MappingProxyType(
    {
        RuleMeasure.CHIPS_MILLION: "chips",
        RuleMeasure.TPP_MILLION_H100: "TPP",
        RuleMeasure.H100E_MILLION: "compute",
        RuleMeasure.GB300E_MILLION: "TPP",
    }
)
_APART: Final = MappingProxyType(
    {
        Grouping.ALL: "",
        Grouping.COUNTRY: ", each country apart",
        Grouping.OPERATOR: ", each operator apart",
        Grouping.OPERATOR_COUNTRY: ", each operator in each country apart",
    }
)
_COUNTED: Final = MappingProxyType(
    {
        RuleEffect.CAP_CUMULATIVE: "in all",
        RuleEffect.CAP_YEARLY: "a calendar year",
        RuleEffect.CAP_STOCK: "at work at a time",
        PermitPeriod.CUMULATIVE: "in all",
        PermitPeriod.YEARLY: "a calendar year",
        PermitPeriod.STOCK: "at work at a time",
    }
)


def amount(quantity: float, measure: RuleMeasure | None) -> str:
    """A quantity in its measure, e.g. ``35,000 GB300 by TPP``; chips if none is named."""
    if measure is RuleMeasure.CAPITAL_BUSD:
        return f"{quantity:,.4g} B USD"
    return f"{quantity * 1e6:,.0f} {_CHIPS[measure or RuleMeasure.CHIPS_MILLION]}"


def allowed(rule: Rule, quantity: float | None, measure: RuleMeasure | None = None, group: str = "") -> str:
    """What a rule allows, takes or asks for when its quantity is as given; empty for rules without a quantity.

    Parameters
    ----------
    quantity
        The one in force, which may be that of a step in time, or the expected one of a licence.
    measure
        What is counted, if the rule does not say: that of the rule which a quota step raises.
    group
        Name of the group that is asked about; without one, that the rule holds for each apart is said.
    """
    if quantity is None:
        return ""
    measure = rule.measure or measure
    match rule.effect:
        case RuleEffect.SHARE_CAP | RuleEffect.VOLUME_RATIO:
            words = _share(rule, quantity)
        case RuleEffect.MATCHING_INVESTMENT:
            words = f"{quantity:g} USD committed {_in(rule.base_destination)} for each USD here"
        case effect if effect in LEVIES:
            paid = "" if rule.pass_through == 1 else f", of which the buyer pays {_percent(rule.pass_through)}"
            words = f"{_percent(quantity)} of the price{paid}"
        case RuleEffect.QUOTA_STEP:
            words = f"{amount(quantity, measure)} more under {rule.raises} for {rule.cost_busd:g} B USD"
        case _:
            words = f"{amount(quantity, measure)} {_counted(rule)}"
    return words + (f" for {group}" if group else _APART[rule.per])


def _share(rule: Rule, quantity: float) -> str:
    measure = rule.measure or RuleMeasure.CHIPS_MILLION
    outside = (
        f", {amount(rule.base_quantity, measure)} from outside the plan included" if rule.base_quantity > 0 else ""
    )
    if rule.effect is RuleEffect.VOLUME_RATIO:
        return f"{_percent(quantity)} of the chips of the same kind {_in(rule.base_destination)}{outside}"
    return f"{_percent(quantity)} of the {_SHARED[measure]} at work {_in(rule.base_destination)}{outside}"


def _in(countries: str) -> str:
    return "anywhere" if countries == "any" else f"in {countries}"


def number(rule: Rule, quantity: float) -> str:
    """A quantity of a rule without its unit, as `allowed` writes it."""
    if rule.effect in (RuleEffect.SHARE_CAP, RuleEffect.VOLUME_RATIO, *LEVIES):
        return _percent(quantity)
    return f"{quantity:g}" if rule.effect is RuleEffect.MATCHING_INVESTMENT else f"{quantity * 1e6:,.0f}"


def _counted(rule: Rule) -> str:
    if rule.period is PermitPeriod.TERM:
        return f"in each {rule.validity_months} months"
    return _COUNTED[rule.effect if rule.period is None else rule.period]


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
