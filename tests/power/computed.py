"""An instance in memory with sites whose power is computed: late grid, gas now, sun, wind and storage."""

from __future__ import annotations

from typing import Any

from optimizer.instance.instance import Instance
from tests import instances as make

YEARS = (2027, 2028, 2029)

TECHNOLOGIES = (
    make.technology("grid", kind="grid_firm", fuel="grid"),
    make.technology(
        "gas",
        fuel="gas",
        efficiency=0.4,
        availability=0.92,
        derating_per_degree=0.007,
        firm_credit=0.72,
        lead_months=12,
        resource="turbine",
        unit_mw=50,
        water_m3_per_mwh=0.5,
    ),
    make.technology("sun", kind="solar", firm_credit=0.1, clean=True),
    make.technology("battery", kind="lithium_storage", efficiency=0.86, firm_credit=0.5),
)
COSTS = (
    make.technology_cost("grid", 2027, 150, fixed_usd_per_kw_year=60),
    make.technology_cost("gas", 2027, 1400, fixed_usd_per_kw_year=20, variable_usd_per_mwh=6),
    make.technology_cost("sun", 2027, 1000, fixed_usd_per_kw_year=15),
    make.technology_cost("sun", 2029, 400, fixed_usd_per_kw_year=15),
    make.technology_cost("battery", 2027, 100, energy_capex_usd_per_kwh=150),
)
FUELS = (
    make.fuel_price("fuels", "grid", 65, carbon_t_per_mwh=0.3),
    make.fuel_price("fuels", "gas", 25, carbon_t_per_mwh=0.2),
)


def limits(site: str, grid_mw: float = 300) -> list[Any]:
    """Little grid from 2027, more in 2029; everything else is plentiful."""
    plenty = [make.technology_limit(site, name, cumulative_mw=20_000) for name in ("gas", "sun", "battery")]
    grid = [
        make.technology_limit(site, "grid", "2027", cumulative_mw=grid_mw),
        make.technology_limit(site, "grid", "2029", cumulative_mw=2 * grid_mw),
    ]
    return [*grid, *plenty]


def instance(names: tuple[str, ...] = ("alpha",), **changes: Any) -> Instance:
    """Sites of up to two modules of 500 MW; slots of turbines in each year."""
    tables: dict[str, Any] = {
        "sites": [
            make.site(name, module_mw=500, max_modules=2, pue_average=1.2, pue_peak=1.35, grid_region=f"{name}_grid")
            for name in names
        ],
        "technologies": TECHNOLOGIES,
        "technology_costs": COSTS,
        "fuel_prices": FUELS,
        "climates": [make.climate()],
        "site_power": [make.site_power(name) for name in names],
        "technology_limits": [limit for name in names for limit in limits(name)],
        "slots": [make.slots("turbine", year, 3000) for year in YEARS],
        "settings": make.settings(power={"average_load_share": 0.8, "method": "static"}),
    }
    return make.instance(**{**tables, **changes})
