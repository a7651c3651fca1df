"""Sweeps: resumed, monotone, the same whoever solves them, and traceable to audited plans."""

import json
import os
import threading
from dataclasses import replace

import pandas as pd
import pytest

from optimizer.instance import apply_changes, load_instance
from optimizer.plan.audit import audit_plan
from optimizer.plan.reader import read_plan
from optimizer.studies import errands
from optimizer.studies.executors import (
    DaskExecutor,
    InlineExecutor,
    LocalExecutor,
    NoClusterError,
    WorkerDiedError,
)
from optimizer.studies.points import AuditFailedError, PointSolver
from optimizer.studies.store import PointStore, record_of
from optimizer.studies.sweep import BusyError, run_sweep, sweep_state
from optimizer.studies.sweep_report import sweep_report, tidy_frame, write_sweep_report
from tests import instances as make
from tests.studies.sweeps import CHIPS, small_instance, sweep_of


def values(outcome):
    """Everything about the plans but how long they took."""
    return {
        point.label: (
            outcome.record(point).status,
            outcome.record(point).objective,
            outcome.record(point).bound,
            outcome.record(point).build,
        )
        for point in outcome.sweep.points
    }


def run(sweep, folder, executor=None, **options):
    return run_sweep(sweep, folder, executor or InlineExecutor(), **options)


@pytest.fixture
def sweep(tmp_path):
    return sweep_of(tmp_path, small_instance(), CHIPS)


def test_every_point_is_what_a_solve_of_its_own_gives(tmp_path, sweep):
    outcome = run(sweep, tmp_path / "out")
    assert (outcome.solved, outcome.kept) == (5, 0)
    for point in sweep.points:
        alone = PointSolver(threads=1, seed=1, stop=threading.Event()).solve(
            apply_changes(sweep.instance, point.changes)
        )
        assert outcome.record(point).objective == pytest.approx(alone.objective, rel=1e-9)
        assert outcome.record(point).status == "optimal"
    objectives = [outcome.record(point).objective for point in sweep.points]
    assert objectives == sorted(objectives)
    assert objectives[0] < objectives[-1]


def test_a_second_run_solves_nothing(tmp_path, sweep):
    first = run(sweep, tmp_path / "out")
    before = {path: path.stat().st_ino for path in (tmp_path / "out" / "points").iterdir()}
    second = run(sweep, tmp_path / "out")
    assert (second.solved, second.kept) == (0, 5)
    assert values(second) == values(first)
    assert {path: path.stat().st_ino for path in (tmp_path / "out" / "points").iterdir()} == before


def test_a_sweep_that_grows_solves_only_what_is_new(tmp_path, sweep):
    run(sweep, tmp_path / "out")
    larger = sweep_of(tmp_path, small_instance(), CHIPS.replace("steps = 5", "steps = 9"))
    assert sweep_state(larger, tmp_path / "out").missing == 4
    outcome = run(larger, tmp_path / "out")
    assert (outcome.solved, outcome.kept) == (4, 5)


def test_neighbours_repair_a_curve_that_a_poor_plan_breaks(tmp_path, sweep):
    """The loosest point gets a plan that builds nothing, within its gap; relaxing chips must not cost value."""
    loosest = sweep.points[-1]
    store = PointStore(tmp_path / "out")
    solver = PointSolver(threads=1, seed=1, stop=threading.Event())
    poor = solver.adopt(apply_changes(sweep.instance, loosest.changes), {}, bound=1000.0)
    assert poor is not None
    assert poor.objective == pytest.approx(0)
    assert poor.status == "feasible"
    store.write(record_of(loosest.key, loosest.changes, poor, ()), poor)

    outcome = run(sweep, tmp_path / "out")
    assert outcome.kept == 1
    objectives = [outcome.record(point).objective for point in sweep.points]
    assert objectives == sorted(objectives), "the curve of a pure relaxation is monotone"
    repaired = outcome.record(loosest)
    assert repaired.bound == 1000.0, "a plan of a neighbour proves nothing about others"
    assert repaired.tried
    folder = store.path(loosest.key)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["objective"]["value"] == repaired.objective
    assert audit_plan(load_instance(folder / "instance"), read_plan(folder), manifest).ok


