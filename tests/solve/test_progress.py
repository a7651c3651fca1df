import io
import json
import math

import pytest
from rich.console import Console

from optimizer.solve.events import SolveEvent
from optimizer.solve.progress import (
    JsonLines,
    LineProgress,
    LiveProgress,
    Progress,
    ProgressStyle,
    describe,
    format_seconds,
    make_progress,
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class ClosedPipe(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def terminal_console(width=120):
    return Console(file=Terminal(), force_terminal=True, width=width, highlight=False, color_system=None)


def drawn(live, width=120):
    console = Console(file=io.StringIO(), width=width)
    console.print(live.render())
    return console.file.getvalue().strip()


def lines_of(events, unit=""):
    stream = io.StringIO()
    with LineProgress(stream, unit) as progress:
        for event in events:
            progress(event)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (8.24, "8.2 s"),
        (59.9, "59.9 s"),
        (59.97, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7620, "2 h 07 min"),
    ],
)
def test_times_read_as_people_write_them(seconds, text):
    assert format_seconds(seconds) == text


def test_a_line_holds_every_figure_and_the_unit():
    event = SolveEvent("branch and bound", 12.0, 1234.567, 1300.0, 0.053, 1500, "cut limit reached")
    assert describe(event, "B USD") == (
        "  12.0 s  branch and bound  best 1,234.57 B USD  bound 1,300.00  gap 5.30 %  nodes 1,500  cut limit reached"
    )


def test_figures_that_are_missing_or_infinite_are_left_out():
    assert describe(SolveEvent("root", 1.0, -math.inf, math.inf, math.nan)) == "   1.0 s  root"


def test_events_without_news_give_a_line_only_every_five_seconds():
    lines = lines_of(SolveEvent("root", float(second)) for second in range(12))
    assert [line.split(" s  ")[0].strip() for line in lines] == ["0.0", "5.0", "10.0", "11.0"]


def test_a_new_stage_gives_a_line_at_once():
    lines = lines_of([SolveEvent("build", 0.0), SolveEvent("build", 0.1), SolveEvent("root", 0.2)])
    assert [line.split()[2] for line in lines] == ["build", "root"]


def test_the_first_plan_and_notable_improvements_give_a_line_at_once():
    values = [None, 1000.0, 1000.5, 1000.9, 1001.1]
    lines = lines_of(SolveEvent("search", 0.1 * i, incumbent=value) for i, value in enumerate(values))
    assert [line.split("best ")[1] for line in lines[1:]] == ["1,000.00", "1,001.10"]


def test_slow_improvement_adds_up_to_news():
    # Each step is below the threshold; it is measured from the line shown last, not from the last event.
    lines = lines_of(SolveEvent("search", 0.01 * i, incumbent=1000.0 + 0.4 * i) for i in range(4))
    assert [line.split("best ")[1] for line in lines] == ["1,000.00", "1,001.20"]


def test_a_message_gives_a_line_at_once():
    lines = lines_of([SolveEvent("root", 0.0), SolveEvent("root", 0.1, message="warm start rejected")])
    assert lines[1].endswith("warm start rejected")


def test_the_last_state_is_left_behind_once():
    lines = lines_of([SolveEvent("root", 0.0), SolveEvent("root", 1.0, bound=7.0)])
    assert len(lines) == 2
    assert lines[-1].endswith("bound 7.00")


def test_json_lines_are_one_strict_document_each():
    stream = io.StringIO()
    progress = JsonLines(stream)
    progress(SolveEvent("root", 1.0, bound=math.inf))
    progress(SolveEvent("search", 2.0, 10.0, 11.0, 0.1, 3, "line\nbreak"))
    first, second = (json.loads(line, parse_constant=pytest.fail) for line in stream.getvalue().splitlines())
    assert first == {
        "stage": "root", "seconds": 1.0, "incumbent": None, "bound": None, "gap": None, "nodes": None, "message": "",
    }  # fmt: skip
    assert (second["incumbent"], second["nodes"], second["message"]) == (10.0, 3, "line\nbreak")


@pytest.mark.parametrize("make", [LineProgress, JsonLines])
def test_a_reader_that_goes_away_does_not_stop_the_solve(make):
    with make(ClosedPipe()) as progress:
        progress(SolveEvent("root", 1.0))
        progress(SolveEvent("search", 2.0))


def test_the_live_line_counts_on_between_events():
    clock = Clock()
    live = LiveProgress(terminal_console(), "B USD", clock)
    assert "starting" in drawn(live)
    live(SolveEvent("root relaxation", 3.0))
    clock.now += 4.5
    assert drawn(live).endswith("root relaxation   7.5 s")


def test_the_live_line_shows_the_latest_figures():
    live = LiveProgress(terminal_console(), "B USD", Clock())
    live(SolveEvent("branch and bound", 1.0, 10.0, 12.0, 0.2, 5))
    assert drawn(live).endswith("branch and bound   1.0 s   best 10.00 B USD   bound 12.00   gap 20.00 %   nodes 5")


def test_finished_stages_and_messages_stay_on_the_terminal():
    console, clock = terminal_console(), Clock()
    with LiveProgress(console, "", clock) as live:
        live(SolveEvent("build", 0.0))
        live(SolveEvent("root", 2.0))
        live(SolveEvent("root", 2.5, message="[bold]not markup[/bold]"))
        live(SolveEvent("search", 5.0, incumbent=3.0))
        live(SolveEvent("search", 9.0, incumbent=4.0))
        clock.now += 2.5
    screen = console.file.getvalue()
    for line in ("build   2.0 s", "root   3.0 s", "[bold]not markup[/bold]", "search   6.5 s   best 4.00"):
        assert f"  {line}" in screen


def test_a_failed_solve_gives_the_terminal_back():
    console = terminal_console()
    live = LiveProgress(console, "", Clock())

    def fail():
        with live:
            live(SolveEvent("root", 1.0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert console.file.getvalue().rindex("\x1b[?25h") > console.file.getvalue().rindex("\x1b[?25l"), "cursor hidden"


def test_the_display_fits_where_it_is_shown(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(make_progress(ProgressStyle.AUTO, Terminal()), LiveProgress)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(make_progress(ProgressStyle.AUTO, io.StringIO()), LineProgress)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(make_progress(ProgressStyle.AUTO, Terminal()), LineProgress)


def test_the_user_may_choose_the_display():
    assert isinstance(make_progress(ProgressStyle.LINES, Terminal()), LineProgress)
    assert isinstance(make_progress(ProgressStyle.JSON, Terminal()), JsonLines)
    stream = Terminal()
    with make_progress(ProgressStyle.NONE, stream) as silent:
        silent(SolveEvent("root", 1.0, message="unseen"))
    assert type(silent) is Progress
    assert stream.getvalue() == ""
