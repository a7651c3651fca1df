"""Rounding date by date."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from optimizer.instance.instance import Instance
from optimizer.model.build import build_model
from optimizer.solve.columns import site_columns
from optimizer.solve.dive import _Date, dive, rounded_by_date
from optimizer.solve.outcomes import LpSolution
from optimizer.solve.session import HighsSession
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.standard_form import standard_form
from tests import instances as make


def site_of(column: int, module_gw: float) -> SiteColumns:
    return SiteColumns(np.array([column]), np.array([], dtype=np.intp), np.array([0]), module_gw)


def one_date(*module_gw: float) -> _Date:
    return _Date(tuple(site_of(k, gw) for k, gw in enumerate(module_gw)), (0,) * len(module_gw))


def dived(instance: Instance, *, goes_on: bool = True) -> tuple[LpSolution, LpSolution | None, NDArray[np.intp]]:
    """Relaxation, what a dive makes of it, and which columns must be whole."""
    model = build_model(instance)
    form = standard_form(model.pyomo)
    session = HighsSession(form, threads=1, seed=1, stop=threading.Event())
    relaxation = session.solve_relaxation(interior_point=True, time_limit=60)
    sites = site_columns(model, form)
    found = dive(session, relaxation.values, sites, seconds_left=lambda: 60.0, goes_on=lambda: goes_on)
    return relaxation, found, np.flatnonzero(form.integer)


def test_a_date_keeps_the_gw_of_the_relaxation() -> None:
    date = one_date(0.1, 0.1, 0.1, 0.1)
    assert date.rounded(np.array([0.9, 0.6, 0.3, 2.2]), 1.0).tolist() == [1, 1, 1, 2]
    assert date.rounded(np.array([0.9, 0.6, 0.3, 2.2]), 0.5).tolist() == [1, 1, 0, 2]
    assert date.rounded(np.array([0.9, 0.6, 0.3, 2.2]), 0.0).tolist() == [0, 0, 0, 2]


def test_a_big_module_is_not_built_for_a_small_fraction_of_it() -> None:
    assert one_date(1.0).rounded(np.array([0.4]), 1.0).tolist() == [0]
    assert one_date(1.0).rounded(np.array([0.6]), 1.0).tolist() == [1]


def test_whole_counts_of_the_relaxation_stay() -> None:
    assert one_date(0.1, 0.1).rounded(np.array([2.0, 1.0 - 1e-6]), 1.0).tolist() == [2, 1]


def test_a_dive_ends_in_a_plan_no_better_than_the_relaxation() -> None:
    sites = [make.site("alpha", open_cost_musd=100), make.site("beta", lead_months=24)]
    relaxation, found, whole = dived(make.instance(sites=sites, chip_supply=[make.supply(units=700_000)]))
    assert found is not None
    assert found.objective <= relaxation.objective + 1e-9
    assert found.values[whole] == pytest.approx(np.round(found.values[whole]), abs=1e-9)


def test_a_date_takes_less_where_the_budget_leaves_no_room_for_more() -> None:
    instance = make.instance(
        sites=[make.site(max_modules=1)],
        budgets=[make.budget(year=year, capital_busd=5) for year in (2027, 2028, 2029)],
        free_capital=False,
    )
    relaxation, found, whole = dived(instance)
    assert 0 < relaxation.values[whole][0] < 1
    assert found is not None
    assert found.values[whole][0] == 0


def test_a_dive_that_may_not_go_on_gives_nothing() -> None:
    assert dived(make.instance(), goes_on=False)[1] is None


def test_rounding_by_date_begins_no_more_modules_on_a_date_than_the_relaxation_rounded_up() -> None:
    """Half a module and then one more: two on the second date would be more starts than the relaxation has."""
    modules = np.array([0, 1, 2])
    site = SiteColumns(modules, np.array([], dtype=np.intp), np.arange(3), 0.1)
    assert rounded_by_date(np.array([0.3, 1.3, 2.3]), [site]).tolist() == [0, 1, 2]
    assert rounded_by_date(np.array([0.6, 1.6, 2.6]), [site]).tolist() == [1, 2, 3]


def test_rounding_by_date_opens_a_site_with_its_first_module() -> None:
    site = SiteColumns(np.array([0, 1]), np.array([2, 3]), np.arange(2), 0.1)
    assert rounded_by_date(np.array([0.2, 0.9, 0.2, 0.9]), [site]).tolist() == [0, 1, 0, 1]


def test_a_dive_that_goes_on_from_a_program_within_its_bounds_solves_whole_dates_no_more(monkeypatch) -> None:
    sites = [make.site("alpha", open_cost_musd=100), make.site("beta", lead_months=24)]
    model = build_model(make.instance(sites=sites, chip_supply=[make.supply(units=700_000)]))
    form = standard_form(model.pyomo)
    session = HighsSession(form, threads=1, seed=1, stop=threading.Event())
    relaxation = session.solve_relaxation(interior_point=True, time_limit=60)
    columns = site_columns(model, form)
    found = dive(session, relaxation.values, columns, seconds_left=lambda: 60.0, goes_on=lambda: True)
    assert found is not None
    whole = np.where(form.integer, np.round(found.values), form.lower)
    fixed = session.solve_between(whole, whole, time_limit=60)
    monkeypatch.setattr(session, "solve_between", None)  # every date is whole already
    again = dive(
        session,
        fixed.values,
        columns,
        seconds_left=lambda: 60.0,
        goes_on=lambda: True,
        lower=np.where(form.integer, whole, form.lower),
        upper=np.where(form.integer, whole, form.upper),
        latest=fixed,
    )
    assert again is fixed
