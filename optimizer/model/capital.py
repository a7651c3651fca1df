"""Capital: what each pool spends where, its budget by year, how much may lie in one place (SEMANTICS 6, 8.1)."""

from __future__ import annotations

from collections import defaultdict

import pyomo.environ as pyo

from optimizer.instance.schema import Limit, LimitKind
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term, linear
from optimizer.model.scopes import Scope


def add_capital(context: ModelContext) -> None:
    """Add yearly capital by country and pool, budgets with carry-over, and exposure limits.

    Variables
    ---------
    capital[pool, country, year]
        Capital spent [B USD].
    carried[pool, year]
        Budget that a pool carries out of a year [B USD].
    """
    accounts = {(account.pool, account.country, account.year): account for account in context.cash.accounts()}
    context.model.capital = pyo.Var(list(accounts), within=pyo.NonNegativeReals)

    def capital_spent(model: pyo.ConcreteModel, pool: str, country: str, year: int) -> object:
        """Capital = sum of everything paid there in the year; the left side of formulation.md (15)."""
        account = accounts[pool, country, year]
        paid = context.cash.capital.get(account, [])
        terms = [(1.0, model.capital[pool, country, year]), *((-busd, variable) for busd, variable in paid)]
        return linear(terms) == context.cash.fixed_capital.get(account, 0.0)

    context.model.capital_spent = pyo.Constraint(list(accounts), rule=capital_spent)
    _add_budgets(context)
    _add_exposure_limits(context)


def _add_budgets(context: ModelContext) -> None:
    """Capital <= budget + carry_over_share x carried in - carried out; formulation.md (15)."""
    model = context.model
    budgets = budget_limits(context)
    share = context.instance.settings.finance.carry_over_share
    spent: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for pool, country, year in model.capital:
        spent[pool, year].append((1.0, model.capital[pool, country, year]))
    model.carried = pyo.Var(list(budgets), within=pyo.NonNegativeReals)

    def budget(_: pyo.ConcreteModel, pool: str, year: int) -> object:
        terms = [*spent[pool, year], (1.0, model.carried[pool, year])]
        if (pool, year - 1) in budgets:
            terms.append((-share, model.carried[pool, year - 1]))
        return linear(terms) <= budgets[pool, year]

    model.budget = pyo.Constraint(list(budgets), rule=budget)


def budget_limits(context: ModelContext) -> dict[tuple[str, int], float]:
    """Budget of each pool in each year of the plan [B USD]."""
    years = context.timing.years
    return {(row.pool, row.year): row.capital_busd for row in context.instance.budgets if row.year in years}


def _add_exposure_limits(context: ModelContext) -> None:
    """Capital in the scope up to the end of the year <= value x all capital up to then."""
    model = context.model
    limits = [
        row
        for row in context.instance.limits
        if row.kind is LimitKind.CAPITAL_SHARE and row.year in context.timing.years
    ]
    vacuous = [row for row in limits if not _exposure_terms(context, row)]
    context.vacuous.extend(
        Vacuous("limits", f"{row.limit}/{row.year}", "no capital can be spent by that year, or all of it is allowed")
        for row in vacuous
    )
    rows = {(row.limit, row.year): row for row in limits if row not in vacuous}

    def capital_share(_: pyo.ConcreteModel, name: str, year: int) -> object:
        return linear(_exposure_terms(context, rows[name, year])) <= 0

    model.capital_share = pyo.Constraint(list(rows), rule=capital_share)


def _exposure_terms(context: ModelContext, row: Limit) -> list[Term]:
    scope = Scope.of(context, row)
    return [
        (weight, variable)
        for (_, country, year), variable in context.model.capital.items()
        if year <= row.year and (weight := (1.0 if scope.contains_country(country) else 0.0) - row.value) != 0
    ]
