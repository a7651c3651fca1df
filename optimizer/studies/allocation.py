"""Under which rules each chip of a plan travels, and how much room is left for more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from optimizer.instance.calendar import Span, format_month
from optimizer.instance.instance import Instance
from optimizer.instance.schema import PERMITS, Chip, PermitPeriod, Rule, RuleEffect, RuleMeasure, Site
from optimizer.plan.tables import PlanTables, PolicyUse
from optimizer.policy.legality import Legality, Role, Standing, Voice, legality
from optimizer.policy.regime import ActiveRegime
from optimizer.policy.wording import allowed

#: Effects whose use at one date leaves less at all later ones.
_LASTING = (RuleEffect.CAP_CUMULATIVE, RuleEffect.CAP_STOCK, RuleEffect.SHARE_CAP, RuleEffect.VOLUME_RATIO)
_RATIOS = (RuleEffect.SHARE_CAP, RuleEffect.VOLUME_RATIO)


@dataclass(frozen=True)
class RuleLine:
    """What one rule says about an allocation, for people.

    Attributes
    ----------
    says, allows
        What it does with the allocation, and its quantity at that date, in words.
    serves_from
        First month in which a licence or exception serves, its lag over; empty for other rules.
    quantity
        As in rules.csv or rule_steps.csv at that date, for licences times their probability.
    travels_million
        Chips of the allocation that travel under this rule; None unless it is a permit.
    headroom, unit
        What is left of what the rule allows from this date on, and in which measure; None if it counts nothing.
    headroom_chips_million
        The same in chips of this kind.
    """

    rule: str
    jurisdiction: str
    title: str
    role: Role
    says: str
    group: str
    allows: str
    citation: str
    since: str
    until: str
    serves_from: str
    status: str
    quantity: float | None
    travels_million: float | None
    headroom: float | None
    headroom_chips_million: float | None
    unit: str


@dataclass(frozen=True)
class Allocation:
    """Chips of a kind at a site in a period: what the plan puts there, and what the rules say."""

    site: Site
    chip: Chip
    period: str
    installed_million: float
    legality: Legality
    on_sale: bool
    lines: tuple[RuleLine, ...]

    @property
    def standing(self) -> Standing:
        """Free, permitted or denied."""
        return self.legality.standing

    @property
    def headroom_chips_million(self) -> float | None:
        """More chips of this kind that the caps and permits named would let in, one at a time; None if unlimited.

        Permits of one jurisdiction add up; caps and jurisdictions do not.
        """
        if self.standing is Standing.DENIED:
            return 0.0
        room = [line.headroom_chips_million for line in self.lines if line.role is Role.CAPS]
        permits: dict[str, list[float | None]] = defaultdict(list)
        for line in self.lines:
            if line.role is Role.PERMITS:
                permits[line.jurisdiction].append(line.headroom_chips_million)
        for found in permits.values():
            limited = [amount for amount in found if amount is not None]
            room.append(None if len(limited) < len(found) else sum(limited))
        known = [amount for amount in room if amount is not None]
        return max(0.0, min(known)) if known else None


@dataclass(frozen=True)
class AllocationBook:
    """All that a plan and its rules say about chips."""

    instance: Instance
    plan: PlanTables

    @cached_property
    def regime(self) -> ActiveRegime:
        """Rules in force."""
        return ActiveRegime(self.instance)

    def of_plan(self) -> tuple[Allocation, ...]:
        """Every installation of the plan, in the order of its table."""
        return tuple(
            self.allocation(row.site, row.chip, row.period) for row in self.plan.chips if row.installed_million > 0
        )

    def allocation(self, site: str, chip: str, period: str) -> Allocation:
        """What holds for chips of a kind at a site in a period, whether or not the plan puts any there."""
        place, kind = self.instance.site_by_id[site], self.instance.chip_by_id[chip]
        span = self._spans[period]
        found = legality(self.regime, place, kind, span.start)
        return Allocation(
            site=place,
            chip=kind,
            period=period,
            installed_million=self._installed.get((site, chip, period), 0.0),
            legality=found,
            on_sale=span.start < kind.end_of_sale and kind.release < span.end,
            lines=tuple(self._line(voice, place, kind, period) for voice in found.voices),
        )

    def _line(self, voice: Voice, site: Site, chip: Chip, period: str) -> RuleLine:
        rule = voice.rule.rule
        counts = voice.role in (Role.CAPS, Role.PERMITS)
        headroom = self._headroom(voice, chip, period) if counts else None
        use = self._use_of_a_chip(voice, site, chip)
        in_chips = None if headroom is None or use <= 0 else headroom / use
        quantity = voice.quantity if voice.role is not Role.NEEDS_PERMIT else None
        return RuleLine(
            rule=rule.rule,
            jurisdiction=rule.jurisdiction,
            title=rule.title,
            role=voice.role,
            says=_says(voice),
            group=str(voice.group),
            allows=allowed(rule, quantity, group=str(voice.group)),
            citation=rule.citation,
            since=format_month(rule.effective_from),
            until="" if rule.effective_to is None else format_month(rule.effective_to),
            serves_from=format_month(voice.rule.serves_from) if voice.rule.is_permit else "",
            status=rule.status,
            quantity=quantity,
            travels_million=(
                self._travels.get((rule.rule, site.site, chip.chip, period), 0.0)
                if voice.role is Role.PERMITS
                else None
            ),
            headroom=headroom,
            headroom_chips_million=in_chips,
            unit=_unit(rule) if counts and quantity is not None else "",
        )

    def _use_of_a_chip(self, voice: Voice, site: Site, chip: Chip) -> float:
        """How much of a rule's headroom one chip uses; 0 if chips use none of it."""
        rule = voice.rule
        if rule.effect is RuleEffect.MATCHING_INVESTMENT:
            return 0.0
        weight = 1.0 if rule.effect is RuleEffect.VOLUME_RATIO else rule.weight(chip)
        if rule.effect in _RATIOS and rule.covers_base(site.country, voice.month):
            # The chip also adds to the base, of which the rule allows a share.
            return weight * (1 - rule.quantity_at(voice.month))
        return weight

    def _headroom(self, voice: Voice, chip: Chip, period: str) -> float | None:
        """Least headroom of the rows of a rule that one more chip in a period would use."""
        if not voice.rule.is_limited:
            return None
        rows = [row for row in self._uses.get((voice.rule.name, str(voice.group)), ()) if row.chip in ("", chip.chip)]
        wanted = self._dates_used(voice, period)
        found = [row.headroom for row in rows if row.when in wanted]
        return max(0.0, min(found)) if found else None

    def _dates_used(self, voice: Voice, period: str) -> frozenset[str]:
        """Dates of policy rows that an installation in a period counts in."""
        rule, span = voice.rule.rule, self._spans[period]
        later = frozenset(label for label, other in self._spans.items() if other.start >= span.start)
        if rule.effect is RuleEffect.CAP_YEARLY or rule.period is PermitPeriod.YEARLY:
            return frozenset({str(span.start // 12)})
        if rule.period is PermitPeriod.TERM:
            return frozenset({format_month(voice.rule.term_of(span.start))})
        if rule.effect in _LASTING or rule.effect in PERMITS or rule.effect is RuleEffect.MATCHING_INVESTMENT:
            return later
        return frozenset({period})

    @cached_property
    def _spans(self) -> Mapping[str, Span]:
        return dict(zip(self.instance.calendar.labels, self.instance.calendar.periods, strict=True))

    @cached_property
    def _installed(self) -> Mapping[tuple[str, str, str], float]:
        return {(row.site, row.chip, row.period): row.installed_million for row in self.plan.chips}

    @cached_property
    def _travels(self) -> Mapping[tuple[str, str, str, str], float]:
        return {(row.rule, row.site, row.chip, row.period): row.permitted_million for row in self.plan.permits}

    @cached_property
    def _uses(self) -> Mapping[tuple[str, str], Sequence[PolicyUse]]:
        found: dict[tuple[str, str], list[PolicyUse]] = defaultdict(list)
        for row in self.plan.policy:
            found[row.rule, row.group].append(row)
        return found


def _says(voice: Voice) -> str:
    """What a rule does with an installation, in words."""
    rule = voice.rule
    if voice.role is Role.PERMITS:
        return "grants a licence" if rule.effect is RuleEffect.LICENCE else "lets it in without a licence"
    if voice.role is not Role.NEEDS_PERMIT:
        return _SAYS[voice.role]
    if not rule.is_permit:
        return "asks for a licence, grants none itself"
    late = "" if rule.serves(voice.month) else f" and grants none before {format_month(rule.serves_from)}"
    return f"asks for a licence{late}"


_SAYS: Final = {Role.DENIES: "forbids it", Role.CAPS: "limits it", Role.LEVIES: "adds to its price"}


def _unit(rule: Rule) -> str:
    """Measure of what a rule counts, as the policy table has it."""
    missing = RuleMeasure.CAPITAL_BUSD if rule.effect is RuleEffect.MATCHING_INVESTMENT else RuleMeasure.CHIPS_MILLION
    return (rule.measure or missing).value
