"""Dispatch by modes: how much of the load of a site each known way of running a year carries (SEMANTICS 12.13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pyomo.environ as pyo

from optimizer.instance.schema import DispatchLoad, DispatchMode
from optimizer.model.context import ModelContext
from optimizer.model.dispatch import Dispatch, SiteYear, YearOfDispatch
from optimizer.model.expressions import Term


def dispatch_by_modes(
    context: ModelContext, years: list[SiteYear], technologies: Callable[[str, int], frozenset[str]]
) -> Dispatch:
    """Add ``level[site, mode, year]``, the load that runs in a mode [TWh], and what it takes.

    Parameters
    ----------
    years
        Sites and years with load.
    technologies
        Technologies of a site that can stand in a year; a mode that needs others cannot run.
    """
    model, modes = context.model, context.instance.modes_of_site
    levels = [
        (site, mode, year)
        for site, year in years
        for mode, rows in modes.get(site, {}).items()
        if all(row.technology in technologies(site, year) for row in rows)
    ]
    model.level = pyo.Var(levels, within=pyo.NonNegativeReals)
    running: dict[SiteYear, list[str]] = defaultdict(list)
    for site, mode, year in levels:
        running[site, year].append(mode)

    def served(site: str, year: int, value: Callable[[DispatchLoad], float]) -> list[Term]:
        loads = context.instance.load_of_dispatch
        rows = [(mode, loads[site, mode]) for mode in running[site, year] if (site, mode) in loads]
        return [(value(row), model.level[site, mode, year]) for mode, row in rows if value(row) > 0]

    def of_year(site: str, year: int) -> YearOfDispatch:
        def terms(value: Callable[[DispatchMode], float]) -> dict[str, list[Term]]:
            found: dict[str, list[Term]] = {technology: [] for technology in sorted(technologies(site, year))}
            for mode in running[site, year]:
                for row in modes[site][mode]:
                    found[row.technology].append((value(row), model.level[site, mode, year]))
            return found

        return YearOfDispatch(
            supplied=[(1.0, model.level[site, mode, year]) for mode in running[site, year]],
            capacity=terms(lambda row: row.gw_per_twh),
            storage=terms(lambda row: row.storage_gwh_per_twh),
            energy=terms(lambda row: row.mwh_per_mwh),
            dearer=terms(lambda row: row.mwh_per_mwh * (row.price_factor - 1)),
            cut=served(site, year, lambda row: row.cut_mwh_per_mwh),
            grid_peak=served(site, year, lambda row: row.grid_peak_gw_per_twh),
        )

    return {(site, year): of_year(site, year) for site, year in years}


__all__ = ["dispatch_by_modes"]
