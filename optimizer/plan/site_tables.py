"""Tables of sites: what became of them, phases, operation, chips, power and energy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from optimizer.instance.schema import DispatchLoad, PowerNeeds, Site
from optimizer.model.power_shares import firm_share
from optimizer.plan.state import PlanState
from optimizer.plan.tables import (
    ChipInstallation,
    LoadService,
    Phase,
    PowerCapacity,
    PowerEnergy,
    SiteDispatch,
    SiteOperation,
    SitePlan,
)
from optimizer.units import busd_per_twh


def site_rows(state: PlanState) -> Iterator[SitePlan]:
    """Make one row for every site of the instance."""
    main = _main_power(state)
    for site in state.instance.sites:
        phases = state.phases.get(site.site, ())
        facts = state.committed[site.site]
        online = [t for t in state.timing.periods if state.online_gw(site, t) > 0]
        yield SitePlan(
            site=site.site,
            name=site.name,
            country=site.country,
            operator=site.operator,
            operator_hq=site.operator_hq,
            grid_region=site.grid_region,
            latitude=site.latitude,
            longitude=site.longitude,
            status=_status(new=bool(phases), fact=bool(facts)),
            modules_committed=sum(build.modules for build in facts),
            modules_new=sum(modules for _, _, modules in phases),
            opened=phases[0][0].label if phases else "",
            first_energised=online[0].label if online else "",
            it_gw_end=state.online_gw(site, state.timing.last),
            facility_peak_gw_end=site.pue_peak * state.installed_gw[site.site][state.timing.last],
            compute_h100e_million_end=state.compute[site.site][state.timing.last],
            capital_busd=state.capital_of_site[site.site],
            main_power=main.get(site.site, ""),
        )


def _status(*, new: bool, fact: bool) -> str:
    match new, fact:
        case True, True:
            return "extended"
        case True, False:
            return "new"
        case False, True:
            return "committed"
        case _:
            return "not_chosen"


def _main_power(state: PlanState) -> dict[str, str]:
    """Kind of the option that delivers most energy over the plan; the first offered, if two deliver the same."""
    delivered: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for option in state.instance.power_options:
        for year in state.timing.years:
            energy = state.decisions.energy.get((option.site, option.option, year), 0.0)
            if energy > 0:
                delivered[option.site][option.option] += energy
    return {
        site: state.options[site, max(options, key=options.__getitem__)].kind for site, options in delivered.items()
    }


def phase_rows(state: PlanState) -> Iterator[Phase]:
    """Make one row for every commitment, facts first."""
    for site in state.instance.sites:
        cost = state.context.prices.module_cost(site)
        for build in state.committed[site.site]:
            online = state.timing.first_period_from(build.online_from)
            yield Phase(
                site=site.site,
                fact=True,
                committed="",
                energised=online.label if online is not None else "",
                modules=build.modules,
                it_gw=build.modules * site.module_gw,
                opening_cost_busd=0.0,
                module_cost_busd=build.remaining_cost_share * build.modules * cost,
            )
        for position, (d, online, modules) in enumerate(state.phases.get(site.site, ())):
            yield Phase(
                site=site.site,
                fact=False,
                committed=d.label,
                energised=online.label,
                modules=modules,
                it_gw=modules * site.module_gw,
                opening_cost_busd=state.opening_cost(site, position, modules),
                module_cost_busd=modules * cost,
            )


def operation_rows(state: PlanState) -> Iterator[SiteOperation]:
    """Make one row for every site and period with capacity on line or power."""
    for site in state.instance.sites:
        options = state.instance.options_of_site[site.site]
        for t in state.timing.periods:
            capacities = [(option, state.capacity_gw(option, t)) for option in options]
            power = sum(capacity for _, capacity in capacities)
            online = state.online_gw(site, t)
            if online > 0 or power > 0:
                yield SiteOperation(
                    site=site.site,
                    period=t.label,
                    online_gw=online,
                    installed_gw=state.installed_gw[site.site][t],
                    compute_h100e_million=state.compute[site.site][t],
                    power_capacity_gw=power,
                    firm_power_gw=sum(
                        firm_share(state.instance, option, state.timing.year(t)) * capacity
                        for option, capacity in capacities
                    ),
                    peak_load_gw=site.pue_peak * state.installed_gw[site.site][t],
                )


def chip_rows(state: PlanState) -> Iterator[ChipInstallation]:
    """Make one row for every arrival and early departure of chips."""
    decisions, prices = state.decisions, state.context.prices
    keys = sorted({*decisions.installed, *decisions.retired_early}, key=lambda key: (key[0], int(key[2]), key[1]))
    for name, chip_id, t in keys:
        chip, site = state.instance.chip_by_id[chip_id], state.instance.site_by_id[name]
        installed = decisions.installed.get((name, chip_id, t), 0.0)
        retired = decisions.retired_early.get((name, chip_id, t), 0.0)
        month = state.timing.start(t)
        cost = installed * prices.chip_price(chip, month)
        yield ChipInstallation(
            site=name,
            chip=chip_id,
            period=t.label,
            installed_million=installed,
            retired_early_million=retired,
            installed_gw=installed * chip.it_power_kw,
            cost_busd=cost,
            taxes_busd=cost * state.chip_tax(site, chip, t),
            resale_busd=retired * prices.resale_value(chip, month),
        )


def power_rows(state: PlanState) -> Iterator[PowerCapacity]:
    """Make one row for every addition of power capacity."""
    for (site, name, d), added in state.additions.items():
        option = state.option(site, name, state.timing.year(d))
        yield PowerCapacity(
            site=site,
            option=name,
            kind=option.kind,
            period=d.label,
            added_gw=added,
            capacity_gw=state.decisions.capacity[site, name, d],
            capex_busd=added * option.capex_busd_per_gw,
        )


def energy_rows(state: PlanState) -> Iterator[PowerEnergy]:
    """Make one row for every power option and year with capacity or energy."""
    for offered in state.instance.power_options:
        site = state.instance.site_by_id[offered.site]
        is_dispatched = state.instance.is_dispatched(offered)
        tax, cooling = (0.0, 0.0) if is_dispatched else (_power_tax(state, site), site.water_m3_per_mwh)
        for year in state.timing.years:
            option = state.instance.option_in_year(offered, year)
            energy = state.decisions.energy.get((option.site, option.option, year), 0.0)
            held = [state.capacity_gw(option, t) * state.timing.length(t) for t in state.timing.of_year(year)]
            if energy > 0 or sum(held) > 0:
                price = option.energy_busd_per_twh * state.price_factor(option, year)
                yield PowerEnergy(
                    site=option.site,
                    option=option.option,
                    kind=option.kind,
                    year=year,
                    energy_twh=energy,
                    energy_cost_busd=energy * (price + tax),
                    fixed_cost_busd=sum(held) * option.fixed_busd_per_gw_year,
                    carbon_mt=energy * option.carbon_t_per_mwh,
                    water_million_m3=energy * (option.water_m3_per_mwh + cooling),
                )


def dispatch_rows(state: PlanState) -> Iterator[SiteDispatch]:
    """Make one row for every mode in which a site runs in a year."""
    for (name, mode, year), level in state.decisions.levels.items():
        site = state.instance.site_by_id[name]
        load = state.instance.load_of_dispatch.get((name, mode))
        delivered = level if load is None else level * load.delivered
        tax, cooling = delivered * _power_tax(state, site), delivered * site.water_m3_per_mwh
        yield SiteDispatch(name, mode, year, level, tax, cooling)


def service_rows(state: PlanState) -> Iterator[LoadService]:
    """Make one row for every year and mode or portfolio that serves its load in a way of its own (SEMANTICS 12.16)."""
    for (name, mode, year), level in state.decisions.levels.items():
        load = state.instance.load_of_dispatch.get((name, mode))
        if load is not None:
            peak = level * load.grid_peak_gw_per_twh
            yield _service(state.instance.needs(name), load, year, level, peak)
    for (name, option), load in state.instance.load_of_dispatch.items():
        offered = state.options.get((name, option))
        if offered is None or name in state.instance.dispatched_sites:
            continue
        for year in state.timing.years:
            energy = state.decisions.energy.get((name, option, year), 0.0)
            held = sum(state.capacity_gw(offered, t) * state.timing.length(t) for t in state.timing.of_year(year))
            if energy > 0 or held > 0:
                # The charge is on the draw of the load that the capacity could carry.
                asked = held * offered.energy_availability / load.delivered
                yield _service(
                    state.instance.needs(name), load, year, energy / load.delivered, asked * load.grid_peak_per_load
                )


def _service(needs: PowerNeeds, load: DispatchLoad, year: int, asked: float, peak: float) -> LoadService:
    """A row; `asked` is the energy of the load [TWh], `peak` the draw that is charged [GW-years]."""
    cut = asked * load.cut_mwh_per_mwh
    return LoadService(
        site=load.site,
        dispatch=load.dispatch,
        year=year,
        load_twh=asked,
        cut_twh=cut,
        cut_cost_busd=cut * needs.curtailment_busd_per_twh,
        demand_charge_busd=peak * needs.demand_charge_busd_per_gw_year,
    )


def _power_tax(state: PlanState, site: Site) -> float:
    """Power tax of the site's country [B USD per TWh]."""
    return busd_per_twh(state.instance.country_by_code[site.country].power_tax_usd_per_mwh)
