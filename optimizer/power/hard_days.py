"""Days of the year that plans made on representative days leave without energy, where nothing can stand in.

A site with plants that run at will loses little when the days that stand for its year are milder than the year: the
plants run more. Where clean energy is asked for in every hour, or weather is all there is, the lull that no
representative day has leaves the load without power, and a plan made without it looks cheaper than it is. So plans are
made for nominal costs, dispatched over every hour of the year, and the days that lack most energy stand for themselves
from then on, until next to nothing is missing.

Nominal costs, not those of the instance: which days are hard must not change with a price, or modes and mixes that are
kept would be lost with every change of a price, and plans before and after it would differ for another reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerNeeds, TechnologyKind, TechnologyRow
from optimizer.power.asked import hourly_key, hourly_needs
from optimizer.power.assemble import SiteHours, Terms, site_problem
from optimizer.power.days import Days, all_days, with_days_apart
from optimizer.power.dispatch import size_site
from optimizer.power.full_year import dispatch_full_year
from optimizer.power.mix_table import days_key, own_series, representative_site_days
from optimizer.power.profiles import Hours
from optimizer.power.rows import PowerError
from optimizer.power.site import SitePowerProblem
from optimizer.power.store import Store, content_key, versions
from optimizer.power.technologies import Cost, Offer, physical

#: Changes whenever the same inputs give other days.
VERSION = "hard days 1"
#: Share of the energy of a year that may be missing on days that no longer need to stand for themselves.
BOUND = 2e-4
#: Most days that stand for themselves, and how many more after each dispatch of the year.
MOST, TOGETHER = 24, 2
#: Nominal capital of sun and wind [B USD per GW], in turns: the mixes that plans have lie between these.
REFERENCES = ((0.8, 1.4), (0.4, 2.0), (1.6, 0.7))
_STORAGE = Cost(0.2, 0.2, 0.0, 0.0, 0.0)
_AT_WILL = Cost(1.5, 0.0, 0.0, 0.08, 0.4)
_RATE, _CUT = 0.1, 1.0


def has_hard_days(technologies: Sequence[TechnologyRow], needs: PowerNeeds) -> bool:
    """Whether a lull leaves the load without power: clean hours are asked for, or nothing runs at will."""
    weather_only = all(row.kind.follows_weather or row.kind is TechnologyKind.LITHIUM_STORAGE for row in technologies)
    return needs.hourly_clean_share > 0 or weather_only


def hard_days(
    series: Mapping[str, Hours], first: Days, technologies: Sequence[TechnologyRow], needs: PowerNeeds
) -> tuple[int, ...]:
    """Days of the year that shall stand for themselves, beside those that stand for it already.

    Parameters
    ----------
    series
        Hours of the year.
    first
        Days that stand for the year.
    technologies
        All that the site may ever have.
    needs
        What its load asks for.
    """
    if not has_hard_days(technologies, needs):
        return ()
    apart: tuple[int, ...] = ()
    for solar, wind in REFERENCES:
        offers = [_nominal(row, solar, wind) for row in technologies]

        def problem_on(days: Days, offers: Sequence[Offer] = offers) -> SitePowerProblem:
            problem = site_problem(offers, days, Terms(np.ones(1), _RATE, 1.0))
            asked = replace(hourly_needs(problem.needs, needs), margin=-1.0, shed_cost=_CUT, demand_charge=0.0)
            return replace(problem, needs=asked)

        apart = days_without_energy(problem_on, series, first, apart)
    return apart


def _nominal(row: TechnologyRow, solar: float, wind: float) -> Offer:
    of_kind = {
        TechnologyKind.SOLAR: Cost(solar, 0.0, 0.0, 0.0, 0.0),
        TechnologyKind.ONSHORE_WIND: Cost(wind, 0.0, 0.0, 0.0, 0.0),
        TechnologyKind.LITHIUM_STORAGE: _STORAGE,
    }
    return Offer(row, (of_kind.get(row.kind, _AT_WILL),), (np.inf,))


def hard_site_days(
    instance: Instance, hours: SiteHours, technologies: Sequence[TechnologyRow], needs: PowerNeeds, store: Store
) -> tuple[int, ...]:
    """Hard days of a site with these technologies, from the store if it has them.

    Raises
    ------
    ProfileError
        If the weather or the load cannot be made.
    """
    if not has_hard_days(technologies, needs):
        return ()
    days = days_key(hours, own_series(instance, hours))
    key = content_key(VERSION, [versions("highspy"), days, *map(physical, technologies), hourly_key(needs)])
    kept = store.get(key)
    if kept is not None and "apart" in kept:
        return tuple(kept["apart"].tolist())
    first = representative_site_days(instance, hours, store)
    apart = hard_days(hours.series(instance, store), first, technologies, needs)
    store.put(key, {"apart": np.array(apart, dtype=np.int64)})
    return apart


def days_without_energy(
    problem_on: Callable[[Days], SitePowerProblem],
    series: Mapping[str, Hours],
    first: Days,
    apart: tuple[int, ...] = (),
    *,
    bound: float = BOUND,
    most: int = MOST,
) -> tuple[int, ...]:
    """Let days that a plan leaves without energy stand for themselves until it leaves next to none; worst first.

    Parameters
    ----------
    problem_on
        The site on given days.
    series
        Hours of the year.
    first
        Days to begin with.
    apart
        Days that stand for themselves to begin with.
    bound
        Share of the energy that may be missing.
    most
        Most days that stand for themselves.
    """
    whole = problem_on(all_days(series))
    energy = float(whole.slices.hours @ whole.needs.pue) / 1e3
    while len(apart) < most:
        lacking = _lacking(problem_on(with_days_apart(series, first, apart)), whole)
        worst = np.argsort(-lacking, kind="stable")[:TOGETHER].tolist()
        new = [day for day in worst if lacking[day] > 0 and day not in apart]
        if lacking.sum() <= bound * energy or not new:
            break
        apart = (*apart, *new)
    return apart


def _lacking(site: SitePowerProblem, whole: SitePowerProblem) -> Hours:
    """Energy that the cheapest plan lacks on each day of the year [TWh]; 0 where nothing carries the load."""
    load = np.ones(1)
    try:
        year = dispatch_full_year(site, size_site(site, load), whole)
    except PowerError:
        return np.zeros(365)
    return np.asarray(year.missing.sum(axis=0).reshape(365, 24).sum(axis=1) / 1e3, dtype=float)


__all__ = ["days_without_energy", "hard_days", "hard_site_days", "has_hard_days"]
