"""What was scarce in each year, read from the tables of plans in which one thing is."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.plan.scarcity import Scarcity, scarcity_by_year
from tests import instances as make
from tests.solving import solve_small

PLENTY: dict[str, Any] = {
    "sites": [make.site(max_modules=5)],
    "committed": [make.committed(modules=5)],
    "chip_supply": [make.supply(units=50_000_000)],
    "demand": [make.demand(quantity_h100e_million=20, price_usd_per_h100e_hour=4)],
}


def first_year(**tables: Any) -> Scarcity:
    solved = solve_small(make.instance(settings=make.settings(count=1, policy={"regime": "test"}),
                                       **{**PLENTY, **tables}))  # fmt: skip
    (year,) = scarcity_by_year(solved.tables)
    return year


def test_in_plenty_only_the_shells_that_stand_are_scarce() -> None:
    year = first_year()
    assert year.scarce == ("capacity",)
    assert year.filled == pytest.approx(1)
    assert year.demand_served == pytest.approx(5 / 20)
    assert year.capital_used == pytest.approx(50 / 1000)


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("chips", {"chip_supply": [make.supply(units=3_000_000)]}),
        ("capital", {"budgets": [make.budget(capital_busd=30)]}),
        ("power", {"grid_headroom": [make.headroom(cumulative_mw=2000)]}),
        ("demand", {"demand": [make.demand(quantity_h100e_million=3, price_usd_per_h100e_hour=4)]}),
        (
            "rules",
            {
                "rules": [make.rule("R", "cap_cumulative", quantity=2, measure="chips_million")],
                "regimes": [make.regime("R")],
            },
        ),
    ],
)
def test_the_one_thing_that_is_scarce_is_named(name: str, tables: dict[str, Any]) -> None:
    assert first_year(**tables).scarce == (name,)


def test_other_limits_are_counted_apart() -> None:
    year = first_year(committed=[], limits=[make.limit("cap", "it_gw", "*", 2027, 2)])
    assert year.other_limits == 1
    assert year.scarce == ("capacity",)


def test_shells_without_chips_show_as_unfilled() -> None:
    year = first_year(chip_supply=[make.supply(units=2_000_000)])
    assert year.filled == pytest.approx(0.4)
    assert year.chips_sold_out == pytest.approx(1)
