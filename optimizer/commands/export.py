"""`gigasite export`: the model of an instance for other solvers, or the plan of a result for other programs."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest, Result, load_result
from optimizer.commands.streams import Streams


@dataclass(frozen=True)
class ExportFiles:
    """Files asked for; None for those that are not."""

    mps: Path | None = None
    lp: Path | None = None
    xlsx: Path | None = None
    gpkg: Path | None = None
    geojson: Path | None = None

    @property
    def of_instance(self) -> Mapping[str, Path]:
        """Files of the model, by suffix."""
        return {suffix: path for suffix, path in ((".mps", self.mps), (".lp", self.lp)) if path is not None}

    @property
    def of_result(self) -> Mapping[str, Path]:
        """Files of the plan, by suffix."""
        files = ((".xlsx", self.xlsx), (".gpkg", self.gpkg), (".geojson", self.geojson))
        return {suffix: path for suffix, path in files if path is not None}


def export(request: InstanceRequest, files: ExportFiles) -> ExitCode:
    """Write what is asked for; `request.path` is an instance, or a result folder."""
    streams = Streams()
    return refusing_bad_input(streams, lambda: _export(request, files, streams))


def _export(request: InstanceRequest, files: ExportFiles, streams: Streams) -> ExitCode:
    wanted = {**files.of_instance, **files.of_result}
    if not wanted:
        raise BadInputError("say what to write: --mps or --lp of an instance, --xlsx, --gpkg or --geojson of a result")
    for suffix, path in wanted.items():
        _check_file(path, suffix)
    folder = request.path.parent if request.path.name == "manifest.json" else request.path
    is_result = (folder / "manifest.json").is_file()
    result = None
    if files.of_result:
        if not is_result:
            message = f"'{request.path}' is no result folder: only a plan can be written so; solve the instance first"
            raise BadInputError(message)
        if request.scenario or request.changes:
            raise BadInputError("a plan is written as it was solved: changes do not go together with files of a plan")
        result = load_result(folder)
    if files.of_instance:
        source = InstanceRequest(folder / "instance", request.scenario, request.changes) if is_result else request
        _write_model(source, files.of_instance, streams)
    if result is not None:
        _write_plan(result, files.of_result, streams)
    return ExitCode.DONE


def _check_file(path: Path, suffix: str) -> None:
    if path.suffix != suffix:
        message = f"'{path}' should end in {suffix}: programs choose the format by the name"
        raise BadInputError(message)
    if not path.parent.is_dir():
        message = f"there is no folder '{path.parent}'"
        raise BadInputError(message)
    if path.is_dir():
        message = f"'{path}' is a folder, not a file"
        raise BadInputError(message)


def _write_model(request: InstanceRequest, files: Mapping[str, Path], streams: Streams) -> None:
    instance = request.load(streams)

    from optimizer.model.build import build_model
    from optimizer.solve.session import HighsSession
    from optimizer.solve.standard_form import standard_form

    form = standard_form(build_model(instance).pyomo)
    session = HighsSession(form, threads=1, seed=instance.settings.solver.seed, stop=threading.Event())
    rows, columns = form.matrix.shape
    for path in files.values():
        session.write(path)
        streams.line(f"{path}: {rows:,} rows, {columns:,} columns, {int(form.integer.sum()):,} integer")


def _write_plan(result: Result, files: Mapping[str, Path], streams: Streams) -> None:
    from maps import geodata
    from optimizer.plan.workbook import write_workbook

    title = result.instance.settings.title or result.instance.name
    plan = result.plan()
    for suffix, path in files.items():
        try:
            if suffix == ".xlsx":
                write_workbook(title, result.tables, result.manifest, path, plan.power)
            else:
                geodata(plan, path)
        except (OSError, ValueError) as error:
            message = f"'{path}' cannot be written: {error}"
            raise BadInputError(message) from error
        streams.line(f"{path}: {_WHAT[suffix]}")


_WHAT = {
    ".xlsx": "the plan as a workbook, one sheet a table",
    ".gpkg": "sites and their years, with styles for QGIS",
    ".geojson": "sites with the GW on line of each year",
}
