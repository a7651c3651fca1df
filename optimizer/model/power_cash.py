"""Cash of power: capital, capacity charges, energy, and what the load itself pays (SEMANTICS 4.5, 12.16)."""

from __future__ import annotations

from optimizer.instance.instance import Instance
from optimizer.model.cashbook import CapitalAccount, CashCategory
from optimizer.model.dispatch import TechnologyShares
from optimizer.model.power import PowerSupply
from optimizer.units import busd_per_twh


def record_power_cash(supply: PowerSupply) -> None:
    """Record capex on the date of addition, capacity charges by period, energy by year, value left at the end."""
    context, timing, instance = supply.context, supply.context.timing, supply.context.instance
    for option in instance.power_options:
        site = instance.site_by_id[option.site]
        for d in supply.dates[option.site, option.option]:
            account = CapitalAccount(site.country, site.pool, timing.year(d))
            cost = instance.option_in_year(option, timing.year(d)).capex_busd_per_gw
            for sign, variable in supply.added_on(option, d):
                context.spend(CashCategory.POWER_CAPEX, account, d, sign * cost, option.life_years, variable)
                context.keep(sign * cost, timing.start(d), option.life_years, site.country, variable)
            fixed = sum(
                timing.discount[t]
                * timing.length(t)
                * instance.option_in_year(option, timing.year(t)).fixed_busd_per_gw_year
                for t in timing.served_by(d)
            )
            context.cash.add(CashCategory.POWER_FIXED, -fixed, context.model.capacity[option.site, option.option, d])
    _record_energy_cash(supply)


def _record_energy_cash(supply: PowerSupply) -> None:
    """Record the cost of energy, and power tax on what is delivered: by options, at dispatched sites to the load."""
    context, instance, discount = supply.context, supply.context.instance, supply.context.timing.year_discount
    options = {(option.site, option.option): option for option in instance.power_options}
    for name, key, year in context.model.energy:
        cost = instance.option_in_year(options[name, key], year).energy_busd_per_twh
        tax = 0.0 if name in instance.dispatched_sites else _power_tax(instance, name)
        variable = context.model.energy[name, key, year]
        context.cash.add(CashCategory.POWER_ENERGY, -discount[year] * (cost + tax), variable)
    shares = TechnologyShares(instance)
    _record_load_cash(supply)
    for (name, year), of_year in supply.dispatch.items():
        for factor, variable in supply.delivered(name, year):
            taxed = -discount[year] * _power_tax(instance, name) * factor
            context.cash.add(CashCategory.POWER_ENERGY, taxed, variable)
        for technology, terms in of_year.dearer.items():
            option, _ = shares.by_technology[name, technology][0]
            cost = instance.option_in_year(option, year).energy_busd_per_twh
            for factor, variable in terms:
                context.cash.add(CashCategory.POWER_ENERGY, -discount[year] * cost * factor, variable)


def _record_load_cash(supply: PowerSupply) -> None:
    """Record the cost of cuts, and charges on the highest draw, of dispatched sites; portfolios have them in theirs."""
    context, discount = supply.context, supply.context.timing.year_discount
    for name, year in supply.dispatch:
        needs = context.instance.needs(name)
        if needs.is_curtailable:
            cost = -discount[year] * needs.curtailment_busd_per_twh
            context.cash.add(CashCategory.POWER_ENERGY, cost, context.model.cut[name, year])
        if needs.is_metered:
            charge = -discount[year] * needs.demand_charge_busd_per_gw_year
            context.cash.add(CashCategory.POWER_FIXED, charge, context.model.grid_peak[name, year])


def _power_tax(instance: Instance, site: str) -> float:
    """Power tax of a site's country [B USD per TWh]."""
    return busd_per_twh(instance.country_by_code[instance.site_by_id[site].country].power_tax_usd_per_mwh)


__all__ = ["record_power_cash"]
