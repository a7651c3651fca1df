"""Ways of showing a solve while it runs: live on a terminal, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from enum import StrEnum
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from optimizer.solve.events import SolveEvent

#: A plain line at least this many seconds after the one before, if nothing of note happens.
SECONDS_BETWEEN_LINES = 5.0
#: Relative improvement of the best plan that is worth a line at once.
NOTABLE_IMPROVEMENT = 1e-3
#: The live display redraws itself this often, whether or not the solver reports anything.
REFRESHES_PER_SECOND = 2


class ProgressStyle(StrEnum):
    """How progress is shown."""

    AUTO = "auto"  # live on a terminal, else lines
    LINES = "lines"
    JSON = "json"
    NONE = "none"


class Progress:
    """An observer of a solve that is also a context; this base class shows nothing."""

    def __enter__(self) -> Self:
        """Start showing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing, and leave the last state behind."""

    def __call__(self, event: SolveEvent) -> None:
        """Take in an event."""

    def note(self, text: str) -> None:
        """Show a line that is not about the solve's state."""


class LineProgress(Progress):
    """Plain lines for logs: on news, and otherwise at most one every few seconds.

    Parameters
    ----------
    stream
        Where to write. If it goes away the solve carries on unseen.
    unit
        Unit of the objective, e.g. ``B USD``.
    """

    def __init__(self, stream: TextIO, unit: str = "") -> None:
        self._stream = stream
        self._unit = unit
        self._shown: SolveEvent | None = None
        self._latest: SolveEvent | None = None

    def __call__(self, event: SolveEvent) -> None:
        """Write a line if the event brings news or the last line is old."""
        self._latest = event
        if self._shown is None or _is_news(self._shown, event):
            self._show(event)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the last state unless it stands there already."""
        if self._latest is not None and self._latest is not self._shown:
            self._show(self._latest)

    def note(self, text: str) -> None:
        """Write the text."""
        _write_line(self._stream, text)

    def _show(self, event: SolveEvent) -> None:
        self._shown = event
        _write_line(self._stream, describe(event, self._unit))


class JsonLines(Progress):
    """Every event as one JSON object a line; numbers that are missing or infinite are null."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: SolveEvent) -> None:
        """Write the event."""
        finite = replace(event, incumbent=_finite(event.incumbent), bound=_finite(event.bound), gap=_finite(event.gap))
        _write_line(self._stream, json.dumps(asdict(finite)))

    def note(self, text: str) -> None:
        """Write an object that has only a message."""
        _write_line(self._stream, json.dumps({"message": text}))


