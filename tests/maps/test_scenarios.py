"""A page of several plans as text."""

from __future__ import annotations

import dataclasses
import json
import random
import re

import pytest

from maps import scenario_page_html, write_scenario_page
from maps.page import slimmed
from maps.scenarios import scenario_keys
from maps.view.account import SITE_CATEGORIES
from maps.view.model import Series, SiteAccount
from tests.maps.packing import unpacked
from tests.maps.plans import make_scenarios
from tests.maps.test_packing import plain

TITLES = ("as it is", "Power late", "power late!", "日本")


@pytest.fixture(scope="module")
def scenarios():
    return make_scenarios(30, TITLES)[1]


def _data(page: str) -> dict:
    return json.loads(re.search(r'id="plan-data">(.*?)</script>', page, re.DOTALL)[1])


def test_keys_are_different_and_safe_in_an_address():
    keys = scenario_keys([*TITLES, "budgets[*].capital_busd *= 0.6", "x" * 100, "x" * 99, ""])
    assert keys[:4] == ("as-it-is", "power-late", "power-late-2", "scenario")
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) for key in keys)
    assert all(len(key) <= 44 for key in keys)


def test_every_plan_is_in_the_page_whole(scenarios):
    data = _data(scenario_page_html(scenarios, title="Four cases", note="All of them."))
    assert (data["title"], data["note"]) == ("Four cases", "All of them.")
    found = unpacked(data["scenarios"])
    assert [entry["title"] for entry in found] == list(TITLES)
    assert [entry["changes"] for entry in found] == [list(scenario.changes) for scenario in scenarios]
    for entry, scenario in zip(found, scenarios, strict=True):
        assert entry["plan"] == plain(slimmed(scenario.plan))


def test_what_the_plans_share_is_written_once(scenarios):
    page = scenario_page_html(scenarios)
    source = scenarios[0].plan.sites[7].source
    assert page.count(source) == 1
    longer = scenario_page_html([*scenarios, dataclasses.replace(scenarios[1], title="the same again")])
    assert len(longer) - len(page) < 1000


def _with_accounts(plan, dice):
    """The plan with cash, limits and traits of every campus, which made-up tables do not yield."""
    sites = tuple(
        dataclasses.replace(
            site,
            account=SiteAccount(
                tuple(dice.gauss(0, 5) for _ in SITE_CATEGORIES),
                tuple(Series(key, key, tuple(dice.gauss(0, 5) for _ in plan.years)) for key in "abc"),
                dice.gauss(5, 5), dice.random(), dice.random(),
            ),
            limits=tuple(sorted(dice.sample(range(200), 8))),
        )
        for site in plan.sites
    )  # fmt: skip
    return dataclasses.replace(plan, sites=sites)


def test_what_is_only_shown_keeps_more_digits_than_are_shown(scenarios):
    plan = _with_accounts(scenarios[0].plan, random.Random(1))
    for site, slim in zip(plan.sites, slimmed(plan).sites, strict=True):
        assert slim.account.present_busd == pytest.approx(site.account.present_busd, rel=1e-4)
        assert slim.online_gw == site.online_gw
        assert slim.chips_installed_million == site.chips_installed_million
        for here, there in zip(slim.energy_twh, site.energy_twh, strict=True):
            assert here.values == pytest.approx(there.values, rel=1e-4)


def test_five_plans_of_a_world_are_small(tmp_path):
    # Made-up plans agree in less than real ones: each has campuses, dates and chips of its own.
    dice = random.Random(7)
    scenarios = [
        dataclasses.replace(one, plan=_with_accounts(one.plan, dice)) for one in make_scenarios(150, "abcde")[1]
    ]
    path = write_scenario_page(scenarios, tmp_path / "map.html")
    assert path.stat().st_size < 1_500_000


def test_heading_falls_back_on_the_first_plan(scenarios):
    assert "<title>A made-up world · plan</title>" in scenario_page_html(scenarios)
    assert "<title>&lt;i&gt; · plan</title>" in scenario_page_html(scenarios, title="<i>")
