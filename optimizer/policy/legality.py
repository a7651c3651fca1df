"""Why one installation is legal or not: every rule that speaks about it, and what each of them says (SEMANTICS 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from optimizer.instance.schema import LEVIES, Chip, RuleEffect, Site
from optimizer.policy.owners import Owner, RuleGroup
from optimizer.policy.regime import ActiveRegime
from optimizer.policy.rules import ActiveRule


class Standing(StrEnum):
    """Whether chips of a kind may be put to work at a site on a date."""

    FREE = "free"  # no jurisdiction wants a permit
    PERMITTED = "permitted"  # under a permit of every jurisdiction that wants one
    DENIED = "denied"


class Role(StrEnum):
    """What a rule says about an installation."""

    DENIES = "denies it"
    NEEDS_PERMIT = "wants a permit"
    PERMITS = "permits it"
    CAPS = "limits it"
    LEVIES = "costs"


@dataclass(frozen=True)
class Voice:
    """What one rule says about an installation.

    Attributes
    ----------
    group
        Group of the rule in which the installation counts.
    month
        First month of the period asked about.
    """

    rule: ActiveRule
    role: Role
    group: RuleGroup
    month: int

    @property
    def quantity(self) -> float | None:
        """What the rule allows then, in its measure, or the rate of a levy; None if it has no quantity."""
        return self.rule.quantity_at(self.month) if self.rule.is_limited else None


@dataclass(frozen=True)
class Legality:
    """Standing of an installation, and the rules behind it in file order.

    Attributes
    ----------
    unserved
        Jurisdictions that want a permit and have none that serves.
    """

    standing: Standing
    voices: tuple[Voice, ...]
    unserved: tuple[str, ...]

    @property
    def deciding(self) -> tuple[Voice, ...]:
        """Voices that make the standing: those that deny, or want a permit nobody gives, or permit."""
        match self.standing:
            case Standing.FREE:
                return ()
            case Standing.PERMITTED:
                return tuple(voice for voice in self.voices if voice.role is Role.PERMITS)
            case Standing.DENIED:
                return tuple(voice for voice in self.voices if self._forbids(voice))

    def _forbids(self, voice: Voice) -> bool:
        wants = voice.role is Role.NEEDS_PERMIT and voice.rule.rule.jurisdiction in self.unserved
        return voice.role is Role.DENIES or wants


def legality(regime: ActiveRegime, site: Site, chip: Chip, month: int) -> Legality:
    """Say whether chips of a kind may be put to work at a site in a period that starts in ``month``."""
    owner = Owner.of(site)
    selecting = regime.selecting(site.country, owner, chip, month)
    voices = tuple(
        Voice(rule, role, rule.group_of(site.country, site.operator), month)
        for rule in selecting
        for role in _roles(rule, month)
    )
    requirements = regime.required_permits(site.country, owner, chip, month)
    unserved = tuple(requirement.jurisdiction for requirement in requirements if not requirement.permits)
    if unserved or any(voice.role is Role.DENIES for voice in voices):
        return Legality(Standing.DENIED, voices, unserved)
    return Legality(Standing.PERMITTED if requirements else Standing.FREE, voices, ())


def _roles(rule: ActiveRule, month: int) -> Iterator[Role]:
    match rule.effect:
        case RuleEffect.DENY:
            yield Role.DENIES
        case RuleEffect.LICENCE | RuleEffect.ALLOW:
            if rule.effect is RuleEffect.LICENCE:
                yield Role.NEEDS_PERMIT
            if rule.is_permit and rule.serves(month):
                yield Role.PERMITS
        case effect if effect in LEVIES:
            yield Role.LEVIES
        case RuleEffect.QUOTA_STEP:
            return
        case _:
            yield Role.CAPS
