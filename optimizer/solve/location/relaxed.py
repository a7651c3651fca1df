"""What customers' prices say of all plans: the Lagrangian bound of a location problem.

Let every customer pay a price per unit wherever the service comes from, and drop the rule that demand is met exactly.
Then each site takes the customers that gain it most until it is full, a knapsack with parts, and what is left is which
sites to open so that their capacity covers all demand. At prices p,

    bound(p) = sum_j demand[j] p[j] + min sum_i (fixed_cost[i] + gain[i]) y[i]  where  sum_i capacity[i] y[i] >= demand
    gain[i]  = min sum_j (unit_cost[i, j] - p[j]) x[j]  where  sum_j x[j] <= capacity[i],  0 <= x[j] <= demand[j]

is a lower bound on the cost of every plan, whatever the prices; with the best prices it is that of the strong
relaxation or better (Cornuejols, Sridharan and Thizy, European Journal of Operational Research 50, 1991). The choice of
sites is bounded by its own relaxation, in which one site may be open in part, or solved exactly where all capacities
are alike: then it is a number of sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.solve.location.problem import IndexArray, LocationProblem, OpenSites
from optimizer.solve.standard_form import FloatArray

#: Demand may exceed capacity by this share before capacities are taken to be too small.
ROOM = 1e-9


@dataclass(frozen=True)
class RelaxedSites:
    """Best of every site at some prices.

    Attributes
    ----------
    bound
        No plan costs less; infinite if the sites cannot serve all demand.
    penalty
        By site: what `bound` rises by at least when the site is opened, or minus what it rises by when it is closed.
    opened
        How much of each site is open.
    served
        What the open sites give to each customer, by which prices are judged.
    """

    bound: float
    penalty: FloatArray
    opened: FloatArray
    served: FloatArray


class PricedSites:
    """Sites that are not closed yet, ready to be valued at one set of prices after another."""

    def __init__(self, problem: LocationProblem, choice: OpenSites) -> None:
        self.choice = choice
        self._problem = problem
        self._demand = problem.demand
        self._cost = problem.unit_cost[choice.sites]
        self._capacity = problem.capacity[choice.sites]
        self._fixed = problem.fixed_cost[choice.sites]
        self._total = problem.total_demand
        capacity = self._capacity
        self._alike = len(capacity) > 0 and bool(capacity.min() == capacity.max())

    @property
    def arcs(self) -> int:
        """Pairs of a site and a customer that have to be looked at."""
        return self._cost.size

    def at(self, prices: FloatArray) -> RelaxedSites:
        """Value the sites."""
        gain, owner, customer, amount = self._knapsacks(prices)
        worth = self._fixed + gain
        opened, price = self._cover(worth)
        bound = float(prices @ self._demand + worth @ opened) if opened is not None else np.inf
        if opened is None:
            nothing = np.zeros(0)
            return RelaxedSites(np.inf, nothing, nothing, nothing)
        served = _sums(customer, amount * opened[owner], len(self._demand))
        return RelaxedSites(bound, worth - price * self._capacity, opened, served)

    def _knapsacks(self, prices: FloatArray) -> tuple[FloatArray, IndexArray, IndexArray, FloatArray]:
        """Gain of each site (at most 0), and who takes how much of which customer."""
        customers, sites = len(self._demand), len(self._capacity)
        margin = (self._cost - prices).ravel()
        arcs = np.flatnonzero(margin < 0)
        margin = margin[arcs]
        owner = arcs // customers
        # By site, best customers first: one key for both.
        span = -2.0 * margin.min() if len(margin) else 1.0
        order = np.argsort(owner * span + margin)
        margin, customer = margin[order], (arcs[order] - owner * customers)
        weight = self._demand[customer]
        filled = np.cumsum(weight)
        before = np.concatenate([np.zeros(1), filled])[np.searchsorted(owner, np.arange(sites))]
        room = self._capacity[owner] - (filled - weight - before[owner])
        amount = np.minimum(weight, np.maximum(room, 0.0))
        return _sums(owner, margin * amount, sites), owner, customer, amount

    def _cover(self, worth: FloatArray) -> tuple[FloatArray | None, float]:
        """Cheapest choice with capacity for all demand, one site perhaps in part, and its price of capacity."""
        chosen = (worth < 0) | self.choice.must
        opened = chosen.astype(np.float64)
        needed = self._total - self._capacity @ opened
        if needed <= ROOM * self._total:
            return opened, 0.0
        others = np.flatnonzero(~chosen)
        rate = worth[others] / self._capacity[others]
        order = others[np.argsort(rate)]
        room = np.cumsum(self._capacity[order])
        last = int(np.searchsorted(room, needed * (1 - ROOM)))
        if last >= len(order):
            return None, 0.0
        opened[order[:last]] = 1.0
        part = 1.0 if self._alike else (needed - (room[last - 1] if last else 0.0)) / self._capacity[order[last]]
        opened[order[last]] = min(1.0, part)
        return opened, float(worth[order[last]] / self._capacity[order[last]])


def _sums(groups: IndexArray, values: FloatArray, count: int) -> FloatArray:
    """Sum of the values of each group."""
    sums: FloatArray = np.bincount(groups, values, minlength=count).astype(np.float64, copy=False)
    return sums
