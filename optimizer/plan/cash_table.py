"""The cash table: every dollar of the plan by period and category (SEMANTICS 6.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from optimizer.instance.schema import Site
from optimizer.model.cashbook import CashCategory
from optimizer.model.timing import PeriodIndex
from optimizer.plan.state import PlanState
from optimizer.plan.tables import CashFlow, DemandServed, LoadService, PowerEnergy, Serving, SiteDispatch

_Entry = tuple[PeriodIndex, CashCategory, float]


def cash_rows(
    state: PlanState,
    energy: Iterable[PowerEnergy],
    serving: Iterable[Serving],
    demand: Iterable[DemandServed],
    dispatch: Iterable[SiteDispatch],
    service: Iterable[LoadService],
) -> Iterator[CashFlow]:
    """Add up all cash by period and category."""
    energy, serving = tuple(energy), tuple(serving)
    # What cuts and charges cost portfolios is part of their energy and fixed cost.
    of_modes = [row for row in service if row.site in state.instance.dispatched_sites]
    revenue = [(row.year, row.revenue_busd) for row in demand]
    revenue += [(row.year, -row.stack_discount_busd) for row in serving]
    totals: dict[tuple[PeriodIndex, CashCategory], float] = defaultdict(float)
    sources = (
        _capital(state),
        _sites(state),
        _power_fixed(state),
        _resale(state),
        _steps(state),
        _yearly(state, CashCategory.REVENUE, revenue),
        _yearly(state, CashCategory.SERVING, ((row.year, -row.serving_cost_busd) for row in serving)),
        _yearly(state, CashCategory.POWER_ENERGY, ((row.year, -row.energy_cost_busd) for row in energy)),
        _yearly(state, CashCategory.POWER_ENERGY, ((row.year, -row.power_tax_busd) for row in dispatch)),
        _yearly(state, CashCategory.POWER_ENERGY, ((row.year, -row.cut_cost_busd) for row in of_modes)),
        _yearly(state, CashCategory.POWER_FIXED, ((row.year, -row.demand_charge_busd) for row in of_modes)),
        _terminal(state),
    )
    for source in sources:
        for period, category, busd in source:
            totals[period, category] += busd
    for (period, category), busd in sorted(totals.items(), key=lambda item: (int(item[0][0]), item[0][1])):
        if busd != 0:
            final = category is CashCategory.TERMINAL_VALUE
            factor = state.timing.final_discount if final else state.timing.discount[period]
            yield CashFlow(period.label, category, busd, factor, busd * factor)


def _capital(state: PlanState) -> Iterator[_Entry]:
    for payment in state.payments:
        country = state.instance.site_by_id[payment.site].country
        premium = state.context.prices.financing_premium(country, payment.life_years)
        yield payment.period, payment.category, -payment.busd
        yield payment.period, CashCategory.FINANCING_PREMIUM, -premium * payment.busd


def _sites(state: PlanState) -> Iterator[_Entry]:
    for site in state.instance.sites:
        tax = state.instance.country_by_code[site.country].property_tax_fraction_per_year
        gross_cost_per_gw = site.module_cost_busd / site.module_gw
        for t in state.timing.periods:
            running = state.online_gw(site, t) * state.timing.length(t)
            yield t, CashCategory.SITE_OM, -running * site.om_busd_per_gw_year
            yield t, CashCategory.PROPERTY_TAX, -running * tax * gross_cost_per_gw


def _power_fixed(state: PlanState) -> Iterator[_Entry]:
    for option in state.instance.power_options:
        for t in state.timing.periods:
            held = state.capacity_gw(option, t) * state.timing.length(t)
            fixed = state.instance.option_in_year(option, state.timing.year(t)).fixed_busd_per_gw_year
            yield t, CashCategory.POWER_FIXED, -held * fixed


def _resale(state: PlanState) -> Iterator[_Entry]:
    for (_, chip_id, t), count in state.decisions.retired_early.items():
        value = state.context.prices.resale_value(state.instance.chip_by_id[chip_id], state.timing.start(t))
        yield t, CashCategory.CHIP_RESALE, count * value


def _steps(state: PlanState) -> Iterator[_Entry]:
    """Prices of quota steps, each in the first period in which it serves (SEMANTICS 7.13)."""
    for step in state.context.regime.quota_steps:
        for group in step.groups:
            if step.bought_in is not None and (step.name, str(group)) in state.decisions.steps:
                yield state.timing.periods[step.bought_in], CashCategory.QUOTA_STEPS, -step.cost_busd


def _yearly(state: PlanState, category: CashCategory, flows: Iterable[tuple[int, float]]) -> Iterator[_Entry]:
    """Spread yearly flows over the periods of their year by length (SEMANTICS 1.3)."""
    totals: dict[int, float] = defaultdict(float)
    for year, busd in flows:
        totals[year] += busd
    for year, busd in totals.items():
        for t in state.timing.of_year(year):
            yield t, category, busd * state.timing.length(t) / state.timing.year_length(year)


def _terminal(state: PlanState) -> Iterator[_Entry]:
    """What shells, power and chips are worth at the end (SEMANTICS 6.5)."""
    if not state.instance.settings.finance.terminal_value:
        return
    last, prices = state.timing.last, state.context.prices
    for site in state.instance.sites:
        yield from ((last, CashCategory.TERMINAL_VALUE, busd) for busd in _shell_values(state, site))
    for (name, key, d), added in state.additions.items():
        option = state.option(name, key, state.timing.year(d))
        country = state.instance.site_by_id[name].country
        cost = added * option.capex_busd_per_gw
        value = _left(state, cost, state.timing.start(d), option.life_years, country)
        yield last, CashCategory.TERMINAL_VALUE, value
    for (_, chip_id), counts in state.working.items():
        value = prices.resale_value(state.instance.chip_by_id[chip_id], state.timing.calendar.end)
        yield last, CashCategory.TERMINAL_VALUE, counts[last] * value


def _shell_values(state: PlanState, site: Site) -> Iterator[float]:
    life = state.context.shell_life_years
    for position, (d, online, modules) in enumerate(state.phases.get(site.site, ())):
        opening = state.opening_cost(site, position, modules)
        yield _left(state, opening, state.timing.start(d), life, site.country)
        cost = modules * state.context.prices.module_cost(site)
        yield _left(state, cost, state.timing.start(online), life, site.country)


def _left(state: PlanState, busd: float, month: int, life_years: float, country: str) -> float:
    share = max(0.0, 1 - state.timing.years_until_end(month) / life_years)
    return share * busd * (1 + state.context.prices.financing_premium(country, life_years))
