"""Mixes of many sites: shared between alike ones, kept between runs, and the same as if each were solved alone."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.power.assemble import SiteHours
from optimizer.power.choices import choices
from optimizer.power.mix_table import Family, MixTable, representative_site_days
from optimizer.power.mixes import Load, Mixes, unit_problem
from optimizer.power.portfolios import with_computed_power
from optimizer.power.rows import PowerError
from optimizer.power.store import DiskStore, NoStore
from optimizer.power.technologies import offers_of_site
from tests import instances as make
from tests.power.computed import YEARS, instance, limits

LOAD, RATE, NEEDS = Load(1.35, 0.8, 0.5), 0.08, make.power_needs("alpha")


@pytest.fixture(scope="module")
def given():
    return instance()


@pytest.fixture(scope="module")
def hours(given):
    return SiteHours.of(given, given.site_power[0])


@pytest.fixture(scope="module")
def days(given, hours):
    return representative_site_days(given, hours, NoStore())


def families(given, hours):
    offers = offers_of_site(given, "alpha", [12 * year for year in YEARS])
    return [Family(hours, (), chosen, LOAD, RATE, NEEDS) for chosen in choices(offers)]


def cost(problem, mix):
    """Yearly cost of a mix: its capital, fixed cost and energy [B USD per GW of load and year]."""
    (capacity, stored, energy, price), sources = mix, problem.suppliers
    taken = LOAD.average_it * float(problem.slices.hours @ problem.needs.pue) / 1e3
    total = sum(
        (s.capital[0] + s.fixed[0]) * x + s.energy[0] * p * e * taken
        for s, x, e, p in zip(sources, capacity, energy, price, strict=False)
    )
    if problem.storage:
        store = problem.storage
        total += (store.power_capital[0] + store.fixed[0]) * capacity[-1] + store.energy_capital[0] * stored[-1]
        total += store.energy[0] * energy[-1] * taken
    return total


def test_each_year_is_as_good_as_if_it_were_solved_alone(given, hours, days):
    table = MixTable(NoStore())
    wanted = families(given, hours)
    for family in wanted:
        table.expect(family, lambda: days)
    table.solve()
    compared = 0
    for family in wanted:
        for year in range(len(YEARS)):
            problem = unit_problem(family.offers, year, days, LOAD, RATE, NEEDS)
            alone = Mixes([problem], LOAD, NEEDS).solve().mixes
            if not len(alone):
                with pytest.raises(PowerError):
                    table.mix(family, year)
                continue
            compared += 1
            assert cost(problem, table.mix(family, year)) == pytest.approx(cost(problem, alone[0]), rel=1e-8)
    assert compared > 12


def test_sources_that_cannot_carry_a_load_are_remembered(tmp_path, days):
    only_sun = instance(technology_limits=[row for row in limits("alpha") if row.technology == "sun"])
    (sun,) = families(only_sun, SiteHours.of(only_sun, only_sun.site_power[0]))
    for known in (0, 1):
        table = MixTable(DiskStore(tmp_path))
        table.expect(sun, lambda: days)
        table.solve()
        assert (table.solved, table.known) == (1 - known, known)
        with pytest.raises(PowerError, match="cannot carry"):
            table.mix(sun, 1)


def test_the_second_run_solves_nothing_and_gives_the_same(given, tmp_path):
    first = with_computed_power(given, DiskStore(tmp_path))
    second = with_computed_power(given, DiskStore(tmp_path))
    assert first.known == second.solved == 0
    assert first.solved == second.known > 5
    assert first.instance == second.instance == with_computed_power(given).instance
    assert f"{second.known} of {second.known} programs from cache" in second.line()


def test_other_dates_ask_for_the_same_mixes(given, tmp_path):
    with_computed_power(given, DiskStore(tmp_path))
    late = instance(technology_limits=[row.model_copy(update={"delay_months": 12}) for row in given.technology_limits])
    made = with_computed_power(late, DiskStore(tmp_path))
    assert made.solved == 0
    assert made.instance == with_computed_power(late).instance


def test_damaged_entries_are_solved_again(given, tmp_path):
    first = with_computed_power(given, DiskStore(tmp_path))
    for path in tmp_path.rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:50])
    again = with_computed_power(given, DiskStore(tmp_path))
    assert (again.known, again.solved) == (0, first.solved)
    assert again.instance == first.instance
    assert with_computed_power(given, DiskStore(tmp_path)).solved == 0


def test_entries_of_another_kind_are_solved_again(given, tmp_path):
    store = DiskStore(tmp_path)
    first = with_computed_power(given, store)
    for path in tmp_path.rglob("*.npz"):
        store.put(path.stem, {"mixes": np.zeros((1, 4, 2)), "hours": np.zeros(3)})
    assert with_computed_power(given, store).instance == first.instance


def test_alike_sites_share_their_mixes():
    alone = with_computed_power(instance())
    both = with_computed_power(instance(("alpha", "beta")))
    assert both.solved == alone.solved
    assert both.portfolios == 2 * alone.portfolios


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("technology_costs", "capex_usd_per_kw", 1234),
        ("fuel_prices", "price_usd_per_mwh", 55),
        ("technologies", "efficiency", 0.9),
        ("technologies", "availability", 0.9),
        ("technologies", "unit_mw", 77),
        ("climates", "wind_capacity_factor", 0.3),
        ("sites", "pue_peak", 1.36),
        ("countries", "wacc_fraction", 0.123),
    ],
)
def test_what_a_mix_depends_on_is_in_its_key(given, table, column, value):
    rows = [row.model_copy(update={column: value}) for row in getattr(given, table)]
    assert keys(given) != keys(instance(**{table: rows}))


def test_labels_and_dates_are_not_in_the_key(given):
    late = [row.model_copy(update={"delay_months": 12}) for row in given.technology_limits]
    named = [row.model_copy(update={"source": "another source"}) for row in given.technologies]
    dry = [row.model_copy(update={"water_m3_per_mwh": 0.0, "resource": None}) for row in given.technologies]
    for changes in ({"technology_limits": late}, {"technologies": named}, {"technologies": dry}):
        assert keys(instance(**changes)) == keys(given)
    renamed = instance(climates=[make.climate("elsewhere")], site_power=[make.site_power("alpha", climate="elsewhere")])
    assert keys(renamed) == keys(given)


def keys(given):
    site = given.site_by_id["alpha"]
    load = Load(site.pue_peak, given.settings.power.average_load_share, site.module_gw)
    offers = offers_of_site(given, "alpha", [12 * year for year in YEARS])
    hours = SiteHours.of(given, given.site_power[0])
    rate = given.country_by_code[site.country].wacc_fraction
    return {Family(hours, (), chosen, load, rate, given.needs("alpha")).key for chosen in choices(offers)}
