"""A first plan from a grid of years is a plan of the model asked."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from optimizer.instance.calendar import Calendar, Span
from optimizer.model.build import build_model
from optimizer.solve import sketch
from optimizer.solve.outcomes import Ending
from optimizer.solve.session import HighsSession
from optimizer.solve.sketch import Sketch, begin_sketch, years_of
from optimizer.solve.standard_form import standard_form
from tests import instances as make
from tests.model.test_allowances import with_step


def quarterly(**tables):
    settings = make.settings(months=3, count=12, decision_every_months=6)
    sites = [
        make.site("alpha", module_mw=400, max_modules=2, open_cost_musd=100, lead_months=9),
        make.site("beta", module_mw=150, max_modules=3, earliest_start="2028"),
    ]
    supply = [make.supply(during=str(year), units=300_000) for year in (2027, 2028, 2029)]
    demand = [make.demand(year=year) for year in (2027, 2028, 2029)]
    return make.instance(settings=settings, sites=sites, chip_supply=supply, demand=demand, **tables)


def sketched(instance, stop=None):
    model = build_model(instance)
    form = standard_form(model.pyomo)
    begun = Sketch(instance, threading.Event())
    return form, begun.plan(model, form, stop or threading.Event(), 60.0)


def test_the_plan_meets_every_row_and_is_no_better_than_the_best() -> None:
    form, found = sketched(quarterly())
    assert found is not None
    assert found.ending is Ending.OPTIMAL
    body = form.matrix @ found.values
    assert (body <= form.row_upper + 1e-6).all()
    assert (body >= form.row_lower - 1e-6).all()
    assert (found.values <= form.upper + 1e-9).all()
    whole = found.values[form.integer]
    np.testing.assert_allclose(whole, np.round(whole), atol=1e-9)
    assert found.objective == pytest.approx(form.cost @ found.values + form.offset)
    session = HighsSession(form, threads=1, seed=1, stop=threading.Event())
    best = session.solve_mip(gap=0, gap_absolute=0, time_limit=60)
    assert 0.5 * best.objective < found.objective <= best.objective + 1e-6


def test_less_is_built_where_so_many_modules_are_impossible(monkeypatch) -> None:
    budgets = [make.budget(year=year, capital_busd=3) for year in (2027, 2028, 2029)]
    poor = quarterly(budgets=budgets, free_capital=False)
    tried = []

    def all_or_nothing(values, sites, share):
        tried.append(share)
        whole = values.copy()
        for site in sites:
            whole[site.modules] = 2.0 if share == 1.0 else 0.0
        return whole

    monkeypatch.setattr(sketch, "rounded_by_date", all_or_nothing)
    assert sketched(poor)[1] is not None
    assert tried == [1.0, 0.5]
    monkeypatch.setattr(sketch, "SHARES", (1.0,))
    assert sketched(poor)[1] is None


def test_quota_steps_that_are_worth_their_cost_are_bought() -> None:
    for cost, bought in ((0.01, 1.0), (50.0, 0.0)):
        yearly = with_step("yearly cap", cost)
        start = yearly.calendar.start
        quarters = tuple(Span(start + 3 * k, start + 3 * k + 3) for k in range(12))
        form, found = sketched(replace(yearly, calendar=Calendar(quarters, (0, 4, 8))))
        assert found is not None
        steps = [column for column, name in enumerate(form.column_names) if name.startswith("step_bought")]
        assert found.values[steps].tolist() == [bought]


def test_there_is_none_when_it_is_stopped() -> None:
    stop = threading.Event()
    stop.set()
    assert sketched(quarterly(), stop)[1] is None


def test_the_relaxation_of_years_ends_with_the_solve() -> None:
    stop = threading.Event()
    stop.set()
    instance = quarterly()
    model = build_model(instance)
    begun = Sketch(instance, stop)
    assert begun.plan(model, standard_form(model.pyomo), threading.Event(), 60.0) is None


def test_what_goes_wrong_on_years_is_raised_by_who_asks_for_the_plan(monkeypatch) -> None:
    def broken(*_, **__):
        raise ValueError("broken")

    monkeypatch.setattr(sketch.HighsSession, "solve_relaxation", broken)
    with pytest.raises(ValueError, match="broken"):
        sketched(quarterly())


def test_it_is_begun_for_a_large_instance_with_a_core_to_spare(monkeypatch) -> None:
    def begun(instance):
        found = begin_sketch(instance, threading.Event())
        if found is not None:
            found.end()
        return found is not None

    assert not begun(quarterly())
    monkeypatch.setattr(sketch, "LEAST_SITE_PERIODS", 24)
    on = {
        (threads, deterministic): begun(_with_solver(quarterly(), threads=threads, deterministic=deterministic))
        for threads in (1, 2)
        for deterministic in (False, True)
    }
    assert on == {(1, False): False, (1, True): True, (2, False): True, (2, True): True}
    monkeypatch.setattr(sketch, "LEAST_SITE_PERIODS", 0)
    assert not begun(_with_solver(make.instance(), threads=2))


def _with_solver(instance, **wanted):
    settings = instance.settings
    return replace(instance, settings=settings.model_copy(update={"solver": settings.solver.model_copy(update=wanted)}))


def test_the_first_and_the_last_year_are_as_long_as_the_plan_has_them() -> None:
    quarters = tuple(Span(12 * 2027 + 3 * k, 12 * 2027 + 3 * k + 3) for k in range(2, 10))
    years = years_of(Calendar(quarters, (0, 2, 4, 6)))
    assert [(span.start - 12 * 2027, span.months) for span in years.periods] == [(6, 6), (12, 12), (24, 6)]
    assert years.decision_periods == (0, 1, 2)
