"""Quota steps: more of a cap or a permit, for a price, whole or not (SEMANTICS 7.13)."""

from __future__ import annotations

from collections.abc import Iterator

from pyomo.core.expr import identify_variables

from optimizer.algebra import pyo
from optimizer.model.cashbook import CashCategory
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term
from optimizer.policy.owners import RuleGroup
from optimizer.policy.rules import ActiveRule

#: Families of rows whose quantity a step may raise.
_RAISABLE_FAMILIES = ("export_flow_cap", "export_stock_cap", "export_permit")


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
    context.vacuous.extend(Vacuous("rules", name, reason) for name, reason in context.regime.useless_steps)


def report_idle_steps(context: ModelContext) -> None:
    """List steps that no row takes in: what they add would change nothing. To be called when all rows are made."""
    counted = {id(variable) for variable in _variables_of_raisable_rows(context)}
    bought = context.model.step_bought
    for step in context.regime.quota_steps:
        if not any(id(bought[step.name, str(group)]) in counted for group in step.groups):
            reason = (
                f"no limit of {step.raised.name}, which it raises, can bind while it is in force, so it adds nothing"
            )
            context.vacuous.append(Vacuous("rules", step.name, reason))


def _variables_of_raisable_rows(context: ModelContext) -> Iterator[object]:
    raised = {step.raised.name for step in context.regime.quota_steps}
    for family in _RAISABLE_FAMILIES:
        constraint = getattr(context.model, family)
        for index in constraint:
            if index[0].rule in raised:
                yield from identify_variables(constraint[index].body)


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
