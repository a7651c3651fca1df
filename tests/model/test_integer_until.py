"""Modules that need not be whole after a date (SEMANTICS 2.9)."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from optimizer.instance.calendar import parse_span
from optimizer.instance.instance import Instance
from optimizer.instance.schema import RuleEffect
from optimizer.model.build import build_model
from optimizer.solve.columns import site_columns
from optimizer.solve.standard_form import standard_form
from tests import instances as make
from tests.oracle import best_objective
from tests.random_instances import random_instance
from tests.solving import solve_small

EXACT = 1e-9
TOLERANCE = 1e-6
"""As in `test_brute_force`."""
IN_CHUNK = 12


def whole_until(instance: Instance, period: int | None) -> Instance:
    """The instance with whole modules up to a period; all of them if none is given."""
    span = None if period is None else instance.calendar.periods[period]
    model = instance.settings.model.model_copy(update={"integer_until": span})
    return replace(instance, settings=instance.settings.model_copy(update={"model": model}))


def growing_demand(**site: Any) -> Instance:
    """Demand for 1.4 GW of chips from the second of three years on; a GW costs 10 and 10 more with chips."""
    return make.instance(
        sites=[make.site(max_modules=2, **site)],
        chips=[make.chip(life_months=240)],
        chip_supply=[make.supply("C1", str(year), units=2_000_000) for year in (2027, 2028)],
        demand=[
            make.demand(year=year, quantity_h100e_million=1.4, price_usd_per_h100e_hour=4) for year in (2028, 2029)
        ],
    )


# Two years of 35.04 B USD a GW: a whole second module would stand more than half empty, and cost 10.


def test_a_fraction_is_built_where_a_whole_module_would_stand_empty() -> None:
    """1.4 GW earn 1.4 x (70.08 - 10 - 10); two whole modules cost 6 more."""
    instance = growing_demand()
    whole = solve_small(instance)
    assert whole.objective == pytest.approx(1.4 * (70.08 - 10) - 20, abs=EXACT)
    assert sum(whole.modules().values()) == 2
    parts = solve_small(whole_until(instance, 0))
    assert parts.objective == pytest.approx(1.4 * (70.08 - 20), abs=EXACT)
    assert sum(parts.modules().values()) == pytest.approx(1.4)


def test_fractions_wait_for_the_date() -> None:
    """All modules must be on line in 2028, so nothing is gained where 2028 is whole."""
    instance = growing_demand()
    assert solve_small(whole_until(instance, 1)).objective == pytest.approx(solve_small(instance).objective, abs=EXACT)


@pytest.mark.parametrize("needed_in_2027", [False, True])
def test_an_opening_is_paid_with_whole_modules_or_in_parts(needed_in_2027: bool) -> None:
    """3 B USD are paid whole with a whole module, 1.4 halves of it with 1.4 of 2 modules (SEMANTICS 2.6)."""
    instance = growing_demand(open_cost_musd=3_000)
    if needed_in_2027:
        first = make.demand(year=2027, quantity_h100e_million=1, price_usd_per_h100e_hour=4)
        instance = replace(instance, demand=(first, *instance.demand))
    solved = solve_small(whole_until(instance, 0))
    opening = 3 if needed_in_2027 else 3 * 1.4 / 2
    earned = 35.04 if needed_in_2027 else 0.0
    assert solved.objective == pytest.approx(1.4 * (70.08 - 20) + earned - opening, abs=EXACT)
    assert solved.cash("site_opening") == pytest.approx(-opening, abs=EXACT)


def test_a_lead_time_moves_the_last_whole_decision() -> None:
    """With a year of lead, what is decided in the first year is on line in the second."""
    model = build_model(whole_until(growing_demand(lead_months=12, open_cost_musd=1), 1))
    assert [str(d) for d in model.siting.whole_dates("alpha")] == ["2027"]
    whole = {str(d): variable.is_integer() for (_, d), variable in model.pyomo.modules.items()}
    assert whole == {"2027": True, "2028": False}
    form = standard_form(model.pyomo)
    (columns,) = site_columns(model, form)
    assert [len(part) for part in (columns.modules, columns.opened, columns.dates, columns.parts)] == [1, 1, 1, 1]
    assert form.integer[columns.modules].all()
    assert not form.integer[columns.parts].any()


def test_the_last_period_leaves_the_model_as_it_is() -> None:
    instance = random_instance(random.Random(3))
    forms = [standard_form(build_model(one).pyomo) for one in (instance, whole_until(instance, -1))]
    assert forms[0].row_names == forms[1].row_names
    assert (forms[0].integer == forms[1].integer).all()
    assert (forms[0].matrix != forms[1].matrix).nnz == 0


def test_no_row_that_whole_modules_imply_stays_for_fractions() -> None:
    instance = growing_demand()
    instance = replace(instance, sites=(instance.sites[0].model_copy(update={"max_modules": 1}),))
    links = [
        {str(arc[-1]) for arc in build_model(one).pyomo.market_link} for one in (instance, whole_until(instance, 0))
    ]
    assert links == [{"2028", "2029"}, set()]


@pytest.mark.parametrize("chunk", range(3))
def test_optimum_equals_the_best_of_all_plans_and_never_falls_with_an_earlier_date(chunk: int) -> None:
    """At every date; some instances must gain by fractions, or the test would be vacuous."""
    gained = 0
    for seed in range(400 + chunk * IN_CHUNK, 400 + (chunk + 1) * IN_CHUNK):
        instance = random_instance(random.Random(seed))
        loosening = all(rule.effect is not RuleEffect.MATCHING_INVESTMENT for rule in instance.rules)
        before: float | None = None
        for period in (None, *reversed(range(len(instance.calendar)))):
            looser = whole_until(instance, period)
            expected, solved = best_objective(looser), solve_small(looser)
            assert solved.feasible == (expected is not None), f"seed {seed} until {period}"
            if expected is None:
                continue
            assert solved.objective == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE), f"seed {seed}, {period}"
            if before is not None and loosening:
                assert solved.objective >= before - TOLERANCE * max(1.0, abs(before)), f"seed {seed} until {period}"
                gained += solved.objective > before + 0.01
            before = solved.objective
    assert gained >= 3


def test_before_the_first_period_nothing_is_whole() -> None:
    """The limit case of no whole module at all is the one that `integer_modules` = false states."""
    instance = random_instance(random.Random(5), objective="npv")
    model = instance.settings.model.model_copy(update={"integer_until": parse_span("2020")})
    early = replace(instance, settings=instance.settings.model_copy(update={"model": model}))
    model = instance.settings.model.model_copy(update={"integer_modules": False})
    never = replace(instance, settings=instance.settings.model_copy(update={"model": model}))
    assert solve_small(early).objective == pytest.approx(solve_small(never).objective, abs=TOLERANCE)
