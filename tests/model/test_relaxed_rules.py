"""Whatever is taken back of one rule, the best plan is no worse: removed, granted, sooner, longer, wider, cheaper."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.instance.schema import LEVIES, Grouping, PermitPeriod, Rule, RuleEffect
from tests.random_instances import random_instance
from tests.solving import solve_small

#: Both solves hold rows to 1e-7; see test_brute_force.
TOLERANCE = 1e-6
#: Seeds walked through for each relaxation until so many instances have a rule that it applies to.
SEEDS, WANTED = range(2000), 6
#: Of these so many must be better with it, or the test would not notice a relaxation that does nothing.
BETTER = 1

_REMOVABLE = (
    RuleEffect.DENY,
    RuleEffect.CAP_CUMULATIVE,
    RuleEffect.CAP_YEARLY,
    RuleEffect.CAP_STOCK,
    RuleEffect.SHARE_CAP,
    RuleEffect.VOLUME_RATIO,
    RuleEffect.MATCHING_INVESTMENT,
    *LEVIES,
)
_UNLIMITED = {"quantity": None, "measure": None, "period": None, "validity_months": None, "per": Grouping.ALL}
_EVERYONE = {"destination": "any", "owner": "any", "operators": "any", "chip_test": "any"}


def relaxations(instance: Instance, rule: Rule) -> Iterator[tuple[str, Instance, Instance]]:
    """Ways to take something back of a rule, with the instance before and after."""
    effect, is_permit = rule.effect, rule.effect in (RuleEffect.LICENCE, RuleEffect.ALLOW)
    stays = not any(step.rule == rule.rule for step in instance.rule_steps) and not any(
        other.raises == rule.rule for other in instance.rules
    )
    if effect in _REMOVABLE:
        yield f"{effect} removed", instance, without(instance, rule)
    if is_permit and rule.period is not PermitPeriod.TERM and stays:
        late, prompt = (changed(instance, rule, lag_months=months) for months in (12, 0))
        yield f"{effect} at once", late, prompt
    if effect is RuleEffect.LICENCE and rule.probability not in (None, 1.0) and rule.period is not PermitPeriod.TERM:
        yield "licence granted", instance, changed(instance, rule, probability=1.0)
    if effect is RuleEffect.ALLOW:
        if rule.quantity is not None:
            yield "exception without limit", instance, changed(unraised(instance, rule), rule, **_UNLIMITED)
        if rule.effective_to is not None and stays:
            yield "exception for good", instance, changed(instance, rule, effective_to=None)
        if any(getattr(rule, column) != "any" for column in _EVERYONE):
            yield "exception for everyone", instance, changed(instance, rule, **_EVERYONE)
    if effect is RuleEffect.QUOTA_STEP:
        yield "step for nothing", instance, changed(instance, rule, cost_busd=0.0)
        yield "step for everyone", instance, changed(instance, rule, destination="any")


KINDS = (
    *(f"{effect} removed" for effect in _REMOVABLE),
    "licence at once", "allow at once", "licence granted", "exception without limit", "exception for good",
    "exception for everyone", "step for nothing", "step for everyone",
)  # fmt: skip


def changed(instance: Instance, rule: Rule, **changes: Any) -> Instance:
    rules = tuple(other.model_copy(update=changes) if other is rule else other for other in instance.rules)
    return replace(instance, rules=rules)


def unraised(instance: Instance, rule: Rule) -> Instance:
    """The instance without what changes the quantity of a rule."""
    return replace(
        instance,
        rules=tuple(other for other in instance.rules if other.raises != rule.rule),
        rule_steps=tuple(step for step in instance.rule_steps if step.rule != rule.rule),
    )


def without(instance: Instance, rule: Rule) -> Instance:
    plain = unraised(instance, rule)
    return replace(plain, rules=tuple(other for other in plain.rules if other is not rule))


def best(instance: Instance) -> float:
    """Objective of the best plan; minus infinity if there is none."""
    solved = solve_small(instance)
    return solved.objective if solved.feasible else -math.inf


@pytest.mark.parametrize("kind", KINDS)
def test_taking_something_back_of_a_rule_is_never_worse(kind: str) -> None:
    compared = better = 0
    for seed in SEEDS:
        instance = random_instance(random.Random(f"{kind} {seed}"))
        for rule in instance.rules:
            for name, tight, loose in relaxations(instance, rule):
                if name == kind:
                    before, after = best(tight), best(loose)
                    tolerance = TOLERANCE * max(1.0, abs(before)) if math.isfinite(before) else 0.0
                    assert after >= before - tolerance, f"seed {seed}, rule {rule.rule}"
                    compared += 1
                    better += after > before + 10 * tolerance + 1e-9
        if compared >= WANTED and better >= BETTER:
            return
    pytest.fail(f"{compared} instances compared, {better} of them better")
