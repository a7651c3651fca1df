"""A first plan is made beside the relaxation, and neither outlives it nor hides what goes wrong."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.search import Helps
from optimizer.solve.stages.presolve import Presolve
from optimizer.solve.stages.relaxation import Relaxation
from optimizer.solve.stages.rounding import RoundAtOnce
from optimizer.solve.stages.sketching import BeginSketch, EndSketch
from tests.solve.stages.searching import Watched, best_plan, watched

BEGIN, END = BeginSketch(), EndSketch()


def solution(values: Any, objective: float) -> LpSolution:
    nothing = np.zeros(0)
    return LpSolution(Ending.OPTIMAL, objective, values, nothing, nothing)


def sketching(sketch: Any, **settings: Any) -> Watched:
    found = watched(**{"threads": 2, **settings})
    found.search.helps = Helps(sketch)
    return found


def test_its_plan_is_kept_as_a_rough_one() -> None:
    plan, worth = best_plan()
    kept = threading.Event()

    def sketch(_stop: threading.Event, seconds: float) -> LpSolution:
        assert 0 < seconds <= 60
        return solution(plan, worth)

    found = sketching(sketch)
    found.search.observer = lambda event: kept.set() if event.incumbent is not None else None
    assert found.run(Presolve(), BEGIN) == ["presolve", "first plan"]
    assert kept.wait(10)
    assert found.run(Relaxation(), END, RoundAtOnce()) == ["linear relaxation", "end of the first plan", "rounding"]
    assert found.objective() == pytest.approx(worth)


def waiting(begun: threading.Event) -> Any:
    plan, worth = best_plan()

    def sketch(stop: threading.Event, _seconds: float) -> LpSolution | None:
        begun.set()
        for _ in range(50):
            if stop.is_set():
                return None
            threading.Event().wait(0.01)
        return solution(plan, worth)

    return sketch


@pytest.mark.parametrize("deterministic", [False, True])
def test_once_the_relaxation_is_known_it_is_ended_or_in_deterministic_mode_awaited(deterministic: bool) -> None:
    found = sketching(waiting(threading.Event()), deterministic=deterministic)
    found.run(BEGIN, Relaxation(), END)
    assert (found.search.values is not None) == deterministic


def test_a_stop_of_the_solve_ends_it() -> None:
    begun = threading.Event()
    found = sketching(waiting(begun))
    found.run(BEGIN)
    assert begun.wait(10)
    found.search.stop.set()
    found.run(END)
    assert found.search.finish().ending is Ending.INTERRUPTED
    assert found.search.values is None


def test_a_plan_made_before_time_ran_out_is_a_plan_without_a_bound() -> None:
    plan, worth = best_plan()
    found = sketching(lambda _stop, _seconds: solution(plan, worth))
    found.run(BEGIN, END)
    solved = found.search.finish()
    assert solved.values is not None
    assert solved.bound == np.inf
    assert solved.ending is Ending.TIME


def test_what_goes_wrong_in_it_is_raised() -> None:
    def sketch(_stop: threading.Event, _seconds: float) -> LpSolution:
        raise ValueError("broken")

    found = sketching(sketch)
    found.run(BEGIN)
    with pytest.raises(ValueError, match="broken"):
        found.run(END)


def test_it_is_not_begun_without_a_sketch_or_where_there_is_a_basis_to_start_from() -> None:
    plan, worth = best_plan()
    assert sketching(None).run(BEGIN) == []
    warm = sketching(lambda _stop, _seconds: solution(plan, worth))
    warm.search.cold = False
    assert warm.run(BEGIN) == []
