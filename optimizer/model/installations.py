"""Which installations supply, dates and law leave open, and which rules say nothing about any (SEMANTICS 3.1, 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from optimizer.instance.schema import LEVIES, Chip, RuleEffect
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.siting import Siting
from optimizer.model.supply_response import growing_supplies
from optimizer.model.timing import PeriodIndex
from optimizer.model.zones import AllocationZone
from optimizer.policy.reach import why_nothing_selected
from optimizer.policy.regime import Law
from optimizer.policy.rules import ActiveRule

#: Zone name, chip and period of an installation.
Tuple3 = tuple[str, str, PeriodIndex]
#: Million chips on offer by chip and period.
Supply = Mapping[tuple[str, PeriodIndex], float]


def lawful_installations(context: ModelContext, siting: Siting, supply: Supply) -> tuple[Tuple3, ...]:
    """Zone, chip and period of every installation that supply, dates and denials leave open (SEMANTICS 3.1)."""
    reach = RuleReach()
    found: list[Tuple3] = []
    for chip in context.instance.chips:
        on_offer = _first_offer(context, chip, supply)
        if on_offer is None:
            context.vacuous.append(Vacuous("chips", chip.chip, "no supply within the plan"))
            continue
        known = len(found)
        for zone, t in _possible(context, siting, chip, on_offer):
            law = context.regime.law(zone.country, zone.owner, chip, context.timing.start(t))
            reach.note(law)
            if not law.denies:
                found.append((zone.name, chip.chip, t))
        if len(found) == known:
            context.vacuous.append(Vacuous("chips", chip.chip, "no site may receive it"))
    context.vacuous.extend(reach.without_effect(context.regime.rules))
    return tuple(found)


def _first_offer(context: ModelContext, chip: Chip, supply: Supply) -> PeriodIndex | None:
    """First period in which there can be any chips of a kind."""
    years = {year for name, year in growing_supplies(context.instance, context.timing) if name == chip.chip}
    return next(
        (t for t in context.timing.periods if supply.get((chip.chip, t), 0.0) > 0 or context.timing.year(t) in years),
        None,
    )


def _possible(
    context: ModelContext, siting: Siting, chip: Chip, on_offer: PeriodIndex
) -> Iterator[tuple[AllocationZone, PeriodIndex]]:
    """Zones and periods in which a chip could be put to work if no rule forbade it."""
    periods = list(context.timing.on_sale(chip))
    for zone in context.zones:
        first = min((siting.first_online[s.site] for s in zone.sites if s.site in siting.first_online), default=None)
        if first is not None:
            yield from ((zone, t) for t in periods if t >= max(first, on_offer))


@dataclass
class RuleReach:
    """Names of rules that say something about an installation that is possible.

    Attributes
    ----------
    selecting, levying
        Rules that select one at all, and one that is not denied.
    permitting, counting
        Permits that serve one of which their jurisdiction wants a permit, and one that no unlimited permit serves.
    """

    selecting: set[str] = field(default_factory=set)
    levying: set[str] = field(default_factory=set)
    permitting: set[str] = field(default_factory=set)
    counting: set[str] = field(default_factory=set)
    _noted: dict[int, Law] = field(default_factory=dict)

    def note(self, law: Law) -> None:
        """Take note of the law on one possible installation, unless that was done for another under the same."""
        if id(law) in self._noted:
            return
        self._noted[id(law)] = law
        self.selecting.update(rule.name for rule in law.rules)
        if law.denies:
            return
        self.levying.update(rule.name for rule in law.of_effect(*LEVIES))
        for requirement in law.requirements:
            names = [permit.name for permit in requirement.permits if permit.is_limited == requirement.is_limited]
            self.permitting.update(permit.name for permit in requirement.permits)
            self.counting.update(names)

    def without_effect(self, rules: tuple[ActiveRule, ...]) -> Iterator[Vacuous]:
        """Denials, licences, permits and levies that change nothing, and why; rules with rows are reported there."""
        for rule in rules:
            reason = self._reason(rule)
            if reason is not None:
                yield Vacuous("rules", rule.name, reason)

    def _reason(self, rule: ActiveRule) -> str | None:
        if rule.effect not in (RuleEffect.DENY, RuleEffect.LICENCE, RuleEffect.ALLOW, *LEVIES):
            return None
        if rule.name not in self.selecting:
            return f"selects no installation that is possible: {why_nothing_selected(rule)}"
        if rule.effect is RuleEffect.ALLOW and rule.name not in self.permitting:
            return (
                f"no installation that it serves needs a permit of {rule.rule.jurisdiction}, or all are denied anyway"
            )
        if rule.effect is RuleEffect.ALLOW and rule.name not in self.counting:
            return "whatever it serves may travel under a permit without a quantity"
        if rule.effect in LEVIES and rule.name not in self.levying:
            return "whatever it selects is denied"
        return None
