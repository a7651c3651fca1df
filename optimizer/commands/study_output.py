"""What the commands of studies share: where they write, how they run, what they say when there is no plan."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from optimizer.commands.bad_input import BadInputError
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.interrupts import run_interruptibly
from optimizer.commands.streams import Streams, settle_standard_streams
from optimizer.studies.study_folder import is_replaceable

Outcome = TypeVar("Outcome")


class NoPlanError(Exception):
    """A study cannot start, because there is no plan to start from."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.code = ExitCode.INFEASIBLE if status == "infeasible" else ExitCode.NO_PLAN
        self.status = status


@dataclass(frozen=True)
class StudyRun:
    """What a running study needs of its command.

    Attributes
    ----------
    stop
        When set, the study ends with what it has.
    tell
        Says what is going on.
    """

    stop: threading.Event
    tell: Callable[[str], None]


def refuse_other_folder(folder: Path) -> None:
    """Refuse to replace anything but an earlier study or an empty folder.

    Raises
    ------
    BadInputError
        If the path holds something else.
    """
    if not is_replaceable(folder):
        message = f"'{folder}' exists and is not a study folder; it would be replaced. Choose another --out."
        raise BadInputError(message)


def run_study(streams: Streams, work: Callable[[StudyRun], Outcome], *, quiet: bool) -> Outcome:
    """Do the work of a study; an interrupt ends it with what it has, a second one gives up."""

    def tell(text: str) -> None:
        if not quiet:
            streams.note(text)

    try:
        return run_interruptibly(
            lambda stop: work(StudyRun(stop, tell)),
            on_interrupt=lambda: streams.note("Stopping with what is known so far. Interrupt again to give up."),
        )
    except KeyboardInterrupt:
        streams.note("Given up.")
        settle_standard_streams()
        os._exit(ExitCode.ABANDONED)


def show_folder(streams: Streams, folder: Path) -> None:
    """Say where a finished study lies, and draw the page of its plans where it keeps any."""
    from optimizer.commands.scenario_pages import is_study, write_study_map

    streams.line(f"\nStudy folder: {folder}")
    drawn = write_study_map(folder) if is_study(folder) else None
    if drawn is not None:
        page, note = drawn
        streams.line(f"Map page: {page} ({note})")


def reporting_failures(streams: Streams, work: Callable[[], ExitCode]) -> ExitCode:
    """Do the work; say so if there is no plan to study or one did not pass its audit."""
    from optimizer.studies.points import AuditFailedError

    try:
        return work()
    except NoPlanError as error:
        streams.note(f"error: {error}")
        code, status = error.code, error.status
    except AuditFailedError as error:
        streams.note(f"error: a plan did not pass its audit; nothing was written\n{error}")
        code, status = ExitCode.AUDIT_FAILED, "audit_failed"
    streams.document({"status": status, "exit_code": int(code)})
    return code
