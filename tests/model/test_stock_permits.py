"""Permits that count what is in stock: dates that say nothing new, and steps bigger than any use for them."""

from __future__ import annotations

import pytest

from optimizer.instance.instance import Instance
from tests import instances as make
from tests.model.golden import family_text
from tests.solving import solve_small

PLACES = [make.site("home"), make.site("away", country="ARE", max_modules=2, latitude=24.2, longitude=54.5)]


def licensed(step: float, *, life_months: int = 60, early_retirement: bool = False) -> Instance:
    """Chips of one kW and 1,000 of them without a licence abroad, on two modules of a GW; a step raises that."""
    return make.instance(
        settings=make.settings(count=3, policy={"regime": "test"}, model={"early_retirement": early_retirement}),
        sites=PLACES,
        chips=[make.chip(life_months=life_months)],
        power_options=[make.power_option("home"), make.power_option("away")],
        rules=[
            make.rule("P", "licence", destination="ARE", quantity=0.001, measure="chips_million", period="stock"),
            make.rule("STEP", "quota_step", raises="P", quantity=step, cost_busd=0.5),
        ],
        regimes=[make.regime("P"), make.regime("STEP")],
    )


def test_of_dates_on_which_all_still_stands_the_last_is_enough() -> None:
    assert [row.split(":")[0] for row in family_text(licensed(1.0), "export_permit").splitlines()] == [
        "export_permit[P,2029]"
    ]
    rows = family_text(licensed(1.0, life_months=12), "export_permit").splitlines()
    assert [row.split(":")[0] for row in rows] == [f"export_permit[P,{year}]" for year in (2027, 2028, 2029)]


@pytest.mark.parametrize(("step", "counted"), [(1.0, "-1 "), (100.0, "-1.999 ")])
def test_a_step_adds_no_more_than_full_sites_can_use(step: float, counted: str) -> None:
    assert f"{counted}step_bought[STEP,]" in family_text(licensed(step), "export_permit")


def test_where_chips_may_leave_early_a_step_counts_whole() -> None:
    assert "-100 step_bought[STEP,]" in family_text(licensed(100.0, early_retirement=True), "export_permit")


def test_a_step_beyond_all_use_is_worth_what_one_just_big_enough_is() -> None:
    assert solve_small(licensed(100.0)).objective == pytest.approx(solve_small(licensed(1.999)).objective)
