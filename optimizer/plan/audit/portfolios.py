"""Recomputes computed power from its parts: what they hold, take and cost (SEMANTICS 12.1, 12.2, 12.11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer import units
from optimizer.instance.instance import Instance
from optimizer.instance.schema import OptionYear, PortfolioPart, PowerOption, TechnologyKind, TechnologyRow
from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.ledger import Ledger
from optimizer.plan.audit.option_years import OptionYears, dispatched_sites
from optimizer.plan.audit.power import Supplies, Supply
from optimizer.plan.audit.service import cut_share, load_of, needs_of

#: Hours for which stored energy must last to count on the worst hour (12.7).
FIRM_HOURS = 4
#: Factor on the price of energy, lowest and highest, where the price has no hours of its own.
FLAT_PRICE = (1.0, 1.0)


def parts(instance: Instance, option: PowerOption) -> Sequence[PortfolioPart]:
    """Parts of a computed option; none of a given one."""
    return instance.parts_of_option.get((option.site, option.option), ())


def grid_use(instance: Instance, option: PowerOption) -> float:
    """MW of grid per MW of an option (4.6)."""
    of_option = parts(instance, option)
    if not of_option:
        return float(option.kind.uses_grid_headroom)
    kinds = {row.technology: row.kind for row in instance.technologies}
    return sum(part.mw_per_mw for part in of_option if kinds[part.technology].is_grid)


def gas_use(instance: Instance, option: PowerOption) -> float:
    """MW on gas per MW of an option (8.2)."""
    of_option = parts(instance, option)
    if not of_option:
        return float(option.kind.value in ("gas_turbine", "gas_engine", "fuel_cell"))
    kinds = {row.technology: row.kind.value for row in instance.technologies}
    burning = ("open_cycle_gas", "combined_cycle_gas", "gas_engine", "fuel_cell")
    return sum(part.mw_per_mw for part in of_option if kinds[part.technology] in burning)


def slot_use(instance: Instance, option: PowerOption, resource: str, by_kind: float) -> float:
    """MW of a long-lead item per MW of an option (4.7)."""
    of_option = parts(instance, option)
    if not of_option:
        return by_kind
    takes = {row.technology: row.slots_mw_per_mw for row in instance.technologies if row.resource == resource}
    return sum(part.mw_per_mw * takes.get(part.technology, 0.0) for part in of_option)


@dataclass(frozen=True)
class Held:
    """Capacity of a technology at a site at the end of a year, and the most there may be [GW]."""

    site: str
    technology: str
    year: int
    gw: float
    limit: float


def technologies_held(instance: Instance, clock: Clock, supplies: Supplies) -> Iterator[Held]:
    """Every technology that stands at a site after the last decision date of a year."""
    leads = {row.technology: row.lead_months for row in instance.technologies}
    for year, periods in clock.periods_of_year.items():
        dates = [t for t in periods if t in clock.decisions]
        if not dates:
            continue
        gw: dict[tuple[str, str], float] = {}
        for supply in supplies.values():
            for part in parts(instance, supply.option):
                key = (part.site, part.technology)
                gw[key] = gw.get(key, 0.0) + part.mw_per_mw * float(supply.capacity[dates[-1]])
        for (site, technology), held in gw.items():
            if held > 0:
                month = clock.starts[dates[-1]]
                there = month >= clock.starts[0] + leads[technology]
                limit = _limit(instance, site, technology, month) if there else 0.0
                yield Held(site, technology, year, held, limit)


def _limit(instance: Instance, site: str, technology: str, month: int) -> float:
    rows = [row for row in instance.technology_limits if (row.site, row.technology) == (site, technology)]
    in_force = [row for row in rows if row.holds_from <= month]
    return units.gw_from_mw(max(in_force, key=lambda row: row.holds_from).cumulative_mw) if in_force else 0.0


def audit_portfolios(ledger: Ledger, instance: Instance, clock: Clock, supplies: Supplies) -> None:
    """Check that options that a plan uses are firm, whole, and charged at least what their parts cost."""
    technologies = {row.technology: row for row in instance.technologies}
    fuel_region = {row.site: row.fuel_region for row in instance.site_power}
    spans, dispatched = dict(price_spans(instance)), dispatched_sites(instance)
    for (site, name), supply in supplies.items():
        of_option = parts(instance, supply.option)
        if not of_option:
            continue
        mix = [(part, technologies[part.technology]) for part in of_option]
        where = f"{site} {name}"
        firm = sum(_firm(part, row) for part, row in mix)
        if site in dispatched:
            _audit_firm_by_year(ledger, instance, clock, supply, mix, firm)
        else:
            needs = needs_of(instance, site)
            margin = 0.0 if needs is None else needs.reserve_margin
            ledger.at_least("portfolio.firm", "power", where, firm, (1 + margin) * supply.option.firm_credit)
            _audit_availability(ledger, instance, supply, where)
            made = sum(part.mwh_per_mwh for part, row in mix if row.kind is not TechnologyKind.LITHIUM_STORAGE)
            ledger.at_least("portfolio.energy", "energy", where, made, 1.0)
            _audit_price_factors(ledger, mix, spans.get(site, FLAT_PRICE), where)
        prices = Prices(instance, fuel_region[site])
        _audit_dates(ledger, clock, supply, mix, prices, where)


def _audit_firm_by_year(
    ledger: Ledger,
    instance: Instance,
    clock: Clock,
    supply: Supply,
    mix: Sequence[tuple[PortfolioPart, TechnologyRow]],
    firm: float,
) -> None:
    """A technology counts for what it is, less its share of a spare machine before the site may have a grid (12.7)."""
    numbers, site = OptionYears(instance), supply.site
    grids = {row.technology: row.lead_months for row in instance.technologies if row.kind.is_grid}
    reachable = [
        max(limit.holds_from, clock.start + grids[limit.technology])
        for limit in instance.technology_limits
        if limit.site == site.site and limit.technology in grids and limit.cumulative_mw > 0
    ]
    machine = max(row.unit_mw for _, row in mix)
    for year, periods in clock.periods_of_year.items():
        if any(supply.capacity[t] > 0 for t in periods):
            islanded = all(year < month // 12 for month in reachable)
            needs = needs_of(instance, site.site)
            margin = 0.0 if needs is None else needs.reserve_margin
            spare = machine / (site.module_mw * site.pue_peak) / (1 + margin) if islanded else 0.0
            stated = numbers.of(supply.option, year).firm_credit
            where = f"{site.site} {supply.option.option} {year}"
            ledger.at_least("portfolio.firm", "power", where, firm / (1 + spare), stated)


def _audit_availability(ledger: Ledger, instance: Instance, supply: Supply, where: str) -> None:
    """A portfolio that cuts load delivers no more than the average of the load over its peak, less the cuts (12.16)."""
    cut, site = cut_share(instance, supply.site.site, supply.option.option), supply.site
    if cut > 0:
        most = site.pue_average * instance.settings.power.average_load_share / site.pue_peak * (1 - cut)
        ledger.at_most("portfolio.availability", "power", where, supply.option.energy_availability, most)


def price_spans(instance: Instance) -> Iterator[tuple[str, tuple[float, float]]]:
    """Lowest and highest hour of the price profile of each site that names one (12.10)."""
    named = {row.price_profile for row in instance.site_power if row.price_profile}
    spans: dict[str, tuple[float, float]] = {}
    for hour in instance.hourly_profiles:
        if hour.profile in named:
            low, high = spans.get(hour.profile, (hour.value, hour.value))
            spans[hour.profile] = (min(low, hour.value), max(high, hour.value))
    for row in instance.site_power:
        if row.price_profile in spans:
            yield row.site, spans[row.price_profile]


def _audit_price_factors(
    ledger: Ledger, mix: Sequence[tuple[PortfolioPart, TechnologyRow]], span: tuple[float, float], where: str
) -> None:
    """What is bought from the grid pays what some hours cost; everything else the price as it stands."""
    for part, row in mix:
        bought = row.kind in (TechnologyKind.GRID_FIRM, TechnologyKind.GRID_INTERRUPTIBLE)
        low, high = span if bought else FLAT_PRICE
        at = f"{where} {part.technology}"
        ledger.at_least("portfolio.price_factor", "power", at, part.price_factor, low)
        ledger.at_most("portfolio.price_factor", "power", at, part.price_factor, high)


def _firm(part: PortfolioPart, row: TechnologyRow) -> float:
    if row.kind is TechnologyKind.LITHIUM_STORAGE:
        return row.firm_credit * min(part.mw_per_mw, part.storage_mwh_per_mw / FIRM_HOURS)
    return row.firm_credit * part.mw_per_mw


@dataclass(frozen=True)
class Prices:
    """Costs of technologies and fuels of a region at the start of a year (12.2)."""

    instance: Instance
    fuel_region: str

    def of(self, row: TechnologyRow, column: str, year: int) -> float:
        """A column of `technology_costs`."""
        costs = {cost.year: cost for cost in self.instance.technology_costs if cost.technology == row.technology}
        return _between({known: getattr(cost, column) for known, cost in costs.items()}, year)

    def fuel(self, row: TechnologyRow, column: str, year: int) -> float:
        """A column of `fuel_prices` per MWh delivered."""
        if row.kind is TechnologyKind.LITHIUM_STORAGE:
            return 0.0
        rows = {
            price.year: price
            for price in self.instance.fuel_prices
            if (price.fuel_region, price.fuel) == (self.fuel_region, row.fuel)
        }
        return _between({y: getattr(price, column) for y, price in rows.items()}, year) / row.efficiency


def _between(known: Mapping[int, float], year: int) -> float:
    """Linear between the years known, constant outside; 0 if none is."""
    if not known:
        return 0.0
    before = max((y for y in known if y <= year), default=min(known))
    after = min((y for y in known if y >= year), default=max(known))
    share = 0.0 if after == before else (year - before) / (after - before)
    return known[before] * (1 - share) + known[after] * share


def _audit_dates(
    ledger: Ledger,
    clock: Clock,
    supply: Supply,
    mix: Sequence[tuple[PortfolioPart, TechnologyRow]],
    prices: Prices,
    where: str,
) -> None:
    """Capital in years of addition; fixed cost, energy and carbon in years of use."""
    numbers = OptionYears(prices.instance)
    for year, periods in clock.periods_of_year.items():
        at, option = f"{where} {year}", numbers.of(supply.option, year)
        if any(supply.added[t] > 0 for t in periods):
            capex = sum(
                part.mw_per_mw * prices.of(row, "capex_usd_per_kw", year)
                + part.storage_mwh_per_mw * prices.of(row, "energy_capex_usd_per_kwh", year)
                for part, row in mix
            )
            ledger.at_least("portfolio.capex", "power", at, option.capex_usd_per_kw, capex)
        if any(supply.capacity[t] > 0 for t in periods):
            fixed = sum(part.mw_per_mw * prices.of(row, "fixed_usd_per_kw_year", year) for part, row in mix)
            fixed += _charge(prices.instance, supply)
            ledger.at_least("portfolio.fixed_cost", "energy", at, option.fixed_usd_per_kw_year, fixed)
        if supply.energy.get(year, 0.0) > 0:
            _audit_energy(ledger, supply.option, option, mix, prices, year, at)


def _charge(instance: Instance, supply: Supply) -> float:
    """Demand charge that a portfolio has in its fixed cost [USD per kW and year]; technologies have none (12.16)."""
    needs, load = needs_of(instance, supply.site.site), load_of(instance, supply.site.site, supply.option.option)
    if needs is None or load is None or supply.site.site in dispatched_sites(instance):
        return 0.0
    average = supply.option.energy_availability / (1 - load.cut_mwh_per_mwh)
    return needs.demand_charge_usd_per_kw_year * load.grid_peak_per_load * average


def _cuts(instance: Instance, option: PowerOption) -> float:
    """Cost of cuts that a portfolio has in that of its energy [USD per MWh delivered] (12.16)."""
    needs, cut = needs_of(instance, option.site), cut_share(instance, option.site, option.option)
    if needs is None or option.site in dispatched_sites(instance):
        return 0.0
    return cut / (1 - cut) * (needs.curtailment_cost_usd_per_mwh or 0.0)


def _audit_energy(
    ledger: Ledger,
    option: PowerOption,
    numbers: PowerOption | OptionYear,
    mix: Sequence[tuple[PortfolioPart, TechnologyRow]],
    prices: Prices,
    year: int,
    at: str,
) -> None:
    cost = sum(
        part.mwh_per_mwh
        * part.price_factor
        * (prices.of(row, "variable_usd_per_mwh", year) + prices.fuel(row, "price_usd_per_mwh", year))
        for part, row in mix
    )
    cost += _cuts(prices.instance, option)
    carbon = sum(
        part.mwh_per_mwh * (row.carbon_t_per_mwh + prices.fuel(row, "carbon_t_per_mwh", year)) for part, row in mix
    )
    water = sum(part.mwh_per_mwh * row.water_m3_per_mwh for part, row in mix)
    ledger.at_least("portfolio.energy_cost", "energy", at, numbers.energy_usd_per_mwh, cost)
    ledger.at_least("portfolio.carbon", "energy", at, numbers.carbon_t_per_mwh, carbon)
    ledger.equal("portfolio.water", "energy", at, option.water_m3_per_mwh, water)
