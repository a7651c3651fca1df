"""Points on disk: whole or not there, whatever was killed when."""

import json
import threading

import pytest

from optimizer.instance import load_instance
from optimizer.plan.audit import audit_plan
from optimizer.plan.reader import read_plan
from optimizer.studies.points import PointSolver
from optimizer.studies.store import PointRecord, PointStore, build_digest, record_of
from tests.studies.sweeps import small_instance


@pytest.fixture(scope="module")
def result():
    return PointSolver(threads=1, seed=1, stop=threading.Event()).solve(small_instance())


def test_a_point_is_read_back_as_it_was(tmp_path, result):
    store = PointStore(tmp_path)
    record = record_of("abc", ("a = 1",), result, ("x",))
    assert store.read("abc") is None
    store.write(record, result)
    assert store.has("abc")
    assert store.read("abc") == record
    assert record.build == result.build
    assert [path.name for path in store.folder.iterdir()] == ["abc"], "nothing else is left"


def test_a_point_is_a_result_folder_that_passes_its_audit(tmp_path, result):
    store = PointStore(tmp_path)
    store.write(record_of("abc", (), result, ()), result)
    folder = store.path("abc")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["audit"]["ok"]
    assert audit_plan(load_instance(folder / "instance"), read_plan(folder), manifest).ok


def test_a_failed_point_keeps_its_reason_and_can_be_forgotten(tmp_path):
    store = PointStore(tmp_path)
    record = PointRecord("abc", ("a = 1",), "failed", reason="broken")
    store.write_failed(record, small_instance())
    assert store.read("abc") == record
    assert not record.has_plan
    store.forget("abc")
    assert not store.has("abc")
    assert not list(store.folder.iterdir())


def test_tried_plans_are_remembered(tmp_path, result):
    store = PointStore(tmp_path)
    store.write(record_of("abc", (), result, ("x",)), result)
    store.add_tried("abc", ("y", "x"))
    assert store.read("abc").tried == ("x", "y")


def test_recovery_removes_what_was_half_written(tmp_path, result):
    store = PointStore(tmp_path)
    store.write(record_of("abc", (), result, ()), result)
    (store.folder / ".def.x1").mkdir()
    (store.folder / ".def.x1" / "sites.csv").write_text("torn")
    (store.folder / ".abc.json").write_text("torn")
    (tmp_path / ".staging.1").mkdir()
    store.recover()
    assert [path.name for path in store.folder.iterdir()] == ["abc"]
    assert [path.name for path in tmp_path.iterdir()] == ["points"]


def test_recovery_brings_back_a_plan_whose_better_one_never_came(tmp_path, result):
    store = PointStore(tmp_path)
    record = record_of("abc", (), result, ())
    store.write(record, result)
    replaced = store.folder / ".abc.old.x1"
    replaced.mkdir()
    store.path("abc").rename(replaced / "result")  # killed here, between the two renames
    store.recover()
    assert store.read("abc") == record
    assert [path.name for path in store.folder.iterdir()] == ["abc"]


def test_recovery_keeps_the_better_plan_that_came(tmp_path, result):
    store = PointStore(tmp_path)
    better = record_of("abc", ("better",), result, ())
    store.write(better, result)
    (store.folder / ".abc.old.x1" / "result").mkdir(parents=True)
    store.recover()
    assert store.read("abc") == better


def test_only_one_run_at_a_time(tmp_path):
    with PointStore(tmp_path).exclusively() as first:
        assert first
        with PointStore(tmp_path).exclusively() as second:
            assert not second
    with PointStore(tmp_path).exclusively() as third:
        assert third


def test_a_run_waits_for_workers_of_the_run_before(tmp_path):
    store = PointStore(tmp_path)
    with store.exclusively():
        pass
    entered = threading.Event()

    def enter():
        with PointStore(tmp_path).exclusively():
            entered.set()

    with store.as_worker():
        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.2)
    thread.join(10)
    assert entered.is_set()


def test_digests_name_plans():
    assert build_digest({("a", "2027"): 1, ("b", "2028"): 2}) == build_digest({("b", "2028"): 2, ("a", "2027"): 1})
    assert build_digest({("a", "2027"): 1}) != build_digest({("a", "2027"): 2})
