"""Optima under one rule, worked out with pencil and paper; through files, model, solver and audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Rule
from tests import instances as make
from tests.full_path import solve_and_audit
from tests.model.standing import EXACT, YEARS, by_place, campus, standing
from tests.solving import Solved

# --- nothing at all, and everything ------------------------------------------------------------------

ABROAD = {"destination": "any - USA", "chip_test": "tpp >= 10000"}
HOME_AND_AWAY = (campus("USA", gw=2), campus("ARE", gw=3), campus("SAU", "Bet", gw=1))
NOTHING: dict[str, tuple[Rule, ...]] = {
    "share cap": (make.rule("R", "share_cap", quantity=0, measure="h100e_million", base_destination="USA", **ABROAD),),
    "share cap of the whole": (
        make.rule("R", "share_cap", quantity=0, measure="gb300e_million", base_destination="any", **ABROAD),
    ),
    "share cap for each owner and country": (
        make.rule("R", "share_cap", quantity=0, measure="chips_million", base_destination="any",
                  per="operator_country", **ABROAD),
    ),
    "volume ratio": (make.rule("R", "volume_ratio", quantity=0, base_destination="USA", base_quantity=5, **ABROAD),),
    "cumulative cap": (make.rule("R", "cap_cumulative", quantity=0, measure="h100e_million", **ABROAD),),
    "yearly cap for each country": (
        make.rule("R", "cap_yearly", quantity=0, measure="tpp_million_h100", per="country", **ABROAD),
    ),
    "stock cap": (make.rule("R", "cap_stock", quantity=0, measure="chips_million", **ABROAD),),
    "refused licence": (make.rule("R", "licence", probability=0, **ABROAD),),
    "exception of nothing": (
        make.rule("R", "licence", probability=0, **ABROAD),
        make.rule("E", "allow", quantity=0, measure="chips_million", period="yearly", destination="any"),
    ),
    "licence of nothing": (
        make.rule("R", "licence", probability=0.7, quantity=0, measure="chips_million", period="stock", **ABROAD),
    ),
}  # fmt: skip
EVERYTHING: dict[str, Rule] = {
    "share cap": make.rule("R", "share_cap", quantity=1, measure="h100e_million", base_destination="any", **ABROAD),
    "volume ratio": make.rule("R", "volume_ratio", quantity=1, base_destination="any", **ABROAD),
    "granted licence": make.rule("R", "licence", probability=1, **ABROAD),
    "cap as large as the fleet": make.rule("R", "cap_stock", quantity=12, measure="chips_million", **ABROAD),
}


def two_chips(*rules: Rule) -> Instance:
    """Home and two places abroad for three years, with a large chip that the rules select and one they do not."""
    chips = [make.chip("BIG", tpp=20_000, performance_h100e=2), make.chip("SMALL", tpp=5_000)]
    tables = {
        "chips": chips,
        "chip_prices": [make.price(chip.chip) for chip in chips],
        "chip_supply": [make.supply(chip.chip, during=str(year), units=1e9) for chip in chips for year in YEARS],
        "installed_base": [make.base("USA", "us", 2026, 0)],
    }
    return standing(HOME_AND_AWAY, rules, years=3, **tables)


@pytest.mark.parametrize("rules", NOTHING.values(), ids=NOTHING.keys())
def test_a_quantity_of_nothing_removes_the_chips_as_a_denial_does(rules: tuple[Rule, ...]) -> None:
    limited, denied = solve_and_audit(two_chips(*rules)), solve_and_audit(two_chips(make.rule("R", **ABROAD)))
    assert limited.objective == pytest.approx(denied.objective, rel=EXACT)
    for solved in (limited, denied):
        kinds = {(site, chip) for (site, chip, _), million in solved.installed().items() if million > EXACT}
        assert kinds == {("alef-usa", "BIG"), ("alef-are", "SMALL"), ("bet-sau", "SMALL")}
    assert denied.objective < solve_and_audit(two_chips()).objective - 1


@pytest.mark.parametrize("rule", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_a_quantity_of_everything_is_no_rule(rule: Rule) -> None:
    limited, free = solve_and_audit(two_chips(rule)), solve_and_audit(two_chips())
    assert limited.objective == pytest.approx(free.objective, rel=EXACT)
    assert limited.installed() == pytest.approx(free.installed(), rel=EXACT)


# --- ratios scale ----------------------------------------------------------------------------------------

PURE = {
    "share of home": {"effect": "share_cap", "measure": "h100e_million", "base_destination": "USA"},
    "share of the whole": {"effect": "share_cap", "measure": "chips_million", "base_destination": "any"},
    "volume of home": {"effect": "volume_ratio", "base_destination": "USA"},
    "share for each country": {"effect": "share_cap", "measure": "h100e_million", "per": "country"},
    "share for each owner": {"effect": "share_cap", "measure": "h100e_million", "per": "operator"},
}


def foreign(solved: Solved) -> float:
    """Chips abroad [million]."""
    return sum(series[-1] for (_, country), series in by_place(solved).items() if country != "USA")


@pytest.mark.parametrize("factor", [2, 5])
@pytest.mark.parametrize("changes", PURE.values(), ids=PURE.keys())
def test_under_a_pure_ratio_foreign_volume_follows_home_supply(changes: dict[str, Any], factor: int) -> None:
    """Home is full; n times its campuses let n times as many chips go abroad."""
    rule = make.rule("R", quantity=0.2, destination="any - USA", **changes)
    abroad = [campus("ARE"), campus("SAU", "Bet")]

    def of_size(times: int) -> Solved:
        home = [campus("USA", gw=2 * times), campus("USA", "Bet", gw=3 * times)]
        return solve_and_audit(standing([*home, *abroad], [rule]))

    once = foreign(of_size(1))
    assert once > 0.5
    assert foreign(of_size(factor)) == pytest.approx(factor * once, rel=EXACT)


@pytest.mark.parametrize("changes", PURE.values(), ids=PURE.keys())
def test_under_a_pure_ratio_foreign_volume_follows_the_supply_of_chips(changes: dict[str, Any]) -> None:
    """Chips are scarce, campuses are not."""
    rule = make.rule("R", quantity=0.2, destination="any - USA", **changes)
    sites = [campus("USA", gw=90), campus("USA", "Bet", gw=90), campus("ARE"), campus("SAU", "Bet")]

    def of_supply(units: float) -> Solved:
        return solve_and_audit(standing(sites, [rule], chip_supply=[make.supply(units=units)]))

    once = foreign(of_supply(3e6))
    assert once > 0.3
    assert foreign(of_supply(6e6)) == pytest.approx(2 * once, rel=EXACT)


# --- C5: a share of what stands, for each group apart and in steps ---------------------------------------

GROUPS: dict[str, tuple[str, dict[tuple[str, str], float]]] = {
    # home: 2 GW of Alef, 6 GW of Bet; share f = 0.2
    "all": ("any", {("*", "*"): 0.2 / (1 - 0.2) * 8}),
    "country": ("any", {("*", "ARE"): 0.2 / (1 - 3 * 0.2) * 8, ("*", "SAU"): 0.2 / (1 - 3 * 0.2) * 8,
                        ("*", "QAT"): 0.2 / (1 - 3 * 0.2) * 8}),
    "operator": ("any", {("Alef", "*"): 0.2 / (1 - 0.2) * 2, ("Bet", "*"): 0.2 / (1 - 0.2) * 6}),
    "operator_country": ("any", {("Alef", "ARE"): 0.2 / (1 - 2 * 0.2) * 2, ("Alef", "SAU"): 0.2 / (1 - 2 * 0.2) * 2,
                                 ("Bet", "QAT"): 0.2 / (1 - 0.2) * 6}),
}  # fmt: skip


@pytest.mark.parametrize("base", ["any", "USA"])
@pytest.mark.parametrize("per", GROUPS.keys())
def test_c5_the_share_is_filled_for_each_group_apart(per: str, base: str) -> None:
    """F = f/(1 - n f) X where the n places of a group count in its base too; F = f X where only home does."""
    sites = [campus("USA", gw=2), campus("USA", "Bet", gw=6), campus("ARE"), campus("SAU"), campus("QAT", "Bet")]
    rule = make.rule("R", "share_cap", destination="any - USA", base_destination=base, quantity=0.2, per=per,
                     measure="h100e_million")  # fmt: skip
    solved = solve_and_audit(standing(sites, [rule]))
    found = by_place(solved)
    home = {"*": 8.0, "Alef": 2.0, "Bet": 6.0}
    for (operator, country), whole in GROUPS[per][1].items():
        stock = sum(
            series[-1]
            for (owner, place), series in found.items()
            if operator in ("*", owner) and (country == place or (country == "*" and place != "USA"))
        )
        assert stock == pytest.approx(whole if base == "any" else 0.2 * home[operator], rel=EXACT)
    assert sum(series[-1] for (_, place), series in found.items() if place == "USA") == pytest.approx(8)


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.2, 0.4, 0.5), (0.2, 0.4, 0.5)),
        # Chips cannot be taken away again, so a share that falls binds from the beginning.
        ((0.5, 0.4, 0.2), (0.2, 0.2, 0.2)),
        ((0.2, 0.5, 0.4), (0.2, 0.4, 0.4)),
        ((0.3, 0.0, 0.3), (0.0, 0.0, 0.3)),
    ],
)
def test_c5_in_steps_each_year_fills_the_least_share_to_come(
    shares: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    rule = make.rule("R", "share_cap", destination="ARE", quantity=shares[0], measure="h100e_million")
    steps = [make.rule_step("R", str(year), share) for year, share in zip(YEARS[1:], shares[1:], strict=True)]
    solved = solve_and_audit(standing([campus("USA", gw=2), campus("ARE")], [rule], years=3, rule_steps=steps))
    found = by_place(solved)
    assert found["Alef", "USA"] == pytest.approx([2, 2, 2])
    assert found["Alef", "ARE"] == pytest.approx([2 * f / (1 - f) for f in expected], rel=EXACT)
    rows = {row.when: row for row in solved.tables.policy}
    for year, share in zip(YEARS, shares, strict=True):
        row = rows[str(year)]
        assert row.limit == pytest.approx(share * (2 + found["Alef", "ARE"][YEARS.index(year)]))


def test_volumes_follow_a_ratio_in_steps_to_date() -> None:
    """Ratio q of what home received so far: with 2, 4, 6 million at home to date, q times that abroad to date."""
    ratios = (0.5, 0.25, 1.0)
    rule = make.rule("R", "volume_ratio", destination="ARE", base_destination="USA", quantity=ratios[0])
    steps = [make.rule_step("R", str(year), ratio) for year, ratio in zip(YEARS[1:], ratios[1:], strict=True)]
    instance = standing([campus("USA", gw=6), campus("ARE")], [rule], years=3, rule_steps=steps)
    grown = [make.committed("alef-usa", online_from=str(year), modules=2) for year in YEARS]
    instance = replace(instance, committed=(*grown, make.committed("alef-are", modules=50)))
    found = by_place(solve_and_audit(instance))
    assert found["Alef", "USA"] == pytest.approx([2, 4, 6])
    assert found["Alef", "ARE"] == pytest.approx([0.5 * 2, 0.25 * 4, 1.0 * 6], rel=EXACT)


# --- C12: matching capital, for each owner apart and in steps ------------------------------------------------


def building(rule: Rule, steps: Iterable[Any], costs: Mapping[str, tuple[int, int]]) -> Instance:
    """Owners with a campus at home that earns nothing and one abroad; module costs [B USD] at home and abroad."""
    sites = [
        site
        for operator, (home, away) in costs.items()
        for site in (
            campus("USA", operator, gw=3, module_cost_usd_per_kw=1000 * home, max_starts_per_year=1,
                   latency_zone="nowhere"),
            campus("ARE", operator, gw=4, module_cost_usd_per_kw=1000 * away),
        )
    ]  # fmt: skip
    return standing(
        sites, [rule], years=3, committed=[], rule_steps=steps,
        latency=[make.latency("zone", "market"), make.latency("nowhere", "idle")],
        power_options=[make.power_option(site.site) for site in sites],
        demand_regions=[make.region(), make.region("idle")],
        demand=[make.demand(region, year=year, quantity_h100e_million=100, price_usd_per_h100e_hour=price)
                for region, price in (("market", 4), ("idle", 0.01)) for year in YEARS],
    )  # fmt: skip


def best_matched(costs: Iterable[tuple[int, int]], ratios: tuple[float, ...]) -> float:
    """Value of the best plan by enumeration: when each owner starts at home, and where abroad what that matches."""
    owners = list(costs)
    starts = [plan for count in range(4) for plan in combinations(range(3), count)]

    def value(plans: tuple[tuple[int, ...], ...], order: tuple[int, ...]) -> float:
        total, matched, built = 0.0, 0.0, [0] * len(owners)
        spent = 0.0
        for u in range(3):
            for k, plan in enumerate(plans):
                matched += owners[k][0] * (u in plan)
                total -= owners[k][0] * (u in plan)
            # Later ratios hold for what stands by then; a plan that breaks them is worth nothing here.
            for k in order:
                while built[k] < 4 and ratios[u] * (spent + owners[k][1]) <= matched + EXACT:
                    spent += owners[k][1]
                    built[k] += 1
                    total += 35.04 * (3 - u) - 10 - owners[k][1]
            if ratios[u] * spent > matched + EXACT:
                return 0.0
        return total

    orders = [(0,)] if len(owners) == 1 else [(0, 1), (1, 0)]
    choices = [(one,) for one in starts] if len(owners) == 1 else [(one, two) for one in starts for two in starts]
    return max(value(plans, order) for plans in choices for order in orders)


COSTS = {"Alef": (10, 5), "Bet": (10, 20)}
MATCHING = {"destination": "ARE", "base_destination": "USA", "measure": "capital_busd"}


@pytest.mark.parametrize("ratios", [(1.0, 1.0, 1.0), (2.0, 1.0, 0.5)])
@pytest.mark.parametrize("per", ["all", "operator"])
def test_c12_capital_is_matched_together_or_by_each_owner_in_steps(per: str, ratios: tuple[float, ...]) -> None:
    """Foreign modules <= home cost / (ratio x foreign cost) x home modules, at every date."""
    rule = make.rule("R", "matching_investment", quantity=ratios[0], per=per, **MATCHING)
    steps = [make.rule_step("R", str(year), ratio) for year, ratio in zip(YEARS[1:], ratios[1:], strict=True)]
    solved = solve_and_audit(building(rule, steps, COSTS))
    if per == "all":
        expected = best_matched(COSTS.values(), ratios)
    else:
        expected = sum(best_matched([costs], ratios) for costs in COSTS.values())
    assert expected > 100
    assert solved.objective == pytest.approx(expected, rel=EXACT)


def test_c12_an_owner_gains_from_the_home_capital_of_another_only_if_all_are_matched_together() -> None:
    together, apart = (
        solve_and_audit(building(make.rule("R", "matching_investment", quantity=1, per=per, **MATCHING), [], COSTS))
        for per in ("all", "operator")
    )
    assert together.objective > apart.objective + 1


def test_c12_a_ratio_that_rises_binds_what_was_built_before() -> None:
    """Twice the capital from 2028 on: a module of 5 abroad needs 10 at home by then, two need 20."""
    rule = make.rule("R", "matching_investment", quantity=1, **MATCHING)
    costs = {"Alef": (10, 5)}
    solved = solve_and_audit(building(rule, [make.rule_step("R", "2028", 2)], costs))
    built = {key: int(count) for key, count in solved.modules().items()}
    home = [sum(built.get(("alef-usa", str(year)), 0) for year in YEARS[: k + 1]) for k in range(3)]
    away = [sum(built.get(("alef-are", str(year)), 0) for year in YEARS[: k + 1]) for k in range(3)]
    assert (home[0], away[0]) == (1, 2)  # as many as the later ratio leaves, with a second one at home in 2028
    assert (home[1], away[1]) == (2, 2)
    assert (home[2], away[2]) == (3, 3)
    rows = {row.when: (row.used, row.limit) for row in solved.tables.policy}
    assert rows == {"2027": (10, 10), "2028": (20, 20), "2029": (30, 30)}