class LiveProgress(Progress):
    """One line that redraws itself on a terminal, under a line for each stage that is done.

    Parameters
    ----------
    console
        Console on the terminal, normally on standard error.
    unit
        Unit of the objective.
    clock
        Seconds from any fixed moment; it keeps the elapsed time running between events.
    """

    def __init__(self, console: Console, unit: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._unit = unit
        self._clock = clock
        self._spinner = Spinner("dots", style="cyan")
        # Replaced as a whole, since events come from the solving thread and drawing happens in another.
        self._latest: tuple[SolveEvent, float] | None = None
        self._stage_began = 0.0
        self._live = Live(
            console=console,
            get_renderable=self.render,
            refresh_per_second=REFRESHES_PER_SECOND,
            transient=True,
            redirect_stdout=False,  # results on standard output are none of its business
        )

    def __enter__(self) -> Self:
        """Start drawing."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing and leave the last stage as a line."""
        self._live.stop()
        if self._latest is not None:
            event, received = self._latest
            self._print_finished_stage(event, self._seconds_at_present(event, received))

    def __call__(self, event: SolveEvent) -> None:
        """Take in an event; stages that end and messages stay on the screen above the live line."""
        before = self._latest[0] if self._latest else None
        if before is not None and before.stage != event.stage:
            self._print_finished_stage(before, event.seconds)
            self._stage_began = event.seconds
        if event.message:
            self.note(f"  {event.message}")
        self._latest = (event, self._clock())

    def note(self, text: str) -> None:
        """Leave the text on the screen above the live line."""
        self._console.print(Text(text, style="dim"))

    def render(self) -> Table:
        """Draw the live line."""
        line = Table.grid(padding=(0, 1))
        if self._latest is None:
            line.add_row(self._spinner, Text("starting"))
            return line
        event, received = self._latest
        elapsed = format_seconds(self._seconds_at_present(event, received))
        parts = [Text(event.stage, style="bold"), Text(elapsed)]
        parts += [Text(part) for part in _figures(event, self._unit)]
        line.add_row(self._spinner, Text("   ").join(parts))
        return line

    def _seconds_at_present(self, event: SolveEvent, received: float) -> float:
        return event.seconds + self._clock() - received

    def _print_finished_stage(self, event: SolveEvent, ended: float) -> None:
        took = format_seconds(ended - self._stage_began)
        self._console.print(Text("   ".join([f"  {event.stage}", took, *_figures(event, self._unit)]), style="dim"))


def make_progress(style: ProgressStyle, stream: TextIO, unit: str = "") -> Progress:
    """Choose a display: under `ProgressStyle.AUTO` a live one on a capable terminal, lines elsewhere.

    Parameters
    ----------
    style
        What the user asked for.
    stream
        Where progress goes, normally standard error.
    unit
        Unit of the objective.
    """
    match style:
        case ProgressStyle.NONE:
            return Progress()
        case ProgressStyle.JSON:
            return JsonLines(stream)
        case ProgressStyle.LINES:
            return LineProgress(stream, unit)
        case ProgressStyle.AUTO:
            console = Console(file=stream, highlight=False)
            # Asked of the stream, not of rich: FORCE_COLOR makes rich take a log file for a terminal.
            if stream.isatty() and not console.is_dumb_terminal:
                return LiveProgress(console, unit)
            return LineProgress(stream, unit)


def describe(event: SolveEvent, unit: str = "") -> str:
    """Put an event in one plain line, e.g. ``12.0 s  branch and bound  best 10.5 B USD  bound 11.0  gap 4.8 %``."""
    parts = [f"{format_seconds(event.seconds):>8}", event.stage, *_figures(event, unit)]
    if event.message:
        parts.append(event.message)
    return "  ".join(parts)


def format_seconds(seconds: float) -> str:
    """Write a time as ``8.2 s``, ``3 min 05 s`` or ``2 h 07 min``."""
    if seconds < 59.95:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _figures(event: SolveEvent, unit: str) -> list[str]:
    """Incumbent, bound, gap and nodes, those that exist."""
    figures = []
    if (incumbent := _finite(event.incumbent)) is not None:
        figures.append(f"best {incumbent:,.2f} {unit}".rstrip())
    if (bound := _finite(event.bound)) is not None:
        figures.append(f"bound {bound:,.2f}")
    if (gap := _finite(event.gap)) is not None:
        figures.append(f"gap {gap:.2%}".replace("%", " %"))
    if event.nodes is not None:
        figures.append(f"nodes {event.nodes:,}")
    return figures


def _is_news(shown: SolveEvent, event: SolveEvent) -> bool:
    if event.message or event.stage != shown.stage or event.seconds - shown.seconds >= SECONDS_BETWEEN_LINES:
        return True
    new, old = _finite(event.incumbent), _finite(shown.incumbent)
    if new is None:
        return False
    # Incumbents only ever improve, so a change is an improvement whichever way the objective points.
    return old is None or abs(new - old) > NOTABLE_IMPROVEMENT * abs(old)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _write_line(stream: TextIO, line: str) -> None:
    try:
        stream.write(line + "\n")
        stream.flush()
    except (OSError, ValueError):
        # The reader is gone (a closed pipe or file). A solve must not die of that.
        return
