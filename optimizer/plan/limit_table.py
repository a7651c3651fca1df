"""The limits table: how much of every physical, financial and environmental limit a plan uses (SEMANTICS 10.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from optimizer.instance.calendar import format_span
from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.schema import Chip, Limit, LimitKind, Objective, PowerOption
from optimizer.model.chip_supply import chip_supply
from optimizer.model.power import technology_limits
from optimizer.model.power_shares import PowerShares
from optimizer.model.scopes import Scope
from optimizer.model.timing import PeriodIndex
from optimizer.plan.state import PlanState
from optimizer.plan.tables import DemandServed, LimitUse, PowerEnergy, Serving, SiteDispatch
from optimizer.units import gw_from_mw, millions

#: Slack below this share of the limit counts as none.
BINDING = 1e-6


def is_binding(slack: float, used: float, limit: float) -> bool:
    """Whether nothing is left of a limit that matters."""
    return slack < BINDING * max(1.0, abs(limit)) and (used > 0 or limit > 0)


def _ceiling(family: str, name: str, when: str, used: float, limit: float, unit: str) -> LimitUse:
    return LimitUse(family, name, when, used, limit, limit - used, unit, is_binding(limit - used, used, limit))


def _floor(family: str, name: str, when: str, used: float, limit: float, unit: str) -> LimitUse:
    return LimitUse(family, name, when, used, limit, used - limit, unit, is_binding(used - limit, used, limit))


def limit_rows(
    state: PlanState,
    energy: Iterable[PowerEnergy],
    serving: Iterable[Serving],
    demand: Iterable[DemandServed],
    dispatch: Iterable[SiteDispatch],
) -> Iterator[LimitUse]:
    """Make one row for every limit and date."""
    energy, serving, dispatch = tuple(energy), tuple(serving), tuple(dispatch)
    growth = supply_growth(state, demand)
    yield from _budgets(state)
    yield from _chip_supply(state, growth)
    yield from _supply_response(state, growth)
    yield from _take_or_pay(state)
    yield from _slots(state)
    yield from _grid_headroom(state)
    yield from _technology_limits(state)
    yield from _site_carbon(state, energy, dispatch)
    yield from _sovereignty(state, serving)
    for limit in state.instance.limits:
        if limit.year in state.timing.years:
            yield _limit(state, limit, energy, dispatch)
    if state.instance.settings.objective is Objective.COST:
        yield from _required_compute(state)


def _budgets(state: PlanState) -> Iterator[LimitUse]:
    spent: dict[tuple[str, int], float] = defaultdict(float)
    for payment in state.payments:
        pool = state.instance.site_by_id[payment.site].pool
        spent[pool, state.timing.year(payment.period)] += payment.busd
    share = state.instance.settings.finance.carry_over_share
    budgets = {(row.pool, row.year): row.capital_busd for row in state.instance.budgets}
    for pool in sorted({pool for pool, _ in budgets}):
        carried = 0.0
        for year in state.timing.years:
            if (pool, year) in budgets:
                available = budgets[pool, year] + carried
                yield _ceiling("budget", pool, str(year), spent[pool, year], available, "busd")
                carried = share * max(0.0, available - spent[pool, year])


Growth = Mapping[tuple[str, int], float]
"""What unmet demand may add to the supply of a chip in a calendar year [million chips] (SEMANTICS 7.16)."""


def supply_growth(state: PlanState, demand: Iterable[DemandServed]) -> Growth:
    """What unmet demand may add, for every chip that supply_response.csv names and year in which it is on sale."""
    unmet: dict[tuple[str, int], float] = defaultdict(float)
    for block in demand:
        unmet[block.region, block.year] += block.offered_h100e_million_years - block.sold_h100e_million_years
    growth: dict[tuple[str, int], float] = {}
    for row in state.instance.supply_response:
        chip = state.instance.chip_by_id[row.chip]
        for year in state.timing.years:
            if any(_share_of_extra(state, chip, t) > 0 for t in state.timing.of_year(year)):
                wanted = max(0.0, unmet[row.region, year - row.lag_years])
                growth[row.chip, year] = growth.get((row.chip, year), 0.0) + row.chips_per_unmet_h100e * wanted
    return growth


def _share_of_extra(state: PlanState, chip: Chip, period: PeriodIndex) -> float:
    """Share of a year's extra chips that comes in a period: even over the months of the year in which it is on sale."""
    year = state.timing.year(period)
    on_sale = [month for month in range(12 * year, 12 * year + 12) if chip.release <= month < chip.end_of_sale]
    span = state.timing.calendar.periods[period]
    return sum(span.start <= month < span.end for month in on_sale) / len(on_sale) if on_sale else 0.0


def _extra(state: PlanState, growth: Growth, chip: Chip, period: PeriodIndex) -> float:
    """Extra chips on offer in a period [million]."""
    in_year = growth.get((chip.chip, state.timing.year(period)), 0.0)
    return in_year * _share_of_extra(state, chip, period) if in_year > 0 else 0.0


