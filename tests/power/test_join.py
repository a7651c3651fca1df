"""Computed power on its whole way: made once, kept while its inputs stay, solved, audited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.instance import InstanceError, instance_hash, load_instance, write_instance
from optimizer.plan.audit import audit_plan
from optimizer.power.join import apply_changes, load_powered, powered
from optimizer.studies.edits import difference, is_tightened
from tests import instances as make
from tests.power.computed import instance, limits
from tests.solving import solve_small


@pytest.fixture(scope="module")
def two_sites():
    every = make.settings(power={"average_load_share": 0.8, "method": "static", "portfolios_per_site": 1000})
    return powered(instance(("alpha", "beta"), settings=every)).instance


@pytest.fixture(scope="module")
def solved(two_sites):
    return solve_small(two_sites)


def test_an_instance_without_computed_power_passes_untouched():
    given = make.instance()
    assert powered(given).instance is given
    assert powered(given).note == ""


def test_solved_and_audited(two_sites, solved):
    report = audit_plan(two_sites, solved.tables)
    assert report.ok, [failure.render() for failure in report.failures]
    assert sum(row.added_gw for row in solved.tables.power) > 1
    assert {row.family for row in solved.tables.limits} >= {"technology_limits", "slots"}


def test_capacity_of_parts_stays_within_the_limits_of_technologies(two_sites, solved):
    rows = {(row.name, row.when): row for row in solved.tables.limits if row.family == "technology_limits"}
    for (name, year), row in rows.items():
        site, technology = name.split("/")
        held = sum(
            part.mw_per_mw
            * max((r.capacity_gw for r in solved.tables.power if (r.site, r.option) == (site, part.option)
                   and int(r.period) <= int(year)), default=0.0)
            for part in two_sites.portfolio_parts
            if (part.site, part.technology) == (site, technology)
        )  # fmt: skip
        assert row.used == pytest.approx(held)
        assert row.used <= row.limit + 1e-7


@pytest.mark.parametrize(
    ("column", "factor", "check"),
    [
        ("capex_usd_per_kw", 0.9, "portfolio.capex"),
        ("energy_usd_per_mwh", 0.9, "portfolio.energy_cost"),
        ("carbon_t_per_mwh", 0.9, "portfolio.carbon"),
    ],
)
def test_the_audit_finds_options_cheaper_than_their_parts(two_sites, column, factor, check):
    def cheaper(option):
        return option.model_copy(update={column: factor * getattr(option, column)})

    wrong = replace(two_sites, power_options=tuple(map(cheaper, two_sites.power_options)))
    found = audit_plan(wrong, solve_small(wrong).tables)
    assert check in {failure.check for failure in found.failures}


def test_the_audit_finds_more_of_a_technology_than_there_may_be(two_sites, solved):
    less = [row.model_copy(update={"cumulative_mw": row.cumulative_mw / 1e3}) for row in two_sites.technology_limits]
    found = audit_plan(replace(two_sites, technology_limits=tuple(less)), solved.tables)
    assert "limits.technology_limits" in {failure.check for failure in found.failures}


def test_the_audit_finds_parts_that_are_not_firm(two_sites, solved):
    less = [row.model_copy(update={"mw_per_mw": 0.5 * row.mw_per_mw}) for row in two_sites.portfolio_parts]
    found = audit_plan(replace(two_sites, portfolio_parts=tuple(less)), solved.tables)
    assert "portfolio.firm" in {failure.check for failure in found.failures}


def test_power_that_is_late_is_late_in_options_model_and_audit(two_sites):
    """A year later for all, gas included although its lead time of a year has passed by then."""
    late = apply_changes(two_sites, ["technology_limits[*].delay_months += 12"])
    assert min(option.available_from for option in two_sites.power_options) == make.month("2027")
    assert min(option.available_from for option in late.power_options) == make.month("2028")
    tables = solve_small(late).tables
    assert audit_plan(late, tables).ok
    assert all(row.year >= 2028 for row in tables.energy if row.energy_twh > 0)
    assert not audit_plan(late, solve_small(two_sites).tables).ok


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_the_audit_finds_a_price_that_is_not_paid(two_sites, solved, factor):
    """No site has a price of its own: energy is paid as it stands."""
    other = [row.model_copy(update={"price_factor": factor}) for row in two_sites.portfolio_parts]
    found = audit_plan(replace(two_sites, portfolio_parts=tuple(other)), solved.tables)
    assert "portfolio.price_factor" in {failure.check for failure in found.failures}


def test_the_audit_knows_the_price_of_a_site_of_its_own():
    """Twice the price in half of the hours: options pay between the two, and less than the least is found."""
    hours = make.own_hours("dear", [1.0, 2.0] * 4380)
    site_power = [make.site_power("alpha", price_profile="dear"), make.site_power("beta")]
    given = powered(instance(("alpha", "beta"), site_power=site_power, hourly_profiles=hours)).instance
    factors = {part.price_factor for part in given.portfolio_parts if (part.site, part.technology) == ("alpha", "grid")}
    assert factors
    assert all(1 < factor <= 2 for factor in factors)
    tables = solve_small(given).tables
    assert audit_plan(given, tables).ok
    free = [
        row.model_copy(update={"price_factor": 0.5}) if row.technology == "grid" else row
        for row in given.portfolio_parts
    ]
    checks = {failure.check for failure in audit_plan(replace(given, portfolio_parts=tuple(free)), tables).failures}
    assert "portfolio.price_factor" in checks


def test_a_snapshot_is_solved_again_as_it_was(two_sites, tmp_path):
    write_instance(two_sites, tmp_path)
    again = load_powered(tmp_path)
    assert "0 sites computed, 2 as computed before" in again.note
    assert instance_hash(again.instance) == instance_hash(two_sites) == instance_hash(load_instance(tmp_path))


def test_a_change_computes_again_what_it_touches(two_sites):
    dearer = apply_changes(two_sites, ["sites[beta].pue_peak = 1.4"])
    same, other = (
        [(old.option, old.source) == (new.option, new.source) for old, new in zip(*pair, strict=False)]
        for pair in (
            (two_sites.options_of_site["alpha"], dearer.options_of_site["alpha"]),
            (two_sites.options_of_site["beta"], dearer.options_of_site["beta"]),
        )
    )
    assert all(same)
    assert not any(other)


def test_dearer_gas_reaches_the_options(two_sites):
    dearer = apply_changes(two_sites, ["fuel_prices[fuels,gas,*].price_usd_per_mwh *= 2"])
    before, after = (
        next(o for o in made.options_of_site["alpha"] if o.option == "gas:2028") for made in (two_sites, dearer)
    )
    assert after.energy_usd_per_mwh - before.energy_usd_per_mwh == pytest.approx(25 / 0.4)


def test_changes_of_computed_options_stay_or_are_refused(two_sites):
    change = "power_options[alpha,*].capex_usd_per_kw *= 2"
    dear = apply_changes(two_sites, [change])
    assert dear.options_of_site["alpha"][0].capex_usd_per_kw == pytest.approx(
        2 * two_sites.options_of_site["alpha"][0].capex_usd_per_kw
    )
    with pytest.raises(InstanceError, match="undo"):
        apply_changes(two_sites, [change, "sites[alpha].pue_peak = 1.4"])


def test_a_site_that_nothing_can_carry_is_bad_input():
    only_sun = [row for row in limits("alpha") if row.technology == "sun"]
    with pytest.raises(InstanceError, match="site 'alpha'"):
        powered(instance(technology_limits=only_sun))


def test_more_of_a_technology_is_edited_in_place(two_sites):
    """Its amounts are rows of the model; what options are made of stays."""
    more = apply_changes(two_sites, ["technology_limits[alpha,gas,*].cumulative_mw += 500"])
    found = difference(two_sites, more)
    assert found.structural == ()
    assert found.effect.families == {"technology_limits"}
    assert is_tightened(more, two_sites)
