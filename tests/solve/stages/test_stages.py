"""Each stage alone does what it says, keeps only true plans, and leaves the model as it found it."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.solve import implied_rows
from optimizer.solve.outcomes import Ending
from optimizer.solve.pipeline import STAGES
from optimizer.solve.stages.earlier_plans import EarlierPlans, PlansInReserve
from optimizer.solve.stages.final import FinalProgram
from optimizer.solve.stages.mip import FullSearch, NearbySearch, ProveTheRest
from optimizer.solve.stages.presolve import Presolve
from optimizer.solve.stages.relaxation import Relaxation, TakeImpliedRows
from optimizer.solve.stages.rounding import BetweenPlanAndRelaxation, RoundAtOnce, RoundByDate
from scripts.location.convert import to_instance
from tests import instances as make
from tests.scripts.test_location import problem
from tests.solve.stages.searching import best_plan, three_sites, watched


def test_the_relaxation_proves_a_bound_above_the_best_plan() -> None:
    found = watched()
    assert found.run(Relaxation()) == ["linear relaxation"]
    assert found.search.bound > best_plan()[1] + 0.01
    assert found.search.values is None
    assert found.run(Relaxation()) == []


def test_without_whole_columns_the_relaxation_is_the_plan() -> None:
    found = watched(make.instance(settings=make.settings(model={"integer_modules": False})))
    found.run(Relaxation())
    assert found.search.incumbent == found.search.bound == pytest.approx(found.objective())
    assert found.run(*STAGES[2:]) == []
    assert found.search.finish().ending is Ending.OPTIMAL


def test_nothing_follows_a_relaxation_that_is_infeasible() -> None:
    settings = make.settings(objective="cost")
    found = watched(make.instance(settings=settings, required_compute=[make.required_compute(2027, 5)]))
    assert found.run(*STAGES) == ["presolve", "linear relaxation"]
    assert found.search.finish().ending is Ending.INFEASIBLE


@pytest.mark.parametrize("stage", [RoundByDate(), RoundAtOnce(), NearbySearch(), FullSearch()])
def test_a_stage_finds_a_plan_and_leaves_the_model_as_it_was(stage) -> None:
    found = watched().relaxed()
    bound = found.search.bound
    assert found.run(stage) == [stage.name]
    assert found.search.incumbent == pytest.approx(found.objective())
    assert found.search.incumbent <= best_plan()[1] + 1e-6
    assert found.search.bound <= bound
    again = found.search.session.solve_relaxation(interior_point=False, time_limit=10)
    assert again.objective == pytest.approx(bound)


@pytest.mark.parametrize("stage", [RoundByDate(), RoundAtOnce(), NearbySearch()])
def test_only_the_relaxation_and_a_full_search_move_the_bound(stage) -> None:
    found = watched().relaxed()
    bound = found.search.bound
    found.run(stage)
    assert found.search.bound == bound


def test_a_full_search_proves_the_best_plan() -> None:
    found = watched().relaxed()
    found.run(FullSearch())
    assert found.search.incumbent == pytest.approx(best_plan()[1])
    assert found.search.bound == pytest.approx(best_plan()[1])
    assert found.search.ending is Ending.OPTIMAL


@pytest.mark.parametrize(("part", "runs"), [(0.8, True), (0.6, False), (1.01, False)])
def test_the_rest_is_proven_where_little_is_left(part, runs) -> None:
    """It begins at a gap of up to one and a half times the gap asked, and what it proves holds for every plan."""
    first = watched().relaxed()
    first.run(RoundByDate())
    left = (first.search.bound - first.search.incumbent) / abs(first.search.incumbent)
    found = watched(gap=part * left).relaxed()
    found.run(RoundByDate())
    bound = found.search.bound
    assert found.run(ProveTheRest(time_share=1.0)) == (["proving the rest"] if runs else [])
    assert best_plan()[1] - 1e-6 <= found.search.bound <= bound
    assert found.search.solved() == (runs or part > 1)


@pytest.mark.parametrize("stage", [EarlierPlans(), PlansInReserve()])
def test_an_earlier_plan_is_worth_what_it_is_worth_here(stage) -> None:
    plan, worth = best_plan()
    found = watched().relaxed()
    assert found.run(stage) == []
    found.search.starts = found.search.reserves = [np.zeros(len(plan)), plan]
    assert found.run(stage) == [stage.name]
    assert found.objective() == pytest.approx(worth)


def test_an_earlier_plan_is_tried_when_time_is_up_and_one_in_reserve_is_not() -> None:
    plan, _ = best_plan()
    found = watched(time_limit_seconds=1e-9).relaxed()
    found.search.starts = found.search.reserves = [plan]
    assert found.run(PlansInReserve(), EarlierPlans()) == ["earlier plans"]
    assert found.search.values is not None


def test_dives_between_plan_and_relaxation_start_from_a_plan_and_never_lose_it() -> None:
    found = watched().relaxed()
    assert found.run(BetweenPlanAndRelaxation()) == []
    start = best_plan()[0]
    for site in found.search.sites:
        if site.module_gw != 0.15:
            start[site.modules] = start[site.opened] = 0
    found.search.starts = [start]
    found.run(EarlierPlans())
    poor = found.search.incumbent
    assert found.run(BetweenPlanAndRelaxation()) == ["between plan and relaxation"]
    assert poor < found.search.incumbent == pytest.approx(found.objective())


def test_rounding_at_once_leaves_a_plan_alone() -> None:
    found = watched().relaxed()
    found.run(RoundByDate())
    assert found.run(RoundAtOnce()) == []


def test_the_final_program_makes_a_plan_within_tolerances_exact() -> None:
    found = watched().relaxed()
    plan, worth = best_plan()
    whole = found.search.session.form.integer
    found.search.keep(plan + 1e-7 * whole, worth)
    assert found.run(FinalProgram(), FinalProgram()) == ["final linear program"]
    assert found.search.values is not None
    assert (found.search.values[whole] == np.round(found.search.values[whole])).all()
    assert found.objective() == pytest.approx(worth)


def test_implied_rows_set_aside_by_presolve_are_taken_in_again(monkeypatch) -> None:
    monkeypatch.setattr(implied_rows, "FEW_ROWS", 0)
    drawn = to_instance(problem(3, facilities=6, customers=8), gap=0)
    whole = watched(drawn).relaxed().search.bound
    found = watched(drawn)
    rows = found.search.session.form.matrix.shape[0]
    assert found.run(Presolve(), Relaxation()) == ["presolve", "linear relaxation"]
    assert found.search.session.form.matrix.shape[0] == rows - 48
    weak = found.search.bound
    assert found.run(TakeImpliedRows()) == ["implied rows"]
    assert whole <= found.search.bound + 1e-5
    assert found.search.bound < weak


def test_presolve_leaves_a_model_without_many_implied_rows_alone() -> None:
    found = watched()
    session = found.search.session
    found.run(Presolve(), Relaxation(), TakeImpliedRows())
    assert found.search.session is session
    assert [report.stage for report in found.search.reports] == ["presolve", "linear relaxation"]


def test_reports_say_what_was_known_when_each_stage_ended() -> None:
    found = watched(three_sites())
    found.run(*STAGES)
    solution = found.search.finish()
    assert solution.stages == tuple(found.search.reports)
    assert [report.stage for report in solution.stages][:2] == ["presolve", "linear relaxation"]
    bounds = [report.bound for report in solution.stages]
    plans = [report.incumbent for report in solution.stages]
    assert bounds == sorted(bounds, reverse=True)
    assert plans == pytest.approx(sorted(plans))
    assert all(report.seconds >= 0 for report in solution.stages)
    assert plans[-1] == solution.incumbent
