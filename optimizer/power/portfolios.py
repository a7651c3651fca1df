"""Power options of sites whose power is computed: mixes of technologies from the dispatch LP.

They are static: one mix per energisation, without re-use of what another option built, at the highest costs of all
years in which the option may be added or used. So a plan on them costs at least what an exact one would.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import (
    PortfolioPart,
    PowerNeeds,
    PowerOption,
    Site,
    SitePower,
    TechnologyKind,
    TechnologyRow,
)
from optimizer.power.asked import load_row, whole_key
from optimizer.power.assemble import SiteHours
from optimizer.power.choices import POWER_KIND, choices
from optimizer.power.days import Days
from optimizer.power.hard_days import hard_days_key, has_hard_days, site_days
from optimizer.power.inputs import inputs_hash
from optimizer.power.mix_table import Family, MixTable, own_series
from optimizer.power.mixes import Load, Part, parts_of
from optimizer.power.mode import WHOLE, Served
from optimizer.power.profiles import Hours, ProfileError
from optimizer.power.pruning import Candidate, worth_keeping
from optimizer.power.rows import PowerError
from optimizer.power.store import NoStore, Store
from optimizer.power.technologies import Cost, Offer, annuity_factor, offers_of_site
from optimizer.units import TWH_PER_GW_YEAR

#: Share by which a later energisation must be cheaper to be an option of its own.
WORTH_AN_OPTION = 1e-9
#: No plan pays as much for power: sun or wind alone where lulls are long.
HOPELESS_USD_PER_KW = 60_000
#: A computed option has no limit of its own, its technologies have; more than any site can use.
UNLIMITED_MW = 1e5
SOURCE = "computed from technologies.csv, static and conservative; inputs {}"

BURNS_GAS = (
    TechnologyKind.OPEN_CYCLE_GAS,
    TechnologyKind.COMBINED_CYCLE_GAS,
    TechnologyKind.GAS_ENGINE,
    TechnologyKind.FUEL_CELL,
)


class SitePowerError(PowerError):
    """A site whose power cannot be computed."""

    def __init__(self, site: str, problem: str) -> None:
        super().__init__(f"site '{site}': {problem}")
        self.site = site
        self.problem = problem


@dataclass(frozen=True)
class Computed:
    """An instance with computed power, and how it came about.

    Attributes
    ----------
    made
        Sites whose options were made now; all others had them already.
    """

    instance: Instance
    made: tuple[str, ...]
    portfolios: int
    solved: int
    known: int
    seconds: float

    def line(self) -> str:
        """One line for the log."""
        had = len(self.instance.site_power) - len(self.made)
        as_before = f", {had} as computed before" if had else ""
        return (
            f"power: {len(self.made)} sites computed{as_before}, {self.portfolios} portfolios (static, conservative), "
            f"{self.seconds:.1f} s, {self.known} of {self.known + self.solved} programs from cache"
        )


def with_computed_power(instance: Instance, store: Store | None = None) -> Computed:
    """Replace the options of every site that has a row in `site_power`, but for those that stand beside computed ones.

    Options that were computed from the same inputs stay as they are, with what was changed in them since.

    Parameters
    ----------
    store
        Keeps mixes and representative days between runs; none: all is computed.

    Raises
    ------
    SitePowerError
        If no technology on offer can ever carry the load of a site, or its weather cannot be made.
    """
    began, store = time.monotonic(), store or NoStore()
    made = {row.site: row for row in instance.site_power if _is_stale(instance, row)}
    weather: dict[object, _Weather] = {}
    sites = [_Site.of(instance, row, store, weather) for row in made.values()]
    table = MixTable(store)
    for site in sites:
        for _, family in site.energisations:
            table.expect(family, site.days)
    table.solve()
    options = [option for option in instance.power_options if option.site not in made or option.beside_computed]
    parts = [part for part in instance.portfolio_parts if part.site not in made]
    loads = [row for row in instance.dispatch_loads if row.site not in made]
    for site in sites:
        new = list(_options(site, table))
        if not new and not any(option.site == site.site.site for option in options):
            raise SitePowerError(
                site.site.site, "no technology of technology_limits.csv can carry its load within the plan"
            )
        options += [one.option for one in new]
        parts += [_part_row(one.option, part) for one in new for part in one.parts]
        loads += [
            load_row(one.option.site, one.option.option, one.served, one.option.source)
            for one in new
            if one.served != WHOLE
        ]
    there = {(option.site, option.option) for option in options}
    steps = tuple(step for step in instance.grid_steps if (step.site, step.option) in there)
    changed = replace(
        instance,
        power_options=tuple(options),
        portfolio_parts=tuple(parts),
        grid_steps=steps,
        dispatch_loads=tuple(loads),
    )
    sites_computed = {row.site for row in instance.site_power}
    count = sum(option.site in sites_computed and not option.beside_computed for option in options)
    return Computed(changed, tuple(made), count, table.solved, table.known, time.monotonic() - began)


def _is_stale(instance: Instance, row: SitePower) -> bool:
    """Whether the computed options of a site are missing, or come from other inputs."""
    source = SOURCE.format(inputs_hash(instance, row))
    known = [option for option in instance.options_of_site.get(row.site, ()) if not option.beside_computed]
    return not known or any(option.source != source for option in known)


@dataclass
class _Weather:
    """Representative days of a site and those alike, made when first asked for.

    Attributes
    ----------
    technologies, needs
        What the days of the site depend on beside its hours, if they do.
    """

    instance: Instance
    site: str
    hours: SiteHours
    technologies: tuple[TechnologyRow, ...]
    needs: PowerNeeds
    store: Store
    _days: list[Days] = field(default_factory=list)

    def __call__(self) -> Days:
        if not self._days:
            try:
                self._days.append(site_days(self.instance, self.hours, self.technologies, self.needs, self.store))
            except ProfileError as error:
                raise SitePowerError(self.site, str(error)) from error
        return self._days[0]


@dataclass(frozen=True)
class _Site:
    """A site, its technologies with costs in each year of the plan, and its weather."""

    instance: Instance
    site: Site
    offers: tuple[Offer, ...]
    hours: SiteHours
    days: _Weather
    years: tuple[int, ...]
    source: str

    @classmethod
    def of(cls, instance: Instance, row: SitePower, store: Store, weather: dict[object, _Weather]) -> _Site:
        site, years = instance.site_by_id[row.site], tuple(instance.calendar.years)
        offers = offers_of_site(instance, row.site, [12 * year for year in years])
        hours = SiteHours.of(instance, row)
        technologies, needs = tuple(offer.row for offer in offers), instance.needs(row.site)
        alike = (hours, technologies, whole_key(needs)) if has_hard_days(hours, technologies, needs) else hours
        days = weather.setdefault(alike, _Weather(instance, row.site, hours, technologies, needs, store))
        return cls(instance, site, offers, hours, days, years, SOURCE.format(inputs_hash(instance, row)))

    @property
    def load(self) -> Load:
        share = self.instance.settings.power.average_load_share
        return Load(self.site.pue_peak, share, self.site.module_gw)

    @property
    def needs(self) -> PowerNeeds:
        return self.instance.needs(self.site.site)

    @property
    def rate(self) -> float:
        return self.instance.country_by_code[self.site.country].wacc_fraction

    def costs_from(self, offer: Offer, position: int) -> _YearlyCosts:
        """Costs of a technology in this year and all later ones."""
        key = (offer.row.technology, position)
        if key not in self._costs_known:
            self._costs_known[key] = _YearlyCosts.of(offer.costs[position:])
        return self._costs_known[key]

    @cached_property
    def _costs_known(self) -> dict[tuple[str, int], _YearlyCosts]:
        """Costs by technology and first year, asked again for every mix."""
        return {}

    @cached_property
    def earliest(self) -> Mapping[str, float]:
        """First month in which there can be any of each technology; infinite if never."""
        months = {offer.row.technology: math.inf for offer in self.offers}
        for limit in self.instance.technology_limits:
            if limit.site == self.site.site and limit.cumulative_mw > 0:
                months[limit.technology] = min(months[limit.technology], limit.holds_from)
        leads = {offer.row.technology: self.instance.calendar.start + offer.row.lead_months for offer in self.offers}
        return {technology: max(leads[technology], month) for technology, month in months.items()}

    @cached_property
    def energisations(self) -> tuple[tuple[int, Family], ...]:
        """Positions of the years, each with the sets of technologies that may be mixed in it."""
        try:
            own = own_series(self.instance, self.hours)
        except ProfileError as error:
            raise SitePowerError(self.site.site, str(error)) from error
        days = hard_days_key(self.hours, own, [offer.row for offer in self.offers], self.needs)
        families: dict[tuple[str, ...], Family] = {}
        found = []
        for position, year in enumerate(self.years):
            for chosen in choices([o for o in self.offers if self.earliest[o.row.technology] < 12 * year + 12]):
                names = tuple(offer.row.technology for offer in chosen)
                if names not in families:
                    families[names] = Family(self.hours, own, chosen, self.load, self.rate, self.needs, days)
                found.append((position, families[names]))
        return tuple(found)


class _YearlyCosts(NamedTuple):
    """Columns of `Cost`, by year."""

    capex: Hours
    energy_capex: Hours
    fixed: Hours
    energy: Hours
    carbon: Hours

    @classmethod
    def of(cls, costs: Sequence[Cost]) -> _YearlyCosts:
        rows = [(cost.capex, cost.energy_capex, cost.fixed, cost.energy, cost.carbon) for cost in costs]
        return cls(*np.array(rows, dtype=float).T)


class _Made(NamedTuple):
    """An option, what it is made of, and how it serves its load."""

    option: PowerOption
    parts: tuple[Part, ...]
    served: Served


def _options(site: _Site, table: MixTable) -> list[_Made]:
    """Options of a site: of all its portfolios those between which no plan loses much."""
    made = list(_portfolios(site, table))
    candidates = [_candidate(site, one.option, one.parts) for one in made]
    kept = worth_keeping(candidates, site.years, site.instance.settings.power.portfolios_per_site)
    return [made[position] for position in kept]


def _portfolios(site: _Site, table: MixTable) -> Iterator[_Made]:
    """Portfolios by year of energisation; a later one only where it is cheaper in some way than all before it."""
    before: dict[tuple[tuple[Part, ...], Served], list[PowerOption]] = {}
    given = site.instance.options_of_site.get(site.site.site, ())
    names = {option.option for option in given if option.beside_computed}
    for position, family in site.energisations:
        try:
            solved = table.mix(family, position)
        except PowerError:
            continue  # these technologies cannot carry a load by themselves
        parts, served = parts_of(family.offers, solved), table.served(family, position)
        made = _option(site, parts, served, position, names)
        if made.capex_usd_per_kw > HOPELESS_USD_PER_KW:
            continue
        same = before.setdefault((_rounded(parts), _rounded_service(served)), [])
        if any(_as_good(earlier, made) for earlier in same):
            continue
        same.append(made)
        names.add(made.option)
        yield _Made(made, parts, served)


def _candidate(site: _Site, option: PowerOption, parts: Sequence[Part]) -> Candidate:
    """What an option costs and takes in a year."""
    rows = {offer.row.technology: offer.row for offer in site.offers}
    hours = 8.76 * option.energy_availability
    takes: dict[str, float] = {}
    for part in parts:
        row = rows[part.technology]
        scarce = ["grid"] if row.kind.is_grid else []
        scarce += ["gas"] if row.kind in BURNS_GAS else []
        for thing in (*scarce, f"technology {part.technology}"):
            takes[thing] = takes.get(thing, 0.0) + part.capacity
        if row.resource:
            slot = f"slots {row.resource}"
            takes[slot] = takes.get(slot, 0.0) + row.slots_mw_per_mw * part.capacity
    capital = option.capex_usd_per_kw * annuity_factor(site.rate, option.life_years)
    cost = capital + option.fixed_usd_per_kw_year + hours * option.energy_usd_per_mwh
    return Candidate(option.available_from, cost, hours * option.carbon_t_per_mwh, takes)


def _rounded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(Part(p.technology, *(round(x, 6) for x in (p.capacity, p.storage, p.energy, p.price))) for p in parts)


def _rounded_service(served: Served) -> Served:
    return Served(*(round(x, 6) for x in (served.cut, served.deepest_cut, served.grid_peak, served.least_clean)))


def _as_good(earlier: PowerOption, later: PowerOption) -> bool:
    """Whether an option is available as early and costs as little in every way."""
    columns = ("available_from", "capex_usd_per_kw", "fixed_usd_per_kw_year", "energy_usd_per_mwh", "carbon_t_per_mwh")
    return all(getattr(earlier, c) <= getattr(later, c) * (1 + WORTH_AN_OPTION) for c in columns)


def _option(site: _Site, parts: tuple[Part, ...], served: Served, position: int, names: set[str]) -> PowerOption:
    """A mix at its highest cost of this year and all later ones of the plan."""
    offers = {offer.row.technology: offer for offer in site.offers}
    mix = [(part, offers[part.technology]) for part in parts]
    costs = [(part, site.costs_from(offer, position)) for part, offer in mix]
    capital = [p.capacity * cost.capex + p.storage * cost.energy_capex for p, cost in costs]
    month = max(
        12 * site.years[position], site.instance.calendar.start, *(site.earliest[o.row.technology] for _, o in mix)
    )
    load = site.site
    main = max(mix, key=lambda pair: pair[0].energy)[1]
    # Average over peak of what the load asks for; the charge is on the highest draw per GW of the option.
    asked = min(1.0, load.pue_average * site.load.share / load.pue_peak)
    charge = site.needs.demand_charge_busd_per_gw_year * served.grid_peak * TWH_PER_GW_YEAR * asked
    cuts = site.needs.curtailment_busd_per_twh * served.cut / (1 - served.cut)
    return PowerOption(
        site=site.site.site,
        option=_name(parts, site.years[position], names),
        kind=POWER_KIND[main.row.kind],
        available_from=int(month),
        max_mw=UNLIMITED_MW,
        capex_usd_per_kw=1e3 * _highest(capital),
        fixed_usd_per_kw_year=1e3 * (_highest([p.capacity * cost.fixed for p, cost in costs]) + charge),
        energy_usd_per_mwh=1e3 * (_highest([p.energy * p.price * cost.energy for p, cost in costs]) + cuts),
        carbon_t_per_mwh=_highest([p.energy * cost.carbon for p, cost in costs]),
        firm_credit=1,
        energy_availability=asked * (1 - served.cut),
        life_years=_life(mix, [float(of_part[0]) for of_part in capital]),
        water_m3_per_mwh=sum(part.energy * offer.row.water_m3_per_mwh for part, offer in mix),
        source=site.source,
    )


def _highest(by_part: Sequence[Hours]) -> float:
    """Highest sum over the parts in any year."""
    return float(sum(by_part[1:], start=by_part[0]).max())


def _life(mix: Sequence[tuple[Part, Offer]], capital: Sequence[float]) -> float:
    """Life over which a mix loses in a year as much of its capital as its parts do."""
    if sum(capital) <= 0:
        return min(offer.row.life_years for _, offer in mix)
    lost = sum(cost / offer.row.life_years for cost, (_, offer) in zip(capital, mix, strict=True))
    return float(np.sum(capital) / lost)


def _name(parts: tuple[Part, ...], year: int, taken: set[str]) -> str:
    """Technologies and year of energisation; with a number where two mixes have the same technologies."""
    label = "+".join(part.technology for part in sorted(parts, key=lambda part: -part.energy))
    if len(label) > 50:
        label = f"{label[:40].rstrip('+')}+{len(parts)}"
    name, number = f"{label}:{year}", 1
    while name in taken:
        number += 1
        name = f"{label}:{year}.{number}"
    return name


def _part_row(option: PowerOption, part: Part) -> PortfolioPart:
    return PortfolioPart(
        site=option.site,
        option=option.option,
        technology=part.technology,
        mw_per_mw=part.capacity,
        storage_mwh_per_mw=part.storage,
        mwh_per_mwh=part.energy,
        price_factor=part.price,
        source=option.source,
    )


__all__ = ["Computed", "SitePowerError", "with_computed_power"]
