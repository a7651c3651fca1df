"""What all tests share: a cache of computed power of their own, one for all processes of a run."""

from __future__ import annotations

import os

import pytest

from optimizer.power.store import VARIABLE


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_run(tmp_path_factory):
    """Nothing is read from or left in the user's cache folder."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(shared / "gigasite-cache")
    yield
    if before is None:
        del os.environ[VARIABLE]
    else:
        os.environ[VARIABLE] = before
