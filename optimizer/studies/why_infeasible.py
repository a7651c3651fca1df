"""The explanation that an infeasible instance ends with: what contradicts itself, and what would mend it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from optimizer.instance.diagnostics import Place
from optimizer.instance.instance import Instance
from optimizer.studies.conflicts import Conflict, ConflictSearch, Member
from optimizer.studies.repairs import Repair, RepairSearch

#: Time that the search for a conflict may take, and after it the search for repairs.
SECONDS, REPAIR_SECONDS = 55.0, 60.0
_MOST_REPAIRS = 6
_MOST_DATES = 4


@dataclass(frozen=True)
class Explanation:
    """Why an instance has no plan.

    Attributes
    ----------
    searched_all
        Whether the search for repairs ended before its time was up.
    """

    conflict: Conflict
    repairs: tuple[Repair, ...]
    searched_all: bool = True

    def lines(self) -> Iterator[str]:
        """The explanation for people."""
        conflict = self.conflict
        if not conflict.members:
            yield "No plan can meet all limits, and the search for the ones that conflict did not end in time."
            return
        yield from _headline(conflict)
        yield from (f"  {_describe(member)}" for member in conflict.members)
        if conflict.needs_whole_modules:
            yield "Fractions of modules would meet all of them; whole modules cannot."
        yield "The dates of chips, sites, power and rules are taken as given."
        if not conflict.is_all:
            yield "Mending this is not enough: there are further conflicts between other limits."
        if not self.repairs:
            yield (
                "No change of a single limit was found that mends it."
                if self.searched_all
                else "Time ran out before a change that mends it was verified; there may be some."
            )
            return
        found = "Least changes" if self.searched_all else "Least changes found before time ran out"
        yield f"{found}, each enough on its own and verified by solving:"
        for repair in self.repairs[:_MOST_REPAIRS]:
            yield "  - " + "; ".join(entry.words for entry in repair.adjustments)
            yield from (f"      --set '{change}'" for change in repair.changes)

    def as_dict(self) -> dict[str, Any]:
        """The explanation for other programs."""
        conflict = self.conflict
        return {
            "conflict": [
                {
                    "family": member.limit.family,
                    "name": member.limit.name,
                    "when": list(member.whens),
                    "says": member.says,
                    "places": [f"{place.file}:{place.line}" for place in member.places],
                }
                for member in conflict.members
            ],
            "minimal": conflict.minimal,
            "needs_whole_modules": conflict.needs_whole_modules,
            "is_all": conflict.is_all,
            "searched_all_repairs": self.searched_all,
            "repairs": [
                {
                    "changes": list(repair.changes),
                    "effort": repair.effort,
                    "adjustments": [
                        {"knob": entry.knob, "amount": entry.amount, "unit": entry.unit, "instead": entry.instead}
                        for entry in repair.adjustments
                    ],
                }
                for repair in self.repairs
            ],
        }


def explain_infeasibility(
    instance: Instance, *, stop: threading.Event, seconds: float = SECONDS, repair_seconds: float = REPAIR_SECONDS
) -> Explanation:
    """Explain an instance that is known to be infeasible."""
    solver = instance.settings.solver
    search = ConflictSearch(instance, threads=solver.threads, seed=solver.seed, stop=stop, seconds=seconds)
    conflict = search.find()
    search.deadline = time.monotonic() + repair_seconds
    repairs = RepairSearch(search).find(conflict) if conflict.members else ()
    return Explanation(conflict, repairs, searched_all=time.monotonic() < search.deadline and not stop.is_set())


def _headline(conflict: Conflict) -> Iterator[str]:
    count = len(conflict.members)
    if count == 1:
        yield "No plan can meet this limit, whatever all other limits are:"
    elif conflict.minimal:
        yield f"No plan can meet these {count} limits together; without any one of them the others can be met:"
    else:
        yield f"No plan can meet these {count} limits together (perhaps fewer conflict already; time ran out):"


def _describe(member: Member) -> str:
    whens = list(member.whens)
    dates = ", ".join(whens[:_MOST_DATES]) + (
        f" and {len(whens) - _MOST_DATES} more" if len(whens) > _MOST_DATES else ""
    )
    where = ", ".join(dict.fromkeys(_place(place) for place in member.places[:_MOST_DATES]))
    when = "" if dates == "all" else f" in {dates}"
    says = f": {member.says}" if member.says else ""
    return f"{member.limit.words}{when}{says}" + (f"  ({where})" if where else "")


def _place(place: Place) -> str:
    return f"{place.file}:{place.line}"
