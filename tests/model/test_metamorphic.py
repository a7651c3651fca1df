"""What must hold of the optima of related instances, whatever the instance (formulation.md 3.3)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer.instance.instance import Instance
from optimizer.instance.schema import LEVIES, Row, Rule, RuleEffect
from tests.solving import Solved, solve_small
from tests.strategies import instances

#: Both solves hold rows to 1e-7; see test_brute_force.
TOLERANCE = 1e-6
#: What is drawn depends on the modules that happen to be loaded, so that a share filtered out proves nothing.
FEW = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much])
CAPS = (RuleEffect.CAP_CUMULATIVE, RuleEffect.CAP_YEARLY, RuleEffect.CAP_STOCK, RuleEffect.SHARE_CAP)


def best(instance: Instance) -> float:
    """Objective of the best plan; minus infinity if there is none."""
    solved = solve_small(instance)
    return solved.objective if solved.feasible else -math.inf


def same(left: float, right: float) -> bool:
    return left == right or left == pytest.approx(right, rel=TOLERANCE, abs=TOLERANCE)


def no_worse(left: float, right: float) -> bool:
    return left >= right or same(left, right)


def changed(instance: Instance, table: str, **changes: Any) -> Instance:
    """All rows of a table with columns set, or changed by a function of their value."""

    def change(row: Row) -> Row:
        update = {name: do(getattr(row, name)) if callable(do) else do for name, do in changes.items()}
        return row.model_copy(update=update)

    rows: dict[str, Any] = {table: tuple(change(row) for row in getattr(instance, table))}
    return replace(instance, **rows)


def times(factor: float) -> Any:
    return lambda value: value if value is None else value * factor


# M1: relaxing a limit never hurts

RELAXATIONS = {
    "budgets": {"capital_busd": times(1.3)},
    "chip_supply": {"units": times(1.3)},
    "grid_headroom": {"cumulative_mw": times(1.3)},
    "slots": {"mw": times(1.3)},
    "limits": {"value": times(1.3)},
    "demand": {"quantity_h100e_million": times(1.3)},
    "sites": {"max_starts_per_year": None},
    "latency": {"rtt_ms": 1},
    "sovereignty": {"minimum_share": times(0.5)},
}


@pytest.mark.parametrize("table", RELAXATIONS)
@settings(FEW, max_examples=15)
@given(instance=instances())
def test_m1_relaxing_a_limit_never_hurts(instance: Instance, table: str) -> None:
    assume(getattr(instance, table))
    assert no_worse(best(changed(instance, table, **RELAXATIONS[table])), best(instance))


#: Effects whose quantity is what they demand or take, not what they leave.
DEMANDING = (RuleEffect.MATCHING_INVESTMENT, *LEVIES)


def with_quantities(instance: Instance, factor: Callable[[Rule], float]) -> Instance:
    """The instance with the quantity of every rule, and its steps in time, times a factor."""
    factors = {rule.rule: factor(rule) for rule in instance.rules}
    rules = tuple(
        rule if rule.quantity is None else rule.model_copy(update={"quantity": rule.quantity * factors[rule.rule]})
        for rule in instance.rules
    )
    steps = tuple(
        step.model_copy(update={"quantity": step.quantity * factors[step.rule]}) for step in instance.rule_steps
    )
    return replace(instance, rules=rules, rule_steps=steps)


def without_rules(instance: Instance, *effects: RuleEffect) -> Instance:
    """The instance without the rules of some effects; what hangs on a rule goes with it."""
    gone = {rule.rule for rule in instance.rules if rule.effect in effects}
    return replace(
        instance,
        rules=tuple(rule for rule in instance.rules if rule.rule not in gone and rule.raises not in gone),
        rule_steps=tuple(step for step in instance.rule_steps if step.rule not in gone),
    )


def without_steps(instance: Instance, *effects: RuleEffect) -> Instance:
    """The instance in which rules of some effects keep one quantity over time."""
    named = {rule.rule for rule in instance.rules if rule.effect in effects}
    return replace(instance, rule_steps=tuple(step for step in instance.rule_steps if step.rule not in named))


@settings(FEW, max_examples=30)
@given(instance=instances())
def test_m1_looser_rules_never_hurt(instance: Instance) -> None:
    assume(instance.rules)
    looser = with_quantities(instance, lambda rule: 0.5 if rule.effect in DEMANDING else 1.5)
    assert no_worse(best(looser), best(instance))
    assert no_worse(best(replace(instance, rules=(), rule_steps=())), best(instance))


# M2: money in another unit

MONEY = {
    "sites": {"open_cost_musd", "module_cost_usd_per_kw", "om_usd_per_kw_year"},
    "countries": {"power_tax_usd_per_mwh"},
    "power_options": {"capex_usd_per_kw", "fixed_usd_per_kw_year", "energy_usd_per_mwh"},
    "chip_prices": {"price_usd"},
    "demand": {"price_usd_per_h100e_hour"},
    "latency": {"serving_cost_usd_per_h100e_hour"},
    "budgets": {"capital_busd"},
    "rules": {"cost_busd"},
}


@FEW
@given(instance=instances(objective="npv"), factor=st.sampled_from([0.5, 2.0, 4.0]))
def test_m2_all_money_times_k_gives_npv_times_k(instance: Instance, factor: float) -> None:
    dearer = instance
    for table, columns in MONEY.items():
        dearer = changed(dearer, table, **dict.fromkeys(columns, times(factor)))
    before, after = solve_small(instance), solve_small(dearer)
    assert before.feasible == after.feasible
    if before.feasible:
        assert after.objective == pytest.approx(factor * before.objective, rel=TOLERANCE, abs=factor * TOLERANCE)
        # Several plans may be best; then the first plan's sites and sizes are worth as much in the second instance.
        assert before.modules() == after.modules() or best(pinned(dearer, before)) == pytest.approx(
            after.objective, rel=TOLERANCE, abs=factor * TOLERANCE
        )


def pinned(instance: Instance, plan: Solved) -> Instance:
    """The instance with every site held to the number of modules that a plan builds there."""
    built: dict[str, float] = {}
    for (site, _), count in plan.modules().items():
        built[site] = built.get(site, 0) + count
    for row in instance.committed:
        built[row.site] = built.get(row.site, 0) + row.modules
    kept = tuple(s.model_copy(update={"max_modules": int(built[s.site])}) for s in instance.sites if s.site in built)
    names = {site.site for site in kept}
    return replace(
        instance,
        sites=kept,
        power_options=tuple(row for row in instance.power_options if row.site in names),
        grid_steps=tuple(row for row in instance.grid_steps if row.site in names),
    )


# M3: everything twice as large

EXTENSIVE = {
    "sites": {"open_cost_musd", "module_mw"},
    "power_options": {"max_mw"},
    "grid_steps": {"cumulative_mw"},
    "grid_headroom": {"cumulative_mw"},
    "slots": {"mw"},
    "chip_supply": {"units", "minimum_units"},
    "demand": {"quantity_h100e_million"},
    "budgets": {"capital_busd"},
    "installed_base": {"h100e_million"},
    "required_compute": {"h100e_million"},
    "rules": {"base_quantity", "cost_busd"},
}


@FEW
@given(instance=instances(model={"integer_modules": False}), factor=st.sampled_from([0.5, 2.0, 10.0]))
def test_m3_a_world_k_times_as_large_is_worth_k_times_as_much(instance: Instance, factor: float) -> None:
    larger = instance
    for table, columns in EXTENSIVE.items():
        larger = changed(larger, table, **dict.fromkeys(columns, times(factor)))
    limits = tuple(
        row if row.kind == "capital_share" else row.model_copy(update={"value": row.value * factor})
        for row in larger.limits
    )
    shares = (RuleEffect.SHARE_CAP, RuleEffect.VOLUME_RATIO, *DEMANDING)
    larger = with_quantities(replace(larger, limits=limits), lambda rule: 1.0 if rule.effect in shares else factor)
    before, after = best(instance), best(larger)
    assert after == before == -math.inf or after == pytest.approx(
        factor * before, rel=TOLERANCE, abs=TOLERANCE * max(1, factor)
    )


# M4: another site


def with_twin(instance: Instance, **changes: Any) -> Instance:
    """The instance with a copy of its first site, its power included, that differs in some columns."""
    first = instance.sites[0]
    twin = first.model_copy(update={"site": "twin", **changes})
    options = tuple(o.model_copy(update={"site": "twin"}) for o in instance.power_options if o.site == first.site)
    steps = tuple(s.model_copy(update={"site": "twin"}) for s in instance.grid_steps if s.site == first.site)
    return replace(
        instance,
        sites=(*instance.sites, twin),
        power_options=(*instance.power_options, *options),
        grid_steps=(*instance.grid_steps, *steps),
    )


@FEW
@given(instance=instances())
def test_m4_another_site_never_hurts(instance: Instance) -> None:
    assert no_worse(best(with_twin(instance)), best(instance))


@FEW
@given(instance=instances())
def test_m4_a_site_that_can_never_be_on_line_changes_nothing(instance: Instance) -> None:
    assert same(best(with_twin(instance, lead_months=180)), best(instance))


@FEW
@given(instance=instances(objective="npv"))
def test_m4_a_site_that_costs_far_more_than_it_earns_changes_nothing(instance: Instance) -> None:
    limits = tuple(row for row in instance.limits if row.kind != "capital_share")
    plain = without_rules(replace(instance, limits=limits), RuleEffect.MATCHING_INVESTMENT)
    assert same(best(with_twin(plain, module_cost_usd_per_kw=1e6)), best(plain))


# M5: names and order

ORDERED = ("sites", "power_options", "chips", "chip_supply", "demand", "latency", "budgets", "rules", "price_blocks",
           "committed", "grid_headroom", "limits", "countries", "installed_base", "resale_curves")  # fmt: skip


@FEW
@given(instance=instances())
def test_m5_the_order_of_rows_changes_nothing(instance: Instance) -> None:
    turned: dict[str, Any] = {table: tuple(reversed(getattr(instance, table))) for table in ORDERED}
    assert same(best(replace(instance, **turned)), best(instance))


@FEW
@given(instance=instances())
def test_m5_the_names_of_sites_change_nothing(instance: Instance) -> None:
    names = {site.site: f"{99 - k}-site" for k, site in enumerate(instance.sites)}
    renamed = instance
    for table in ("sites", "power_options", "grid_steps", "committed"):
        renamed = changed(renamed, table, site=names.__getitem__)
    assert same(best(renamed), best(instance))


# M7: time


@FEW
@given(instance=instances(finance={"terminal_value": False}))
def test_m7_a_longer_lead_time_is_never_better(instance: Instance) -> None:
    """Without what a late module saves: later payments, running cost of shells that must be built, later wear."""
    plain = without_rules(instance, RuleEffect.MATCHING_INVESTMENT)
    prompt = changed(plain, "sites", spend_profile="at_commitment", om_usd_per_kw_year=0)
    prompt = changed(prompt, "countries", property_tax_fraction_per_year=0)
    slower = changed(prompt, "sites", lead_months=lambda months: months + 1)
    assert no_worse(best(prompt), best(slower))


# M8: rules that cannot bind


def _without_limit(rule: Rule) -> Rule:
    if rule.effect is RuleEffect.SHARE_CAP:
        return rule.model_copy(update={"quantity": 1.0, "base_quantity": 1e4})
    return rule.model_copy(update={"quantity": 1e6})


@settings(FEW, max_examples=30)
@given(instance=instances())
def test_m8_a_cap_without_limit_equals_no_rule(instance: Instance) -> None:
    """A share is of a vast base besides: any share of a base of nothing is nothing."""
    assume(any(rule.effect in CAPS for rule in instance.rules))
    boundless = tuple(_without_limit(rule) if rule.effect in CAPS else rule for rule in instance.rules)
    without = tuple(rule for rule in instance.rules if rule.effect not in CAPS)
    plain = without_steps(instance, *CAPS)
    assert same(best(replace(plain, rules=boundless)), best(replace(plain, rules=without)))


@FEW
@given(instance=instances())
def test_m8_all_of_everything_is_no_share_cap(instance: Instance) -> None:
    """At most 100 % of what stands anywhere, the destination included."""
    whole = tuple(
        rule.model_copy(update={"quantity": 1.0, "base_destination": "any"})
        if rule.effect is RuleEffect.SHARE_CAP
        else rule
        for rule in instance.rules
    )
    without = tuple(rule for rule in instance.rules if rule.effect is not RuleEffect.SHARE_CAP)
    plain = without_steps(instance, RuleEffect.SHARE_CAP)
    assert same(best(replace(plain, rules=whole)), best(replace(plain, rules=without)))
