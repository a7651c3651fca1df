"""Budgets and limits."""

# ruff: noqa: E501  (a row of a table reads best on one line)

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.schema import Budget, Limit, LimitKind
from scripts.world_2026 import choices
from scripts.world_2026.choices import PLAN_YEARS


def money_rows() -> Iterator[Budget]:
    """Capital by pool and year."""
    for year, amount in zip(PLAN_YEARS, choices.GLOBAL_BUDGET_BUSD, strict=True):
        yield Budget(
            pool="global", year=year, capital_busd=float(amount),
            source="six largest spenders 870 B USD in 2026 and 1.3 T in 2027 (costs.csv); a quarter to a third to these campuses, growth slowing",
        )  # fmt: skip
    for year, amount in zip(PLAN_YEARS, choices.CHINA_BUDGET_BUSD, strict=True):
        yield Budget(
            pool="china", year=year, capital_busd=float(amount),
            source="national programme 295 B USD over 5 years and chip demand 69 B in 2027 (costs.csv, supply.csv); campus share judged",
        )  # fmt: skip


def limit_rows() -> Iterator[Limit]:
    """Exposure, carbon and local limits."""
    shares = (
        ("capital_gulf", "GCC", 0.12),
        ("capital_uae", "ARE", 0.07),
        ("capital_saudi", "SAU", 0.05),
        ("capital_india", "IND", 0.08),
    )
    for year in PLAN_YEARS:
        for name, scope, value in shares:
            yield Limit(
                limit=name, kind=LimitKind.CAPITAL_SHARE, scope=scope, year=year, value=value,
                source="assumption: country exposure an investment committee would accept",
            )  # fmt: skip
        for name, scope, first, last in (("carbon_world", "*", 80, 330), ("carbon_eu", "EU", 3, 12)):
            yield Limit(
                limit=name, kind=LimitKind.CARBON_MT, scope=scope, year=year, value=round(first + (last - first) * (year - 2027) / 9, 1),
                source="assumption: room for growth at falling intensity",
            )  # fmt: skip
        for name, country, value in (("load_ireland", "IRL", 0.3), ("load_netherlands", "NLD", 0.5)):
            yield Limit(
                limit=name, kind=LimitKind.IT_GW, scope=country, year=year, value=value,
                source="assumption: connection policy for data centres (congestion, local moratoria)",
            )  # fmt: skip
