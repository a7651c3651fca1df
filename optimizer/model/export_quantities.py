"""Rows that hold flows to the quantity of a rule: to date, by year, by term (SEMANTICS 7.4, 7.10, 7.12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from optimizer.model.context import ModelContext
from optimizer.model.export_flows import Flows
from optimizer.model.expressions import Term
from optimizer.model.quota_steps import step_terms
from optimizer.model.rows import LinearRow
from optimizer.model.timing import PeriodIndex
from optimizer.policy.owners import RuleGroup
from optimizer.policy.rules import ActiveRule

#: Index of the only row of a quantity that one row is enough for.
ALL_DATES = "all"


@dataclass(frozen=True)
class Allowance:
    """What a rule allows a group at a date.

    Attributes
    ----------
    quantity
        In the measure of the rule.
    steps
        What each quota step adds, if it is bought.
    since
        Tells allowances of different dates apart: month of the quantity, and which steps serve.
    """

    quantity: float
    steps: list[Term]
    since: tuple[int, frozenset[str]]

    @classmethod
    def at(cls, context: ModelContext, rule: ActiveRule, group: RuleGroup, period: PeriodIndex) -> Allowance:
        """Allowance of a period; for a year or a term that of the last period of theirs in force."""
        month = context.timing.start(period)
        serving = (step.name for step in context.regime.steps_raising(rule, group) if step.step.serves(month))
        since = rule.quantity_since(month), frozenset(serving)
        return cls(rule.quantity_at(month), step_terms(context, rule, group, month), since)

    def row(self, used: list[Term], most: float = inf) -> LinearRow:
        """Used - what bought steps add <= quantity.

        A step adds no more than takes the quantity to ``most``, the most that can be used at all: a share of a big
        step would otherwise be enough for everything, and the linear relaxation would pay for that share only.
        """
        needed = max(0.0, most - self.quantity)
        return LinearRow([*used, *((-min(added, needed), bought) for added, bought in self.steps)], upper=self.quantity)


def cumulative_rows(
    context: ModelContext, rule: ActiveRule, group: RuleGroup, flows: Flows, dates: Sequence[PeriodIndex]
) -> Iterator[tuple[Hashable, LinearRow]]:
    """Flows of all dates up to each <= quantity of that date.

    Flows are not negative, so of the dates between two changes of what is allowed the last implies the others.
    """
    allowed = {t: Allowance.at(context, rule, group, t) for t in dates if t >= min(flows)}
    lasting = [t for t, following in pairwise(allowed) if allowed[t].since != allowed[following].since]
    kept = [*lasting, *list(allowed)[-1:]]
    for t in kept:
        so_far = [term for u in sorted(flows) if u <= t for term in flows[u]]
        yield ALL_DATES if len(kept) == 1 else t, allowed[t].row(so_far)


def span_rows(
    context: ModelContext,
    rule: ActiveRule,
    group: RuleGroup,
    flows: Flows,
    dates: Sequence[PeriodIndex],
    span_of: Callable[[PeriodIndex], Hashable],
) -> Iterator[tuple[Hashable, LinearRow]]:
    """Flows of each span of dates <= quantity on its last date."""
    spans: dict[Hashable, list[PeriodIndex]] = defaultdict(list)
    for t in dates:
        spans[span_of(t)].append(t)
    for span, members in spans.items():
        used = [term for t in members for term in flows.get(t, ())]
        if used:
            yield span, Allowance.at(context, rule, group, members[-1]).row(used)


def stock_rows(
    context: ModelContext,
    rule: ActiveRule,
    group: RuleGroup,
    standing: Mapping[PeriodIndex, list[Term]],
    most: Mapping[PeriodIndex, float] | None = None,
) -> Iterator[tuple[Hashable, LinearRow]]:
    """What stands on each date <= quantity of that date.

    A date is left out if all that stands on it still stands on the next, with the same allowed: the next implies it.

    Parameters
    ----------
    most
        The most that can stand on a date, if that is known.
    """
    dates = [t for t, terms in standing.items() if terms]
    allowed = {t: Allowance.at(context, rule, group, t) for t in dates}
    implied = {
        t
        for t, following in pairwise(dates)
        if allowed[t].since == allowed[following].since and _includes(standing[following], standing[t])
    }
    for t in dates:
        if t not in implied:
            yield t, allowed[t].row(standing[t], inf if most is None else most[t])


def _includes(terms: Sequence[Term], others: Sequence[Term]) -> bool:
    """Whether a sum of non-negative terms has every one of other terms."""
    return {(weight, id(variable)) for weight, variable in others} <= {
        (weight, id(variable)) for weight, variable in terms
    }
