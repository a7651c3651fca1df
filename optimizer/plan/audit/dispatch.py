"""Recomputes how dispatched sites run: load, energy and capacity of their modes (SEMANTICS 12.13, 12.14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from optimizer import units
from optimizer.instance.instance import Instance
from optimizer.instance.schema import DispatchMode, TechnologyKind, TechnologyRow
from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.ledger import NOTHING, Ledger
from optimizer.plan.audit.option_years import dispatched_sites
from optimizer.plan.audit.portfolios import FLAT_PRICE, price_spans
from optimizer.plan.audit.power import Supplies
from optimizer.plan.audit.runs import Dispatched, Run, SiteLoad
from optimizer.plan.tables import SiteDispatch

#: Kinds whose output is bounded by weather or interruptions, so that availability says nothing of their energy.
BY_THE_HOUR = (TechnologyKind.SOLAR, TechnologyKind.ONSHORE_WIND, TechnologyKind.GRID_INTERRUPTIBLE)
#: Representative days get means and extremes of a year wrong by as much; modes are read with no more precision.
DAYS = 1e-6


def audit_dispatch(ledger: Ledger, instance: Instance, rows: Sequence[SiteDispatch]) -> Dispatched:
    """Check the table, and that the modes it uses can be; return what they ask for."""
    modes: dict[tuple[str, str], list[DispatchMode]] = defaultdict(list)
    for made in instance.dispatch_modes:
        modes[made.site, made.mode].append(made)
    sites = {site.site: site for site in instance.sites}
    cuts = {(load.site, load.dispatch): load.cut_mwh_per_mwh for load in instance.dispatch_loads}
    runs: dict[tuple[str, str, int], Run] = defaultdict(Run)
    loads: dict[tuple[str, int], SiteLoad] = {}
    for row in rows:
        site, level = sites[row.site], row.level_twh
        delivered = level * (1 - cuts.get((row.site, row.mode), 0.0))
        tax = delivered * units.busd_per_twh(instance.country_by_code[site.country].power_tax_usd_per_mwh)
        water = delivered * site.water_m3_per_mwh
        ledger.holds("dispatch.row", row, "level_twh", level > 0, "no load runs in this mode")
        ledger.number("dispatch.tax", row, "power_tax_busd", tax)
        ledger.number("dispatch.water", row, "cooling_water_million_m3", water)
        before = loads.get((row.site, row.year), SiteLoad(0.0, 0.0, 0.0))
        loads[row.site, row.year] = SiteLoad(before.energy + level, before.tax + tax, before.water + water)
        for use in modes[row.site, row.mode]:
            run = runs[row.site, use.technology, row.year]
            run.capacity += level * use.mw_per_twh / 1e3
            run.storage += level * use.storage_mwh_per_twh / 1e3
            run.energy += level * use.mwh_per_mwh
            run.paid += level * use.mwh_per_mwh * use.price_factor
    for key in sorted({(row.site, row.mode) for row in rows}):
        _audit_mode(ledger, instance, key, modes[key], cuts.get(key, 0.0))
    return Dispatched(runs, loads)


def _audit_mode(
    ledger: Ledger, instance: Instance, key: tuple[str, str], uses: Sequence[DispatchMode], cut: float
) -> None:
    """Energy of a mode covers the load that is not cut, and what storage loses; nothing runs more than it can."""
    technologies = {row.technology: row for row in instance.technologies}
    pairs = [(use, technologies[use.technology]) for use in uses]
    where = " ".join(key)
    stored = [(use, row) for use, row in pairs if row.kind is TechnologyKind.LITHIUM_STORAGE]
    lost = sum(use.mwh_per_mwh * (1 / row.efficiency - 1) for use, row in stored)
    made = sum(use.mwh_per_mwh for use, row in pairs if row.kind is not TechnologyKind.LITHIUM_STORAGE)
    ledger.at_least("dispatch.mode_energy", "dispatch", where, made * (1 + DAYS), 1 - cut + lost)
    low, high = dict(price_spans(instance)).get(key[0], FLAT_PRICE)
    for use, row in pairs:
        at = f"{where} {use.technology}"
        most = _availability(row) * units.TWH_PER_GW_YEAR * use.mw_per_twh / 1e3
        ledger.at_most("dispatch.mode_capacity", "dispatch", at, use.mwh_per_mwh, most * (1 + DAYS))
        bought = row.kind in (TechnologyKind.GRID_FIRM, TechnologyKind.GRID_INTERRUPTIBLE)
        least, most = (low, high) if bought else FLAT_PRICE
        ledger.at_least("dispatch.price_factor", "dispatch", at, use.price_factor, least)
        ledger.at_most("dispatch.price_factor", "dispatch", at, use.price_factor, most)


def _availability(row: TechnologyRow) -> float:
    return 1.0 if row.kind in BY_THE_HOUR else row.availability


def audit_runs(ledger: Ledger, instance: Instance, clock: Clock, supplies: Supplies, dispatched: Dispatched) -> None:
    """Check that what stands of each technology carries its run, and delivers what the run makes."""
    held, stored, energy = _standing(instance, clock, supplies)
    for key in sorted({*dispatched.runs, *energy}):
        run, where = dispatched.runs.get(key, Run()), " ".join(map(str, key))
        ledger.at_least("dispatch.capacity", "power", where, held.get(key, 0.0), run.capacity)
        ledger.at_least("dispatch.storage", "power", where, stored.get(key, 0.0), run.storage)
        if max(run.energy, energy.get(key, 0.0)) > NOTHING:
            ledger.equal("dispatch.energy", "energy", where, energy.get(key, 0.0), run.energy)


Sums = dict[tuple[str, str, int], float]


def _standing(instance: Instance, clock: Clock, supplies: Supplies) -> tuple[Sums, Sums, Sums]:
    """Capacity [GW-years], storage [GWh-years] and energy [TWh] of each technology of dispatched sites by year."""
    held: Sums = defaultdict(float)
    stored: Sums = defaultdict(float)
    energy: Sums = defaultdict(float)
    sites = dispatched_sites(instance)
    for (site, name), supply in supplies.items():
        if site not in sites:
            continue
        for part in instance.parts_of_option.get((site, name), ()):
            for year, gw_years in clock.yearly(supply.capacity).items():
                held[site, part.technology, year] += part.mw_per_mw * gw_years
                stored[site, part.technology, year] += part.storage_mwh_per_mw * gw_years
                energy[site, part.technology, year] += part.mwh_per_mwh * supply.energy.get(year, 0.0)
    return held, stored, energy
