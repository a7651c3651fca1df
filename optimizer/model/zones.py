"""Allocation zones: sites that no rule, price or distance can tell apart share their chip variables.

Chips are allocated to zones and IT power to sites. Splitting a zone's chips over its sites in
proportion to the IT power that each site gains is then exact: every chip of a zone has the same
licence status, tax, market access and life wherever in the zone it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Site
from optimizer.policy.regime import ActiveRegime, Owner
from optimizer.units import gw_from_mw


@dataclass(frozen=True)
class MarketNode:
    """Where compute is sold from: sites of one country and latency zone reach the same markets."""

    country: str
    latency_zone: str

    def __str__(self) -> str:
        return f"{self.country}/{self.latency_zone}"


@dataclass(frozen=True)
class AllocationZone:
    """Sites that share chip variables.

    Attributes
    ----------
    name
        Name in exported models.
    sites
        Members, in file order.
    owner
        Of the first member. Others may have other operators, none of which any rule tells apart.
    """

    name: str
    node: MarketNode
    owner: Owner
    pool: str
    sites: tuple[Site, ...]

    @property
    def country(self) -> str:
        """Country of all members."""
        return self.node.country

    @property
    def most_gw(self) -> float:
        """IT power of all the modules that the sites may ever have [GW]."""
        return sum(gw_from_mw(site.module_mw) * site.max_modules for site in self.sites)


def allocation_zones(instance: Instance, regime: ActiveRegime) -> tuple[AllocationZone, ...]:
    """Group the sites of an instance.

    Early retirement decides per site which chips leave, so it needs zones of a single site.
    """
    members: dict[tuple[str, ...], list[Site]] = {}
    for site in instance.sites:
        operator = site.operator if regime.tells_apart(site.operator) else ""
        alone = site.site if instance.settings.model.early_retirement else ""
        countries = (site.operator_hq, site.parent_country)
        key = (site.country, site.latency_zone, *countries, operator, site.pool, alone)
        members.setdefault(key, []).append(site)
    return tuple(
        AllocationZone(
            name=f"{sites[0].site}" if len(sites) == 1 else f"{sites[0].site}+{len(sites) - 1}",
            node=MarketNode(sites[0].country, sites[0].latency_zone),
            owner=Owner.of(sites[0]),
            pool=sites[0].pool,
            sites=tuple(sites),
        )
        for sites in members.values()
    )
