"""With limits of work every run makes the same plan, however busy the machine is."""

import random
import threading

import pytest

from optimizer.instance.schema.settings import SolverSettings
from optimizer.solve import pipeline, session
from optimizer.solve.outcomes import Ending
from optimizer.solve.session import HighsSession
from tests.random_instances import random_instance, with_settings
from tests.solve.hard import hard_form


def search(threads=1, limit=1.0, deterministic=True):
    form = hard_form()
    stop = threading.Event()
    events = []
    live = HighsSession(form, threads=threads, seed=1, stop=stop, deterministic=deterministic)
    settings = SolverSettings(gap=0, time_limit_seconds=limit, deterministic=deterministic)
    return pipeline.solve(live, settings, observer=events.append, stop=stop, sites=()), events


def busy(until):
    while not until.is_set():
        sum(range(10_000))


def test_a_search_that_is_cut_short_ends_at_the_same_plan_and_bound_alone_and_among_others():
    first, _ = search()
    assert first.ending is not Ending.OPTIMAL
    assert first.gap > 0
    over = threading.Event()
    others = [threading.Thread(target=busy, args=(over,)) for _ in range(3)]
    for thread in others:
        thread.start()
    try:
        second, _ = search()
    finally:
        over.set()
        for thread in others:
            thread.join()
    assert second.values.tobytes() == first.values.tobytes()
    assert (second.incumbent, second.bound) == (first.incumbent, first.bound)
    assert second.stopped_because == first.stopped_because == "work limit of 1 s"


def test_threads_make_no_difference():
    one, _ = search(threads=1, limit=0.5)
    two, _ = search(threads=2, limit=0.5)
    assert one.values.tobytes() == two.values.tobytes()
    assert one.bound == two.bound


def test_more_work_gets_further():
    def nodes(work):
        live = HighsSession(hard_form(), threads=1, seed=1, stop=threading.Event(), deterministic=True)
        return live.solve_mip(gap=0, gap_absolute=0, time_limit=work).nodes

    assert nodes(0.3) < nodes(0.6)


def test_the_clock_counts_work_only_and_a_search_stops_when_it_is_used_up():
    form = hard_form()
    live = HighsSession(form, threads=1, seed=1, stop=threading.Event(), deterministic=True)
    assert live.clock() == 0
    live.solve_relaxation(interior_point=False, time_limit=1e-9)
    after = live.clock()
    assert after > 0
    found = live.solve_mip(gap=0, gap_absolute=0, time_limit=0.5)
    step = session.SEARCH_STEP * form.matrix.nnz / session.WORK_A_SECOND
    assert found.ending is Ending.TIME
    assert live.clock() - after == pytest.approx(0.5, abs=10 * step)


def test_time_passes_for_others():
    live = HighsSession(hard_form(), threads=1, seed=1, stop=threading.Event())
    assert 0 < live.clock() <= live.clock()


@pytest.mark.parametrize("seed", [100, 104, 111])
def test_plan_tables_are_the_same_to_the_byte(seed, tmp_path):
    from optimizer.run import run_instance

    instance = with_settings(random_instance(random.Random(seed)), "solver", gap=0.0, deterministic=True)
    folders = []
    for name in "ab":
        result = run_instance(instance, tmp_path / name, observer=lambda _: None, stop=threading.Event(), draw=None)
        if result.folder is None:
            pytest.skip("nothing can be built")
        folders.append({file.name: file.read_bytes() for file in result.folder.rglob("*.csv")})
    assert folders[0] == folders[1]
    assert len(folders[0]) > 5
    assert all(folders[0].values())
