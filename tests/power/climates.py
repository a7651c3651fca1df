"""Three climates and the offers of a site, of round but realistic size."""

from collections.abc import Sequence

from optimizer.power.technologies import Offer, offers_of_site
from tests import instances as make

#: Means of three regions of different sun, wind and heat.
CLIMATES = {
    "texas": make.climate("texas", latitude=32, longitude=-100, solar_capacity_factor=0.25, wind_capacity_factor=0.38,
                          mean_c=19, design_c=40),
    "gulf": make.climate("gulf", latitude=24, longitude=54, solar_capacity_factor=0.26, wind_capacity_factor=0.2,
                         mean_c=28, design_c=47),
    "nordic": make.climate("nordic", latitude=64, longitude=21, solar_capacity_factor=0.1, wind_capacity_factor=0.38,
                           mean_c=2, design_c=27),
}  # fmt: skip
PUE = {"texas": (1.2, 1.35), "gulf": (1.25, 1.4), "nordic": (1.1, 1.2)}


def offers(climate: str, starts: Sequence[int]) -> tuple[Offer, ...]:
    """Gas, sun, wind, storage, and little grid; costs in USD and MW of the instance tables."""
    technologies = [
        make.technology("grid", kind="grid_firm", fuel="grid"),
        make.technology(
            "gas", fuel="gas", efficiency=0.4, availability=0.92, derating_per_degree=0.007, firm_credit=0.72
        ),
        make.technology("sun", kind="solar", firm_credit=0.1, clean=True, life_years=30),
        make.technology("wind", kind="onshore_wind", firm_credit=0.2, clean=True, life_years=25),
        make.technology("battery", kind="lithium_storage", efficiency=0.86, firm_credit=0.5, life_years=15),
    ]
    costs = [
        make.technology_cost("grid", capex_usd_per_kw=150, fixed_usd_per_kw_year=60),
        make.technology_cost("gas", capex_usd_per_kw=1400, fixed_usd_per_kw_year=20, variable_usd_per_mwh=6),
        make.technology_cost("sun", capex_usd_per_kw=1000, fixed_usd_per_kw_year=15),
        make.technology_cost("wind", capex_usd_per_kw=1500, fixed_usd_per_kw_year=30),
        make.technology_cost("battery", capex_usd_per_kw=100, energy_capex_usd_per_kwh=150),
    ]
    instance = make.instance(
        technologies=technologies,
        technology_costs=costs,
        fuel_prices=[
            make.fuel_price("fuels", "grid", 65, carbon_t_per_mwh=0.3),
            make.fuel_price("fuels", "gas", 25, carbon_t_per_mwh=0.2),
        ],
        climates=[CLIMATES[climate]],
        site_power=[make.site_power("alpha", climate)],
        technology_limits=[
            make.technology_limit("alpha", row.technology, cumulative_mw=300 if row.technology == "grid" else 20_000)
            for row in technologies
        ],
    )
    return offers_of_site(instance, "alpha", starts)
