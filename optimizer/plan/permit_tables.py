"""Tables of permission: the permits of every chip that needs one, and quota steps (SEMANTICS 10.6)."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.plan.state import PlanState
from optimizer.plan.tables import PermitUse, QuotaStepUse


def permit_rows(state: PlanState) -> Iterator[PermitUse]:
    """Make one row for every permit under which an installation travels, permits in file order."""
    order = {rule.name: position for position, rule in enumerate(state.context.regime.rules)}
    keys = sorted(state.decisions.permitted, key=lambda key: (order[key[0]], key[1], int(key[3]), key[2]))
    for rule, site, chip, t in keys:
        yield PermitUse(rule, site, chip, t.label, state.decisions.permitted[rule, site, chip, t])


def step_rows(state: PlanState) -> Iterator[QuotaStepUse]:
    """Make one row for every quota step and group for which it may be bought."""
    for step in state.context.regime.quota_steps:
        for group in step.groups:
            bought = (step.name, str(group)) in state.decisions.steps
            yield QuotaStepUse(step.name, str(group), step.raised.name, bought, step.cost_busd)
