"""The model, feature by feature. Read this first."""

from __future__ import annotations

from dataclasses import dataclass

import pyomo.environ as pyo

from optimizer.instance.instance import Instance
from optimizer.instance.schema import RuleEffect
from optimizer.model.capital import add_capital
from optimizer.model.chips import Fleet, add_fleet, record_chip_cash
from optimizer.model.context import ModelContext
from optimizer.model.demand import Markets, add_demand, record_sales_cash
from optimizer.model.export_caps import StockMeasures, add_export_caps
from optimizer.model.export_ratios import add_export_ratios
from optimizer.model.limits import add_limits
from optimizer.model.matching import add_matching
from optimizer.model.objective import add_objective
from optimizer.model.power import PowerSupply, add_power, record_power_cash
from optimizer.model.siting import Siting, add_siting, record_siting_cash


@dataclass(frozen=True)
class PlanModel:
    """The Pyomo model of an instance, with the features that know what its variables mean."""

    context: ModelContext
    siting: Siting
    fleet: Fleet
    power: PowerSupply
    markets: Markets

    @property
    def pyomo(self) -> pyo.ConcreteModel:
        """The algebra."""
        return self.context.model


def record_cash(siting: Siting, fleet: Fleet, power: PowerSupply, markets: Markets) -> None:
    """Let every feature record its cash in the context's cash book."""
    record_siting_cash(siting)
    record_chip_cash(fleet)
    record_power_cash(power)
    record_sales_cash(markets)


def build_model(instance: Instance) -> PlanModel:
    """Build the model of an instance.

    Each feature adds its variables and rows; then all record their cash. Capital and objective come
    last because they read what was recorded.
    """
    context = ModelContext.of(instance)
    siting = add_siting(context)
    fleet = add_fleet(context, siting)
    power = add_power(context, fleet)
    markets = add_demand(context)
    record_cash(siting, fleet, power, markets)
    stocks = StockMeasures(context, fleet, context.regime.with_effect(RuleEffect.CAP_STOCK, RuleEffect.SHARE_CAP))
    add_export_caps(context, fleet, stocks)
    add_export_ratios(context, fleet, stocks)
    add_matching(context, siting)
    add_limits(context, siting)
    add_capital(context)
    add_objective(context)
    return PlanModel(context, siting, fleet, power, markets)
