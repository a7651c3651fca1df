"""The store of arrays: what was kept comes back, and nothing that happens to the folder breaks a run."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from optimizer.power.store import OFF, VARIABLE, DiskStore, NoStore, content_key, default_store

ARRAYS = {"mix": np.arange(12.0).reshape(3, 4), "names": np.array(["gas", "sun"])}
KEY = content_key("test 1", ["a", 1.5])


def same(found, kept=ARRAYS):
    assert found is not None
    assert found.keys() == kept.keys()
    for name, values in kept.items():
        assert np.array_equal(found[name], values)


def test_what_was_kept_comes_back(tmp_path):
    store = DiskStore(tmp_path / "not" / "there" / "yet")
    assert store.get(KEY) is None
    store.put(KEY, ARRAYS)
    same(store.get(KEY))
    same(DiskStore(tmp_path / "not" / "there" / "yet").get(KEY))
    assert store.get(content_key("test 2", ["a", 1.5])) is None


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "folder", "text"])
def test_a_damaged_entry_is_not_there_and_is_written_again(tmp_path, damage):
    store = DiskStore(tmp_path)
    store.put(KEY, ARRAYS)
    (path,) = tmp_path.rglob("*.npz")
    whole = path.read_bytes()
    at = whole.index(np.float64(7.0).tobytes())
    flipped = whole[:at] + b"\x01" + whole[at + 1 :]
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes({"empty": b"", "cut": whole[:200], "flipped": flipped, "text": b"no archive"}[damage])
    assert store.get(KEY) is None
    store.put(KEY, ARRAYS)
    if damage != "folder":
        same(store.get(KEY))
    assert not list(tmp_path.rglob("*.part"))


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = DiskStore(tmp_path / "file")
    store.put(KEY, ARRAYS)
    assert store.get(KEY) is None


def test_writers_and_readers_at_the_same_time_see_whole_entries(tmp_path):
    kept = [{"x": np.full(20_000, float(n))} for n in range(4)]
    store, wrong = DiskStore(tmp_path), []
    store.put(KEY, kept[0])

    def work(mine):
        for _ in range(15):
            store.put(KEY, mine)
            found = store.get(KEY)
            if found is None or np.ptp(found["x"]) != 0:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in kept]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(list(tmp_path.rglob("*"))) == 2  # one folder, one entry


def test_keys_tell_inputs_apart():
    values = np.arange(3.0)
    keys = [
        content_key("a", [1.0]),
        content_key("b", [1.0]),
        content_key("a", [1]),
        content_key("a", ["1.0"]),
        content_key("a", [1.0, 1.0]),
        content_key("a", [values]),
        content_key("a", [values.reshape(3, 1)]),
        content_key("a", [values.astype(np.float32)]),
    ]
    assert len(set(keys)) == len(keys)
    assert content_key("a", [values[::-1]]) == content_key("a", [np.array([2.0, 1.0, 0.0])])


def test_where_commands_keep_things(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert default_store() == DiskStore(tmp_path)
    monkeypatch.setenv(VARIABLE, OFF)
    assert isinstance(default_store(), NoStore)
    monkeypatch.delenv(VARIABLE)
    store = default_store()
    assert isinstance(store, DiskStore)
    assert store.folder.name == "gigasite"
    assert store.folder.parent != Path.cwd()


def test_no_store_forgets():
    store = NoStore()
    store.put(KEY, ARRAYS)
    assert store.get(KEY) is None
