"""Every dollar of the plan in one place: what is paid or earned, when, for which variable.

Features write their cash here while they build their rows; the objective, the budgets and the
exposure limits read it. So a cost cannot be in one of them and missing from another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from optimizer.model.expressions import Term, Variable


class CashCategory(StrEnum):
    """Categories of SEMANTICS 6.6."""

    REVENUE = "revenue"
    CHIP_RESALE = "chip_resale"
    TERMINAL_VALUE = "terminal_value"
    SITE_OPENING = "site_opening"
    MODULES = "modules"
    COMMITTED_MODULES = "committed_modules"
    POWER_CAPEX = "power_capex"
    CHIPS = "chips"
    CHIP_TAXES = "chip_taxes"
    FINANCING_PREMIUM = "financing_premium"
    SITE_OM = "site_om"
    PROPERTY_TAX = "property_tax"
    POWER_FIXED = "power_fixed"
    POWER_ENERGY = "power_energy"
    SERVING = "serving"
    QUOTA_STEPS = "quota_steps"


@dataclass(frozen=True, slots=True)
class CapitalAccount:
    """Who spends capital where, in which year."""

    country: str
    pool: str
    year: int


@dataclass
class CashBook:
    """Cash per unit of each variable, and fixed cash.

    Attributes
    ----------
    present_values
        Category, present value of one unit [B USD], variable.
    fixed
        Category and present value of cash that no decision changes.
    capital
        Undiscounted capital per unit of each variable, by account.
    fixed_capital
        Undiscounted capital that no decision changes, by account.
    """

    present_values: list[tuple[CashCategory, float, Variable]] = field(default_factory=list)
    fixed: list[tuple[CashCategory, float]] = field(default_factory=list)
    capital: dict[CapitalAccount, list[Term]] = field(default_factory=dict)
    fixed_capital: dict[CapitalAccount, float] = field(default_factory=dict)

    def add(self, category: CashCategory, present_value: float, variable: Variable) -> None:
        """Record cash of ``present_value`` B USD per unit of a variable; inflow positive."""
        if present_value != 0:
            self.present_values.append((category, present_value, variable))

    def add_fixed(self, category: CashCategory, present_value: float) -> None:
        """Record cash that no decision changes."""
        if present_value != 0:
            self.fixed.append((category, present_value))

    def add_capital(self, account: CapitalAccount, busd: float, variable: Variable) -> None:
        """Record ``busd`` B USD of capital per unit of a variable."""
        if busd != 0:
            self.capital.setdefault(account, []).append((busd, variable))

    def add_fixed_capital(self, account: CapitalAccount, busd: float) -> None:
        """Record capital that no decision changes."""
        if busd != 0:
            self.fixed_capital[account] = self.fixed_capital.get(account, 0.0) + busd

    def terms(self, leave_out: Iterable[CashCategory] = ()) -> list[Term]:
        """Present value per unit of each variable, entries of one variable added up."""
        skipped = frozenset(leave_out)
        totals: dict[int, float] = {}
        variables: dict[int, Variable] = {}
        for category, value, variable in self.present_values:
            if category not in skipped:
                key = id(variable)
                totals[key] = totals.get(key, 0.0) + value
                variables[key] = variable
        return [(value, variables[key]) for key, value in totals.items()]

    def constant(self, leave_out: Iterable[CashCategory] = ()) -> float:
        """Present value of the cash that no decision changes."""
        skipped = frozenset(leave_out)
        return sum(value for category, value in self.fixed if category not in skipped)

    def accounts(self) -> tuple[CapitalAccount, ...]:
        """Accounts with any capital, sorted."""
        return tuple(
            sorted(
                {*self.capital, *self.fixed_capital}, key=lambda account: (account.pool, account.country, account.year)
            )
        )
