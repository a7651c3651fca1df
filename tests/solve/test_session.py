"""HiGHS driven as arrays: solved, edited in place, stopped, written."""

from __future__ import annotations

import random
import threading
from dataclasses import replace

import numpy as np
import pytest

from optimizer.model.build import build_model
from optimizer.solve.outcomes import Ending, SolverError
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import StandardForm, standard_form
from tests.random_instances import random_instance
from tests.solve.hard import hard_form
from tests.solve.knapsack import knapsack


def session_of(form: StandardForm, stop: threading.Event | None = None) -> HighsSession:
    return HighsSession(form, threads=1, seed=1, stop=stop or threading.Event())


def solve_whole(session: HighsSession) -> float:
    return session.solve_mip(gap=0, gap_absolute=0, time_limit=10).objective


def test_relaxation_drops_and_mip_keeps_integrality() -> None:
    session = session_of(knapsack())
    for interior_point in (True, False):
        relaxed = session.solve_relaxation(interior_point=interior_point, time_limit=10)
        assert relaxed.ending is Ending.OPTIMAL
        assert relaxed.values == pytest.approx([1.2, 0.2, 2.0])
        assert relaxed.objective == pytest.approx(12.8)
        assert relaxed.row_duals == pytest.approx([1.1, 0.7])
    found = session.solve_mip(gap=0, gap_absolute=0, time_limit=10)
    assert found.ending is Ending.OPTIMAL
    assert found.values is not None
    # a = 1, c = 2: 2 + 3 b + 2 <= 5 leaves b = 1/3, and 4 + b + 4 <= 9 holds.
    assert found.objective == pytest.approx(5 + 4 / 3 + 6)
    assert found.bound == pytest.approx(found.objective)


def test_duals_price_the_rows_that_bind() -> None:
    session = session_of(knapsack())
    fixed = session.solve_fixed(np.array([1.0, 0.0, 0.0]), time_limit=10)
    assert fixed.objective == pytest.approx(5 + 4 / 3 + 6)
    assert fixed.row_duals == pytest.approx([4 / 3, 0], abs=1e-9)


def test_fixing_rounds_and_restores_bounds() -> None:
    session = session_of(knapsack())
    assert session.solve_fixed(np.array([0.4, 9.0, 9.0]), time_limit=10).values[0] == 0
    assert session.solve_fixed(np.array([1.6, 9.0, 9.0]), time_limit=10).values[0] == 2
    assert solve_whole(session) == pytest.approx(5 + 4 / 3 + 6)


def test_an_infeasible_model_says_so() -> None:
    session = session_of(knapsack())
    session.set_row_bounds(1, 100.0, np.inf)
    assert session.solve_relaxation(interior_point=True, time_limit=10).ending is Ending.INFEASIBLE
    found = session.solve_mip(gap=0, gap_absolute=0, time_limit=10)
    assert found.ending is Ending.INFEASIBLE
    assert found.values is None
    assert found.objective == -np.inf


def test_a_set_stop_event_ends_the_search_with_the_best_plan() -> None:
    stop = threading.Event()
    session = session_of(hard_form(), stop)
    seen: list[float] = []

    def watch(progress: object) -> None:
        seen.append(getattr(progress, "incumbent", -np.inf))
        if np.isfinite(seen[-1]):
            stop.set()

    found = session.solve_mip(gap=0, gap_absolute=0, time_limit=60, watch=watch)
    assert found.ending is Ending.INTERRUPTED
    assert found.values is not None
    assert found.objective <= found.bound
    assert seen


def test_a_refused_option_is_an_error() -> None:
    session = session_of(knapsack())
    with pytest.raises(SolverError, match="time_limit"):
        session.solve_mip(gap=0, gap_absolute=0, time_limit=-1)


