"""The model, feature by feature. Read this first."""

from __future__ import annotations

from optimizer.garbage import collected_later
from optimizer.instance.instance import Instance
from optimizer.model.capital import add_capital
from optimizer.model.chips import add_fleet, record_chip_cash
from optimizer.model.context import ModelContext
from optimizer.model.demand import add_demand, record_sales_cash
from optimizer.model.export_caps import add_stock_measures
from optimizer.model.export_permits import add_permits
from optimizer.model.export_ratios import add_volume_margins
from optimizer.model.limit_families import LIMIT_FAMILIES
from optimizer.model.objective import add_objective
from optimizer.model.plan_model import PlanModel
from optimizer.model.power import add_power
from optimizer.model.power_cash import record_power_cash
from optimizer.model.quota_steps import add_quota_steps, record_step_cash, report_idle_steps
from optimizer.model.rows import add_rows
from optimizer.model.siting import add_siting, record_siting_cash
from optimizer.model.supply_response import add_extra_supply

__all__ = ["PlanModel", "build_model", "record_cash"]


@collected_later()
def build_model(instance: Instance) -> PlanModel:
    """Build the model of an instance.

    Features add their variables and the rows that say what these mean; then all record their cash;
    then come capital and the limits of the instance, and last the objective, which reads the cash.
    """
    context = ModelContext.of(instance)
    siting = add_siting(context)
    fleet = add_fleet(context, siting)
    power = add_power(context, fleet)
    markets = add_demand(context)
    add_extra_supply(context)
    add_quota_steps(context)
    add_permits(context, fleet)
    stocks = add_stock_measures(context, fleet)
    add_volume_margins(context, fleet)
    plan = PlanModel(context, siting, fleet, power, markets, stocks)
    record_cash(plan)
    add_capital(context)
    for family, rows in LIMIT_FAMILIES.items():
        add_rows(plan.pyomo, family, rows(plan))
    report_idle_steps(context)
    add_objective(context)
    return plan


def record_cash(plan: PlanModel) -> None:
    """Let every feature record its cash in the context's cash book."""
    record_siting_cash(plan.siting)
    record_chip_cash(plan.fleet)
    record_power_cash(plan.power)
    record_sales_cash(plan.markets)
    record_step_cash(plan.context)
