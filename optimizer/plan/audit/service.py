"""Recomputes how the load of sites is served that ask for more than energy (SEMANTICS 12.16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer import units
from optimizer.instance.instance import Instance
from optimizer.instance.schema import DispatchLoad, PowerNeeds, TechnologyKind
from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.ledger import Ledger
from optimizer.plan.audit.option_years import dispatched_sites
from optimizer.plan.audit.power import Supplies
from optimizer.plan.audit.runs import Service
from optimizer.plan.tables import LoadService, SiteDispatch

#: Shares that dispatches state are read with no more precision.
SHARES = 1e-6

SiteServices = Mapping[tuple[str, int], Service]


@dataclass(frozen=True)
class _Asked:
    """Load that a dispatch carries in a year [TWh], and the grid draw of it that is charged [GW-years]."""

    site: str
    dispatch: str
    year: int
    energy: float
    peak: float


def needs_of(instance: Instance, site: str) -> PowerNeeds | None:
    """Row of `power_needs` of a site."""
    return next((row for row in instance.power_needs if row.site == site), None)


def load_of(instance: Instance, site: str, dispatch: str) -> DispatchLoad | None:
    """Row of `dispatch_loads` of a mode or a portfolio."""
    return next((row for row in instance.dispatch_loads if (row.site, row.dispatch) == (site, dispatch)), None)


def cut_share(instance: Instance, site: str, dispatch: str) -> float:
    """Energy that a dispatch cuts per energy that its load asks for."""
    load = load_of(instance, site, dispatch)
    return 0.0 if load is None else load.cut_mwh_per_mwh


def audit_service(
    ledger: Ledger,
    instance: Instance,
    clock: Clock,
    rows: Sequence[LoadService],
    dispatch: Sequence[SiteDispatch],
    supplies: Supplies,
) -> SiteServices:
    """Check that every dispatch in use keeps to what its site asks for, and the table; return sums by site and year."""
    if not instance.power_needs:
        for row in rows:
            ledger.holds("service.rows", row, "", condition=False, message="no site asks for anything beside energy")
        return {}
    asking = {row.site: row for row in instance.power_needs}
    loads = {(row.site, row.dispatch): row for row in instance.dispatch_loads}
    stated: dict[tuple[str, str, int], LoadService] = {(row.site, row.dispatch, row.year): row for row in rows}
    found: dict[tuple[str, int], Service] = defaultdict(Service)
    in_use: dict[tuple[str, str], None] = {}
    for asked in (*_of_modes(loads, dispatch), *_of_portfolios(instance, loads, clock, supplies)):
        needs, load = asking.get(asked.site), loads.get((asked.site, asked.dispatch))
        if needs is None:
            continue
        in_use[asked.site, asked.dispatch] = None
        if load is None:
            continue
        of_site = found[asked.site, asked.year]
        cut = asked.energy * load.cut_mwh_per_mwh
        cost = cut * (needs.curtailment_cost_usd_per_mwh or 0.0) / 1e3
        charge = asked.peak * needs.demand_charge_usd_per_kw_year / 1e3
        found[asked.site, asked.year] = Service(of_site.cut + cut, of_site.cost + cost, of_site.charge + charge)
        state = stated.pop((asked.site, asked.dispatch, asked.year), None)
        where = f"{asked.site} {asked.dispatch} {asked.year}"
        if state is None:
            ledger.absent("service.rows", "load_service", where, "load is served in a way of its own, but has no row")
            continue
        ledger.number("service.load", state, "load_twh", asked.energy)
        ledger.number("service.cut", state, "cut_twh", cut)
        ledger.number("service.cut_cost", state, "cut_cost_busd", cost)
        ledger.number("service.demand_charge", state, "demand_charge_busd", charge)
    for left in stated.values():
        ledger.holds("service.rows", left, "", condition=False, message="no load is served like this")
    for site, name in in_use:
        _audit_dispatch(ledger, instance, site, name)
    return found


def _of_modes(loads: Mapping[tuple[str, str], DispatchLoad], dispatch: Sequence[SiteDispatch]) -> Iterator[_Asked]:
    for row in dispatch:
        load = loads.get((row.site, row.mode))
        peak = 0.0 if load is None else load.grid_peak_per_load
        yield _Asked(row.site, row.mode, row.year, row.level_twh, row.level_twh * peak / units.TWH_PER_GW_YEAR)


def _of_portfolios(
    instance: Instance, loads: Mapping[tuple[str, str], DispatchLoad], clock: Clock, supplies: Supplies
) -> Iterator[_Asked]:
    """The charge of a portfolio is on the draw of the load that its capacity could carry."""
    dispatched = dispatched_sites(instance)
    for (site, name), supply in supplies.items():
        if site in dispatched or (site, name) not in instance.parts_of_option:
            continue
        load = loads.get((site, name))
        peak, delivered = (0.0, 1.0) if load is None else (load.grid_peak_per_load, 1 - load.cut_mwh_per_mwh)
        for year, gw_years in clock.yearly(supply.capacity).items():
            energy = supply.energy.get(year, 0.0)
            if energy > 0 or gw_years > 0:
                carried = gw_years * supply.option.energy_availability / delivered
                yield _Asked(site, name, year, energy / delivered, carried * peak)


def _audit_dispatch(ledger: Ledger, instance: Instance, site: str, name: str) -> None:
    """Cuts within the budget, every hour as clean as asked for, and a peak that is no less than the mean draw."""
    needs, load = needs_of(instance, site), load_of(instance, site, name)
    assert needs is not None
    cut, deepest, peak, clean = (0.0, 0.0, 0.0, 0.0) if load is None else (
        load.cut_mwh_per_mwh, load.deepest_cut, load.grid_peak_per_load, load.least_clean_share
    )  # fmt: skip
    where, depth = f"{site} {name}", needs.curtailment_depth
    by_hours = depth * needs.curtailment_hours / units.HOURS_PER_YEAR
    ledger.at_most("service.budget_of_energy", "load_service", where, cut, needs.curtailment_energy_share)
    ledger.at_most("service.budget_of_hours", "load_service", where, cut, by_hours)
    ledger.at_most("service.depth", "load_service", where, deepest, depth)
    ledger.at_most("service.deepest_cut", "load_service", where, cut, deepest * (1 + SHARES))
    grid, dirty = _draws(instance, site, name)
    if needs.hourly_clean_share > 0:
        ledger.at_least("service.clean", "load_service", where, clean * (1 + SHARES), needs.hourly_clean_share)
        ledger.at_most("service.dirty_energy", "load_service", where, dirty, (1 - clean) * (1 - cut) + SHARES)
    if needs.demand_charge_usd_per_kw_year > 0:
        ledger.at_least("service.grid_peak", "load_service", where, peak * (1 + SHARES), grid)


def _draws(instance: Instance, site: str, name: str) -> tuple[float, float]:
    """Energy from the grid, and from sources that are not clean, per energy that the load asks for."""
    technologies = {row.technology: row for row in instance.technologies}
    if site in dispatched_sites(instance):
        modes = (row for row in instance.dispatch_modes if (row.site, row.mode) == (site, name))
        used = [(technologies[row.technology], row.mwh_per_mwh) for row in modes]
    else:
        delivered = 1 - cut_share(instance, site, name)
        parts = instance.parts_of_option[site, name]
        used = [(technologies[part.technology], delivered * part.mwh_per_mwh) for part in parts]
    made = [(row, energy) for row, energy in used if row.kind is not TechnologyKind.LITHIUM_STORAGE]
    grid = sum(energy for row, energy in made if row.kind.is_grid)
    return grid, sum(energy for row, energy in made if not row.clean)


__all__ = ["SiteServices", "audit_service", "cut_share", "load_of", "needs_of"]
