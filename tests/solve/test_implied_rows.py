"""Rows set aside change no plan and no relaxation, and what is fixed or required is so in the best plan."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from optimizer.model.build import build_model
from optimizer.solve import implied_rows
from optimizer.solve.columns import site_columns
from optimizer.solve.implied_rows import (
    fixed_by_reduced_costs,
    meet_all,
    require_fewest_modules,
    set_aside,
)
from optimizer.solve.pipeline import solve
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import standard_form
from scripts.location.convert import Scale, to_instance
from tests.scripts.test_location import least_cost, problem


@pytest.fixture(autouse=True)
def _set_aside_however_few(monkeypatch):
    monkeypatch.setattr(implied_rows, "FEW_ROWS", 0)


def session_of(drawn):
    model = build_model(to_instance(drawn, gap=0))
    form = standard_form(model.pyomo)
    return HighsSession(form, threads=1, seed=1, stop=threading.Event()), site_columns(model, form)


def strengthened(session, rows):
    relaxation = session.solve_relaxation(interior_point=False, time_limit=10)
    bounds = []
    found = meet_all(session, rows, relaxation, seconds_left=lambda: 10.0, goes_on=lambda: True, tell=bounds.append)
    assert bounds == sorted(bounds, reverse=True)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_round_by_round_the_relaxation_is_the_one_with_all_rows(seed):
    session, _ = session_of(problem(seed, facilities=6, customers=8))
    whole = session.solve_relaxation(interior_point=False, time_limit=10)
    core, rows = set_aside(session)
    assert rows is not None
    assert core.form.matrix.shape[0] == session.form.matrix.shape[0] - 48
    found = strengthened(core, rows)
    assert found.objective == pytest.approx(whole.objective, rel=1e-5)
    assert (rows.matrix @ found.values <= rows.upper + 1e-5).all()


def test_only_broken_rows_are_taken_in():
    core, rows = set_aside(session_of(problem(2, facilities=6, customers=8))[0])
    before = core.solve_relaxation(interior_point=False, time_limit=10)
    broken = (rows.matrix @ before.values - rows.upper) > 1e-3
    assert 0 < rows.take_broken(core, before.values) < 48
    assert rows.present[broken].all()
    assert rows.take_broken(core, before.values) == 0


def test_few_rows_stay_where_they_are(monkeypatch):
    monkeypatch.setattr(implied_rows, "FEW_ROWS", 48)
    session, _ = session_of(problem(2, facilities=6, customers=8))
    assert set_aside(session) == (session, None)


def test_rows_are_set_aside_as_a_study_left_them():
    """A study edits the live model, which the arrays that were handed over do not show."""
    session, _ = session_of(problem(2))
    row = session.form.row_names.index(next(n for n in session.form.row_names if n.startswith("take_or_pay")))
    session.set_row_bounds(row, 0.0, np.inf)
    core, _ = set_aside(session)
    nothing = core.solve_relaxation(interior_point=False, time_limit=10)
    assert nothing.objective == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_search_reaches_the_least_cost_of_all_sets_of_facilities(seed):
    drawn = problem(seed, facilities=6, customers=8, demand=np.full(8, 2.0))
    session, sites = session_of(drawn)
    settings = to_instance(drawn, gap=0).settings.solver
    stop = threading.Event()
    stages = []
    found = solve(session, settings, observer=lambda event: stages.append(event.stage), stop=stop, sites=sites)
    assert Scale.of(drawn).cost(found.incumbent) == pytest.approx(least_cost(drawn), rel=1e-7)
    assert found.gap <= 1e-6 * abs(found.incumbent)
    assert "implied rows" in stages
    full = session.form.matrix @ found.values
    assert (full <= session.form.row_upper + 1e-6).all()


def test_equal_facilities_are_counted_in_whole_modules():
    """Demand for 2.4 facilities needs three: a bound that no part of a facility gives."""
    alike = {"capacity": np.full(5, 10.0), "demand": np.full(4, 6.0), "unit_cost": np.ones((5, 4))}
    drawn = problem(0, facilities=5, customers=4, **alike)
    core, rows = set_aside(session_of(drawn)[0])
    weaker = strengthened(core, rows).objective
    session, sites = session_of(drawn)
    core, rows = set_aside(session)
    require_fewest_modules(core, sites, 10)
    modules = np.concatenate([site.modules for site in sites])
    stronger = strengthened(core, rows)
    assert stronger.values[modules].sum() >= 3 - 1e-6
    assert stronger.objective < weaker - 1e-6
    assert Scale.of(drawn).cost(stronger.objective) <= least_cost(drawn) * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_what_reduced_costs_fix_is_so_in_the_best_plan(seed):
    drawn = problem(seed, facilities=7, customers=8)
    session, _ = session_of(drawn)
    core, rows = set_aside(session)
    relaxation = strengthened(core, rows)
    best = session.solve_mip(gap=0, gap_absolute=0, time_limit=10)
    columns, values = fixed_by_reduced_costs(core, relaxation, best.objective - 1e-6 * abs(best.objective))
    np.testing.assert_allclose(best.values[columns], values, atol=1e-6)
    everything, _ = fixed_by_reduced_costs(core, replace(relaxation, objective=-1e9), 0.0)
    nothing, _ = fixed_by_reduced_costs(core, replace(relaxation, objective=1e9), 0.0)
    assert len(everything) > len(columns) >= len(nothing) == 0
