"""The cheapest mix of some technologies for one GW of facility load, from its dispatch LP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.instance.schema import TechnologyKind
from optimizer.power.assemble import Terms, site_problem
from optimizer.power.days import Days
from optimizer.power.dispatch import site_program
from optimizer.power.profiles import Hours
from optimizer.power.rows import PowerError, solve_program
from optimizer.power.site import Needs, SitePowerProblem
from optimizer.power.technologies import Offer

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
        TWh per TWh that the load takes; of storage, discharged.
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


def unit_problem(offers: Sequence[Offer], year: int, days: Days, load: Load, rate: float) -> SitePowerProblem:
    """Sizing and dispatch for any load at the costs of one year, without limits on capacity.

    Parameters
    ----------
    offers
        Technologies of the mix, with costs for each year.
    year
        Position of the year in the offers.
    rate
        Yearly cost of capital.
    """
    at_year = [replace(offer, costs=(offer.costs[year],), limit_gw=(np.inf,)) for offer in offers]
    problem = site_problem(at_year, days, Terms(np.ones(1), rate, load.pue_peak))
    return replace(problem, needs=_needs(problem.needs, offers, load))


def _needs(needs: Needs, offers: Sequence[Offer], load: Load) -> Needs:
    """The peak is that of all installed IT while hours are balanced at its average; N+1 without a grid (12.7)."""
    machine = 0.0 if any(offer.row.kind.is_grid for offer in offers) else max(o.row.unit_mw for o in offers) / 1e3
    spare = machine / load.module_gw / load.share
    return replace(needs, pue_peak=load.pue_peak / load.share, largest_machine=np.array([spare]))


def solve_mix(problem: SitePowerProblem, load: Load) -> Hours:
    """Cheapest mix: rows capacity, storage, energy, price (as in `Part`); columns suppliers, then storage.

    Raises
    ------
    PowerError
        If these technologies cannot carry a load.
    """
    needs = problem.needs
    program, at, _ = site_program(problem, np.array([load.average_it]))
    x = solve_program(program).x
    hours = problem.slices.hours / 1e3
    taken = load.average_it * float(hours @ needs.pue)
    delivered = np.append(x[at.output[:, 0]] @ hours, x[at.discharge[0]] @ hours) / taken
    capacity = np.append(x[at.capacity[:, 0]], x[at.power[0]])
    storage = np.append(np.zeros(len(problem.suppliers)), x[at.energy[0]])
    price = np.append(
        [_mean_price(s.shape, hours * x[o]) for s, o in zip(problem.suppliers, at.output[:, 0], strict=True)], 1.0
    )
    return np.asarray(np.maximum(np.array([capacity, storage, delivered, price]), 0.0), dtype=float)


def _mean_price(shape: Hours, used: Hours) -> float:
    """Mean of a price over the hours in which energy is used; over all hours where none is."""
    if np.ptp(shape) == 0:
        return float(shape[0])
    used = np.maximum(used, 0.0)
    return float(shape @ used / used.sum()) if used.sum() > NEGLIGIBLE else float(shape.mean())


def parts_of(problem: SitePowerProblem, offers: Sequence[Offer], solved: Hours) -> tuple[Part, ...]:
    """Parts of a solved mix, those that carry nothing left out."""
    stores = [o.row.technology for o in offers if o.row.kind is TechnologyKind.LITHIUM_STORAGE][:1]
    names = [*(supplier.name for supplier in problem.suppliers), *(stores or [""])]
    parts = (Part(name, *map(float, column)) for name, column in zip(names, solved.T, strict=True))
    return tuple(part for part in parts if part.technology and max(part.capacity, part.storage) > NEGLIGIBLE)


__all__ = ["Load", "Part", "PowerError", "parts_of", "solve_mix", "unit_problem"]
