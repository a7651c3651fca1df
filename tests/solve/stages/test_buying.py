"""Steps are bought whole by rows that are gone when the search ends."""

from __future__ import annotations

import pytest

from optimizer.solve.stages.buying import DropStepRows, TakeStepRows
from optimizer.solve.stages.closing import RoundWithoutSmall
from optimizer.solve.stages.rounding import RoundByDate
from tests.solve.stages.searching import best_plan, watched
from tests.solve.test_step_rows import old_and_new


def test_the_relaxation_pays_for_whole_steps_and_no_plan_is_lost():
    found = watched(old_and_new()).relaxed()
    loose = found.search.bound
    assert found.run(TakeStepRows()) == ["whole steps"]
    _, best = best_plan(old_and_new())
    assert best - 1e-6 <= found.search.bound < loose - 0.05


def test_afterwards_the_model_is_as_it_was():
    found = watched(old_and_new()).relaxed()
    rows, loose = found.search.session.row_count, found.search.bound
    found.run(TakeStepRows())
    assert found.search.session.row_count > rows
    assert found.run(DropStepRows()) == ["rows of whole steps dropped"]
    assert found.search.session.row_count == rows
    again = found.search.session.solve_relaxation(interior_point=False, time_limit=10)
    assert again.objective == pytest.approx(loose)
    assert found.run(DropStepRows()) == []


def test_plans_made_with_the_rows_are_plans_without_them():
    found = watched(old_and_new()).relaxed()
    found.run(TakeStepRows(), RoundByDate(), DropStepRows())
    assert found.objective() == pytest.approx(found.search.incumbent)
    assert found.search.incumbent <= best_plan(old_and_new())[1] + 1e-6


def test_without_steps_nothing_is_done():
    assert watched().relaxed().run(TakeStepRows(), RoundWithoutSmall()) == []