def _installed_of_chip(state: PlanState) -> Mapping[tuple[str, int], float]:
    installed: dict[tuple[str, int], float] = defaultdict(float)
    for (_, name, t), count in state.decisions.installed.items():
        installed[name, t] += count
    return installed


def _chip_supply(state: PlanState, growth: Growth) -> Iterator[LimitUse]:
    """Supply, stock and extra chips; the extra ones are taken first and never kept."""
    supply, timing, installed = chip_supply(state.context), state.timing, _installed_of_chip(state)
    carry = state.instance.settings.model.chip_carry_months
    for chip in state.instance.chips:
        kept = 0.0
        on_sale = frozenset(timing.on_sale(chip))
        for t in timing.periods:
            offered = supply.get((chip.chip, t), 0.0) + kept
            used, extra = installed.get((chip.chip, t), 0.0), _extra(state, growth, chip, t)
            if t in on_sale:
                yield _ceiling("chip_supply", chip.chip, t.label, used, offered + extra, "chips_million")
            oldest = timing.calendar.periods[t].end - carry
            room = sum(supply.get((chip.chip, s), 0.0) for s in timing.periods[: t + 1] if timing.start(s) >= oldest)
            kept = min(max(0.0, offered - max(0.0, used - extra)), room)


def _supply_response(state: PlanState, growth: Growth) -> Iterator[LimitUse]:
    installed = _installed_of_chip(state)
    for (name, year), most in growth.items():
        chip = state.instance.chip_by_id[name]
        taken = sum(
            min(installed.get((name, t), 0.0), _extra(state, growth, chip, t)) for t in state.timing.of_year(year)
        )
        yield _ceiling("supply_response", name, str(year), taken, most, "chips_million")


def _take_or_pay(state: PlanState) -> Iterator[LimitUse]:
    for row in state.instance.chip_supply:
        within = [t for t in state.timing.periods if row.during.start <= state.timing.start(t) < row.during.end]
        if row.minimum_units > 0 and within:
            used = sum(n for (_, chip, t), n in state.decisions.installed.items() if chip == row.chip and t in within)
            least = millions(row.minimum_units)
            yield _floor("take_or_pay", row.chip, format_span(row.during), used, least, "chips_million")


def _slots(state: PlanState) -> Iterator[LimitUse]:
    shares = PowerShares(state.instance)
    added: dict[tuple[str, int], float] = defaultdict(float)
    computed: list[tuple[int, PowerOption, float]] = []
    for (site, name, d), gw in state.additions.items():
        option = state.options[site, name]
        if shares.technologies(option) is None:
            added[option.kind, state.timing.year(d)] += gw
        else:
            computed.append((state.timing.year(d), option, gw))
    for row in state.instance.slots:
        if row.year in state.timing.years:
            given = sum(
                use.mw_per_mw * added[use.kind, row.year]
                for use in state.instance.slot_use
                if use.resource == row.resource
            )
            parts = (shares.slot(option, row.resource) * gw for year, option, gw in computed if year == row.year)
            used = given + sum(parts)
            yield _ceiling("slots", row.resource, str(row.year), used, gw_from_mw(row.mw), "gw")


def _grid_headroom(state: PlanState) -> Iterator[LimitUse]:
    rows: dict[str, dict[int, float]] = defaultdict(dict)
    for row in state.instance.grid_headroom:
        rows[row.grid_region][row.year] = gw_from_mw(row.cumulative_mw)
    last_decision = {state.timing.year(d): d for d in state.timing.decisions}
    shares = PowerShares(state.instance)
    for region, by_year in rows.items():
        options = [
            option
            for option in state.instance.power_options
            if shares.grid(option) > 0 and state.instance.site_by_id[option.site].grid_region == region
        ]
        for year, d in last_decision.items():
            known = [y for y in by_year if y <= year]
            if known:
                used = sum(shares.grid(option) * state.capacity_gw(option, d) for option in options)
                yield _ceiling("grid_headroom", region, str(year), used, by_year[max(known)], "gw")


def _technology_limits(state: PlanState) -> Iterator[LimitUse]:
    """Rows of technologies that stand at a site at the end of a year."""
    shares, limits = PowerShares(state.instance), technology_limits(state.context)
    for year, d in {state.timing.year(d): d for d in state.timing.decisions}.items():
        used: dict[tuple[str, str], float] = defaultdict(float)
        for option in state.instance.power_options:
            for technology, mw in (shares.technologies(option) or {}).items():
                used[option.site, technology] += mw * state.capacity_gw(option, d)
        for (site, technology), gw in used.items():
            if gw > 0:
                limit = limits.get((site, technology, d), 0.0)
                yield _ceiling("technology_limits", f"{site}/{technology}", str(year), gw, limit, "gw")


