"""`gigasite sweep`, `gigasite tornado` and `gigasite stress`: many changed instances, solved side by side."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest
from optimizer.commands.streams import Streams, settle_standard_streams
from optimizer.instance.instance import Instance
from optimizer.studies.executors import DaskExecutor, Executor, LocalExecutor, NoClusterError
from optimizer.studies.report import PAGE, ReportTable, StudyReport, shown
from optimizer.studies.store import FAILED
from optimizer.studies.sweep import MARK, BusyError, SweepOutcome, SweepState, run_sweep, sweep_state
from optimizer.studies.sweep_file import read_sweep
from optimizer.studies.sweep_points import Sweep, make_sweep
from optimizer.studies.sweep_report import MAP_PAGE

_NOTE_EVERY = 10.0  # seconds between lines of progress when nothing changes


@dataclass(frozen=True)
class SweepRequest:
    """What was asked for.

    Attributes
    ----------
    sweep_file
        sweep.toml; None for a tornado or a stress test.
    out
        Study folder; None for ``results/<instance>-<name of the sweep file>``.
    workers
        Processes on this machine; None for one a processor.
    scheduler
        Address of a Dask scheduler, which then does the work.
    status
        Only say how far the sweep has come.
    retry_failed
        Solve points again that failed earlier.
    regimes
        Of a stress test; all of the instance if empty.
    """

    instance: InstanceRequest
    sweep_file: Path | None = None
    out: Path | None = None
    workers: int | None = None
    scheduler: str | None = None
    status: bool = False
    retry_failed: bool = False
    regimes: tuple[str, ...] = ()
    quiet: bool = False
    as_json: bool = False


@dataclass(frozen=True)
class SweepStudy:
    """A study that is a sweep with a report of its own.

    Attributes
    ----------
    name
        Of its folder, after that of the instance.
    plan
        Makes its points.
    columns
        Of the first table of its report, for the console.
    """

    name: str
    plan: Callable[[Instance], Sweep]
    write: Callable[[SweepOutcome], StudyReport]
    columns: tuple[str, ...]


def sweep(request: SweepRequest) -> ExitCode:
    """Run a sweep, go on with one, or say how far it has come."""
    from optimizer.studies.sweep_report import write_sweep_report

    assert request.sweep_file is not None
    file = request.sweep_file
    columns = ("changes", "status", "bound", "gap_rel")
    study = SweepStudy(file.stem, lambda instance: make_sweep(instance, read_sweep(file)), write_sweep_report, columns)
    return _guarded(request, study)


def tornado(request: SweepRequest) -> ExitCode:
    """Run a tornado, go on with one, or say how far it has come."""
    from optimizer.studies.tornado import make_tornado, write_tornado_report

    columns = ("assumption", "low", "high", "objective_low", "objective_high", "swing", "swing_proven",
               "enter_at_high", "leave_at_high", "enter_at_low", "leave_at_low")  # fmt: skip
    return _guarded(request, SweepStudy("tornado", make_tornado, write_tornado_report, columns))


def stress(request: SweepRequest) -> ExitCode:
    """Run a stress test of regimes, go on with one, or say how far it has come."""
    from optimizer.studies.stress import make_stress
    from optimizer.studies.stress_report import write_stress_report

    columns = ("regime", "status", "npv_busd", "npv_change_low_busd", "npv_change_high_busd",
               "compute_h100e_million_end", "us_chip_sales_change_busd", "online_without_chips_gw_end",
               "chips_unsold_million")  # fmt: skip
    study = SweepStudy("stress", lambda instance: make_stress(instance, request.regimes), write_stress_report, columns)
    return _guarded(request, study)


def _guarded(request: SweepRequest, study: SweepStudy) -> ExitCode:
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: _run(request, streams, study))


def _run(request: SweepRequest, streams: Streams, study: SweepStudy) -> ExitCode:
    planned = study.plan(request.instance.load(streams))
    folder = request.out or Path("results") / f"{planned.instance.name}-{study.name}"
    _refuse_foreign_folder(folder)
    if request.status:
        return _show_state(sweep_state(planned, folder), folder, streams)
    outcome = _solved(request, planned, folder, streams)
    drawn = _draw(outcome)
    report = study.write(outcome)
    _show(outcome, report, study.columns, streams)
    if drawn:
        streams.line(drawn)
    return _exit_code(outcome)


def _solved(request: SweepRequest, planned: Sweep, folder: Path, streams: Streams) -> SweepOutcome:
    progress = _Progress(streams, quiet=request.quiet)
    try:
        return run_sweep(planned, folder, _executor(request, planned), progress.tell, retry_failed=request.retry_failed)
    except (BusyError, NoClusterError) as error:
        raise BadInputError(str(error)) from error
    except KeyboardInterrupt:
        state = sweep_state(planned, folder)
        streams.note(f"Stopped. {_progress_line(state)}; the same command goes on from there.")
        _leave()


def _draw(outcome: SweepOutcome) -> str:
    """Draw the page of the plans; gives a line for people, or "" if there is no plan."""
    from optimizer.commands.scenario_pages import write_study_map

    written = write_study_map(outcome.folder)
    if written is None:
        (outcome.folder / MAP_PAGE).unlink(missing_ok=True)
        return ""
    page, note = written
    return f"Map page: {page} ({note})"


def _leave() -> NoReturn:
    """Leave at once; workers end with this process, and every finished point is on disk."""
    settle_standard_streams()
    os._exit(ExitCode.ABANDONED)


def _executor(request: SweepRequest, planned: Sweep) -> Executor:
    if request.scheduler is not None:
        return DaskExecutor(request.scheduler)
    most = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return LocalExecutor(max(1, min(request.workers or most, len(planned.chains()))))


def _refuse_foreign_folder(folder: Path) -> None:
    if folder.is_dir():
        if not any(folder.iterdir()) or (folder / MARK).is_file() or (folder / ".lock").is_file():
            return
    elif not folder.exists():
        return
    message = f"'{folder}' exists and is not the folder of a sweep. Choose another --out."
    raise BadInputError(message)


# --- what people see -------------------------------------------------------------------------


class _Progress:
    """Lines on standard error, when something has changed or nothing has for a while."""

    def __init__(self, streams: Streams, *, quiet: bool) -> None:
        self._streams, self._quiet = streams, quiet
        self._told: SweepState | None = None
        self._when = self._began = time.monotonic()

    def tell(self, state: SweepState) -> None:
        """Tell of a state."""
        now = time.monotonic()
        if self._quiet or (state == self._told and now - self._when < _NOTE_EVERY):
            return
        self._streams.note(f"{now - self._began:7.1f} s  {state.pass_name}: {_progress_line(state)}")
        self._told, self._when = state, now


def _progress_line(state: SweepState) -> str:
    failed = f", {state.failed} of them failed" if state.failed else ""
    return f"{state.finished} of {state.total} points done{failed}"


def _show_state(state: SweepState, folder: Path, streams: Streams) -> ExitCode:
    streams.line(f"{folder}: {_progress_line(state)}, {state.missing} missing")
    streams.document(
        {
            "status": "finished" if not state.missing else "unfinished",
            "exit_code": 0,
            "folder": str(folder),
            "points": state.total,
            "finished": state.finished,
            "failed": state.failed,
            "missing": state.missing,
        }
    )
    return ExitCode.DONE


def _show(outcome: SweepOutcome, report: StudyReport, columns: tuple[str, ...], streams: Streams) -> None:
    table = report.tables[0]
    streams.show(lambda console: _print_table(console, table, columns))
    for finding in report.findings:
        streams.line(f"- {finding}")
    folder = outcome.folder
    streams.line(f"\n{outcome.solved} points solved, {outcome.kept} kept from earlier, {outcome.seconds:.1f} s")
    streams.line(f"Study folder: {folder} (open {PAGE})")
    streams.document(
        {
            "status": "finished",
            "exit_code": int(_exit_code(outcome)),
            "folder": str(folder),
            "solved": outcome.solved,
            "kept": outcome.kept,
            "seconds": outcome.seconds,
            "findings": list(report.findings),
            table.name: _as_rows(table),
        }
    )


def _as_rows(table: ReportTable) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _print_table(console: Console, table: ReportTable, columns: tuple[str, ...]) -> None:
    drawn = Table(title=table.title, title_justify="left", box=None, header_style="bold")
    objective = [name for name in table.columns if name.endswith(("_objective_busd", "_million_years"))]
    chosen = [table.columns.index(name) for name in (*columns[:1], *objective, *columns[1:])]
    for place in chosen:
        numeric = any(isinstance(row[place], float) for row in table.rows)
        drawn.add_column(table.columns[place], justify="right" if numeric else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(_plain(shown(row[place])) for place in chosen))
    console.print(drawn)


def _plain(text: str) -> str:
    """Text in which brackets are brackets, not markup."""
    return text.replace("[", "\\[")


def _exit_code(outcome: SweepOutcome) -> ExitCode:
    records = [outcome.record(point) for point in outcome.sweep.points]
    if any(record.status == FAILED and record.reason.startswith("AuditFailedError") for record in records):
        return ExitCode.AUDIT_FAILED
    if any(record.has_plan for record in records):
        return ExitCode.DONE
    infeasible = all(record.status == "infeasible" for record in records)
    return ExitCode.INFEASIBLE if infeasible else ExitCode.NO_PLAN
