"""Rules that hang on other rows: quota steps, steps in time, exceptions, answers of supply, prices of stacks."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.calendar import format_month
from optimizer.instance.checks.context import Context
from optimizer.instance.checks.rule_columns import CAPS
from optimizer.instance.chip_tests import parse_chip_test
from optimizer.instance.codes import Code
from optimizer.instance.expressions import ExpressionError, nearest_hint
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import PERMITS, DemandRegion, Rule, RuleEffect, RuleStep


def _rules_by_id(instance: Instance) -> dict[str, Rule]:
    return {rule.rule: rule for rule in instance.rules}


def _can_be_raised(rule: Rule) -> bool:
    return rule.quantity is not None and rule.effect in (*CAPS, *PERMITS)


def check_quota_steps(instance: Instance, context: Context) -> Iterator[Finding]:
    """Quota steps that raise nothing that can be raised, or differ from what they raise."""
    rules = _rules_by_id(instance)
    raisable = [rule.rule for rule in instance.rules if _can_be_raised(rule)]
    for index, step in enumerate(instance.rules):
        if step.effect is not RuleEffect.QUOTA_STEP:
            continue
        at = CellRef("rules", index, "raises")
        raised = rules.get(step.raises or "")
        if step.raises is None:
            message = f"quota step '{step.rule}' does not say which rule it raises"
            yield Finding(Code.STEP_RAISES_NOTHING, at, message, expected="a cap, or a permit with a quantity")
        elif raised is not None and not _can_be_raised(raised):
            message = f"quota step '{step.rule}' raises '{raised.rule}', which is no cap and no permit with a quantity"
            hint = nearest_hint(raised.rule, raisable)
            yield Finding(Code.STEP_RAISES_NOTHING, at, message, raised.rule, hint=hint)
        elif raised is not None and context.is_whole("rules"):
            yield from _differences(index, step, raised)


def _differences(index: int, step: Rule, raised: Rule) -> Iterator[Finding]:
    for column in ("per", "jurisdiction", "measure"):
        own, other = getattr(step, column), getattr(raised, column)
        if own != other and not (column == "measure" and own is None):
            message = f"quota step '{step.rule}': its {column} is '{own}', that of '{raised.rule}' is '{other}'"
            at = CellRef("rules", index, column)
            yield Finding(Code.STEP_MISMATCH, at, message, str(own), f"'{other}', as in rule '{raised.rule}'")


def check_rule_steps(instance: Instance, context: Context) -> Iterator[Finding]:  # noqa: ARG001 - links are checked
    """Steps of rules without quantity, out of order, or outside the dates of their rule."""
    rules = _rules_by_id(instance)
    latest: dict[str, int] = {}
    for index, step in enumerate(instance.rule_steps):
        rule = rules.get(step.rule)
        if rule is None:
            continue
        if rule.quantity is None:
            message = f"rule '{rule.rule}' has no quantity that a step could replace"
            at = CellRef("rule_steps", index, "rule")
            yield Finding(Code.STEP_WITHOUT_QUANTITY, at, message, rule.rule, hint="give the rule a quantity")
        at = CellRef("rule_steps", index, "since")
        if step.since < latest.get(step.rule, step.since):
            message = f"step of '{rule.rule}' in {format_month(step.since)} stands after a later one"
            yield Finding(Code.STEP_DISORDER, at, message, format_month(step.since))
        elif _is_outside(step, rule):
            ends = "" if rule.effective_to is None else f" to before {format_month(rule.effective_to)}"
            hint = f"the rule holds from {format_month(rule.effective_from)}{ends}"
            message = f"step of '{rule.rule}' in {format_month(step.since)} falls outside the dates of the rule"
            yield Finding(Code.STEP_OUTSIDE_RULE, at, message, format_month(step.since), hint=hint)
        latest[step.rule] = max(step.since, latest.get(step.rule, step.since))


def _is_outside(step: RuleStep, rule: Rule) -> bool:
    return step.since < rule.effective_from or (rule.effective_to is not None and step.since >= rule.effective_to)


def check_exceptions(instance: Instance, context: Context) -> Iterator[Finding]:
    """Permits that nothing asks for: no licence rule of their jurisdiction stands beside them in any regime."""
    if not context.is_whole("rules", "regimes", "chips"):
        return
    rules = _rules_by_id(instance)
    beside: dict[str, list[Rule]] = {}
    for row in instance.regimes:
        if row.rule in rules and rules[row.rule].effect is RuleEffect.LICENCE:
            beside.setdefault(row.regime, []).append(rules[row.rule])
    for index, rule in enumerate(instance.rules):
        regimes = [row.regime for row in instance.regimes if row.rule == rule.rule]
        if rule.effect is not RuleEffect.ALLOW or not regimes:
            continue
        if not any(_asks_for(instance, asking, rule) for name in regimes for asking in beside.get(name, ())):
            message = f"rule '{rule.rule}' allows what no licence rule of {rule.jurisdiction} asks a permit for"
            hint = "a regime with it needs a rule of effect 'licence' for the same jurisdiction and chips"
            at = CellRef("rules", index, "effect")
            yield Finding(Code.ALLOW_UNNEEDED, at, message, str(rule.effect), hint=hint)


def _asks_for(instance: Instance, asking: Rule, permit: Rule) -> bool:
    """Whether a licence rule selects some chip that a permit serves; countries are left out, as they change."""
    if asking.jurisdiction != permit.jurisdiction:
        return False
    try:
        tests = [parse_chip_test(rule.chip_test) for rule in (asking, permit)]
    except ExpressionError:
        return True
    served = [chip for chip in instance.chips if tests[1].passes(chip)]
    return not served or any(tests[0].passes(chip) for chip in served)


def _refuses(instance: Instance, region: DemandRegion, stack: str) -> bool:
    """Whether a market does not take a stack, and not only because one of its own is misspelt."""
    known = {chip.stack for chip in instance.chips}
    return stack in known and stack not in region.accepted_stacks and known.issuperset(region.accepted_stacks)


def check_responses(instance: Instance, context: Context) -> Iterator[Finding]:
    """Answers of supply that never come: the chip is not on sale then, or the market does not take its stack."""
    if not context.settings_known or not context.is_whole("chips", "demand_regions"):
        return
    calendar = instance.calendar
    for index, row in enumerate(instance.supply_response):
        chip, region = instance.chip_by_id.get(row.chip), instance.region_by_id.get(row.region)
        if (
            chip is None
            or region is None
            or not max(chip.release, calendar.start) < min(chip.end_of_sale, calendar.end)
        ):
            continue  # said by other checks
        first = 12 * (calendar.years[0] + row.lag_years)
        why = ""
        if max(chip.release, first) >= min(chip.end_of_sale, calendar.end):
            why = f"'{chip.chip}' is not on sale within the plan {row.lag_years} year(s) after its first"
        elif _refuses(instance, region, chip.stack):
            why = f"market '{region.region}' does not take the stack '{chip.stack}' of '{chip.chip}'"
        if why:
            at = CellRef("supply_response", index, "chip")
            yield Finding(Code.RESPONSE_NEVER_COMES, at, f"no supply can answer: {why}", row.chip)


def check_stack_prices(instance: Instance, context: Context) -> Iterator[Finding]:
    """Prices of stacks that a market does not take."""
    if not context.is_whole("demand_regions", "chips"):
        return
    for index, row in enumerate(instance.stack_prices):
        region = instance.region_by_id.get(row.region)
        if region is not None and _refuses(instance, region, row.stack):
            message = f"market '{row.region}' does not take the stack '{row.stack}', so its price has no effect"
            hint = f"it takes {', '.join(region.accepted_stacks)}"
            yield Finding(Code.STACK_NOT_TAKEN, CellRef("stack_prices", index, "stack"), message, row.stack, hint=hint)


CHECKS = (check_quota_steps, check_rule_steps, check_exceptions, check_responses, check_stack_prices)
