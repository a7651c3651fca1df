"""`gigasite audit`: recompute a result folder from its instance and tables alone."""

from __future__ import annotations

from pathlib import Path

from optimizer.commands.bad_input import refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import load_result
from optimizer.commands.streams import Streams
from optimizer.plan.audit import audit_plan


def audit(path: Path, *, as_json: bool) -> ExitCode:
    """Audit a result folder and show every failure."""
    streams = Streams(as_json)
    return refusing_bad_input(streams, lambda: _audit(path, streams))


def _audit(path: Path, streams: Streams) -> ExitCode:
    result = load_result(path)
    report = audit_plan(result.instance, result.tables, result.manifest)
    code = ExitCode.DONE if report.ok else ExitCode.AUDIT_FAILED
    streams.line("\n".join(report.lines()))
    streams.document({**report.as_dict(), "exit_code": int(code), "folder": str(result.folder)})
    return code
