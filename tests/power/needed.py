"""Sites whose load asks for more than energy: each need of `power_needs`, and all of them at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerNeeds
from optimizer.power.join import powered
from tests import instances as make
from tests.power.computed import instance

ALL_NEEDS: dict[str, Any] = {
    "curtailment_depth": 0.3,
    "curtailment_hours": 400,
    "curtailment_energy_share": 0.01,
    "curtailment_cost_usd_per_mwh": 40,
    "reserve_margin": 0.3,
    "carbon_limit_t_per_mwh": 0.01,
    "hourly_clean_share": 0.7,
    "demand_charge_usd_per_kw_year": 90,
}


def needing(method: str, needs: dict[str, Any] | None = None, **changes: Any) -> Instance:
    """A taxed, cooled site on little grid, gas, sun and storage, and what its load asks for."""
    asked = ALL_NEEDS if needs is None else needs
    rows: tuple[PowerNeeds, ...] = (make.power_needs("alpha", **asked),) if asked else ()
    given = instance(
        **{
            "settings": make.settings(power={"average_load_share": 0.8, "method": method}),
            "countries": [make.country(wacc_fraction=0.0, power_tax_usd_per_mwh=3)],
            "limits": [make.limit("wet", "water_million_m3", "*", 2028, 50)],
            "power_needs": rows,
            **changes,
        }
    )
    sites = [row.model_copy(update={"water_m3_per_mwh": 0.4}) for row in given.sites]
    return powered(replace(given, sites=tuple(sites))).instance
