"""Technologies of a site as power options of their own, with what they cost and count for in each year.

The planning model decides how much of each stands when, so old assets are used again; how they run together is a
matter of dispatch (`optimizer.power.unit_year`). Storage is offered at fixed durations, which together make every
ratio of energy to power from the shortest to the longest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.instance.instance import Instance
from optimizer.instance.schema import OptionYear, PortfolioPart, PowerOption, Site, SitePower, TechnologyKind
from optimizer.power.choices import POWER_KIND
from optimizer.power.inputs import inputs_hash
from optimizer.power.portfolios import UNLIMITED_MW
from optimizer.power.technologies import Cost, Offer, offers_of_site

#: Hours for which storage of each option lasts at full power.
DURATIONS = (1, 4, 24)
#: Hours that stored energy must last for power to count on the worst hour (SEMANTICS 12.7).
FIRM_HOURS = 4
SOURCE = "technology of technologies.csv, dispatched by the hour; inputs {}"


@dataclass(frozen=True)
class TechnologyOptions:
    """Options of a site with what they are made of, and their numbers by year."""

    options: tuple[PowerOption, ...]
    parts: tuple[PortfolioPart, ...]
    years: tuple[OptionYear, ...]


def technology_options(instance: Instance, row: SitePower) -> TechnologyOptions:
    """Options of a site, one for each technology that it can ever have; storage by duration."""
    site, years = instance.site_by_id[row.site], tuple(instance.calendar.years)
    source = source_of(instance, row)
    offers = offers_of_site(instance, row.site, [12 * year for year in years])
    stores = [offer for offer in offers if offer.row.kind is TechnologyKind.LITHIUM_STORAGE]
    made = [
        _Option(instance, site, offer, hours, _grid_from(instance, site, offers), source)
        for offer in offers
        if offer not in stores[1:]
        for hours in (DURATIONS if offer in stores else (0,))
        if math.isfinite(_earliest(instance, site, offer))
    ]
    return TechnologyOptions(
        tuple(option.option() for option in made),
        tuple(option.part() for option in made),
        tuple(in_year for option in made for in_year in option.in_years(years)),
    )


def source_of(instance: Instance, row: SitePower) -> str:
    """Source of the options of a site: changes whenever what they are computed from does."""
    return SOURCE.format(inputs_hash(instance, row))


def _earliest(instance: Instance, site: Site, offer: Offer) -> float:
    """First month in which there can be any of a technology; infinite if never."""
    months = [
        limit.holds_from
        for limit in instance.technology_limits
        if (limit.site, limit.technology) == (site.site, offer.row.technology) and limit.cumulative_mw > 0
    ]
    return max(instance.calendar.start + offer.row.lead_months, min(months, default=math.inf))


def _grid_from(instance: Instance, site: Site, offers: tuple[Offer, ...]) -> float:
    """First calendar year in which the site may have a grid, which stands in for a machine that fails."""
    months = [_earliest(instance, site, offer) for offer in offers if offer.row.kind.is_grid]
    earliest = min(months, default=math.inf)
    return earliest // 12 if math.isfinite(earliest) else math.inf


@dataclass(frozen=True)
class _Option:
    """A technology as an option; storage with a duration [h]."""

    instance: Instance
    site: Site
    offer: Offer
    hours: int
    grid_from: float
    source: str

    @property
    def name(self) -> str:
        technology = self.offer.row.technology
        return f"{technology}:{self.hours}h" if self.hours else technology

    def option(self) -> PowerOption:
        """The option, with the numbers of the first year in which it can be there."""
        row, month = self.offer.row, int(_earliest(self.instance, self.site, self.offer))
        years = self.instance.calendar.years
        position = min(max(month // 12 - years[0], 0), len(years) - 1)
        return PowerOption(
            site=self.site.site,
            option=self.name,
            kind=POWER_KIND[row.kind],
            available_from=month,
            max_mw=UNLIMITED_MW,
            **self._numbers(years[position], self.offer.costs[position]),
            energy_availability=1,
            life_years=row.life_years,
            water_m3_per_mwh=row.water_m3_per_mwh,
            source=self.source,
        )

    def part(self) -> PortfolioPart:
        return PortfolioPart(
            site=self.site.site,
            option=self.name,
            technology=self.offer.row.technology,
            mw_per_mw=1,
            storage_mwh_per_mw=self.hours,
            mwh_per_mwh=1,
            source=self.source,
        )

    def in_years(self, years: tuple[int, ...]) -> Iterator[OptionYear]:
        for year, cost in zip(years, self.offer.costs, strict=True):
            numbers = self._numbers(year, cost)
            yield OptionYear(site=self.site.site, option=self.name, year=year, **numbers, source=self.source)

    def _numbers(self, year: int, cost: Cost) -> dict[str, float]:
        return {
            "capex_usd_per_kw": 1e3 * (cost.capex + self.hours * cost.energy_capex),
            "fixed_usd_per_kw_year": 1e3 * cost.fixed,
            "energy_usd_per_mwh": 1e3 * cost.energy,
            "carbon_t_per_mwh": cost.carbon,
            "firm_credit": self._firm_credit(year),
        }

    def _firm_credit(self, year: int) -> float:
        """Share that counts on the worst hour; without a grid less by the share of a spare machine (12.7)."""
        row, site = self.offer.row, self.site
        lasting = min(1.0, self.hours / FIRM_HOURS) if self.hours else 1.0
        spare = row.unit_mw / (site.module_mw * site.pue_peak) if year < self.grid_from else 0.0
        margin = self.instance.needs(site.site).reserve_margin
        return row.firm_credit * lasting / (1 + spare / (1 + margin))


__all__ = ["DURATIONS", "TechnologyOptions", "source_of", "technology_options"]
