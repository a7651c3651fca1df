"""Quota steps: more of a cap or a permit, for a price, whole or not (SEMANTICS 7.13)."""

from __future__ import annotations

import pyomo.environ as pyo

from optimizer.instance.schema import RuleEffect
from optimizer.model.cashbook import CashCategory
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term
from optimizer.policy.owners import RuleGroup
from optimizer.policy.rules import ActiveRule


def add_quota_steps(context: ModelContext) -> None:
    """Add the variables of quota steps.

    Variables
    ---------
    step_bought[rule, group]
        Whether a step is bought for a group of the rule that it raises, by the group's name (binary, also where
        modules may be fractions: half a government agreement is none).
    """
    steps = context.regime.quota_steps
    keys = [(step.name, str(group)) for step in steps for group in step.groups]
    context.model.step_bought = pyo.Var(keys, within=pyo.Binary, initialize=0)
    usable = {step.name for step in steps}
    reason = "the rule it raises is not in the regime, or no site passes its tests, or it takes effect after the plan"
    context.vacuous.extend(
        Vacuous("rules", rule.name, reason)
        for rule in context.regime.with_effect(RuleEffect.QUOTA_STEP)
        if rule.name not in usable
    )


def step_terms(context: ModelContext, rule: ActiveRule, group: RuleGroup, month: int) -> list[Term]:
    """What steps add to the quantity of a rule for a group, in a period that starts in ``month``."""
    return [
        (added, context.model.step_bought[step.name, str(group)])
        for step in context.regime.steps_raising(rule, group)
        if (added := step.adds_at(month)) > 0
    ]


def record_step_cash(context: ModelContext) -> None:
    """Record the price of steps in the first period in which they serve; no capital, no budget."""
    for step in context.regime.quota_steps:
        assert step.bought_in is not None
        present_value = context.timing.discount[step.bought_in] * step.cost_busd
        for group in step.groups:
            context.cash.add(CashCategory.QUOTA_STEPS, -present_value, context.model.step_bought[step.name, str(group)])
