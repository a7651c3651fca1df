"""The model's optimum equals the best of all building plans, each finished by an LP written from SEMANTICS.md."""

from __future__ import annotations

import random

import pytest

from tests import instances as make
from tests.oracle import best_objective
from tests.random_instances import random_instance
from tests.solving import solve_small

CHUNKS = 8
IN_CHUNK = 50
#: Least instances of a chunk that build something, and that have no plan at all: the test must not be vacuous.
BUILDING, IMPOSSIBLE = 10, 1
TOLERANCE = 1e-6
"""HiGHS holds every row to 1e-7 only, in both solves; with amounts of 1 to 100 that leaves about 1e-6 of value."""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_optimum_equals_best_of_all_building_plans(chunk: int) -> None:
    building = impossible = 0
    for seed in range(chunk * IN_CHUNK, (chunk + 1) * IN_CHUNK):
        instance = random_instance(random.Random(seed))
        expected, solved = best_objective(instance), solve_small(instance)
        assert solved.feasible == (expected is not None), f"seed {seed}: oracle {expected}"
        if expected is None:
            impossible += 1
            continue
        assert solved.objective == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE), f"seed {seed}"
        building += bool(solved.modules())
    assert building >= BUILDING
    assert impossible >= IMPOSSIBLE


def test_no_site_opens_without_modules_to_match_capital() -> None:
    """Opening costs count as matching capital, but only of sites that get a module (SEMANTICS 2.6, 7.7)."""
    rule = make.rule("R", "matching_investment", destination="ARE", base_destination="USA", quantity=0.1,
                     measure="capital_busd")  # fmt: skip
    instance = make.instance(
        settings=make.settings(policy={"regime": "test"}),
        sites=[
            make.site("home", open_cost_musd=3000, module_cost_usd_per_kw=90_000),
            make.site("away", country="ARE"),
        ],
        rules=[rule],
        regimes=[make.regime("R")],
    )
    assert best_objective(instance) == pytest.approx(0)
    assert solve_small(instance).objective == pytest.approx(0)


def test_no_site_opens_early_to_spend_a_budget_that_lapses() -> None:
    """The second year's money pays modules and chips, but not the opening on top (SEMANTICS 2.6, 6.2)."""
    instance = make.instance(
        settings=make.settings(finance={"carry_over_share": 0.0}),
        sites=[make.site("home", open_cost_musd=10_000)],
        chip_supply=[make.supply("C1", "2028")],
        budgets=[make.budget(year=year, capital_busd=busd) for year, busd in ((2027, 10), (2028, 20), (2029, 0))],
        demand=[make.demand(year=year, price_usd_per_h100e_hour=4) for year in (2028, 2029)],
    )
    assert best_objective(instance) == pytest.approx(0)
    assert solve_small(instance).objective == pytest.approx(0)


def test_no_power_is_added_while_the_site_can_have_nothing_on_line() -> None:
    """Slots of a year in which nothing can run do not help later (SEMANTICS 4.2)."""
    instance = make.instance(
        sites=[make.site(lead_months=12)],
        power_options=[make.power_option(option="gas_turbine", kind="gas_turbine")],
        slot_use=[make.slot_use()],
        slots=[make.slots(year=2027, mw=1000), make.slots(year=2028, mw=400), make.slots(year=2029, mw=0)],
    )
    expected = best_objective(instance)
    assert expected == pytest.approx(0.4 * (2 * 17.52 - 10) - 10)
    assert solve_small(instance).objective == pytest.approx(expected)


def test_a_base_above_its_share_stops_installations_and_nothing_else() -> None:
    """SEMANTICS 7.5: the base alone breaks no rule; with no chips to come at home, none may go abroad either."""
    rule = make.rule("R", "share_cap", destination="ARE", base_destination="USA", quantity=0.1,
                     measure="h100e_million")  # fmt: skip
    instance = make.instance(
        settings=make.settings(policy={"regime": "test"}),
        sites=[make.site("away", country="ARE"), make.site("third", country="SAU")],
        installed_base=[make.base("USA", "us", 2026, 10), make.base("ARE", "us", 2026, 2)],
        rules=[rule],
        regimes=[make.regime("R")],
    )
    solved = solve_small(instance)
    assert solved.objective == pytest.approx(32.56)
    assert {site for site, _ in solved.modules()} == {"third"}


def test_a_share_of_a_base_without_anything_to_select_asks_for_nothing() -> None:
    rule = make.rule("R", "share_cap", destination="ARE", base_destination="USA", quantity=0.1,
                     measure="h100e_million")  # fmt: skip
    instance = make.instance(
        settings=make.settings(policy={"regime": "test"}),
        sites=[make.site("home", module_cost_usd_per_kw=90_000)],
        installed_base=[make.base("USA", "us", 2026, 10), make.base("ARE", "us", 2026, 2)],
        rules=[rule],
        regimes=[make.regime("R")],
    )
    assert solve_small(instance).objective == pytest.approx(0)
