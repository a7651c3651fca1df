"""`gigasite solve`: from an instance folder to an audited result folder."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.interrupts import run_interruptibly
from optimizer.commands.loading import InstanceRequest
from optimizer.commands.streams import Streams, settle_standard_streams
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Objective
from optimizer.plan.tables import PlanTables
from optimizer.run import Draw, RunResult, run_instance
from optimizer.solve.progress import ProgressStyle, make_progress

#: Unit of each objective, for the progress display.
UNITS = {Objective.NPV: "B USD", Objective.COMPUTE: "M H100e-years", Objective.COST: "B USD"}


@dataclass(frozen=True)
class SolveRequest:
    """What `gigasite solve` was asked to do.

    Attributes
    ----------
    out
        Result folder; None for ``results/<instance>``, with ``-<scenario>`` behind it for a scenario.
    draw_map
        Draw map.html, map.png and sites.gpkg.
    """

    instance: InstanceRequest
    out: Path | None = None
    draw_map: bool = True
    progress: ProgressStyle = ProgressStyle.AUTO
    as_json: bool = False


def solve(request: SolveRequest) -> ExitCode:
    """Solve, and show the plan or why there is none."""
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: _solve(request, streams))


def _solve(request: SolveRequest, streams: Streams) -> ExitCode:
    began = time.monotonic()
    loaded = request.instance.load_powered(streams)
    instance = loaded.instance
    load_seconds = time.monotonic() - began
    folder = request.out or default_folder(instance.name, request.instance.scenario)
    refuse_foreign_folder(folder)
    draw = map_drawer() if request.draw_map else None
    try:
        with make_progress(request.progress, sys.stderr, UNITS[instance.settings.objective]) as progress:
            result = run_interruptibly(
                lambda stop: run_instance(
                    instance,
                    folder,
                    observer=progress,
                    stop=stop,
                    draw=draw,
                    load_seconds=load_seconds,
                    notes=(loaded.note,) if loaded.note else (),
                ),
                on_interrupt=lambda: progress.note("Stopping with the best plan so far. Interrupt again to give up."),
            )
    except KeyboardInterrupt:
        _abandon(streams)
    _show(result, streams)
    return ExitCode(result.exit_code)


def _show(result: RunResult, streams: Streams) -> None:
    streams.show(result.render)
    if result.folder is not None:
        streams.line(f"\nResult folder: {result.folder}")
    streams.document(
        {
            **result.manifest,
            "exit_code": result.exit_code,
            "folder": None if result.folder is None else str(result.folder),
            "explanation": list(result.explanation),
        }
    )


def map_drawer() -> Draw:
    """Drawer of the map files; drawing libraries are loaded only when it is called."""

    def draw(instance: Instance, tables: PlanTables, manifest: Mapping[str, Any], folder: Path) -> None:
        from maps import write_map_files
        from optimizer.plan.power_outcome import read_full_year

        write_map_files(instance, tables, manifest, folder, full_year=read_full_year(folder))

    return draw


def default_folder(instance: str, scenario: str | None) -> Path:
    """Result folder, relative to the working directory, when none is given."""
    return Path("results") / (instance if scenario is None else f"{instance}-{scenario}")


def refuse_foreign_folder(folder: Path) -> None:
    """Refuse to replace anything but an earlier result or an empty folder.

    Raises
    ------
    BadInputError
        If the path holds something else.
    """
    if folder.is_dir():
        if not any(folder.iterdir()) or (folder / "manifest.json").is_file():
            return
    elif not folder.exists():
        return
    message = f"'{folder}' exists and is not a result folder; it would be replaced. Choose another --out."
    raise BadInputError(message)


def _abandon(streams: Streams) -> NoReturn:
    """Leave at once: the solver still runs in its thread, and an orderly exit would wait for it or crash under it."""
    streams.note("Given up.")
    settle_standard_streams()
    os._exit(ExitCode.ABANDONED)
