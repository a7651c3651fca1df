"""Golden rows of computed power: options that count by their parts."""

# ruff: noqa: E501 - a row stays on one line
from __future__ import annotations

from dataclasses import replace

from optimizer.instance.instance import Instance
from tests import instances as make
from tests.model.golden import OBJECTIVE, GoldenCase


def mixed_options(years: int = 3) -> Instance:
    """Gas alone, and a mix of gas and a grid that doubles after a year; a neighbour with a given grid option."""
    return make.instance(
        settings=make.settings(count=years),
        sites=[make.site(), make.site("beta")],
        technologies=[
            make.technology("gas", resource="turbine", slots_mw_per_mw=1.25),
            make.technology("grid", kind="grid_firm"),
        ],
        technology_limits=[
            make.technology_limit("alpha", "gas", cumulative_mw=1000),
            make.technology_limit("alpha", "grid", cumulative_mw=300),
            make.technology_limit("alpha", "grid", "2028", cumulative_mw=600),
        ],
        power_options=[
            make.power_option(option="gas", kind="gas_turbine"),
            make.power_option(option="mix", kind="gas_turbine"),
            make.power_option("beta"),
            make.power_option("beta", "engines", kind="gas_engine"),
        ],
        portfolio_parts=[
            make.portfolio_part("alpha", "gas", "gas", mw_per_mw=1.4),
            make.portfolio_part("alpha", "mix", "gas", mw_per_mw=0.5),
            make.portfolio_part("alpha", "mix", "grid", mw_per_mw=0.6),
        ],
        grid_headroom=[make.headroom(year=2027, cumulative_mw=900)],
        slots=[make.slots(year=2028, mw=250)],
        slot_use=[make.slot_use(mw_per_mw=7)],
        limits=[make.limit("pipeline", "gas_gw", "grid:grid", 2028, 1.5)],
        demand=[],
    )


def dispatched(method: str = "columns") -> Instance:
    """Gas in both years and a battery from the second, by two modes; the options have numbers of their own by year."""
    names = ("gas", "battery:1h", "battery:4h")
    return make.instance(
        settings=make.settings(count=2, power={"method": method, "average_load_share": 0.5}),
        sites=[make.site(pue_average=1.2, pue_peak=1.5, water_m3_per_mwh=2, basin="gila")],
        countries=[make.country(power_tax_usd_per_mwh=3, wacc_fraction=0.0)],
        technologies=[
            make.technology("gas", resource="turbine"),
            make.technology("battery", kind="lithium_storage", efficiency=0.81),
        ],
        technology_costs=[make.technology_cost("gas"), make.technology_cost("battery")],
        technology_limits=[
            make.technology_limit("alpha", "gas"),
            make.technology_limit("alpha", "battery", "2028"),
        ],
        climates=[make.climate(solar_capacity_factor=0.0, wind_capacity_factor=0.0, design_c=16, mean_c=15)],
        site_power=[make.site_power("alpha")],
        power_options=[
            make.power_option(option="gas", kind="gas_turbine"),
            make.power_option(option="battery:1h", kind="renewables_storage", available_from="2028", firm_credit=0.25),
            make.power_option(option="battery:4h", kind="renewables_storage", available_from="2028"),
        ],
        portfolio_parts=[
            make.portfolio_part("alpha", name, name.split(":")[0], storage_mwh_per_mw=hours)
            for name, hours in zip(names, (0, 1, 4), strict=True)
        ],
        option_years=[
            make.option_year("alpha", "gas", 2027, 1000, energy_usd_per_mwh=40, firm_credit=0.8),
            make.option_year("alpha", "gas", 2028, 700, energy_usd_per_mwh=50, fixed_usd_per_kw_year=20),
        ],
        dispatch_modes=[
            make.dispatch_mode("alpha", "m1", "gas", 120),
            make.dispatch_mode("alpha", "m2", "gas", 110, mwh_per_mwh=1.05, price_factor=0.9),
            make.dispatch_mode("alpha", "m2", "battery", 15, mwh_per_mwh=0.2, storage_mwh_per_twh=60),
        ],
        limits=[
            make.limit("wet", "water_million_m3", "*", 2028, 9),
            make.limit("wells", "water_million_m3", "basin:gila", 2027, 5),
        ],
        demand=[],
    )


