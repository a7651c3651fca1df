"""Which rules hold when, whom they select, and what they count (SEMANTICS 7.1-7.5, 7.8)."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.policy.regime import ActiveRegime, ActiveRule, Owner
from tests import instances as make

JANUARY = make.month("2027-01")


def active(effect: str = "deny", **changes: Any) -> ActiveRule:
    """The only rule of an instance with two groups and some compute outside the plan."""
    instance = make.instance(
        settings=make.settings(policy={"regime": "test"}),
        rules=[make.rule("R", effect, **changes)],
        regimes=[make.regime("R")],
        country_groups=[
            make.member("club", "ARE", member_from="2026-07", member_to="2028"),
            make.member("club", "SAU"),
        ],
        installed_base=[
            make.base("USA", "us", 2025, 4),
            make.base("USA", "us", 2027, 6),
            make.base("USA", "us", 2029, 9),
            make.base("USA", "cn", 2020, 0.5),
            make.base("ARE", "us", 2026, 1),
        ],
    )
    (rule,) = ActiveRegime(instance).rules
    return rule


@pytest.mark.parametrize(
    ("month", "expected"), [("2027-06", False), ("2027-07", True), ("2028-12", True), ("2029-01", False)]
)
def test_a_rule_holds_from_its_first_month_to_the_one_before_its_end(month: str, expected: bool) -> None:
    assert active(effective_from="2027-07", effective_to="2029").in_force(make.month(month)) is expected


def test_a_rule_without_end_holds_for_good() -> None:
    assert active(effective_from="2027-07").in_force(make.month("2099"))


def test_only_rules_of_the_chosen_regime_are_active() -> None:
    tables: dict[str, Any] = {
        "rules": [make.rule("A"), make.rule("B"), make.rule("C")],
        "regimes": [make.regime("C", "strict"), make.regime("A", "strict"), make.regime("B", "loose")],
    }

    def names(regime: str) -> list[str]:
        instance = make.instance(settings=make.settings(policy={"regime": regime}), **tables)
        return [rule.rule.rule for rule in ActiveRegime(instance).rules]

    assert names("strict") == ["A", "C"]
    assert names("loose") == ["B"]
    assert names("none") == []


@pytest.mark.parametrize(
    ("month", "country", "expected"),
    [
        ("2026-06", "ARE", False),
        ("2026-07", "ARE", True),
        ("2027-12", "ARE", True),
        ("2028-01", "ARE", False),
        ("2028-01", "SAU", True),
        ("2027-01", "USA", False),
    ],
)
def test_destinations_follow_memberships_at_the_date(month: str, country: str, expected: bool) -> None:
    assert active(destination="club").covers_destination(country, make.month(month)) is expected


@pytest.mark.parametrize(
    ("changes", "owner", "expected"),
    [
        ({}, Owner("Alef", "USA"), True),
        ({"owner": "any - USA"}, Owner("Alef", "USA"), False),
        ({"owner": "any - USA"}, Owner("Alef", "CHN"), True),
        ({"owner": "club"}, Owner("Alef", "ARE"), True),
        ({"operators": "Alef; Bet"}, Owner("Bet", "CHN"), True),
        ({"operators": "Alef; Bet"}, Owner("Gimel", "CHN"), False),
        ({"operators": "Alef", "owner": "USA"}, Owner("Alef", "CHN"), False),
    ],
)
def test_owner_and_operator_must_both_pass(changes: dict[str, Any], owner: Owner, expected: bool) -> None:
    assert active(**changes).covers_owner(owner, JANUARY) is expected


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("chips_million", 1.0),
        ("tpp_million_h100", 2.0),
        ("h100e_million", 1.7),
        ("gb300e_million", 31_664 / 60_000),
    ],
)
def test_a_chip_counts_in_the_measure_of_the_rule(measure: str, expected: float) -> None:
    chip = make.chip(tpp=31_664, performance_h100e=1.7)
    assert active("cap_stock", quantity=1, measure=measure).weight(chip) == pytest.approx(expected)


def test_the_base_outside_the_plan_is_the_latest_of_each_stack() -> None:
    rule = active("share_cap", quantity=0.5, measure="h100e_million", destination="ARE", base_destination="USA | ARE")
    assert rule.base_outside_plan(make.month("2026-12")) == pytest.approx(4 + 0.5 + 1)
    assert rule.base_outside_plan(make.month("2028-05")) == pytest.approx(6 + 0.5 + 1)
    assert rule.destination_outside_plan(make.month("2025-12")) == 0
    assert rule.destination_outside_plan(make.month("2028-05")) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"measure": "h100e_million"}, 6.5),
        ({"measure": "tpp_million_h100"}, 6.5),
        ({"measure": "gb300e_million"}, 6.5 * 15_832 / 60_000),
        ({"measure": "chips_million"}, 0.0),
        ({"measure": "h100e_million", "owner": "USA"}, 0.0),
        ({"measure": "h100e_million", "operators": "Alef"}, 0.0),
    ],
)
def test_the_base_counts_only_where_it_can_be_compared(changes: dict[str, Any], expected: float) -> None:
    rule = active("share_cap", quantity=0.5, base_destination="USA", **changes)
    assert rule.base_outside_plan(JANUARY) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("country", "owner", "chip", "month", "expected"),
    [
        ("ARE", "CHN", "big", "2027", True),
        ("ARE", "USA", "big", "2027", False),
        ("ARE", "CHN", "small", "2027", False),
        ("USA", "CHN", "big", "2027", False),
        ("ARE", "CHN", "big", "2028", False),
    ],
)
def test_denial_needs_place_owner_chip_and_date(
    country: str, owner: str, chip: str, month: str, expected: bool
) -> None:
    rule = active(destination="club", owner="CHN", chip_test="tpp >= 4800")
    regime = ActiveRegime(rule.instance)
    kind = make.chip(tpp=5000 if chip == "big" else 100)
    assert regime.denies(country, Owner("Alef", owner), kind, make.month(month)) is expected


def test_a_rule_that_only_caps_denies_nothing() -> None:
    rule = active("cap_stock", quantity=0, measure="chips_million")
    assert not ActiveRegime(rule.instance).denies("USA", Owner("Alef", "USA"), make.chip(), JANUARY)


def test_operators_that_some_rule_names_are_known() -> None:
    assert ActiveRegime(active(operators="Alef; Bet").instance).named_operators == {"Alef", "Bet"}
    assert ActiveRegime(active().instance).named_operators == frozenset()
