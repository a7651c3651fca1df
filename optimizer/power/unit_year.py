"""Physics of a site's power over a year, free of costs and dates: which capacities can carry a load of 1 TWh.

Average capacities, storage, energies and load for which an hourly dispatch exists (SEMANTICS 12.5-12.9) form a convex
cone: all rows of the dispatch LP are homogeneous, limits on capacity belong to the planning model. So every point of
the cone is a mix of *modes*, dispatches of a load of 1 TWh a year, and one set of modes serves all years and prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Thread

import highspy
import numpy as np

from optimizer.console import stdout_closed
from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerNeeds, SitePower, TechnologyKind, TechnologyRow
from optimizer.power.asked import hourly_key, hourly_needs, served_load
from optimizer.power.assemble import SiteHours, Terms, site_problem
from optimizer.power.days import Days
from optimizer.power.dispatch import Variables, site_program
from optimizer.power.hard_days import site_days
from optimizer.power.mode import Mode, ModePrices, Use, cost_of_mode
from optimizer.power.portfolios import SitePowerError
from optimizer.power.profiles import Hours, ProfileError
from optimizer.power.rows import Columns, LinearProgram, PowerError, as_highs
from optimizer.power.site import SitePowerProblem
from optimizer.power.store import Store, content_key
from optimizer.power.technologies import Cost, Offer, physical

#: Changes whenever the same inputs give other modes.
VERSION = "modes 2"
#: Smaller amounts per TWh of load are rounding errors of the LP.
NEGLIGIBLE = 1e-8
#: Prices are multiplied by this in the LP, so that the tolerances of HiGHS are small beside them.
PRICE_SCALE = 1e3


@dataclass(frozen=True)
class Physics:
    """What the modes of a site depend on: weather, PUE and load by the hour, its technologies, and what it asks for."""

    hours: SiteHours
    technologies: tuple[TechnologyRow, ...]
    needs: PowerNeeds
    key: str

    @classmethod
    def of(cls, instance: Instance, row: SitePower) -> Physics:
        """Read it from an instance; equal physics have equal keys, whatever costs, dates and amounts are."""
        offered = {limit.technology for limit in instance.technology_limits if limit.site == row.site}
        technologies = tuple(made for made in instance.technologies if made.technology in offered)
        hours = SiteHours.of(instance, row)
        of_climate = [(name, value) for name, value in hours.climate if name not in ("climate", "source")]
        numbers = (hours.pue_average, hours.pue_peak, hours.uninterrupted, hours.load_share)
        own = [
            (hours.profiles.index(hour.profile), hour.hour, hour.value)
            for hour in instance.hourly_profiles
            if hour.profile in hours.profiles
        ]
        needs = instance.needs(row.site)
        asked: list[object] = [hourly_key(needs)] if hourly_key(needs) else []
        asked += ["refined days"] if hours.refined else []
        key = content_key(VERSION, [hours.typical_days, of_climate, numbers, own, *map(physical, technologies), *asked])
        return cls(hours, technologies, needs, key)

    def unit_year(self, instance: Instance, store: Store) -> UnitYear:
        """The dispatch LP of a load of 1 TWh on representative days, which the store may have.

        Raises
        ------
        ProfileError
            If an hour would take more load than is installed.
        """
        days = site_days(instance, self.hours, self.technologies, self.needs, store)
        return UnitYear(days, self.technologies, self.needs)


def unit_year_of(instance: Instance, row: SitePower, physics: Physics, store: Store) -> UnitYear:
    """The unit year of a site.

    Raises
    ------
    SitePowerError
        If its weather cannot be made.
    """
    try:
        return physics.unit_year(instance, store)
    except ProfileError as error:
        raise SitePowerError(row.site, str(error)) from error


@dataclass(frozen=True)
class UnitYear:
    """Dispatch LP of a load of 1 TWh in a year. Capacity is counted and neither limited nor paid."""

    days: Days
    technologies: tuple[TechnologyRow, ...]
    needs: PowerNeeds

    @cached_property
    def problem(self) -> SitePowerProblem:
        """The site without reserve, which is a row of the planning model."""
        free = Cost(0.0, 0.0, 0.0, 0.0, 0.0)
        offers = [Offer(row, (free,), (np.inf,)) for row in self.technologies]
        problem = site_problem(offers, self.days, Terms(np.ones(1), 0.0, 1.0))
        return replace(problem, needs=replace(hourly_needs(problem.needs, self.needs), margin=-1.0))

    @property
    def load(self) -> float:
        """IT load that takes 1 TWh of facility energy in a year [GW]."""
        return 1e3 / float(self.problem.slices.hours @ self.problem.needs.pue)

    @cached_property
    def program(self) -> tuple[LinearProgram, Variables, Columns]:
        """The LP, its variables, and the row of the load."""
        return site_program(self.problem, np.array([self.load]))

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Technologies but storage, in the order of the LP."""
        return tuple(supplier.name for supplier in self.problem.suppliers)

    @cached_property
    def storage(self) -> str | None:
        """The storage technology; sites have at most one in use, the first."""
        stores = (row.technology for row in self.technologies if row.kind is TechnologyKind.LITHIUM_STORAGE)
        return next(stores, None)

    @property
    def has_price_hours(self) -> bool:
        """Whether the price of any technology's energy has hours of its own."""
        return any(np.ptp(supplier.shape) > 0 for supplier in self.problem.suppliers)

    def mode(self, x: Hours) -> Mode:
        """Mode of a solution of the LP, without capacity and output beyond what its dispatch uses."""
        _, at, _ = self.program
        hours, needs = self.problem.slices.hours / 1e3, self.problem.needs
        output = np.maximum(x[at.output[:, 0]], 0.0)
        charge, discharge = np.maximum(x[at.charge[0]], 0.0), np.maximum(x[at.discharge[0]], 0.0)
        cut = np.maximum(x[at.shed[0]], 0.0)
        wanted = needs.pue * self.load
        output = self._without_surplus(output, output.sum(axis=0) + discharge - charge + cut - wanted)
        # What is still left over need not be cut.
        cut = np.clip(wanted - output.sum(axis=0) - discharge + charge, 0.0, cut)
        uses = []
        for k, supplier in enumerate(self.problem.suppliers):
            energy = float(output[k] @ hours)
            if energy > NEGLIGIBLE:
                mean = float(output[k] @ (hours * supplier.shape)) / energy
                factor = mean if np.ptp(supplier.shape) > 0 else 1.0
                uses.append(Use(supplier.name, self._capacity(k, output[k]), 0.0, energy, factor))
        if self.storage is not None and float(discharge @ hours) > NEGLIGIBLE:
            state = x[at.stored[0]].reshape(-1, self.problem.slices.per_day)
            power = max(charge.max(), discharge.max())
            uses.append(Use(self.storage, float(power), float(np.ptp(state, axis=1).max()), float(discharge @ hours)))
        return Mode(tuple(uses), served_load(self.needs, self.problem, output, cut, wanted))

    def _capacity(self, supplier: int, output: Hours) -> float:
        """Least capacity with which a supplier can give an output."""
        row, slices = self.problem.suppliers[supplier], self.problem.slices
        given = row.output > 0
        least = float((output[given] / row.output[given]).max(initial=0.0))
        most = row.ramp_per_hour * slices.step
        if most < 1 and slices.per_day > 1:
            steps = np.abs(np.diff(output.reshape(-1, slices.per_day), axis=1))
            least = max(least, float(steps.max()) / most)
        return least

    def _without_surplus(self, output: Hours, surplus: Hours) -> Hours:
        """Curtail what nobody takes, of those whose output may change at once: sun and wind first."""
        suppliers = self.problem.suppliers
        flexible = [k for k, supplier in enumerate(suppliers) if supplier.ramp_per_hour * self.problem.slices.step >= 1]
        left = np.maximum(surplus, 0.0)
        for k in sorted(flexible, key=lambda k: not suppliers[k].is_clean):
            cut = np.minimum(output[k], left)
            output[k] -= cut
            left -= cut
        return output


