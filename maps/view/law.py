"""Frozen records of what the export rules say about campuses and chips (SEMANTICS 7).

What holds for chips depends on the country of a campus and on its owner, so campuses of one owner in a country share
their records. Tuples run over `MapPlan.years`; a standing is that of the last period of the year.
"""

from __future__ import annotations

from dataclasses import dataclass

Yearly = tuple[float, ...]
YearlyIfAny = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RuleVoice:
    """What one rule says about chips of a kind at a campus."""

    rule: str
    role: str
    """As in `optimizer.policy.legality.Role`."""
    says: str
    """What it does with the chips, in the words of `gigasite explain`."""
    allows: str
    """How much it allows or takes at that date, in the same words, for each of its groups apart; empty without a
    quantity. The group (SEMANTICS 7.9) is not named, so that owners whom a rule treats alike share the record."""
    decides: bool
    """Whether the rule makes the standing: forbids, or permits; others limit or cost."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Standing of chips, with every rule that speaks about them in file order."""

    standing: str
    """``free``, ``permitted`` or ``denied``."""
    voices: tuple[RuleVoice, ...]


@dataclass(frozen=True, slots=True)
class VerdictSince:
    """A verdict that holds from the last period of a year until the next one; most hold for many years."""

    year: int
    verdict: Verdict | None
    """None while the chip is not on sale."""


@dataclass(frozen=True, slots=True)
class ChipLaw:
    """What the rules say about one kind of chip at a campus."""

    chip: str
    verdicts: tuple[VerdictSince, ...]
    """In the order of years, the first one that of the first year."""
    room_million: YearlyIfAny
    """Million more chips that caps and permits would let in from that period on; None if no rule limits them."""
    quota_used: YearlyIfAny
    """Used share of the quota that leaves least, in its tightest period of the year; None without a quota.

    Permits of one jurisdiction stand in for each other: of them the one that is used least counts.
    """

    def verdict(self, year: int) -> Verdict | None:
        """What holds in the last period of a year of the plan; None if the chip is not on sale then."""
        return [entry for entry in self.verdicts if entry.year <= year][-1].verdict


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Million chips of a kind that arrive at a campus under a permit, or without one."""

    chip: str
    permit: str
    """Rule; empty for chips that needed no permit."""
    values: Yearly


@dataclass(frozen=True, slots=True)
class RuleRoom:
    """What is left of a rule's quantity for one of its groups, from the last period of each year on, in its measure."""

    rule: str
    group: str
    chip: str
    """Of rules that hold for each chip apart; else empty."""
    headroom: YearlyIfAny


@dataclass(frozen=True, slots=True)
class ChipView:
    """A kind of chip."""

    chip: str
    name: str
    stack: str
    design_country: str = ""
    """Country of its vendor's design, where flows on the map begin; not where it is made."""
    design_country_name: str = ""


@dataclass(frozen=True, slots=True)
class BlocCompute:
    """Compute of one stack at work in a bloc at the end of each year [million H100e]."""

    bloc: str
    label: str
    stack: str
    values: Yearly


@dataclass(frozen=True, slots=True)
class PermitFlow:
    """Chips that arrive in each year under a permit of a jurisdiction, or without any of its permits [million]."""

    jurisdiction: str
    permit: str
    """Rule; empty for chips that travel under none of its permits, because they need none."""
    values: Yearly


@dataclass(frozen=True, slots=True)
class QuotaStepView:
    """A quota step that may be bought for a group, and whether it is."""

    rule: str
    group: str
    raises: str
    bought: bool
    cost_busd: float
    """Price, also of a step that is not bought."""


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What the rules make of the plan."""

    compute: tuple[BlocCompute, ...]
    """Largest first."""
    permits: tuple[PermitFlow, ...]
    """Of each jurisdiction that gives permits, in file order; its flows add up to all chips that arrive."""
    steps: tuple[QuotaStepView, ...]
