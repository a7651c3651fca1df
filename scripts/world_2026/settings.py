"""instance.toml of instances/world-2026."""

from __future__ import annotations

from scripts.world_2026.policy.regimes import scenario_text

_SETTINGS = """\
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
regime = "S0"

[model]
early_retirement = false
chip_carry_months = 6
minimum_operating_months = 24

[solver]
gap = 0.01
time_limit_seconds = 500
threads = 2

[scenarios.chips_short]
description = "A third fewer chips, a sixth dearer"
changes = ["chip_supply[*].units *= 0.67", "chip_prices[*].price_usd *= 1.15"]

[scenarios.power_late]
description = "Power not yet contracted a year later, half the headroom"
changes = [
    "technology_limits[*].delay_months += 12",  # contracted and own_ options are given and stay
    "grid_headroom[*].cumulative_mw *= 0.5",
    "slots[*].mw *= 0.7",
]

[scenarios.capital_tight]
description = "Forty per cent less capital, two points dearer"
changes = ["budgets[*].capital_busd *= 0.6", "finance.discount_rate = 0.10"]

[scenarios.demand_low]
description = "A third less demand, a tenth cheaper"
changes = ["demand[*].quantity_h100e_million *= 0.67", "demand[*].price_usd_per_h100e_hour *= 0.9"]

[scenarios.china_answers]
description = "Chinese chip output grows with demand at home that is not met"
changes = ["supply_response[*].chips_per_unmet_h100e = 0.02"]

"""


def settings_text() -> str:
    """Whole text: the settings, and a scenario for each regime."""
    return _SETTINGS + scenario_text()
