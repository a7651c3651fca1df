"""Rules that change nothing are named with the reason; the reason is right, and leaving them out changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Rule
from optimizer.studies.rule_book import rule_book
from tests import instances as make
from tests.solving import solve_small

IDLE = "selects no installation that is possible: "
LATE = IDLE + "it is in force at the start of no period of the plan"
NO_CHIP = IDLE + "no chip passes its chip test"
NOT_SOLD = IDLE + "no chip that passes its chip test is on sale then"
NOWHERE, NO_MEMBER = IDLE + "no site lies in SAU then", IDLE + "no site lies in club then"
NOBODY = IDLE + "no site in its destination has an owner and operator that it covers"
OTHERWISE = IDLE + "what it selects is not on offer, has no capacity on line, or is denied by other rules"
UNNEEDED = "no installation that it serves needs a permit of USA, or all are denied anyway"
UNCOUNTED = "whatever it serves may travel under a permit without a quantity"
UNMATCHED = "no site that it selects can commit capital that must be matched while it is in force"
UNPAID = "whatever it selects is denied"

QUOTA = {"quantity": 0.3, "measure": "chips_million", "period": "yearly"}
CAP = {"quantity": 0.3, "measure": "chips_million"}
SHARE = {"quantity": 0.3, "measure": "h100e_million", "base_destination": "USA"}
MATCH = {"quantity": 1, "measure": "capital_busd", "base_destination": "USA"}
ABROAD = {"destination": "ARE"}


def licence(name: str = "L", **changes: Any) -> Rule:
    """A licence that is refused, unless changed."""
    return make.rule(name, "licence", **{**ABROAD, "probability": 0, **changes})


@dataclass(frozen=True)
class Case:
    """A rule that does nothing beside others, why, and what would make it do something.

    Attributes
    ----------
    cure
        Changes of the rule; {"beside": rules} stands for other rules beside it.
    """

    name: str
    effect: str
    changes: dict[str, Any]
    reason: str
    cure: dict[str, Any]
    beside: tuple[Rule, ...] = ()

    def rule(self, **changes: Any) -> Rule:
        return make.rule("R", self.effect, **{**self.changes, **changes})

    def instance(self) -> Instance:
        return world(self.rule(), *self.beside)

    def cured(self) -> Instance:
        cure = dict(self.cure)
        beside = cure.pop("beside", self.beside)
        return world(self.rule(**cure), *beside)


CASES = (
    Case("denial before the plan", "deny", {"effective_to": "2027"}, LATE, {"effective_to": "2028"}),
    Case("denial after the plan", "deny", {"effective_from": "2030"}, LATE, {"effective_from": "2029"}),
    Case("denial within one period", "deny", {"effective_from": "2027-02", "effective_to": "2028"}, LATE,
         {"effective_to": "2028-02"}),
    Case("denial of places without a site", "deny", {"destination": "SAU"}, NOWHERE, ABROAD),
    Case("denial of chips that are not there", "deny", {"chip_test": "tpp > 1e6"}, NO_CHIP, {"chip_test": "tpp > 1e4"}),
    Case("denial of chips that are no longer sold", "deny", {"chip_test": "chip == 'OLD'", "effective_from": "2028"},
         NOT_SOLD, {"chip_test": "chip == 'C1'"}),
    Case("denial of chips that are sold out", "deny", {"chip_test": "chip == 'OLD'"}, OTHERWISE,
         {"chip_test": "chip == 'C1'"}),
    Case("denial of owners that are not there", "deny", {"owner": "CHN"}, NOBODY, {"owner": "USA"}),
    Case("denial of parents that are not there", "deny", {"owner": "USA", "owner_test": "both", **ABROAD}, NOBODY,
         {"owner_test": "headquarters"}),
    Case("denial of operators that are not there", "deny", {"operators": "Bet"}, NOBODY,
         {"operators": "Bet;Alef"}),
    Case("denial of a site that is never on line", "deny", {"destination": "JPN"}, OTHERWISE,
         {"destination": "JPN | ARE"}),
    Case("denial of former members", "deny", {"destination": "club"}, NO_MEMBER, {"destination": "club | ARE"}),
    Case("licence for nothing", "licence", {"destination": "SAU"}, NOWHERE, ABROAD),
    Case("permit for nothing", "allow", {"destination": "SAU"}, NOWHERE, ABROAD, (licence(destination="any"),)),
    Case("tariff on nothing", "tariff", {"quantity": 0.1, "destination": "SAU"}, NOWHERE, ABROAD),
    Case("revenue share on nothing", "revenue_share", {"quantity": 0.1, "destination": "SAU"}, NOWHERE, ABROAD),
    Case("cap on nothing", "cap_cumulative", {**CAP, "destination": "SAU"}, NOWHERE, ABROAD),
    Case("yearly cap on what is denied", "cap_yearly", {**CAP, **ABROAD}, OTHERWISE, {"destination": "ARE | USA"},
         (make.rule("NO", **ABROAD),)),
    Case("stock cap on what no permit serves", "cap_stock", {**CAP, **ABROAD}, OTHERWISE,
         {"beside": (licence(probability=1),)}, (licence(),)),
    Case("share cap on nothing", "share_cap", {**SHARE, "destination": "SAU"}, NOWHERE, ABROAD),
    Case("ratio of nothing", "volume_ratio", {"quantity": 0.3, "base_destination": "USA", "destination": "SAU"},
         NOWHERE, ABROAD),
    Case("matching of nothing", "matching_investment", {**MATCH, "destination": "SAU"}, UNMATCHED, ABROAD),
    Case("matching by nobody", "matching_investment", {**MATCH, **ABROAD, "operators": "Bet"}, UNMATCHED,
         {"operators": "any"}),
    Case("matching of a site that is never on line", "matching_investment", {**MATCH, "destination": "JPN"}, UNMATCHED,
         ABROAD),
    Case("matching of none of the capital", "matching_investment", {**MATCH, **ABROAD, "quantity": 0}, UNMATCHED,
         {"quantity": 0.1}),
    Case("matching of capital by itself", "matching_investment", {**MATCH, "base_destination": "any"}, UNMATCHED,
         {"base_destination": "ARE"}),
    Case("permit that nothing asks for", "allow", ABROAD, UNNEEDED, {"beside": (licence(),)}),
    Case("permit of another jurisdiction", "allow", ABROAD, UNNEEDED, {"beside": (licence(),)},
         (licence(jurisdiction="TWN"),)),
    Case("permit for what is denied", "allow", ABROAD, UNNEEDED, {"destination": "ARE | USA"},
         (licence(destination="any"), make.rule("NO", **ABROAD))),
    Case("permit whose lag outlasts the plan", "allow", {**ABROAD, "lag_months": 36}, UNNEEDED, {"lag_months": 24},
         (licence(),)),
    Case("quota beside a licence that is granted", "allow", {**ABROAD, **QUOTA}, UNCOUNTED, {"beside": (licence(),)},
         (licence(probability=1),)),
    Case("tariff on what is denied", "tariff", {"quantity": 0.1, **ABROAD}, UNPAID, {"destination": "any"},
         (make.rule("NO", **ABROAD),)),
    Case("revenue share on what no permit serves", "revenue_share", {"quantity": 0.1, **ABROAD}, UNPAID,
         {"beside": (licence(probability=1),)}, (licence(),)),
    Case("step that raises what is in no regime", "quota_step", {"raises": "ELSEWHERE", "quantity": 0.1},
         "the rule that it raises is not in the regime", {"raises": "Q"}, (make.rule("Q", "cap_yearly", **CAP),)),
    Case("step that raises a refused licence", "quota_step", {"raises": "Q", "quantity": 0.1},
         "Q, which it raises, grants no licence, so it has no quantity to raise",
         {"beside": (licence("Q", **QUOTA, probability=0.5),)}, (licence("Q", **QUOTA),)),
    Case("step after the plan", "quota_step", {"raises": "Q", "quantity": 0.1, "lag_months": 36},
         "it takes effect in no period of the plan", {"lag_months": 24}, (make.rule("Q", "cap_yearly", **CAP),)),
    Case("step for nobody", "quota_step", {"raises": "Q", "quantity": 0.1, "destination": "SAU"},
         "no site that Q counts passes its tests when it takes effect", ABROAD,
         (make.rule("Q", "cap_yearly", **CAP),)),
    Case("step for former members", "quota_step", {"raises": "Q", "quantity": 0.1, "destination": "club"},
         "no site that Q counts passes its tests when it takes effect", ABROAD,
         (make.rule("Q", "cap_yearly", **CAP),)),
    Case("step for a cap on nothing", "quota_step", {"raises": "Q", "quantity": 0.1},
         "no limit of Q, which it raises, can bind while it is in force, so it adds nothing",
         {"beside": (make.rule("Q", "cap_yearly", **CAP),)},
         (make.rule("Q", "cap_yearly", chip_test="tpp > 1e6", **CAP),)),
    Case("step for a quota beside a licence that is granted", "quota_step", {"raises": "Q", "quantity": 0.1},
         "no limit of Q, which it raises, can bind while it is in force, so it adds nothing",
         {"beside": (licence(), make.rule("Q", "allow", **QUOTA))},
         (licence(probability=1), make.rule("Q", "allow", **QUOTA))),
    Case("step that ends before the cap begins", "quota_step", {"raises": "Q", "quantity": 0.1, "effective_to": "2028"},
         "no limit of Q, which it raises, can bind while it is in force, so it adds nothing", {"effective_to": "2029"},
         (make.rule("Q", "cap_yearly", effective_from="2028", **CAP),)),
    Case("step of nothing", "quota_step", {"raises": "Q", "quantity": 0.0},
         "no limit of Q, which it raises, can bind while it is in force, so it adds nothing", {"quantity": 0.1},
         (make.rule("Q", "cap_yearly", **CAP),)),
)  # fmt: skip


def world(*rules: Rule) -> Instance:
    """A site at home, one in the Emirates whose American owner belongs to an Emirati firm, one that is never ready."""
    elsewhere = make.rule("ELSEWHERE", "cap_yearly", **CAP)
    return make.instance(
        settings=make.settings(policy={"regime": "test"}),
        sites=[
            make.site("home"),
            make.site("dubai", country="ARE", operator="Alef", parent_hq="ARE"),
            make.site("tokyo", country="JPN", earliest_start="2029", lead_months=24),
        ],
        chips=[make.chip(), make.chip("OLD", end_of_sale="2028")],
        chip_supply=[make.supply(during=str(year)) for year in (2027, 2028, 2029)]
        + [make.supply("OLD", during="2027", units=0)],
        demand=[make.demand(year=year, quantity_h100e_million=3) for year in (2027, 2028, 2029)],
        rules=[*rules, elsewhere],
        regimes=[make.regime(rule.rule) for rule in rules] + [make.regime("ELSEWHERE", "other")],
        country_groups=[make.member("club", "ARE", member_to="2020"), make.member("club", "SAU")],
    )


def reasons(instance: Instance) -> dict[str, str]:
    """Why each rule does nothing, in the rule book; empty if it does."""
    return {entry.rule.name: entry.vacuous for entry in rule_book(instance)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_that_does_nothing_is_named_with_the_reason_until_it_does_something(case: Case) -> None:
    assert reasons(case.instance())["R"] == case.reason
    assert reasons(case.cured())["R"] == ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_leaving_it_out_changes_nothing(case: Case) -> None:
    instance = case.instance()
    without = replace(instance, regimes=tuple(row for row in instance.regimes if row.rule != "R"))
    assert solve_small(without).objective == pytest.approx(solve_small(instance).objective, abs=1e-9)


def test_the_model_lists_what_the_rule_book_shows_once_each() -> None:
    for case in CASES:
        solved = solve_small(case.instance())
        listed = [row.row for row in solved.model.context.vacuous if row.table == "rules"]
        assert listed.count("R") == 1, case.name
