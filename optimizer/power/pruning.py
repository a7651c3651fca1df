"""Which of many portfolios of a site are worth being options: few, between which no plan loses much.

A portfolio competes by its date, its cost, and what it takes of things that sites share or that are limited at the
site: grid, long-lead items, gas, carbon. What these will be worth is known only after the solve. So the choice is made
against many prices that they might have, and for an addition in each year of the plan: the portfolio that lowers the
sum of the least costs most comes first, then the next beside it, until the most options are chosen or another one
lowers the sum by next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.power.profiles import Hours

#: What a kW that stands idle for want of power may be worth [USD per kW and year].
WORTH_OF_POWER = 1_500.0
#: Prices that anything scarce may have: dear, and out of reach [USD per kW and year].
DEAR, OUT_OF_REACH = 200.0, 1_000.0
#: Price of carbon of one of the futures [USD per t].
CARBON_PRICE = 100.0
#: Weight of the future in which nothing is scarce, those in which something is have 1.
PLAIN_WEIGHT = 3.0
#: Share of the sum of least costs below which another option is worth nothing.
NEXT_TO_NOTHING = 2e-3


@dataclass(frozen=True)
class Candidate:
    """A portfolio by what decides whether it is chosen.

    Attributes
    ----------
    available_from
        Month.
    cost
        Of carrying a kW for a year, capital included [USD per kW and year].
    carbon
        Of a year [t per kW].
    takes
        kW of each scarce thing per kW carried.
    """

    available_from: int
    cost: float
    carbon: float
    takes: Mapping[str, float]


def worth_keeping(candidates: Sequence[Candidate], years: Sequence[int], most: int) -> list[int]:
    """Positions of the candidates that become options, in the order given.

    Parameters
    ----------
    candidates
        Portfolios of a site.
    years
        Calendar years in which they may be added.
    most
        Most options.
    """
    if len(candidates) <= most:
        return list(range(len(candidates)))
    costs, weights = _costs(candidates, years)
    chosen: list[int] = []
    least = np.full(costs.shape[1:], WORTH_OF_POWER)
    while len(chosen) < most:
        sums = (np.minimum(costs, least) * weights).sum(axis=(1, 2))
        best = int(np.argmin(sums))
        before = float((least * weights).sum())
        if chosen and before - sums[best] <= NEXT_TO_NOTHING * before:
            break
        chosen.append(best)
        least = np.minimum(least, costs[best])
    return sorted(chosen)


def _futures(things: int) -> Hours:
    """Prices of scarce things: none; one dear; one or two out of reach; all dear; none, but of carbon."""
    each = np.eye(things)
    pairs = [each[one] + each[other] for one in range(things) for other in range(one)]
    out = OUT_OF_REACH * np.reshape([*each, *pairs], (-1 if things else 0, things))
    return np.vstack([np.zeros(things), DEAR * each, out, np.full(things, DEAR), np.zeros(things)])


def _costs(candidates: Sequence[Candidate], years: Sequence[int]) -> tuple[Hours, Hours]:
    """Cost of each candidate in each future for a kW wanted from each year on, and the weight of each future.

    A candidate that comes later leaves the kW idle until then.
    """
    things = sorted({thing for candidate in candidates for thing in candidate.takes})
    takes = np.array([[candidate.takes.get(thing, 0.0) for thing in things] for candidate in candidates])
    prices = _futures(len(things))
    of_carbon = np.zeros(len(prices))
    of_carbon[-1] = CARBON_PRICE
    cost = np.array([candidate.cost for candidate in candidates])
    carbon = np.array([candidate.carbon for candidate in candidates])
    running = cost[:, None] + takes @ prices.T + carbon[:, None] * of_carbon
    start = 12 * np.array(years)
    late = np.array([np.maximum(0, candidate.available_from - start) for candidate in candidates]) / 12
    last = start[-1] + 12 - start
    idle = np.minimum(late, last / 12)
    spans = last / 12
    weights = np.ones((len(prices), 1))
    weights[0] = PLAIN_WEIGHT
    yearly = (WORTH_OF_POWER * idle[:, None, :] + running[:, :, None] * (spans - idle)[:, None, :]) / spans
    return np.asarray(yearly, dtype=float), np.asarray(weights, dtype=float)
