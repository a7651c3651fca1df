"""A built model: the Pyomo model with the features that know what its variables mean."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimizer.algebra import pyo
from optimizer.instance.instance import Instance
from optimizer.model.chip_supply import chip_supply
from optimizer.model.context import ModelContext
from optimizer.model.demand import Markets
from optimizer.model.export_caps import StockMeasures
from optimizer.model.fleet import Fleet
from optimizer.model.power import PowerSupply
from optimizer.model.siting import Siting, committed_by_site


@dataclass(frozen=True)
class PlanModel:
    """The Pyomo model of an instance and its features."""

    context: ModelContext
    siting: Siting
    fleet: Fleet
    power: PowerSupply
    markets: Markets
    stocks: StockMeasures

    @property
    def pyomo(self) -> pyo.ConcreteModel:
        """The algebra."""
        return self.context.model

    def for_instance(self, instance: Instance) -> PlanModel:
        """Read the same variables in the light of an instance that differs in numbers only.

        Index sets must agree; `optimizer.studies.edits` says which columns may differ.
        """
        context = ModelContext.of(instance, model=self.pyomo)
        siting = replace(self.siting, context=context, committed=committed_by_site(instance))
        fleet = replace(self.fleet, context=context, siting=siting, supply=chip_supply(context))
        return PlanModel(
            context=context,
            siting=siting,
            fleet=fleet,
            power=replace(self.power, context=context, fleet=fleet),
            markets=replace(self.markets, context=context),
            stocks=replace(self.stocks, context=context),
        )