def needing_dispatch() -> Instance:
    """Load that may be cut, by one of the modes, with a margin, a limit on carbon and a charge on the grid peak."""
    given = dispatched()
    carbon = {2027: 0.5, 2028: 0.4}
    return replace(
        given,
        option_years=tuple(row.model_copy(update={"carbon_t_per_mwh": carbon[row.year]}) for row in given.option_years),
        power_needs=(
            make.power_needs(
                "alpha",
                curtailment_depth=0.4,
                curtailment_energy_share=0.1,
                curtailment_cost_usd_per_mwh=200,
                reserve_margin=0.25,
                carbon_limit_t_per_mwh=0.3,
                demand_charge_usd_per_kw_year=80,
            ),
        ),
        dispatch_loads=(
            make.dispatch_load("alpha", "m2", cut_mwh_per_mwh=0.05, deepest_cut=0.3, grid_peak_per_load=1.752),
        ),
    )


def needing_mixes() -> Instance:
    """Portfolios beside contracted power: one of them cuts a fifth of its load; both carry the margin themselves."""
    given = mixed_options(1)
    contract = make.power_option(option="contract", beside_computed=True, carbon_t_per_mwh=0.5)
    return replace(
        given,
        power_options=(*given.power_options, contract),
        power_needs=(
            make.power_needs(
                "alpha",
                curtailment_depth=0.5,
                curtailment_cost_usd_per_mwh=10,
                reserve_margin=0.25,
                carbon_limit_t_per_mwh=0.3,
            ),
        ),
        dispatch_loads=(make.dispatch_load("alpha", "mix", cut_mwh_per_mwh=0.2, deepest_cut=0.5),),
    )


def by_the_hour() -> Instance:
    """The same without modes: every hour of one day without weather stands for 365."""
    return dispatched("embedded")


