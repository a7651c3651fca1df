"""The audit against solved plans: it passes them, and notices any one change."""

from __future__ import annotations

import random
from functools import cache

import pytest

from optimizer.instance.instance import Instance
from optimizer.plan.audit import AuditReport, audit_plan
from optimizer.plan.audit.ledger import NOTHING
from optimizer.plan.audit.structure import CASH_CATEGORIES
from optimizer.plan.tables import OPTIONAL_TABLES, ROW_TYPES, PlanTables
from tests.plan.mutations import Mutation, changed_cells, changed_rows
from tests.plan.rich import rich_instance
from tests.random_instances import random_instance
from tests.solving import solve_small

#: A missing row of these tables is missed where its consequences show: the row itself cannot be known.
DECISIONS = ("phases", "chips", "power", "serving", "permits", "quota_steps")


#: Tables of every plan; what computed power adds is changed in `tests.power.test_exact_audit`.
TABLES = [table for table in ROW_TYPES if table not in OPTIONAL_TABLES]

#: Effects of rules that leave nothing to count.
WITHOUT_QUANTITY = {"deny", "quota_step", "tariff", "revenue_share"}


@cache
def rich() -> tuple[Instance, PlanTables]:
    instance = rich_instance()
    return instance, solve_small(instance).tables


def names_it(report: AuditReport, mutation: Mutation) -> bool:
    """Whether a failure names the table and row that were changed, or for a decision what hangs on it."""
    rows = (f for f in report.failures if f.table == mutation.table)
    if any(f.line == mutation.line or f.key in mutation.keys for f in rows):
        return True
    what = {mutation.table} | {word for key in mutation.keys for word in key.split()}
    return mutation.table in DECISIONS and any(what & set(f.key.split()) for f in report.failures)


def test_rich_plan_uses_every_feature() -> None:
    instance, plan = rich()
    report = audit_plan(instance, plan)
    assert report.failures == ()
    assert {row.category for row in plan.cash if abs(row.busd) > NOTHING} == set(CASH_CATEGORIES)
    assert {row.effect for row in plan.policy} | WITHOUT_QUANTITY == {rule.effect.value for rule in instance.rules}
    families = {"budget", "chip_supply", "supply_response", "take_or_pay", "slots", "grid_headroom", "sovereignty",
                "capital_share", "it_gw", "gas_gw", "carbon_mt", "water_million_m3"}  # fmt: skip
    assert {row.family for row in plan.limits} == families
    assert any(row.retired_early_million > 0 for row in plan.chips)
    assert any(row.stack_discount_busd > 0 for row in plan.serving)
    assert any(row.used > 0 for row in plan.limits if row.family == "supply_response")
    assert {row.rule for row in plan.permits} == {"gulf-licence", "gulf-fast", "gulf-entry"}
    assert [row.bought for row in plan.quota_steps] == [True]
    assert {row.status for row in plan.sites} == {"new", "extended", "not_chosen"}
    assert {row.stack for row in plan.serving} == {"us", "cn"}
    for table in TABLES:
        assert getattr(plan, table), table


@pytest.mark.parametrize("table", TABLES)
def test_no_change_of_the_rich_plan_survives(table: str) -> None:
    instance, plan = rich()
    mutations = [m for m in (*changed_cells(plan), *changed_rows(plan)) if m.table == table]
    survivors, unnamed = [], []
    for mutation in mutations:
        report = audit_plan(instance, mutation.plan)
        if report.ok:
            survivors.append(str(mutation))
        elif not names_it(report, mutation):
            unnamed.append(f"{mutation}: {report.lines()[1]}")
    assert mutations
    assert survivors == []
    assert unnamed == []


@pytest.mark.parametrize("first_seed", [0, 20, 40])
def test_solved_random_plans_pass(first_seed: int) -> None:
    passed = 0
    for seed in range(first_seed, first_seed + 20):
        instance = random_instance(random.Random(seed))
        solved = solve_small(instance)
        if solved.feasible:
            assert audit_plan(instance, solved.tables).lines()[0].startswith("audit passed"), seed
            passed += 1
    assert passed > 5


@pytest.mark.parametrize("objective", ["compute", "cost"])
def test_plans_of_other_objectives_pass(objective: str) -> None:
    instance = rich_instance(objective=objective)
    solved = solve_small(instance)
    assert audit_plan(instance, solved.tables).failures == ()
    families = {row.family for row in solved.tables.limits}
    assert ("required_compute" in families) == (objective == "cost")
