"""What a campus costs and earns, when it must be decided, which limits it draws on and what speaks for it."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from pathlib import Path

import pytest

from maps import Plan
from maps.view.account import SITE_CATEGORIES, site_accounts
from maps.view.build import plan_view
from maps.view.draws import SiteDraws
from maps.view.moments import last_moments
from optimizer.instance import load_instance
from optimizer.instance.calendar import parse_span
from optimizer.plan.tables import LimitUse, Phase, PolicyUse
from optimizer.studies.country_cash import cash_by_country
from tests import instances as make
from tests.maps.plans import make_plan
from tests.solving import solve_small

THREE_REGIONS = Path(__file__).parents[2] / "instances" / "three-regions"


@pytest.fixture(scope="module")
def plan() -> Plan:
    instance = load_instance(THREE_REGIONS)
    return Plan(instance, solve_small(instance).tables, {})


def _present(site):
    """Present values by category that are something."""
    values = site.account.present_busd if site.account else (0.0,) * len(SITE_CATEGORIES)
    return [(category, busd) for category, busd in zip(SITE_CATEGORIES, values, strict=True) if busd]


def test_accounts_add_up_to_the_cash_table_by_category_and_year(plan):
    present, yearly = defaultdict(float), defaultdict(float)
    for site in plan.view.sites:
        for category, busd in _present(site):
            present[category] += busd
        for series in site.account.yearly_busd if site.account else ():
            for year, busd in zip(plan.view.years, series.values, strict=True):
                yearly[year] += busd
    stated, by_year = defaultdict(float), defaultdict(float)
    for row in plan.tables.cash:
        stated[row.category] += row.pv_busd
        by_year[int(row.period[:4])] += row.busd
    assert dict(present) == pytest.approx(dict(stated), rel=1e-9, abs=1e-9)
    assert dict(yearly) == pytest.approx(dict(by_year), rel=1e-9, abs=1e-9)


def test_accounts_of_a_country_are_its_cash(plan):
    found = defaultdict(float)
    for site in plan.view.sites:
        for category, busd in _present(site):
            found[category, site.country] += busd
    stated = cash_by_country(plan.instance, plan.tables)
    capital = {key: busd for key, busd in stated.items() if key[0] not in ("revenue", "serving")}
    assert {key: found[key] for key in capital} == pytest.approx(capital, rel=1e-9)


def test_margin_is_value_over_compute(plan):
    site = next(site for site in plan.view.sites if site.account and site.account.revenue_usd_per_h100e_hour)
    revenue = dict(_present(site))["revenue"]
    earned, cost = site.account.revenue_usd_per_h100e_hour, site.account.cost_usd_per_h100e_hour
    assert site.account.value_busd == pytest.approx(revenue * (earned - cost) / earned)


def test_no_account_where_the_tables_disagree_with_the_instance(plan):
    first = plan.tables.cash[0]
    wrong = dataclasses.replace(first, busd=first.busd + 1, pv_busd=first.pv_busd + first.discount_factor)
    tables = dataclasses.replace(plan.tables, cash=(wrong, *plan.tables.cash[1:]))
    assert site_accounts(plan.instance, tables) == {}
    made = make_plan(12)  # tables that no solve made, with power that the instance does not offer
    assert all(site.account is None for site in plan_view(made.instance, made.tables, made.manifest).sites)


# --- last responsible moments ------------------------------------------------------------------


def _phase(committed: str, energised: str, modules: float = 1) -> Phase:
    return Phase("alpha", False, committed, energised, modules, 0.1 * modules, 0.0, 1.0)


def _instance(**changes):
    return make.instance(
        settings=make.settings(months=6, count=8, decision_every_months=6), sites=[make.site("alpha", **changes)]
    )


def test_last_moment_is_later_than_the_commitment_where_that_changes_nothing():
    instance = make.instance(
        settings=make.settings(months=12, count=4, decision_every_months=12),
        sites=[make.site("alpha", lead_months=12)],
    )
    labels = instance.calendar.labels
    assert last_moments(instance, [_phase(labels[0], labels[1])]) == {("alpha", labels[0]): labels[0]}
    quick = _instance(lead_months=1)
    halves = quick.calendar.labels
    assert last_moments(quick, [_phase(halves[0], halves[1])]) == {("alpha", halves[0]): halves[0]}


def test_last_moment_keeps_to_the_starts_of_a_year(plan):
    free = _instance(lead_months=6)
    halves = free.calendar.labels
    early = _phase(halves[1], halves[3])  # half a year sooner than needed: the next date is in another year
    other = _phase(halves[3], halves[4])
    assert last_moments(free, [early, other])["alpha", halves[1]] == halves[2]
    tight = _instance(lead_months=6, max_starts_per_year=1)
    assert last_moments(tight, [early, other])["alpha", halves[1]] == halves[1]


def test_every_new_phase_says_when_it_must_be_decided(plan):
    for site in plan.view.sites:
        for phase in site.phases:
            if phase.fact:
                assert phase.decide_by == ""
                continue
            lead = plan.instance.site_by_id[site.site].lead_months
            decide, online = parse_span(phase.decide_by).start, parse_span(phase.energised).start
            assert decide >= parse_span(phase.committed).start
            assert decide + lead <= online


# --- limits ------------------------------------------------------------------------------------


def test_limits_of_a_campus_bind_in_those_years_and_it_takes_part(plan):
    binding = {(row.family, row.name, int(row.when[:4])) for row in plan.tables.limits if row.binding}
    arrivals = {(row.site, row.chip, int(row.period[:4])) for row in plan.tables.chips if row.installed_million > 0}
    seen = set()
    for site in plan.view.sites:
        for limit in plan.view.limits_of(site):
            seen.add(limit.family)
            if limit.family in ("max_modules", "starts_per_year", "rule"):
                continue
            assert all((limit.family, limit.name, year) in binding for year in limit.years)
            if limit.family == "chip_supply":
                assert all((site.site, limit.name, year) in arrivals for year in limit.years)
            if limit.family == "grid_headroom":
                assert plan.instance.site_by_id[site.site].grid_region == limit.name
    assert "chip_supply" in seen
    shared = {limit for site in plan.view.sites for limit in plan.view.limits_of(site)}
    drawn = {(limit.name, year) for limit in shared for year in limit.years if limit.family == "chip_supply"}
    assert drawn == {(name, year) for family, name, year in binding if family == "chip_supply"}


def test_a_full_campus_says_so(plan):
    for site in plan.view.sites:
        own = plan.instance.site_by_id[site.site]
        modules = sum(phase.modules for phase in site.phases)
        full = modules == own.max_modules and any(not phase.fact for phase in site.phases)
        assert any(limit.family == "max_modules" for limit in plan.view.limits_of(site)) is full


def test_rules_that_leave_nothing_name_those_whose_chips_count():
    made = make_plan(60)
    row = PolicyUse("gulf_cap", "cap_stock", "", "", "2030Q2", 1.5, 1.5, 0.0, "h100e_million", binding=True)
    draws = SiteDraws(made.instance, dataclasses.replace(made.tables, policy=(row,), limits=()))
    arrive = {use.site for use in made.tables.chips if use.period.startswith("2030") and use.installed_million > 0}
    counted = {site.site for site in made.instance.sites if any(limit.name == "gulf_cap" for limit in draws.of(site))}
    assert counted
    assert counted == {
        site.site for site in made.instance.sites if site.country in ("ARE", "SAU") and site.site in arrive
    }


def test_permits_that_leave_nothing_name_the_groups_own_campuses():
    made = make_plan(60)
    full = {(use.group, use.when[:4]) for use in made.tables.policy if use.rule == "emirates_quota" and use.binding}
    sites = {site.site: site for site in made.instance.sites}
    plan = plan_view(made.instance, made.tables, made.manifest)
    for view in plan.sites:
        for limit in plan.limits_of(view):
            if limit.name == "emirates_quota":
                group = f"{sites[view.site].operator}/ARE"
                assert all((group, str(year)) in full for year in limit.years)


def test_a_limit_of_others_is_not_ones_own():
    made = make_plan(12)
    row = LimitUse("chip_supply", "B300", "2028Q1", 1.0, 1.0, 0.0, "chips_million", binding=True)
    tables = dataclasses.replace(made.tables, limits=(row,), policy=())
    draws = SiteDraws(made.instance, tables)
    with_chip = {use.site for use in tables.chips if (use.chip, use.period) == ("B300", "2028Q1")}
    for site in made.instance.sites:
        shared = [limit for limit in draws.of(site) if limit.family == "chip_supply"]
        assert bool(shared) is (site.site in with_chip)


# --- what speaks for it ------------------------------------------------------------------------


def test_traits_are_ranked_among_all_campuses(plan):
    view = plan.view
    assert {trait.key for trait in view.traits} >= {"power", "wait"}
    for trait in view.traits:
        values = [own.value for site in view.sites for own in site.traits if own.key == trait.key]
        assert len(values) == trait.sites
        for site in view.sites:
            for own in site.traits:
                if own.key == trait.key:
                    assert own.better == sum(value < own.value for value in values)
                    assert own.worse == sum(value > own.value for value in values)


def test_cost_of_power_is_that_of_its_cheapest_option():
    instance = make.instance(
        sites=[make.site("alpha"), make.site("beta")],
        power_options=[
            make.power_option("alpha", energy_usd_per_mwh=50, energy_availability=1),
            make.power_option(
                "alpha", "plant", capex_usd_per_kw=876, fixed_usd_per_kw_year=87.6, energy_usd_per_mwh=5,
                energy_availability=0.5, life_years=1e9,
            ),
            make.power_option("alpha", "never", max_mw=0),
            make.power_option("beta", energy_usd_per_mwh=60),
        ],
        countries=[make.country("USA", wacc_fraction=0.1, power_tax_usd_per_mwh=1)],
    )  # fmt: skip
    found = {site.site: {own.key: own.value for own in site.traits} for site in _view(instance)}
    # The plant: 876 x 10 % a year + 87.6 of 4.38 MWh.
    assert found["alpha"]["power"] == pytest.approx(5 + 1 + 175.2 / 4.38)
    assert found["beta"]["power"] == pytest.approx(61)


def _view(instance):
    return plan_view(instance, solve_small(instance).tables, {}).sites
