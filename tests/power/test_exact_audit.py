"""The audit against exact power: it passes plans by modes and by the hour, and notices any one change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.plan.audit import audit_plan
from optimizer.power.join import powered
from tests import instances as make
from tests.plan.mutations import changed_cells, changed_rows
from tests.power.computed import instance
from tests.solving import solve_small


def exact(method, **changes):
    """A taxed, cooled site on little grid, sun and storage, with gas to be had."""
    power = {"average_load_share": 0.8, "method": method}
    given = instance(
        settings=make.settings(power=power),
        countries=[make.country(wacc_fraction=0.0, power_tax_usd_per_mwh=3)],
        limits=[make.limit("wet", "water_million_m3", "*", 2028, 50)],
        **changes,
    )
    sites = [row.model_copy(update={"water_m3_per_mwh": 0.4}) for row in given.sites]
    return powered(replace(given, sites=tuple(sites))).instance


@pytest.fixture(scope="module", params=["columns", "embedded"])
def solved(request):
    found = solve_small(exact(request.param))
    return found.instance, found.tables


def test_plans_pass(solved):
    given, tables = solved
    report = audit_plan(given, tables)
    assert report.ok, report.lines()
    assert {row.option for row in tables.energy if row.energy_twh > 0} >= {"grid", "sun"}
    assert sum(row.power_tax_busd for row in tables.dispatch) > 0.01
    assert all(row.cooling_water_million_m3 == pytest.approx(0.4 * row.level_twh) for row in tables.dispatch)


@pytest.mark.parametrize("table", ["dispatch", "energy", "power"])
def test_no_change_of_the_power_of_a_plan_survives(solved, table):
    given, tables = solved
    mutations = [m for m in (*changed_cells(tables), *changed_rows(tables)) if m.table == table]
    survivors = [str(mutation) for mutation in mutations if audit_plan(given, mutation.plan).ok]
    assert len(mutations) > 20
    assert survivors == []


@pytest.mark.parametrize(
    ("column", "factor", "check"),
    [
        ("capex_usd_per_kw", 0.99, "portfolio.capex"),
        ("fixed_usd_per_kw_year", 0.99, "portfolio.fixed_cost"),
        ("energy_usd_per_mwh", 0.99, "portfolio.energy_cost"),
        ("carbon_t_per_mwh", 0.99, "portfolio.carbon"),
        ("firm_credit", 1.01, "portfolio.firm"),
    ],
)
def test_options_that_flatter_a_technology_are_found(solved, column, factor, check):
    given, tables = solved
    years = [row.model_copy(update={column: min(factor * getattr(row, column), 1e9)}) for row in given.option_years]
    found = audit_plan(replace(given, option_years=tuple(years)), tables)
    assert check in {failure.check for failure in found.failures}


@pytest.mark.parametrize(
    ("column", "factor", "check"),
    [
        ("mw_per_twh", 1.01, "dispatch.capacity"),
        ("mw_per_twh", 0.1, "dispatch.mode_capacity"),
        ("mwh_per_mwh", 1.01, "dispatch.energy"),
        ("mwh_per_mwh", 0.99, "dispatch.mode_energy"),
        ("price_factor", 0.99, "dispatch.price_factor"),
    ],
)
def test_modes_that_cannot_be_are_found(solved, column, factor, check):
    given, tables = solved
    used = {(row.site, row.mode) for row in tables.dispatch}
    modes = [
        row.model_copy(update={column: factor * getattr(row, column)}) if (row.site, row.mode) in used else row
        for row in given.dispatch_modes
    ]
    found = audit_plan(replace(given, dispatch_modes=tuple(modes)), tables)
    assert check in {failure.check for failure in found.failures}
