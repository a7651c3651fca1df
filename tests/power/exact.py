"""Five sites of different climates, technologies and dates, and their relaxation by modes and by the hour."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import TechnologyLimit
from optimizer.model.build import PlanModel, build_model
from optimizer.power.join import powered
from optimizer.power.modes import SiteModes
from optimizer.power.store import NoStore
from optimizer.solve.mode_generation import Generated, generate_modes
from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import FloatArray, StandardForm, standard_form
from tests import instances as make
from tests.power.climates import CLIMATES

YEARS = (2027, 2028, 2029)

TECHNOLOGIES = (
    make.technology("grid", kind="grid_firm", fuel="grid"),
    make.technology("spot", kind="grid_interruptible", fuel="grid", availability=0.97, firm_credit=0),
    make.technology(
        "turbine",
        fuel="gas",
        efficiency=0.38,
        availability=0.93,
        derating_per_degree=0.006,
        firm_credit=0.8,
        resource="turbine",
        slots_mw_per_mw=1.1,
        unit_mw=50,
    ),
    make.technology("engine", kind="gas_engine", fuel="gas", efficiency=0.43, firm_credit=0.95, unit_mw=20),
    make.technology("reactor", kind="nuclear_small", firm_credit=0.9, availability=0.92, ramp_per_hour=0.05),
    make.technology("sun", kind="solar", firm_credit=0.05, clean=True, life_years=30),
    make.technology("wind", kind="onshore_wind", firm_credit=0.1, clean=True, life_years=25),
    make.technology("battery", kind="lithium_storage", efficiency=0.86, firm_credit=0.9, life_years=15),
)
COSTS = (
    make.technology_cost("grid", capex_usd_per_kw=250, fixed_usd_per_kw_year=70),
    make.technology_cost("spot", capex_usd_per_kw=100, fixed_usd_per_kw_year=15),
    make.technology_cost("turbine", capex_usd_per_kw=1200, fixed_usd_per_kw_year=20, variable_usd_per_mwh=5),
    make.technology_cost("engine", capex_usd_per_kw=1700, fixed_usd_per_kw_year=25, variable_usd_per_mwh=8),
    make.technology_cost("reactor", capex_usd_per_kw=5000, fixed_usd_per_kw_year=120, variable_usd_per_mwh=9),
    make.technology_cost("sun", 2027, 900, fixed_usd_per_kw_year=15),
    make.technology_cost("sun", 2029, 450, fixed_usd_per_kw_year=15),
    make.technology_cost("wind", capex_usd_per_kw=1300, fixed_usd_per_kw_year=35),
    make.technology_cost("battery", 2027, 120, energy_capex_usd_per_kwh=160, fixed_usd_per_kw_year=4),
    make.technology_cost("battery", 2029, 90, energy_capex_usd_per_kwh=80, fixed_usd_per_kw_year=4),
)
FUELS = tuple(
    make.fuel_price(region, fuel, price, year=year, carbon_t_per_mwh=carbon)
    for region, grid, gas in (("cheap", 48, 14), ("dear", 75, 38))
    for fuel, now, carbon in (("grid", grid, 0.3), ("gas", gas, 0.2))
    for year, price in ((2027, now), (2029, 1.3 * now))
)
#: Site, climate, fuel region, average and peak PUE, and technologies with year and MW from when.
SITES = (
    ("alpha", "texas", "cheap", 1.2, 1.35, {"grid": ("2029", 900), "turbine": ("2027", 2000), "sun": ("2027", 9000),
                                            "battery": ("2027", 5000), "wind": ("2028", 4000)}),
    ("beta", "gulf", "cheap", 1.25, 1.4, {"engine": ("2027", 900), "sun": ("2027", 9000), "battery": ("2028", 9000),
                                          "turbine": ("2028", 2000)}),
    ("gamma", "nordic", "dear", 1.1, 1.2, {"spot": ("2027", 1500), "wind": ("2027", 5000), "grid": ("2028", 400),
                                           "engine": ("2028", 1500)}),
    ("delta", "texas", "dear", 1.15, 1.3, {"grid": ("2027", 350), "wind": ("2027", 3000), "battery": ("2027", 3000),
                                           "reactor": ("2028", 700), "sun": ("2027", 2000)}),
    ("epsilon", "gulf", "cheap", 1.2, 1.35, {"turbine": ("2027", 1500), "spot": ("2028", 1500), "sun": ("2028", 9000),
                                            "battery": ("2027", 3000)}),
)  # fmt: skip


def limits() -> list[TechnologyLimit]:
    """What each site may build, from when."""
    return [
        make.technology_limit(site, technology, since, cumulative_mw=mw)
        for site, *_, offered in SITES
        for technology, (since, mw) in offered.items()
    ]


def five_sites(method: str, **changes: Any) -> Instance:
    """Turbine slots bind in each year, grid headroom in two of three regions; a buyer's price has hours of its own."""
    day = 1 + 0.4 * np.sin(np.arange(8760) * 2 * np.pi / 24)
    tables: dict[str, Any] = {
        "sites": [
            make.site(
                name,
                module_mw=300,
                max_modules=3,
                pue_average=average,
                pue_peak=peak,
                grid_region=f"grid_{climate}",
                module_cost_usd_per_kw=9000,
                water_m3_per_mwh=0.5,
            )
            for name, climate, _, average, peak, _ in SITES
        ],
        "chip_supply": [make.supply(during=str(year), units=1_500_000) for year in YEARS],
        "demand": [
            make.demand(year=year, price_usd_per_h100e_hour=1.9, quantity_h100e_million=1.3 * (year - 2026))
            for year in YEARS
        ],
        "technologies": TECHNOLOGIES,
        "technology_costs": COSTS,
        "fuel_prices": FUELS,
        "climates": CLIMATES.values(),
        "site_power": [
            make.site_power(name, climate, fuels, **({"price_profile": "day"} if name == "gamma" else {}))
            for name, climate, fuels, *_ in SITES
        ],
        "hourly_profiles": make.own_hours("day", day),
        "technology_limits": limits(),
        "slots": [make.slots("turbine", year, 350) for year in YEARS],
        "grid_headroom": [make.headroom("grid_texas", 2027, 500), make.headroom("grid_nordic", 2028, 900)],
        "limits": [
            make.limit("carbon", "carbon_mt", "*", 2029, 2.5),
            make.limit("wet", "water_million_m3", "*", 2028, 9),
        ],
        "settings": make.settings(finance={"discount_rate": 0.07}, power={"average_load_share": 0.8, "method": method}),
    }
    return powered(make.instance(**{**tables, **changes})).instance


