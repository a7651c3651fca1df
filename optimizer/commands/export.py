"""`gigasite export`: the model of an instance as a file that other solvers read."""

from __future__ import annotations

import threading
from pathlib import Path

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest
from optimizer.commands.streams import Streams


def export(request: InstanceRequest, mps: Path | None, lp: Path | None) -> ExitCode:
    """Write the model as MPS, as LP, or both."""
    streams = Streams()
    return refusing_bad_input(streams, lambda: _export(request, mps, lp, streams))


def _export(request: InstanceRequest, mps: Path | None, lp: Path | None, streams: Streams) -> ExitCode:
    files = [(path, suffix) for path, suffix in ((mps, ".mps"), (lp, ".lp")) if path is not None]
    if not files:
        raise BadInputError("say what to write: --mps FILE, --lp FILE, or both")
    for path, suffix in files:
        if path.suffix != suffix:
            message = f"'{path}' should end in {suffix}: the solver chooses the format by the name"
            raise BadInputError(message)
        if not path.parent.is_dir():
            message = f"there is no folder '{path.parent}'"
            raise BadInputError(message)
    instance = request.load(streams)

    from optimizer.model.build import build_model
    from optimizer.solve.session import HighsSession
    from optimizer.solve.standard_form import standard_form

    form = standard_form(build_model(instance).pyomo)
    session = HighsSession(form, threads=1, seed=instance.settings.solver.seed, stop=threading.Event())
    rows, columns = form.matrix.shape
    for path, _ in files:
        session.write(path)
        streams.line(f"{path}: {rows:,} rows, {columns:,} columns, {int(form.integer.sum()):,} integer")
    return ExitCode.DONE