def test_what_was_tried_is_not_tried_again(tmp_path, sweep, monkeypatch):
    run(sweep_of(tmp_path, small_instance(), CHIPS + "[solver]\ngap = 0.9\n"), tmp_path / "out")
    calls = []
    adopt = PointSolver.adopt
    monkeypatch.setattr(PointSolver, "adopt", lambda *args: calls.append(1) or adopt(*args))
    run(sweep_of(tmp_path, small_instance(), CHIPS + "[solver]\ngap = 0.9\n"), tmp_path / "out")
    assert not calls


def test_coarse_gaps_still_give_monotone_curves_and_bounds_that_hold(tmp_path):
    coarse = sweep_of(tmp_path, small_instance(), CHIPS + "[solver]\ngap = 0.9\n")
    exact = run(sweep_of(tmp_path, small_instance(), CHIPS), tmp_path / "exact")
    outcome = run(coarse, tmp_path / "coarse")
    objectives = [outcome.record(point).objective for point in coarse.points]
    assert objectives == sorted(objectives)
    for point, twin in zip(coarse.points, exact.sweep.points, strict=True):
        record, best = outcome.record(point), exact.record(twin).objective
        assert record.objective <= best + 1e-9
        assert best <= record.bound + 1e-9


def test_a_point_that_fails_is_recorded_and_the_rest_goes_on(tmp_path, sweep, monkeypatch):
    solve = PointSolver.solve

    def fail_at_one(self, instance, inherit=(), reserve=()):
        if instance.chip_supply[0].units == 400_000:
            raise AuditFailedError("the cash does not add up")
        return solve(self, instance, inherit, reserve)

    monkeypatch.setattr(PointSolver, "solve", fail_at_one)
    outcome = run(sweep, tmp_path / "out")
    statuses = [outcome.record(point).status for point in sweep.points]
    assert statuses == ["optimal", "optimal", "failed", "optimal", "optimal"]
    assert "cash does not add up" in outcome.record(sweep.points[2]).reason
    assert sweep_state(sweep, tmp_path / "out").failed == 1
    assert any("failed" in finding for finding in sweep_report(outcome).findings)

    monkeypatch.undo()
    assert run(sweep, tmp_path / "out").solved == 0
    again = run(sweep, tmp_path / "out", retry_failed=True)
    assert again.solved == 1
    assert again.record(sweep.points[2]).status == "optimal"


def test_an_infeasible_point_is_a_result(tmp_path):
    supply = [make.supply(during=str(year), units=400_000, minimum_units=100_000) for year in (2027, 2028)]
    instance = small_instance(chip_supply=supply)
    text = "[[axes]]\nknob = 'budgets[*].capital_busd'\nvalues = [0, 100]\n"
    outcome = write_and_return(run(sweep_of(tmp_path, instance, text), tmp_path / "out"))
    assert [outcome.record(point).status for point in outcome.sweep.points] == ["infeasible", "optimal"]
    assert any("no plan can meet the limits" in finding for finding in sweep_report(outcome).findings)
    frame = pd.read_parquet(tmp_path / "out" / "sites.parquet")
    assert set(frame["point"]) == {2}


def write_and_return(outcome):
    write_sweep_report(outcome)
    return outcome


def test_two_runs_do_not_share_a_folder(tmp_path, sweep):
    store = PointStore(tmp_path / "out")
    with store.exclusively(), pytest.raises(BusyError):
        run(sweep, tmp_path / "out")


# --- tables ----------------------------------------------------------------------------------


