"""Power options of sites whose power is computed: mixes of technologies from the dispatch LP.

They are static: one mix per energisation, without re-use of what another option built, at the highest costs of all
years in which the option may be added or used. So a plan on them costs at least what an exact one would.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PortfolioPart, PowerKind, PowerOption, Site, SitePower, TechnologyKind
from optimizer.power.assemble import KEEP_HIGHEST, KEEP_LOWEST, SiteHours
from optimizer.power.days import Days, representative_days
from optimizer.power.inputs import inputs_hash
from optimizer.power.mixes import Load, Part, parts_of, solve_mix, unit_problem
from optimizer.power.profiles import Hours, ProfileError
from optimizer.power.rows import PowerError
from optimizer.power.site import SitePowerProblem
from optimizer.power.technologies import Offer, offers_of_site

#: Typical days; the extreme ones come on top (SEMANTICS 12.9).
TYPICAL_DAYS = 3
#: Share by which a later energisation must be cheaper to be an option of its own.
WORTH_AN_OPTION = 1e-9
#: No plan pays as much for power: sun or wind alone where lulls are long.
HOPELESS_USD_PER_KW = 60_000
#: A computed option has no limit of its own, its technologies have; more than any site can use.
UNLIMITED_MW = 1e5
SOURCE = "computed from technologies.csv, static and conservative; inputs {}"

POWER_KIND = {
    TechnologyKind.GRID_FIRM: PowerKind.GRID_FIRM,
    TechnologyKind.GRID_INTERRUPTIBLE: PowerKind.GRID_INTERRUPTIBLE,
    TechnologyKind.OPEN_CYCLE_GAS: PowerKind.GAS_TURBINE,
    TechnologyKind.COMBINED_CYCLE_GAS: PowerKind.GAS_TURBINE,
    TechnologyKind.GAS_ENGINE: PowerKind.GAS_ENGINE,
    TechnologyKind.FUEL_CELL: PowerKind.FUEL_CELL,
    TechnologyKind.SOLAR: PowerKind.RENEWABLES_STORAGE,
    TechnologyKind.ONSHORE_WIND: PowerKind.RENEWABLES_STORAGE,
    TechnologyKind.LITHIUM_STORAGE: PowerKind.RENEWABLES_STORAGE,
    TechnologyKind.NUCLEAR_LARGE: PowerKind.NUCLEAR,
    TechnologyKind.NUCLEAR_SMALL: PowerKind.NUCLEAR,
    TechnologyKind.GEOTHERMAL: PowerKind.GEOTHERMAL,
    TechnologyKind.HYDRO_CONTRACT: PowerKind.HYDRO,
}


class SitePowerError(PowerError):
    """A site whose power cannot be computed."""

    def __init__(self, site: str, problem: str) -> None:
        super().__init__(f"site '{site}': {problem}")
        self.site = site
        self.problem = problem


class MixSolver(Protocol):
    """Solves the LP of a mix, or knows the answer already."""

    solved: int
    known: int

    def __call__(self, problem: SitePowerProblem, load: Load) -> Hours:
        """Rows capacity, storage, energy, price as `solve_mix` gives them."""
        ...


class DirectSolver:
    """Solves every LP anew."""

    def __init__(self) -> None:
        self.solved = 0
        self.known = 0

    def __call__(self, problem: SitePowerProblem, load: Load) -> Hours:
        """Solve."""
        self.solved += 1
        return solve_mix(problem, load)


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


def with_computed_power(instance: Instance, solver: MixSolver | None = None) -> Computed:
    """Replace the options of every site that has a row in `site_power` by computed ones.

    Options that were computed from the same inputs stay as they are, with what was changed in them since.

    Raises
    ------
    SitePowerError
        If no technology on offer can ever carry the load of a site, or its weather cannot be made.
    """
    began, solver = time.monotonic(), solver or DirectSolver()
    computed = {row.site for row in instance.site_power}
    options = [option for option in instance.power_options if option.site not in computed]
    parts: list[PortfolioPart] = []
    made: list[str] = []
    days: dict[SiteHours, Days] = {}
    for row in instance.site_power:
        source = SOURCE.format(inputs_hash(instance, row))
        known = instance.options_of_site[row.site]
        if known and all(option.source == source for option in known):
            options += known
            parts += [part for o in known for part in instance.parts_of_option.get((o.site, o.option), ())]
            continue
        new = list(_options(_Site.of(instance, row, source, days), solver))
        if not new:
            raise SitePowerError(row.site, "no technology of technology_limits.csv can carry its load within the plan")
        options += [option for option, _ in new]
        parts += [part for _, of_option in new for part in of_option]
        made.append(row.site)
    steps = tuple(step for step in instance.grid_steps if step.site not in computed)
    changed = replace(instance, power_options=tuple(options), portfolio_parts=tuple(parts), grid_steps=steps)
    count = sum(option.site in computed for option in options)
    return Computed(changed, tuple(made), count, solver.solved, solver.known, time.monotonic() - began)


@dataclass(frozen=True)
class _Site:
    """A site, its technologies with costs in each year of the plan, and its weather."""

    instance: Instance
    site: Site
    offers: tuple[Offer, ...]
    days: Days
    years: tuple[int, ...]
    source: str

    @classmethod
    def of(cls, instance: Instance, row: SitePower, source: str, known: dict[SiteHours, Days]) -> _Site:
        site, years = instance.site_by_id[row.site], tuple(instance.calendar.years)
        offers = offers_of_site(instance, row.site, [12 * year for year in years])
        key = SiteHours.of(instance, row)
        if key not in known:
            try:
                known[key] = representative_days(
                    key.series(instance), TYPICAL_DAYS, keep_highest=KEEP_HIGHEST, keep_lowest=KEEP_LOWEST
                )
            except ProfileError as error:
                raise SitePowerError(row.site, str(error)) from error
        return cls(instance, site, offers, known[key], years, source)

    @property
    def load(self) -> Load:
        share = self.instance.settings.power.average_load_share
        return Load(self.site.pue_peak, share, self.site.module_gw)

    @property
    def rate(self) -> float:
        return self.instance.country_by_code[self.site.country].wacc_fraction

    def earliest(self, offer: Offer) -> float:
        """First month in which there can be any of a technology; infinite if never."""
        months = [
            limit.holds_from
            for limit in self.instance.technology_limits
            if (limit.site, limit.technology) == (self.site.site, offer.row.technology) and limit.cumulative_mw > 0
        ]
        return max(self.instance.calendar.start + offer.row.lead_months, min(months, default=math.inf))


def choices(offers: Sequence[Offer]) -> Iterator[tuple[Offer, ...]]:
    """Sets of technologies that a portfolio may mix.

    Every firm source alone, and with sun, wind and storage; these alone; everything but the grid; everything.
    """
    variable = [o for o in offers if o.row.kind.follows_weather or o.row.kind is TechnologyKind.LITHIUM_STORAGE]
    firm = [offer for offer in offers if offer not in variable]
    sets = [[source] for source in firm] + [[source, *variable] for source in firm] + [variable]
    sets += [[o for o in offers if not o.row.kind.is_grid], list(offers)]
    seen = set()
    for chosen in sets:
        names = frozenset(offer.row.technology for offer in chosen)
        if names and names not in seen and any(o.row.kind is not TechnologyKind.LITHIUM_STORAGE for o in chosen):
            seen.add(names)
            yield tuple(chosen)


def _options(site: _Site, solver: MixSolver) -> Iterator[tuple[PowerOption, tuple[PortfolioPart, ...]]]:
    """Options by year of energisation; a later one only where it is cheaper in some way than all before it."""
    before: dict[tuple[Part, ...], list[PowerOption]] = {}
    names: set[str] = set()
    for position, year in enumerate(site.years):
        there = [offer for offer in site.offers if site.earliest(offer) < 12 * year + 12]
        for chosen in choices(there):
            problem = unit_problem(chosen, position, site.days, site.load, site.rate)
            try:
                solved = solver(problem, site.load)
            except PowerError:
                continue  # these technologies cannot carry a load by themselves
            parts = parts_of(problem, chosen, solved)
            made = _option(site, parts, position, names)
            if made.capex_usd_per_kw > HOPELESS_USD_PER_KW:
                continue
            same = before.setdefault(_rounded(parts), [])
            if any(_as_good(earlier, made) for earlier in same):
                continue
            same.append(made)
            names.add(made.option)
            yield made, tuple(_part_row(made, part) for part in parts)


def _rounded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(Part(p.technology, *(round(x, 6) for x in (p.capacity, p.storage, p.energy, p.price))) for p in parts)


def _as_good(earlier: PowerOption, later: PowerOption) -> bool:
    """Whether an option is available as early and costs as little in every way."""
    columns = ("available_from", "capex_usd_per_kw", "fixed_usd_per_kw_year", "energy_usd_per_mwh", "carbon_t_per_mwh")
    return all(getattr(earlier, c) <= getattr(later, c) * (1 + WORTH_AN_OPTION) for c in columns)


def _option(site: _Site, parts: tuple[Part, ...], position: int, names: set[str]) -> PowerOption:
    """A mix at its highest cost of this year and all later ones of the plan."""
    offers = {offer.row.technology: offer for offer in site.offers}
    mix = [(part, offers[part.technology]) for part in parts]
    years = range(position, len(site.years))
    capital = [[p.capacity * o.costs[y].capex + p.storage * o.costs[y].energy_capex for p, o in mix] for y in years]
    month = max(12 * site.years[position], site.instance.calendar.start, *(site.earliest(o) for _, o in mix))
    load = site.site
    main = max(mix, key=lambda pair: pair[0].energy)[1]
    return PowerOption(
        site=site.site.site,
        option=_name(parts, site.years[position], names),
        kind=POWER_KIND[main.row.kind],
        available_from=int(month),
        max_mw=UNLIMITED_MW,
        capex_usd_per_kw=1e3 * max(sum(of_year) for of_year in capital),
        fixed_usd_per_kw_year=1e3 * max(sum(p.capacity * o.costs[y].fixed for p, o in mix) for y in years),
        energy_usd_per_mwh=1e3 * max(sum(p.energy * p.price * o.costs[y].energy for p, o in mix) for y in years),
        carbon_t_per_mwh=max(sum(p.energy * o.costs[y].carbon for p, o in mix) for y in years),
        firm_credit=1,
        energy_availability=min(1.0, load.pue_average * site.load.share / load.pue_peak),
        life_years=_life(mix, capital[0]),
        water_m3_per_mwh=sum(part.energy * offer.row.water_m3_per_mwh for part, offer in mix),
        source=site.source,
    )


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
