"""Sites drawn from the world's, each with the power and the committed builds of its original."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.instance.calendar import Calendar
from optimizer.instance.instance import Instance
from optimizer.instance.iso_countries import lies_in
from optimizer.instance.schema import CommittedBuild, GridStep, PowerOption, Site
from scripts.resampling.draw import Draw, rounded

#: Relative spread of capacities and of costs around the original.
SIZE_SPREAD, COST_SPREAD = 0.2, 0.08
#: Spread of places [degrees], and how often a place within the country is looked for.
PLACE_SPREAD, PLACE_TRIALS = 0.5, 20
LARGEST_NUMBER_OF_MODULES = 100


@dataclass(frozen=True)
class SiteCopy:
    """A drawn site with everything that belongs to it alone."""

    original: Site
    site: Site
    options: tuple[PowerOption, ...]
    steps: tuple[GridStep, ...]
    committed: tuple[CommittedBuild, ...]


def draw_sites(world: Instance, wanted: int, calendar: Calendar, draw: Draw) -> tuple[SiteCopy, ...]:
    """Draw sites so that pools and countries keep their shares."""
    ordered = sorted(world.sites, key=lambda site: (site.pool, site.country, site.site))
    numbers: Counter[str] = Counter()
    copies = []
    for position in draw.systematic(len(ordered), wanted):
        original = ordered[position]
        numbers[original.site] += 1
        number = numbers[original.site]
        if number > 1:
            numbered = {"site": f"{original.site}-{number}", "name": f"{original.name} ({number})"}
            copies.append(_copy(world, original, original.model_copy(update=numbered), calendar, draw))
        else:
            copies.append(_copy(world, original, original, calendar, draw))
    return tuple(copies)


def _copy(world: Instance, original: Site, named: Site, calendar: Calendar, draw: Draw) -> SiteCopy:
    """Draw the numbers of a site that has its name already."""
    name = named.site
    committed = tuple(
        row.model_copy(update={"site": name})
        for row in world.committed
        if row.site == original.site and calendar.first_period_from(row.online_from) < len(calendar)
    )
    site = _site(world, named, calendar, sum(row.modules for row in committed), draw)
    size = site.module_mw * site.max_modules / (original.module_mw * original.max_modules)
    # What is being built has its power; only the date of other power is uncertain.
    later = 0 if committed else draw.months(0, 0, 3, 6)
    return SiteCopy(
        original=original,
        site=site,
        options=tuple(_option(row, name, size, later, draw) for row in world.options_of_site[original.site]),
        steps=tuple(
            row.model_copy(
                update={
                    "site": name,
                    "available_from": row.available_from + later,
                    "cumulative_mw": rounded(row.cumulative_mw * size),
                }
            )
            for row in world.grid_steps
            if row.site == original.site
        ),
        committed=committed,
    )


def _site(world: Instance, original: Site, calendar: Calendar, built: int, draw: Draw) -> Site:
    last_payment = max(
        (row.months_after_commitment for row in world.spend_profiles if row.profile == original.spend_profile),
        default=0,
    )
    lead = max(last_payment, original.lead_months + draw.months(-3, 0, 3))
    # As late as may be, but not so late that nothing can be built within the plan.
    latest = max(calendar.start, calendar.end - world.settings.model.minimum_operating_months - lead - 6)
    modules = round(original.max_modules * draw.factor(SIZE_SPREAD))
    heat = draw.factor(0.15)
    latitude, longitude = _place(original, draw)
    return original.model_copy(
        update={
            "latitude": latitude,
            "longitude": longitude,
            "module_mw": 10.0 * max(1, round(original.module_mw * draw.factor(SIZE_SPREAD) / 10)),
            "max_modules": min(LARGEST_NUMBER_OF_MODULES, max(1, built, modules)),
            "lead_months": lead,
            "earliest_start": min(original.earliest_start + draw.months(0, 0, 3, 6), latest),
            "open_cost_musd": draw.near(original.open_cost_musd, 2 * COST_SPREAD),
            "module_cost_usd_per_kw": draw.near(original.module_cost_usd_per_kw, COST_SPREAD),
            "om_usd_per_kw_year": draw.near(original.om_usd_per_kw_year, COST_SPREAD),
            "pue_average": rounded(1 + (original.pue_average - 1) * heat),
            "pue_peak": rounded(1 + (original.pue_peak - 1) * heat),
            "source": f"drawn around: {original.source}",
        }
    )


def _place(original: Site, draw: Draw) -> tuple[float, float]:
    """Place near the original in the same country; always the same number of draws."""
    trials = [(draw.shift(PLACE_SPREAD), draw.shift(PLACE_SPREAD)) for _ in range(PLACE_TRIALS)]
    for north, east in trials:
        latitude, longitude = round(original.latitude + north, 4), round(original.longitude + east, 4)
        if lies_in(original.country, longitude, latitude):
            return latitude, longitude
    return original.latitude, original.longitude


def _option(row: PowerOption, name: str, size: float, later: int, draw: Draw) -> PowerOption:
    return row.model_copy(
        update={
            "site": name,
            "available_from": row.available_from + later,
            "max_mw": rounded(row.max_mw * size),
            "capex_usd_per_kw": draw.near(row.capex_usd_per_kw, COST_SPREAD),
            "fixed_usd_per_kw_year": draw.near(row.fixed_usd_per_kw_year, COST_SPREAD),
            "energy_usd_per_mwh": draw.near(row.energy_usd_per_mwh, COST_SPREAD),
            "source": f"drawn around: {row.source}",
        }
    )


@dataclass(frozen=True)
class Growth:
    """IT power that fits on the drawn sites, over that of the world: what is shared grows as much.

    Attributes
    ----------
    total
        Of all sites.
    by_pool, by_grid_region
        Of the sites of a pool and of a grid region; only those that have drawn sites.
    """

    total: float
    by_pool: Mapping[str, float]
    by_grid_region: Mapping[str, float]

    @classmethod
    def of(cls, world: Instance, copies: Sequence[SiteCopy]) -> Growth:
        """Compare drawn sites with the world's."""
        before, after = _capacities(world.sites), _capacities([copy.site for copy in copies])
        ratio = {key: after[key] / before[key] for key in after}
        return cls(
            total=ratio["", ""],
            by_pool={name: value for (kind, name), value in ratio.items() if kind == "pool"},
            by_grid_region={name: value for (kind, name), value in ratio.items() if kind == "grid"},
        )


def _capacities(sites: Sequence[Site]) -> Counter[tuple[str, str]]:
    totals: Counter[tuple[str, str]] = Counter()
    for site in sites:
        for key in (("", ""), ("pool", site.pool), ("grid", site.grid_region)):
            totals[key] += site.module_mw * site.max_modules  # type: ignore[assignment]  # counts need not be whole
    return totals
