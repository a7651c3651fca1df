"""assumptions.csv: what was chosen rather than found, with a range and a reason."""

# ruff: noqa: E501  (a row of a table reads best on one line)

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.schema import Assumption

_JUDGED = "judgement; range from sites-energy-costs.md where it gives one"

#: name, knob, central, low, high, mode, reason
_ROWS: tuple[tuple[str, str, float, float, float, str, str], ...] = (
    ("supply-share", "chip_supply[*].units", 1.0, 0.7, 1.3, "scale", "share of world chip output that these campuses may buy, 45 % [32-58]"),
    ("chip-price", "chip_prices[*].price_usd", 1.0, 0.85, 1.2, "scale", "server and network at 6,000 USD per kW; later generations 32-34 B USD per GW"),
    ("chip-life", "chips[*].life_months", 60, 48, 72, "set", "useful life 5 years [3-7]; contracts are shorter, fleets run longer"),
    ("chip-gain", "chips[*].performance_h100e", 1.0, 0.85, 1.15, "scale", "compute per kW grows 1.25 times a year after 2028"),
    ("resale", "resale_curves[*].share", 1.0, 0.5, 1.05, "scale", "second-hand value of accelerators"),
    ("module-cost", "sites[*].module_cost_usd_per_kw", 1.0, 0.9, 1.4, "scale", "city cost of 2025 x 1.055 x 1.085; quotes to 18,500 USD per kW"),
    ("lead-time", "sites[*].lead_months", 0, -4, 9, "add", "months from commitment to energised module; 12-43 observed for a GW"),
    ("om", "sites[*].om_usd_per_kw_year", 1.0, 0.8, 1.3, "scale", "Epoch 902 USD per kW and year with energy; about 300 without"),
    ("pue", "sites[*].pue_average", 0.0, -0.04, 0.06, "add", "yearly PUE from climate, from memory"),
    ("peak-ratio", "sites[*].pue_peak", 0.0, -0.05, 0.08, "add", "1.2 at 26 degrees to 1.4 at 46, Epoch's range"),
    ("open-cost", "sites[*].open_cost_musd", 1.0, 0.5, 3.0, "scale", "60 M USD + 0.12 M per MW for land, permits, roads and fibre"),
    ("load-share", "power.average_load_share", 0.8, 0.6, 0.9, "set", "average over installed power: training 0.8, inference 0.6"),
    ("energy-price", "fuel_prices[*].price_usd_per_mwh", 1.0, 0.7, 1.3, "scale", "grid and gas; industrial average to 90 USD/MWh, 35 % of what lies above"),
    ("power-capex", "technology_costs[*].capex_usd_per_kw", 1.0, 0.8, 1.5, "scale", "all technologies; connection 170 USD/kW [50-500], turbines 1,400 [900-1,800]"),
    ("power-date", "technology_limits[*].delay_months", 0, -6, 18, "add", "all but contracted and own power: lead_typ from November 2026, less half the wait already served"),
    ("headroom", "grid_headroom[*].cumulative_mw", 1.0, 0.5, 1.6, "scale", "40 % of one regional figure, two fifths of that in 2027, growing 20 % a year; mostly unknown"),
    ("slots", "slots[*].mw", 1.0, 0.5, 1.6, "scale", "half of turbines 20 GW a year [10-40], engines and cells 6 [3-12], transformers 26 [16-40]"),
    ("demand", "demand[*].quantity_h100e_million", 1.0, 0.6, 1.6, "scale", "20 M H100e in 2027 to 980 M in 2036; token demand grows 2-8 times a year"),
    ("price-level", "demand[*].price_usd_per_h100e_hour", 1.0, 0.8, 1.2, "scale", "1.50 USD per H100e-hour in 2027, 20 % less each year; 3.00 in China"),
    ("utilisation", "workloads[*].utilisation", 1.0, 0.75, 1.2, "scale", "0.55-0.80 by workload; revenue utilisation 0.65 [0.4-0.85]"),
    ("tokens", "workloads[*].tokens_per_h100e_second", 1.0, 0.2, 5.0, "scale", "1 M tokens per s and MW of Blackwell [0.2-5]"),
    ("sovereign-floor", "sovereignty[*].minimum_share", 1.0, 0.0, 1.3, "scale", "local floors 0.25-0.7 of interactive and training demand from 2029"),
    ("budget", "budgets[*].capital_busd", 1.0, 0.6, 1.3, "scale", "a quarter to a third of what the largest spenders lay out, growth slowing"),
    ("discount-rate", "finance.discount_rate", 0.08, 0.06, 0.11, "set", "project finance of powered shells 8.0 %"),
    ("wacc", "countries[*].wacc_fraction", 0.0, -0.01, 0.02, "add", "8.0 + 0.8 x country risk premium, war add-on in the Gulf less 1.5 points"),
    ("committed-cost", "committed[*].remaining_cost_share", 1.0, 0.7, 1.2, "scale", "a 24th of the cost for each month to completion, 0.1-0.8"),
    ("licence-approval", "rules[US23-2].probability", 0.9, 0.4, 1.0, "set", "presumption of approval; below policy.minimum_licence_probability the licence counts as refused"),
    ("licence-lag", "rules[US23-2].lag_months", 6, 3, 12, "set", "one to four quarters"),
    ("emirates-approval", "rules[US26-UAE1].probability", 0.9, 0.4, 1.0, "set", "approval is presumed in the facts, not stated"),
    ("china-case", "rules[JAN26-1].probability", 0.5, 0.0, 1.0, "set", "case by case; very few shipped by July 2026"),
    ("china-ratio-base", "rules[JAN26-2].base_quantity", 0.7, 0.0, 1.5, "set", "H200 that the United States received before the plan, million; whether they count is not settled"),
    ("china-entry", "rules[CN-4].quantity", 0.01, 0.0, 0.1, "set", "H200-class chips that Chinese customs let in, million for each firm and year"),
    ("humain-licence", "rules[BIL-SA1].effective_to", 0, 0, 60, "add", "months after 2027 for which Humain has no licence beyond 35,000 GB300 equivalents"),
    ("emirates-quota", "rules[BIL-AE1].quantity", 0.5, 0.1, 1.0, "set", "500,000 chips a year, counted in packages; regimes S0_gulf_quota and gulf_2025"),
    ("saudi-tranches", "rules[BIL-SA-TRANCHES].quantity", 0.2, 0.035, 0.5, "set", "licences after 2027 for Saudi Arabia, million chips a year; regime S0_gulf_quota"),
    ("agreement-price", "rules[DIF-5-W].cost_busd", 0.5, 0.0, 5.0, "set", "what a government agreement costs a country's buyers; regime S1"),
    ("site-visit-price", "rules[GLB-2].cost_busd", 0.05, 0.0, 0.5, "set", "security upgrade of a company's campuses in a country; regime S3"),
    ("draft-agreement-price", "rules[GLB-3].cost_busd", 1.0, 0.0, 5.0, "set", "agreement beyond 200,000 GB300 equivalents; regime S3"),
    ("tariff-phase-2", "rules[US26-232C].quantity", 0.25, 0.25, 1.0, "set", "0.25 to 1.00 in the facts; regime S0_tariff"),
    ("china-revenue-share", "rules[LIB-2].quantity", 0.2, 0.15, 0.25, "set", "15 to 25 %; regime S4"),
    ("levy-pass-through", "rules[US26-232A].pass_through", 1.0, 0.5, 1.0, "set", "share of the tariff that the buyer pays"),
    ("chinese-stack-price", "stack_prices[*].price_multiplier", 0.8, 0.6, 1.0, "set", "what compute of the Chinese stack sells for in third markets; judged"),
    ("china-answers", "supply_response[*].chips_per_unmet_h100e", 0.0, 0.0, 0.05, "set", "Chinese chips a year more for each H100e that China wants and does not get; off"),
    ("carbon-limit", "limits[*].value", 1.0, 0.7, 2.0, "scale", "exposure, carbon and local load limits"),
)  # fmt: skip


def assumption_rows() -> Iterator[Assumption]:
    """Rows of assumptions.csv."""
    for name, knob, central, low, high, mode, reason in _ROWS:
        yield Assumption(
            assumption=name, knob=knob, central=central, low=low, high=high, mode=mode, reason=reason, source=_JUDGED
        )