@dataclass(frozen=True)
class Built:
    """A model of an instance, and its linear programs."""

    instance: Instance
    model: PlanModel
    form: StandardForm

    @classmethod
    def of(cls, instance: Instance) -> Built:
        model = build_model(instance)
        return cls(instance, model, standard_form(model.pyomo))

    def optimum(self, modules: FloatArray | None = None) -> LpSolution:
        """Solve with whole columns free, or held at some values."""
        session = HighsSession(self.form, threads=1, seed=1, stop=threading.Event())
        if modules is not None:
            whole = np.flatnonzero(self.form.integer)
            session.set_bounds(whole, modules, modules)
        found = session.solve_relaxation(interior_point=False, time_limit=300)
        assert found.ending is Ending.OPTIMAL
        return found

    def with_all_modes(self, gap: float, modules: FloatArray | None = None) -> tuple[Built, Generated]:
        """Make modes until those that are missing may add no more than a share."""
        pools, fixed = SiteModes(self.instance, NoStore()), None
        if modules is not None:
            fixed = np.zeros(len(self.form.lower))
            fixed[self.form.integer] = modules
        made = generate_modes(
            self.model,
            self.form,
            pools,
            gap=gap,
            seconds=300,
            observer=lambda _: None,
            stop=threading.Event(),
            fixed=fixed,
        )
        return Built.of(pools.within(self.instance)), made
