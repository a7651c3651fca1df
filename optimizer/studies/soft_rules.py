"""Rules that forbid, written as quantities of nothing: the same law, but one that can be made to give way.

A refused licence leaves no row behind, since nothing can travel under it. Here it becomes a permit for no chips,
or, if it has a quantity, for its quantity at the probability of zero that it was given.
"""

from __future__ import annotations

from dataclasses import replace

from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef
from optimizer.instance.schema import PermitPeriod, Rule, RuleEffect, RuleMeasure
from optimizer.policy.regime import ActiveRegime
from optimizer.studies.limit_index import LimitRow, soften_denials


def soften_prohibitions(instance: Instance) -> Instance:
    """Turn denials into caps of no chips and refused licences into permits for none, in the active regime."""
    refused = refused_licences(instance)
    if not refused:
        return soften_denials(instance)
    rules = tuple(_as_permit_for_none(rule) if rule.rule in refused else rule for rule in instance.rules)
    # Refused licences with a quantity are permits only at this minimum. All others have a quantity now or are granted.
    policy = instance.settings.policy.model_copy(update={"minimum_licence_probability": 0.0})
    settings = instance.settings.model_copy(update={"policy": policy})
    return soften_denials(replace(instance, rules=rules, settings=settings))


def refused_licences(instance: Instance) -> frozenset[str]:
    """Names of the licence rules of the active regime under which nothing may travel."""
    licences = ActiveRegime(instance).with_effect(RuleEffect.LICENCE)
    return frozenset(licence.name for licence in licences if not licence.is_permit)


def _as_permit_for_none(rule: Rule) -> Rule:
    if rule.quantity is not None:
        return rule
    none = {"quantity": 0.0, "measure": RuleMeasure.CHIPS_MILLION, "period": PermitPeriod.CUMULATIVE}
    return rule.model_copy(update={**none, "probability": 1.0})


def with_cells_of_refusals(rows: tuple[LimitRow, ...], original: Instance) -> tuple[LimitRow, ...]:
    """The rows, those of refused licences with a quantity led back to the probability that makes it nothing."""
    refused = refused_licences(original)
    cells = {
        rule.rule: CellRef("rules", number, "probability")
        for number, rule in enumerate(original.rules)
        if rule.rule in refused and rule.quantity is not None
    }
    return tuple(
        replace(row, cells=(cells[row.limit.name],))
        if row.limit.family == "export_permit" and row.limit.name in cells
        else row
        for row in rows
    )


def words_of_rule(instance: Instance, name: str) -> str:
    """What a rule says and where the law stands, in words."""
    rule = next(rule for rule in instance.rules if rule.rule == name)
    forbids = {RuleEffect.DENY: "it denies; "}.get(rule.effect, "")
    if name in refused_licences(instance):
        forbids = "licences are refused; "
    return f"{forbids}{rule.title} ({rule.jurisdiction}: {rule.citation})"
