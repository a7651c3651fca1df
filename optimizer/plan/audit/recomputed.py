"""All that the audit recomputed of a plan, for the checks that look at several subjects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Site
from optimizer.plan.audit.building import SiteBuild
from optimizer.plan.audit.chips import Fleet
from optimizer.plan.audit.clock import Clock, Memberships, Series
from optimizer.plan.audit.demand import Sales
from optimizer.plan.audit.power import Supplies
from optimizer.plan.audit.runs import Service, SiteLoad

GRID_SCOPE, BASIN_SCOPE = "grid:", "basin:"


@dataclass(frozen=True)
class SiteMoney:
    """Capital of a site by category and period, the premium on it, and what is left of it at the end [B USD]."""

    opening: Series
    modules: Series
    committed_modules: Series
    power_capex: Series
    chips: Series
    chip_taxes: Series
    premium: Series
    value_left: float

    @property
    def capital(self) -> Series:
        """All capital of each period (6.1)."""
        return self.opening + self.modules + self.committed_modules + self.power_capex + self.chips + self.chip_taxes


@dataclass(frozen=True)
class Recomputed:
    """All that the audit recomputed of a plan.

    Attributes
    ----------
    loads
        Of dispatched sites, by site and year.
    service
        Of sites that ask for more than energy, by site and year.
    step_payments
        Cost of the quota steps that were bought, by period [B USD].
    """

    instance: Instance
    clock: Clock
    memberships: Memberships
    builds: Mapping[str, SiteBuild]
    fleets: Mapping[tuple[str, str], Fleet]
    supplies: Supplies
    loads: Mapping[tuple[str, int], SiteLoad]
    service: Mapping[tuple[str, int], Service]
    sales: Sales
    money: Mapping[str, SiteMoney]
    step_payments: Series

    def sites_in(self, scope: str, year: int) -> list[Site]:
        """Sites that lie in a scope in a year (8.3)."""
        sites = self.instance.sites
        if scope == "*":
            return list(sites)
        if scope.startswith(GRID_SCOPE):
            return [site for site in sites if site.grid_region == scope.removeprefix(GRID_SCOPE)]
        if scope.startswith(BASIN_SCOPE):
            return [site for site in sites if site.basin == scope.removeprefix(BASIN_SCOPE)]
        day = self.clock.membership_day(year)
        return [site for site in sites if self.memberships.contains(scope, site.country, day)]
