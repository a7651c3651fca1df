import io
import json
import subprocess
import sys

from optimizer.commands.streams import Streams, console_on

WIDE = "x" * 100


def streams(as_json=False):
    return Streams(as_json, output=console_on(io.StringIO()), errors=console_on(io.StringIO()))


def test_people_get_text_and_no_document():
    target = streams()
    target.line("sites[a].x: 1")
    target.document({"a": 1})
    assert target.output.file.getvalue() == "sites[a].x: 1\n"


def test_programs_get_one_document_and_no_text():
    target = streams(as_json=True)
    target.line("text")
    target.show(lambda console: console.print("table"))
    target.document({"name": "[bold]" + WIDE + WIDE})
    assert json.loads(target.output.file.getvalue()) == {"name": "[bold]" + WIDE + WIDE}


def test_notes_go_to_standard_error():
    target = streams(as_json=True)
    target.note("careful")
    assert (target.output.file.getvalue(), target.errors.file.getvalue()) == ("", "careful\n")


def test_files_get_wide_tables_without_colour(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    console = console_on(io.StringIO())
    console.print(f"[bold red]{WIDE}[/]")
    assert console.file.getvalue() == WIDE + "\n"


WRITER = """
import sys
from optimizer.commands.streams import Streams, settle_standard_streams
streams = Streams(as_json=False)
try:
    for _ in range(20_000):
        streams.line("a line of output that nobody reads")
    streams.note("still here")
finally:
    settle_standard_streams()
sys.exit(4)
"""


def test_a_reader_that_leaves_early_changes_nothing_but_what_it_sees():
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == "still here\n"
    assert process.returncode == 4
