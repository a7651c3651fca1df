"""Power of a plan as planners ask for it: mix, cost of delivered MWh, carbon, clean share, what bridges gained.

Everything follows from the instance and the audited tables (SEMANTICS 13); nothing is read from the solver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PortfolioPart, PowerKind, PowerOption, Site, TechnologyKind, TechnologyRow
from optimizer.model.finance import capital_recovery_factor
from optimizer.model.power import capacity_limit
from optimizer.model.power_shares import GAS_KINDS, GAS_TECHNOLOGIES
from optimizer.model.timing import PeriodIndex, Timing
from optimizer.plan.tables import LoadService, PlanTables, PowerEnergy
from optimizer.units import gw_from_mw

#: Sources that bridge the years until the grid comes.
BRIDGE_KINDS, BRIDGE_TECHNOLOGIES = GAS_KINDS, GAS_TECHNOLOGIES
#: Kinds of given options that count as clean.
CLEAN_KINDS = frozenset({PowerKind.RENEWABLES_STORAGE, PowerKind.NUCLEAR, PowerKind.GEOTHERMAL, PowerKind.HYDRO})
HOURS_OF_YEAR = 8760
#: Less than this is nothing [GW, TWh].
NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class PowerSource:
    """A technology (of computed options) or a kind (of given ones) at a site in a year."""

    table: ClassVar = "power_mix"

    site: str
    source: str
    year: int
    capacity_gw: float  # average of the year; storage: its power
    energy_twh: float  # storage: what it gives back, which others made


@dataclass(frozen=True, slots=True)
class PowerYear:
    """All power of a site in a year in which it takes energy."""

    table: ClassVar = "power_years"

    site: str
    year: int
    energy_twh: float
    delivered_usd_per_mwh: float  # energy with tax, fixed cost, and capital as annuity at the country's cost of capital
    carbon_t_per_mwh: float
    clean_share: float
    interrupted_hours: float  # hours of a year without the interruptible grid that the site has; 0 without it
    cut_twh: float  # energy that the load asks for and is not given
    cut_hours: float  # hours at full depth that make up what is cut (SEMANTICS 12.16)


@dataclass(frozen=True, slots=True)
class Energisation:
    """When the first chips of a site work, and when they could without bridge power."""

    table: ClassVar = "energisation"

    site: str
    energised: str  # label of the first period with working chips
    bridge: str  # bridge sources that stand then, joined by +; "" if none
    without_bridge: str  # first period in which other sources may carry that load; "" if not within the plan
    months_gained: int  # 0 without a bridge; to the end of the plan, at least, if `without_bridge` is ""


@dataclass(frozen=True)
class PowerReport:
    """Power of a plan, site by site."""

    instance: Instance
    tables: PlanTables

    def mix(self) -> Iterator[PowerSource]:
        """One row for every source of a site with capacity or energy in a year."""
        capacity: dict[tuple[str, str, int], float] = defaultdict(float)
        energy: dict[tuple[str, str, int], float] = defaultdict(float)
        for row in self.tables.energy:
            option = self._options[row.site, row.option]
            held = self.held(option, row.year)
            for source, per_mw, per_mwh in self._sources(option):
                capacity[row.site, source, row.year] += per_mw * held
                energy[row.site, source, row.year] += per_mwh * row.energy_twh
        for (site, source, year), gw in capacity.items():
            if gw > NOTHING or energy[site, source, year] > NOTHING:
                yield PowerSource(site, source, year, gw, energy[site, source, year])

    def years(self) -> Iterator[PowerYear]:
        """One row for every site and year with energy."""
        rows: dict[tuple[str, int], list[PowerEnergy]] = defaultdict(list)
        for row in self.tables.energy:
            rows[row.site, row.year].append(row)
        for (site, year), of_site in rows.items():
            made = sum(row.energy_twh for row in of_site if not self._is_storage(self._options[site, row.option]))
            given = [row for row in of_site if not self.instance.is_dispatched(self._options[site, row.option])]
            energy = self._delivered.get((site, year), 0.0) + sum(row.energy_twh for row in given)
            if energy > NOTHING:
                options = [self._options[site, row.option] for row in of_site]
                clean = sum(row.energy_twh * self._clean(option) for row, option in zip(of_site, options, strict=True))
                yield PowerYear(
                    site=site,
                    year=year,
                    energy_twh=energy,
                    delivered_usd_per_mwh=1e3 * (self._cost(of_site) + self._of_load(site, year)) / energy,
                    carbon_t_per_mwh=sum(row.carbon_mt for row in of_site) / energy,
                    clean_share=clean / made,
                    interrupted_hours=max(
                        self._interrupted(option) if self.held(option, year) > NOTHING else 0.0 for option in options
                    ),
                    cut_twh=self._cut(site, year),
                    cut_hours=self._cut_hours(site, year, energy),
                )

    def energisations(self) -> Iterator[Energisation]:
        """One row for every site with working chips."""
        first: dict[str, tuple[PeriodIndex, float]] = {}
        periods = {t.label: t for t in self._timing.periods}
        for row in self.tables.operations:
            if row.installed_gw > NOTHING and (row.site not in first or periods[row.period] < first[row.site][0]):
                first[row.site] = periods[row.period], row.peak_load_gw
        for site in self.instance.sites:
            if site.site in first:
                yield self._energisation(site, *first[site.site])

    def held(self, option: PowerOption, year: int) -> float:
        """Capacity of an option, average of the plan's part of a year [GW]."""
        timing = self._timing
        standing = sum(timing.length(t) * self._standing(option, t) for t in timing.of_year(year))
        return standing / timing.year_length(year)

    def year_length(self, year: int) -> float:
        """Part of a year that lies within the plan [years]."""
        return self._timing.year_length(year)

    def _energisation(self, site: Site, energised: PeriodIndex, load: float) -> Energisation:
        bridges = {
            source
            for option in self.instance.options_of_site[site.site]
            if self._standing(option, energised) > NOTHING
            for source, _, _ in self._sources(option)
            if self._is_bridge(option, source)
        }
        timing = self._timing
        least = load * (1 + self.instance.needs(site.site).reserve_margin) - NOTHING
        later = (t for t in timing.periods if t >= energised and self._firm_without_bridge(site, t) >= least)
        without = next(later, None)
        end = timing.calendar.end if without is None else timing.start(without)
        gained = end - timing.start(energised) if bridges else 0
        label = "" if without is None else without.label
        return Energisation(site.site, energised.label, "+".join(sorted(bridges)), label, gained)

    def _firm_without_bridge(self, site: Site, period: PeriodIndex) -> float:
        """Firm power that sources but bridges and storage may give on the decision date of a period [GW]."""
        month = self._timing.start(self._timing.decision_serving(period))
        if any(row.site == site.site for row in self.instance.site_power):
            return sum(
                row.firm_credit * self._technology_limit(site, row, month)
                for row in self.instance.technologies
                if row.kind not in BRIDGE_TECHNOLOGIES and row.kind is not TechnologyKind.LITHIUM_STORAGE
            )
        return sum(
            option.firm_credit
            * capacity_limit(
                option,
                [step for step in self.instance.grid_steps if (step.site, step.option) == (site.site, option.option)],
                month,
            )
            for option in self.instance.options_of_site[site.site]
            if option.kind not in BRIDGE_KINDS
        )

    def _technology_limit(self, site: Site, row: TechnologyRow, month: int) -> float:
        if month < self.instance.calendar.start + row.lead_months:
            return 0.0
        rows = [
            (limit.holds_from, limit.cumulative_mw)
            for limit in self.instance.technology_limits
            if (limit.site, limit.technology) == (site.site, row.technology) and limit.holds_from <= month
        ]
        return gw_from_mw(max(rows)[1]) if rows else 0.0

    def _is_bridge(self, option: PowerOption, source: str) -> bool:
        if self._parts(option):
            return self._technologies[source].kind in BRIDGE_TECHNOLOGIES
        return option.kind in BRIDGE_KINDS

    def _sources(self, option: PowerOption) -> list[tuple[str, float, float]]:
        """Name, MW per MW and MWh per MWh of what an option is made of; of a given one, its kind."""
        parts = self._parts(option)
        made = [(part.technology, part.mw_per_mw, part.mwh_per_mwh) for part in parts]
        return made or [(str(option.kind), 1.0, 1.0)]

    def _clean(self, option: PowerOption) -> float:
        """Share of the energy made for an option that is clean; storage makes none."""
        parts = self._parts(option)
        if not parts:
            return 1.0 if option.kind in CLEAN_KINDS else 0.0
        made = [
            (self._technologies[part.technology], part.mwh_per_mwh)
            for part in parts
            if self._technologies[part.technology].kind is not TechnologyKind.LITHIUM_STORAGE
        ]
        whole = sum(energy for _, energy in made)
        return sum(energy for row, energy in made if row.clean) / whole if whole > 0 else 0.0

    def _is_storage(self, option: PowerOption) -> bool:
        """Whether an option gives back what others made."""
        kinds = [self._technologies[part.technology].kind for part in self._parts(option)]
        return bool(kinds) and all(kind is TechnologyKind.LITHIUM_STORAGE for kind in kinds)

    @cached_property
    def _delivered(self) -> Mapping[tuple[str, int], float]:
        """Energy that modes deliver to sites that are dispatched [TWh]."""
        total: dict[tuple[str, int], float] = defaultdict(float)
        for row in self.tables.dispatch:
            total[row.site, row.year] += row.level_twh
        for service in self.tables.load_service:
            if service.site in self.instance.dispatched_sites:
                total[service.site, service.year] -= service.cut_twh
        return total

    def _of_load(self, site: str, year: int) -> float:
        """What the load of a dispatched site pays besides its options: tax, cuts, demand charge [B USD]."""
        if site not in self.instance.dispatched_sites:
            return 0.0
        taxes = sum(row.power_tax_busd for row in self.tables.dispatch if (row.site, row.year) == (site, year))
        return taxes + sum(row.cut_cost_busd + row.demand_charge_busd for row in self._service.get((site, year), ()))

    @cached_property
    def _service(self) -> Mapping[tuple[str, int], list[LoadService]]:
        found: dict[tuple[str, int], list[LoadService]] = defaultdict(list)
        for row in self.tables.load_service:
            found[row.site, row.year].append(row)
        return found

    def _cut(self, site: str, year: int) -> float:
        return sum(row.cut_twh for row in self._service.get((site, year), ()))

    def _cut_hours(self, site: str, year: int, delivered: float) -> float:
        """Hours of cuts at full depth in a year: its part within the plan stands for the whole."""
        cut, depth = self._cut(site, year), self.instance.needs(site).curtailment_depth
        return HOURS_OF_YEAR * cut / (delivered + cut) / depth if cut > 0 else 0.0

    def _interrupted(self, option: PowerOption) -> float:
        parts = self._parts(option)
        if not parts:
            there = option.energy_availability if option.kind is PowerKind.GRID_INTERRUPTIBLE else 1.0
        else:
            rows = [self._technologies[part.technology] for part in parts if part.mw_per_mw > NOTHING]
            kinds = [row.availability for row in rows if row.kind is TechnologyKind.GRID_INTERRUPTIBLE]
            there = min(kinds, default=1.0)
        return HOURS_OF_YEAR * (1 - there)

    def _cost(self, rows: list[PowerEnergy]) -> float:
        """Energy, fixed cost and annuity of the capital that stands in a year [B USD]."""
        total = 0.0
        for row in rows:
            option = self._options[row.site, row.option]
            wacc = self.instance.country_by_code[self.instance.site_by_id[row.site].country].wacc_fraction
            annuity = capital_recovery_factor(wacc, option.life_years)
            total += row.energy_cost_busd + row.fixed_cost_busd + annuity * self._capital(option, row.year)
        return total

    def _capital(self, option: PowerOption, year: int) -> float:
        """Capital that stands over the periods of a year [B USD x years]."""
        total, timing = 0.0, self._timing
        for since, busd in self._spent.get((option.site, option.option), ()):
            total += busd * sum(timing.length(t) for t in timing.of_year(year) if t >= since)
        return total

    @cached_property
    def _spent(self) -> Mapping[tuple[str, str], list[tuple[int, float]]]:
        periods = {t.label: int(t) for t in self._timing.periods}
        found: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
        for row in self.tables.power:
            found[row.site, row.option].append((periods[row.period], row.capex_busd))
        return found

    def _standing(self, option: PowerOption, period: PeriodIndex) -> float:
        held = self._additions.get((option.site, option.option), {})
        return max((gw for since, gw in held.items() if since <= period), default=0.0)

    def _parts(self, option: PowerOption) -> list[PortfolioPart]:
        return list(self.instance.parts_of_option.get((option.site, option.option), ()))

    @cached_property
    def _additions(self) -> Mapping[tuple[str, str], Mapping[int, float]]:
        periods = {t.label: int(t) for t in self._timing.periods}
        found: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
        for row in self.tables.power:
            found[row.site, row.option][periods[row.period]] = row.capacity_gw
        return found

    @cached_property
    def _timing(self) -> Timing:
        return Timing.of(self.instance)

    @cached_property
    def _options(self) -> Mapping[tuple[str, str], PowerOption]:
        return {(option.site, option.option): option for option in self.instance.power_options}

    @cached_property
    def _technologies(self) -> Mapping[str, TechnologyRow]:
        return {row.technology: row for row in self.instance.technologies}
