"""Columns of rules that their effect does not read: a cell that looks like a condition and is none misleads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.columns import columns_of, format_cell
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import LEVIES, PERMITS, Grouping, PermitPeriod, Rule, RuleEffect

#: Caps on what is installed.
CAPS = (RuleEffect.CAP_CUMULATIVE, RuleEffect.CAP_YEARLY, RuleEffect.CAP_STOCK)

_RELATIVE = (RuleEffect.SHARE_CAP, RuleEffect.VOLUME_RATIO)
_STEP = (RuleEffect.QUOTA_STEP,)
_BY_CHIP = tuple(
    effect for effect in RuleEffect if effect not in (RuleEffect.MATCHING_INVESTMENT, RuleEffect.QUOTA_STEP)
)

#: Effects that read a column; columns that are not listed go with every effect.
READERS: Mapping[str, tuple[RuleEffect, ...]] = {
    "chip_test": _BY_CHIP,
    "per": (*PERMITS, *CAPS, RuleEffect.SHARE_CAP, RuleEffect.MATCHING_INVESTMENT, *_STEP),
    "period": PERMITS,
    "base_destination": (*_RELATIVE, RuleEffect.MATCHING_INVESTMENT),
    "base_quantity": _RELATIVE,
    "probability": (RuleEffect.LICENCE,),
    "lag_months": (*PERMITS, *_STEP),
    "validity_months": PERMITS,
    "raises": _STEP,
    "cost_busd": _STEP,
    "pass_through": LEVIES,
}

#: Groupings that an effect can be held for, where not all of them.
GROUPINGS: Mapping[RuleEffect, tuple[Grouping, ...]] = {
    RuleEffect.MATCHING_INVESTMENT: (Grouping.ALL, Grouping.OPERATOR),
}


def check_columns(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - rows stand alone
    """Filled cells of columns that the rule's effect does not read."""
    for index, rule in enumerate(instance.rules):
        for column, readers in READERS.items():
            if _is_filled(rule, column) and rule.effect not in readers:
                names = ", ".join(sorted(readers))
                yield _unread(index, rule, column, f"effect '{rule.effect}' does not use it", f"used by {names}")
        yield from _unread_by_permit(index, rule)
        yield from _unread_grouping(index, rule)


def _is_filled(rule: Rule, column: str) -> bool:
    return bool(getattr(rule, column) != Rule.model_fields[column].default)


def _unread_by_permit(index: int, rule: Rule) -> Iterator[Finding]:
    """Columns of a permit that only count with a quantity, or only by term."""
    if rule.effect not in PERMITS:
        return
    if rule.quantity is None:
        for column in ("measure", "period", "per"):
            if _is_filled(rule, column):
                yield _unread(index, rule, column, "a permit without quantity counts nothing", "give a quantity")
    if rule.validity_months is not None and rule.period is not PermitPeriod.TERM:
        hint = f"set period to '{PermitPeriod.TERM}', or leave the cell empty"
        yield _unread(index, rule, "validity_months", "only a permit counted by term has one", hint)


def _unread_grouping(index: int, rule: Rule) -> Iterator[Finding]:
    allowed = GROUPINGS.get(rule.effect)
    if allowed is not None and rule.per not in allowed:
        message = f"rule '{rule.rule}': effect '{rule.effect}' cannot be held for each {rule.per} apart"
        expected = "one of " + ", ".join(allowed)
        yield Finding(Code.PER_INVALID, CellRef("rules", index, "per"), message, str(rule.per), expected)


def _unread(index: int, rule: Rule, column: str, why: str, hint: str) -> Finding:
    default = columns_of(Rule)[column].default
    expected = f"an empty cell or {default}" if default else "an empty cell"
    message = f"rule '{rule.rule}' sets {column}, but {why}"
    at = CellRef("rules", index, column)
    return Finding(Code.RULE_COLUMN_UNREAD, at, message, format_cell(rule, column), expected, hint)


CHECKS = (check_columns,)
