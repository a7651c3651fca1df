"""Representative days chosen by what the year says about a plan, until the plan costs what it was thought to.

Days that look alike in the weather can differ in what they ask of a plan: typical days smooth lulls of wind, and the
yearly budget of cuts runs out. So a plan made on typical days is dispatched over every hour, groups of days of which
the costs differ most are split in two, each half with the day that stands best for its cost, and the plan is made
again. With 365 groups the days are the year itself and the error is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import process_time

import numpy as np

from optimizer.power.days import Days, Indices, all_days, chosen_days
from optimizer.power.dispatch import Plan, size_site
from optimizer.power.full_year import FullYear, dispatch_full_year
from optimizer.power.profiles import Hours
from optimizer.power.site import SitePowerProblem

#: Groups that are split after each dispatch of the year.
SPLITS = 3


@dataclass(frozen=True)
class Round:
    """One plan and what the year says about it.

    Attributes
    ----------
    days
        Representative days.
    cost
        Of the plan on these days [B USD].
    cost_difference
        Cost over every hour less that, as share of it.
    unserved
        Energy missing in a year, the most of any period [TWh].
    seconds_plan, seconds_year
        Processor time of the LP and of the dispatch of the year.
    """

    days: int
    cost: float
    cost_difference: float
    unserved: float
    seconds_plan: float
    seconds_year: float


@dataclass(frozen=True)
class Refined:
    """Days on which a plan costs what it costs in the year, with that plan.

    Attributes
    ----------
    days
        Representative days.
    plan
        Made on them.
    year
        The plan dispatched over every hour.
    rounds
        How it came to that.
    """

    days: Days
    plan: Plan
    year: FullYear
    rounds: tuple[Round, ...]


def refine_days(
    problem_on: Callable[[Days], SitePowerProblem],
    series: Mapping[str, Hours],
    first: Days,
    load: Hours,
    *,
    tolerance: float = 0.02,
    missing: float = 1.0,
    most: int = 365,
) -> Refined:
    """Make a plan on representative days, and split groups of days until it costs the same over the whole year.

    Parameters
    ----------
    problem_on
        The site on given days.
    series
        Hours of the year.
    first
        Days to begin with.
    load
        IT load of each period (P) [GW].
    tolerance
        Most difference of the costs on the days and over the year, as share of the former.
    missing
        Most energy that may be missing, as share of what is asked for.
    most
        Days from which on it ends whatever is wrong.

    Raises
    ------
    PowerError
        If nothing on offer carries the load on the days, or limits of the year cannot be met.
    """
    whole, days, rounds = problem_on(all_days(series)), first, list[Round]()
    asked = load * float(whole.slices.hours @ whole.needs.pue) / 1e3
    while True:
        began = process_time()
        site = problem_on(days)
        plan = size_site(site, load)
        planned = process_time()
        year = dispatch_full_year(site, plan, whole)
        spent = (planned - began, process_time() - planned)
        rounds.append(Round(days.count, plan.cost, year.cost_difference, float(year.unserved.max()), *spent))
        right = abs(year.cost_difference) <= tolerance and (year.unserved <= missing * asked).all()
        if right or days.count >= most:
            return Refined(days, plan, year, tuple(rounds))
        worth = year.worth.sum(axis=0).reshape(365, 24).sum(axis=1)
        days = split_days(series, days.stands, worth)


def split_days(series: Mapping[str, Hours], stands: Indices, worth: Hours, splits: int = SPLITS) -> Days:
    """Split the groups within which the cost of days differs most; each group gets the day nearest to its mean cost.

    Parameters
    ----------
    series
        Hours of the year.
    stands
        Group of each day of the year.
    worth
        Cost of each day of the year [B USD].
    splits
        Groups to split.
    """
    groups = [np.flatnonzero(stands == group) for group in range(stands.max() + 1)]
    negligible = 1e-9 * float(np.abs(worth).sum())
    for split in range(splits):
        spread = [_spread(worth[group]) if len(group) > 1 else -1.0 for group in groups]
        widest = int(np.argmax(spread))
        # The first split is made whatever the costs, so that the days come nearer to the year with every call.
        if spread[widest] < 0 or (split > 0 and spread[widest] <= negligible):
            break
        groups[widest : widest + 1] = _halves(groups[widest], worth)
    chosen = [int(group[np.argmin(np.abs(worth[group] - worth[group].mean()))]) for group in groups]
    apart = np.zeros(len(stands), dtype=np.intp)
    for number, group in enumerate(groups):
        apart[group] = number
    return chosen_days(series, chosen, apart)


def _spread(worth: Hours) -> float:
    return float(np.abs(worth - worth.mean()).sum())


def _halves(group: Indices, worth: Hours) -> list[Indices]:
    """The two parts of a group, one dearer than the other, whose days are nearest to the means of their parts."""
    ordered = group[np.argsort(worth[group], kind="stable")]
    spreads = [_spread(worth[ordered[:cut]]) + _spread(worth[ordered[cut:]]) for cut in range(1, len(ordered))]
    cut = 1 + int(np.argmin(spreads))
    return [ordered[:cut], ordered[cut:]]
