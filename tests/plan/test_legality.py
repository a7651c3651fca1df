"""Who may receive what under the rules of November 2026: destinations and owners drawn from the text of the rules.

The rules are those of the world instance, regime `S0`; the sites are made here. The audit reads the rule table by
itself, the solver goes through policy and model: both must come to the verdict of the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest

from optimizer.instance import load_instance
from optimizer.instance.instance import Instance
from optimizer.instance.schema import PERMITS
from tests import instances as make
from tests.plan.rulings import arrival, permit, ruling
from tests.solving import solve_small

WORLD = Path(__file__).parents[2] / "instances" / "world-2026"
#: Begins in the second year of the plan, so that no lag is in the way.
PERIOD = "2028H1"
CONTROLLED, CASE_BY_CASE, CHINESE = "vr200", "h200", "ascend960"


@dataclass(frozen=True)
class Case:
    """A campus, and what the rules say of each of three chips there.

    Attributes
    ----------
    refused
        Chips that may not be installed, each with a rule that says so.
    permits
        Chips that may, each with the permits under which they travel; none: no permission is needed.
    """

    name: str
    country: str
    headquarters: str
    parent: str | None = None
    operator: str = "Operator"
    refused: Mapping[str, str] = field(default_factory=dict)
    permits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


CASES = (
    Case("chinese-in-malaysia", "MYS", "CHN", refused={CONTROLLED: "US23-4", CASE_BY_CASE: "US23-4"}),
    Case("american-in-malaysia", "MYS", "USA", permits={CONTROLLED: (), CASE_BY_CASE: ()},
         refused={CHINESE: "US25-GP10"}),
    Case("chinese-parent-in-singapore", "SGP", "SGP", "CHN", refused={CONTROLLED: "US23-4"}),
    Case("singaporean-in-singapore", "SGP", "SGP", permits={CONTROLLED: ()}),
    Case("chinese-in-america", "USA", "CHN", permits={CONTROLLED: (), CASE_BY_CASE: ()},
         refused={CHINESE: "US25-GP10"}),
    Case("chinese-in-china", "CHN", "CHN", refused={CONTROLLED: "US23-1"},
         permits={CHINESE: (), CASE_BY_CASE: ("JAN26-1", "CN-4")}),
    Case("american-in-china", "CHN", "USA", refused={CONTROLLED: "US23-1"}, permits={CHINESE: ()}),
    Case("saudi-in-saudi-arabia", "SAU", "SAU", permits={CONTROLLED: ("US23-2",)}),
    Case("vietnamese-in-vietnam", "VNM", "VNM", permits={CONTROLLED: ("US23-2",)}, refused={CHINESE: "US25-GP10"}),
    Case("chinese-in-vietnam", "VNM", "CHN", refused={CONTROLLED: "US23-4"}),
    Case("microsoft-in-the-emirates", "ARE", "USA", operator="Microsoft", permits={CONTROLLED: ("US26-UAE2",)}),
    Case("emirati-in-the-emirates", "ARE", "ARE", permits={CONTROLLED: ("US26-UAE1",)}),
    Case("russian-in-russia", "RUS", "RUS", refused={CONTROLLED: "US23-1", CHINESE: "US25-GP10"}),
    Case("french-in-france", "FRA", "FRA", permits={CONTROLLED: ()}),
    Case("malaysian-in-thailand", "THA", "MYS", permits={CONTROLLED: ("MY-1",)}),
)  # fmt: skip


@cache
def world() -> Instance:
    return load_instance(WORLD)


def instance_of(*cases: Case, chip: str, units: float = 100_000_000) -> Instance:
    """The rules and chips of the world, half-years from 2027, and a campus for each case that stands and has power."""
    rules = world()
    sites = [
        make.site(case.name, country=case.country, operator=case.operator, operator_hq=case.headquarters,
                  parent_hq=case.parent)
        for case in cases
    ]  # fmt: skip
    (kind,) = (row for row in rules.chips if row.chip == chip)
    demand = [make.demand(year=year, quantity_h100e_million=1000, price_usd_per_h100e_hour=20) for year in (2027, 2028)]
    made = make.instance(
        settings=make.settings(months=6, count=4, decision_every_months=6, policy={"regime": "S0"}),
        sites=sites,
        committed=[make.committed(case.name) for case in cases],
        chips=[kind],
        chip_prices=[make.price(chip, price_usd=1000)],
        chip_supply=[make.supply(chip, during="2028", units=units)],
        demand_regions=[make.region(stacks="us;cn" if kind.stack == "us" else "cn")],
        demand=demand,
        budgets=[make.budget(year=year, capital_busd=1e6) for year in (2027, 2028)],
        resale_curves=rules.resale_curves,
        country_groups=rules.country_groups,
    )
    return replace(made, rules=rules.rules, rule_steps=rules.rule_steps, regimes=rules.regimes)


def verdicts(kind: str) -> list[tuple[Case, str]]:
    return [(case, chip) for case in CASES for chip in getattr(case, kind)]


def label(value: Case | str) -> str:
    return value.name if isinstance(value, Case) else value


#: So few that no quota binds.
FEW = 1e-4


@pytest.mark.parametrize(("case", "chip"), verdicts("refused"), ids=label)
def test_the_audit_refuses_what_the_rules_refuse(case: Case, chip: str) -> None:
    """Whatever permits a plan claims, and naming the rule and where it stands."""
    instance = instance_of(case, chip=chip)
    rules = {rule.rule: rule for rule in instance.active_rules}
    chips = [arrival(PERIOD, FEW, case.name, chip)]
    bare = ruling(instance, chips)
    citation = rules[case.refused[chip]].citation
    assert bare.checks <= {"rules.deny", "permits.cover"}
    assert f"rule {case.refused[chip]} ({citation})" in bare.message
    claims = [
        permit(rule.rule, PERIOD, FEW, case.name, chip) for rule in rules.values() if rule.effect in PERMITS
    ]  # fmt: skip
    assert {"rules.deny", "permits.cover"} & ruling(instance, chips, claims).checks
    for claim in claims:
        assert {"rules.deny", "permits.cover"} & ruling(instance, chips, [claim]).checks


@pytest.mark.parametrize(("case", "chip"), verdicts("permits"), ids=label)
def test_the_audit_passes_what_the_rules_allow_under_these_permits_only(case: Case, chip: str) -> None:
    instance = instance_of(case, chip=chip)
    chips = [arrival(PERIOD, FEW, case.name, chip)]
    claims = [permit(rule, PERIOD, FEW, case.name, chip) for rule in case.permits[chip]]
    lawful = ruling(instance, chips, claims)
    assert not {check for check in lawful.checks if check.startswith(("rules.", "permits."))}, lawful.message
    for claim in claims:
        others = [other for other in claims if other is not claim]
        assert "permits.cover" in ruling(instance, chips, others).checks


@pytest.mark.parametrize(
    ("operator", "headquarters", "serving"),
    [
        ("Microsoft", "USA", {"2027H1": {"US26-UAE2", "BIL-AE4"}, PERIOD: {"US26-UAE1", "US26-UAE2", "BIL-AE4"}}),
        ("G42", "ARE", {"2027H1": {"US26-UAE2-G42"}, PERIOD: {"US26-UAE1"}}),
        ("Khazna", "ARE", {"2027H1": set(), PERIOD: {"US26-UAE1"}}),
        ("Alibaba", "CHN", {"2027H1": set(), PERIOD: set()}),
    ],
)
def test_who_needs_no_licence_in_the_emirates_and_until_when(
    operator: str, headquarters: str, serving: Mapping[str, set[str]]
) -> None:
    """Named American firms need none; G42 none until April 2027; others wait half a year for theirs."""
    case = Case("campus", "ARE", headquarters, operator=operator)
    instance = instance_of(case, chip=CONTROLLED)
    permits = [rule.rule for rule in instance.active_rules if rule.effect in PERMITS and rule.jurisdiction == "USA"]
    for period, expected in serving.items():
        chips = [arrival(period, FEW, case.name, CONTROLLED)]
        found = {
            rule
            for rule in permits
            if not ruling(instance, chips, [permit(rule, period, FEW, case.name, CONTROLLED)]).failures
        }
        assert found == expected, period


@pytest.mark.parametrize("chip", [CONTROLLED, CASE_BY_CASE, CHINESE])
def test_the_solver_installs_where_the_rules_allow_and_nowhere_else(chip: str) -> None:
    judged = [case for case in CASES if chip in case.refused or chip in case.permits]
    solved = solve_small(instance_of(*judged, chip=chip))
    placed: dict[str, float] = {}
    for (site, _, _), million in solved.installed().items():
        placed[site] = placed.get(site, 0.0) + million
    assert set(placed) == {case.name for case in judged if chip in case.permits}
    travelled: dict[str, set[str]] = {}
    for row in solved.tables.permits:
        travelled.setdefault(row.site, set()).add(row.rule)
    assert travelled == {case.name: set(case.permits[chip]) for case in judged if case.permits.get(chip)}
