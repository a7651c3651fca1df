"""A small instance in which every feature of the format is at work."""

from __future__ import annotations

from typing import Any

from optimizer.instance.instance import Instance
from tests import instances as make

YEARS = (2027, 2028, 2029)


def rich_instance(**sections: Any) -> Instance:
    """Two campuses, one of them begun, two chips, two markets, two power options a site and a rule of every effect."""
    settings = make.settings(
        blocks=[(6, 2), (12, 2)],
        decision_every_months=6,
        finance={"discount_rate": 0.08, "carry_over_share": 0.5, "terminal_value": True, "shell_life_years": 20},
        power={"average_load_share": 0.8},
        policy={"regime": "test"},
        model={"early_retirement": True, "chip_carry_months": 6, "minimum_operating_months": 6},
        **sections,
    )
    return make.instance(settings=settings, **_places(), **_power(), **_chips(), **_markets(), **_money(), **_rules())


def _places() -> dict[str, Any]:
    common = {"om_usd_per_kw_year": 200, "pue_average": 1.2, "pue_peak": 1.4, "water_m3_per_mwh": 1.0}
    alpha = make.site(
        "alpha", lead_months=6, module_mw=500, max_modules=3, max_starts_per_year=2, open_cost_musd=1000,
        spend_profile="staged", operator="Alef", **common,
    )  # fmt: skip
    beta = make.site(
        "beta", country="ARE", operator="Bet", operator_hq="USA", grid_region="gulf", latency_zone="far",
        module_mw=400, max_modules=3, latitude=24.0, longitude=54.0, **common,
    )  # fmt: skip
    gamma = make.site("gamma", country="CHN", operator_hq="CHN", grid_region="north", latency_zone="far", **common)
    taxes = {"it_sales_tax_fraction": 0.05, "import_tariff_fraction": 0.1, "property_tax_fraction_per_year": 0.01}
    return {
        "sites": [alpha, beta, gamma],
        "committed": [make.committed("beta", online_from="2027-04", remaining_cost_share=0.5)],
        "spend_profiles": [make.milestone("staged", 0, 0.4), make.milestone("staged", 6, 0.6)],
        "countries": [
            make.country("USA", wacc_fraction=0.08, investment_credit_fraction=0.1, power_tax_usd_per_mwh=3, **taxes),
            make.country("ARE", wacc_fraction=0.1, power_tax_usd_per_mwh=-2, **taxes),
            make.country("CHN", wacc_fraction=0.06),
        ],
        "grid_regions": [make.grid_region("grid"), make.grid_region("gulf"), make.grid_region("north")],
        "country_groups": [make.member("club", "ARE"), make.member("club", "CHN", member_to="2028")],
    }


def _power() -> dict[str, Any]:
    grid = {"capex_usd_per_kw": 500, "fixed_usd_per_kw_year": 60, "energy_usd_per_mwh": 40, "water_m3_per_mwh": 0.5}
    gas = {"kind": "gas_turbine", "capex_usd_per_kw": 1500, "fixed_usd_per_kw_year": 30, "energy_usd_per_mwh": 70,
           "carbon_t_per_mwh": 0.4, "life_years": 10}  # fmt: skip
    grid |= {"carbon_t_per_mwh": 0.2, "energy_availability": 0.9}
    return {
        "power_options": [
            make.power_option("alpha", "grid_firm", available_from="2027-07", max_mw=400, **grid),
            make.power_option("alpha", "gas", max_mw=900, firm_credit=0.9, **gas),
            make.power_option("beta", "grid_firm", max_mw=300, **grid),
            make.power_option("beta", "gas", max_mw=2000, firm_credit=0.9, **gas),
            make.power_option("gamma", "grid_firm", max_mw=3000, **grid),
        ],
        "grid_steps": [make.grid_step("alpha", "2028", 1500)],
        "grid_headroom": [make.headroom("grid", 2027, 300), make.headroom("grid", 2028, 1100)],
        "slots": [make.slots("turbine", year, 800) for year in YEARS],
        "slot_use": [make.slot_use("turbine", "gas_turbine", 1.1)],
    }


def _chips() -> dict[str, Any]:
    return {
        "chips": [
            make.chip("C1", resale_curve="used", life_months=24),
            make.chip("C2", resale_curve="used", release="2027-10", performance_h100e=3, tpp=48_000, it_power_kw=1.5,
                      life_months=48),
            make.chip("N1", stack="cn", design_country="CHN", us_controlled=False, performance_h100e=0.5, tpp=8000),
        ],
        "chip_prices": [
            make.price("C1", "2026", 12_000), make.price("C1", "2028", 9_000), make.price("C2", "2027", 24_000),
            make.price("N1", "2026", 4_000),
        ],
        "chip_supply": [
            make.supply("C1", during="2027", units=600_000, minimum_units=50_000),
            make.supply("C1", during="2028", units=200_000),
            make.supply("C2", during="2028", units=300_000),
            make.supply("C2", during="2029", units=900_000),
            make.supply("N1", during="2027", units=100_000),
        ],
        "supply_response": [make.supply_response("C2", "abroad", 0.2)],
        "resale_curves": [make.resale("used", 0, 0.9), make.resale("used", 24, 0.6), make.resale("used", 60, 0.1)],
        "installed_base": [make.base("USA", "us", 2026, 1.0), make.base("USA", "us", 2028, 1.5),
                           make.base("ARE", "us", 2026, 0.05)],
    }  # fmt: skip


