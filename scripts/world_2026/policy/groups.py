"""Country groups of the export rules, with dates and with what is not certain."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.calendar import parse_month
from optimizer.instance.schema import GroupMembership
from scripts.world_2026.facts import Facts, Record
from scripts.world_2026.sites import Campus

_BEFORE, _NOW = "2025_01", "2026_11"
_GROUPS = {"A:5": "A5", "A:6": "A6", "D:1": "D1", "D:4": "D4", "D:5": "D5"}
#: Memberships that changed between the two states of the facts: country, group, month.
_CHANGED = {("ARE", "D:4"): "2026-07", ("ARE", "A:5"): "2026-07", ("KHM", "D:5"): "2026-02"}
#: Countries without a campus or an owner here that rules and markets reach: neighbours, Chinese territories, hubs.
_ALSO = frozenset(
    ("HKG", "MAC", "TWN", "SGP", "VNM", "KHM", "PHL", "BHR", "JOR", "TUR", "NGA", "NZL", "BEL", "AUT", "CHE")
)


def _dated(row: Record, group: str, column: str) -> Iterator[GroupMembership]:
    """Membership of one country in one group of the two states of the facts."""
    country = row["iso3"]
    was, is_now = row[f"{column}_{_BEFORE}"] == "1", row[f"{column}_{_NOW}"] == "1"
    changed = _CHANGED.get((country, group))
    if was != is_now and changed is None:
        message = f"{country}: membership of {group} changed, but its date is not known here"
        raise ValueError(message)
    if was or is_now:
        yield _membership(
            group, country, "2025-01" if was else changed or "", None if is_now else changed, group.startswith("A")
        )


def _membership(group: str, country: str, since: str, until: str | None, certain: bool) -> GroupMembership:
    return GroupMembership(
        group=group, country=country, member_from=parse_month(since), member_to=parse_month(until) if until else None,
        certain=certain,
        source="country_groups.csv" if certain else "country_groups.csv: D groups from memory, unverified",
    )  # fmt: skip


def group_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[GroupMembership]:
    """Groups of countries of campuses, of owners and of some neighbours, and all of D:5; tiers; EU and GCC."""
    codes = {campus.country for campus in campuses} | {campus.operator_hq for campus in campuses} | _ALSO
    for row in facts.groups:
        country = row["iso3"]
        for group, column in _GROUPS.items():
            if group == "D:5" or country in codes:
                yield from _dated(row, group, column)
        if country in codes:
            yield from _fixed(row)


def _fixed(row: Record) -> Iterator[GroupMembership]:
    country, tier = row["iso3"], row["ai_diffusion_tier"]
    if row["A1"] == "1":
        yield _membership("A:1", country, "2025-01", None, certain=True)
    if tier in ("1", "2", "3"):
        yield _membership(f"TIER{tier}", country, "2025-01", None, certain=True)
    for bloc in ("EU", "GCC"):
        if bloc in row["blocs"].replace(";", " ").split():
            yield _membership(bloc, country, "2025-01", None, certain=True)
