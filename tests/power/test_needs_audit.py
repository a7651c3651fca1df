"""The audit against everything that load may ask for: it passes plans in every method, and notices any one change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.plan.audit import audit_plan
from tests.plan.mutations import changed_cells, changed_rows
from tests.power.needed import ALL_NEEDS, needing
from tests.solving import solve_small


@pytest.fixture(scope="module", params=["static", "columns", "embedded"])
def solved(request):
    found = solve_small(needing(request.param))
    return found.instance, found.tables


@pytest.fixture(scope="module")
def static():
    found = solve_small(needing("static"))
    return found.instance, found.tables


def failed(given, tables):
    return {failure.check for failure in audit_plan(given, tables).failures}


def test_plans_pass(solved):
    given, tables = solved
    report = audit_plan(given, tables)
    assert report.ok, report.lines()
    assert sum(row.cut_twh for row in tables.load_service) > 0.01
    assert sum(row.demand_charge_busd for row in tables.load_service) > 0.01


@pytest.mark.parametrize("table", ["load_service", "dispatch", "energy", "power"])
def test_no_change_of_the_power_of_a_plan_survives(solved, table):
    given, tables = solved
    mutations = [m for m in (*changed_cells(tables), *changed_rows(tables)) if m.table == table]
    survivors = [str(mutation) for mutation in mutations if audit_plan(given, mutation.plan).ok]
    assert survivors == []
    assert len(mutations) >= 12 or table == "dispatch"


def with_needs(given, **changes):
    return replace(given, power_needs=tuple(row.model_copy(update=changes) for row in given.power_needs))


@pytest.mark.parametrize(
    ("column", "factor", "check"),
    [
        ("curtailment_depth", 0.99, "service.depth"),
        ("curtailment_hours", 0.72, "service.budget_of_hours"),
        ("curtailment_energy_share", 0.99, "service.budget_of_energy"),
        ("curtailment_cost_usd_per_mwh", 1.01, "service.cut_cost"),
        ("curtailment_cost_usd_per_mwh", 0.99, "service.cut_cost"),
        ("demand_charge_usd_per_kw_year", 1.01, "service.demand_charge"),
        ("demand_charge_usd_per_kw_year", 0.99, "service.demand_charge"),
    ],
)
def test_needs_that_a_plan_does_not_meet_are_found(solved, column, factor, check):
    given, tables = solved
    assert check in failed(with_needs(given, **{column: factor * ALL_NEEDS[column]}), tables)


def test_a_higher_margin_is_found(solved):
    """Capacity that counts on the worst hour binds in each method."""
    given, tables = solved
    higher = with_needs(given, reserve_margin=ALL_NEEDS["reserve_margin"] + 0.013)
    assert failed(higher, tables) & {"power.worst_hour", "portfolio.firm"}


def test_a_cleaner_hour_is_found(solved):
    given, tables = solved
    in_use = {(row.site, row.dispatch) for row in tables.load_service}
    least = min(row.least_clean_share for row in given.dispatch_loads if (row.site, row.dispatch) in in_use)
    assert least >= ALL_NEEDS["hourly_clean_share"] - 1e-9
    assert "service.clean" in failed(with_needs(given, hourly_clean_share=least + 0.01), tables)


def test_a_lower_limit_on_carbon_is_found(solved):
    given, tables = solved
    limits = [row for row in tables.limits if row.family == "site_carbon"]
    assert len(limits) == 3
    most = max(row.used / row.limit for row in limits) * ALL_NEEDS["carbon_limit_t_per_mwh"]
    assert "limits.site_carbon" in failed(with_needs(given, carbon_limit_t_per_mwh=0.99 * most), tables)


@pytest.mark.parametrize(
    ("column", "factor", "check"),
    [
        ("cut_mwh_per_mwh", 1.01, "service.cut"),
        ("cut_mwh_per_mwh", 0.99, "service.cut"),
        ("grid_peak_per_load", 1.01, "service.demand_charge"),
        ("grid_peak_per_load", 0.99, "service.demand_charge"),
        ("deepest_cut", 1.01, "service.depth"),
        ("deepest_cut", 0.03, "service.deepest_cut"),
        ("least_clean_share", 0.5, "service.clean"),
    ],
)
def test_dispatches_that_cannot_be_are_found(solved, column, factor, check):
    given, tables = solved
    loads = [row.model_copy(update={column: factor * getattr(row, column)}) for row in given.dispatch_loads]
    assert check in failed(replace(given, dispatch_loads=tuple(loads)), tables)


def test_dispatches_that_say_nothing_of_their_load_are_found(solved):
    """As if a mode cut nothing, drew nothing and were clean in no hour: no plan can hide what it does."""
    given, tables = solved
    silent = failed(replace(given, dispatch_loads=()), tables)
    assert silent & {"service.clean", "service.grid_peak", "tables.known_name"}
    hidden = failed(replace(given, dispatch_loads=()), replace(tables, load_service=()))
    assert {"service.clean", "service.grid_peak"} <= hidden


def test_a_site_that_asks_for_nothing_has_no_such_rows(solved):
    given, tables = solved
    assert "service.rows" in failed(replace(given, power_needs=()), tables)


@pytest.mark.parametrize(
    ("column", "factor", "check"),
    [
        ("energy_usd_per_mwh", 0.99, "portfolio.energy_cost"),
        ("fixed_usd_per_kw_year", 0.99, "portfolio.fixed_cost"),
        ("energy_availability", 1.01, "portfolio.availability"),
    ],
)
def test_portfolios_that_flatter_their_load_are_found(static, column, factor, check):
    """Energy without its cuts, fixed cost without the charge, more energy than the load takes."""
    given, tables = static
    options = [row.model_copy(update={column: factor * getattr(row, column)}) for row in given.power_options]
    assert check in failed(replace(given, power_options=tuple(options)), tables)
