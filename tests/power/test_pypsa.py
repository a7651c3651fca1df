"""The same site written twice, here and in PyPSA: the same cost and the same capacities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pypsa
import pytest

from optimizer.power.dispatch import size_site
from tests.power.cases import problem, storage

# PyPSA 1.4 hands pandas 3 what pandas 4 will no longer take: its own affair.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
pypsa.options.api.legacy_string_dtype = False

HOURS = 24
DAYS = 365
EFFICIENCY = 0.81
RAMP = 0.2
LIMIT_MT_PER_TWH = 0.15


def weather(seed):
    """Sun, wind, grid prices and PUE of a day."""
    draw = np.random.default_rng(seed)
    sun = np.maximum(0.0, np.sin((np.arange(HOURS) - 6) / 12 * np.pi)) * draw.uniform(0.7, 1.0)
    return sun, draw.uniform(0.05, 0.9, HOURS), draw.uniform(0.3, 2.5, HOURS), draw.uniform(1.1, 1.3, HOURS)


def ours(seed, *, carbon_limit):
    sun, wind, price, pue = weather(seed)
    return problem(
        pue,
        {"capital": 0.07, "output": sun, "limit_gw": 2},
        {"capital": 0.2, "output": wind, "limit_gw": 1.5},
        {"capital": 0.09, "fixed": 0.02, "energy": 0.045, "carbon": 0.4, "ramp_per_hour": RAMP},
        {"energy": 0.06, "shape": price, "carbon": 0.3, "is_grid": True, "limit_gw": 0.6},
        hours=HOURS,
        storage=storage(1, power_capital=0.012, energy_capital=0.011, fixed=0.002, energy=0.001, efficiency=EFFICIENCY),
        pue_peak=0,
        demand_charge=0.05,
        carbon_limit=carbon_limit,
    )


def theirs(seed, *, carbon_limit):
    """Objective in B USD. Costs of energy are per GWh in an hour that stands for 365."""
    sun, wind, price, pue = weather(seed)
    network = pypsa.Network()
    network.set_snapshots(range(HOURS))
    network.snapshot_weightings["objective"] = network.snapshot_weightings["generators"] = float(DAYS)
    for name, rate in {"clean": 0.0, "gas": 0.4, "mix": 0.3}.items():
        network.add("Carrier", name, co2_emissions=rate)
    network.add("Bus", ["site", "cells"], carrier="clean")
    network.add("Load", "load", bus="site", p_set=pd.Series(pue, network.snapshots))
    free = {"bus": "site", "p_nom_extendable": True}
    network.add("Generator", "sun", carrier="clean", capital_cost=0.07, p_max_pu=sun, p_nom_max=2, **free)
    network.add("Generator", "wind", carrier="clean", capital_cost=0.2, p_max_pu=wind, p_nom_max=1.5, **free)
    ramps = {"ramp_limit_up": RAMP, "ramp_limit_down": RAMP}
    network.add("Generator", "gas", carrier="gas", capital_cost=0.11, marginal_cost=0.045e-3, **ramps, **free)
    network.add(
        "Generator", "grid", carrier="mix", capital_cost=0.05, marginal_cost=0.06e-3 * price, p_nom_max=0.6, **free
    )
    one_way = EFFICIENCY**0.5
    there, back = {"bus0": "site", "bus1": "cells"}, {"bus0": "cells", "bus1": "site"}
    lossy = {"carrier": "clean", "efficiency": one_way, "p_nom_extendable": True}
    network.add("Link", "charge", **there, capital_cost=0.014, **lossy)
    network.add("Link", "discharge", **back, marginal_cost=0.001e-3 * one_way, **lossy)
    network.add(
        "Store", "cells", bus="cells", carrier="clean", e_nom_extendable=True, capital_cost=0.011, e_cyclic=True
    )
    if carbon_limit is not None:
        most = carbon_limit * float(pue.sum()) * DAYS  # kt of GWh at Mt per TWh
        network.add("GlobalConstraint", "carbon", carrier_attribute="co2_emissions", sense="<=", constant=most)
    model = network.optimize.create_model(include_objective_constant=False)
    power = model.variables["Link-p_nom"]
    model.add_constraints(
        power.sel(name="charge", drop=True) - one_way * power.sel(name="discharge", drop=True) == 0, name="one inverter"
    )
    network.optimize.solve_model(solver_name="highs", log_to_console=False)
    return network


@pytest.mark.parametrize("carbon_limit", [None, LIMIT_MT_PER_TWH])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_site_costs_the_same_in_pypsa(seed, carbon_limit):
    plan = size_site(ours(seed, carbon_limit=carbon_limit), np.ones(1))
    network = theirs(seed, carbon_limit=carbon_limit)
    assert plan.cost == pytest.approx(network.objective, rel=1e-6)
    built = network.generators.p_nom_opt
    assert plan.capacity[:3, 0] == pytest.approx(built[["sun", "wind", "gas"]].to_numpy(), abs=1e-5)
    assert plan.storage_energy == pytest.approx([network.stores.e_nom_opt["cells"]], abs=1e-5)


def test_the_comparison_has_what_it_compares_at_work():
    """Gas and storage are built, the ramp costs something, and so does the limit on carbon."""
    site, clean = (ours(2, carbon_limit=limit) for limit in (None, LIMIT_MT_PER_TWH))
    steady = replace(site, suppliers=tuple(replace(source, ramp_per_hour=1.0) for source in site.suppliers))
    plan = size_site(site, np.ones(1))
    assert plan.capacity[2, 0] > 0.1
    assert plan.storage_energy[0] > 0.1
    assert size_site(steady, np.ones(1)).cost < 0.995 * plan.cost < 0.995 * size_site(clean, np.ones(1)).cost
