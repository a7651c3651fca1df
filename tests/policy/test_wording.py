"""What rules allow, in words: the right amount, unit, time and group."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.instance.schema import RuleMeasure
from optimizer.policy.wording import allowed, amount, number
from tests import instances as make

QUOTA = {"measure": "tpp_million_h100", "period": "yearly"}


@pytest.mark.parametrize(
    ("effect", "changes", "words"),
    [
        ("cap_cumulative", {"quantity": 0.035, "measure": "gb300e_million"}, "35,000 GB300 by TPP in all"),
        ("cap_yearly", {"quantity": 0.5, "measure": "chips_million"}, "500,000 chips a calendar year"),
        ("cap_stock", {"quantity": 1.25, "measure": "h100e_million"}, "1,250,000 H100e at work at a time"),
        ("allow", {"quantity": 0.001699090, **QUOTA, "per": "operator"},
         "1,699 H100 by TPP a calendar year, each operator apart"),
        ("allow", {"quantity": 0.049898939, "measure": "tpp_million_h100", "period": "term", "validity_months": 36,
                   "per": "country"}, "49,899 H100 by TPP in each 36 months, each country apart"),
        ("allow", {}, ""),
        ("share_cap", {"quantity": 0.07, "measure": "tpp_million_h100", "per": "operator_country"},
         "7 % of the TPP at work anywhere, each operator in each country apart"),
        ("share_cap", {"quantity": 0.255, "measure": "h100e_million", "base_destination": "USA", "base_quantity": 2},
         "25.5 % of the compute at work in USA, 2,000,000 H100e from outside the plan included"),
        ("volume_ratio", {"quantity": 0.5, "base_destination": "USA", "base_quantity": 0.7},
         "50 % of the chips of the same kind in USA, 700,000 chips from outside the plan included"),
        ("matching_investment", {"quantity": 1, "base_destination": "USA"}, "1 USD committed in USA for each USD here"),
        ("tariff", {"quantity": 0.25}, "25 % of the price"),
        ("revenue_share", {"quantity": 0.15, "pass_through": 0.5},
         "15 % of the price, of which the buyer pays 50 %"),
        ("deny", {}, ""),
    ],
)  # fmt: skip
def test_what_a_rule_allows(effect: str, changes: dict[str, Any], words: str) -> None:
    rule = make.rule("R", effect, **changes)
    assert allowed(rule, rule.quantity) == words


def test_a_step_counts_in_the_measure_of_the_rule_that_it_raises() -> None:
    step = make.rule("S", "quota_step", raises="Q", quantity=0.05, cost_busd=0.5)
    words = allowed(step, step.quantity, RuleMeasure.TPP_MILLION_H100)
    assert words == "50,000 H100 by TPP more under Q for 0.5 B USD"


def test_a_group_that_is_asked_about_is_named() -> None:
    rule = make.rule("Q", "allow", quantity=0.01, measure="chips_million", period="yearly", per="operator")
    assert allowed(rule, 0.01, group="VNET") == "10,000 chips a calendar year for VNET"


def test_amounts_and_numbers() -> None:
    assert amount(1.5, RuleMeasure.CAPITAL_BUSD) == "1.5 B USD"
    assert amount(0.0123456, None) == "12,346 chips"
    assert number(make.rule("R", "tariff", quantity=0.1), 0.1) == "10 %"
    assert number(make.rule("R", "matching_investment", quantity=2), 2) == "2"
    assert number(make.rule("R", "cap_stock", quantity=2, measure="h100e_million"), 0.2) == "200,000"
