"""Limits on IT power, carbon and water of a part of the world (SEMANTICS 8.2)."""

from __future__ import annotations

from collections.abc import Callable

import pyomo.environ as pyo

from optimizer.instance.schema import Limit, LimitKind, PowerOption
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term, linear
from optimizer.model.scopes import Scope
from optimizer.model.siting import Siting
from optimizer.model.timing import PeriodIndex


def add_limits(context: ModelContext, siting: Siting) -> None:
    """Add the rows of limits.csv, apart from exposure limits (see `capital`)."""
    _add_it_limits(context, siting)
    _add_yearly_energy_limit(context, LimitKind.CARBON_MT, lambda option: option.carbon_t_per_mwh)
    _add_yearly_energy_limit(context, LimitKind.WATER_MILLION_M3, lambda option: _water_m3_per_mwh(context, option))


def _rows(context: ModelContext, kind: LimitKind) -> dict[tuple[str, int], Limit]:
    return {
        (row.limit, row.year): row
        for row in context.instance.limits
        if row.kind is kind and row.year in context.timing.years
    }


def _add_it_limits(context: ModelContext, siting: Siting) -> None:
    """Sum over sites of module_gw x modules on line <= value, in every period of the year."""
    rows = _rows(context, LimitKind.IT_GW)
    index = [(name, t) for name, year in rows for t in context.timing.of_year(year)]

    def it_gw(_: pyo.ConcreteModel, name: str, t: PeriodIndex) -> object:
        row = rows[name, context.timing.year(t)]
        scope = Scope.of(context, row)
        capacities = [siting.capacity(site, t) for site in context.instance.sites if scope.contains(site)]
        terms = [term for decided, _ in capacities for term in decided]
        room = row.value - sum(committed for _, committed in capacities)
        if not terms:
            return pyo.Constraint.Feasible if room >= 0 else pyo.Constraint.Infeasible
        return linear(terms) <= room

    context.model.it_gw = pyo.Constraint(index, rule=it_gw)


def _water_m3_per_mwh(context: ModelContext, option: PowerOption) -> float:
    return option.water_m3_per_mwh + context.instance.site_by_id[option.site].water_m3_per_mwh


def _add_yearly_energy_limit(context: ModelContext, kind: LimitKind, intensity: Callable[[PowerOption], float]) -> None:
    """Sum over sites and options of intensity x energy <= value; t/MWh x TWh is Mt, m3/MWh x TWh is million m3."""
    rows = _rows(context, kind)
    options = {(option.site, option.option): option for option in context.instance.power_options}

    def terms_of(row: Limit) -> list[Term]:
        scope = Scope.of(context, row)
        return [
            (weight, variable)
            for (site, key, year), variable in context.model.energy.items()
            if year == row.year
            and (weight := intensity(options[site, key])) > 0
            and scope.contains(context.instance.site_by_id[site])
        ]

    terms = {key: terms_of(row) for key, row in rows.items()}
    context.vacuous.extend(
        Vacuous("limits", f"{name}/{year}", "nothing in the scope uses any of it")
        for (name, year), found in terms.items()
        if not found
    )

    def yearly_limit(_: pyo.ConcreteModel, name: str, year: int) -> object:
        return linear(terms[name, year]) <= rows[name, year].value

    context.model.add_component(kind.value, pyo.Constraint([key for key in rows if terms[key]], rule=yearly_limit))
