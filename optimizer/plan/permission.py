"""Which permits the chips of a solved model travel under, and which quota steps were bought (SEMANTICS 7.11, 7.13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from optimizer.model.build import PlanModel
from optimizer.model.timing import PeriodIndex
from optimizer.policy.owners import Owner
from optimizer.policy.regime import Requirement

Installed = Mapping[tuple[str, str, PeriodIndex], float]
"""Million chips by site, chip and period."""
Permitted = Mapping[tuple[str, str, str, PeriodIndex], float]
"""Million chips by permit, site (or zone), chip and period."""

#: Permits may miss this share of what they cover, the tolerance of the solver; it is then made up.
SHORTFALL = 1e-6


def read_permits(model: PlanModel, installed: Installed, noise: float) -> Permitted:
    """Million chips that travel under each permit, by rule, site, chip and period.

    A zone's permits are split over its sites as its chips are. Where they allow more than is installed each is
    taken in proportion, so that those of every jurisdiction add up to what is installed.

    Parameters
    ----------
    installed
        The installations of the plan.
    noise
        Smaller flows are left out.
    """
    context = model.context
    in_model: Permitted = {key: max(0.0, variable.value) for key, variable in _items(model, "permitted")}
    zone_of = {site.site: zone.name for zone in context.zones for site in zone.sites}
    in_zone: dict[tuple[str, str, PeriodIndex], float] = defaultdict(float)
    for (name, chip_id, t), count in installed.items():
        in_zone[zone_of[name], chip_id, t] += count
    permitted: dict[tuple[str, str, str, PeriodIndex], float] = {}
    for (name, chip_id, t), count in installed.items():
        site, chip = context.instance.site_by_id[name], context.instance.chip_by_id[chip_id]
        share = count / in_zone[zone_of[name], chip_id, t]
        month = context.timing.start(t)
        for requirement in context.regime.required_permits(site.country, Owner.of(site), chip, month):
            offered = {
                rule.name: share * in_model.get((rule.name, zone_of[name], chip_id, t), 0.0)
                for rule in requirement.permits
            }
            for rule_name, amount in _travels(requirement, offered, count, noise).items():
                permitted[rule_name, name, chip_id, t] = amount
    return permitted


def _travels(requirement: Requirement, offered: Mapping[str, float], count: float, noise: float) -> Mapping[str, float]:
    """Million chips of an installation that travel under each permit of a jurisdiction."""
    if requirement.freest is not None:
        return {requirement.freest.name: count}
    taken = {name: amount for name, amount in offered.items() if amount > noise}
    total = sum(taken.values())
    # A larger shortfall is left as it is, for the audit to find.
    scale = count / total if total >= count * (1 - SHORTFALL) - noise and total > 0 else 1.0
    return {name: amount * scale for name, amount in taken.items()}


def read_steps(model: PlanModel) -> frozenset[tuple[str, str]]:
    """Rule and name of the group of every quota step that is bought."""
    return frozenset((rule, str(group)) for (rule, group), bought in _items(model, "step_bought") if bought.value > 0.5)


def _items(model: PlanModel, name: str) -> list[tuple[tuple[Any, ...], Any]]:
    """Items of a variable that the model has only where the regime needs it."""
    variable = getattr(model.pyomo, name, None)
    return [] if variable is None else list(variable.items())
