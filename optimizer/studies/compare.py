"""Two plans side by side: where the difference in value comes from, and what was built, bound and assumed otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.plan.tables import PlanTables
from optimizer.studies.country_cash import CountryCash, cash_by_country
from optimizer.studies.input_changes import InputChange, input_changes
from optimizer.studies.plan_changes import SiteChange, gw_changes, site_changes


@dataclass(frozen=True)
class ComparedPlan:
    """One of the two plans."""

    label: str
    instance: Instance
    tables: PlanTables
    manifest: Mapping[str, Any]

    @property
    def npv_busd(self) -> float:
        """Net present value by its cash table."""
        return sum(row.pv_busd for row in self.tables.cash)


@dataclass(frozen=True)
class Contribution:
    """Present value of something in both plans [B USD]."""

    name: str
    before_busd: float
    after_busd: float

    @property
    def difference_busd(self) -> float:
        """What it adds to the difference of the two NPVs."""
        return self.after_busd - self.before_busd


class Tightness(StrEnum):
    """How the state of a limit changed."""

    BINDING = "newly binding"
    FREED = "no longer binding"


@dataclass(frozen=True)
class LimitChange:
    """A limit that binds in one plan and not in the other; None where the other plan does not have it."""

    family: str
    name: str
    when: str
    unit: str
    change: Tightness
    used_before: float | None
    limit_before: float | None
    used_after: float | None
    limit_after: float | None


@dataclass(frozen=True)
class Comparison:
    """What differs from the first plan to the second.

    Attributes
    ----------
    by_category, by_country
        Each adds up to the difference of the two NPVs.
    by_both
        The same by category and country.
    gw
        Change of the final IT capacity by country [GW].
    """

    before: ComparedPlan
    after: ComparedPlan
    by_category: tuple[Contribution, ...]
    by_country: tuple[Contribution, ...]
    by_both: tuple[tuple[str, Contribution], ...]
    sites: tuple[SiteChange, ...]
    gw: Mapping[str, float]
    limits: tuple[LimitChange, ...]
    inputs: tuple[InputChange, ...]

    @property
    def difference_busd(self) -> float:
        """NPV of the second plan less that of the first."""
        return self.after.npv_busd - self.before.npv_busd

    @property
    def noise_busd(self) -> float | None:
        """Gap of the two plans together: a smaller difference proves nothing. None if a gap is not known."""
        gaps = [plan.manifest.get("gap_busd") for plan in (self.before, self.after)]
        return None if any(gap is None for gap in gaps) else float(sum(gap or 0.0 for gap in gaps))


def compare(before: ComparedPlan, after: ComparedPlan) -> Comparison:
    """Compare two plans, of one instance or of two."""
    old, new = (cash_by_country(plan.instance, plan.tables) for plan in (before, after))
    categories, countries = _totals(old, new, 0), _totals(old, new, 1)
    both = [
        (category, Contribution(country, old.get((category, country), 0.0), new.get((category, country), 0.0)))
        for category, country in sorted({*old, *new})
    ]
    return Comparison(
        before=before,
        after=after,
        by_category=categories,
        by_country=countries,
        by_both=tuple(both),
        sites=site_changes(before.tables, after.tables),
        gw=gw_changes(before.tables, after.tables),
        limits=tuple(_limit_changes(before.tables, after.tables)),
        inputs=input_changes(before.instance, after.instance),
    )


def _totals(before: CountryCash, after: CountryCash, part: int) -> tuple[Contribution, ...]:
    old, new = _added_up(before, part), _added_up(after, part)
    totals = [Contribution(name, old.get(name, 0.0), new.get(name, 0.0)) for name in sorted({*old, *new})]
    return tuple(sorted(totals, key=lambda one: -abs(one.difference_busd)))


def _added_up(cash: CountryCash, part: int) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for key, busd in cash.items():
        totals[key[part]] += busd
    return totals


@dataclass(frozen=True)
class _Use:
    used: float
    limit: float
    unit: str
    binding: bool


def _uses(tables: PlanTables) -> Iterator[tuple[tuple[str, str, str], _Use]]:
    for row in tables.limits:
        yield (row.family, row.name, row.when), _Use(row.used, row.limit, row.unit, row.binding)
    for rule in tables.policy:
        name = " ".join(part for part in (rule.rule, rule.group, rule.chip) if part)
        yield (rule.effect, name, rule.when), _Use(rule.used, rule.limit, rule.unit, rule.binding)


def _limit_changes(before: PlanTables, after: PlanTables) -> Iterable[LimitChange]:
    old, new = dict(_uses(before)), dict(_uses(after))
    for key in [*old, *(key for key in new if key not in old)]:
        left, right = old.get(key), new.get(key)
        was, is_now = (use is not None and use.binding for use in (left, right))
        known = right or left
        if was != is_now and known is not None:
            yield LimitChange(
                *key,
                unit=known.unit,
                change=Tightness.BINDING if is_now else Tightness.FREED,
                used_before=None if left is None else left.used,
                limit_before=None if left is None else left.limit,
                used_after=None if right is None else right.used,
                limit_after=None if right is None else right.limit,
            )
