"""The audit against a plan worked out by hand, and against instances in which that plan breaks one thing."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optimizer.plan.audit import AuditReport, audit_plan
from optimizer.plan.tables import LimitUse, PlanTables, PolicyUse
from tests import instances as make
from tests.plan.by_hand import (
    NPV,
    SITE,
    instance_by_hand,
    manifest_by_hand,
    plan_by_hand,
    plan_without_permits,
    settings_by_hand,
    tables_by_hand,
)
from tests.plan.mutations import changed_cells, changed_rows


def failing(report: AuditReport) -> set[str]:
    return {failure.check for failure in report.failures}


def change(plan: PlanTables, table: str, index: int, **values: Any) -> PlanTables:
    rows = list(getattr(plan, table))
    rows[index] = dataclasses.replace(rows[index], **values)
    return dataclasses.replace(plan, **{table: tuple(rows)})


def first_row(table: str, **changes: Any) -> dict[str, Any]:
    """The tables by hand with changes to the first row of one."""
    rows = list(tables_by_hand()[table])
    rows[0] = rows[0].model_copy(update=changes)
    return {table: rows}


def _changed_rule(index: int, **changes: Any) -> dict[str, Any]:
    """The tables by hand with changes to one rule."""
    rules = list(tables_by_hand()["rules"])
    rules[index] = rules[index].model_copy(update=changes)
    return {"rules": rules}


def test_plan_by_hand_passes() -> None:
    instance = instance_by_hand()
    report = audit_plan(instance, plan_by_hand(), manifest_by_hand(instance))
    assert report.failures == ()
    assert report.ok
    assert report.checks > 300
    assert report.worst.violation <= report.worst.tolerance
    assert report.lines()[0].startswith("audit passed")


def month(text: str) -> int:
    return make.month(text)


#: What is changed in the instance, and the check that must notice.
BREACHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("building.earliest_start", first_row("sites", earliest_start=month("2027-02"))),
    ("building.energised", first_row("sites", lead_months=0)),
    ("building.within_plan", first_row("sites", lead_months=13)),
    ("building.minimum_operation", {"settings": settings_by_hand(model={"minimum_operating_months": 13})}),
    ("building.module_cost", first_row("sites", module_cost_usd_per_kw=10_100)),
    ("building.opening_cost", first_row("sites", open_cost_musd=505)),
    ("building.committed_rows", {"committed": [make.committed("beta", online_from="2028", remaining_cost_share=0.5)]}),
    ("chips.on_sale", first_row("chips", release=month("2029"))),
    ("chips.on_sale", first_row("chips", end_of_sale=month("2028"))),
    ("chips.supply", {"settings": settings_by_hand(model={"chip_carry_months": 0})}),
    ("chips.supply", first_row("chip_supply", units=190_000)),
    ("limits.take_or_pay", {"chip_supply": [
        make.supply(during="2027", units=300_000), make.supply(during="2028", units=600_000, minimum_units=810_000)]}),
    ("chips.taxes", first_row("countries", import_tariff_fraction=0.2)),
    ("power.available", first_row("power_options", max_mw=1499)),
    ("power.available", first_row("power_options", available_from=month("2028-02"))),
    ("power.available", {"grid_steps": [make.grid_step("alpha", "2028", 1499)]}),
    ("power.worst_hour", first_row("power_options", firm_credit=0.79)),
    ("energy.available", first_row("power_options", energy_availability=0.46)),
    ("energy.balance", first_row("sites", pue_average=1.24)),
    ("operations.installed_within_online", first_row("chips", it_power_kw=1.3)),
    ("limits.slots", {"slots": [make.slots(year=2028, mw=2999)],
                      "slot_use": [make.slot_use(kind="grid_firm", mw_per_mw=2)]}),
    ("limits.grid_headroom", {"grid_headroom": [make.headroom(year=2027, cumulative_mw=1499)]}),
    ("serving.latency", {"latency": [make.latency(rtt_ms=1001)]}),
    ("serving.latency", {"latency": [make.latency(zone="elsewhere")]}),
    ("serving.stack", {"demand_regions": [make.region(stacks="cn")]}),
    ("serving.offered", first_row("workloads", utilisation=0.49)),
    ("demand.block", first_row("price_blocks", quantity_share=0.59)),
    ("demand.sovereignty", {"sovereignty": [make.sovereignty("market", "any - USA", 0.1)]}),
    ("limits.budget", {"budgets": [make.budget(year=2027, capital_busd=10), make.budget(year=2028, capital_busd=14)]}),
    ("limits.budget", {"settings": settings_by_hand(finance={"carry_over_share": 0.0}),
                       "budgets": [make.budget(year=2027, capital_busd=99), make.budget(year=2028, capital_busd=15)]}),
    ("limits.capital_share", {"limits": [make.limit("share", "capital_share", "USA", 2028, 0.99)]}),
    ("limits.it_gw", {"limits": [make.limit("gw", "it_gw", "grid:grid", 2028, 0.99)]}),
    ("limits.carbon_mt", {"limits": [make.limit("carbon", "carbon_mt", "*", 2028, 2.4)]}),
    ("limits.water_million_m3", {"limits": [make.limit("water", "water_million_m3", "USA", 2028, 9.1)]}),
    ("limits.water_million_m3", {"limits": [make.limit("water", "water_million_m3", "basin:gila", 2028, 9.1)]}),
    ("limits.required_compute", {"settings": settings_by_hand(objective="cost"),
                                 "required_compute": [make.required_compute(2028, 1.7)]}),
    ("rules.deny", {"rules": [make.rule("no", destination="USA", effective_from="2028")],
                    "regimes": [make.regime("no")]}),
    ("rules.cap_stock", first_row("rules", quantity=1.59)),
    ("rules.licence", _changed_rule(1, quantity=0.89)),
    ("rules.licence", _changed_rule(1, probability=0.44)),
    ("rules.allow", _changed_rule(2, quantity=0.24)),
    ("permits.cover", {"rules": [*tables_by_hand()["rules"], make.rule("L2", "licence", jurisdiction="TWN",
                                                                      probability=0)],
                       "regimes": [*tables_by_hand()["regimes"], make.regime("L2")]}),
    ("quota_steps.cost", _changed_rule(3, cost_busd=0.26)),
    ("cash.busd", _changed_rule(3, cost_busd=0.26)),
    ("chips.taxes", {"rules": [*tables_by_hand()["rules"], make.rule("T", "tariff", quantity=0.01)],
                     "regimes": [*tables_by_hand()["regimes"], make.regime("T")]}),
    ("chips.supply", {"chip_supply": [make.supply(during="2028", units=700_000, minimum_units=100_000)],
                      "supply_response": [make.supply_response(chips_per_unmet_h100e=0.09)]}),
    ("serving.stack_discount", {"stack_prices": [make.stack_price("market", "us", 0.99)]}),
)  # fmt: skip


@pytest.mark.parametrize(("check", "tables"), BREACHES, ids=[f"{n}-{check}" for n, (check, _) in enumerate(BREACHES)])
def test_breach_is_named(check: str, tables: dict[str, Any]) -> None:
    instance = instance_by_hand(**tables)
    assert check in failing(audit_plan(instance, plan_by_hand()))


#: What is changed in the plan, and the check that must notice.
WRONG_PLANS: tuple[tuple[str, Callable[[PlanTables], PlanTables]], ...] = (
    ("building.whole_modules", lambda plan: change(plan, "phases", 0, modules=1.5)),
    ("building.max_modules", lambda plan: change(plan, "phases", 0, modules=3)),
    ("building.max_starts", lambda plan: change(plan, "phases", 0, modules=2)),
    ("chips.early_retirement", lambda plan: change(plan, "chips", 0, retired_early_million=0.1)),
    ("tables.sign", lambda plan: change(plan, "power", 0, added_gw=-1.5)),
    ("tables.finite", lambda plan: change(plan, "cash", 0, busd=float("nan"))),
    ("tables.known_name", lambda plan: change(plan, "chips", 0, period="2026")),
    ("tables.unique", lambda plan: dataclasses.replace(plan, cash=(*plan.cash, plan.cash[0]))),
)


@pytest.mark.parametrize(("check", "wrong"), WRONG_PLANS, ids=[check for check, _ in WRONG_PLANS])
def test_wrong_plan_is_named(check: str, wrong: Callable[[PlanTables], PlanTables]) -> None:
    sites = [make.site("alpha", **SITE, max_starts_per_year=1), make.site("beta", **SITE)]
    assert check in failing(audit_plan(instance_by_hand(sites=sites), wrong(plan_by_hand())))


def test_unmet_demand_adds_to_the_supply_of_the_next_year() -> None:
    """All of 1.1 million H100e-years are unmet in 2027: 0.11 million chips more in 2028, which are taken first."""
    plan = plan_by_hand()
    limits = {(row.family, row.name, row.when): row for row in plan.limits}
    limits["chip_supply", "C1", "2027"] = LimitUse("chip_supply", "C1", "2027", 0.0, 0.0, 0.0, "chips_million", False)
    limits["chip_supply", "C1", "2028"] = LimitUse("chip_supply", "C1", "2028", 0.8, 0.81, 0.01, "chips_million", False)
    rows = (
        *limits.values(),
        LimitUse("supply_response", "C1", "2027", 0.0, 0.0, 0.0, "chips_million", False),
        LimitUse("supply_response", "C1", "2028", 0.11, 0.11, 0.0, "chips_million", True),
    )
    instance = instance_by_hand(
        chip_supply=[make.supply(during="2028", units=700_000, minimum_units=100_000)],
        supply_response=[make.supply_response(chips_per_unmet_h100e=0.1)],
    )
    assert audit_plan(instance, dataclasses.replace(plan, limits=rows)).failures == ()


def test_a_market_pays_less_for_a_stack() -> None:
    """A tenth of 2 USD an hour less on 0.8 million H100e-years: 1.4016 B USD off the revenue."""
    plan = plan_by_hand()
    cash = tuple(
        dataclasses.replace(row, busd=row.busd - 1.4016, pv_busd=(row.busd - 1.4016) * row.discount_factor)
        if row.category == "revenue"
        else row
        for row in plan.cash
    )
    serving = (dataclasses.replace(plan.serving[0], stack_discount_busd=1.4016),)
    instance = instance_by_hand(stack_prices=[make.stack_price("market", "us", 0.9)])
    assert audit_plan(instance, dataclasses.replace(plan, cash=cash, serving=serving)).failures == ()


def test_modules_may_be_fractions_where_the_instance_says_so() -> None:
    settings = settings_by_hand(model={"integer_modules": False})
    report = audit_plan(instance_by_hand(settings=settings), change(plan_by_hand(), "phases", 0, modules=1.5))
    assert "building.whole_modules" not in failing(report)


@pytest.mark.parametrize(("until", "fails"), [("2027", False), ("2028", True)])
def test_modules_on_line_up_to_a_date_are_whole(until: str, fails: bool) -> None:
    """Those of 2027 are on line in 2028; a fraction pays its part of the opening, 1.5 of 2 modules (SEMANTICS 2.9)."""
    settings = settings_by_hand(model={"integer_until": until})
    plan = change(plan_by_hand(), "phases", 0, modules=1.5, opening_cost_busd=0.5 * 1.5 / 2)
    report = audit_plan(instance_by_hand(settings=settings), plan)
    assert ("building.whole_modules" in failing(report)) is fails
    assert ("building.opening_cost" in failing(report)) is fails


def test_fractions_stay_within_the_site() -> None:
    settings = settings_by_hand(model={"integer_until": "2027"})
    report = audit_plan(instance_by_hand(settings=settings), change(plan_by_hand(), "phases", 0, modules=2.01))
    assert "building.max_modules" in failing(report)


def test_power_is_added_on_decision_dates_only() -> None:
    settings = make.settings(months=6, count=4, decision_every_months=12)
    plan = change(plan_by_hand(), "power", 0, period="2028H2")
    report = audit_plan(instance_by_hand(settings=settings), plan)
    assert any(f.check == "tables.known_name" and f.table == "power" for f in report.failures)


Expected = tuple[str, str, float, float, bool]
"""Chip, when, used, limit and whether it binds."""

CLUB_FROM_2028 = [make.member("club", "USA", member_from="2028")]
BASE = [make.base("USA", "us", 2026, 1.0), make.base("ARE", "us", 2028, 3.0), make.base("ARE", "us", 2030, 9.0)]

#: A rule, tables beside it, and the rows that the policy table must then have; 0.8 million chips work in 2028.
RULES: tuple[tuple[str, dict[str, Any], dict[str, Any], tuple[Expected, ...]], ...] = (
    ("cap_cumulative", {"quantity": 1, "measure": "tpp_million_h100"}, {},
     (("", "2027", 0.0, 1.0, False), ("", "2028", 0.8, 1.0, False))),
    ("cap_cumulative", {"quantity": 1, "measure": "chips_million", "effective_from": "2027-02"}, {},
     (("", "2028", 0.8, 1.0, False),)),
    ("cap_cumulative", {"quantity": 1, "measure": "chips_million", "effective_to": "2028"}, {},
     (("", "2027", 0.0, 1.0, False),)),
    ("cap_yearly", {"quantity": 0.8, "measure": "gb300e_million", "operators": "Nobody; Operator"}, {},
     (("", "2027", 0.0, 0.8, False), ("", "2028", 0.211093333333333, 0.8, False))),
    ("cap_stock", {"quantity": 1.6, "measure": "h100e_million", "destination": "club"},
     {"country_groups": CLUB_FROM_2028}, (("", "2027", 0.0, 1.6, False), ("", "2028", 1.6, 1.6, True))),
    ("cap_stock", {"quantity": 0.5, "measure": "h100e_million", "chip_test": "tpp >= 20000"}, {},
     (("", "2027", 0.0, 0.5, False), ("", "2028", 0.0, 0.5, False))),
    ("cap_stock", {"quantity": 0.5, "measure": "h100e_million", "owner": "any - USA"}, {},
     (("", "2027", 0.0, 0.5, False), ("", "2028", 0.0, 0.5, False))),
    ("share_cap", {"quantity": 1, "measure": "h100e_million", "destination": "USA"}, {"installed_base": BASE},
     (("", "2027", 1.0, 1.0, True), ("", "2028", 2.6, 5.6, False))),
    ("share_cap", {"quantity": 1, "measure": "h100e_million", "destination": "USA", "owner": "USA"},
     {"installed_base": BASE}, (("", "2027", 0.0, 0.0, False), ("", "2028", 1.6, 1.6, True))),
    ("share_cap", {"quantity": 0.5, "measure": "gb300e_million", "destination": "ARE", "base_destination": "ARE"},
     {"installed_base": BASE}, (("", "2027", 0.0, 0.0, False), ("", "2028", 0.7916, 0.3958, True))),
    ("volume_ratio", {"quantity": 0.5, "destination": "ARE", "base_destination": "USA"}, {},
     (("C1", "2027", 0.0, 0.0, False), ("C1", "2028", 0.0, 0.4, False))),
    ("matching_investment", {"quantity": 0.9, "destination": "USA", "measure": "capital_busd"}, {},
     (("", "2027", 7.65, 8.5, False), ("", "2028", 7.65, 8.5, False))),
    ("matching_investment", {"quantity": 0.9, "destination": "club", "measure": "capital_busd"},
     {"country_groups": CLUB_FROM_2028}, (("", "2027", 0.0, 8.5, False), ("", "2028", 0.0, 8.5, False))),
    ("matching_investment", {"quantity": 0.9, "measure": "capital_busd", "effective_from": "2028"}, {},
     (("", "2028", 0.0, 0.0, False),)),
)  # fmt: skip


@pytest.mark.parametrize(("effect", "rule", "tables", "expected"), RULES, ids=range(len(RULES)))
def test_both_sides_of_rules(
    effect: str, rule: dict[str, Any], tables: dict[str, Any], expected: tuple[Expected, ...]
) -> None:
    row = make.rule("R", effect, **rule)
    instance = instance_by_hand(rules=[row], regimes=[make.regime("R")], **tables)
    unit = rule.get("measure", "chips_million")
    policy = tuple(
        PolicyUse("R", effect, "", chip, when, used, limit, limit - used, unit, binding)
        for chip, when, used, limit, binding in expected
    )
    assert audit_plan(instance, dataclasses.replace(plan_without_permits(), policy=policy)).failures == ()


@pytest.mark.parametrize(
    ("effect", "rule"),
    [
        ("cap_cumulative", {"quantity": 0.79, "measure": "chips_million"}),
        ("cap_yearly", {"quantity": 0.79, "measure": "tpp_million_h100"}),
        ("cap_stock", {"quantity": 1.59, "measure": "h100e_million"}),
        ("share_cap", {"quantity": 0.99, "measure": "h100e_million", "base_destination": "USA"}),
        ("volume_ratio", {"quantity": 0.99, "base_destination": "USA"}),
        ("matching_investment", {"quantity": 1.01, "base_destination": "USA", "measure": "capital_busd"}),
    ],
)
def test_broken_rule_is_named(effect: str, rule: dict[str, Any]) -> None:
    instance = instance_by_hand(rules=[make.rule("R", effect, **rule)], regimes=[make.regime("R")])
    report = audit_plan(instance, plan_by_hand())
    assert any(f.check == f"rules.{effect}" and f.key.startswith("R ") for f in report.failures)


def test_no_change_of_the_plan_survives() -> None:
    instance, plan = instance_by_hand(), plan_by_hand()
    mutations = [*changed_cells(plan), *changed_rows(plan)]
    assert len(mutations) > 400
    survivors = [str(mutation) for mutation in mutations if audit_plan(instance, mutation.plan).ok]
    assert survivors == []


def _numbers(document: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in document.items():
        if isinstance(value, dict):
            found += _numbers(value, (*path, key))
        elif isinstance(value, int | float):
            found.append((*path, key))
    return found


@pytest.mark.parametrize("factor", [1.01, 0.99])
def test_no_changed_number_of_the_manifest_survives(factor: float) -> None:
    instance = instance_by_hand()
    paths = _numbers(manifest_by_hand(instance))
    assert len(paths) == 11
    for path in paths:
        manifest = manifest_by_hand(instance)
        section = manifest if len(path) == 1 else manifest[path[0]]
        section[path[-1]] *= factor
        report = audit_plan(instance, plan_by_hand(), manifest)
        assert any(f.table == "manifest" for f in report.failures), path


@pytest.mark.parametrize(
    ("check", "path", "value"),
    [
        ("manifest.sha256", ("instance", "sha256"), "0" * 64),
        ("manifest.name", ("instance", "name"), "other"),
        ("manifest.objective", ("objective", "kind"), "cost"),
        ("manifest.bound", ("bound_busd",), NPV - 0.01),
        ("manifest.status", ("status",), "optimal"),
        ("manifest.number", ("npv_busd",), None),
        ("manifest.number", ("headline",), None),
    ],
)
def test_wrong_manifest_is_named(check: str, path: tuple[str, ...], value: Any) -> None:
    instance = instance_by_hand()
    manifest = manifest_by_hand(instance)
    section = manifest if len(path) == 1 else manifest[path[0]]
    section[path[-1]] = value
    assert check in failing(audit_plan(instance, plan_by_hand(), manifest))


def test_failure_names_file_line_column_and_both_values() -> None:
    plan = change(plan_by_hand(), "demand", 3, revenue_busd=3.6)
    report = audit_plan(instance_by_hand(), plan)
    failure = next(f for f in report.failures if f.check == "demand.revenue")
    assert (failure.table, failure.line, failure.key, failure.column) == (
        "demand",
        5,
        "market work 2028 2",
        "revenue_busd",
    )
    assert failure.stated == 3.6
    assert failure.recomputed == pytest.approx(3.504)
    assert "demand.csv:5 [market work 2028 2] revenue_busd" in failure.render()
    assert report.as_dict()["ok"] is False
    assert report.lines()[0].startswith("audit failed: 1 of")


def test_line_counts_line_breaks_in_names() -> None:
    plan = change(change(plan_by_hand(), "sites", 0, name="Al\npha"), "sites", 1, status="new")
    report = audit_plan(instance_by_hand(), plan)
    assert {f.line for f in report.failures if f.table == "sites"} == {2, 4}


def test_audit_uses_neither_model_nor_solver() -> None:
    program = (
        "import sys\n"
        "from tests.plan.by_hand import *\n"
        "from optimizer.plan.audit import audit_plan\n"
        "from optimizer.plan.reader import read_plan\n"
        "i = instance_by_hand()\n"
        "assert audit_plan(i, plan_by_hand(), manifest_by_hand(i)).ok\n"
        "banned = ('pyomo', 'highspy', 'optimizer.model', 'optimizer.policy', 'optimizer.power', 'optimizer.solve',\n"
        "          'optimizer.plan.extract', 'optimizer.plan.state')\n"
        "print([m for m in sys.modules if any(m == b or m.startswith(b + '.') for b in banned)])\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