def _markets() -> dict[str, Any]:
    regions = [make.region("home"), make.region("abroad", stacks="us;cn")]
    workloads = [
        make.workload("work", utilisation=0.8, tokens_per_h100e_second=40),
        make.workload("chat", utilisation=0.5, max_latency_ms=50, tokens_per_h100e_second=20),
    ]
    return {
        "demand_regions": regions,
        "workloads": workloads,
        "demand": [
            make.demand(region.region, workload.workload, year, quantity_h100e_million=0.4,
                        price_usd_per_h100e_hour=2.5)
            for region in regions for workload in workloads for year in YEARS
        ],
        "price_blocks": [make.block(name, number, share, multiplier) for name in ("work", "chat")
                         for number, share, multiplier in ((1, 0.6, 1.2), (2, 0.6, 0.7))],
        "stack_prices": [make.stack_price("abroad", "us", 0.95), make.stack_price("abroad", "cn", 0.98)],
        "latency": [
            make.latency("zone", "home", 20, serving_cost_usd_per_h100e_hour=0.01),
            make.latency("zone", "abroad", 120, serving_cost_usd_per_h100e_hour=0.05),
            make.latency("far", "home", 120, serving_cost_usd_per_h100e_hour=0.04),
            make.latency("far", "abroad", 30, serving_cost_usd_per_h100e_hour=0.02),
        ],
        "sovereignty": [make.sovereignty("abroad", "club", 0.5, first_year=2028)],
    }  # fmt: skip


def _money() -> dict[str, Any]:
    kinds = {"capital_share": ("ARE", 0.7), "it_gw": ("grid:grid", 1.2), "gas_gw": ("*", 9.0), "carbon_mt": ("*", 6.0),
             "water_million_m3": ("club", 8.0)}  # fmt: skip
    return {
        "budgets": [make.budget("global", year, 25) for year in YEARS],
        "limits": [make.limit(f"cap-{kind}", kind, scope, year, value)
                   for kind, (scope, value) in kinds.items() for year in YEARS],
        "required_compute": [make.required_compute(2029, 0.3)],
    }  # fmt: skip


def _rules() -> dict[str, Any]:
    rules = [
        make.rule("no-china", "deny", chip_test="us_controlled", destination="CHN"),
        make.rule("gulf-total", "cap_cumulative", destination="ARE", quantity=0.9, measure="tpp_million_h100"),
        make.rule("gulf-yearly", "cap_yearly", destination="club", chip_test="tpp >= 20000", quantity=0.1,
                  measure="gb300e_million"),
        make.rule("gulf-stock", "cap_stock", destination="ARE", owner="USA", quantity=1.2, measure="h100e_million",
                  effective_from="2027-07"),
        make.rule("gulf-share", "share_cap", destination="ARE", base_destination="USA", quantity=0.6,
                  measure="h100e_million", effective_to="2029"),
        make.rule("gulf-ratio", "volume_ratio", destination="ARE", base_destination="USA", quantity=0.9,
                  chip_test="us_controlled", measure="chips_million", effective_from="2028"),
        make.rule("gulf-match", "matching_investment", destination="ARE", base_destination="USA", quantity=0.8,
                  operators="Bet;Gimel", measure="capital_busd"),
        *_permissions(),
    ]  # fmt: skip
    return {
        "rules": rules,
        "rule_steps": [make.rule_step("gulf-total", "2028", 0.8), make.rule_step("gulf-fast", "2029", 0.05)],
        "regimes": [make.regime(rule.rule) for rule in rules],
    }


def _permissions() -> list[Any]:
    """Chips for the Emirates travel under a licence with a quota, or an exception; the Emirates want a permit too."""
    gulf = {"destination": "ARE", "chip_test": "us_controlled", "measure": "chips_million"}
    return [
        make.rule("gulf-licence", "licence", quantity=0.3, period="yearly", probability=0.5, lag_months=6, **gulf),
        make.rule("gulf-fast", "allow", quantity=0.02, period="stock", per="operator_country", **gulf),
        make.rule("gulf-more", "quota_step", raises="gulf-licence", quantity=0.05, cost_busd=0.01,
                  measure="chips_million", effective_from="2028"),
        make.rule("gulf-entry", "licence", jurisdiction="ARE", **gulf | {"measure": None}),
        make.rule("gulf-duty", "tariff", destination="ARE", quantity=0.1, pass_through=0.5),
        make.rule("gulf-cut", "revenue_share", destination="ARE", chip_test="tpp > 20000", quantity=0.02),
    ]  # fmt: skip
