"""What a site is worth at the prices of the relaxation bounds every plan with it, and every plan without it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from optimizer.model.build import build_model
from optimizer.solve import implied_rows
from optimizer.solve.columns import site_columns
from optimizer.solve.implied_rows import fixed_by_reduced_costs, meet_all, require_fewest_modules, set_aside
from optimizer.solve.session import HighsSession
from optimizer.solve.site_worth import site_worths
from optimizer.solve.standard_form import standard_form
from scripts.location.convert import to_instance
from tests import instances as make
from tests.scripts.test_location import problem


@pytest.fixture(autouse=True)
def _set_aside_however_few(monkeypatch):
    monkeypatch.setattr(implied_rows, "FEW_ROWS", 0)


def relaxed(drawn):
    """The model, its core with the rows that it breaks, and what the sites are worth there."""
    model = build_model(to_instance(drawn, gap=0))
    form = standard_form(model.pyomo)
    whole, sites = HighsSession(form, threads=1, seed=1, stop=threading.Event()), site_columns(model, form)
    core, rows = set_aside(whole)
    require_fewest_modules(core, sites, 10)
    first = core.solve_relaxation(interior_point=False, time_limit=10)
    found = meet_all(core, rows, first, seconds_left=lambda: 10.0, goes_on=lambda: True, tell=lambda _: None)
    return whole, core, found, site_worths(core, rows, found, sites, 10.0)


def best_with(session, column, value):
    """Best plan with a module column at a value; -inf if there is none."""
    session.set_bounds(np.array([column]), np.array([value]), np.array([value]))
    try:
        return session.solve_mip(gap=0, gap_absolute=0, time_limit=10).objective
    finally:
        session.reset_bounds()


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_is_worth_more_than_the_sites_say(seed) -> None:
    whole, _, relaxation, worths = relaxed(problem(seed, facilities=6, customers=8))
    assert len(worths.columns) == 6
    for column, without, with_module in zip(worths.columns, worths.without, worths.with_module, strict=True):
        best = max(without, with_module)
        assert best_with(whole, column, 0.0) <= relaxation.objective - best + without + 1e-6
        assert best_with(whole, column, 1.0) <= relaxation.objective - best + with_module + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_what_is_settled_is_so_in_the_best_plan_and_is_not_little(seed) -> None:
    whole, core, relaxation, worths = relaxed(problem(seed, facilities=8, customers=10))
    best = whole.solve_mip(gap=0, gap_absolute=0, time_limit=10)
    worth = best.objective - 1e-6 * abs(best.objective)
    columns, values = worths.settled(relaxation.objective, worth)
    np.testing.assert_allclose(best.values[columns], values, atol=1e-6)
    assert len(columns) >= len(fixed_by_reduced_costs(core, relaxation, worth)[0])
    assert len(worths.settled(relaxation.objective, -1e9)[0]) == 0


def test_sites_that_share_a_market_node_have_no_columns_of_their_own() -> None:
    shared = make.instance(sites=[make.site("alpha"), make.site("beta")])
    apart = make.instance(
        sites=[make.site("alpha"), make.site("beta", latency_zone="far", max_modules=1)],
        latency=[make.latency(), make.latency("far")],
    )
    for instance, alone in ((shared, False), (apart, True)):
        model = build_model(instance)
        form = standard_form(model.pyomo)
        names = form.column_names
        for site, name in zip(site_columns(model, form), ("alpha", "beta"), strict=True):
            assert bool(len(site.own)) == alone
            assert not any(("beta" if name == "alpha" else "alpha") in names[column] for column in site.own)
