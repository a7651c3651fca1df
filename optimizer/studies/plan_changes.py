"""What differs between two plans: sites that enter, leave or move in time, and capacity by country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from optimizer.plan.tables import PlanTables

#: Modules and capacity below this are rounding.
NOTHING = 1e-9


class ChangeKind(StrEnum):
    """How a site differs from one plan to another."""

    ADDED = "added"
    DROPPED = "dropped"
    EARLIER = "earlier"
    LATER = "later"
    LARGER = "larger"
    SMALLER = "smaller"
    RESHAPED = "reshaped"


@dataclass(frozen=True)
class SiteChange:
    """A site whose new modules differ.

    Attributes
    ----------
    before, after
        Commitments as people read them, e.g. ``2 in 2027, 1 in 2029``; "" for none.
    gw_before, gw_after
        IT capacity committed by decision [GW].
    """

    site: str
    name: str
    country: str
    kind: ChangeKind
    before: str
    after: str
    gw_before: float
    gw_after: float

    @property
    def sentence(self) -> str:
        """The change in words."""
        match self.kind:
            case ChangeKind.ADDED:
                return f"{self.name} enters ({self.after})"
            case ChangeKind.DROPPED:
                return f"{self.name} leaves (was {self.before})"
            case _:
                return f"{self.name} {self.kind}: {self.before} becomes {self.after}"


def site_changes(before: PlanTables, after: PlanTables) -> tuple[SiteChange, ...]:
    """Sites whose decided modules or dates differ, largest capacity first.

    Committed builds are facts and do not count.
    """
    known = {row.site: row for row in (*before.sites, *after.sites)}
    old, new = _commitments(before), _commitments(after)
    old_gw, new_gw = _decided_gw(before), _decided_gw(after)
    changes = []
    for site, row in known.items():
        left, right = old.get(site, {}), new.get(site, {})
        kind = _kind(left, right)
        if kind is not None:
            changes.append(
                SiteChange(
                    site=site,
                    name=row.name,
                    country=row.country,
                    kind=kind,
                    before=_text(left),
                    after=_text(right),
                    gw_before=old_gw.get(site, 0.0),
                    gw_after=new_gw.get(site, 0.0),
                )
            )
    return tuple(sorted(changes, key=lambda change: -max(change.gw_before, change.gw_after)))


def gw_by_country(tables: PlanTables) -> dict[str, float]:
    """IT capacity on line in the last period by country [GW]; countries without any are absent."""
    totals: dict[str, float] = defaultdict(float)
    for row in tables.sites:
        if row.it_gw_end > NOTHING:
            totals[row.country] += row.it_gw_end
    return dict(totals)


def gw_changes(before: PlanTables, after: PlanTables) -> dict[str, float]:
    """Change of the final IT capacity by country [GW]; countries without change are absent."""
    old, new = gw_by_country(before), gw_by_country(after)
    differences = {country: new.get(country, 0.0) - old.get(country, 0.0) for country in sorted({*old, *new})}
    return {country: gw for country, gw in differences.items() if abs(gw) > NOTHING}


def gw_text(changes: Mapping[str, float]) -> str:
    """Changes of capacity as people read them, e.g. ``USA +1.00 GW, ARE -0.50 GW``."""
    ordered = sorted(changes.items(), key=lambda item: -abs(item[1]))
    return ", ".join(f"{country} {gw:+.2f} GW" for country, gw in ordered)


def _commitments(tables: PlanTables) -> dict[str, dict[str, float]]:
    modules: dict[str, dict[str, float]] = defaultdict(dict)
    for row in tables.phases:
        if not row.fact and row.modules > NOTHING:
            modules[row.site][row.committed] = modules[row.site].get(row.committed, 0.0) + row.modules
    return dict(modules)


def _decided_gw(tables: PlanTables) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for row in tables.phases:
        if not row.fact:
            totals[row.site] += row.it_gw
    return totals


def _kind(before: Mapping[str, float], after: Mapping[str, float]) -> ChangeKind | None:
    if _same(before, after):
        return None
    if not before:
        return ChangeKind.ADDED
    if not after:
        return ChangeKind.DROPPED
    more = sum(after.values()) - sum(before.values())
    if abs(more) > NOTHING:
        return ChangeKind.LARGER if more > 0 else ChangeKind.SMALLER
    # With as many modules: at each date, is as much committed by then as before?
    dates = sorted({*before, *after})
    leads = [_until(after, date) - _until(before, date) for date in dates]
    if min(leads) >= -NOTHING:
        return ChangeKind.EARLIER
    return ChangeKind.LATER if max(leads) <= NOTHING else ChangeKind.RESHAPED


def _same(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    return before.keys() == after.keys() and all(abs(before[date] - after[date]) <= NOTHING for date in before)


def _until(commitments: Mapping[str, float], date: str) -> float:
    return sum(modules for committed, modules in commitments.items() if committed <= date)


def _text(commitments: Mapping[str, float]) -> str:
    return ", ".join(f"{modules:g} in {date}" for date, modules in sorted(commitments.items()))
