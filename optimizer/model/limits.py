"""Limits on IT power, power on gas, carbon and water of a part of the world (SEMANTICS 8.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from optimizer.instance.schema import Limit, LimitKind, PowerOption
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term
from optimizer.model.power import PowerSupply
from optimizer.model.power_shares import PowerShares
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.scopes import Scope
from optimizer.model.siting import Siting
from optimizer.model.timing import PeriodIndex


def _limits(context: ModelContext, kind: LimitKind) -> list[Limit]:
    return [row for row in context.instance.limits if row.kind is kind and row.year in context.timing.years]


def it_rows(context: ModelContext, siting: Siting) -> Rows:
    """Sum over sites of module_gw x modules on line <= value, in every period of the year."""
    rows: dict[tuple[str, PeriodIndex], LinearRow] = {}
    for limit in _limits(context, LimitKind.IT_GW):
        scope = Scope.of(context, limit)
        members = [site for site in context.instance.sites if scope.contains(site)]
        for t in context.timing.of_year(limit.year):
            capacities = [siting.capacity(site, t) for site in members]
            room = limit.value - sum(committed for _, committed in capacities)
            rows[limit.limit, t] = LinearRow([term for decided, _ in capacities for term in decided], upper=room)
    return rows


def gas_rows(supply: PowerSupply) -> Rows:
    """Sum over options of MW on gas per MW x capacity <= value, in the last period of the year."""
    context, shares = supply.context, PowerShares(supply.context.instance)
    rows: dict[tuple[str, int], LinearRow] = {}
    for limit in _limits(context, LimitKind.GAS_GW):
        scope, last = Scope.of(context, limit), context.timing.of_year(limit.year)[-1]
        terms = [
            (burnt * factor, state)
            for option in context.instance.power_options
            if (burnt := shares.gas(option)) > 0 and scope.contains(context.instance.site_by_id[option.site])
            for factor, state in supply.capacity_at(option, last)
        ]
        if not terms:
            context.vacuous.append(Vacuous("limits", f"{limit.limit}/{limit.year}", "nothing in the scope burns gas"))
        rows[limit.limit, limit.year] = LinearRow(terms, upper=limit.value)
    return rows


def carbon_rows(context: ModelContext) -> Rows:
    """Sum of carbon_t_per_mwh x energy <= value; t/MWh x TWh is Mt."""
    return _energy_rows(context, LimitKind.CARBON_MT, lambda option: option.carbon_t_per_mwh, {})


def water_rows(supply: PowerSupply) -> Rows:
    """Sum of water per MWh x energy <= value; m3/MWh x TWh is million m3. Sites cool what their load takes."""
    instance = supply.context.instance

    def water_m3_per_mwh(option: PowerOption) -> float:
        cooling = 0.0 if option.site in instance.dispatched_sites else instance.site_by_id[option.site].water_m3_per_mwh
        return option.water_m3_per_mwh + cooling

    of_load = {
        (site, year): [(instance.site_by_id[site].water_m3_per_mwh * twh, v) for twh, v in supply.delivered(site, year)]
        for site, year in supply.dispatch
        if instance.site_by_id[site].water_m3_per_mwh > 0
    }
    return _energy_rows(supply.context, LimitKind.WATER_MILLION_M3, water_m3_per_mwh, of_load)


def _energy_rows(
    context: ModelContext,
    kind: LimitKind,
    intensity: Callable[[PowerOption], float],
    of_load: Mapping[tuple[str, int], list[Term]],
) -> Rows:
    options = {(option.site, option.option): option for option in context.instance.power_options}
    rows: dict[tuple[str, int], LinearRow] = {}
    for limit in _limits(context, kind):
        scope = Scope.of(context, limit)
        terms = [
            (weight, variable)
            for (site, key, year), variable in context.model.energy.items()
            if year == limit.year
            and (weight := intensity(context.instance.option_in_year(options[site, key], year))) > 0
            and scope.contains(context.instance.site_by_id[site])
        ]
        for (site, year), of_site in of_load.items():
            if year == limit.year and scope.contains(context.instance.site_by_id[site]):
                terms += of_site
        if not terms:
            reason = "nothing in the scope uses any of it"
            context.vacuous.append(Vacuous("limits", f"{limit.limit}/{limit.year}", reason))
        rows[limit.limit, limit.year] = LinearRow(terms, upper=limit.value)
    return rows
