"""Recomputes every dollar: capital, financing, running cost, values at the end, cash and NPV (SEMANTICS 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Site
from optimizer.plan.audit.building import SiteBuild
from optimizer.plan.audit.chips import Fleet
from optimizer.plan.audit.clock import Clock, Series
from optimizer.plan.audit.ledger import NOTHING, Ledger
from optimizer.plan.audit.option_years import dispatched_sites
from optimizer.plan.audit.power import Supplies
from optimizer.plan.audit.recomputed import Recomputed, SiteMoney
from optimizer.plan.tables import CashFlow

TERMINAL_VALUE = "terminal_value"


def capital_recovery(rate: float, life_years: float) -> float:
    """Yearly payment that returns one unit of capital over its life (6.3)."""
    return 1 / life_years if rate == 0 else rate / (1 - (1 + rate) ** -life_years)


def premium_share(instance: Instance, site: Site, life_years: float) -> float:
    """Financing premium on a payment for an asset of this life, as a share of it (6.3)."""
    wacc = instance.country_by_code[site.country].wacc_fraction
    rate = instance.settings.finance.discount_rate
    return max(0.0, capital_recovery(wacc, life_years) / capital_recovery(rate, life_years) - 1)


def site_money(
    instance: Instance,
    clock: Clock,
    builds: Mapping[str, SiteBuild],
    fleets: Mapping[tuple[str, str], Fleet],
    supplies: Supplies,
) -> dict[str, SiteMoney]:
    """Add up the capital of every site."""
    fleets_of: dict[str, list[Fleet]] = {site.site: [] for site in instance.sites}
    for (name, _), fleet in fleets.items():
        fleets_of[name].append(fleet)
    money: dict[str, SiteMoney] = {}
    shell_life = instance.settings.finance.shell_life_years
    for site in instance.sites:
        build = builds[site.site]
        shell = premium_share(instance, site, shell_life)
        premium = shell * (build.opening + build.modules + build.committed_modules)
        left = (1 + shell) * (build.opening_left + build.modules_left)
        power, chips, taxes = clock.zeros(), clock.zeros(), clock.zeros()
        for option in instance.options_of_site[site.site]:
            supply = supplies.get((site.site, option.option))
            if supply is not None:
                share = premium_share(instance, site, option.life_years)
                power += supply.capex
                premium += share * supply.capex
                left += (1 + share) * supply.value_left
        for fleet in fleets_of[site.site]:
            share = premium_share(instance, site, fleet.chip.life_months / 12)
            chips += fleet.price
            taxes += fleet.taxes
            premium += share * (fleet.price + fleet.taxes)
            left += fleet.value_at_end
        money[site.site] = SiteMoney(
            build.opening, build.modules, build.committed_modules, power, chips, taxes, premium, left
        )
    return money


def cash_by_category(plan: Recomputed) -> dict[str, Series]:
    """Cash of each category and period, inflow positive, undiscounted (6.6)."""
    instance, clock, sales = plan.instance, plan.clock, plan.sales
    terminal = clock.zeros()
    if instance.settings.finance.terminal_value:
        terminal[-1] = sum(one.value_left for one in plan.money.values())
    energy: dict[int, float] = dict.fromkeys(clock.periods_of_year, 0.0)
    for supply in plan.supplies.values():
        for year, cost in supply.energy_cost.items():
            energy[year] += cost
    for (_, year), load in plan.loads.items():
        energy[year] += load.tax
    charge = dict.fromkeys(clock.periods_of_year, 0.0)
    dispatched = dispatched_sites(instance)
    for (site_name, year), service in plan.service.items():
        # Options that are portfolios have both in their own costs.
        if site_name in dispatched:
            energy[year] += service.cost
            charge[year] += service.charge
    om, tax = clock.zeros(), clock.zeros()
    for site in instance.sites:
        build = plan.builds[site.site]
        rate = instance.country_by_code[site.country].property_tax_fraction_per_year
        om += clock.lengths * build.online_gw * site.om_busd_per_gw_year
        tax += clock.lengths * build.online_modules * (site.module_cost_busd * rate)
    every = list(plan.money.values())
    return {
        "revenue": _spread(clock, sales.revenue),
        "chip_resale": sum((fleet.resale for fleet in plan.fleets.values()), clock.zeros()),
        TERMINAL_VALUE: terminal,
        "site_opening": -sum((one.opening for one in every), clock.zeros()),
        "modules": -sum((one.modules for one in every), clock.zeros()),
        "committed_modules": -sum((one.committed_modules for one in every), clock.zeros()),
        "power_capex": -sum((one.power_capex for one in every), clock.zeros()),
        "chips": -sum((one.chips for one in every), clock.zeros()),
        "chip_taxes": -sum((one.chip_taxes for one in every), clock.zeros()),
        "financing_premium": -sum((one.premium for one in every), clock.zeros()),
        "site_om": -om,
        "property_tax": -tax,
        "power_fixed": -sum((supply.fixed for supply in plan.supplies.values()), _spread(clock, charge)),
        "power_energy": -_spread(clock, energy),
        "serving": -_spread(clock, sales.serving_cost),
        "quota_steps": -plan.step_payments,
    }


def _spread(clock: Clock, by_year: Mapping[int, float]) -> Series:
    """Spread yearly amounts over the periods of their year by length (1.3)."""
    shares = [by_year[clock.year_of[t]] * clock.months[t] / clock.months_of_year[clock.year_of[t]] for t in
              range(len(clock))]  # fmt: skip
    return np.array(shares)


def net_present_value(clock: Clock, cash: Mapping[str, Series]) -> float:
    """Discounted sum of all cash [B USD] (6.6)."""
    return sum(float((series * _discount(clock, category)).sum()) for category, series in cash.items())


def _discount(clock: Clock, category: str) -> Series:
    return np.full(len(clock), clock.discount_at_end) if category == TERMINAL_VALUE else clock.discount


def audit_cash(ledger: Ledger, clock: Clock, rows: Sequence[CashFlow], cash: Mapping[str, Series]) -> None:
    """Check that every flow has a row, and every row is right."""
    stated = {(row.period, row.category): row for row in rows}
    for category, series in cash.items():
        discount = _discount(clock, category)
        for t, label in enumerate(clock.labels):
            busd, factor = float(series[t]), float(discount[t])
            row = stated.get((label, category))
            if row is None:
                if abs(busd) > NOTHING:
                    ledger.absent("cash.rows", "cash", f"{label} {category}", f"{busd!r} B USD flow, but have no row")
                continue
            ledger.number("cash.busd", row, "busd", busd)
            ledger.number("cash.discount_factor", row, "discount_factor", factor)
            ledger.number("cash.pv", row, "pv_busd", busd * factor)


@dataclass(frozen=True)
class BudgetUse:
    """Capital of a pool in a year, against what it may spend [B USD] (6.2)."""

    pool: str
    year: int
    used: float
    limit: float


def budget_uses(plan: Recomputed) -> list[BudgetUse]:
    """Both sides of every budget, unspent money carried from year to year."""
    instance, clock = plan.instance, plan.clock
    given = {(row.pool, row.year): row.capital_busd for row in instance.budgets}
    pools = dict.fromkeys([row.pool for row in instance.budgets] + [site.pool for site in instance.sites])
    uses: list[BudgetUse] = []
    for pool in pools:
        spent = clock.zeros()
        for site in instance.sites:
            if site.pool == pool:
                spent += plan.money[site.site].capital
        carried = 0.0
        for year, periods in clock.periods_of_year.items():
            used = float(spent[list(periods)].sum())
            limit = given.get((pool, year), 0.0) + carried
            uses.append(BudgetUse(pool, year, used, limit))
            carried = instance.settings.finance.carry_over_share * max(0.0, limit - used)
    return uses
