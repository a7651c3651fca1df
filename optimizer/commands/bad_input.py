"""Bad input: every problem on standard error, and as JSON where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.streams import Streams
from optimizer.instance import InstanceError
from optimizer.plan.reader import PlanReadError


class BadInputError(Exception):
    """Something besides the contents of an instance that the user has to mend."""


def refusing_bad_input(streams: Streams, work: Callable[[], ExitCode]) -> ExitCode:
    """Do a command's work; if its input is bad, list all problems and return `ExitCode.BAD_INPUT`."""
    try:
        return work()
    except InstanceError as error:
        streams.note(error.render(colour=streams.errors.is_terminal))
        problems = [diagnostic.as_dict() for diagnostic in (*error.diagnostics, *error.warnings)]
    except PlanReadError as error:
        streams.note(str(error))
        problems = [_problem(problem.message, problem.file, problem.line) for problem in error.problems]
    except BadInputError as error:
        streams.note(f"error: {error}")
        problems = [_problem(str(error))]
    streams.document(bad_input_document(problems))
    return ExitCode.BAD_INPUT


def bad_input_document(problems: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """JSON document that says what is wrong."""
    return {"status": "bad_input", "exit_code": int(ExitCode.BAD_INPUT), "diagnostics": list(problems)}


def _problem(message: str, file: str = "", line: int = 0) -> dict[str, Any]:
    return {"severity": "error", "file": file, "line": line, "message": message}
