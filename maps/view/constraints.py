"""Limits and rules, reduced to their tightest row of every year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from maps.names import shorten
from maps.view.model import Constraint, ConstraintYear, RuleView
from optimizer.instance.calendar import format_month
from optimizer.instance.instance import Instance
from optimizer.instance.schema import LimitKind, Rule, RuleEffect
from optimizer.instance.scopes import where_words
from optimizer.plan.tables import LimitUse, PolicyUse
from optimizer.policy.rules import ActiveRule
from optimizer.policy.wording import allowed, number

AnyUse = LimitUse | PolicyUse

#: Families whose limit is a least and not a most.
FLOORS = frozenset({"take_or_pay", "sovereignty", "required_compute"})
#: Families with a row for every campus, of which the page has those that bind some time; the table has them all.
_MANY = frozenset({"technology_limits", "site_carbon"})
#: Families whose name is that of a chip.
_OF_CHIPS = frozenset({"chip_supply", "supply_response", "take_or_pay"})
#: Families of limits.csv, whose rows have a scope.
_OF_SCOPES = frozenset(str(kind) for kind in LimitKind)


def _share(row: AnyUse, *, floor: bool) -> float | None:
    part, whole = (row.limit, row.used) if floor else (row.used, row.limit)
    if whole > 0:
        return part / whole
    return None if part <= 0 else 1.0


def tightest_by_year(rows: Iterable[AnyUse], *, floor: bool = False) -> tuple[ConstraintYear, ...]:
    """For each year with rows, the row that leaves the least; a binding row goes before any other."""
    by_year: dict[int, list[AnyUse]] = {}
    for row in rows:
        by_year.setdefault(int(row.when[:4]), []).append(row)
    return tuple(_worst(year, found, floor=floor) for year, found in sorted(by_year.items()))


def _worst(year: int, rows: Sequence[AnyUse], *, floor: bool) -> ConstraintYear:
    def tightness(row: AnyUse) -> tuple[bool, float]:
        share = _share(row, floor=floor)
        return row.binding, -1.0 if share is None else share

    worst = max(rows, key=tightness)
    return ConstraintYear(
        year=year,
        when=worst.when,
        used=worst.used,
        limit=worst.limit,
        slack=worst.used - worst.limit if floor else worst.limit - worst.used,
        share=_share(worst, floor=floor),
        binding_rows=sum(row.binding for row in rows),
        rows=len(rows),
        group=worst.group if isinstance(worst, PolicyUse) else "",
    )


def limit_label(instance: Instance, family: str, name: str) -> str:
    """What a limit of the limits table limits, by the names that the instance has for it."""
    if family in _OF_CHIPS and name in instance.chip_by_id:
        return instance.chip_by_id[name].name
    if family == "grid_headroom":
        regions = {region.grid_region: region.name for region in instance.grid_regions}
        return regions.get(name, name)
    if family in _OF_SCOPES and (where := where_words(instance.limits, name)):
        return f"{_words(name)}, {_words(where)}"
    first, _, second = name.partition("/")
    if second and first in instance.region_by_id:
        return f"{instance.region_by_id[first].name}, {_words(second)}"
    if second and first in instance.site_by_id:
        return f"{_words(second)} at {shorten(instance.site_by_id[first].name)}"
    return _words(name)


def _words(name: str) -> str:
    return name.replace("_", " ")


def constraint_views(instance: Instance, limits: Iterable[LimitUse]) -> tuple[Constraint, ...]:
    """One view per family and name, families and names in table order; of the technologies of campuses, what binds."""
    grouped: dict[tuple[str, str, str], list[LimitUse]] = {}
    for row in limits:
        grouped.setdefault((row.family, row.name, row.unit), []).append(row)
    return tuple(
        Constraint(
            family,
            name,
            limit_label(instance, family, name),
            unit,
            family in FLOORS,
            tightest_by_year(rows, floor=family in FLOORS),
        )
        for (family, name, unit), rows in grouped.items()
        if family not in _MANY or any(row.binding for row in rows)
    )


def rule_views(
    instance: Instance, policy: Iterable[PolicyUse], idle: Mapping[str, str] = MappingProxyType({})
) -> tuple[RuleView, ...]:
    """Every rule of the active regime, also those that have no rows.

    Parameters
    ----------
    idle
        Reason of each rule that has no effect.
    """
    uses: dict[str, list[PolicyUse]] = {}
    for row in policy:
        uses.setdefault(row.rule, []).append(row)
    return tuple(
        _rule_view(instance, rule, uses.get(rule.rule, []), idle.get(rule.rule, "")) for rule in instance.active_rules
    )


def _rule_view(instance: Instance, rule: Rule, uses: Sequence[PolicyUse], idle_because: str) -> RuleView:
    calendar = instance.calendar
    ends = (calendar.periods[calendar.periods_of_year[year][-1]].start for year in calendar.years)
    licence = rule.effect is RuleEffect.LICENCE
    return RuleView(
        rule=rule.rule,
        title=rule.title,
        jurisdiction=rule.jurisdiction,
        effect=str(rule.effect),
        destination=rule.destination,
        owner=rule.owner if rule.operators == "any" else f"{rule.owner} ({rule.operators})",
        chip_test=rule.chip_test,
        quantity=rule.quantity,
        unit=uses[0].unit if uses else str(rule.measure or ""),
        effective_from=format_month(rule.effective_from),
        effective_to="" if rule.effective_to is None else format_month(rule.effective_to),
        standing=rule.status,
        citation=rule.citation,
        years=tightest_by_year(uses),
        allows=_allows(instance, rule),
        probability=(1.0 if rule.probability is None else rule.probability) if licence else None,
        lag_months=rule.lag_months,
        per=str(rule.per),
        in_force=tuple(ActiveRule(rule, instance).in_force(end) for end in ends),
        idle_because=idle_because,
    )


def _allows(instance: Instance, rule: Rule) -> str:
    """The quantity of a rule in words, with its changes over time."""
    raised = next((other.measure for other in instance.rules if other.rule == rule.raises), None)
    steps = (step for step in instance.rule_steps if step.rule == rule.rule)
    words = [allowed(rule, rule.quantity, raised)] if rule.quantity is not None else []
    return "; ".join([*words, *(f"from {format_month(step.since)} {number(rule, step.quantity)}" for step in steps)])
