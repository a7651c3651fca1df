"""Instances that only a refused licence makes impossible: the rule is named, and the cheapest way out works."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from optimizer.instance import apply_changes, load_instance, write_instance
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Rule
from optimizer.studies.why_infeasible import Explanation, explain_infeasibility
from tests import instances as make
from tests.solving import solve_small

#: Chips that the contract of 2028 makes the plan install, of 0.4 million on offer.
PROMISED = 250_000
QUOTA = {"measure": "chips_million", "period": "yearly"}


def licence(name: str = "L", **changes: Any) -> Rule:
    """A licence for the Emirates that is refused, unless changed."""
    defaults = {"destination": "ARE", "probability": 0, "title": "advanced chips to the Gulf", "citation": "90 FR 1"}
    return make.rule(name, "licence", **{**defaults, **changes})


def promised(*rules: Rule, **tables: Any) -> Instance:
    """One campus, in the Emirates, and a contract to take chips."""
    return make.instance(
        **{
            "settings": make.settings(policy={"regime": "test"}),
            "sites": [make.site("dubai", country="ARE", max_modules=2, latitude=24, longitude=54)],
            "chip_supply": [make.supply(during="2028", units=400_000, minimum_units=PROMISED)],
            "rules": rules,
            "regimes": [make.regime(rule.rule) for rule in rules],
            **tables,
        }
    )


def explained(instance: Instance) -> Explanation:
    assert not solve_small(instance).feasible
    return explain_infeasibility(instance, stop=threading.Event())


def members(explanation: Explanation) -> set[tuple[str, str]]:
    return {(member.limit.family, member.limit.name) for member in explanation.conflict.members}


CONTRACT = ("take_or_pay", "C1")


def test_the_rule_is_named_with_file_and_line_and_what_it_says(tmp_path: Any) -> None:
    other = make.rule("Z", "cap_yearly", quantity=0.3, measure="chips_million", destination="ARE")
    write_instance(promised(other, licence()), tmp_path / "gulf")
    explanation = explained(load_instance(tmp_path / "gulf"))
    assert members(explanation) == {("export_permit", "L"), CONTRACT}
    assert explanation.conflict.minimal
    assert explanation.conflict.is_all
    (line,) = (line for line in explanation.lines() if "export rule L" in line)
    assert line.startswith("  export rule L: licences are refused; advanced chips to the Gulf (USA: 90 FR 1)  (")
    assert line.endswith("rules.csv:3)")


def test_every_repair_is_the_least_that_is_enough() -> None:
    instance = promised(licence())
    explanation = explained(instance)
    assert len(explanation.repairs) == 2
    dropped, granted = explanation.repairs
    assert dropped.changes == ("chip_supply[C1,2028].minimum_units += -250000",)
    assert granted.changes == (
        "rules[L].probability = 1",
        "rules[L].measure = chips_million",
        "rules[L].period = cumulative",
        "rules[L].quantity = 0.25",
    )
    assert "  - licences granted under rule L for 0.25 million chips  (rules.csv:2)" in explanation.lines()
    for repair in explanation.repairs:
        assert solve_small(apply_changes(instance, repair.changes)).feasible
    less = (*granted.changes[:3], "rules[L].quantity = 0.2499")
    assert not solve_small(apply_changes(instance, less)).feasible


def test_a_refused_quota_is_mended_by_its_probability() -> None:
    """A million chips a year, each licence refused: a quarter of them are enough."""
    instance = promised(licence(quantity=1, **QUOTA))
    explanation = explained(instance)
    assert members(explanation) == {("export_permit", "L"), CONTRACT}
    (granted,) = (repair for repair in explanation.repairs if repair.limits[0].family == "export_permit")
    assert granted.changes == ("rules[L].probability += 0.25",)
    assert solve_small(apply_changes(instance, granted.changes)).feasible
    assert not solve_small(apply_changes(instance, ["rules[L].probability += 0.2499"])).feasible


def test_a_quota_that_is_too_small_is_no_way_out_even_if_it_is_granted() -> None:
    explanation = explained(promised(licence(quantity=0.2, **QUOTA)))
    assert [repair.limits[0].family for repair in explanation.repairs] == ["take_or_pay"]


def test_either_of_two_refusals_of_one_jurisdiction_may_give_way() -> None:
    """Permits of a jurisdiction add up, whichever of its rules asks for one."""
    instance = promised(licence("PLACE"), licence("OWNER", destination="any", owner="USA"))
    explanation = explained(instance)
    assert members(explanation) == {("export_permit", "PLACE"), ("export_permit", "OWNER"), CONTRACT}
    mended = {repair.limits[0].name for repair in explanation.repairs}
    assert mended == {"PLACE", "OWNER", "C1"}


def test_a_small_exception_beside_a_refusal_takes_part() -> None:
    exception = make.rule("E", "allow", destination="ARE", quantity=0.1, **QUOTA)
    explanation = explained(promised(licence(), exception))
    assert members(explanation) == {("export_permit", "L"), ("export_permit", "E"), CONTRACT}
    amounts = {repair.limits[0].name: repair.adjustments[0].amount for repair in explanation.repairs}
    assert amounts["L"] == pytest.approx(0.15, rel=1e-3)
    assert amounts["E"] == pytest.approx(0.15, rel=1e-3)
    assert amounts["C1"] == pytest.approx(-150_000, rel=1e-3)


def test_both_jurisdictions_must_give_way_together() -> None:
    """The importing country refuses too: neither rule is enough alone, both together are, and so is the contract."""
    instance = promised(licence(), licence("TAIPEI", jurisdiction="TWN"))
    explanation = explained(instance)
    found = members(explanation)
    assert CONTRACT in found
    assert len(found & {("export_permit", "L"), ("export_permit", "TAIPEI")}) == 1
    assert explanation.conflict.minimal
    assert {frozenset(limit.name for limit in repair.limits) for repair in explanation.repairs} == {
        frozenset({"C1"}),
        frozenset({"L", "TAIPEI"}),
    }
    for repair in explanation.repairs:
        assert solve_small(apply_changes(instance, repair.changes)).feasible


def test_a_denial_and_a_refusal_give_way_together_and_a_licence_that_plays_no_part_is_left_alone() -> None:
    rules = [
        licence(),
        make.rule("NO", jurisdiction="TWN", destination="ARE"),
        licence("OTHER", chip_test="tpp > 1e6"),
    ]
    instance = promised(*rules)
    (both,) = (repair for repair in explained(instance).repairs if len(repair.limits) > 1)
    assert {limit.name for limit in both.limits} == {"L", "NO"}
    assert {change.partition(".")[0] for change in both.changes} == {"rules[L]", "rules[NO]"}
    assert solve_small(apply_changes(instance, both.changes)).feasible


def test_a_denial_and_a_refusal_are_told_apart() -> None:
    denial = make.rule("NO", destination="ARE", effective_to="2029", title="no chips at all")
    explanation = explained(promised(denial))
    assert any("export rule NO: it denies; no chips at all (USA: test law 1)" in line for line in explanation.lines())
    assert any("no denial by rule NO but a cap of 0.25 million chips" in line for line in explanation.lines())


def test_a_licence_that_would_come_too_late_is_no_way_out() -> None:
    """Dates are taken as given: a licence of two years' lag cannot serve the contract of the second year."""
    explanation = explained(promised(licence(lag_months=24)))
    assert members(explanation) == {CONTRACT}
    assert [repair.limits[0].family for repair in explanation.repairs] == ["take_or_pay"]


def test_licences_granted_at_a_lower_minimum_stay_as_they_are() -> None:
    """A licence without quantity, at 0.4 of a minimum of 0.5, is refused; one at 0.6 is granted and no part of it."""
    settings = make.settings(policy={"regime": "test", "minimum_licence_probability": 0.5})
    instance = promised(
        licence("LIKELY", probability=0.6, jurisdiction="TWN"), licence("UNLIKELY", probability=0.4), settings=settings
    )
    explanation = explained(instance)
    assert members(explanation) == {("export_permit", "UNLIKELY"), CONTRACT}
    (granted,) = (repair for repair in explanation.repairs if repair.limits[0].name == "UNLIKELY")
    assert solve_small(apply_changes(instance, granted.changes)).feasible


def test_running_out_of_time_is_not_called_a_search_without_result() -> None:
    explanation = explain_infeasibility(promised(licence()), stop=threading.Event(), repair_seconds=0)
    assert members(explanation) == {("export_permit", "L"), CONTRACT}
    assert not explanation.repairs
    assert "Time ran out before a change that mends it was verified; there may be some." in explanation.lines()
    assert not explanation.as_dict()["searched_all_repairs"]
