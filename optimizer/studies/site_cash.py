"""Cash of every site by period and category, recomputed from instance and plan tables alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.plan.audit.building import SiteBuild, audit_building
from optimizer.plan.audit.chips import Fleet, audit_chips
from optimizer.plan.audit.clock import Clock, Series
from optimizer.plan.audit.dispatch import audit_dispatch
from optimizer.plan.audit.ledger import Ledger
from optimizer.plan.audit.money import site_money
from optimizer.plan.audit.power import Supplies, audit_power
from optimizer.plan.audit.recomputed import SiteMoney
from optimizer.plan.audit.runs import SiteLoad
from optimizer.plan.audit.service import SiteServices, audit_service
from optimizer.plan.tables import PlanTables

TERMINAL_VALUE = "terminal_value"


@dataclass(frozen=True)
class SiteFlow:
    """Cash of one category at one site.

    Attributes
    ----------
    busd
        By period, inflow positive, undiscounted [B USD]; the terminal value stands in the last period.
    present_busd
        Its present value [B USD] (SEMANTICS 1.3).
    """

    site: str
    category: str
    busd: Series
    present_busd: float


@dataclass(frozen=True)
class SiteBooks:
    """What the audit recomputes of the sites of a plan: buildings, chips and power."""

    instance: Instance
    clock: Clock
    builds: dict[str, SiteBuild]
    fleets: dict[tuple[str, str], Fleet]
    supplies: Supplies
    loads: Mapping[tuple[str, int], SiteLoad]
    service: SiteServices

    @classmethod
    def of(cls, instance: Instance, plan: PlanTables) -> SiteBooks:
        """Recompute them from the tables of a plan of the instance."""
        ledger, clock = Ledger(plan), Clock.of(instance)
        dispatched = audit_dispatch(ledger, instance, plan.dispatch)
        supplies = audit_power(ledger, instance, clock, plan.power, plan.energy, dispatched)
        return cls(
            instance,
            clock,
            audit_building(ledger, instance, clock, plan.phases),
            audit_chips(ledger, instance, clock, plan.chips),
            supplies,
            dispatched.loads,
            audit_service(ledger, instance, clock, plan.load_service, plan.dispatch, supplies),
        )

    def flows(self) -> Iterator[SiteFlow]:
        """All cash that belongs to a site: everything but revenue, serving and quota steps (SEMANTICS 6.6)."""
        clock = self.clock
        money = site_money(self.instance, clock, self.builds, self.fleets, self.supplies)
        for site, one in money.items():
            yield from self._capital(site, one)
        for site, build in self.builds.items():
            yield from self._running(site, build)
        for (site, _), fleet in self.fleets.items():
            yield self._flow(site, "chip_resale", fleet.resale)
        for (site, _), supply in self.supplies.items():
            yield self._flow(site, "power_fixed", -supply.fixed)
            for year, cost in supply.energy_cost.items():
                yield self._flow(site, "power_energy", -spread(clock, year, cost))
        for (site, year), load in self.loads.items():
            yield self._flow(site, "power_energy", -spread(clock, year, load.tax))
        for (site, year), service in self.service.items():
            # Options that are portfolios have both in their own costs.
            if site in self.instance.dispatched_sites:
                yield self._flow(site, "power_energy", -spread(clock, year, service.cost))
                yield self._flow(site, "power_fixed", -spread(clock, year, service.charge))

    def _capital(self, site: str, money: SiteMoney) -> Iterator[SiteFlow]:
        yield self._flow(site, "site_opening", -money.opening)
        yield self._flow(site, "modules", -money.modules)
        yield self._flow(site, "committed_modules", -money.committed_modules)
        yield self._flow(site, "power_capex", -money.power_capex)
        yield self._flow(site, "chips", -money.chips)
        yield self._flow(site, "chip_taxes", -money.chip_taxes)
        yield self._flow(site, "financing_premium", -money.premium)
        if self.instance.settings.finance.terminal_value:
            series = self.clock.zeros()
            series[-1] = money.value_left
            yield SiteFlow(site, TERMINAL_VALUE, series, money.value_left * self.clock.discount_at_end)

    def _running(self, name: str, build: SiteBuild) -> Iterator[SiteFlow]:
        site, lengths = self.instance.site_by_id[name], self.clock.lengths
        rate = self.instance.country_by_code[site.country].property_tax_fraction_per_year
        yield self._flow(name, "site_om", -lengths * build.online_gw * site.om_busd_per_gw_year)
        yield self._flow(name, "property_tax", -lengths * build.online_modules * (site.module_cost_busd * rate))

    def _flow(self, site: str, category: str, busd: Series) -> SiteFlow:
        return SiteFlow(site, category, busd, present(self.clock, busd))


def present(clock: Clock, series: Series) -> float:
    """Present value of cash in the middle of the periods."""
    return float((series * clock.discount).sum())


def spread(clock: Clock, year: int, busd: float) -> Series:
    """An amount of a year, spread over its periods by length (SEMANTICS 1.3)."""
    periods = list(clock.periods_of_year[year])
    months = np.asarray(clock.months, dtype=np.float64)[periods]
    series = clock.zeros()
    series[periods] = busd * months / months.sum()
    return series
