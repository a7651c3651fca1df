"""Representative days of sites whose plans hinge on the hardest hours of the year.

Where plants that run at will stand behind a load, days that are milder than the year cost little: the plants run more.
Where load may be cut within a budget for the year, where clean energy is asked for in every hour, or where weather is
all there is, a plan on mild days lacks power in the year and looks cheaper than it is. There days are refined
(`optimizer.power.refine`) with plans for nominal costs, until these cost over every hour what they cost on the days and
next to nothing is missing.

Nominal costs and needs, not those of the instance: days must not change with a price or a budget, or plans before and
after would differ for another reason, and modes and mixes that are kept would be lost with every change of a price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerNeeds, TechnologyKind, TechnologyRow
from optimizer.power.asked import hourly_needs
from optimizer.power.assemble import SiteHours, Terms, site_problem
from optimizer.power.days import Days
from optimizer.power.mix_table import days_from, days_key, kept_days, own_series, representative_site_days
from optimizer.power.profiles import Hours
from optimizer.power.refine import refine_days
from optimizer.power.rows import PowerError
from optimizer.power.site import SitePowerProblem
from optimizer.power.store import Store, content_key, versions
from optimizer.power.technologies import Cost, Offer, physical

#: Changes whenever the same inputs give other days.
VERSION = "hard days 1"
#: Share of the energy of a year that plans for nominal costs may lack, and by how much they may be off in cost.
MISSING, TOLERANCE = 1e-4, 0.02
#: Most days; each adds its 24 hours to every dispatch LP of the site.
MOST = 40
#: Nominal capital of sun and wind [B USD per GW], in turns: the mixes that plans have lie between these.
CAPITAL = ((0.8, 1.4), (0.4, 2.0), (1.6, 0.7))
#: Nominal needs, in turns: clean in nearly every hour, and cuts within a budget, cheap enough to be used.
CLEAN_HOURS = PowerNeeds(site="any", hourly_clean_share=0.9, source="nominal")
CUTS = PowerNeeds(
    site="any",
    curtailment_depth=0.3,
    curtailment_hours=400,
    curtailment_energy_share=0.005,
    curtailment_cost_usd_per_mwh=100,
    source="nominal",
)
_STORAGE, _AT_WILL = Cost(0.2, 0.2, 0.0, 0.0, 0.0), Cost(1.5, 0.0, 0.0, 0.08, 0.4)
#: Yearly cost of capital.
_RATE = 0.1


def has_hard_days(hours: SiteHours, technologies: Sequence[TechnologyRow], needs: PowerNeeds) -> bool:
    """Whether all days are to be refined, clean hours are asked for, load may be cut, or nothing runs at will."""
    weather_only = all(row.kind.follows_weather or row.kind is TechnologyKind.LITHIUM_STORAGE for row in technologies)
    return hours.refined or needs.hourly_clean_share > 0 or needs.is_curtailable or weather_only


def hard_days_key(
    hours: SiteHours, own: tuple[Hours, ...], technologies: Sequence[TechnologyRow], needs: PowerNeeds
) -> str:
    """Hash of all that the days of a site depend on; "" where they are the usual ones of its weather."""
    if not has_hard_days(hours, technologies, needs):
        return ""
    return content_key(VERSION, [versions("highspy"), days_key(hours, own), *map(physical, technologies)])


def site_days(
    instance: Instance, hours: SiteHours, technologies: Sequence[TechnologyRow], needs: PowerNeeds, store: Store
) -> Days:
    """Days that stand for the year of a site, from the store if it has them.

    Raises
    ------
    ProfileError
        If the weather or the load cannot be made.
    """
    usual = representative_site_days(instance, hours, store)
    key = hard_days_key(hours, own_series(instance, hours), technologies, needs)
    if not key:
        return usual
    kept = store.get(key)
    if kept is not None and (days := days_from(kept)) is not None:
        return days
    days = refined_days(hours.series(instance, store), usual, technologies)
    store.put(key, kept_days(days))
    return days


def refined_days(series: Mapping[str, Hours], first: Days, technologies: Sequence[TechnologyRow]) -> Days:
    """Refine days with a plan for each of the nominal costs and needs; those that cannot be met change nothing.

    Parameters
    ----------
    series
        Hours of the year.
    first
        Days to begin with.
    technologies
        All that the site may ever have.
    """
    days = first
    for needs, (solar, wind) in product((CLEAN_HOURS, CUTS), CAPITAL):
        offers = [_nominal(row, solar, wind) for row in technologies]

        def problem_on(of: Days, offers: Sequence[Offer] = offers, needs: PowerNeeds = needs) -> SitePowerProblem:
            problem = site_problem(offers, of, Terms(np.ones(1), _RATE, 1.0))
            return replace(problem, needs=replace(hourly_needs(problem.needs, needs), margin=-1.0))

        try:
            refined = refine_days(problem_on, series, days, np.ones(1), tolerance=TOLERANCE, missing=MISSING, most=MOST)
        except PowerError:
            continue
        days = refined.days
    return days


def _nominal(row: TechnologyRow, solar: float, wind: float) -> Offer:
    of_kind = {
        TechnologyKind.SOLAR: Cost(solar, 0.0, 0.0, 0.0, 0.0),
        TechnologyKind.ONSHORE_WIND: Cost(wind, 0.0, 0.0, 0.0, 0.0),
        TechnologyKind.LITHIUM_STORAGE: _STORAGE,
    }
    return Offer(row, (of_kind.get(row.kind, _AT_WILL),), (np.inf,))


__all__ = ["hard_days_key", "has_hard_days", "refined_days", "site_days"]