def test_tables_hold_every_point_and_trace_to_audited_plans(tmp_path):
    text = CHIPS.replace("steps = 5", "steps = 3") + "[[axes]]\nknob = 'finance.discount_rate'\nvalues = [0.0, 0.1]\n"
    outcome = write_and_return(run(sweep_of(tmp_path, small_instance(), text), tmp_path / "out"))
    folder = tmp_path / "out"
    table = pd.read_parquet(folder / "sweep.parquet")
    assert len(table) == 6
    assert table["finance.discount_rate"].tolist().count(0.1) == 3
    for _, row in table.iterrows():
        plan = folder / "points" / row["key"]
        manifest = json.loads((plan / "manifest.json").read_text())
        assert audit_plan(load_instance(plan / "instance"), read_plan(plan), manifest).ok
        assert manifest["npv_busd"] == row["npv_busd"]
        assert manifest["objective"]["value"] == row["npv_objective_busd"]
        assert manifest["headline"]["sites_opened"] == row["sites_opened"]
    for name in ("sites", "chips", "policy"):
        frame = pd.read_parquet(folder / f"{name}.parquet")
        assert len(frame) == sum(len(getattr(read_plan(folder / "points" / p.key), name)) for p in outcome.sweep.points)
        assert frame.columns[:2].tolist() == ["point", "key"]
    assert tidy_frame(outcome, "sites")["it_gw_end"].dtype == "float64"
    assert (folder / "report.html").exists()
    assert (folder / "sweep.svg").exists()


# --- executors -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    text = CHIPS + "[[axes]]\nknob = 'sites[*].lead_months'\noperation = 'add'\nvalues = [0, 12]\n[solver]\ngap = 0.2\n"
    sweep = sweep_of(folder, small_instance(), text)
    return sweep, values(run(sweep, folder / "inline"))


def test_processes_give_the_same_plans(tmp_path, many):
    sweep, wanted = many
    assert values(run(sweep, tmp_path / "out", LocalExecutor(2))) == wanted


def test_a_dask_cluster_gives_the_same_plans(tmp_path, many):
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    sweep, wanted = many
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        assert len(cluster.workers) == 2
        outcome = run(sweep, tmp_path / "out", DaskExecutor(cluster.scheduler_address))
    assert values(outcome) == wanted
    assert outcome.solved == len(sweep.points)


def test_no_scheduler_is_said_plainly(monkeypatch):
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    monkeypatch.setattr("optimizer.studies.executors.CONNECT_SECONDS", 0.5)
    with pytest.raises(NoClusterError, match="no Dask scheduler answers"), DaskExecutor("tcp://127.0.0.1:1"):
        pass


class DyingExecutor(InlineExecutor):
    """A worker that dies when it comes to a point."""

    def __init__(self, key):
        self.key = key

    def submit(self, errand):
        keys = [task.key for task in errand.points]
        if self.key not in keys:
            return super().submit(errand)
        done = replace(errand, points=errand.points[: keys.index(self.key)])
        errands.run_errand(done)
        return DeadJob()


class DeadJob:
    def done(self):
        return True

    def result(self):
        raise WorkerDiedError("gone")


def test_a_worker_that_dies_costs_one_point(tmp_path, sweep):
    outcome = run(sweep, tmp_path / "out", DyingExecutor(sweep.points[1].key))
    assert [outcome.record(point).status for point in sweep.points] == ["optimal", "failed", *["optimal"] * 3]
    assert outcome.record(sweep.points[1]).reason == "gone"


def test_a_process_that_is_killed_is_told_apart_from_errors(tmp_path):
    """An errand whose instance ends the process when it arrives there."""
    errand = errands.Errand(tmp_path, _Bomb(), (), errands.Work.SOLVE)
    with LocalExecutor(1) as executor:
        job = executor.submit(errand)
        with pytest.raises(WorkerDiedError):
            job.result()
        unseen = executor.submit(replace(errand, instance=None, folder=tmp_path / "elsewhere"))
        with pytest.raises(errands.UnseenFolderError):
            unseen.result()


class _Bomb:
    def __reduce__(self):
        return os._exit, (9,)
