"""Where commands write: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

from rich.console import Console

#: Width of tables that go to a file or pipe; rich would otherwise fold them at 80 characters.
WIDTH_OF_FILES = 160


class StreamConsole(Console):
    """A console for a stream whose reader may leave early, as ``head`` does. That is no error."""

    def on_broken_pipe(self) -> None:
        """Write nothing more."""
        self.quiet = True


def console_on(stream: TextIO) -> StreamConsole:
    """Console on a stream: colour only on a terminal, and tables that are not folded in files."""
    unsized = not stream.isatty() and "COLUMNS" not in os.environ
    return StreamConsole(file=stream, width=WIDTH_OF_FILES if unsized else None, highlight=False, soft_wrap=False)


@dataclass(frozen=True)
class Streams:
    """Output of one command.

    Attributes
    ----------
    as_json
        Results are one JSON document on standard output; `show` and `line` then do nothing.
    """

    as_json: bool = False
    output: StreamConsole = field(default_factory=lambda: console_on(sys.stdout))
    errors: StreamConsole = field(default_factory=lambda: console_on(sys.stderr))

    def show(self, draw: Callable[[Console], None]) -> None:
        """Show a result to people, by a function that draws on a console."""
        if not self.as_json:
            draw(self.output)

    def line(self, text: str) -> None:
        """Show text to people as it stands: not folded, brackets not read as markup."""
        if not self.as_json:
            self.output.out(text, highlight=False)

    def document(self, contents: Mapping[str, Any]) -> None:
        """Give the JSON document of the command, if one was asked for."""
        if self.as_json:
            self.output.out(json.dumps(contents, indent=2, allow_nan=False), highlight=False)

    def note(self, text: str) -> None:
        """Tell people something that is not a result."""
        self.errors.out(text, highlight=False)


@contextmanager
def lenient_standard_streams() -> Iterator[None]:
    """Let neither an encoding without a character nor a reader that leaves early end a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        yield
    finally:
        settle_standard_streams()


def settle_standard_streams() -> None:
    """Flush both streams; one whose reader has left is pointed at nothing, so that the exit code stands."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, stream.fileno())
            os.close(nothing)