def test_nothing_is_printed_on_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    solve_whole(session_of(knapsack()))
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("seed", [78, 173, 268, 340, 786])
def test_a_starting_plan_changes_neither_optimum_nor_bound(seed: int) -> None:
    """HiGHS 1.16 overstates the starting plan of the first three, and then prunes what is better."""
    form = standard_form(build_model(random_instance(random.Random(seed))).pyomo)
    alone = session_of(form).solve_mip(gap=0, gap_absolute=0, time_limit=10)
    session = session_of(form)
    start = session.solve_fixed(np.zeros(len(form.cost)), time_limit=10)
    assert start.ending is Ending.OPTIMAL
    helped = session.solve_mip(gap=0, gap_absolute=0, time_limit=10, start=start.values)
    assert helped.ending is Ending.OPTIMAL
    assert helped.objective == pytest.approx(alone.objective, rel=1e-6, abs=1e-6)
    assert helped.bound == pytest.approx(alone.objective, rel=1e-6, abs=1e-6)


def test_an_interrupted_session_can_go_on() -> None:
    """The answer to HiGHS's question whether to stop must not outlive the run."""
    stop = threading.Event()
    session = session_of(hard_form(), stop)
    stop.set()
    assert session.solve_mip(gap=0, gap_absolute=0, time_limit=10).ending is Ending.INTERRUPTED
    stop.clear()
    found = session.solve_mip(gap=0.5, gap_absolute=0, time_limit=60)
    assert found.ending is Ending.OPTIMAL
    assert found.values is not None


def test_a_target_ends_the_search_at_a_plan_that_reaches_it() -> None:
    form = hard_form()
    target = 0.8 * session_of(form).solve_relaxation(interior_point=False, time_limit=10).objective
    found = session_of(form).solve_mip(gap=0, gap_absolute=0, time_limit=60, target=target)
    assert found.ending is Ending.INTERRUPTED
    assert found.values is not None
    assert found.objective == pytest.approx(form.cost @ found.values + form.offset)
    assert found.objective >= target


@pytest.mark.parametrize("seed", range(200, 212))
def test_relaxations_and_fixed_programs_that_go_on_from_each_other_equal_fresh_ones(seed: int) -> None:
    """Edits reach both copies of the model, whatever was solved on either before."""
    rng = random.Random(seed)
    form = standard_form(build_model(random_instance(rng)).pyomo)
    live = session_of(form)
    upper, row_upper = form.upper.copy(), form.row_upper.copy()
    for _ in range(4):
        column, row = rng.randrange(len(upper)), rng.randrange(len(row_upper))
        if np.isfinite(upper[column]):
            upper[column] = form.lower[column] + rng.choice([0.5, 1, 2]) * (upper[column] - form.lower[column])
            live.form.upper[column] = upper[column]
            live.set_bounds(np.array([column]), form.lower[[column]], upper[[column]])
        if np.isfinite(row_upper[row]) and np.isinf(form.row_lower[row]):
            row_upper[row] += rng.choice([0, 1, 5])
            live.set_row_bounds(row, -np.inf, row_upper[row])
        fresh = session_of(replace(form, upper=upper.copy(), row_upper=row_upper.copy()))
        for hot, cold in (
            (live.solve_relaxation(interior_point=False, time_limit=10),
             fresh.solve_relaxation(interior_point=True, time_limit=10)),
            (live.solve_fixed(np.zeros(len(upper)), time_limit=10),
             fresh.solve_fixed(np.zeros(len(upper)), time_limit=10, interior_point=True)),
        ):  # fmt: skip
            assert hot.ending is cold.ending
            assert hot.objective == pytest.approx(cold.objective, rel=1e-7, abs=1e-7)
        whole = live.solve_mip(gap=0, gap_absolute=0, time_limit=10)
        assert whole.objective == pytest.approx(fresh.solve_mip(gap=0, gap_absolute=0, time_limit=10).objective, 1e-6)


def test_a_basis_of_another_shape_is_none() -> None:
    """A study keeps where relaxations ended; more dispatch modes make another model of the same points."""
    smaller, wider = session_of(knapsack()), session_of(hard_form())
    smaller.solve_relaxation(interior_point=False, time_limit=10)
    kept = smaller.basis
    again = session_of(knapsack())
    again.basis = kept
    assert again.warm
    wider.basis = kept
    assert not wider.warm
    assert wider.solve_relaxation(interior_point=not wider.warm, time_limit=10).ending is Ending.OPTIMAL
