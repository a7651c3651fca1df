"""The audit on permission: what needs a permit, which permits serve it, how much may travel, what steps add."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.plan.audit.clock import Clock
from optimizer.plan.audit.levies import levy_share
from optimizer.plan.audit.selection import RuleBook
from tests import instances as make
from tests.plan.rulings import arrival, governed, permit, ruling, step

SITES = (
    make.site("dubai", country="ARE", operator="Alef"),
    make.site("riyadh", country="SAU", operator="Alef"),
    make.site("doha", country="SAU", operator="Bet"),
)


def licence(name: str = "L", **changes: Any) -> Any:
    """A licence for the Emirates that is never granted, so that other permits must serve."""
    return make.rule(name, "licence", **{"destination": "ARE | SAU", "probability": 0, **changes})


def allow(name: str = "A", **changes: Any) -> Any:
    return make.rule(name, "allow", **changes)


def quota(name: str = "Q", quantity: float = 0.5, period: str = "cumulative", **changes: Any) -> Any:
    return allow(name, **{"quantity": quantity, "period": period, "measure": "chips_million", **changes})


# --- denials and permission ---------------------------------------------------------------------


def test_an_unlawful_chip_is_refused_by_rule_and_citation() -> None:
    rule = make.rule("D5", "deny", destination="ARE", citation="15 CFR 742.6(b)(10)")
    found = ruling(governed([rule]), [arrival()])
    assert found.checks == {"rules.deny"}
    assert "chips.csv:2 [dubai C1 2027H1] installed_million: rule D5 (15 CFR 742.6(b)(10)) denies it" in found.message


def test_an_installation_without_permit_is_refused_by_rule_and_citation() -> None:
    found = ruling(governed([licence(citation="15 CFR 742.6(a)(6)"), allow()]), [arrival()])
    assert found.checks == {"permits.cover"}
    assert "rule L (15 CFR 742.6(a)(6)) puts under licence" in found.message


def test_a_broken_quota_is_refused_by_rule_and_citation() -> None:
    rules = [licence(), quota(quantity=0.4, citation="15 CFR 740.27")]
    found = ruling(governed(rules), [arrival()], [permit("Q")])
    assert found.checks == {"rules.allow"}
    assert "0.5 exceeds 0.4 under rule Q (15 CFR 740.27)" in found.message


def test_an_installation_under_a_permit_passes() -> None:
    assert ruling(governed([licence(), allow()]), [arrival()], [permit("A")]).failures == ()


def test_permits_of_a_jurisdiction_add_up() -> None:
    rules = [licence(), quota(quantity=0.3), allow()]
    shared = [permit("Q", million=0.3), permit("A", million=0.2)]
    assert ruling(governed(rules), [arrival()], shared).failures == ()
    assert ruling(governed(rules), [arrival()], shared[:1]).checks == {"permits.cover"}


def test_every_jurisdiction_must_permit() -> None:
    rules = [licence(), allow(), licence("LT", jurisdiction="TWN"), allow("AT", jurisdiction="TWN")]
    assert ruling(governed(rules), [arrival()], [permit("A")]).checks == {"permits.cover"}
    assert ruling(governed(rules), [arrival()], [permit("A"), permit("AT")]).failures == ()


def test_a_denial_stands_whatever_is_permitted() -> None:
    rules = [licence(), allow(), make.rule("no", destination="ARE")]
    assert ruling(governed(rules), [arrival()], [permit("A")]).checks == {"rules.deny"}


#: A change to an instance in which permit A serves 0.5 million chips at dubai, to the rows, and what is noticed.
HOSTILE: tuple[tuple[str, dict[str, Any], list[Any], set[str]], ...] = (
    ("of another jurisdiction", {"jurisdiction": "TWN"}, [permit("A")], {"permits.needed", "permits.cover"}),
    ("expired", {"effective_to": "2027"}, [permit("A")], {"permits.in_force", "permits.cover"}),
    ("before it takes effect", {"effective_from": "2027-07"}, [permit("A")], {"permits.in_force", "permits.cover"}),
    ("before its lag is over", {"lag_months": 6}, [permit("A")], {"permits.in_force", "permits.cover"}),
    ("for other places", {"destination": "SAU"}, [permit("A")], {"permits.selects", "permits.cover"}),
    ("for other owners", {"owner": "CHN"}, [permit("A")], {"permits.selects", "permits.cover"}),
    ("for other operators", {"operators": "Bet"}, [permit("A")], {"permits.selects", "permits.cover"}),
    ("for other chips", {"chip_test": "tpp < 1000"}, [permit("A")], {"permits.selects", "permits.cover"}),
    ("for too little", {}, [permit("A", million=0.49)], {"permits.cover"}),
    ("for too much", {}, [permit("A", million=0.51)], {"permits.cover"}),
    ("for nothing that arrives", {}, [permit("A"), permit("A", "2027H2")], {"permits.needed"}),
    ("for no site", {}, [permit("A"), permit("A", site="nowhere")], {"tables.known_name"}),
    ("of no rule", {}, [permit("A"), permit("B")], {"tables.known_name"}),
    ("twice", {}, [permit("A"), permit("A")], {"tables.unique"}),
    ("for less than nothing", {}, [permit("A", million=1.0), permit("L", million=-0.5)],
     {"tables.sign", "permits.granted", "permits.row", "permits.cover"}),
)  # fmt: skip


@pytest.mark.parametrize(("changes", "rows", "noticed"), [case[1:] for case in HOSTILE], ids=[c[0] for c in HOSTILE])
def test_a_permit_that_does_not_serve_is_noticed(changes: dict[str, Any], rows: list[Any], noticed: set[str]) -> None:
    assert ruling(governed([licence(), allow(**changes)]), [arrival()], rows).checks == noticed


def test_a_permit_that_nothing_asks_for_is_noticed() -> None:
    found = ruling(governed([licence(destination="SAU"), allow()]), [arrival()], [permit("A")])
    assert found.checks == {"permits.needed"}


@pytest.mark.parametrize(
    ("lag_months", "effective_from", "first"),
    [(0, "2020", "2027H1"), (6, "2020", "2027H2"), (1, "2020", "2027H2"), (7, "2020", "2028H1"), (6, "2028", "2028H2")],
)
def test_lag_counts_from_the_later_of_effect_and_plan(lag_months: int, effective_from: str, first: str) -> None:
    instance = governed([licence(), allow(lag_months=lag_months, effective_from=effective_from)])
    served = [
        label
        for label in instance.calendar.labels
        if not ruling(instance, [arrival(label)], [permit("A", label)]).failures
    ]
    assert served == [label for label in instance.calendar.labels if label >= first]


@pytest.mark.parametrize(
    ("changes", "minimum", "granted"),
    [
        ({"probability": None}, 1.0, True),
        ({"probability": 0.5}, 0.5, True),
        ({"probability": 0.49}, 0.5, False),
        ({"probability": 0.0}, 0.0, True),
        ({"probability": 0.01, "quantity": 100, "measure": "chips_million", "period": "yearly"}, 0.5, True),
        ({"probability": 0.0, "quantity": 100, "measure": "chips_million", "period": "yearly"}, 0.5, False),
    ],
)
def test_licences_are_granted_from_a_probability_on(changes: dict[str, Any], minimum: float, granted: bool) -> None:
    settings = make.settings(
        months=6,
        count=6,
        decision_every_months=6,
        policy={"regime": "test", "minimum_licence_probability": minimum},
    )
    found = ruling(governed([licence(**changes)], settings=settings), [arrival()], [permit("L")])
    assert ("permits.granted" not in found.checks) == granted
    assert (found.failures == ()) == granted


# --- quantities -------------------------------------------------------------------------------------


def both_sides(rules: list[Any], rows: list[tuple[str, float]], **tables: Any) -> dict[str, tuple[float, float]]:
    """Used and limit of permit Q by date, where it lets so many million travel in each period."""
    chips = [arrival(period, million) for period, million in rows]
    permits = [permit("Q", period, million) for period, million in rows]
    return {when: sides for (rule, _, _, when), sides in ruling(governed(rules, **tables), chips, permits).sides.items()
            if rule == "Q"}  # fmt: skip


FLOWS = [("2027H1", 0.1), ("2027H2", 0.2), ("2028H2", 0.4)]


def test_what_a_cumulative_permit_counts() -> None:
    rules = [licence(), quota(effective_from="2027-07")]
    sides = both_sides(rules, FLOWS[1:])
    used = {when: used for when, (used, _) in sides.items()}
    assert used == pytest.approx({"2027H2": 0.2, "2028H1": 0.2, "2028H2": 0.6, "2029H1": 0.6, "2029H2": 0.6})
    assert {limit for _, limit in sides.values()} == {0.5}


def test_what_a_yearly_permit_counts() -> None:
    rules = [licence(probability=0.25, quantity=2, period="yearly", measure="chips_million", rule="Q")]
    sides = both_sides(rules, FLOWS)
    assert sides == {"2027": pytest.approx((0.3, 0.5)), "2028": pytest.approx((0.4, 0.5)), "2029": (0.0, 0.5)}


def test_what_a_stock_permit_counts() -> None:
    """Chips that live a year; early retirement frees nothing."""
    sides = both_sides([licence(), quota(period="stock")], FLOWS, chips=[make.chip(life_months=12)])
    assert {when: used for when, (used, _) in sides.items()} == pytest.approx(
        {"2027H1": 0.1, "2027H2": 0.3, "2028H1": 0.2, "2028H2": 0.4, "2029H1": 0.4, "2029H2": 0.0}
    )


def test_what_a_permit_counts_by_term() -> None:
    """Terms of nine months from July 2026: July 2026, April 2027, January 2028, October 2028, July 2029."""
    rule = quota(period="term", validity_months=9, effective_from="2026-07")
    sides = both_sides([licence(), rule], [*FLOWS, ("2028H1", 0.15)])
    assert {when: used for when, (used, _) in sides.items()} == pytest.approx(
        {"2026-07": 0.1, "2027-04": 0.2, "2028-01": 0.55, "2028-10": 0.0, "2029-07": 0.0}
    )


def test_terms_begin_when_the_lag_is_over() -> None:
    rule = quota(period="term", validity_months=12, effective_from="2027", lag_months=6)
    sides = both_sides([licence(), rule], [("2027H2", 0.1), ("2028H1", 0.2), ("2028H2", 0.4)])
    assert {when: used for when, (used, _) in sides.items()} == pytest.approx(
        {"2027-07": 0.3, "2028-07": 0.4, "2029-07": 0.0}
    )


def test_permits_count_in_their_measure() -> None:
    rule = quota(measure="gb300e_million", quantity=1)
    sides = both_sides([licence(), rule], [("2027H1", 0.6)], chips=[make.chip(tpp=30_000)])
    assert sides["2027H1"] == pytest.approx((0.3, 1.0))


def test_only_what_travels_under_a_permit_counts_in_it() -> None:
    rules = [licence(), quota(quantity=0.1), allow()]
    rows = [permit("Q", million=0.1), permit("A", million=0.4)]
    found = ruling(governed(rules), [arrival()], rows)
    assert found.failures == ()
    assert found.sides["Q", "", "", "2027H1"] == (0.1, 0.1)


def test_steps_in_time_replace_the_quantity() -> None:
    steps = [make.rule_step("Q", "2027-07", 0.8), make.rule_step("Q", "2029", 0.2)]
    rules = [licence(), quota()]
    limits = {when: limit for when, (_, limit) in both_sides(rules, [], rule_steps=steps).items()}
    assert list(limits.values()) == [0.5, 0.8, 0.8, 0.8, 0.2, 0.2]
    yearly = both_sides([licence(), quota(period="yearly")], [], rule_steps=steps)
    assert {when: limit for when, (_, limit) in yearly.items()} == {"2027": 0.8, "2028": 0.8, "2029": 0.2}


@pytest.mark.parametrize("effect", ["cap_cumulative", "cap_yearly", "cap_stock"])
def test_steps_in_time_replace_the_quantity_of_caps(effect: str) -> None:
    rules = [make.rule("Q", effect, quantity=0.5, measure="chips_million", effective_to="2028-07")]
    steps = [make.rule_step("Q", "2027-07", 0.8)]
    limits = [limit for _, limit in both_sides(rules, [], rule_steps=steps).values()]
    assert limits == ([0.8, 0.8] if effect == "cap_yearly" else [0.5, 0.8, 0.8])


# --- groups ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per", "used"),
    [
        ("all", {"": 0.6}),
        ("country", {"ARE": 0.1, "SAU": 0.5}),
        ("operator", {"Alef": 0.3, "Bet": 0.3}),
        ("operator_country", {"Alef/ARE": 0.1, "Alef/SAU": 0.2, "Bet/SAU": 0.3}),
    ],
)
@pytest.mark.parametrize("effect", ["allow", "cap_cumulative", "cap_yearly", "cap_stock"])
def test_a_quantity_holds_for_each_group_apart(effect: str, per: str, used: dict[str, float]) -> None:
    amounts = {"dubai": 0.1, "riyadh": 0.2, "doha": 0.3}
    period = {"period": "yearly"} if effect == "allow" else {}
    cap = make.rule("Q", effect, quantity=0.4, measure="chips_million", per=per, **period)
    rules, permits = [cap], []
    if effect == "allow":
        rules, permits = [licence(), cap], [permit("Q", site=site, million=n) for site, n in amounts.items()]
    found = ruling(
        governed(rules, sites=SITES), [arrival(site=site, million=n) for site, n in amounts.items()], permits
    )
    sides = {group: pair for (_, group, _, when), pair in found.sides.items() if when in ("2027", "2027H1")}
    assert {group: pair[0] for group, pair in sides.items()} == pytest.approx(used)
    assert {pair[1] for pair in sides.values()} == {0.4}
    assert found.checks <= {f"rules.{effect}"}
    broken = {" ".join(failure.key.split()[1:-1]) for failure in found.failures}
    assert broken == {group for group, million in used.items() if million > 0.4}


def test_groups_are_those_of_sites_that_the_rule_covers() -> None:
    rule = make.rule("Q", "cap_yearly", quantity=1, measure="chips_million", per="operator", destination="SAU",
                     operators="Bet;Gimel")  # fmt: skip
    assert {group for _, group, _, _ in ruling(governed([rule], sites=SITES)).sides} == {"Bet"}


# --- quota steps --------------------------------------------------------------------------------------


def stepped(**changes: Any) -> Any:
    return make.rule(
        "S", "quota_step", **{"raises": "Q", "quantity": 0.25, "measure": "chips_million", "cost_busd": 1, **changes}
    )


def test_a_step_that_is_bought_raises_the_quantity_in_full() -> None:
    """Half of the licences are granted, but all of the step counts."""
    rules = [licence("Q", probability=0.5, quantity=0.6, measure="chips_million", period="cumulative"), stepped()]
    rows = [arrival()], [permit("Q")]
    assert ruling(governed(rules), *rows, [step("S", "Q")]).failures == ()
    assert ruling(governed(rules), *rows, [step("S", "Q", bought=False)]).checks == {"rules.licence"}
    assert ruling(governed(rules), *rows).checks == {"rules.licence", "quota_steps.rows"}


@pytest.mark.parametrize("effect", ["cap_cumulative", "cap_yearly", "cap_stock"])
def test_a_step_raises_a_cap_while_it_is_in_force(effect: str) -> None:
    rules = [
        make.rule("Q", effect, quantity=0.5, measure="chips_million"),
        stepped(effective_from="2027", lag_months=6, effective_to="2029-07"),
    ]
    limits = [limit for _, limit in ruling(governed(rules), steps=[step("S", "Q")]).sides.values()]
    assert limits == ([0.75, 0.75, 0.5] if effect == "cap_yearly" else [0.5, 0.75, 0.75, 0.75, 0.75, 0.5])


def test_a_step_is_bought_for_each_group_apart() -> None:
    rules = [
        make.rule("Q", "cap_yearly", quantity=0.1, measure="chips_million", per="country"),
        stepped(per="country", destination="ARE"),
    ]
    found = ruling(governed(rules, sites=SITES), steps=[step("S", "Q", group="ARE")])
    assert found.failures == ()
    assert {group: limit for (_, group, _, when), (_, limit) in found.sides.items() if when == "2028"} == {
        "ARE": 0.35,
        "SAU": 0.1,
    }
    everywhere = [step("S", "Q", group=group, bought=False) for group in ("ARE", "SAU")]
    assert ruling(governed(rules, sites=SITES), steps=everywhere).checks == {"quota_steps.rows"}


@pytest.mark.parametrize(
    ("changes", "row", "noticed"),
    [
        ({}, {"raises": "L"}, {"quota_steps.raises"}),
        ({}, {"cost_busd": 2.0}, {"quota_steps.cost"}),
        ({}, {"group": "ARE"}, {"quota_steps.rows"}),
        ({"destination": "SAU"}, {}, {"quota_steps.rows"}),
        ({"effective_from": "2030"}, {}, {"quota_steps.rows"}),
        ({"effective_to": "2027"}, {}, {"quota_steps.rows"}),
        ({"lag_months": 36}, {}, {"quota_steps.rows"}),
        ({"raises": "L"}, {"raises": "L"}, {"quota_steps.rows"}),
    ],
)
def test_a_step_that_may_not_be_bought_is_noticed(
    changes: dict[str, Any], row: dict[str, Any], noticed: set[str]
) -> None:
    """A step raises neither a permit without quantity nor anything after the plan."""
    rules = [licence(), quota(), stepped(**changes)]
    stated = step("S", **{"raises": "Q", **row})
    assert ruling(governed(rules), steps=[stated]).checks == noticed


# --- shares and ratios ---------------------------------------------------------------------------------


def test_an_operators_share_counts_what_stands_outside_the_plan() -> None:
    sites = [make.site("dubai", country="ARE", operator="Alef"), make.site("texas", operator="Alef"),
             make.site("doha", country="QAT", operator="Bet", operator_hq="QAT")]  # fmt: skip
    base = [
        make.base("ARE", "us", 2026, 0.2, operator="Alef"),
        make.base("USA", "us", 2026, 2.0, operator="Alef"),
        make.base("USA", "us", 2028, 5.0, operator="Alef"),
        make.base("USA", "us", 2026, 7.0, operator="Bet"),
        make.base("USA", "us", 2026, 90.0),
    ]
    rule = make.rule("Q", "share_cap", destination="any - USA", owner="USA", quantity=0.25, measure="h100e_million",
                     per="operator", base_quantity=0.5)  # fmt: skip
    found = ruling(
        governed([rule], sites=sites, installed_base=base),
        [arrival(million=0.3), arrival("2027H2", 0.4, site="texas")],
    )
    sides = {when: pair for (_, group, _, when), pair in found.sides.items() if group == "Alef"}
    assert {group for _, group, _, _ in found.sides} == {"Alef"}
    assert sides["2027H1"] == pytest.approx((0.5, 0.25 * (0.3 + 0.2 + 2.0 + 0.5)))
    assert sides["2027H2"] == pytest.approx((0.5, 0.25 * (0.7 + 0.2 + 2.0 + 0.5)))
    assert sides["2028H1"] == pytest.approx((0.5, 0.25 * (0.7 + 0.2 + 5.0 + 0.5)))


def test_unnamed_base_counts_for_everyone_together_only() -> None:
    base = [make.base("ARE", "us", 2026, 1.0), make.base("ARE", "us", 2026, 2.0, operator="Alef")]
    standing = {}
    for per in ("all", "country", "operator", "operator_country"):
        rule = make.rule("Q", "share_cap", destination="ARE", quantity=1, measure="h100e_million", per=per)
        found = ruling(governed([rule], sites=SITES, installed_base=base))
        standing[per] = {group: used for (_, group, _, when), (used, _) in found.sides.items() if when == "2027H1"}
    assert standing == {"all": {"": 3.0}, "country": {"ARE": 3.0}, "operator": {"Alef": 2.0},
                        "operator_country": {"Alef/ARE": 2.0}}  # fmt: skip


def test_the_base_of_a_ratio_begins_with_its_base_quantity() -> None:
    rule = make.rule("Q", "volume_ratio", destination="ARE", base_destination="USA", quantity=0.5, base_quantity=0.9)
    sites = [*SITES, make.site("texas")]
    found = ruling(governed([rule], sites=sites), [arrival(million=0.4), arrival("2028H1", 0.3, site="texas")])
    assert found.sides["Q", "", "C1", "2027H1"] == pytest.approx((0.4, 0.45))
    assert found.sides["Q", "", "C1", "2028H1"] == pytest.approx((0.4, 0.6))


# --- owners and levies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner_test", "denied"),
    [
        ("headquarters", {"home", "head"}),
        ("parent", {"home", "parent"}),
        ("either", {"home", "head", "parent"}),
        ("both", {"home"}),
    ],
)
def test_owner_tests_look_at_headquarters_and_parent(owner_test: str, denied: set[str]) -> None:
    sites = [
        make.site("home", country="MYS", operator_hq="CHN"),
        make.site("head", country="MYS", operator_hq="CHN", parent_hq="USA"),
        make.site("parent", country="MYS", operator_hq="SGP", parent_hq="CHN"),
        make.site("other", country="MYS", operator_hq="SGP"),
    ]
    instance = governed([make.rule("no", owner="CHN", owner_test=owner_test)], sites=sites)
    found = {site.site for site in sites if ruling(instance, [arrival(site=site.site)]).failures}
    assert found == denied


def test_levies_add_to_the_taxes_of_what_they_select() -> None:
    rules = [
        make.rule("duty", "tariff", quantity=0.25, destination="SAU | ARE", effective_to="2028"),
        make.rule("cut", "revenue_share", quantity=0.15, pass_through=0.6, destination="ARE", chip_test="tpp > 10000"),
    ]
    instance = governed(rules, sites=SITES, rule_steps=[make.rule_step("cut", "2029", 0.25)])
    book = RuleBook.of(instance, Clock.of(instance))
    shares = [list(levy_share(book, site, instance.chips[0])) for site in SITES[:2]]
    assert shares[0] == pytest.approx([0.34, 0.34, 0.09, 0.09, 0.15, 0.15])
    assert shares[1] == pytest.approx([0.25, 0.25, 0, 0, 0, 0])
