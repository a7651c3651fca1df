"""The cheapest mix of some technologies for one GW of facility load, from its dispatch LP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np

from optimizer.instance.schema import PowerNeeds, TechnologyKind
from optimizer.power.asked import hourly_needs, served_load
from optimizer.power.assemble import Terms, site_problem
from optimizer.power.days import Days
from optimizer.power.dispatch import Variables, site_costs, site_program
from optimizer.power.mode import Served
from optimizer.power.profiles import Hours
from optimizer.power.rows import PowerError
from optimizer.power.site import Needs, SitePowerProblem
from optimizer.power.technologies import Cost, Offer
from optimizer.power.warm import WarmProgram

#: Less of a technology than this per GW of load is no part of a mix.
NEGLIGIBLE = 1e-7


@dataclass(frozen=True)
class Part:
    """A technology within a mix.

    Attributes
    ----------
    capacity
        GW per GW of facility load in the worst hour; of storage, of its power.
    storage
        GWh per GW of facility load.
    energy
        TWh per TWh that is delivered to the load; of storage, discharged.
    price
        Mean factor on the price of its energy over the hours in which the mix uses it.
    """

    technology: str
    capacity: float
    storage: float
    energy: float
    price: float = 1.0


@dataclass(frozen=True)
class Load:
    """A GW of facility load in the worst hour, as the planning model knows it (SEMANTICS 4.3, 4.4).

    Attributes
    ----------
    pue_peak
        PUE in the worst hour.
    share
        Average over installed IT power.
    module_gw
        IT power of a module: the least that is ever energised.
    """

    pue_peak: float
    share: float
    module_gw: float

    @property
    def average_it(self) -> float:
        """Average IT power per GW of facility load in the worst hour [GW]."""
        return self.share / self.pue_peak


def unit_problem(
    offers: Sequence[Offer], year: int, days: Days, load: Load, rate: float, asked: PowerNeeds
) -> SitePowerProblem:
    """Sizing and dispatch for any load at the costs of one year, without limits on capacity.

    A limit on carbon is held with the highest emissions of this year and all later ones, in which the mix may be used.

    Parameters
    ----------
    offers
        Technologies of the mix, with costs for each year.
    year
        Position of the year in the offers.
    rate
        Yearly cost of capital.
    """
    limited = asked.carbon_limit_t_per_mwh is not None
    at_year = [
        replace(offer, costs=(_dirtiest(offer, year) if limited else offer.costs[year],), limit_gw=(np.inf,))
        for offer in offers
    ]
    problem = site_problem(at_year, days, Terms(np.ones(1), rate, load.pue_peak))
    return replace(problem, needs=_needs(problem.needs, offers, load, asked))


def _dirtiest(offer: Offer, year: int) -> Cost:
    return replace(offer.costs[year], carbon=max(cost.carbon for cost in offer.costs[year:]))


def _needs(needs: Needs, offers: Sequence[Offer], load: Load, asked: PowerNeeds) -> Needs:
    """The peak is that of all installed IT while hours are balanced at its average; N+1 without a grid (12.7)."""
    spare = spare_machine(offers, load)
    return replace(
        hourly_needs(needs, asked),
        pue_peak=load.pue_peak / load.share,
        largest_machine=np.array([spare]),
        margin=asked.reserve_margin,
        carbon_limit=asked.carbon_limit_t_per_mwh,
    )


def spare_machine(offers: Sequence[Offer], load: Load) -> float:
    """Capacity that may be out per GW of average IT load: the largest machine of a site without grid (12.7)."""
    if any(offer.row.kind.is_grid for offer in offers):
        return 0.0
    return max(offer.row.unit_mw for offer in offers) / 1e3 / load.module_gw / load.share


@dataclass(frozen=True)
class Solved:
    """Cheapest mixes of some problems.

    Attributes
    ----------
    mixes
        For each problem rows capacity, storage, energy, price (as in `Part`); columns suppliers, then storage. None at
        all if these technologies cannot carry a load.
    served
        For each how it serves the load (as in `Served`).
    """

    mixes: Hours
    served: Hours


NOTHING_CARRIES = Solved(np.zeros((0, 4, 0)), np.zeros((0, 4)))


class Mixes:
    """Cheapest mixes of problems that differ in costs only. To be made in the main thread (see `WarmProgram`)."""

    def __init__(self, problems: Sequence[SitePowerProblem], load: Load, asked: PowerNeeds) -> None:
        program, self._at, _ = site_program(problems[0], np.array([load.average_it]))
        self._program = WarmProgram(program)
        self._costs = [site_costs(problem) for problem in problems]
        self._problem, self._load, self._asked = problems[0], load, asked

    def solve(self) -> Solved:
        """Solve them, in a thread that solves nothing but power."""
        try:
            found = self._program.solve(self._costs)
        except PowerError:
            return NOTHING_CARRIES
        served = [_served(self._problem, self._load, self._asked, self._at, x) for x in found]
        mixes = [
            _read_mix(self._problem, self._load, self._at, x, one.cut) for x, one in zip(found, served, strict=True)
        ]
        return Solved(np.array(mixes), np.array([astuple(one) for one in served]))


def _served(problem: SitePowerProblem, load: Load, asked: PowerNeeds, at: Variables, x: Hours) -> Served:
    output, wanted = np.maximum(x[at.output[:, 0]], 0.0), load.average_it * problem.needs.pue
    missing = wanted - output.sum(axis=0) - x[at.discharge[0]] + x[at.charge[0]]
    cut = np.clip(missing, 0.0, np.maximum(x[at.shed[0]], 0.0))
    return served_load(asked, problem, output, cut, wanted)


def _read_mix(problem: SitePowerProblem, load: Load, at: Variables, x: Hours, cut: float) -> Hours:
    needs = problem.needs
    hours = problem.slices.hours / 1e3
    taken = load.average_it * float(hours @ needs.pue) * (1 - cut)
    delivered = np.append(x[at.output[:, 0]] @ hours, x[at.discharge[0]] @ hours) / taken
    capacity = np.append(x[at.capacity[:, 0]], x[at.power[0]])
    storage = np.append(np.zeros(len(problem.suppliers)), x[at.energy[0]])
    shapes = [supplier.shape for supplier in problem.suppliers]
    used = [hours * x[output] for output in at.output[:, 0]]
    price = np.append([_mean_price(*pair) for pair in zip(shapes, used, strict=True)], 1.0)
    return np.asarray(np.maximum(np.array([capacity, storage, delivered, price]), 0.0), dtype=float)


def _mean_price(shape: Hours, used: Hours) -> float:
    """Mean of a price over the hours in which energy is used; over all hours where none is."""
    if np.ptp(shape) == 0:
        return float(shape[0])
    used = np.maximum(used, 0.0)
    return float(shape @ used / used.sum()) if used.sum() > NEGLIGIBLE else float(shape.mean())


def parts_of(offers: Sequence[Offer], mix: Hours) -> tuple[Part, ...]:
    """Parts of a solved mix, those that carry nothing left out."""
    stores = [o.row.technology for o in offers if o.row.kind is TechnologyKind.LITHIUM_STORAGE][:1]
    sources = [o.row.technology for o in offers if o.row.kind is not TechnologyKind.LITHIUM_STORAGE]
    parts = (Part(name, *map(float, column)) for name, column in zip([*sources, *(stores or [""])], mix.T, strict=True))
    return tuple(part for part in parts if part.technology and max(part.capacity, part.storage) > NEGLIGIBLE)


__all__ = ["NOTHING_CARRIES", "Load", "Mixes", "Part", "PowerError", "Solved", "parts_of", "unit_problem"]
