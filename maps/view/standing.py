"""From rules and plan tables to what holds for each chip at each campus, by calendar year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from maps.view.law import Arrivals, ChipLaw, RuleRoom, RuleVoice, Verdict, VerdictSince, YearlyIfAny
from optimizer.instance.calendar import Calendar, parse_month
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Chip, PermitPeriod, Site
from optimizer.plan.tables import ChipInstallation, PermitUse, PlanTables, PolicyUse
from optimizer.policy.legality import Legality, Role, Standing
from optimizer.policy.owners import Owner
from optimizer.studies.allocation import Allocation, AllocationBook, RuleLine

_RuleGroup = tuple[str, str, str]
"""Rule, group, and chip where the rule holds for each chip apart."""


@dataclass(frozen=True)
class LawBook:
    """What the rules say about the campuses of a plan; without rules it is empty."""

    instance: Instance
    tables: PlanTables

    def laws(self, site: Site) -> tuple[ChipLaw, ...]:
        """What holds for each chip that is ever on sale at the end of a year, newest first."""
        if not self.instance.active_rules:
            return ()
        key = (site.country, Owner.of(site))
        if key not in self._known:
            laws = (self._chip_law(site, chip) for chip in sorted(self.instance.chips, key=_newest_first))
            self._known[key] = tuple(law for law in laws if any(entry.verdict for entry in law.verdicts))
        return self._known[key]

    def arrivals(self, site: str) -> tuple[Arrivals, ...]:
        """Chips of a campus by kind and permit; only of kinds that come under a permit in some year."""
        permitted = {use.chip for use in self._permits.get(site, ())}
        found: dict[tuple[str, str], dict[int, float]] = defaultdict(lambda: dict.fromkeys(self._years, 0.0))
        for row in self._installations.get(site, ()):
            if row.chip in permitted and self._is_free(row):
                found[row.chip, ""][int(row.period[:4])] += row.installed_million
        for use in self._permits.get(site, ()):
            found[use.chip, use.rule][int(use.period[:4])] += use.permitted_million
        return tuple(Arrivals(chip, permit, tuple(years.values())) for (chip, permit), years in found.items())

    @property
    def rooms(self) -> tuple[RuleRoom, ...]:
        """Headroom of every rule that limits what was asked about so far; ask after all campuses."""
        return tuple(
            RuleRoom(rule, group, chip, tuple(room.get(year) for year in self._years))
            for (rule, group, chip), room in self._rooms.items()
        )

    def _is_free(self, row: ChipInstallation) -> bool:
        return self._book.allocation(row.site, row.chip, row.period).standing is Standing.FREE

    # --- one chip at one campus --------------------------------------------------------------------

    def _chip_law(self, site: Site, chip: Chip) -> ChipLaw:
        found = [self._allocation(site, chip, year) for year in self._years]
        return ChipLaw(
            chip=chip.chip,
            verdicts=_since(self._years, [None if one is None else _verdict(one) for one in found]),
            room_million=tuple(None if one is None else one.headroom_chips_million for one in found),
            quota_used=self._quota_used(found),
        )

    def _allocation(self, site: Site, chip: Chip, year: int) -> Allocation | None:
        """What holds in the last period of a year; None if the chip is not on sale then."""
        allocation = self._book.allocation(site.site, chip.chip, self._last_period[year])
        if not allocation.on_sale:
            return None
        for line in allocation.lines:
            if line.headroom is not None:
                self._rooms[self._row_key(line, chip)][year] = line.headroom
        return allocation

    def _quota_used(self, found: Sequence[Allocation | None]) -> YearlyIfAny:
        shares: list[float | None] = []
        for year, one in zip(self._years, found, strict=True):
            lines = () if one is None or one.standing is Standing.DENIED else one.lines
            shares.append(None if one is None else self._tightest(lines, one.chip, year))
        return tuple(shares)

    def _tightest(self, lines: Iterable[RuleLine], chip: Chip, year: int) -> float | None:
        """Largest used share of caps, and of the least used permit of each jurisdiction."""
        shares: list[float] = []
        permits: dict[str, list[float | None]] = defaultdict(list)
        for line in lines:
            counts = line.headroom_chips_million is not None
            share = self._used_share.get((*self._row_key(line, chip), year)) if counts else None
            if line.role is Role.CAPS and share is not None:
                shares.append(share)
            if line.role is Role.PERMITS:
                permits[line.jurisdiction].append(share)
        for of_one in permits.values():
            counted = [share for share in of_one if share is not None]
            if len(counted) == len(of_one):
                shares.append(min(counted))
        return max(shares) if shares else None

    def _row_key(self, line: RuleLine, chip: Chip) -> _RuleGroup:
        return line.rule, line.group, chip.chip if line.rule in self._by_chip else ""

    # --- looked up once ------------------------------------------------------------------------------

    @cached_property
    def _book(self) -> AllocationBook:
        return AllocationBook(self.instance, self.tables)

    @cached_property
    def _known(self) -> dict[tuple[str, Owner], tuple[ChipLaw, ...]]:
        return {}

    @cached_property
    def _rooms(self) -> dict[_RuleGroup, dict[int, float]]:
        return defaultdict(dict)

    @property
    def _years(self) -> tuple[int, ...]:
        return self.instance.calendar.years

    @cached_property
    def _last_period(self) -> Mapping[int, str]:
        return dict(zip(self._years, year_ends(self.instance.calendar), strict=True))

    @cached_property
    def _by_chip(self) -> frozenset[str]:
        """Rules that hold for each chip apart."""
        return frozenset(row.rule for row in self.tables.policy if row.chip)

    @cached_property
    def _used_share(self) -> Mapping[tuple[str, str, str, int], float]:
        """Largest used share of a year, by rule, group, chip and year."""
        found: dict[tuple[str, str, str, int], float] = {}
        for row in self.tables.policy:
            for year in self._years_of(row):
                key = (row.rule, row.group, row.chip, year)
                found[key] = max(found.get(key, 0.0), _share(row))
        return found

    def _years_of(self, row: PolicyUse) -> Iterable[int]:
        """Years in which a row counts: a term runs over several."""
        first = int(row.when[:4])
        rule = self._book.regime.by_name[row.rule].rule
        if rule.period is not PermitPeriod.TERM or rule.validity_months is None:
            return (first,)
        last = parse_month(row.when) + rule.validity_months - 1
        return range(first, last // 12 + 1)

    @cached_property
    def _installations(self) -> Mapping[str, Sequence[ChipInstallation]]:
        rows: dict[str, list[ChipInstallation]] = defaultdict(list)
        for row in self.tables.chips:
            if row.installed_million > 0:
                rows[row.site].append(row)
        return rows

    @cached_property
    def _permits(self) -> Mapping[str, Sequence[PermitUse]]:
        rows: dict[str, list[PermitUse]] = defaultdict(list)
        for row in self.tables.permits:
            rows[row.site].append(row)
        return rows


def year_ends(calendar: Calendar) -> tuple[str, ...]:
    """Label of the last period of each year."""
    return tuple(calendar.labels[calendar.periods_of_year[year][-1]] for year in calendar.years)


def flagships(instance: Instance) -> tuple[str, ...]:
    """The most powerful chip on sale in the last period of each year (the newest of equals); empty if there is none."""
    calendar = instance.calendar
    names = []
    for year in calendar.years:
        span = calendar.periods[calendar.periods_of_year[year][-1]]
        on_sale = [chip for chip in instance.chips if span.start < chip.end_of_sale and chip.release < span.end]
        best = max(on_sale, key=lambda chip: (chip.performance_h100e, chip.release), default=None)
        names.append("" if best is None else best.chip)
    return tuple(names)


def _newest_first(chip: Chip) -> tuple[int, str]:
    return -chip.release, chip.chip


def _share(row: PolicyUse) -> float:
    if row.limit > 0:
        return row.used / row.limit
    return 1.0  # nothing is allowed, so nothing is left


def _since(years: Iterable[int], verdicts: Iterable[Verdict | None]) -> tuple[VerdictSince, ...]:
    found: list[VerdictSince] = []
    for year, verdict in zip(years, verdicts, strict=True):
        if not found or found[-1].verdict != verdict:
            found.append(VerdictSince(year, verdict))
    return tuple(found)


def _verdict(allocation: Allocation) -> Verdict:
    legality: Legality = allocation.legality
    deciding = {(voice.rule.name, voice.role) for voice in legality.deciding}
    return Verdict(
        str(legality.standing),
        tuple(
            RuleVoice(
                rule=line.rule,
                role=str(line.role),
                says=line.says,
                allows=line.allows.removesuffix(f" for {line.group}"),
                decides=(line.rule, line.role) in deciding,
            )
            for line in allocation.lines
        ),
    )
