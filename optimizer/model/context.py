"""What every feature of the model is given: instance, time, money, zones, and the Pyomo model itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.algebra import pyo
from optimizer.instance.instance import Instance
from optimizer.model.cashbook import CapitalAccount, CashBook, CashCategory
from optimizer.model.expressions import Variable
from optimizer.model.finance import Prices
from optimizer.model.timing import PeriodIndex, Timing
from optimizer.model.zones import AllocationZone, allocation_zones
from optimizer.policy.regime import ActiveRegime


@dataclass(frozen=True)
class Vacuous:
    """A row of the instance that adds nothing to the model, and why."""

    table: str
    row: str
    reason: str


@dataclass(frozen=True)
class ModelContext:
    """One model under construction.

    Attributes
    ----------
    model
        The Pyomo model that features add to.
    cash
        Where features record every dollar.
    vacuous
        Rows of the instance that turned out to have no effect; reported, never silent.
    """

    instance: Instance
    timing: Timing
    prices: Prices
    regime: ActiveRegime
    zones: tuple[AllocationZone, ...]
    model: pyo.ConcreteModel
    cash: CashBook = field(default_factory=CashBook)
    vacuous: list[Vacuous] = field(default_factory=list)

    @classmethod
    def of(cls, instance: Instance, model: pyo.ConcreteModel | None = None) -> ModelContext:
        """Context of an instance, for a new model unless one is given."""
        regime = ActiveRegime(instance)
        return cls(
            instance=instance,
            timing=Timing.of(instance),
            prices=Prices(instance),
            regime=regime,
            zones=allocation_zones(instance, regime),
            model=pyo.ConcreteModel(name=instance.name) if model is None else model,
        )

    @property
    def shell_life_years(self) -> float:
        """Life of modules and opening costs [years]."""
        return self.instance.settings.finance.shell_life_years

    def spend(
        self,
        category: CashCategory,
        account: CapitalAccount,
        period: PeriodIndex,
        busd: float,
        life_years: float,
        variable: Variable,
    ) -> None:
        """Record a capital payment of ``busd`` per unit of a variable: cash, capital and financing premium."""
        present_value = self.timing.discount[period] * busd
        self.cash.add(category, -present_value, variable)
        self.cash.add_capital(account, busd, variable)
        premium = self.prices.financing_premium(account.country, life_years)
        self.cash.add(CashCategory.FINANCING_PREMIUM, -premium * present_value, variable)

    def keep(self, busd: float, month: int, life_years: float, country: str, variable: Variable) -> None:
        """Record the terminal value of an asset that costs ``busd`` and is used from ``month`` on (SEMANTICS 6.5)."""
        if not self.instance.settings.finance.terminal_value:
            return
        left = max(0.0, 1 - self.timing.years_until_end(month) / life_years)
        premium = self.prices.financing_premium(country, life_years)
        self.cash.add(CashCategory.TERMINAL_VALUE, self.timing.final_discount * left * busd * (1 + premium), variable)
