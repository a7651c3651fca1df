"""The chosen power of every computed site, dispatched again over all hours of each year of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerNeeds, PowerOption, TechnologyKind
from optimizer.plan.power_report import NOTHING, PowerReport, PowerYear
from optimizer.plan.tables import PlanTables
from optimizer.power.asked import hourly_key, hourly_needs, whole_key
from optimizer.power.assemble import SiteHours, Terms, site_problem
from optimizer.power.days import Days, all_days
from optimizer.power.dispatch import Plan
from optimizer.power.full_year import MISSING_BUSD_PER_TWH, FullYear, dispatch_full_year, in_merit_order
from optimizer.power.site import SitePowerProblem
from optimizer.power.store import Store
from optimizer.power.technologies import Offer, offers_of_site
from optimizer.units import TWH_PER_GW_YEAR, busd_per_twh

#: Difference of cost beyond which a plan carries a warning, as share of what its power costs.
TOLERANCE = 0.02
#: Share of the energy that may be missing without a warning: less than an hour's load of a year. Days are refined until
#: plans for nominal costs miss no more (SEMANTICS 12.9).
MISSING = 1e-4
#: Smaller cuts are rounding errors of a dispatch of 1 GW [GW].
CUT_AT_ALL = 1e-6
#: Most dispatches by linear program, a third of a second each; those of most energy come first.
MOST_PROGRAMS = 8


@dataclass(frozen=True, slots=True)
class FullYearCheck:
    """What the hours of a year say about the power that a plan gives a site. Differences are full year less plan."""

    table: ClassVar = "full_year"

    site: str
    year: int
    energy_twh: float
    unserved_twh: float
    energy_cost_busd: float  # of fuel, variable cost, cuts and demand charge over all hours, without tax
    cost_difference_busd: float
    cost_difference_share: float  # of the cost of delivered power: energy, fixed cost and annuities
    carbon_mt: float
    carbon_difference_mt: float
    cut_twh: float = 0.0  # load that is cut over all hours
    hours_with_cuts: float = 0.0  # hours of a year in which any load is cut


def check_full_years(
    instance: Instance, tables: PlanTables, most: int = MOST_PROGRAMS, store: Store | None = None
) -> Iterator[FullYearCheck]:
    """Dispatch what computed options give a site over all hours of every year.

    Capacities and loads are averages of the year; what the plan pays for capacity stays as it is. Energy that is
    missing is left out of the cost, and reported. Dispatch does not depend on size, so alike sites and years share
    one; sites without storage, ramps and needs of their own are dispatched in merit order, others by linear program, of
    which there are only so many.

    Parameters
    ----------
    most
        Most linear programs; sites and years beyond those are left out.
    store
        Keeps drawn weather.
    """
    cases = list(_cases(instance, tables))
    chosen, programs = _chosen(cases, most), {case.key for case in cases if case.is_program}
    outcomes: dict[object, FullYear] = {}
    weather: dict[SiteHours, Days] = {}
    for case in cases:
        if case.key in programs and case.key not in chosen:
            continue
        if case.key not in outcomes:
            if case.hours not in weather:
                weather[case.hours] = all_days(case.hours.series(instance, store))
            outcomes[case.key] = case.dispatched(weather[case.hours])
        yield case.check(outcomes[case.key])


def _chosen(cases: Sequence[_Case], most: int) -> set[object]:
    """Dispatches to be made by linear program: of each site that of most energy, then of each the next, and so on."""
    energy: dict[object, float] = {}
    of_site: dict[str, dict[object, None]] = {}
    for case in cases:
        if case.is_program:
            energy[case.key] = energy.get(case.key, 0.0) + case.energy
            of_site.setdefault(case.year.site, {})[case.key] = None
    rank: dict[object, int] = {}
    for keys in of_site.values():
        for place, key in enumerate(sorted(keys, key=lambda one: -energy[one])):
            rank[key] = min(place, rank.get(key, place))
    return set(sorted(energy, key=lambda key: (rank[key], -energy[key]))[:most])


@dataclass(frozen=True)
class _Case:
    """A site in a year: its technologies and its load.

    Attributes
    ----------
    energy
        That load on computed options asks for in a year of this kind [TWh].
    capacity
        Of each technology but storage [GW].
    storage
        Power [GW] and energy [GWh].
    needs
        What the load asks for.
    carbon_limit
        Most emissions per energy that computed options deliver [Mt per TWh]; None: no limit.
    """

    report: PowerReport
    tables: PlanTables
    year: PowerYear
    hours: SiteHours
    options: tuple[PowerOption, ...]
    offers: tuple[Offer, ...]
    energy: float
    capacity: Mapping[str, float]
    storage: tuple[float, float]
    needs: PowerNeeds
    carbon_limit: float | None

    @property
    def is_program(self) -> bool:
        """Whether hours know of one another, so that merit order does not do."""
        slow = any(offer.row.ramp_per_hour < 1 for offer in self.offers)
        return self.storage[0] > NOTHING or slow or self.carbon_limit is not None or bool(hourly_key(self.needs))

    @cached_property
    def key(self) -> object:
        """What a dispatch depends on: capacities per load, and costs."""
        sizes = tuple(sorted((name, round(gw / self.load, 7)) for name, gw in self.capacity.items()))
        stored = tuple(round(size / self.load, 7) for size in self.storage)
        costs = tuple((offer.row.technology, *offer.costs) for offer in self.offers)
        carbon = None if self.carbon_limit is None else round(self.carbon_limit, 9)
        return self.hours, sizes, stored, costs, whole_key(self.needs), carbon

    @property
    def load(self) -> float:
        """Average IT load [GW]."""
        return self.energy / (TWH_PER_GW_YEAR * self.hours.pue_average)

    def dispatched(self, days: Days) -> FullYear:
        """Dispatch a load of one GW."""
        problem = self._problem(days)
        sources = [offer for offer in self.offers if offer.row.kind is not TechnologyKind.LITHIUM_STORAGE]
        capacity = np.array([[self.capacity[offer.row.technology] / self.load] for offer in sources]).reshape(-1, 1)
        if not self.is_program:
            return in_merit_order(replace(problem, storage=None), np.ones(1), capacity)
        none = np.zeros(1)
        plan = Plan(
            cost=1.0,
            load=np.ones(1),
            capacity=capacity,
            storage_power=np.array([self.storage[0] / self.load]),
            storage_energy=np.array([self.storage[1] / self.load]),
            energy=np.zeros((len(sources), 1)),
            output=np.zeros((len(sources), 1, 0)),
            shed=none,
            unserved=none,
            carbon=none,
            load_price=none,
        )
        return dispatch_full_year(problem, plan, problem)

    def _problem(self, days: Days) -> SitePowerProblem:
        """Dispatch alone: capital and fixed cost are those of the plan."""
        free = [
            replace(offer, costs=tuple(replace(c, capex=0.0, energy_capex=0.0, fixed=0.0) for c in offer.costs))
            for offer in self.offers
        ]
        problem = site_problem(free, days, Terms(np.ones(1), 0.0, self.hours.pue_peak))
        needs = replace(
            hourly_needs(problem.needs, self.needs), carbon_limit=self.carbon_limit, unserved_cost=self._missing_price
        )
        return replace(problem, needs=needs)

    @property
    def _missing_price(self) -> float:
        """Price of energy that is missing: dearer than any cut that is allowed."""
        return MISSING_BUSD_PER_TWH + self.needs.curtailment_busd_per_twh

    def check(self, outcome: FullYear) -> FullYearCheck:
        """Compare with what the plan says of its computed options."""
        instance = self.report.instance
        share = self.report.year_length(self.year.year)
        size = share * self.load
        tax = busd_per_twh(instance.country_by_code[instance.site_by_id[self.year.site].country].power_tax_usd_per_mwh)
        names = {option.option for option in self.options}
        rows = [
            row
            for row in self.tables.energy
            if (row.site, row.year) == (self.year.site, self.year.year) and row.option in names
        ]
        unserved = float(outcome.unserved[0]) * size
        cost = outcome.cost * size - self._missing_price * unserved
        carbon = float(outcome.carbon[0]) * size
        service = [row for row in self.tables.load_service if (row.site, row.year) == (self.year.site, self.year.year)]
        cut_of_plan = sum(row.cut_twh for row in service)
        # Where technologies are options, tax and cuts are on the load; a demand charge is no cost of energy.
        dispatched = self.year.site in instance.dispatched_sites
        taxed = 0.0 if dispatched else sum(row.energy_twh for row in rows)
        planned = sum(row.energy_cost_busd for row in rows) - tax * taxed
        planned += sum(row.demand_charge_busd + (row.cut_cost_busd if dispatched else 0.0) for row in service)
        difference = cost - planned
        whole = self.year.delivered_usd_per_mwh / 1e3 * self.year.energy_twh
        return FullYearCheck(
            site=self.year.site,
            year=self.year.year,
            energy_twh=share * self.energy - cut_of_plan,
            unserved_twh=unserved,
            energy_cost_busd=cost,
            cost_difference_busd=difference,
            cost_difference_share=difference / whole if whole > 0 else 0.0,
            carbon_mt=carbon,
            carbon_difference_mt=carbon - sum(row.carbon_mt for row in rows),
            cut_twh=float(outcome.cut[0].sum()) / 1e3 * size,
            hours_with_cuts=float((outcome.cut[0] > CUT_AT_ALL).sum()),
        )


def _cases(instance: Instance, tables: PlanTables) -> Iterator[_Case]:
    """Every site and year in which computed options deliver energy."""
    report = PowerReport(instance, tables)
    computed = {row.site: row for row in instance.site_power}
    hours: dict[str, SiteHours] = {}
    for year in report.years():
        if year.site in computed:
            options = tuple(
                option
                for option in instance.options_of_site[year.site]
                if (option.site, option.option) in instance.parts_of_option
            )
            names = {option.option for option in options}
            energy = sum(
                row.energy_twh
                for row in tables.energy
                if (row.site, row.year) == (year.site, year.year) and row.option in names
            )
            if year.site in instance.dispatched_sites:
                levels = (r.level_twh for r in tables.dispatch if (r.site, r.year) == (year.site, year.year))
                energy = sum(levels)
            else:
                # Portfolios may cut load, and deliver less than it asks for.
                energy += sum(r.cut_twh for r in tables.load_service if (r.site, r.year) == (year.site, year.year))
            if energy > NOTHING:
                if year.site not in hours:
                    hours[year.site] = SiteHours.of(instance, computed[year.site])
                yield _case(report, tables, year, hours[year.site], options, energy)


def _case(
    report: PowerReport,
    tables: PlanTables,
    year: PowerYear,
    hours: SiteHours,
    options: tuple[PowerOption, ...],
    energy: float,
) -> _Case:
    instance = report.instance
    kinds = {row.technology: row.kind for row in instance.technologies}
    capacity: dict[str, float] = {}
    power = stored = 0.0
    for option in options:
        held = report.held(option, year.year)
        for part in instance.parts_of_option[option.site, option.option]:
            if kinds[part.technology] is TechnologyKind.LITHIUM_STORAGE:
                power += part.mw_per_mw * held
                stored += part.storage_mwh_per_mw * held
            elif part.mw_per_mw * held > NOTHING:
                capacity[part.technology] = capacity.get(part.technology, 0.0) + part.mw_per_mw * held
    offers = tuple(
        offer
        for offer in offers_of_site(instance, year.site, [12 * year.year])
        if offer.row.technology in capacity or (offer.row.kind is TechnologyKind.LITHIUM_STORAGE and power > NOTHING)
    )
    whole = energy / report.year_length(year.year)
    needs = instance.needs(year.site)
    limit = _carbon_limit(report, tables, year, needs)
    return _Case(report, tables, year, hours, options, offers, whole, capacity, (power, stored), needs, limit)


def _carbon_limit(report: PowerReport, tables: PlanTables, year: PowerYear, needs: PowerNeeds) -> float | None:
    """What given options beside computed ones leave of the carbon of a site, per energy that the latter deliver."""
    if needs.carbon_limit_t_per_mwh is None:
        return None
    instance = report.instance
    given = [
        row
        for row in tables.energy
        if (row.site, row.year) == (year.site, year.year) and (row.site, row.option) not in instance.parts_of_option
    ]
    beside = sum(row.energy_twh for row in given)
    computed = max(year.energy_twh - beside, NOTHING)
    left = needs.carbon_limit_t_per_mwh * year.energy_twh - sum(row.carbon_mt for row in given)
    return max(0.0, left / computed)