CASES = (
    GoldenCase(
        "technology_limits",
        mixed_options,
        """
technology_limits[alpha,gas,2029]: +1.4 capacity[alpha,gas,2029] +0.5 capacity[alpha,mix,2029] <= 1
technology_limits[alpha,grid,2027]: +0.6 capacity[alpha,mix,2027] <= 0.3
technology_limits[alpha,grid,2029]: +0.6 capacity[alpha,mix,2029] <= 0.6
""",
    ),
    GoldenCase(
        "grid_headroom",
        mixed_options,
        """
grid_headroom[grid,2027]: +0.6 capacity[alpha,mix,2027] +1 capacity[beta,grid_firm,2027] <= 0.9
grid_headroom[grid,2028]: +0.6 capacity[alpha,mix,2028] +1 capacity[beta,grid_firm,2028] <= 0.9
grid_headroom[grid,2029]: +0.6 capacity[alpha,mix,2029] +1 capacity[beta,grid_firm,2029] <= 0.9
""",
    ),
    GoldenCase(
        "gas_gw",
        mixed_options,
        """
gas_gw[pipeline,2028]: +1.4 capacity[alpha,gas,2028] +0.5 capacity[alpha,mix,2028] +1 capacity[beta,engines,2028] <= 1.5
""",
    ),
    GoldenCase(
        "slots",
        mixed_options,
        """
slots[turbine,2028]: -1.75 capacity[alpha,gas,2027] +1.75 capacity[alpha,gas,2028] -0.625 capacity[alpha,mix,2027] +0.625 capacity[alpha,mix,2028] <= 0.25
""",
    ),
    GoldenCase(
        "dispatch_meets_load",
        dispatched,
        """
dispatch_meets_load[alpha,2027]: +1 level[alpha,m1,2027] -5.256 working_gw[alpha,2027] = 0
dispatch_meets_load[alpha,2028]: +1 level[alpha,m1,2028] +1 level[alpha,m2,2028] -5.256 working_gw[alpha,2028] = 0
""",
    ),
    GoldenCase(
        "energy_of_dispatch",
        dispatched,
        """
energy_of_dispatch[alpha,gas,2027]: +1 energy[alpha,gas,2027] -1 level[alpha,m1,2027] = 0
energy_of_dispatch[alpha,battery,2028]: +1 energy[alpha,'battery:1h',2028] +1 energy[alpha,'battery:4h',2028] -0.2 level[alpha,m2,2028] = 0
energy_of_dispatch[alpha,gas,2028]: +1 energy[alpha,gas,2028] -1 level[alpha,m1,2028] -1.05 level[alpha,m2,2028] = 0
""",
    ),
    GoldenCase(
        "capacity_for_dispatch",
        dispatched,
        """
capacity_for_dispatch[alpha,gas,2027]: +1 capacity[alpha,gas,2027] -0.12 level[alpha,m1,2027] >= 0
capacity_for_dispatch[alpha,battery,2028]: +1 capacity[alpha,'battery:1h',2028] +1 capacity[alpha,'battery:4h',2028] -0.015 level[alpha,m2,2028] >= 0
capacity_for_dispatch[alpha,gas,2028]: +1 capacity[alpha,gas,2028] -0.12 level[alpha,m1,2028] -0.11 level[alpha,m2,2028] >= 0
""",
    ),
    GoldenCase(
        "storage_for_dispatch",
        dispatched,
        """
storage_for_dispatch[alpha,battery,2028]: +1 capacity[alpha,'battery:1h',2028] +4 capacity[alpha,'battery:4h',2028] -0.06 level[alpha,m2,2028] >= 0
""",
    ),
    GoldenCase(
        "power_on_the_worst_hour",
        dispatched,
        """
power_on_the_worst_hour[alpha,2027]: +0.8 capacity[alpha,gas,2027] -1.5 working_gw[alpha,2027] >= 0
power_on_the_worst_hour[alpha,2028]: +0.25 capacity[alpha,'battery:1h',2028] +1 capacity[alpha,'battery:4h',2028] +0.9 capacity[alpha,gas,2028] -1.5 working_gw[alpha,2028] >= 0
""",
    ),
    GoldenCase("energy_meets_load", dispatched, ""),
    GoldenCase(
        "cuts_of_dispatch",
        needing_dispatch,
        """
cuts_of_dispatch[alpha,2027]: +1 cut[alpha,2027] = 0
cuts_of_dispatch[alpha,2028]: +1 cut[alpha,2028] -0.05 level[alpha,m2,2028] = 0
""",
    ),
    GoldenCase(
        "grid_peak_of_dispatch",
        needing_dispatch,
        """
grid_peak_of_dispatch[alpha,2027]: +1 grid_peak[alpha,2027] >= 0
grid_peak_of_dispatch[alpha,2028]: +1 grid_peak[alpha,2028] -0.2 level[alpha,m2,2028] >= 0
""",
    ),
    GoldenCase(
        "site_carbon",
        needing_dispatch,
        """
site_carbon[alpha,2027]: +0.3 cut[alpha,2027] +0.5 energy[alpha,gas,2027] -1.5768 working_gw[alpha,2027] <= 0
site_carbon[alpha,2028]: +0.3 cut[alpha,2028] +0.4 energy[alpha,gas,2028] -1.5768 working_gw[alpha,2028] <= 0
""",
    ),
    GoldenCase(
        "power_on_the_worst_hour",
        needing_dispatch,
        """
power_on_the_worst_hour[alpha,2027]: +0.64 capacity[alpha,gas,2027] -1.5 working_gw[alpha,2027] >= 0
power_on_the_worst_hour[alpha,2028]: +0.2 capacity[alpha,'battery:1h',2028] +0.8 capacity[alpha,'battery:4h',2028] +0.72 capacity[alpha,gas,2028] -1.5 working_gw[alpha,2028] >= 0
""",
    ),
    GoldenCase(
        "water_million_m3",
        needing_dispatch,
        """
water_million_m3[wet,2028]: -2 cut[alpha,2028] +10.512 working_gw[alpha,2028] <= 9
water_million_m3[wells,2027]: -2 cut[alpha,2027] +10.512 working_gw[alpha,2027] <= 5
""",
    ),
    GoldenCase(
        OBJECTIVE,
        needing_dispatch,
        """
objective: -0.31 capacity[alpha,gas,2027] -0.72 capacity[alpha,gas,2028] -0.197 cut[alpha,2027] -0.197 cut[alpha,2028] -0.04 energy[alpha,gas,2027] -0.05 energy[alpha,gas,2028] -0.08 grid_peak[alpha,2027] -0.08 grid_peak[alpha,2028] -10 installed[alpha,C1,2027] -10 installed[alpha,C1,2028] +0.00525 level[alpha,m2,2028] -10 modules[alpha,2028] -0.015768 working_gw[alpha,2027] -0.015768 working_gw[alpha,2028] +0
""",
    ),
    GoldenCase(
        "energy_meets_load",
        needing_mixes,
        """
energy_meets_load[alpha,2027]: +1 energy[alpha,contract,2027] +1 energy[alpha,gas,2027] +1.25 energy[alpha,mix,2027] -8.76 working_gw[alpha,2027] = 0
energy_meets_load[beta,2027]: +1 energy[beta,engines,2027] +1 energy[beta,grid_firm,2027] -8.76 working_gw[beta,2027] = 0
""",
    ),
    GoldenCase(
        "power_on_the_worst_hour",
        needing_mixes,
        """
power_on_the_worst_hour[alpha,2027]: +0.8 capacity[alpha,contract,2027] +1 capacity[alpha,gas,2027] +1 capacity[alpha,mix,2027] -1 working_gw[alpha,2027] >= 0
power_on_the_worst_hour[beta,2027]: +1 capacity[beta,engines,2027] +1 capacity[beta,grid_firm,2027] -1 working_gw[beta,2027] >= 0
""",
    ),
    GoldenCase(
        "site_carbon",
        needing_mixes,
        """
site_carbon[alpha,2027]: +0.2 energy[alpha,contract,2027] -0.3 energy[alpha,gas,2027] -0.3 energy[alpha,mix,2027] <= 0
""",
    ),
    GoldenCase(
        "water_million_m3",
        dispatched,
        """
water_million_m3[wet,2028]: +10.512 working_gw[alpha,2028] <= 9
water_million_m3[wells,2027]: +10.512 working_gw[alpha,2027] <= 5
""",
    ),
    GoldenCase(
        OBJECTIVE,
        dispatched,
        """
objective: -0.31 capacity[alpha,gas,2027] -0.72 capacity[alpha,gas,2028] -0.04 energy[alpha,gas,2027] -0.05 energy[alpha,gas,2028] -10 installed[alpha,C1,2027] -10 installed[alpha,C1,2028] +0.00525 level[alpha,m2,2028] -10 modules[alpha,2028] -0.015768 working_gw[alpha,2027] -0.015768 working_gw[alpha,2028] +0
""",
    ),
)

