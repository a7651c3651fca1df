"""Which limits a campus draws on while they leave nothing: what holds it back, or what others would have of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from maps.view.model import SiteLimit
from optimizer.instance.calendar import parse_span
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.instance import Instance
from optimizer.instance.schema import PERMITS, Limit, PowerKind, Site
from optimizer.model.context import ModelContext
from optimizer.model.scopes import Scope
from optimizer.plan.tables import LimitUse, PlanTables, PolicyUse
from optimizer.policy.owners import Owner
from optimizer.policy.rules import ActiveRule

#: Family under which rules with a quantity stand beside limits.
RULE_FAMILY = "rule"
_FULL = "max_modules"
_STARTS = "starts_per_year"
_NOTHING = 1e-9
#: Modules that a limit lacks by rounding, where they may be fractions.
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class SiteDraws:
    """What every campus of a plan takes of shared limits, and when."""

    instance: Instance
    tables: PlanTables

    def of(self, site: Site) -> tuple[SiteLimit, ...]:
        """Limits without slack that a campus takes part in, with those years; its own limits come first."""
        found: dict[tuple[str, str], set[int]] = defaultdict(set)
        for family, year in self._own(site):
            found[family, site.site].add(year)
        for row in self._binding_limits:
            if self._takes_part(site, row):
                found[row.family, row.name].add(_year(row.when))
        for use in self._binding_rules:
            if self._is_counted(site, use):
                found[RULE_FAMILY, use.rule].add(_year(use.when))
        return tuple(SiteLimit(family, name, tuple(sorted(years))) for (family, name), years in found.items())

    def _own(self, site: Site) -> Iterator[tuple[str, int]]:
        """Years in which nothing more fits, and years in which nothing more may be started."""
        phases = [phase for phase in self.tables.phases if phase.site == site.site]
        decided = [phase for phase in phases if not phase.fact]
        if not decided:
            return
        if sum(phase.modules for phase in phases) > site.max_modules - _TOLERANCE:
            yield _FULL, max(_year(phase.committed) for phase in decided)
        started: dict[int, float] = defaultdict(float)
        for phase in decided:
            started[_year(phase.committed)] += phase.modules
        for year, modules in started.items():
            if site.max_starts_per_year is not None and modules > site.max_starts_per_year - _TOLERANCE:
                yield _STARTS, year

    def _takes_part(self, site: Site, row: LimitUse) -> bool:
        year, takes = _year(row.when), False
        match row.family:
            case "budget":
                takes = site.pool == row.name and (site.site, year) in self._spending
            case "chip_supply":
                takes = (site.site, row.name, row.when) in self._arrivals
            case "supply_response":
                takes = (site.site, row.name, year) in self._yearly_arrivals
            case "slots":
                kinds = {str(use.kind) for use in self.instance.slot_use if use.resource == row.name}
                takes = any((site.site, kind, year) in self._additions for kind in kinds)
            case "technology_limits":
                takes = row.name.split("/")[0] == site.site
            case "site_carbon":
                takes = row.name == site.site
            case "grid_headroom":
                takes = site.grid_region == row.name and any(year >= first for first in self._grid_from(site.site))
            case "sovereignty":
                takes = self._serves(site, row.name, year)
            case "it_gw" | "gas_gw" | "carbon_mt" | "water_million_m3":
                takes = self._in_scope(site, row.name, year) and (site.site, year) in self._running
            case "capital_share":
                spent = any(name == site.site and first <= year for name, first in self._spending)
                takes = spent and self._in_scope(site, row.name, year)
        return takes

    # --- rules -----------------------------------------------------------------------------------

    def _is_counted(self, site: Site, row: PolicyUse) -> bool:
        """Whether chips that a campus installs in the year count in the row of a rule."""
        rule, month = self._rules[row.rule], parse_span(row.when).start
        owner = Owner.of(site)
        if row.group and str(rule.group_of(site.country, site.operator)) != row.group:
            return False
        if rule.effect in PERMITS:
            return (row.rule, site.site, _year(row.when)) in self._permitted
        chips = (
            chip for chip in self.instance.chips if (site.site, chip.chip, _year(row.when)) in self._yearly_arrivals
        )
        return any(rule.passes_chip(chip) and rule.covers(site.country, owner, month) for chip in chips)

    # --- looked up once --------------------------------------------------------------------------

    @cached_property
    def _binding_limits(self) -> tuple[LimitUse, ...]:
        return tuple(row for row in self.tables.limits if row.binding)

    @cached_property
    def _binding_rules(self) -> tuple[PolicyUse, ...]:
        return tuple(row for row in self.tables.policy if row.binding)

    @cached_property
    def _rules(self) -> Mapping[str, ActiveRule]:
        return {rule.rule: ActiveRule(rule, self.instance) for rule in self.instance.active_rules}

    @cached_property
    def _arrivals(self) -> frozenset[tuple[str, str, str]]:
        rows = self.tables.chips
        return frozenset((row.site, row.chip, row.period) for row in rows if row.installed_million > _NOTHING)

    @cached_property
    def _yearly_arrivals(self) -> frozenset[tuple[str, str, int]]:
        return frozenset((site, chip, _year(period)) for site, chip, period in self._arrivals)

    @cached_property
    def _permitted(self) -> frozenset[tuple[str, str, int]]:
        return frozenset((row.rule, row.site, _year(row.period)) for row in self.tables.permits)

    @cached_property
    def _additions(self) -> frozenset[tuple[str, str, int]]:
        return frozenset((row.site, row.kind, _year(row.period)) for row in self.tables.power)

    def _grid_from(self, site: str) -> Iterable[int]:
        return (year for name, kind, year in self._additions if name == site and PowerKind(kind).uses_grid_headroom)

    @cached_property
    def _running(self) -> frozenset[tuple[str, int]]:
        return frozenset((row.site, _year(row.period)) for row in self.tables.operations)

    @cached_property
    def _spending(self) -> frozenset[tuple[str, int]]:
        """Years in which a campus pays capital (SEMANTICS 2.6 to 2.8, 6.1)."""
        paid = {(site, year) for site, _, year in self._yearly_arrivals | self._additions}
        calendar = self.instance.calendar
        for phase in self.tables.phases:
            site = self.instance.site_by_id[phase.site]
            if phase.fact:
                continue
            start = parse_span(phase.committed).start
            paid.add((phase.site, start // 12))
            for months, _ in self._context.prices.spend_milestones(site):
                paid.add((phase.site, (start + months) // 12))
        for build in self.instance.committed:
            if build.remaining_cost_share > 0:
                last = max(build.online_from - 1, calendar.start)
                paid |= {(build.site, year) for year in calendar.years if year <= last // 12}
        return frozenset(paid)

    @cached_property
    def _sellers(self) -> frozenset[tuple[str, str, str, int]]:
        return frozenset(
            (flow.country, flow.latency_zone, f"{flow.region}/{flow.workload}", flow.year)
            for flow in self.tables.serving
            if flow.sold_h100e_million_years > _NOTHING
        )

    def _serves(self, site: Site, market: str, year: int) -> bool:
        """Whether a campus is among those allowed that serve a market with a sovereignty share."""
        if (site.site, year) not in self._running or (
            site.country,
            site.latency_zone,
            market,
            year,
        ) not in self._sellers:
            return False
        month = max(12 * year, self.instance.calendar.start)
        rows = (row for row in self.instance.sovereignty if f"{row.region}/{row.workload}" == market)
        return any(parse_country_set(row.allowed).contains(site.country, month, self.instance.groups) for row in rows)

    def _in_scope(self, site: Site, limit: str, year: int) -> bool:
        return any(Scope.of(self._context, row).contains(site) for row in self._limits[limit, year])

    @cached_property
    def _limits(self) -> Mapping[tuple[str, int], list[Limit]]:
        rows: dict[tuple[str, int], list[Limit]] = defaultdict(list)
        for row in self.instance.limits:
            rows[row.limit, row.year].append(row)
        return rows

    @cached_property
    def _context(self) -> ModelContext:
        return ModelContext.of(self.instance)


def _year(label: str) -> int:
    return int(label[:4])
