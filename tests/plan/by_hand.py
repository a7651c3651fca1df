"""An instance and its plan, worked out with pencil and paper from SEMANTICS.md; every number is a literal.

alpha takes one module of 1 GW, committed in 2027 and on line in 2028, and 0.8 million chips. beta has a committed
build that comes on line in July 2028, after the start of the last period, so never within the plan.
Discount rate 10 %, cost of capital 12 %: premium 13.978552459119 % over 20 years, 8.749107332722 % over 10,
5.160114154727 % over 5.
From 2028 on chips need a licence: of 0.5 million that may be expected, and 0.1 million more that were bought, 0.55 are
used; the other 0.25 travel under an exception.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Settings
from optimizer.plan.tables import (
    CashFlow,
    ChipInstallation,
    DemandServed,
    LimitUse,
    PermitUse,
    Phase,
    PlanTables,
    PolicyUse,
    PowerCapacity,
    PowerEnergy,
    QuotaStepUse,
    Serving,
    SiteOperation,
    SitePlan,
)
from tests import instances as make

NPV = 3.76170425276257638019
SITE = {"lead_months": 12, "max_modules": 2, "open_cost_musd": 500, "om_usd_per_kw_year": 100, "pue_average": 1.25,
        "pue_peak": 1.5, "water_m3_per_mwh": 1.0, "basin": "gila", "spend_profile": "staged"}  # fmt: skip


def instance_by_hand(**tables: Any) -> Instance:
    """The instance; keywords replace whole tables."""
    return make.instance(**{**tables_by_hand(), **tables})


def settings_by_hand(**sections: Any) -> Settings:
    """Its settings; keywords extend sections."""
    base: dict[str, dict[str, Any]] = {
        "finance": {"discount_rate": 0.10, "carry_over_share": 0.5, "terminal_value": True, "shell_life_years": 20},
        "power": {"average_load_share": 0.7},
        "policy": {"regime": "test"},
        "model": {"chip_carry_months": 12},
    }
    merged = {
        name: {**base.get(name, {}), **value} if isinstance(value, dict) else value for name, value in sections.items()
    }
    return make.settings(count=2, **{**base, **merged})


def tables_by_hand() -> dict[str, Any]:
    """All tables of the instance."""
    power = make.power_option(
        "alpha", max_mw=1500, capex_usd_per_kw=1000, fixed_usd_per_kw_year=50, energy_usd_per_mwh=40,
        carbon_t_per_mwh=0.4, firm_credit=0.8, energy_availability=0.9, life_years=10, water_m3_per_mwh=0.5,
    )  # fmt: skip
    country = make.country(
        wacc_fraction=0.12, it_sales_tax_fraction=0.05, import_tariff_fraction=0.25, investment_credit_fraction=0.2,
        property_tax_fraction_per_year=0.01, power_tax_usd_per_mwh=5,
    )  # fmt: skip
    return {
        "settings": settings_by_hand(),
        "sites": [make.site("alpha", **SITE), make.site("beta", **SITE)],
        "committed": [make.committed("beta", online_from="2028-07", remaining_cost_share=0.5)],
        "spend_profiles": [make.milestone("staged", 0, 0.6), make.milestone("staged", 12, 0.4)],
        "countries": [country],
        "power_options": [power, make.power_option("beta")],
        "chips": [make.chip(performance_h100e=2, design_country="TWN", resale_curve="used")],
        "chip_prices": [make.price(since="2028", price_usd=9000), make.price(since="2026", price_usd=10_000)],
        "chip_supply": [make.supply(during="2027", units=300_000),
                        make.supply(during="2028", units=600_000, minimum_units=100_000)],
        "resale_curves": [make.resale("used", 0, 1.0), make.resale("used", 24, 0.6), make.resale("used", 48, 0.2)],
        "workloads": [make.workload(utilisation=0.5, tokens_per_h100e_second=10)],
        "price_blocks": [make.block("work", 1, 0.6, 1.5), make.block("work", 2, 0.5, 1.0)],
        "latency": [make.latency(serving_cost_usd_per_h100e_hour=0.1)],
        "budgets": [make.budget(year=2027, capital_busd=10), make.budget(year=2028, capital_busd=20)],
        "rules": _rules(),
        "regimes": [make.regime(name) for name in ("stock", "licence", "small", "more")],
    }  # fmt: skip


def _rules() -> list[Any]:
    return [
        make.rule("stock", "cap_stock", destination="USA", quantity=2, measure="h100e_million"),
        make.rule("licence", "licence", destination="USA", quantity=1, measure="chips_million", period="yearly",
                  probability=0.5, effective_from="2028"),
        make.rule("small", "allow", quantity=0.3, measure="chips_million", period="cumulative"),
        make.rule("more", "quota_step", raises="licence", quantity=0.1, measure="chips_million", cost_busd=0.25,
                  effective_from="2028"),
    ]  # fmt: skip


def plan_without_permits() -> PlanTables:
    """The plan as it is where nothing needs permission."""
    plan = plan_by_hand()
    cash = tuple(row for row in plan.cash if row.category != "quota_steps")
    return dataclasses.replace(plan, permits=(), quota_steps=(), cash=cash)


def plan_by_hand() -> PlanTables:
    """The plan."""
    return PlanTables(
        sites=(
            SitePlan("alpha", "Alpha", "USA", "Operator", "USA", "grid", 32.0, -97.0, "new", 0, 1, "2027", "2028",
                     1.0, 1.2, 1.6, 19.36, "grid_firm"),
            SitePlan("beta", "Beta", "USA", "Operator", "USA", "grid", 32.0, -97.0, "committed", 1, 0, "", "",
                     0.0, 0.0, 0.0, 4.0, ""),
        ),
        phases=(
            Phase("alpha", False, "2027", "2028", 1, 1.0, 0.5, 8.0),
            Phase("beta", True, "", "", 1, 1.0, 0.0, 4.0),
        ),
        operations=(SiteOperation("alpha", "2028", 1.0, 0.8, 1.6, 1.5, 1.2, 1.2),),
        chips=(ChipInstallation("alpha", "C1", "2028", 0.8, 0.0, 0.8, 7.2, 2.16, 0.0),),
        power=(PowerCapacity("alpha", "grid_firm", "grid_firm", "2028", 1.5, 1.5, 1.5),),
        energy=(PowerEnergy("alpha", "grid_firm", "grid_firm", 2028, 6.132, 0.27594, 0.075, 2.4528, 9.198),),
        serving=(Serving("USA", "zone", "us", "market", "work", 2028, 0.8, 252.288, 0.7008, 0.0),),
        demand=(
            DemandServed("market", "work", 2027, 1, 0.6, 0.0, 3.0, 0.0),
            DemandServed("market", "work", 2027, 2, 0.5, 0.0, 2.0, 0.0),
            DemandServed("market", "work", 2028, 1, 0.6, 0.6, 3.0, 15.768),
            DemandServed("market", "work", 2028, 2, 0.5, 0.2, 2.0, 3.504),
        ),
        policy=(
            PolicyUse("stock", "cap_stock", "", "", "2027", 0.0, 2.0, 2.0, "h100e_million", False),
            PolicyUse("stock", "cap_stock", "", "", "2028", 1.6, 2.0, 0.4, "h100e_million", False),
            PolicyUse("licence", "licence", "", "", "2028", 0.55, 0.6, 0.05, "chips_million", False),
            PolicyUse("small", "allow", "", "", "2027", 0.0, 0.3, 0.3, "chips_million", False),
            PolicyUse("small", "allow", "", "", "2028", 0.25, 0.3, 0.05, "chips_million", False),
        ),
        permits=(
            PermitUse("licence", "alpha", "C1", "2028", 0.55),
            PermitUse("small", "alpha", "C1", "2028", 0.25),
        ),
        quota_steps=(QuotaStepUse("more", "", "licence", True, 0.25),),
        limits=(
            LimitUse("budget", "global", "2027", 7.966666666666667, 10.0, 2.033333333333333, "busd", False),
            LimitUse("budget", "global", "2028", 15.393333333333333, 21.016666666666667, 5.623333333333333, "busd",
                     False),
            LimitUse("chip_supply", "C1", "2027", 0.0, 0.3, 0.3, "chips_million", False),
            LimitUse("chip_supply", "C1", "2028", 0.8, 0.9, 0.1, "chips_million", False),
            LimitUse("take_or_pay", "C1", "2028", 0.8, 0.1, 0.7, "chips_million", False),
        ),
        cash=_cash(),
    )  # fmt: skip


def _cash() -> tuple[CashFlow, ...]:
    first, second, end = 0.953462589245592315, 0.866784172041447559, 0.826446280991735537
    flows = (
        ("2027", "site_opening", -0.5, first),
        ("2027", "modules", -4.8, first),
        ("2027", "committed_modules", -2.6666666666666667, first),
        ("2027", "financing_premium", -1.11362467924316216, first),
        ("2028", "modules", -3.2, second),
        ("2028", "committed_modules", -1.3333333333333333, second),
        ("2028", "power_capex", -1.5, second),
        ("2028", "chips", -7.2, second),
        ("2028", "chip_taxes", -2.16, second),
        ("2028", "financing_premium", -1.24791767302002861, second),
        ("2028", "revenue", 19.272, second),
        ("2028", "site_om", -0.1, second),
        ("2028", "property_tax", -0.1, second),
        ("2028", "power_fixed", -0.075, second),
        ("2028", "power_energy", -0.27594, second),
        ("2028", "serving", -0.7008, second),
        ("2028", "quota_steps", -0.25, second),
        ("2028", "terminal_value", 13.8433864219508360, end),
    )
    return tuple(CashFlow(period, kind, busd, factor, busd * factor) for period, kind, busd, factor in flows)


def manifest_by_hand(instance: Instance) -> dict[str, Any]:
    """The part of its manifest that the audit reads."""
    from optimizer.instance import instance_hash

    return {
        "instance": {"name": "tiny", "sha256": instance_hash(instance)},
        "objective": {"kind": "npv", "value": NPV, "bound": 4.0},
        "status": "feasible",
        "npv_busd": NPV,
        "bound_busd": 4.0,
        "gap_busd": 4.0 - NPV,
        "gap_rel": (4.0 - NPV) / NPV,
        "headline": {
            "sites_opened": 1,
            "gw_online_end": 1.0,
            "capex_busd": 23.36,
            "chips_million": 0.8,
            "tokens_trillion_per_month_end": 21.024,
        },
    }
