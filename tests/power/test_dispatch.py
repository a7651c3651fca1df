"""The dispatch LP against answers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer.power.dispatch import best_site, cost_of_cumulative, size_site
from optimizer.power.rows import PowerError
from tests.power.cases import problem, storage

ONE = np.ones(1)


def test_one_firm_source():
    """0.1 B USD/GW-year and 0.05 B USD/TWh at PUE 1.2: 1.2 x (0.1 + 8.76 x 0.05) for 1 GW, linear in the load."""
    site = problem(1.2, {"capital": 0.1, "energy": 0.05})
    plan = size_site(site, 3 * ONE)
    assert plan.cost == pytest.approx(3 * 1.2 * (0.1 + 8.76 * 0.05), rel=1e-9)
    assert plan.load_price == pytest.approx([1.2 * (0.1 + 8.76 * 0.05)], rel=1e-9)
    assert plan.energy[0] == pytest.approx([3 * 1.2 * 8.76])


def test_screening_curve():
    """C4: a cheaper-to-run source carries what runs longer than (0.2 - 0.1) / (0.05 - 0.03) = 5 TWh/GW = 5,000 h.

    Twelve steps of 730 h: the load that is exceeded in 7 steps or more (5,110 h) is base, the rest peak.
    """
    shape = np.array([0.7, 0.5, 1.0, 0.55, 0.9, 0.8, 0.6, 0.95, 0.65, 0.85, 0.75, 0.52])
    site = problem(shape, {"capital": 0.2, "energy": 0.03}, {"capital": 0.1, "energy": 0.05}, hours=12)
    base = np.sort(shape)[::-1][6]
    plan = size_site(site, ONE)
    assert plan.capacity[:, 0] == pytest.approx([base, 1 - base], abs=1e-9)
    energy = np.minimum(shape, base).mean() * 8.76
    total = 0.2 * base + 0.1 * (1 - base) + 0.03 * energy + 0.05 * (shape.mean() * 8.76 - energy)
    assert plan.cost == pytest.approx(total, rel=1e-9)


def test_storage_through_the_night():
    """C10: half a day of sun. Stored: 12 h over the way out; sun: the load and 1 / efficiency to fill the store."""
    efficiency = 0.81
    store = storage(1, power_capital=0.02, energy_capital=0.01, efficiency=efficiency)
    site = problem(1, {"capital": 0.1, "output": [1, 0]}, hours=2, storage=store, pue_peak=0)
    plan = size_site(site, ONE)
    assert plan.storage_energy == pytest.approx([12 / 0.9], rel=1e-9)
    assert plan.storage_power == pytest.approx([1 / efficiency], rel=1e-9)
    assert plan.capacity[0] == pytest.approx([1 + 1 / efficiency], rel=1e-9)
    by_hand = 0.1 * (1 + 1 / efficiency) + 0.02 / efficiency + 0.01 * 12 / 0.9
    assert plan.cost == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("budget", [0.005, 0.05, 0.3])
def test_headroom_under_a_curtailment_budget(budget):
    """C11: others load the line from 1 down to 0.5, linearly. A flat load L is cut by L^2, so L = the budget.

    Slices whose middle is their mean are exact where the load meets the free line at the end of a slice, as here.
    """
    free = 0.5 * (np.arange(4000) + 0.5) / 4000
    site = problem(1, {"output": free, "limit_gw": 1}, hours=4000, shed_depth=1, shed_energy=budget, pue_peak=0)
    plan = best_site(site, 10 * ONE, ONE)
    assert plan.load == pytest.approx([budget], rel=1e-6)
    assert plan.shed == pytest.approx([budget**2 * 8.76], rel=1e-6)
    with pytest.raises(PowerError, match="infeasible"):
        size_site(site, plan.load * 1.001)


@pytest.mark.parametrize("slices", [400, 4000])
def test_headroom_between_slices(slices):
    """C11 off the grid of slices: the one slice that the free line crosses makes an error of its width squared."""
    budget, width = 0.1 + 0.2 / slices, 0.5 / slices
    free = width * (np.arange(slices) + 0.5)
    site = problem(1, {"output": free, "limit_gw": 1}, hours=slices, shed_depth=1, shed_energy=budget, pue_peak=0)
    load = best_site(site, 10 * ONE, ONE).load[0]
    assert load == pytest.approx(budget, rel=(width / budget) ** 2)


def test_curtailment_budget_in_hours_and_depth():
    """A source that is out a quarter of the time: cuts of 40 % for 10 % of the hours leave 4 % to cut."""
    free = [1, 1, 1, 0.9]
    for shed_hours, possible in ((0.25, True), (0.06, False)):
        site = problem(
            1,
            {"output": free, "limit_gw": 1},
            hours=4,
            shed_depth=0.4,
            shed_hours=shed_hours,
            shed_energy=1,
            pue_peak=0,
        )
        if possible:
            assert size_site(site, ONE).shed == pytest.approx([0.1 * 2.19])
        else:
            with pytest.raises(PowerError):
                size_site(site, ONE)


EARLY, LATE = {"capital": 0.05, "energy": 0.06, "output": [1, 1, 1, 0]}, {"capital": 0.1, "energy": 0.05}
#: Two years of the connection, the energy of three quarters of a year, and the cut of the other.
THRESHOLD = 2 * 0.05 + 6.57 * 0.06 + 2.19 * 0.2


@pytest.mark.parametrize(("value", "early"), [(THRESHOLD + 1e-5, 1), (THRESHOLD - 1e-5, 0)])
def test_interruptible_early_against_firm_late(value, early):
    """The first year is worth loading exactly when its value exceeds what the early connection costs in all."""
    site = problem(
        1, EARLY, {**LATE, "limit_gw": [0, np.inf]}, periods=2, hours=4, shed_depth=1, shed_energy=0.25, shed_cost=0.2
    )
    plan = best_site(site, np.ones(2), np.array([value, 10]))
    assert plan.load == pytest.approx([early, 1], abs=1e-9)
    assert plan.capacity[0] == pytest.approx([early, early], abs=1e-9)
    assert plan.capacity[1] == pytest.approx([0, 1], abs=1e-9)
    assert plan.cost == pytest.approx((THRESHOLD - value) * early + 0.1 + 8.76 * 0.05 - 10, rel=1e-9)


def test_a_bridge_is_bought_once_and_kept_as_backup():
    """Gas feeds the first year and backs the grid in the second: 1.2 GW of it are paid for two years, once."""
    gas, grid = {"capital": 0.08, "energy": 0.06}, {"capital": 0.07, "energy": 0.03, "limit_gw": [0, np.inf]}
    site = problem(1, gas, grid, periods=2, margin=0.2)
    plan = size_site(site, np.ones(2))
    assert plan.capacity == pytest.approx(np.array([[1.2, 1.2], [0, 1]]), abs=1e-9)
    assert plan.energy == pytest.approx(np.array([[8.76, 0], [0, 8.76]]), abs=1e-9)
    assert plan.cost == pytest.approx(1.2 * 2 * 0.08 + 8.76 * 0.06 + 0.07 + 8.76 * 0.03, rel=1e-9)
    # Where the reserve doubles as the load does, the gas that is there counts, and counts once.
    dear = replace(site.suppliers[1], capital=np.array([0.5, 0.5]))
    doubled = size_site(replace(site, suppliers=(site.suppliers[0], dear)), np.array([1, 2]))
    assert doubled.capacity == pytest.approx(np.array([[1.2, 2.4], [0, 0]]), abs=1e-9)
    assert doubled.cost == pytest.approx(0.08 * (2 * 1.2 + 1.2) + 3 * 8.76 * 0.06, rel=1e-9)


def test_n_plus_one():
    """A site without grid whose largest machine is 0.1 GW per GW of load holds 1.3 + 0.1 GW per GW."""
    site = problem(1, {"capital": 0.1, "firm_credit": 0.8}, pue_peak=1.3, largest_machine=np.array([0.1]))
    assert size_site(site, 2 * ONE).capacity == pytest.approx(np.array([[2 * 1.4 / 0.8]]))


def test_power_without_energy_is_not_firm():
    """Storage of 2 GW and 4 GWh counts as 1 GW that lasts 4 h, times its credit: energy is bought, not power alone."""
    store = storage(1, power_capital=0.001, energy_capital=0.01, firm_credit=0.5, firm_hours=4)
    plan = size_site(problem(1, {"limit_gw": 1}, margin=0.5, storage=store), ONE)
    assert plan.storage_power == pytest.approx([1])
    assert plan.storage_energy == pytest.approx([4])
    assert plan.cost == pytest.approx(0.041)


def test_ramps():
    """A plant that may change by a tenth in 12 h needs capacity for ten times the step, or cannot rest."""
    free = {"energy": 1.0, "capital": 0}
    slow = {"energy": 0.01, "capital": 0.01, "ramp_per_hour": 0.1 / 12}
    shape = [1, 0.5]
    held = size_site(problem(shape, slow, hours=2), ONE)
    assert held.capacity == pytest.approx(np.array([[1.0]]))
    assert held.output[0, 0] == pytest.approx([1, 0.9])
    assert size_site(problem(shape, slow, free, hours=2, pue_peak=0), ONE).cost <= held.cost + 1e-12


def test_demand_charge():
    """The charge is on the highest draw of the year, of all grid products together."""
    grid = {"is_grid": True, "energy": 0.01}
    site = problem([1, 0.5], grid, {**grid, "energy": 0.02}, hours=2, demand_charge=0.1)
    assert size_site(site, ONE).cost == pytest.approx(0.1 + 0.75 * 8.76 * 0.01, rel=1e-9)


def test_carbon_limit():
    """Half of the energy may be gas of 0.4 Mt/TWh if the limit is 0.2; the rest is dear and clean."""
    site = problem(1, {"energy": 0.05, "carbon": 0.4}, {"energy": 0.1}, hours=3, carbon_limit=0.2)
    plan = size_site(site, ONE)
    assert plan.carbon == pytest.approx([0.2 * 8.76], rel=1e-9)
    assert plan.cost == pytest.approx(8.76 * 0.075, rel=1e-9)


def test_clean_in_every_hour():
    """80 % clean in every hour: the rest may fill a fifth of the load by day and night, and no store by more."""
    sun, gas, firm = (
        {"output": [1, 0], "is_clean": True, "capital": 0.01},
        {"energy": 0.03},
        {"energy": 0.2, "is_clean": True},
    )
    site = problem(1, sun, gas, firm, hours=2, clean_share=0.8, pue_peak=0)
    plan = size_site(site, ONE)
    assert plan.output[1, 0] == pytest.approx([0, 0.2], abs=1e-9)
    assert plan.output[2, 0] == pytest.approx([0, 0.8], abs=1e-9)


def test_limits_by_date():
    """0.4 GW of grid at first, 1 GW later; dear gas fills the first period."""
    site = problem(1, {"energy": 0.03, "limit_gw": [0.4, 1]}, {"energy": 0.08}, periods=2)
    plan = size_site(site, np.ones(2))
    assert plan.energy == pytest.approx(8.76 * np.array([[0.4, 1], [0.6, 0]]), abs=1e-9)


def test_nothing_carries_the_load():
    with pytest.raises(PowerError, match="infeasible"):
        size_site(problem(1, {"limit_gw": 0.5}), ONE)


def test_missing_energy_has_its_price():
    site = problem(1, {"limit_gw": 0.5}, unserved_cost=10.0, pue_peak=0)
    plan = size_site(site, ONE)
    assert plan.unserved == pytest.approx([0.5 * 8.76])
    assert plan.cost == pytest.approx(43.8)


def test_cumulative_cost_is_that_of_builds():
    yearly, years = np.array([0.3, 0.2, 0.1]), np.array([1.0, 0.8, 0.6])
    built = np.array([1.0, 2.0, 0.5])
    paid = sum(yearly[i] * built[i] * years[i:].sum() for i in range(3))
    assert cost_of_cumulative(yearly, years) @ np.cumsum(built) == pytest.approx(paid)


def test_ten_times_the_load_ten_times_the_plan():
    shape = 1 + 0.2 * np.sin(np.arange(24))
    site = problem(
        shape,
        {"capital": 0.1, "output": np.clip(np.sin(np.arange(24) / 4), 0, 1)},
        {"capital": 0.05, "energy": 0.06},
        hours=24,
        periods=2,
        margin=0.1,
        shed_depth=0.25,
        shed_energy=0.005,
        shed_cost=0.3,
        storage=storage(2, power_capital=0.01, energy_capital=0.01, firm_credit=0.5),
    )
    small, large = size_site(site, np.array([1, 2])), size_site(site, np.array([10, 20]))
    assert large.cost == pytest.approx(10 * small.cost, rel=1e-9)
    assert large.load_price == pytest.approx(small.load_price, rel=1e-6)
    assert small.load_price @ small.load == pytest.approx(small.cost, rel=1e-9)


def test_what_costs_less_or_allows_more_never_costs_more():
    base = {"hours": 2, "pue_peak": 0}
    sources = ({"output": [1, 0.2], "capital": 0.1}, {"energy": 0.08})
    cost = size_site(problem(1, *sources, **base), ONE).cost
    for change in ({"shed_depth": 0.3, "shed_energy": 0.05}, {"storage": storage(1, energy_capital=0.001)}):
        assert size_site(problem(1, *sources, **base, **change), ONE).cost < cost
    assert size_site(problem(1, *sources, **base, storage=storage(1, energy_capital=1e3)), ONE).cost == pytest.approx(
        cost
    )