#: Rows of the hours within the model, the first of each kind: balance, availability, storage from hour to hour, sizes.
HOURLY_ROWS = """
hourly_dispatch[alpha,2027,1]: -1 hourly[alpha,2027,charge:0] +1 hourly[alpha,2027,discharge:0] -1.35827 hourly[alpha,2027,load] +1 hourly[alpha,2027,output:gas:0] +1 hourly[alpha,2027,shed:0] +1 hourly[alpha,2027,unserved:0] >= 0
hourly_dispatch[alpha,2027,97]: -1 hourly[alpha,2027,capacity:gas] +1 hourly[alpha,2027,output:gas:0] <= 0
hourly_dispatch[alpha,2027,193]: -0.9 hourly[alpha,2027,charge:0] +1.11111 hourly[alpha,2027,discharge:0] +1 hourly[alpha,2027,stored:0] -1 hourly[alpha,2027,stored:23] = 0
hourly_dispatch[alpha,2027,194]: -0.9 hourly[alpha,2027,charge:1] +1.11111 hourly[alpha,2027,discharge:1] -1 hourly[alpha,2027,stored:0] +1 hourly[alpha,2027,stored:1] = 0
hourly_dispatch[alpha,2027,289]: +1 hourly[alpha,2027,charge:0] -1 hourly[alpha,2027,power] <= 0
hourly_dispatch[alpha,2027,385]: +1 hourly[alpha,2027,discharge:0] -1 hourly[alpha,2027,power] <= 0
hourly_dispatch[alpha,2027,481]: -1 hourly[alpha,2027,energy] +1 hourly[alpha,2027,stored:0] <= 0
"""
