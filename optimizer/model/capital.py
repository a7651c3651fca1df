"""Capital: what each pool spends where, its budget by year, how much may lie in one place (SEMANTICS 6, 8.1)."""

from __future__ import annotations

from optimizer.algebra import pyo
from optimizer.instance.schema import Limit, LimitKind
from optimizer.model.cashbook import CapitalAccount
from optimizer.model.context import ModelContext, Vacuous
from optimizer.model.expressions import Term
from optimizer.model.rows import LinearRow, Rows
from optimizer.model.scopes import Scope


def add_capital(context: ModelContext) -> None:
    """Add the variables of yearly capital by country and pool, and of carried budget.

    Variables
    ---------
    capital[pool, country, year]
        Capital spent [B USD].
    carried[pool, year]
        Budget that a pool carries out of a year [B USD].
    """
    accounts = [(account.pool, account.country, account.year) for account in context.cash.accounts()]
    context.model.capital = pyo.Var(accounts, within=pyo.NonNegativeReals)
    context.model.carried = pyo.Var(list(budget_limits(context)), within=pyo.NonNegativeReals)


def capital_spent_rows(context: ModelContext) -> Rows:
    """Capital = sum of everything paid there in the year; the left side of formulation.md (15)."""
    rows: dict[tuple[str, str, int], LinearRow] = {}
    for (pool, country, year), variable in context.model.capital.items():
        account = CapitalAccount(country, pool, year)
        paid = [(-busd, payer) for busd, payer in context.cash.capital.get(account, [])]
        due = context.cash.fixed_capital.get(account, 0.0)
        rows[pool, country, year] = LinearRow([(1.0, variable), *paid], lower=due, upper=due)
    return rows


def budget_limits(context: ModelContext) -> dict[tuple[str, int], float]:
    """Budget of each pool in each year of the plan [B USD]."""
    years = context.timing.years
    return {(row.pool, row.year): row.capital_busd for row in context.instance.budgets if row.year in years}


def budget_rows(context: ModelContext) -> Rows:
    """Capital + carried out <= budget + carry_over_share x carried in; formulation.md (15)."""
    model, budgets = context.model, budget_limits(context)
    share = context.instance.settings.finance.carry_over_share
    rows: dict[tuple[str, int], LinearRow] = {}
    for (pool, year), limit in budgets.items():
        terms = [(1.0, variable) for (p, _, y), variable in model.capital.items() if (p, y) == (pool, year)]
        terms.append((1.0, model.carried[pool, year]))
        if (pool, year - 1) in budgets and share > 0:
            terms.append((-share, model.carried[pool, year - 1]))
        rows[pool, year] = LinearRow(terms, upper=limit)
    return rows


def capital_share_rows(context: ModelContext) -> Rows:
    """Capital in the scope up to the end of the year <= value x all capital up to then (SEMANTICS 8.1)."""
    rows: dict[tuple[str, int], LinearRow] = {}
    for limit in context.instance.limits:
        if limit.kind is not LimitKind.CAPITAL_SHARE or limit.year not in context.timing.years:
            continue
        terms = _exposure_terms(context, limit)
        if not terms:
            reason = "no capital can be spent by that year, or all of it is allowed"
            context.vacuous.append(Vacuous("limits", f"{limit.limit}/{limit.year}", reason))
        rows[limit.limit, limit.year] = LinearRow(terms, upper=0.0)
    return rows


def _exposure_terms(context: ModelContext, limit: Limit) -> list[Term]:
    scope = Scope.of(context, limit)
    return [
        (weight, variable)
        for (_, country, year), variable in context.model.capital.items()
        if year <= limit.year and (weight := (1.0 if scope.contains_country(country) else 0.0) - limit.value) != 0
    ]
