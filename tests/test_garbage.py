"""Garbage collection is put off and always comes back as it was."""

from __future__ import annotations

import gc

import pytest

from optimizer.garbage import collected_later


@collected_later()
def fail_inside() -> None:
    raise RuntimeError("on" if gc.isenabled() else "off")


@pytest.mark.parametrize("enabled", [True, False])
def test_collection_is_off_inside_and_as_before_after_an_error(enabled: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with pytest.raises(RuntimeError, match="off"):
            fail_inside()
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if was else gc.disable)()
