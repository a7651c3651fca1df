"""The linear relaxation of a model whose dispatch modes are not all made yet: takes in modes, says what they pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Thread

import highspy
import numpy as np
import pyomo.environ as pyo

from optimizer.console import stdout_closed
from optimizer.model.build import PlanModel
from optimizer.model.dispatch import SiteYear, TechnologyShares
from optimizer.model.expressions import Variable
from optimizer.power.mode import Mode, ModePrices
from optimizer.solve.highs_model import highs_lp
from optimizer.solve.standard_form import FloatArray, StandardForm

#: Penalty for load that no mode carries, where a plan without it is not known [B USD per TWh].
MISSING_BUSD_PER_TWH = 1e3
#: Columns from which the first solve is by interior point.
INTERIOR_POINT_FROM = 20_000


@dataclass(frozen=True)
class RowOfColumn:
    """A row that says what a column amounts to."""

    row: int
    column: int


@dataclass(frozen=True)
class YearRows:
    """Rows of the dispatch of a site in a year, by technology where they are; those that the model dropped are not in.

    Attributes
    ----------
    energy_cost
        What the objective loses by a TWh of a technology at its mean price.
    most_load
        Energy that the site can ever draw in the year [TWh].
    cut, grid_peak
        Of energy cut and of the highest draw, with the column that stands for each; None where neither counts.
    """

    load: int
    energy: Mapping[str, int]
    capacity: Mapping[str, int]
    storage: Mapping[str, int]
    energy_cost: Mapping[str, float]
    most_load: float
    cut: RowOfColumn | None = None
    grid_peak: RowOfColumn | None = None


@dataclass(frozen=True)
class MasterOptimum:
    """Optimum of the relaxation with the modes so far; `missing` is load that nothing carries [TWh]."""

    objective: float
    row_duals: FloatArray
    column_duals: FloatArray
    missing: float


class ModeMaster:
    """Relaxation in HiGHS to which modes are added as columns.

    Parameters
    ----------
    fixed
        Values at which whole columns are held; None: they are free within their bounds.
    """

    def __init__(self, model: PlanModel, form: StandardForm, *, seed: int, fixed: FloatArray | None = None) -> None:
        self._model, self._form = model, form
        with stdout_closed():
            self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in {"output_flag": False, "threads": 1, "random_seed": seed}.items():
            self._highs.setOptionValue(option, value)
        self._highs.passModel(highs_lp(form))
        self._highs.setOptionValue("solver", "ipm" if form.matrix.shape[1] > INTERIOR_POINT_FROM else "simplex")
        if fixed is not None:
            whole = np.flatnonzero(form.integer).astype(np.int32)
            values = np.clip(np.round(fixed[whole]), form.lower[whole], form.upper[whole])
            self._highs.changeColsBounds(len(whole), whole, values, values)
        self._missing: list[int] = []

    @cached_property
    def years(self) -> Mapping[SiteYear, YearRows]:
        """Rows of every site and year that is dispatched."""
        instance, power = self._model.context.instance, self._model.power
        position = {name: row for row, name in enumerate(self._form.row_names)}
        column = self._form.column_of
        pyomo, shares = self._model.pyomo, TechnologyShares(instance)
        found: dict[SiteYear, YearRows] = {}

        def served(family: str, variable: str, key: SiteYear) -> RowOfColumn | None:
            constraint = pyomo.component(family)
            if constraint is None or key not in constraint:
                return None
            return RowOfColumn(position[constraint[key].name], column[id(pyomo.component(variable)[key])])

        for (site, year), of_year in power.dispatch.items():
            costs = {
                technology: -float(self._form.cost[column[id(energy)]])
                for technology in of_year.energy
                if (energy := _first_energy(pyomo, shares, site, technology, year)) is not None
            }

            def rows(family: str, s: str = site, y: int = year, named: Mapping[str, object] = costs) -> dict[str, int]:
                constraint = getattr(pyomo, family)
                entries = ((t, constraint[s, t, y].name) for t in named if (s, t, y) in constraint)
                return {technology: position[name] for technology, name in entries if name in position}

            place = instance.site_by_id[site]
            ever = place.module_gw * place.max_modules
            found[site, year] = YearRows(
                load=position[pyomo.dispatch_meets_load[site, year].name],
                energy=rows("energy_of_dispatch"),
                capacity=rows("capacity_for_dispatch"),
                storage=rows("storage_for_dispatch"),
                energy_cost=costs,
                most_load=sum(factor * ever for factor, _ in power.drawn(site, year)),
                cut=served("cuts_of_dispatch", "cut", (site, year)),
                grid_peak=served("grid_peak_of_dispatch", "grid_peak", (site, year)),
            )
        return found

    def add(self, key: SiteYear, mode: Mode) -> None:
        """Add the column of a mode in a year, if everything that it needs can stand then."""
        rows = self.years[key]
        if any(use.technology not in rows.energy for use in mode):
            return
        cost = -sum(rows.energy_cost[use.technology] * use.energy * (use.price_factor - 1) for use in mode)
        entries = [(rows.load, 1.0)]
        for use in mode:
            entries.append((rows.energy[use.technology], -use.energy))
            entries.append((rows.capacity[use.technology], -use.capacity))
            if use.technology in rows.storage:
                entries.append((rows.storage[use.technology], -use.storage))
        entries += [(at.row, -mode.served.cut) for at in [rows.cut] if at is not None]
        entries += [(at.row, -mode.served.grid_peak) for at in [rows.grid_peak] if at is not None]
        kept = sorted((row, value) for row, value in entries if value != 0)
        indices = np.array([row for row, _ in kept], dtype=np.int32)
        self._highs.addCol(cost, 0.0, np.inf, len(kept), indices, np.array([value for _, value in kept]))

    def allow_missing(self) -> None:
        """Let load go without power at a penalty, so that there is an optimum to price modes at."""
        for rows in self.years.values():
            self._missing.append(self._highs.getNumCol())
            self._highs.addCol(-MISSING_BUSD_PER_TWH, 0.0, np.inf, 1, np.array([rows.load], dtype=np.int32), np.ones(1))

    def solve(self, seconds: float) -> MasterOptimum | None:
        """Optimum with the modes so far; None if there is none, or not in time."""
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + seconds)
        # HiGHS keeps the number of threads of the first solve in a thread, and refuses others there.
        alone = Thread(target=self._highs.run)
        alone.start()
        alone.join()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        self._highs.setOptionValue("solver", "simplex")  # from the last basis on, which new modes leave feasible
        solution, info = self._highs.getSolution(), self._highs.getInfo()
        missing = sum(solution.col_value[column] for column in self._missing)
        return MasterOptimum(
            info.objective_function_value, np.array(solution.row_dual), np.array(solution.col_dual), missing
        )

    def prices(self, key: SiteYear, optimum: MasterOptimum) -> tuple[float, ModePrices]:
        """What a TWh of load is worth in a year, and what a mode pays for what it takes."""
        rows, duals = self.years[key], optimum.row_duals

        def of(by_technology: Mapping[str, int]) -> dict[str, float]:
            return {technology: max(0.0, -float(duals[row])) for technology, row in by_technology.items()}

        storage = max(of(rows.storage).values(), default=0.0)
        # Where no mode in use sets a price, energy may have any up to its cost: the dual solution stays feasible.
        energy = {technology: max(price, rows.energy_cost[technology]) for technology, price in of(rows.energy).items()}
        return -float(duals[rows.load]), ModePrices(
            of(rows.capacity),
            energy,
            storage,
            rows.energy_cost,
            cut=self._price_of_column(rows.cut, optimum),
            grid_peak=max(0.0, self._price_of_column(rows.grid_peak, optimum)),
        )

    def _price_of_column(self, at: RowOfColumn | None, optimum: MasterOptimum) -> float:
        """What a unit of a column costs in all its rows but the one that says what it amounts to.

        The dual of that row, raised by the reduced cost of the column: where no mode in use needs any, the dual may
        be lower, and the solution stays dual feasible up to there.
        """
        if at is None:
            return 0.0
        return -float(optimum.row_duals[at.row]) + max(0.0, -float(optimum.column_duals[at.column]))


def _first_energy(
    pyomo: pyo.ConcreteModel, shares: TechnologyShares, site: str, technology: str, year: int
) -> Variable | None:
    """Energy of an option of a technology; all of them cost the same."""
    for option, _ in shares.by_technology[site, technology]:
        if (site, option.option, year) in pyomo.energy:
            return pyomo.energy[site, option.option, year]
    return None


__all__ = ["MISSING_BUSD_PER_TWH", "MasterOptimum", "ModeMaster", "YearRows"]
