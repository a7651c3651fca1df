"""What the pipeline claims about its plans is true."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

from optimizer.instance.schema.settings import SolverSettings
from optimizer.model.build import build_model
from optimizer.solve.columns import site_columns
from optimizer.solve.events import SolveEvent
from optimizer.solve.outcomes import Ending, SolverError
from optimizer.solve.pipeline import Solution, solve
from optimizer.solve.search import Search
from optimizer.solve.session import HighsSession
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.standard_form import FloatArray, StandardForm, standard_form
from tests import instances as make
from tests.oracle import best_objective
from tests.random_instances import random_instance, with_settings
from tests.solve.hard import hard_form
from tests.solving import solve_small

NO_SITES: tuple[SiteColumns, ...] = ()


def run(
    form: StandardForm, settings: SolverSettings, stop: threading.Event | None = None, *, stop_at_plan: bool = False
) -> tuple[Solution, list[SolveEvent]]:
    stop = stop or threading.Event()
    events: list[SolveEvent] = []

    def observe(event: SolveEvent) -> None:
        events.append(event)
        if stop_at_plan and event.incumbent is not None:
            stop.set()

    session = HighsSession(form, threads=1, seed=1, stop=stop)
    return solve(session, settings, observer=observe, stop=stop, sites=NO_SITES), events


def assert_plan_is_feasible(form: StandardForm, solution: Solution) -> None:
    assert solution.values is not None
    body = form.matrix @ solution.values
    scale = 1e-6 * (1 + np.abs(body))
    assert np.all(body <= form.row_upper + scale)
    assert np.all(body >= form.row_lower - scale)
    assert np.all(solution.values <= form.upper + 1e-6)
    assert np.all(solution.values >= form.lower - 1e-6)
    whole = solution.values[form.integer]
    np.testing.assert_allclose(whole, np.round(whole), atol=1e-6)
    assert form.cost @ solution.values + form.offset == pytest.approx(solution.incumbent, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(100, 125))
def test_the_bound_holds_and_the_gap_is_honest(seed: int) -> None:
    instance = with_settings(random_instance(random.Random(seed)), "solver", gap=0.2)
    solved = solve_small(instance)
    best = best_objective(instance)
    assert solved.feasible == (best is not None)
    if best is None:
        assert solved.solution.ending is Ending.INFEASIBLE
        return
    solution = solved.solution
    assert_plan_is_feasible(solved.form, solution)
    assert solution.incumbent <= best + 1e-6
    assert solution.bound >= best - 1e-6
    assert solution.bound >= solution.incumbent
    assert solution.gap <= 0.2 * abs(solution.incumbent) + 1e-9
    stop = threading.Event()
    session = HighsSession(solved.form, threads=1, seed=1, stop=stop)
    relaxed = session.solve_relaxation(interior_point=False, time_limit=10)
    assert relaxed.objective >= solution.bound - 1e-6


def test_a_time_limit_returns_the_plan_found_so_far() -> None:
    form = hard_form()
    solution, events = run(form, SolverSettings(gap=0, time_limit_seconds=2, threads=1))
    assert solution.ending is Ending.TIME
    assert solution.stopped_because == "time limit of 2 s"
    assert_plan_is_feasible(form, solution)
    assert solution.gap > 0
    bounds = [event.bound for event in events if event.bound is not None]
    assert bounds == sorted(bounds, reverse=True)
    plans = [
        event.incumbent for event in events if event.incumbent is not None and event.stage != "final linear program"
    ]
    assert plans == sorted(plans)


def test_a_stop_event_returns_the_plan_found_so_far() -> None:
    form = hard_form()
    solution, _ = run(form, SolverSettings(gap=0, time_limit_seconds=60, threads=1), stop_at_plan=True)
    assert solution.ending is Ending.INTERRUPTED
    assert solution.stopped_because == "interrupted by the user"
    assert_plan_is_feasible(form, solution)
    assert solution.bound > solution.incumbent


def test_a_stop_before_the_first_plan_returns_none() -> None:
    stop = threading.Event()
    stop.set()
    solution, _ = run(hard_form(), SolverSettings(gap=0, time_limit_seconds=60, threads=1), stop)
    assert solution.ending is Ending.INTERRUPTED
    assert solution.values is None


def test_an_absolute_gap_also_counts_as_solved() -> None:
    form = hard_form()
    exact, _ = run(form, SolverSettings(gap=0.3, time_limit_seconds=60, threads=1))
    loose, _ = run(form, SolverSettings(gap=0, gap_busd=0.3 * exact.incumbent, time_limit_seconds=60, threads=1))
    assert loose.ending is Ending.OPTIMAL
    assert loose.gap <= 0.3 * exact.incumbent


@pytest.mark.parametrize(
    ("tables", "objective", "row"),
    [
        ({"chip_supply": [make.supply(minimum_units=1_000_000)], "max_modules": 0}, "npv", "take_or_pay"),
        ({"required_compute": [make.required_compute(2027, 5)]}, "cost", "required_compute"),
        (
            {
                "committed": [make.committed()],
                "limits": [make.limit("grid", "it_gw", "*", 2027, 0.5)],
            },
            "npv",
            "it_gw",
        ),
    ],
)
def test_limits_that_nothing_can_meet_end_as_infeasible(tables: dict[str, object], objective: str, row: str) -> None:
    """Also when no decision appears in the row: the model is built, solved and told to be infeasible."""
    tables = dict(tables)
    site = make.site(earliest_start="2040" if tables.pop("max_modules", None) == 0 else "2027")
    instance = make.instance(settings=make.settings(objective=objective), sites=[site], **tables)  # type: ignore[arg-type]
    solved = solve_small(instance)
    assert solved.solution.ending is Ending.INFEASIBLE
    assert solved.solution.values is None
    assert any(name.startswith(row) for name in solved.form.row_names)


def test_site_columns_point_at_the_modules_and_openings_of_each_site() -> None:
    instance = make.instance(sites=[make.site("alpha", open_cost_musd=100), make.site("beta")])
    model = build_model(instance)
    form = standard_form(model.pyomo)
    names = form.column_names
    found = [([names[k] for k in site.modules], [names[k] for k in site.opened]) for site in site_columns(model, form)]
    years = (2027, 2028, 2029)
    assert found == [
        ([f"modules[alpha,{year}]" for year in years], [f"opened[alpha,{year}]" for year in years]),
        ([f"modules[beta,{year}]" for year in years], []),
    ]


def test_rounding_opens_a_site_with_its_first_module() -> None:
    site = SiteColumns(np.array([0, 1, 2]), np.array([3, 4, 5]), np.arange(3), 0.1)
    values = np.array([0.3, 0.5, 1.6, 1.0, 1.0, 1.0])
    site.round(values, threshold=0.4)
    assert values.tolist() == [0, 1, 2, 0, 1, 1]


def test_a_model_without_whole_columns_is_solved_by_its_relaxation() -> None:
    instance = make.instance(settings=make.settings(model={"integer_modules": False}),
                             chip_supply=[make.supply(units=400_000)])  # fmt: skip
    solved = solve_small(instance)
    assert not solved.form.integer.any()
    assert solved.modules() == pytest.approx({("alpha", "2027"): 0.4})
    assert solved.objective == pytest.approx(0.4 * 32.56)


def test_a_plan_kept_when_time_ran_out_before_the_full_search_is_not_called_optimal() -> None:
    form = hard_form()
    first, _ = run(form, SolverSettings(gap=0.9, threads=1))
    assert first.values is not None
    session = HighsSession(form, threads=1, seed=1, stop=threading.Event())
    found = solve(
        session,
        SolverSettings(gap=0, time_limit_seconds=1e-9, threads=1),
        observer=lambda _: None,
        stop=threading.Event(),
        sites=NO_SITES,
        starts=[first.values],
    )
    assert found.values is not None
    assert found.gap > 0
    assert found.ending is Ending.TIME
    assert "time limit" in found.stopped_because


def test_a_plan_better_than_the_bound_is_an_error_not_a_result() -> None:
    settings = SolverSettings(gap=0.01, time_limit_seconds=60, threads=1)
    stop = threading.Event()
    search = Search(HighsSession(hard_form(), threads=1, seed=1, stop=stop), settings, lambda _: None, stop)
    search.keep(np.zeros(1), 100.00001)
    search.tighten(100.0)
    assert search.finish().bound == 100.00001
    search.keep(np.zeros(1), 100.1)
    with pytest.raises(SolverError, match="none is above"):
        search.finish()


def stages_of(form: StandardForm, sites: tuple[SiteColumns, ...], gap: float, reserve: FloatArray) -> list[str]:
    """Stages that came to something, with a plan in reserve."""
    events: list[SolveEvent] = []
    stop = threading.Event()
    session = HighsSession(form, threads=1, seed=1, stop=stop)
    settings = SolverSettings(gap=gap, time_limit_seconds=60, threads=1)
    found = solve(session, settings, observer=events.append, stop=stop, sites=sites, reserves=[reserve])
    assert found.gap <= gap * abs(found.incumbent) + 1e-9
    return [event.stage for event in events]


def test_reserves_are_tried_where_rounding_leaves_the_gap_open() -> None:
    form = hard_form()
    best, _ = run(form, SolverSettings(gap=0.05, time_limit_seconds=60, threads=1))
    assert best.values is not None
    assert "earlier plans" in stages_of(form, NO_SITES, 0.06, best.values)


def test_reserves_are_left_alone_where_rounding_closes_the_gap() -> None:
    model = build_model(make.instance())
    form = standard_form(model.pyomo)
    stages = stages_of(form, site_columns(model, form), 0.2, np.zeros(len(form.cost)))
    assert "rounding by date" in stages
    assert "earlier plans" not in stages
