"""Folders of studies: staged under a temporary name, renamed when whole."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

#: File that tells a study folder from any other, with what the study found.
MARKER: Final = "study.json"


@contextmanager
def staged_study(folder: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of ``folder`` when the context ends without an error."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        staging.chmod(0o755)
        yield staging
        _put_in_place(staging, folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def write_marker(folder: Path, contents: Mapping[str, Any]) -> None:
    """Write what the study found as JSON."""
    (folder / MARKER).write_text(json.dumps(contents, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def is_replaceable(folder: Path) -> bool:
    """Whether nothing but an earlier study would be lost if the folder were replaced."""
    if not folder.exists():
        return True
    return folder.is_dir() and (not any(folder.iterdir()) or (folder / MARKER).is_file())


def _put_in_place(staging: Path, folder: Path) -> None:
    if not folder.exists():
        staging.rename(folder)
        return
    replaced = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.rename(replaced / "study")
    staging.rename(folder)
    shutil.rmtree(replaced, ignore_errors=True)
