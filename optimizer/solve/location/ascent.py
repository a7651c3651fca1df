"""Better prices, step by step, and what they already decide.

Deflected subgradient steps with Polyak's length towards the cost of the best plan. Wherever a bound comes within the
gap of that plan, the penalties of single sites say which of them no better plan opens, or closes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.solve.location.problem import LocationProblem, OpenSites
from optimizer.solve.location.relaxed import PricedSites, RelaxedSites
from optimizer.solve.standard_form import FloatArray

#: Share of the last direction that stays in the next one.
DEFLECTION = 0.6
#: Share of a new choice of sites in the running average of choices.
AVERAGING = 0.1
#: A bound that rises by less than this share of itself has not risen.
RISE = 2e-6


@dataclass(frozen=True)
class Pace:
    """How long and how boldly prices are improved.

    Attributes
    ----------
    steps
        At most so many.
    length
        First step, as a share of Polyak's.
    patience
        Steps without a better bound after which steps are halved.
    shortest
        Steps shorter than this share end the ascent.
    """

    steps: int
    length: float
    patience: int
    shortest: float = 0.02


@dataclass(frozen=True)
class Ascent:
    """Where the ascent of prices ended.

    Attributes
    ----------
    bound
        Best bound on every plan within the choice handed in that may still matter.
    prices
        Prices of that bound.
    choice
        What is still open to choice after fixing by penalties.
    opened
        Average of the sites opened on the way, by position in ``choice.sites``: near a half where it is undecided.
    likely
        Sites opened at the best prices.
    steps
        Steps taken.
    pruned
        Whether nothing here costs less than the cut.
    """

    bound: float
    prices: FloatArray
    choice: OpenSites
    opened: FloatArray
    likely: FloatArray
    steps: int
    pruned: bool


def raise_prices(
    problem: LocationProblem,
    choice: OpenSites,
    prices: FloatArray,
    pace: Pace,
    *,
    cut: float,
    target: float,
    goes_on: Callable[[int], bool] = lambda _: True,
) -> Ascent:
    """Improve prices for a choice of sites, and fix what the cut decides.

    Parameters
    ----------
    cut
        Plans that cost this or more do not matter.
    target
        Cost that steps aim at: that of the best plan known.
    goes_on
        Asked before every step but the first, and told how many arcs the last one priced; what is found by then holds.
    """
    priced = PricedSites(problem, choice)
    best, best_prices, likely = -np.inf, prices, np.zeros(len(choice.sites))
    average: FloatArray | None = None
    direction = np.zeros(len(prices))
    length, idle, step = pace.length, 0, 0
    while True:
        step += 1
        found = priced.at(prices)
        idle = 0 if found.bound > best + RISE * abs(best) or not np.isfinite(best) else idle + 1
        average = found.opened if average is None else average + AVERAGING * (found.opened - average)
        if found.bound > best:
            best, best_prices, likely = found.bound, prices, found.opened
            if best >= cut:
                return Ascent(best, prices, choice, average, likely, step, pruned=True)
            kept, must = _decided(found, choice, cut)
            if not kept.all() or must.sum() > choice.must.sum():
                choice = OpenSites(choice.sites[kept], must[kept])
                average, likely = average[kept], likely[kept]
                priced = PricedSites(problem, choice)
        if not goes_on(priced.arcs) or choice.decided or step >= pace.steps:
            break
        if idle >= pace.patience:
            length, idle = length / 2, 0
            if length < pace.shortest:
                break
        direction = problem.demand - found.served + DEFLECTION * direction
        squared = float(direction @ direction)
        if squared <= 0.0:
            break
        prices = prices + length * (target - found.bound) / squared * direction
    return Ascent(best, best_prices, choice, average, likely, step, pruned=False)


def _decided(found: RelaxedSites, choice: OpenSites, cut: float) -> tuple[np.ndarray, np.ndarray]:
    """Which sites are kept, and which are then open for certain."""
    free = ~choice.must
    kept = ~(free & (found.bound + found.penalty >= cut))
    must = choice.must | (free & (found.bound - found.penalty >= cut))
    return kept, must
