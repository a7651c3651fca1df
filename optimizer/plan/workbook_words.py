"""Headings, units and number formats of the plan tables, as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MONEY, _GW, _MILLION, _AMOUNT = "#,##0.000", "#,##0.000", "#,##0.0000", "#,##0.####"


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a column; numbers take the format of spreadsheets."""

    text: str
    unit: str = ""
    number_format: str = ""

    @property
    def words(self) -> str:
        """Heading with its unit in brackets."""
        return f"{self.text} [{self.unit}]" if self.unit else self.text


@dataclass(frozen=True, slots=True)
class TableText:
    """Name of a sheet, and what it holds."""

    sheet: str
    holds: str


TABLE_TEXTS: Final = {
    "sites": TableText("Sites", "What becomes of every site of the instance"),
    "phases": TableText("Phases", "Modules of a site that are committed together: when, on line when, at what cost"),
    "operations": TableText("Operations", "State of each site in each period with capacity on line or power"),
    "chips": TableText("Chips", "Chips that arrive at a site, or leave it early"),
    "power": TableText("Power", "Power capacity of a site by option, after each date on which it grew"),
    "energy": TableText("Energy", "Energy, cost, carbon and water by site, option and year"),
    "serving": TableText("Serving", "Compute sold from a place to a market"),
    "demand": TableText("Demand", "Every price block of every market: offered and sold"),
    "policy": TableText("Policy", "How much of every export rule with a quantity is used; one row a rule and date"),
    "permits": TableText("Permits", "Under which licence, exception or authorisation chips travel"),
    "quota_steps": TableText("Quota steps", "Steps that raise a quota, and which are bought"),
    "limits": TableText("Limits", "How much of every other limit is used, and which bind"),
    "load_service": TableText("Load service", "Load that is cut, and charges on the highest draw from the grid"),
    "dispatch": TableText("Dispatch", "Load of computed sites by the mode in which their technologies run"),
    "cash": TableText("Cash", "Every dollar by period and category; inflows positive"),
    "power_mix": TableText("Power mix", "Capacity and energy of each source by site and year"),
    "power_years": TableText("Power by year", "What delivered power costs and emits by site and year"),
    "energisation": TableText("Bridge power", "When the first chips of a site work, and when without bridge power"),
    "full_year": TableText("Full year", "Computed power dispatched over every hour of each year, less the plan"),
}

