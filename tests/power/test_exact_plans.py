"""Exact power against answers worked out by hand, from the instance to the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.plan.audit import audit_plan
from optimizer.plan.full_year import check_full_years
from optimizer.plan.power_report import PowerReport
from optimizer.power.join import powered
from tests import instances as make
from tests.power.test_bridges import PRICE, REVENUE
from tests.solving import solve_small

EXACT = ("columns", "embedded")


def site_with(technologies, *, method, share=1.0, years=1, since=None, **tables):
    """One GW of IT at no interest; shell and chips cost 1 B USD; technologies with their cost, from 2027 or later."""
    since = since or {}
    return powered(
        make.instance(
            settings=make.settings(count=years, power={"method": method, "average_load_share": share}),
            **{
                "sites": [make.site(module_cost_usd_per_kw=500)],
                "chip_prices": [make.price(price_usd=500)],
                "demand": [make.demand(year=2027 + n, price_usd_per_h100e_hour=PRICE) for n in range(years)],
                "technologies": [row for row, _ in technologies],
                "technology_costs": [cost for _, cost in technologies],
                "climates": [make.climate()],
                "site_power": [make.site_power("alpha")],
                "fuel_prices": [make.fuel_price("fuels", "none")],
                "technology_limits": [
                    make.technology_limit("alpha", row.technology, since.get(row.technology, "2027"),
                                          cumulative_mw=20_000)
                    for row, _ in technologies
                ],
                **tables,
            },
        )
    ).instance  # fmt: skip


def firm(name, fixed, energy, **changes):
    """A source that is always there, paid by the year and by energy."""
    cost = make.technology_cost(name, capex_usd_per_kw=0, fixed_usd_per_kw_year=fixed, variable_usd_per_mwh=energy)
    return make.technology(name, **changes), cost


@pytest.mark.parametrize("method", EXACT)
def test_screening_curve(method):
    """C4: base load for what runs longer than (200 - 100) / (50 - 30) h, twelve steps of two hours a day."""
    shape = np.array([0.7, 0.5, 1.0, 0.55, 0.9, 0.8, 0.6, 0.95, 0.65, 0.85, 0.75, 0.52])
    given = site_with(
        [firm("base", 200, 30), firm("peak", 100, 50)],
        method=method,
        share=float(shape.mean()),
        site_power=[make.site_power("alpha", load_profile="steps")],
        hourly_profiles=make.own_hours("steps", np.tile(np.repeat(shape, 2), 365)),
    )
    solved = solve_small(given)
    base = np.sort(shape)[::-1][6]
    held = {row.option: row.capacity_gw for row in solved.tables.power}
    assert held == {"base": pytest.approx(base), "peak": pytest.approx(1 - base)}
    energy = 8.76 * np.minimum(shape, base).mean()
    cost = 0.2 * base + 0.1 * (1 - base) + 0.03 * energy + 0.05 * (8.76 * shape.mean() - energy)
    assert solved.npv == pytest.approx(REVENUE - 1 - cost, rel=1e-9)
    assert audit_plan(solved.instance, solved.tables).ok


@pytest.mark.parametrize("method", EXACT)
def test_storage_through_the_night(method):
    """C10: half a day of sun. Stored: 12 h over the way out; its ratio to power lies between the durations offered."""
    efficiency = 0.81
    given = site_with(
        [
            (make.technology("sun", kind="solar"), make.technology_cost("sun", capex_usd_per_kw=100)),
            (
                make.technology("battery", kind="lithium_storage", efficiency=efficiency),
                make.technology_cost("battery", capex_usd_per_kw=20, energy_capex_usd_per_kwh=10),
            ),
        ],
        method=method,
        site_power=[make.site_power("alpha", solar_profile="square")],
        hourly_profiles=make.own_hours("square", np.tile([1.0] * 12 + [0.0] * 12, 365)),
    )
    solved = solve_small(given)
    cost = 0.1 * (1 + 1 / efficiency) + 0.02 / efficiency + 0.01 * 12 / 0.9
    assert solved.npv == pytest.approx(REVENUE - 1 - cost, rel=1e-7)
    held = {row.option: row.capacity_gw for row in solved.tables.power}
    assert sum(gw for option, gw in held.items() if option != "sun") == pytest.approx(1 / efficiency)
    hours = sum(gw * int(option.split(":")[1][:-1]) for option, gw in held.items() if option != "sun")
    assert hours == pytest.approx(12 / 0.9)
    assert held["sun"] == pytest.approx(1 + 1 / efficiency)
    (year,) = PowerReport(solved.instance, solved.tables).years()
    assert (year.energy_twh, year.clean_share) == (pytest.approx(8.76), 0)


def gas_behind_energy(method):
    """Gas of 1,000 USD per kW and 80 USD per MWh; a year later energy at 20, which is not firm, for 100 per kW."""
    return site_with(
        [
            (
                make.technology("gas", kind="gas_engine"),
                make.technology_cost("gas", capex_usd_per_kw=1000, variable_usd_per_mwh=80, fixed_usd_per_kw_year=10),
            ),
            (
                make.technology("spot", kind="grid_interruptible", firm_credit=0),
                make.technology_cost("spot", capex_usd_per_kw=100, variable_usd_per_mwh=20),
            ),
        ],
        method=method,
        years=2,
        since={"spot": "2028"},
        chip_supply=[make.supply(during="2027")],
    )


@pytest.mark.parametrize("method", EXACT)
def test_gas_of_the_first_year_stands_behind_cheaper_energy(method):
    """Old gas is the reserve of what is not firm: only the connection is new. A static mix would bring gas of its own.

    Staying with gas costs 8.76 x 60 USD per MWh more; a mix with new gas 1,000 USD per kW.
    """
    solved = solve_small(gas_behind_energy(method))
    first = REVENUE - 1 - 1 - 0.01 - 8.76 * 0.08
    by_hand = first + REVENUE - 0.1 - 0.01 - 8.76 * 0.02
    assert solved.npv == pytest.approx(by_hand, abs=1e-6)
    assert audit_plan(solved.instance, solved.tables).ok
    static = solve_small(gas_behind_energy("static"))
    assert solved.npv - static.npv == pytest.approx(8.76 * 0.06 - 0.1, abs=1e-6)
    for row in check_full_years(solved.instance, solved.tables):
        assert (row.unserved_twh, row.cost_difference_share) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-6))


@pytest.mark.parametrize("method", EXACT)
def test_a_site_without_grid_carries_its_share_of_a_spare_machine(method):
    """100 MW machines behind a module of 1 GW at PUE 1: 1.1 GW of them. A grid from 2028 on takes their place."""
    machines = firm("machines", 50, 0, kind="gas_engine", unit_mw=100)
    islanded = solve_small(site_with([machines], method=method))
    assert [row.capacity_gw for row in islanded.tables.power] == [pytest.approx(1.1)]
    assert islanded.npv == pytest.approx(REVENUE - 1 - 0.05 * 1.1)
    late = firm("grid", 400, 0, kind="grid_firm")
    connected = solve_small(site_with([machines, late], method=method, years=2, since={"grid": "2028"}))
    firm_gw = {row.period: row.firm_power_gw for row in connected.tables.operations}
    assert firm_gw == {"2027": pytest.approx(1), "2028": pytest.approx(1.1)}
    assert audit_plan(connected.instance, connected.tables).ok


@pytest.mark.parametrize("method", EXACT)
def test_a_pipeline_of_a_region_shares_its_gas_among_sites_and_technologies(method):
    """Engines and turbines of two campuses get 0.4 GW together; the dearer grid carries the rest of 2 GW."""
    pipe = make.limit("pipe", "gas_gw", "grid:grid", 2027, 0.4)
    rows = [firm("engine", 50, 0, kind="gas_engine"), firm("turbine", 60, 0), firm("grid", 400, 0, kind="grid_firm")]
    shared = {
        "sites": [make.site(name, module_cost_usd_per_kw=500) for name in ("alpha", "beta")],
        "site_power": [make.site_power("alpha"), make.site_power("beta")],
        "technology_limits": [
            make.technology_limit("alpha", "engine", cumulative_mw=300),
            make.technology_limit("alpha", "grid", cumulative_mw=20_000),
            make.technology_limit("beta", "turbine", cumulative_mw=300),
            make.technology_limit("beta", "grid", cumulative_mw=20_000),
        ],
        "chip_supply": [make.supply(units=2_000_000)],
        "demand": [make.demand(quantity_h100e_million=2, price_usd_per_h100e_hour=PRICE)],
    }
    free = solve_small(site_with(rows, method=method, **shared))
    given = site_with(rows, method=method, limits=[pipe], **shared)
    solved = solve_small(given)
    held = {(row.site, row.option): row.capacity_gw for row in solved.tables.power}
    assert held == {
        ("alpha", "engine"): pytest.approx(0.3),
        ("alpha", "grid"): pytest.approx(0.7),
        ("beta", "turbine"): pytest.approx(0.1),
        ("beta", "grid"): pytest.approx(0.9),
    }
    assert solved.npv == pytest.approx(2 * (REVENUE - 1) - 0.05 * 0.3 - 0.06 * 0.1 - 0.4 * 1.6, abs=1e-9)
    (row,) = [row for row in solved.tables.limits if row.family == "gas_gw"]
    assert (row.name, row.used, row.binding) == ("pipe", pytest.approx(0.4), True)
    assert audit_plan(solved.instance, solved.tables).ok
    assert free.npv - solved.npv == pytest.approx((0.4 - 0.06) * 0.2)
    breach = audit_plan(replace(free.instance, limits=given.limits), free.tables)
    assert "limits.gas_gw" in {failure.check for failure in breach.failures}


@pytest.mark.parametrize("method", EXACT)
def test_water_of_a_basin_is_that_of_power_and_of_cooling(method):
    """Steam drinks 2 m3 a MWh, cooling 0.5: of 10 million m3 a year 4.38 cool, and 5.62 make steam of 2.81 TWh."""
    rows = [firm("steam", 100, 0, water_m3_per_mwh=2.0), firm("grid", 400, 0, kind="grid_firm")]
    wells = make.limit("wells", "water_million_m3", "basin:gila", 2027, 10)
    sites = [make.site(module_cost_usd_per_kw=500, water_m3_per_mwh=0.5, basin="gila")]
    solved = solve_small(site_with(rows, method=method, sites=sites, limits=[wells]))
    steam = (10 - 4.38) / (2 * 8.76)
    held = {row.option: row.capacity_gw for row in solved.tables.power}
    assert held == {"steam": pytest.approx(steam), "grid": pytest.approx(1 - steam)}
    assert solved.npv == pytest.approx(REVENUE - 1 - 0.1 * steam - 0.4 * (1 - steam), abs=1e-9)
    (row,) = [row for row in solved.tables.limits if row.family == "water_million_m3"]
    assert (row.used, row.binding) == (pytest.approx(10), True)
    assert audit_plan(solved.instance, solved.tables).ok