class ModePricer:
    """Finds the cheapest mode at given prices, again and again: one LP in HiGHS of which only costs and bounds change.

    Parameters
    ----------
    year
        Whose modes are asked for.
    """

    def __init__(self, year: UnitYear) -> None:
        self.year = year
        program, at, _ = year.program
        self._at, self._upper = at, program.upper
        with stdout_closed():
            self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in {"output_flag": False, "threads": 1, "simplex_strategy": 4}.items():
            self._highs.setOptionValue(option, value)
        self._highs.passModel(as_highs(program))

    def cheapest(self, prices: ModePrices, allowed: Sequence[str]) -> tuple[float, Mode]:
        """Cheapest mode with only some of the technologies, and a lower bound on what it costs.

        Raises
        ------
        PowerError
            If these technologies cannot carry a load.
        RuntimeError
            If HiGHS cannot say.
        """
        self._price(prices)
        self._allow(allowed)
        status = self._run()
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible):
            self._highs.clearSolver()  # numerical trouble on the way from the last optimum
            status = self._run()
        if status != highspy.HighsModelStatus.kOptimal:
            message = f"no dispatch of the year: {self._highs.modelStatusToString(status).lower()}"
            raise PowerError(message) if status == highspy.HighsModelStatus.kInfeasible else RuntimeError(message)
        mode = self.year.mode(np.array(self._highs.getSolution().col_value))
        value = self._highs.getInfo().objective_function_value / PRICE_SCALE
        return min(value, cost_of_mode(mode, prices)), mode

    def _run(self) -> highspy.HighsModelStatus:
        # HiGHS keeps the number of threads of the first solve in a thread, and refuses others there.
        alone = Thread(target=self._highs.run)
        alone.start()
        alone.join()
        return self._highs.getModelStatus()

    def _price(self, prices: ModePrices) -> None:
        cost, at, hours = np.zeros(len(self._upper)), self._at, self.year.problem.slices.hours / 1e3
        for k, supplier in enumerate(self.year.problem.suppliers):
            name = supplier.name
            cost[at.capacity[k, 0]] = prices.capacity.get(name, 0.0)
            excess = (prices.shape or {}).get(name, 0.0) * (supplier.shape - 1)
            cost[at.output[k, 0]] = (prices.energy.get(name, 0.0) + excess) * hours
        if self.year.storage is not None:
            cost[at.power[0]] = prices.capacity.get(self.year.storage, 0.0)
            cost[at.energy[0]] = prices.storage
            cost[at.discharge[0]] = prices.energy.get(self.year.storage, 0.0) * hours
        if self.year.needs.is_curtailable:
            cost[at.shed[0]] = prices.cut * hours
        if self.year.needs.is_metered:
            cost[at.grid_peak[0]] = prices.grid_peak
        cost *= PRICE_SCALE
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def _allow(self, allowed: Sequence[str]) -> None:
        at = self._at
        sizes = [*at.capacity[:, 0], at.power[0]]
        names = [*self.year.suppliers, self.year.storage]
        upper = np.array([self._upper[c] if n in allowed else 0.0 for c, n in zip(sizes, names, strict=True)])
        self._highs.changeColsBounds(len(sizes), np.array(sizes, dtype=np.int32), np.zeros(len(sizes)), upper)


__all__ = ["ModePricer", "Physics", "UnitYear", "unit_year_of"]
