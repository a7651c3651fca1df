"""Result folders: written under a temporary name, renamed when whole."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from optimizer.instance import write_instance
from optimizer.instance.instance import Instance
from optimizer.plan.tables import OPTIONAL_TABLES, ROW_TYPES, PlanTables


def cell(value: object) -> str:
    """Text of a table cell: full precision, ``true``/``false``, nothing for the empty string."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)
        case _:
            return str(value)


def write_table(path: Path, row_type: type, rows: Iterable[object]) -> None:
    """Write rows of one type as CSV with a header."""
    names = [column.name for column in fields(row_type)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([cell(getattr(row, name)) for name in names] for row in rows)


def write_tables(tables: PlanTables, folder: Path) -> None:
    """Write all plan tables into a folder, optional ones if they have rows."""
    for name, row_type in ROW_TYPES.items():
        if name in OPTIONAL_TABLES and not getattr(tables, name):
            continue
        write_table(folder / f"{name}.csv", row_type, getattr(tables, name))


def write_result(
    folder: Path,
    instance: Instance,
    tables: PlanTables,
    manifest: Callable[[], Mapping[str, Any]],
    log: Iterable[str],
    draw: Callable[[Path], None] | None = None,
) -> None:
    """Write a whole result folder, or nothing.

    Parameters
    ----------
    manifest
        Called last, so that it can tell how long writing took.
    draw
        Draws maps into the folder it is given.

    Notes
    -----
    An earlier result of the same name is replaced only when the new one is whole.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        staging.chmod(0o755)
        write_tables(tables, staging)
        write_instance(instance, staging / "instance")
        (staging / "log.txt").write_text("".join(f"{line}\n" for line in log), encoding="utf-8")
        if draw is not None:
            draw(staging)
        text = json.dumps(manifest(), indent=2, allow_nan=False)
        (staging / "manifest.json").write_text(text + "\n", encoding="utf-8")
        _put_in_place(staging, folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _put_in_place(staging: Path, folder: Path) -> None:
    if not folder.exists():
        staging.rename(folder)
        return
    replaced = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.rename(replaced / "result")
    staging.rename(folder)
    shutil.rmtree(replaced, ignore_errors=True)