def _site_carbon(
    state: PlanState, energy: tuple[PowerEnergy, ...], dispatch: tuple[SiteDispatch, ...]
) -> Iterator[LimitUse]:
    """Carbon of sites with a limit per MWh, in years in which they are given energy."""
    instance, loads = state.instance, state.instance.load_of_dispatch
    for needs in instance.power_needs:
        limit = needs.carbon_limit_t_per_mwh
        for year in state.timing.years if limit is not None else ():
            of_site = [row for row in energy if (row.site, row.year) == (needs.site, year)]
            delivered = sum(
                row.energy_twh for row in of_site if not instance.is_dispatched(state.options[row.site, row.option])
            )
            for row in dispatch:
                if (row.site, row.year) == (needs.site, year):
                    load = loads.get((row.site, row.mode))
                    delivered += row.level_twh * (1.0 if load is None else load.delivered)
            if delivered > 0 and limit is not None:
                emitted = sum(row.carbon_mt for row in of_site)
                yield _ceiling("site_carbon", needs.site, str(year), emitted, limit * delivered, "mt")


def _sovereignty(state: PlanState, serving: tuple[Serving, ...]) -> Iterator[LimitUse]:
    flows: dict[tuple[str, str, int], list[Serving]] = defaultdict(list)
    for flow in serving:
        flows[flow.region, flow.workload, flow.year].append(flow)
    wanted = {(row.region, row.workload, row.year) for row in state.instance.demand}
    for row in state.instance.sovereignty:
        allowed = parse_country_set(row.allowed)
        for year in state.timing.years:
            if year < row.first_year or (row.region, row.workload, year) not in wanted:
                continue
            month = max(12 * year, state.timing.calendar.start)
            sales = flows[row.region, row.workload, year]
            inside = sum(
                flow.sold_h100e_million_years
                for flow in sales
                if allowed.contains(flow.country, month, state.instance.groups)
            )
            least = row.minimum_share * sum(flow.sold_h100e_million_years for flow in sales)
            name = f"{row.region}/{row.workload}"
            yield _floor("sovereignty", name, str(year), inside, least, "h100e_million_years")


def _limit(
    state: PlanState, limit: Limit, energy: tuple[PowerEnergy, ...], dispatch: tuple[SiteDispatch, ...]
) -> LimitUse:
    scope = Scope.of(state.context, limit)
    sites = {site.site for site in state.instance.sites if scope.contains(site)}
    name, when = limit.limit, str(limit.year)
    match limit.kind:
        case LimitKind.CAPITAL_SHARE:
            spent = _capital_up_to(state, limit.year)
            used = sum(busd for country, busd in spent.items() if scope.contains_country(country))
            return _ceiling("capital_share", name, when, used, limit.value * sum(spent.values()), "busd")
        case LimitKind.IT_GW:
            members = [site for site in state.instance.sites if site.site in sites]
            periods = state.timing.of_year(limit.year)
            used = max(sum(state.online_gw(site, t) for site in members) for t in periods)
            return _ceiling("it_gw", name, when, used, limit.value, "gw")
        case LimitKind.GAS_GW:
            return _ceiling("gas_gw", name, when, _on_gas(state, sites, limit.year), limit.value, "gw")
        case LimitKind.CARBON_MT:
            used = sum(row.carbon_mt for row in energy if row.year == limit.year and row.site in sites)
            return _ceiling("carbon_mt", name, when, used, limit.value, "mt")
        case LimitKind.WATER_MILLION_M3:
            used = sum(row.water_million_m3 for row in energy if row.year == limit.year and row.site in sites)
            inside = (row for row in dispatch if row.year == limit.year and row.site in sites)
            used += sum(row.cooling_water_million_m3 for row in inside)
            return _ceiling("water_million_m3", name, when, used, limit.value, "million_m3")


def _on_gas(state: PlanState, sites: set[str], year: int) -> float:
    """Capacity on gas in the last period of a year [GW]."""
    shares, last = PowerShares(state.instance), state.timing.of_year(year)[-1]
    return sum(
        shares.gas(option) * state.capacity_gw(option, last)
        for option in state.instance.power_options
        if option.site in sites
    )


def _capital_up_to(state: PlanState, year: int) -> Mapping[str, float]:
    spent: dict[str, float] = defaultdict(float)
    for payment in state.payments:
        if state.timing.year(payment.period) <= year:
            spent[state.instance.site_by_id[payment.site].country] += payment.busd
    return spent


def _required_compute(state: PlanState) -> Iterator[LimitUse]:
    for row in state.instance.required_compute:
        if row.year in state.timing.years:
            average = sum(
                state.compute[site.site][t] * state.timing.length(t)
                for site in state.instance.sites
                for t in state.timing.of_year(row.year)
            ) / state.timing.year_length(row.year)
            yield _floor("required_compute", "compute", str(row.year), average, row.h100e_million, "h100e_million")
