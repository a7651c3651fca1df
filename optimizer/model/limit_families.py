"""Every limit family of the model by name: what the instance allows, as rows that can be made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from optimizer.model.capital import budget_rows, capital_share_rows, capital_spent_rows
from optimizer.model.chip_supply import chip_supply_rows, kept_supply_rows, take_or_pay_rows
from optimizer.model.demand import sovereignty_rows
from optimizer.model.export_caps import flow_cap_rows, stock_cap_rows
from optimizer.model.export_permits import permit_rows
from optimizer.model.export_ratios import share_cap_rows, volume_ratio_rows
from optimizer.model.limits import carbon_rows, gas_rows, it_rows, water_rows
from optimizer.model.market_links import market_link_rows
from optimizer.model.matching import matching_rows
from optimizer.model.objective import required_compute_rows
from optimizer.model.plan_model import PlanModel
from optimizer.model.power import grid_headroom_rows, site_carbon_rows, slot_rows, technology_limit_rows
from optimizer.model.rows import Rows
from optimizer.model.supply_response import supply_response_rows

LIMIT_FAMILIES: Final[Mapping[str, Callable[[PlanModel], Rows]]] = MappingProxyType(
    {
        "chip_supply": lambda plan: chip_supply_rows(plan.fleet),
        "kept_supply": lambda plan: kept_supply_rows(plan.fleet),
        "supply_response": lambda plan: supply_response_rows(plan.context),
        "take_or_pay": lambda plan: take_or_pay_rows(plan.fleet),
        "grid_headroom": lambda plan: grid_headroom_rows(plan.power),
        "slots": lambda plan: slot_rows(plan.power),
        "technology_limits": lambda plan: technology_limit_rows(plan.power),
        "site_carbon": lambda plan: site_carbon_rows(plan.power),
        "sovereignty": lambda plan: sovereignty_rows(plan.markets),
        "market_link": lambda plan: market_link_rows(plan.siting, plan.markets),
        "export_permit": lambda plan: permit_rows(plan.context),
        "export_flow_cap": lambda plan: flow_cap_rows(plan.context, plan.fleet),
        "export_stock_cap": lambda plan: stock_cap_rows(plan.context, plan.stocks),
        "export_share_cap": lambda plan: share_cap_rows(plan.context, plan.stocks),
        "volume_ratio": lambda plan: volume_ratio_rows(plan.context, plan.fleet),
        "matching_investment": lambda plan: matching_rows(plan.context, plan.siting),
        "it_gw": lambda plan: it_rows(plan.context, plan.siting),
        "gas_gw": lambda plan: gas_rows(plan.power),
        "carbon_mt": lambda plan: carbon_rows(plan.context),
        "water_million_m3": lambda plan: water_rows(plan.power),
        "capital_spent": lambda plan: capital_spent_rows(plan.context),
        "budget": lambda plan: budget_rows(plan.context),
        "capital_share": lambda plan: capital_share_rows(plan.context),
        "required_compute": lambda plan: required_compute_rows(plan.context),
    }
)

#: Families whose rows every plan with whole modules meets anyway: they strengthen the relaxation and may be left out.
IMPLIED_FAMILIES: Final = frozenset({"market_link"})
