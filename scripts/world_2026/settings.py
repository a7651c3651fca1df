"""instance.toml of instances/world-2026."""

from __future__ import annotations

SETTINGS = """\
schema_version = 1
name = "world-2026"
title = "Gigawatt AI campuses of the world, 2027-2036"
objective = "npv"

[calendar]
start = "2027Q1"
periods = [{ months = 3, count = 40 }]
decision_every_months = 6

[finance]
discount_rate = 0.08
carry_over_share = 0.5
shell_life_years = 20
terminal_value = true

[power]
average_load_share = 0.8

[policy]
regime = "status_quo"

[model]
early_retirement = false
chip_carry_months = 6
minimum_operating_months = 24

[solver]
gap = 0.01
time_limit_seconds = 300
threads = 2

[scenarios.chips_short]
description = "A third fewer chips, a sixth dearer"
changes = ["chip_supply[*].units *= 0.67", "chip_prices[*].price_usd *= 1.15"]

[scenarios.power_late]
description = "Power not yet contracted a year later, half the headroom"
changes = [
    "power_options[*,[gfrhn]*].available_from += 12",  # every option but contracted and own_ ones
    "grid_headroom[*].cumulative_mw *= 0.5",
    "slots[*].mw *= 0.7",
]

[scenarios.capital_tight]
description = "Forty per cent less capital, two points dearer"
changes = ["budgets[*].capital_busd *= 0.6", "finance.discount_rate = 0.10"]

[scenarios.demand_low]
description = "A third less demand, a tenth cheaper"
changes = ["demand[*].quantity_h100e_million *= 0.67", "demand[*].price_usd_per_h100e_hour *= 0.9"]

[scenarios.no_export_rules]
description = "No export control anywhere"
changes = ["policy.regime = open"]

[scenarios.strict_2023]
description = "October 2023 rules only: no case-by-case window, no Gulf arrangements"
changes = ["policy.regime = strict_2023"]

[scenarios.hard_decoupling]
description = "No American chips in China at all"
changes = ["policy.regime = hard_decoupling"]

[scenarios.diffusion]
description = "Diffusion rule: share caps outside Tier 1"
changes = ["policy.regime = diffusion"]

[scenarios.gulf_2025]
description = "Gulf licences as of November 2025"
changes = ["policy.regime = gulf_2025"]
"""
