"""A full search leaves out what no better plan has, and proves no more than that allows."""

from __future__ import annotations

import pytest

from optimizer.solve import implied_rows
from optimizer.solve.stages.mip import FullSearch
from optimizer.solve.stages.presolve import Presolve
from optimizer.solve.stages.relaxation import Relaxation, TakeImpliedRows
from optimizer.solve.stages.rounding import RoundByDate
from scripts.location.convert import to_instance
from tests.scripts.test_location import problem
from tests.solve.stages.searching import best_plan, watched


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("gap", [0.0, 0.05])
def test_the_best_plan_is_within_the_gap_that_is_proven(seed, gap, monkeypatch) -> None:
    monkeypatch.setattr(implied_rows, "FEW_ROWS", 0)
    drawn = to_instance(problem(seed, facilities=8, customers=10), gap=0)
    found = watched(drawn, gap=gap)
    found.run(Presolve(), Relaxation(), TakeImpliedRows(), RoundByDate(), FullSearch())
    _, best = best_plan(drawn)
    solved = found.search.finish()
    assert solved.incumbent <= best + 1e-6
    assert solved.bound >= best - 1e-6
    assert solved.gap <= gap * abs(solved.incumbent) + 1e-6 * abs(solved.incumbent)
    assert found.search.incumbent == pytest.approx(found.objective())
    again = found.search.session.solve_relaxation(interior_point=False, time_limit=10)
    assert again.objective >= best - 1e-6
