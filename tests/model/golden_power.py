"""Golden rows of computed power: options that count by their parts."""

# ruff: noqa: E501 - a row stays on one line
from __future__ import annotations

from optimizer.instance.instance import Instance
from tests import instances as make
from tests.model.golden import GoldenCase


def mixed_options() -> Instance:
    """Gas alone, and a mix of gas and a grid that doubles after a year; a neighbour with a given grid option."""
    return make.instance(
        settings=make.settings(count=3),
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
)
