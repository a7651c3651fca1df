"""The chosen power of every computed site, dispatched again over all hours of each year of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import SitePower, TechnologyKind
from optimizer.plan.power_report import NOTHING, PowerReport, PowerSource, PowerYear
from optimizer.plan.tables import PlanTables
from optimizer.power.assemble import SiteHours, Terms, site_problem
from optimizer.power.days import Days, all_days
from optimizer.power.dispatch import Plan
from optimizer.power.full_year import MISSING_BUSD_PER_TWH, FullYear, dispatch_full_year
from optimizer.power.site import SitePowerProblem
from optimizer.power.technologies import Offer, offers_of_site
from optimizer.units import TWH_PER_GW_YEAR, busd_per_twh

#: Difference of cost beyond which a plan carries a warning, as share of what its power costs.
TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class FullYearCheck:
    """What the hours of a year say about the power that a plan gives a site. Differences are full year less plan."""

    table: ClassVar = "full_year"

    site: str
    year: int
    energy_twh: float
    unserved_twh: float
    energy_cost_busd: float  # of fuel and variable cost over all hours, without tax
    cost_difference_busd: float
    cost_difference_share: float  # of the cost of delivered power: energy, fixed cost and annuities
    carbon_mt: float
    carbon_difference_mt: float


def check_full_years(instance: Instance, tables: PlanTables) -> Iterator[FullYearCheck]:
    """Dispatch every computed site over all hours of every year in which it takes energy.

    Capacities and loads are averages of the year; what the plan pays for capacity stays as it is. Energy that is
    missing is left out of the cost, and reported.
    """
    report = PowerReport(instance, tables)
    years: dict[str, list[PowerYear]] = {}
    for row in report.years():
        years.setdefault(row.site, []).append(row)
    mix: dict[tuple[str, int], list[PowerSource]] = {}
    for source in report.mix():
        mix.setdefault((source.site, source.year), []).append(source)
    for site in instance.site_power:
        if site.site in years:
            place = _Place(instance, tables, report, site, _hours(instance, site))
            for year in years[site.site]:
                yield place.check(year, mix[site.site, year.year])


def _hours(instance: Instance, row: SitePower) -> Days:
    return all_days(SiteHours.of(instance, row).series(instance))


@dataclass(frozen=True)
class _Place:
    """A computed site with the hours of its year."""

    instance: Instance
    tables: PlanTables
    report: PowerReport
    row: SitePower
    hours: Days
    known: dict[object, FullYear] = field(default_factory=dict)
    """Outcomes by capacities, load and costs: many years are alike."""

    def check(self, year: PowerYear, mix: list[PowerSource]) -> FullYearCheck:
        share = self.report.year_length(year.year)
        outcome = self._dispatch(year, mix, year.energy_twh / share)
        tax = busd_per_twh(
            self.instance.country_by_code[self.instance.site_by_id[year.site].country].power_tax_usd_per_mwh
        )
        rows = [row for row in self.tables.energy if (row.site, row.year) == (year.site, year.year)]
        options = {o.option: o for o in self.instance.options_of_site[year.site]}
        taxed = sum(row.energy_twh for row in rows if not self.instance.is_dispatched(options[row.option]))
        planned = sum(row.energy_cost_busd for row in rows) - tax * taxed
        unserved = float(outcome.unserved[0]) * share
        cost = outcome.cost * share - MISSING_BUSD_PER_TWH * unserved
        carbon = float(outcome.carbon[0]) * share
        whole = year.delivered_usd_per_mwh / 1e3 * year.energy_twh
        return FullYearCheck(
            site=year.site,
            year=year.year,
            energy_twh=year.energy_twh,
            unserved_twh=unserved,
            energy_cost_busd=cost,
            cost_difference_busd=cost - planned,
            cost_difference_share=(cost - planned) / whole if whole > 0 else 0.0,
            carbon_mt=carbon,
            carbon_difference_mt=carbon - sum(row.carbon_mt for row in rows),
        )

    def _dispatch(self, year: PowerYear, mix: list[PowerSource], energy: float) -> FullYear:
        standing = {source.source: source.capacity_gw for source in mix if source.capacity_gw > NOTHING}
        offers = [
            offer
            for offer in offers_of_site(self.instance, year.site, [12 * year.year])
            if offer.row.technology in standing
        ]
        costs = tuple((offer.row.technology, *offer.costs) for offer in offers)
        key = (tuple(sorted((name, round(gw, 9)) for name, gw in standing.items())), round(energy, 9), costs)
        if key not in self.known:
            self.known[key] = self._dispatched(year, standing, offers, energy)
        return self.known[key]

    def _dispatched(
        self, year: PowerYear, standing: Mapping[str, float], offers: list[Offer], energy: float
    ) -> FullYear:
        problem = self._problem(offers)
        site = self.instance.site_by_id[year.site]
        load = np.array([energy / (TWH_PER_GW_YEAR * site.pue_average)])
        power, stored = self._storage(offers, year.year)
        sources = [offer for offer in offers if offer.row.kind is not TechnologyKind.LITHIUM_STORAGE]
        capacity = np.array([[standing[offer.row.technology]] for offer in sources])
        none = np.zeros(1)
        plan = Plan(
            cost=1.0,
            load=load,
            capacity=capacity,
            storage_power=np.array([power]),
            storage_energy=np.array([stored]),
            energy=np.zeros((len(sources), 1)),
            output=np.zeros((len(sources), 1, 0)),
            shed=none,
            unserved=none,
            carbon=none,
            load_price=none,
        )
        return dispatch_full_year(problem, plan, problem)

    def _problem(self, offers: list[Offer]) -> SitePowerProblem:
        """Dispatch alone: capital and fixed cost are those of the plan."""
        free = [
            replace(offer, costs=tuple(replace(c, capex=0.0, energy_capex=0.0, fixed=0.0) for c in offer.costs))
            for offer in offers
        ]
        peak = self.instance.site_by_id[self.row.site].pue_peak
        return site_problem(free, self.hours, Terms(np.ones(1), 0.0, peak))

    def _storage(self, offers: list[Offer], year: int) -> tuple[float, float]:
        """Power [GW] and energy [GWh] of storage, averages of the year."""
        names = {offer.row.technology for offer in offers if offer.row.kind is TechnologyKind.LITHIUM_STORAGE}
        power = stored = 0.0
        for option in self.instance.options_of_site[self.row.site]:
            for part in self.instance.parts_of_option.get((option.site, option.option), ()):
                if part.technology in names:
                    held = self.report.held(option, year)
                    power += part.mw_per_mw * held
                    stored += part.storage_mwh_per_mw * held
        return power, stored
