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
    """In the words of `gigasite explain`: denies it, wants a permit, permits it, limits it, costs."""
    group: str
    """Group of the rule in which the chips count (SEMANTICS 7.9)."""
    decides: bool
    """Whether the rule makes the standing: forbids, or permits; others limit or cost."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Standing of chips, with every rule that speaks about them in file order."""

    standing: str
    """``free``, ``permitted`` or ``denied``."""
    voices: tuple[RuleVoice, ...]


@dataclass(frozen=True, slots=True)
class ChipLaw:
    """What the rules say about one kind of chip at a campus."""

    chip: str
    verdicts: tuple[Verdict | None, ...]
    """None where the chip is not on sale in the last period of the year."""
    room_million: YearlyIfAny
    """Million more chips that caps and permits would let in from that period on; None if no rule limits them."""
    quota_used: YearlyIfAny
    """Used share of the quota that leaves least, in its tightest period of the year; None without a quota.

    Permits of one jurisdiction stand in for each other: of them the one that is used least counts.
    """


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
