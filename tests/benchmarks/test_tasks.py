"""What is measured is done: every tool builds the same model, finds the same optimum, and times are times."""

from importlib.util import find_spec
from math import inf

import pytest

from benchmarks.cases import Arrays, Case, import_location, write_model
from benchmarks.gaps import FIRST_PLAN, Watch
from benchmarks.process import measure
from benchmarks.tasks import BUILD, GAP, LP, TASKS
from optimizer.instance import write_instance
from tests.instances import chip, instance, settings, site

LIMIT = 30.0


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    made = Case("two sites", tmp_path_factory.mktemp("case"))
    sites = [site("alpha", open_cost_musd=500, max_modules=2), site("beta", module_cost_usd_per_kw=9000)]
    ordinary = settings(solver={"gap": 0.01})
    write_instance(instance(settings=ordinary, sites=sites, chips=[chip(life_months=24)]), made.instance)
    write_model(made)
    return made


def runnable(subject):
    return [
        pytest.param(task, marks=[] if find_spec(task.module) else pytest.mark.skip(f"{task.module} is not installed"))
        for task in TASKS.values()
        if task.subject == subject
    ]


@pytest.mark.parametrize("task", runnable(BUILD), ids=lambda task: task.system)
def test_every_tool_builds_the_same_model(case, task):
    outcome = task.run(case, LIMIT)
    rows, columns = Arrays.read(case.arrays).matrix.shape
    assert (outcome.values["rows"], outcome.values["columns"]) == (rows, columns)
    assert outcome.seconds[""] > 0


@pytest.mark.parametrize("task", runnable(LP), ids=lambda task: task.system)
def test_every_solver_finds_the_optimum_of_the_relaxation(case, task):
    ours = next(iter(t for t in TASKS.values() if t.subject == LP)).run(case, LIMIT)
    assert task.run(case, LIMIT).values["objective"] == pytest.approx(ours.values["objective"], rel=1e-3)


@pytest.mark.parametrize("task", runnable(GAP), ids=lambda task: task.system)
def test_every_solver_proves_a_plan(case, task):
    outcome = task.run(case, LIMIT)
    times = list(outcome.seconds.values())
    assert list(outcome.seconds) == [FIRST_PLAN, "2 %", "1 %", "0.5 %", "0.1 %"]
    assert all(0 < seconds < inf for seconds in times)
    assert outcome.values["incumbent"] <= outcome.values["bound"] * (1 + 1e-6)
    assert outcome.values["bound"] - outcome.values["incumbent"] <= 0.001 * outcome.values["incumbent"] + 1e-9


@pytest.mark.parametrize("task", runnable(GAP), ids=lambda task: task.system)
def test_a_location_problem_is_solved_once_to_the_gap_of_its_family(task, tmp_path):
    path = tmp_path / "cap"
    path.write_text("3 2\n5 10\n8 12\n9 11\n4 6\n4 30\n8 12\n12 6\n")
    outcome = task.run(import_location([path], tmp_path / "work")[0], LIMIT)
    assert list(outcome.seconds) == [FIRST_PLAN, "2 %", "1 %", "0.5 %", "0.1 %", "0.01 %"]
    assert all(0 < seconds < inf for seconds in outcome.seconds.values())


def test_a_watch_notes_when_a_gap_is_first_reached_and_ignores_what_is_unknown():
    watch = Watch()
    watch.note(None, 100.0)
    watch.note(-1e20, 100.0)
    assert watch.reached == {}
    watch.note(90.0, float("inf"))
    assert list(watch.reached) == [FIRST_PLAN]
    watch.note(99.2, 100.0)
    assert set(watch.reached) == {FIRST_PLAN, "2 %", "1 %"}
    first = dict(watch.reached)
    watch.note(99.9999, 100.0)
    assert watch.outcome().seconds == {**watch.reached}
    assert all(watch.reached[name] == seconds for name, seconds in first.items())
    assert watch.outcome().values == {"incumbent": 99.9999, "bound": 100.0}


def test_a_task_runs_in_a_process_of_its_own(case):
    measured = measure(f"{BUILD}/highspy arrays", case, LIMIT)
    assert measured.problem == ""
    assert measured.outcome.values["limit"] == LIMIT
    assert measured.peak_mib > 10
    assert measured.cpu_seconds > 0


def test_a_task_that_fails_says_why(tmp_path):
    measured = measure(f"{BUILD}/highspy arrays", Case("none", tmp_path / "none"), LIMIT)
    assert measured.outcome is None
    assert "No such file" in measured.problem
