"""The capacitated location problem, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.solve.standard_form import FloatArray

BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.intp]


@dataclass(frozen=True)
class LocationProblem:
    """Open sites and serve all demand from them, in parts if need be, at least cost.

    minimise sum_i fixed_cost[i] y[i] + sum_ij unit_cost[i, j] x[i, j]
    where    sum_i x[i, j] = demand[j],  sum_j x[i, j] <= capacity[i] y[i],  x >= 0,  y[i] is 0 or 1.

    Attributes
    ----------
    fixed_cost, capacity
        Of each site, shape (sites,).
    demand
        Of each customer, shape (customers,), above 0.
    unit_cost
        Cost of serving one unit, shape (sites, customers); infinite where a site cannot serve a customer.
    stands
        Sites that are open in every plan, shape (sites,).
    """

    fixed_cost: FloatArray
    capacity: FloatArray
    demand: FloatArray
    unit_cost: FloatArray
    stands: BoolArray

    @property
    def total_demand(self) -> float:
        """Demand of all customers together."""
        return float(self.demand.sum())


@dataclass(frozen=True)
class OpenSites:
    """Which sites are still open to choice in a part of the search: those not named are closed.

    Attributes
    ----------
    sites
        Positions of the sites that are not closed.
    must
        Which of these are open for certain, by position in `sites`.
    """

    sites: IndexArray
    must: BoolArray

    @classmethod
    def all_of(cls, problem: LocationProblem) -> OpenSites:
        """Nothing decided but what stands."""
        return cls(np.arange(len(problem.capacity)), problem.stands.copy())

    @property
    def decided(self) -> bool:
        """Whether no choice is left."""
        return bool(self.must.all())

    def opened(self, position: int) -> OpenSites:
        """The same with one more site open for certain."""
        must = self.must.copy()
        must[position] = True
        return OpenSites(self.sites, must)

    def closed(self, position: int) -> OpenSites:
        """The same with one site closed."""
        return OpenSites(np.delete(self.sites, position), np.delete(self.must, position))
