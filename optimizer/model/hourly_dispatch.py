"""Dispatch embedded in the model: variables for every hour of the representative days (SEMANTICS 12.5-12.9).

The rows are those of the dispatch LP of a site for one year (`optimizer.power.dispatch`), with load and capacity of
the plan instead of given ones. What modes reach in the limit, it says at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyomo.environ as pyo

from optimizer.model.context import ModelContext
from optimizer.model.dispatch import Dispatch, SiteYear, YearOfDispatch
from optimizer.model.expressions import Term, Variable, linear
from optimizer.model.timing import LabelledIndex
from optimizer.power.profiles import Hours
from optimizer.power.store import default_store
from optimizer.power.unit_year import Physics, UnitYear, unit_year_of


class HourlyColumn(LabelledIndex):
    """Position of a column of the dispatch LP; prints as what it is."""


def hourly_columns(unit: UnitYear) -> list[HourlyColumn]:
    """Columns of the dispatch LP: what they are, of which technology, in which hour."""
    _, at, _ = unit.program
    labels: dict[int, str] = {}
    for kind, columns in vars(at).items():
        for place, column in np.ndenumerate(columns):
            names = [kind, unit.suppliers[place[0]] if kind in ("capacity", "output") else ""]
            hour = str(place[-1]) if columns.shape[-1] == unit.problem.slices.count else ""
            labels[int(column)] = ":".join(part for part in (*names, hour) if part)
    return [HourlyColumn(position, labels[position]) for position in range(len(labels))]


def unit_years(context: ModelContext) -> Mapping[str, UnitYear]:
    """Physics of every computed site; equal ones are made once.

    Raises
    ------
    SitePowerError
        If the weather of a site cannot be made.
    """
    instance = context.instance
    known: dict[str, UnitYear] = {}
    of_site: dict[str, UnitYear] = {}
    for row in instance.site_power:
        physics = Physics.of(instance, row)
        if physics.key not in known:
            known[physics.key] = unit_year_of(instance, row, physics, default_store())
        of_site[row.site] = known[physics.key]
    return of_site


def dispatch_by_the_hour(
    context: ModelContext, years: list[SiteYear], technologies: Callable[[str, int], frozenset[str]]
) -> Dispatch:
    """Add ``hourly[site, year, column]``, the columns of the dispatch LP times the years they last, and its rows.

    Loads and capacities are GW-years and energies TWh of the plan's part of the year.

    Parameters
    ----------
    years
        Sites and years with load.
    technologies
        Technologies of a site that can stand in a year; others are 0.
    """
    model, physics = context.model, unit_years(context)
    columns = {site: hourly_columns(unit) for site, unit in physics.items()}
    model.hourly = pyo.Var([(s, y, column) for s, y in years for column in columns[s]], within=pyo.NonNegativeReals)
    matrices = {site: year.program[0].matrix.tocsr() for site, year in physics.items()}
    rows = [(s, y, row) for s, y in years for row in range(matrices[s].shape[0]) if row not in physics[s].program[2]]

    def hourly_dispatch(_: pyo.ConcreteModel, site: str, year: int, row: int) -> object:
        """Balance, availability, ramps, storage and clean hours of the dispatch LP, row by row."""
        program, matrix = physics[site].program[0], matrices[site]
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        entries = zip(matrix.data[span].tolist(), matrix.indices[span].tolist(), strict=True)
        left = linear([(value, model.hourly[site, year, column]) for value, column in entries])
        # All rows but that of the load are homogeneous.
        if program.row_lower[row] == program.row_upper[row]:
            return left == 0
        return left >= 0 if program.row_lower[row] == 0 else left <= 0

    model.hourly_dispatch = pyo.Constraint(rows, rule=hourly_dispatch)
    for site, year in years:
        _forbid(model, physics[site], site, year, technologies(site, year))
    return {(s, y): _of_year(model, physics[s], s, y, technologies(s, y)) for s, y in years}


def _forbid(model: pyo.ConcreteModel, unit: UnitYear, site: str, year: int, allowed: frozenset[str]) -> None:
    """Nothing that the dispatch LP forbids, and no capacity of technologies that cannot stand yet."""
    program, at, _ = unit.program
    sizes = [*zip(unit.suppliers, at.capacity[:, 0].tolist(), strict=True), (unit.storage, int(at.power[0]))]
    absent = [column for technology, column in sizes if technology not in allowed]
    for column in (*np.flatnonzero(program.upper == 0).tolist(), *absent):
        model.hourly[site, year, column].setub(0.0)


def _of_year(model: pyo.ConcreteModel, unit: UnitYear, site: str, year: int, allowed: frozenset[str]) -> YearOfDispatch:
    _, at, _ = unit.program
    hours = unit.problem.slices.hours / 1e3

    def variable(column: int) -> Variable:
        return model.hourly[site, year, int(column)]

    def energy(columns: Hours, weights: Hours) -> list[Term]:
        return [(float(w), variable(c)) for w, c in zip(weights, columns, strict=True)]

    capacity, made, dearer, storage = {}, {}, {}, {}
    for k, supplier in enumerate(unit.problem.suppliers):
        if supplier.name in allowed:
            capacity[supplier.name] = [(1.0, variable(at.capacity[k, 0]))]
            made[supplier.name] = energy(at.output[k, 0], hours)
            excess = hours * (supplier.shape - 1)
            dearer[supplier.name] = energy(at.output[k, 0], excess) if np.ptp(supplier.shape) > 0 else []
    if unit.storage in allowed and unit.storage is not None:
        capacity[unit.storage] = [(1.0, variable(at.power[0]))]
        storage[unit.storage] = [(1.0, variable(at.energy[0]))]
        made[unit.storage] = energy(at.discharge[0], hours)
        dearer[unit.storage] = []
    load = [(1.0 / unit.load, variable(at.load[0]))]
    cut = energy(at.shed[0], hours) if unit.needs.is_curtailable else []
    peak: list[Term] = [(1.0, variable(at.grid_peak[0]))] if unit.needs.is_metered else []
    return YearOfDispatch(load, capacity, storage, made, dearer, cut, peak)


__all__ = ["dispatch_by_the_hour", "unit_years"]
