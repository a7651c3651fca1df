"""Exceptions beside allocations, and steps that raise them for a price, through files, model, solver and audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.instance.periods import make_calendar
from optimizer.instance.schema import Rule
from optimizer.plan.audit import audit_plan
from tests import instances as make
from tests.full_path import solve_and_audit
from tests.model.standing import YEARS, by_place, campus, quota, refused, standing

# --- exceptions beside allocations -----------------------------------------------------------------------------


def test_an_exception_without_licence_does_not_count_against_the_countrys_allocation() -> None:
    """0.3 million for a country in three years, and 0.05 million a year besides for each firm in each country."""
    rules = [
        refused(),
        quota("ALLOCATION", per="country"),
        quota("SMALL-ORDERS", 0.05, "yearly", per="operator_country"),
    ]
    sites = [campus("USA", gw=1), campus("ARE"), campus("ARE", "Bet"), campus("SAU", "Bet")]
    solved = solve_and_audit(standing(sites, rules, years=3))
    found: dict[str, float] = defaultdict(float)
    for (_, country), series in by_place(solved).items():
        found[country] += series[-1]
    # Chips bought in the last year earn 17.5 for 10, so that every quota is used to the full.
    assert found == pytest.approx({"USA": 1, "ARE": 0.3 + 2 * 3 * 0.05, "SAU": 0.3 + 3 * 0.05}, rel=1e-7)
    rows = {(row.rule, row.group, row.when): (row.used, row.limit) for row in solved.tables.policy}
    for country in ("ARE", "SAU"):
        assert rows["ALLOCATION", country, "2029"] == pytest.approx((0.3, 0.3))
    for year in YEARS:
        for group in ("Alef/ARE", "Bet/ARE", "Bet/SAU"):
            assert rows["SMALL-ORDERS", group, str(year)] == pytest.approx((0.05, 0.05))


def test_what_is_booked_under_the_wrong_permit_fails_the_audit() -> None:
    """The same chips, all said to travel under the allocation: more than it allows, by rule and citation."""
    rules = [refused(), quota("ALLOCATION", citation="90 FR 4544"), quota("SMALL-ORDERS", 0.1)]
    solved = solve_and_audit(standing([campus("ARE")], rules))
    whole = {row.rule: row.permitted_million for row in solved.tables.permits}
    assert whole == pytest.approx({"ALLOCATION": 0.3, "SMALL-ORDERS": 0.1})
    (row,) = (row for row in solved.tables.permits if row.rule == "ALLOCATION")
    claimed = replace(solved.tables, permits=(replace(row, permitted_million=0.4),))
    messages = [failure.render() for failure in audit_plan(solved.model.context.instance, claimed).failures]
    assert any("exceeds 0.3 under rule ALLOCATION (90 FR 4544)" in message for message in messages)


def test_a_cap_beside_permits_counts_exceptions_too() -> None:
    """A cap limits what is installed, whatever it travels under (SEMANTICS 7.11)."""
    cap = make.rule("CAP", "cap_cumulative", quantity=0.32, measure="chips_million", destination="ARE")
    rules = [refused(), quota("ALLOCATION"), quota("SMALL-ORDERS", 0.1)]
    found = by_place(solve_and_audit(standing([campus("ARE")], [*rules, cap])))
    assert found["Alef", "ARE"] == pytest.approx([0.32])


# --- quota steps -----------------------------------------------------------------------------------------------

RATE = 0.1
RAISED: dict[str, tuple[Callable[..., list[Rule]], tuple[int, ...]]] = {
    # rule raised: how many times a step of 0.1 million adds chips, by year
    "cumulative permit": (lambda **c: [refused(), quota(**c)], (1, 0, 0)),
    "yearly permit": (lambda **c: [refused(), quota(period="yearly", **c)], (1, 1, 1)),
    "permit for what stands": (lambda **c: [refused(), quota(period="stock", **c)], (1, 0, 0)),
    "permit by term": (lambda **c: [refused(), quota(period="term", validity_months=24, effective_from="2027", **c)],
                       (1, 0, 1)),
    "licence of probability one half": (
        lambda **c: [make.rule("Q", "licence", destination="any - USA", quantity=0.3, measure="chips_million",
                               period="cumulative", probability=0.5, **c)], (1, 0, 0)),
    "cumulative cap": (lambda **c: [make.rule("Q", "cap_cumulative", destination="any - USA", quantity=0.3,
                                              measure="chips_million", **c)], (1, 0, 0)),
    "yearly cap": (lambda **c: [make.rule("Q", "cap_yearly", destination="any - USA", quantity=0.3,
                                          measure="chips_million", **c)], (1, 1, 1)),
    "stock cap": (lambda **c: [make.rule("Q", "cap_stock", destination="any - USA", quantity=0.3,
                                         measure="chips_million", **c)], (1, 0, 0)),
}  # fmt: skip


def middle(u: int) -> float:
    return float((1 + RATE) ** -(u + 0.5))


def worth_of_chips(bought: int) -> float:
    """Present value of a million chips bought in a year: revenue to the end, less their price [B USD]."""
    return 17.52 * sum(middle(u) for u in range(bought, 3)) - 10 * middle(bought)


def with_step(kind: str, cost: float, *, per: str = "all", **changes: Any) -> Instance:
    """A step of 0.1 million for one of the rules of `RAISED`."""
    step = make.rule("STEP", "quota_step", raises="Q", quantity=0.1, cost_busd=cost, per=per, **changes)
    settings = make.settings(count=3, finance={"discount_rate": RATE}, policy={"regime": "test"})
    made, _ = RAISED[kind]
    sites = [campus("ARE"), campus("SAU", "Bet")]
    return standing(sites, [*made(per=per), step], years=3, settings=settings)


@pytest.mark.parametrize("kind", RAISED)
def test_a_step_is_bought_exactly_when_it_is_worth_its_cost(kind: str) -> None:
    """It is paid in the first year, and adds 0.1 million chips to what may be bought when its rule counts anew."""
    worth = sum(0.1 * times * worth_of_chips(u) for u, times in enumerate(RAISED[kind][1])) / middle(0)
    cheap, dear = (solve_and_audit(with_step(kind, worth + change)) for change in (-1e-3, 1e-3))
    assert [row.bought for row in cheap.tables.quota_steps] == [True]
    assert [row.bought for row in dear.tables.quota_steps] == [False]
    assert cheap.cash("quota_steps") == pytest.approx(1e-3 - worth)
    assert dear.cash("quota_steps") == 0
    assert cheap.objective == pytest.approx(dear.objective + 1e-3 * middle(0), abs=1e-8)
    limits = {row.limit for row in cheap.tables.policy if row.rule == "Q"}
    half = 0.15 if kind.startswith("licence") else 0.3
    assert list(limits) == pytest.approx([half + 0.1])


@pytest.mark.parametrize(
    ("changes", "paid", "times"),
    [
        ({"effective_from": "2028"}, 1, (0, 1, 1)),
        ({"lag_months": 12}, 1, (0, 1, 1)),
        ({"lag_months": 13}, 2, (0, 0, 1)),
        ({"effective_to": "2029"}, 0, (1, 1, 0)),
        ({"effective_from": "2026", "effective_to": "2028"}, 0, (1, 0, 0)),
    ],
)
def test_a_step_is_worth_what_it_adds_while_it_is_in_force(
    changes: dict[str, Any], paid: int, times: tuple[int, ...]
) -> None:
    """A yearly quota; the step is paid in the first year in which it serves."""
    worth = sum(0.1 * count * worth_of_chips(u) for u, count in enumerate(times)) / middle(paid)
    for change, bought in ((-1e-3, True), (1e-3, False)):
        solved = solve_and_audit(with_step("yearly permit", worth + change, **changes))
        assert [row.bought for row in solved.tables.quota_steps] == [bought]
    limits = {row.when: row.limit for row in solved.tables.policy if row.rule == "Q"}
    assert set(limits.values()) == {0.3}
    solved = solve_and_audit(with_step("yearly permit", worth - 1e-3, **changes))
    (flow,) = (flow for flow in solved.tables.cash if flow.category == "quota_steps" and flow.busd != 0)
    assert flow.period == str(YEARS[paid])


@pytest.mark.parametrize(
    ("ends", "raised"),
    [
        ("2028-01", {"2027": 0.4, "2028": 0.3}),
        ("2028-02", {"2027": 0.4, "2028": 0.3}),
        ("2028-07", {"2027": 0.4, "2028": 0.3}),
        ("2028-08", {"2027": 0.4, "2028": 0.4}),
    ],
)
@pytest.mark.parametrize("kind", ["yearly permit", "yearly cap"])
def test_a_step_adds_to_a_year_if_it_is_in_force_when_the_last_period_of_the_year_starts(
    kind: str, ends: str, raised: dict[str, float]
) -> None:
    """Half-years, so that the last period of a year starts in July."""
    settings = make.settings(months=6, count=4, decision_every_months=6, policy={"regime": "test"})
    supply = [make.supply(during=str(year), units=1e9) for year in YEARS[:2]]
    demand = [make.demand(year=year, quantity_h100e_million=1000) for year in YEARS[:2]]
    instance = replace(
        with_step(kind, 0.01, effective_to=ends), settings=settings, calendar=make_calendar(settings.calendar),
        chip_supply=tuple(supply), demand=tuple(demand),
    )  # fmt: skip
    solved = solve_and_audit(instance)
    assert {row.when: row.limit for row in solved.tables.policy if row.rule == "Q"} == pytest.approx(raised)


@pytest.mark.parametrize(("ends", "last"), [("2028", "2027H2"), ("2028-02", "2028H1"), ("2028-08", "2028H2")])
def test_a_step_adds_to_every_period_that_starts_while_it_is_in_force(ends: str, last: str) -> None:
    settings = make.settings(months=6, count=4, decision_every_months=6, policy={"regime": "test"})
    supply = [make.supply(during=str(year), units=1e9) for year in YEARS[:2]]
    demand = [make.demand(year=year, quantity_h100e_million=1000, price_usd_per_h100e_hour=9) for year in YEARS[:2]]
    instance = replace(
        with_step("stock cap", 0.01, effective_to=ends), settings=settings, calendar=make_calendar(settings.calendar),
        chip_supply=tuple(supply), demand=tuple(demand), chips=(make.chip(life_months=6),),
    )  # fmt: skip
    solved = solve_and_audit(instance)
    limits = {row.when: row.limit for row in solved.tables.policy if row.rule == "Q"}
    assert limits == pytest.approx({when: 0.4 if when <= last else 0.3 for when in limits})
    assert {row.when: row.used for row in solved.tables.policy} == pytest.approx(limits)


def test_a_step_is_bought_for_the_groups_where_it_is_worth_its_cost() -> None:
    """The Saudi campus has room for half of what the step adds: at 0.6 of the whole worth only the other buys."""
    worth = 0.1 * worth_of_chips(0) / middle(0)
    instance = with_step("cumulative permit", 0.6 * worth, per="country")
    sites = [campus("ARE"), campus("SAU", "Bet", gw=1, module_mw=350)]
    instance = replace(
        instance, sites=tuple(sites), committed=(make.committed("alef-are", modules=50), make.committed("bet-sau"))
    )
    solved = solve_and_audit(instance)
    assert {row.group: row.bought for row in solved.tables.quota_steps} == {"ARE": True, "SAU": False}
    found = by_place(solved)
    assert found["Alef", "ARE"][-1] == pytest.approx(0.4)
    assert found["Bet", "SAU"][-1] == pytest.approx(0.3)


def test_steps_for_one_rule_add_up_and_the_cheaper_is_bought_first() -> None:
    """Two steps on one quota, room for three quarters of both: the dearer is bought only below half of its worth."""
    worth = 0.1 * worth_of_chips(0) / middle(0)
    for dear, bought in ((0.49 * worth, True), (0.51 * worth, False)):
        instance = with_step("cumulative permit", 0.4 * worth)
        second = make.rule("MORE", "quota_step", raises="Q", quantity=0.1, cost_busd=dear)
        instance = replace(
            instance,
            sites=(campus("ARE", gw=1, module_mw=450),),
            committed=(make.committed("alef-are"),),
            power_options=(make.power_option("alef-are"),),
            grid_regions=(make.grid_region("ARE", country="ARE"),),
            countries=(make.country("ARE", wacc_fraction=RATE),),
            rules=(*instance.rules, second),
            regimes=(*instance.regimes, make.regime("MORE")),
        )
        solved = solve_and_audit(instance)
        assert {row.rule: row.bought for row in solved.tables.quota_steps} == {"STEP": True, "MORE": bought}
        assert by_place(solved)["Alef", "ARE"][-1] == pytest.approx(0.45 if bought else 0.4)
