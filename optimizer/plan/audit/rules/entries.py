"""Both sides of a rule, as the checks and the policy table need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.plan.audit.building import SiteBuild
from optimizer.plan.audit.chips import Fleet
from optimizer.plan.audit.clock import Clock, Series
from optimizer.plan.audit.selection import Group, RuleBook, Selection


@dataclass(frozen=True)
class RuleEntry:
    """Both sides of a rule when it holds.

    Attributes
    ----------
    scale
        Magnitude of what was added up.
    breakable
        False where the plan has nothing that the rule selects, so that it cannot break it.
    """

    selection: Selection
    group: Group
    chip: str
    when: str
    used: float
    limit: float
    unit: str
    scale: float = 0.0
    breakable: bool = True


@dataclass(frozen=True)
class PlanFlows:
    """What rules look at.

    Attributes
    ----------
    raised
        What quota steps that were bought add to the quantity of a rule, by rule and name of the group.
    """

    book: RuleBook
    fleets: Sequence[Fleet]
    builds: Mapping[str, SiteBuild]
    raised: Mapping[tuple[str, str], Series]

    @property
    def clock(self) -> Clock:
        """Periods of the plan."""
        return self.book.clock

    def quantity(self, selection: Selection, group: Group) -> Series:
        """Quantity of a rule for one of its groups in each period, quota steps included (7.10, 7.13)."""
        extra = self.raised.get((selection.rule.rule, group.name))
        return selection.quantity if extra is None else selection.quantity + extra

    def fleets_of(self, selection: Selection, group: Group) -> list[Fleet]:
        """Chips that pass the rule's chip test, at the sites of a group."""
        names = selection.chip_names
        return [fleet for fleet in self.fleets if fleet.chip.chip in names and group.contains(fleet.site)]


def entry(
    selection: Selection, group: Group, when: str, used: float, limit: float, *, chip: str = "", scale: float = 0.0
) -> RuleEntry:
    """Both sides of a rule for a group at a time, in the rule's own unit."""
    return RuleEntry(selection, group, chip, when, float(used), float(limit), selection.unit, float(scale))
