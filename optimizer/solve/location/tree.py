"""Branch and bound on prices: the cheapest plan of a location problem, and a proof.

Every part of the search is a choice of sites with the prices of the part that it came from. A few ascents improve the
prices; penalties fix sites on the way; what is left is divided at the site that was open about half of the time. Sites
that the best prices open are tried as a plan by an exact transport program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from optimizer.solve.location.ascent import Ascent, Pace, raise_prices
from optimizer.solve.location.problem import BoolArray, LocationProblem, OpenSites
from optimizer.solve.location.transport import Service, Transport
from optimizer.solve.standard_form import FloatArray

#: Ascents before anything is divided: short ones, each tried as a plan that the next aims at, and then a long one.
FIRST, FIRST_ASCENTS = Pace(steps=60, length=1.0, patience=10), 4
ROOT = Pace(steps=400, length=1.0, patience=10, shortest=0.01)
PART = Pace(steps=40, length=0.5, patience=6)
#: A site counts as open from this part on.
OPEN = 1e-9
#: Bounds carry rounding errors of less than this share of the cost.
ROUNDING_ERROR = 1e-9
#: Prices begin at the cost per unit of so many sites that would serve the customer cheaper.
CHEAPER = 3


@dataclass(frozen=True)
class Part:
    """A part of the search that is still to do: a choice, prices to start from, and a bound that holds in it."""

    choice: OpenSites
    prices: FloatArray
    bound: float


@dataclass
class LocationSearch:
    """A search under way.

    Attributes
    ----------
    allowed
        Gap that counts as solved for a plan of some cost.
    goes_on
        Asked before every step whether there is time for it.
    tell
        Called whenever a better plan or bound is known.
    cost, service
        Of the best plan: its cost, infinite without one, and who is served from where.
    bound
        No plan costs less; minus infinity where nothing is proven, as for demand that all sites cannot serve.
    parts, steps, served
        Parts searched, prices tried and transport programs solved.
    work
        Arcs priced, and entries of transport programs times iterations.
    """

    problem: LocationProblem
    allowed: Callable[[float], float]
    goes_on: Callable[[], bool] = lambda: True
    tell: Callable[[], None] = lambda: None
    cost: float = np.inf
    service: Service | None = None
    bound: float = -np.inf
    parts: int = 0
    steps: int = 0
    served: int = 0
    work: float = 0.0
    _tried: set[bytes] = field(default_factory=set)

    def run(self) -> None:
        """Search until plan and bound are within the gap, or asked to end; plan and bound hold in either case."""
        start = OpenSites.all_of(self.problem)
        prices = first_prices(self.problem)
        self._transport = Transport(self.problem, prices, start.sites)
        self._try(np.ones(len(self.problem.capacity), dtype=np.bool_))
        if not np.isfinite(self.cost):
            return
        waiting = self._begin(Part(start, prices, -np.inf))
        self._prove(waiting)
        while waiting and self.goes_on():
            part = waiting.pop()
            if part.bound < self.cut:
                waiting += self._divided(part)
            self._prove(waiting)

    def _prove(self, waiting: list[Part]) -> None:
        """Take in what is proven when these parts are left."""
        proven = min([self.cut, *(part.bound for part in waiting)])
        bound = proven - ROUNDING_ERROR * abs(proven)
        if bound > self.bound:
            self.bound = bound
            self.tell()

    @property
    def cut(self) -> float:
        """Plans that cost this or more do not matter."""
        return self.cost - self.allowed(self.cost)

    def _begin(self, part: Part) -> list[Part]:
        """Improve the first prices in turns with plans."""
        for pace in (*[FIRST] * FIRST_ASCENTS, ROOT):
            found = self._ascend(part, pace)
            if found.pruned:
                return []
            part = Part(found.choice, found.prices, max(part.bound, found.bound))
            self._prove([part])
            if not self.goes_on():
                break
        return [part]

    def _divided(self, part: Part) -> list[Part]:
        """Improve the prices of a part; what is left of it, the likelier half last."""
        self.parts += 1
        found = self._ascend(part, PART)
        bound = max(part.bound, found.bound)
        if found.pruned or bound >= self.cut:
            return []
        if not self.goes_on():
            return [Part(found.choice, found.prices, bound)]
        if found.choice.decided:
            self._try(self._mask(found, np.ones(len(found.choice.sites), dtype=np.bool_)))
            return []
        undecided = np.where(found.choice.must, np.inf, np.abs(found.opened - 0.5))
        site = int(undecided.argmin())
        closed = Part(found.choice.closed(site), found.prices, bound)
        opened = Part(found.choice.opened(site), found.prices, bound)
        return [closed, opened] if found.opened[site] > 0.5 else [opened, closed]

    def _ascend(self, part: Part, pace: Pace) -> Ascent:
        found = raise_prices(
            self.problem, part.choice, part.prices, pace, cut=self.cut, target=self.cost, goes_on=self._goes_on
        )
        self.steps += found.steps
        if not found.pruned:
            self._try(self._mask(found, (found.likely > OPEN) | found.choice.must))
        return found

    def _goes_on(self, arcs: int) -> bool:
        self.work += arcs
        return self.goes_on()

    def _mask(self, found: Ascent, chosen: BoolArray) -> BoolArray:
        opened = np.zeros(len(self.problem.capacity), dtype=np.bool_)
        opened[found.choice.sites[chosen]] = True
        return opened

    def _try(self, opened: BoolArray) -> None:
        """Take a set of open sites as a plan, if it is new and better than the best."""
        key = opened.tobytes()
        if key in self._tried:
            return
        self._tried.add(key)
        self.served += 1
        service = self._transport.serve(opened, self.cost)
        self.work += service.work
        if service.cost < self.cost:
            self.cost, self.service = service.cost, service
            self.tell()


def first_prices(problem: LocationProblem) -> FloatArray:
    """Prices to begin with: cost per unit, with its part of a full site, of one of the cheaper sites."""
    cost = problem.unit_cost + (problem.fixed_cost / problem.capacity)[:, None]
    nearby = min(CHEAPER, len(problem.capacity) - 1)
    prices: FloatArray = np.partition(cost, nearby, axis=0)[nearby]
    highest = cost[np.isfinite(cost)].max(initial=0.0)
    return np.where(np.isfinite(prices), prices, highest)
