"""Location problems are solved by a search of their own; whatever else there is in a model is not."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.instance.instance import Instance
from optimizer.instance.schema.settings import SolverSettings
from optimizer.model.build import build_model
from optimizer.solve.columns import site_columns
from optimizer.solve.events import SolveEvent
from optimizer.solve.outcomes import Ending
from optimizer.solve.pipeline import STAGES, solve
from optimizer.solve.session import HighsSession
from optimizer.solve.stages.locating import SearchLocations
from optimizer.solve.standard_form import StandardForm, standard_form
from scripts.location.convert import to_instance
from tests.scripts.test_location import problem
from tests.solve.location.test_recognition import CHANGES, form_of, plain
from tests.solve.stages.searching import watched
from tests.solving import solve_small

NAMES = ["location search", "final linear program"]


def larger(seed: int = 2, **changes) -> Instance:
    """One that is not solved at once."""
    return to_instance(problem(seed, facilities=14, customers=20, capacity=np.full(14, 20.0), **changes))


def plain_mip(form: StandardForm) -> float:
    """Objective of the best plan, by HiGHS alone; minus infinity if there is none."""
    session = HighsSession(form, threads=1, seed=0, stop=threading.Event())
    return session.solve_mip(gap=0.0, gap_absolute=0.0, time_limit=60).objective


def solved(form: StandardForm, sites=(), stop: threading.Event | None = None, observer=lambda _: None, **given):
    stop = stop or threading.Event()
    options = SolverSettings(**{"gap": 1e-4, "threads": 1, "time_limit_seconds": 60, **given})
    session = HighsSession(form, threads=1, seed=1, stop=stop, deterministic=options.deterministic)
    return solve(session, options, observer=observer, stop=stop, sites=sites)


DRAWN = st.builds(
    problem,
    st.integers(0, 10**6),
    facilities=st.integers(2, 6),
    customers=st.integers(2, 7),
)


@given(DRAWN, st.sampled_from([1e-6, 1e-4, 0.05]))
@settings(max_examples=40, deadline=None)
def test_plan_and_bound_are_those_of_plain_branch_and_bound(drawn, gap):
    if drawn.capacity.sum() < drawn.demand.sum():
        return
    model = build_model(to_instance(drawn))
    form = standard_form(model.pyomo)
    best = plain_mip(form)
    found = solved(form, site_columns(model, form), gap=gap)
    assert [report.stage for report in found.stages] == NAMES
    assert found.ending is Ending.OPTIMAL
    assert found.relative_gap <= gap
    slack = 1e-6 * abs(best)
    assert found.bound >= best - slack
    assert best - gap * abs(found.incumbent) - slack <= found.incumbent <= best + slack


@pytest.mark.parametrize("change", CHANGES)
def test_other_models_take_the_ordinary_way_to_the_plan_of_plain_branch_and_bound(change):
    form = change(plain())
    found, best = solved(form, gap=0.0 if change.__name__ == "_whole_service" else 1e-6), plain_mip(form)
    assert "location search" not in [report.stage for report in found.stages]
    if found.values is None:
        assert best == -np.inf
    else:
        assert found.incumbent == pytest.approx(best, rel=2e-6)


def test_the_plan_passes_as_any_other_and_its_values_are_those_of_the_model():
    found = solve_small(larger())
    assert [report.stage for report in found.solution.stages] == NAMES
    assert found.npv == pytest.approx(found.objective, rel=1e-9)


def test_a_gap_finer_than_its_sums_is_left_to_the_other_stages():
    found = watched(larger(), gap=0.0)
    assert found.run(SearchLocations()) == []
    assert watched(larger(), gap=0.0, gap_busd=0.01).run(SearchLocations()) == ["location search"]


def test_plans_to_start_from_are_not_passed_over():
    found = watched(larger(), gap=1e-4)
    found.search.starts = [np.zeros(len(found.search.session.form.cost))]
    assert found.run(SearchLocations()) == []


def test_what_a_session_was_given_since_counts():
    """A row of a study makes it another model."""
    found = watched(larger(), gap=1e-4)
    form = found.search.session.form
    found.search.session.add_row(np.flatnonzero(form.integer), np.ones(int(form.integer.sum())), -np.inf, 5.0)
    assert found.run(SearchLocations()) == []


def test_an_interrupt_leaves_a_plan_and_a_bound_that_hold():
    instance = larger()
    best = plain_mip(form_of(instance))
    model = build_model(instance)
    form, stop = standard_form(model.pyomo), threading.Event()

    def interrupt(event: SolveEvent) -> None:
        if event.incumbent is not None:
            stop.set()

    found = solved(form, site_columns(model, form), stop, interrupt, gap=1e-6)
    assert found.ending is Ending.INTERRUPTED
    assert found.values is not None
    assert found.incumbent <= best * (1 - 1e-6)
    assert found.bound >= best - 1e-6 * abs(best)
    body = form.matrix @ found.values
    assert np.all(body <= form.row_upper + 1e-9)
    assert np.all(body >= form.row_lower - 1e-9)


def test_a_search_without_time_leaves_its_plan_to_the_other_stages():
    found = watched(larger(), gap=1e-6)
    best = plain_mip(found.search.session.form)
    assert found.run(SearchLocations(time_share=0.0)) == ["location search"]
    assert not found.search.solved()
    assert found.search.incumbent == pytest.approx(found.objective())
    assert found.search.bound >= best - 1e-6 * abs(best)
    later = found.run(*STAGES[1:])
    assert later[0] == "presolve"
    assert later[-1] == "final linear program"
    assert found.search.finish().incumbent == pytest.approx(best, rel=1e-5)


def test_events_tell_plans_and_bounds_as_they_are_found():
    events: list[SolveEvent] = []
    found = solved(form_of(larger()), observer=events.append, gap=1e-6)
    of_search = [event for event in events if event.stage == "location search"]
    plans = [event.incumbent for event in of_search if event.incumbent is not None]
    bounds = [event.bound for event in of_search if event.bound is not None]
    assert np.diff(plans).min() >= -1e-9
    assert bounds == sorted(bounds, reverse=True)
    assert len(set(plans)) > 1
    assert len(set(bounds)) > 1
    assert plans[-1] == pytest.approx(found.incumbent, rel=1e-9)


@pytest.mark.parametrize("limit", [1e-6, 4e-4, 60.0])
def test_deterministic_searches_end_by_work(limit):
    form = form_of(larger())  # 0.0006 s of work until it is solved
    first, again = (solved(form, gap=1e-6, deterministic=True, time_limit_seconds=limit) for _ in range(2))
    assert first.stages == again.stages
    assert first.stages[0].seconds > 0
    np.testing.assert_array_equal(first.values, again.values)
    assert (first.ending is Ending.OPTIMAL) == (limit > 1)


def test_a_model_without_a_plan_is_left_to_the_relaxation():
    instance = larger()
    more = tuple(row.model_copy(update={"quantity_h100e_million": 1e4}) for row in instance.demand)
    supply = tuple(
        row.model_copy(update={"units": 1e12, "minimum_units": 1e4 * len(more) * 1e6 / 1000})
        for row in instance.chip_supply
    )
    found = solved(form_of(replace(instance, demand=more, chip_supply=supply)))
    assert found.ending is Ending.INFEASIBLE
    assert "linear relaxation" in [report.stage for report in found.stages]
