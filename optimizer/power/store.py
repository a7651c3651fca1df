"""Arrays on disk by the hash of what they were computed from, so that nothing is computed twice.

The folder is `$GIGASITE_CACHE`, else `gigasite` in the user's cache folder; `off` keeps nothing. A store can only save
time: an entry that cannot be read is not there, one that cannot be written is not kept, and deleting the folder at any
time is safe. Entries are written beside their place and moved there at once, so runs at the same time share a folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

#: Environment variable that names the folder, and what it says where nothing is to be kept.
VARIABLE = "GIGASITE_CACHE"
OFF = "off"


class Store(Protocol):
    """Keeps arrays by key."""

    def get(self, key: str) -> Arrays | None:
        """Arrays kept under a key; None if there are none that can be read."""
        ...

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep arrays of numbers or fixed-length text under a key."""
        ...


class NoStore:
    """Keeps nothing."""

    def get(self, key: str) -> Arrays | None:  # noqa: ARG002
        """Nothing."""
        return None

    def put(self, key: str, arrays: Arrays) -> None:
        """Forget it."""


@dataclass(frozen=True)
class DiskStore:
    """Keeps one file for each key in a folder."""

    folder: Path

    def get(self, key: str) -> Arrays | None:
        """Read an entry; checksums of the file are verified."""
        try:
            with self._path(key).open("rb") as stream, np.load(stream, allow_pickle=False) as entry:
                return {name: entry[name] for name in entry.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None

    def put(self, key: str, arrays: Arrays) -> None:
        """Write an entry, or nothing if the folder cannot be written."""
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    np.savez(stream, **arrays)  # type: ignore[arg-type]  # (no array is named allow_pickle)
                Path(name).replace(path)
            except BaseException:
                with suppress(OSError):
                    Path(name).unlink()
                raise

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.npz"


def default_store() -> Store:
    """The store that commands use."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted == OFF:
        return NoStore()
    try:
        return DiskStore(Path(wanted).expanduser() if wanted else _user_cache() / "gigasite")
    except RuntimeError:  # nobody's home
        return NoStore()


def _user_cache() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if named else Path.home() / ".cache"


@cache
def versions(*packages: str) -> tuple[str, ...]:
    """Versions of what computes something: another one may come to something else, as good."""
    return tuple(version(package) for package in packages)


def content_key(kind: str, parts: Iterable[object]) -> str:
    """Key of what follows from some inputs: a hash of their texts, and of the bytes of arrays.

    Parameters
    ----------
    kind
        What is kept, with a version that changes whenever the same inputs give another outcome.
    parts
        Inputs: numbers, texts, tuples, lists and frozen rows of these, whose `repr` says all, or arrays.
    """
    digest = hashlib.sha256(kind.encode())
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"\n{part.dtype}{part.shape}:".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(f"\n{part!r}".encode())
    return digest.hexdigest()[:40]


__all__ = ["OFF", "VARIABLE", "Arrays", "DiskStore", "NoStore", "Store", "content_key", "default_store", "versions"]