#: Heading of every column of the plan tables, by its name there.
HEADINGS: Final = {
    "mode": Heading("Dispatch mode"),
    "level_twh": Heading("Load in this mode", "TWh", _MONEY),
    "power_tax_busd": Heading("Power tax", "B USD", _MONEY),
    "cooling_water_million_m3": Heading("Cooling water", "million m³", _MONEY),
    "site": Heading("Site"),
    "name": Heading("Name"),
    "country": Heading("Country"),
    "operator": Heading("Operator"),
    "operator_hq": Heading("Headquarters of the operator"),
    "grid_region": Heading("Grid region"),
    "latitude": Heading("Latitude", "°N", "0.000"),
    "longitude": Heading("Longitude", "°E", "0.000"),
    "status": Heading("Outcome"),
    "modules_committed": Heading("Modules committed before", "modules", "#,##0"),
    "modules_new": Heading("Modules decided", "modules", "#,##0.##"),
    "opened": Heading("First commitment"),
    "first_energised": Heading("First on line"),
    "it_gw_end": Heading("IT capacity on line at the end", "GW", _GW),
    "facility_peak_gw_end": Heading("Peak load of the facility at the end", "GW", _GW),
    "compute_h100e_million_end": Heading("Compute at the end", "million H100e", _MILLION),
    "capital_busd": Heading("Capital over the plan", "B USD", _MONEY),
    "main_power": Heading("Main power"),
    "fact": Heading("Committed before the plan"),
    "committed": Heading("Committed on"),
    "energised": Heading("On line from"),
    "modules": Heading("Modules", "modules", "#,##0.##"),
    "it_gw": Heading("IT capacity", "GW", _GW),
    "opening_cost_busd": Heading("Opening cost", "B USD", _MONEY),
    "module_cost_busd": Heading("Module cost, net of credits", "B USD", _MONEY),
    "period": Heading("Period"),
    "online_gw": Heading("IT capacity on line", "GW", _GW),
    "installed_gw": Heading("IT power of chips", "GW", _GW),
    "compute_h100e_million": Heading("Compute", "million H100e", _MILLION),
    "power_capacity_gw": Heading("Power capacity", "GW", _GW),
    "firm_power_gw": Heading("Firm power", "GW", _GW),
    "peak_load_gw": Heading("Peak load", "GW", _GW),
    "chip": Heading("Chip"),
    "installed_million": Heading("Installed", "million chips", _MILLION),
    "retired_early_million": Heading("Retired early", "million chips", _MILLION),
    "cost_busd": Heading("Cost", "B USD", _MONEY),
    "taxes_busd": Heading("Taxes", "B USD", _MONEY),
    "resale_busd": Heading("Proceeds of early retirement", "B USD", _MONEY),
    "option": Heading("Power option"),
    "kind": Heading("Kind of power"),
    "added_gw": Heading("Capacity added", "GW", _GW),
    "capacity_gw": Heading("Capacity", "GW", _GW),
    "capex_busd": Heading("Capital", "B USD", _MONEY),
    "year": Heading("Year", "", "0"),
    "energy_twh": Heading("Energy", "TWh", "#,##0.000"),
    "energy_cost_busd": Heading("Cost of energy, with tax", "B USD", _MONEY),
    "fixed_cost_busd": Heading("Fixed cost", "B USD", _MONEY),
    "carbon_mt": Heading("Carbon", "Mt", "#,##0.000"),
    "water_million_m3": Heading("Water", "million m³", "#,##0.000"),
    "latency_zone": Heading("Latency zone"),
    "stack": Heading("Stack"),
    "region": Heading("Market"),
    "workload": Heading("Workload"),
    "sold_h100e_million_years": Heading("Sold", "million H100e-years", _MILLION),
    "tokens_trillion": Heading("Tokens", "trillion", "#,##0"),
    "serving_cost_busd": Heading("Cost of serving", "B USD", _MONEY),
    "stack_discount_busd": Heading("Discount for the stack", "B USD", _MONEY),
    "block": Heading("Price block", "", "0"),
    "offered_h100e_million_years": Heading("Offered", "million H100e-years", _MILLION),
    "price_usd_per_h100e_hour": Heading("Price", "USD per H100e-hour", "#,##0.000"),
    "revenue_busd": Heading("Revenue before discounts for the stack", "B USD", _MONEY),
    "rule": Heading("Rule"),
    "effect": Heading("Effect"),
    "group": Heading("Group"),
    "when": Heading("When"),
    "used": Heading("Used", "see unit", _AMOUNT),
    "limit": Heading("Limit", "see unit", _AMOUNT),
    "headroom": Heading("Room left", "see unit", _AMOUNT),
    "slack": Heading("Room left", "see unit", _AMOUNT),
    "unit": Heading("Unit"),
    "binding": Heading("Binds"),
    "permitted_million": Heading("Travels under it", "million chips", _MILLION),
    "raises": Heading("Rule that it raises"),
    "bought": Heading("Bought"),
    "family": Heading("Kind of limit"),
    "category": Heading("Category"),
    "busd": Heading("Cash", "B USD", _MONEY),
    "discount_factor": Heading("Discount factor", "", "0.0000"),
    "pv_busd": Heading("Present value", "B USD", _MONEY),
    "source": Heading("Source"),
    "delivered_usd_per_mwh": Heading("Cost of delivered power", "USD/MWh", "#,##0.00"),
    "carbon_t_per_mwh": Heading("Carbon", "t/MWh", "0.000"),
    "clean_share": Heading("Clean share", "", "0.0%"),
    "interrupted_hours": Heading("Without the interruptible grid", "hours a year", "#,##0"),
    "dispatch": Heading("Mode, or computed option"),
    "load_twh": Heading("Energy asked for", "TWh", "#,##0.000"),
    "cut_twh": Heading("Energy cut", "TWh", "#,##0.0000"),
    "cut_cost_busd": Heading("Cost of cuts", "B USD", _MONEY),
    "demand_charge_busd": Heading("Demand charge", "B USD", _MONEY),
    "cut_hours": Heading("Cuts, as hours at full depth", "hours a year", "#,##0.0"),
    "hours_with_cuts": Heading("Hours with cuts", "hours a year", "#,##0"),
    "bridge": Heading("Bridge power"),
    "without_bridge": Heading("First chips without bridge power"),
    "months_gained": Heading("Gained by bridge power", "months", "0"),
    "unserved_twh": Heading("Energy missing", "TWh", "#,##0.0000"),
    "cost_difference_busd": Heading("Cost, full year less plan", "B USD", _MONEY),
    "cost_difference_share": Heading("Cost, full year less plan, of all that power costs", "", "0.0%"),
    "carbon_difference_mt": Heading("Carbon, full year less plan", "Mt", "#,##0.000"),
}  # fmt: skip

#: Columns that mean something else in one table, by table and name.
_OWN_HEADINGS: Final = {
    ("power_mix", "capacity_gw"): Heading("Capacity, average of the year; storage: its power", "GW", _GW),
    ("power_mix", "energy_twh"): Heading("Energy; storage: what it gives back", "TWh", "#,##0.000"),
    ("energisation", "energised"): Heading("First chips at work"),
    ("full_year", "energy_cost_busd"): Heading("Fuel and variable cost over all hours, without tax", "B USD", _MONEY),
    ("full_year", "carbon_mt"): Heading("Carbon over all hours", "Mt", "#,##0.000"),
}


def heading_of(table: str, column: str) -> Heading:
    """Heading of a column of a table."""
    return _OWN_HEADINGS.get((table, column)) or HEADINGS[column]


_UNITS: Final = {
    "busd": "B USD",
    "capital_busd": "B USD",
    "gw": "GW",
    "mt": "Mt",
    "million_m3": "million m³",
    "chips_million": "million chips",
    "h100e_million": "million H100e",
    "h100e_million_years": "million H100e-years",
    "tpp_million_h100": "TPP of million H100",
    "gb300e_million": "TPP of million GB300",
}


def unit_words(unit: str) -> str:
    """Unit of a limit or rule as people write it."""
    return _UNITS.get(unit, unit.replace("_", " "))
