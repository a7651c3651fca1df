"""Numbers that were chosen rather than found. assumptions.py lists them with range and reason."""

from __future__ import annotations

from typing import Final

from optimizer.instance.calendar import parse_month

TODAY: Final = parse_month("2026-11")
PLAN_START: Final = parse_month("2027")
PLAN_YEARS: Final = tuple(range(2027, 2037))

# --- money, in US dollars of 2026 -------------------------------------------------------------------------------
DISCOUNT_RATE: Final = 0.08
#: Escalation of 2025 city construction cost to 2026, and the premium of liquid-cooled AI halls (costs.csv).
SHELL_ESCALATION: Final = 1.055
AI_PREMIUM: Final = 1.085
OM_USD_PER_KW_YEAR: Final = 250.0
OPEN_COST_MUSD_FIXED: Final = 60.0
OPEN_COST_MUSD_PER_MW: Final = 0.12
#: Sovereign funds in the Gulf carry part of the war risk that the project cost of capital prices in.
GULF_SOVEREIGN_DISCOUNT: Final = 0.015
#: 14 of 50 US states tax servers at about 7 %; campuses mostly choose the others.
US_IT_SALES_TAX: Final = 0.01
#: Share of the module cost of a committed build still unpaid, per month from the start of the plan to its date.
REMAINING_COST_PER_MONTH: Final = 1 / 24
#: Campus capital of the world outside China, and of China [B USD a year].
GLOBAL_BUDGET_BUSD: Final = (300, 430, 490, 530, 560, 585, 605, 620, 630, 640)
CHINA_BUDGET_BUSD: Final = (25, 45, 60, 75, 90, 100, 110, 118, 125, 130)

# --- building ---------------------------------------------------------------------------------------------------
#: Modules that one campus may start in a year [MW of IT]: 100-200 MW buildings about every three months (costs.csv).
CAMPUS_STARTS_MW_PER_YEAR: Final = 900.0

# --- power ------------------------------------------------------------------------------------------------------
#: A large load pays the industrial average up to this price, and a share of what lies above it.
LARGE_LOAD_PRICE_KNEE: Final = 90.0
LARGE_LOAD_SHARE_ABOVE: Final = 0.35
#: Regional headroom before and after the year the facts give, as shares of it a year.
HEADROOM_FIRST_YEAR_SHARE: Final = 0.4
HEADROOM_GROWTH: Final = 0.2
HEADROOM_FLOOR_GW: Final = 0.3
HEADROOM_DEFAULT_GW: Final = 1.0
#: Part of regional headroom, and of world slots, that these campuses get; other data centres and loads want the rest.
CAMPUS_SHARE_OF_HEADROOM: Final = 0.4
CAMPUS_SHARE_OF_SLOTS: Final = 0.5
TURBINE_SLOTS_GW: Final = 20.0
SMALL_GAS_SLOTS_GW: Final = 6.0
TRANSFORMER_SLOTS_GW: Final = 26.0
SLOT_GROWTH: Final = 0.05

# --- chips ------------------------------------------------------------------------------------------------------
#: Server, network and storage on top of the chip's own price, per kW of IT.
SERVER_AND_NETWORK_USD_PER_KW: Final = 6_000.0
#: Share of world output that these campuses may buy; the rest goes to existing and smaller data centres.
WORLD_SUPPLY_SHARE: Final = 0.45
CHINA_SUPPLY_SHARE: Final = 0.65
#: Growth of unit output after the last year of the planning curves.
SUPPLY_GROWTH_AFTER_2030: Final = 0.04
CHINA_SUPPLY_GROWTH_AFTER_2030: Final = 0.10
LIFE_MONTHS: Final = 60
#: Price of a chip once its successor ships, relative to its first price.
PRICE_AFTER_SUCCESSOR: Final = 0.85

# --- demand -----------------------------------------------------------------------------------------------------
#: Compute that customers of these campuses want down to about three quarters of the
#: anchor price, outside China and in China [million H100e].
WORLD_DEMAND_H100E_MILLION: Final = (20, 46, 84, 140, 215, 310, 430, 575, 760, 980)
CHINA_DEMAND_H100E_MILLION: Final = (1.6, 3.5, 6.5, 11, 17, 25, 36, 50, 67, 88)
WORLD_PRICE_2027: Final = 1.50
WORLD_PRICE_DECLINE: Final = 0.20
CHINA_PRICE_2027: Final = 3.00
CHINA_PRICE_DECLINE: Final = 0.20
