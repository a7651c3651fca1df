"""`gigasite compare`: where the difference between two results comes from."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from optimizer.commands.bad_input import refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import load_result
from optimizer.commands.streams import Streams
from optimizer.commands.study_output import refuse_other_folder
from optimizer.studies.compare import ComparedPlan, Comparison, compare
from optimizer.studies.compare_report import comparison_document, findings, write_comparison

#: Rows of each table on the console; the report has all.
SHOWN = 12


def compare_results(before: Path, after: Path, out: Path | None, *, as_json: bool) -> ExitCode:
    """Compare two result folders, show what differs and write the study folder."""
    streams = Streams(as_json)
    return refusing_bad_input(streams, lambda: _compare(before, after, out, streams))


def _compare(before: Path, after: Path, out: Path | None, streams: Streams) -> ExitCode:
    comparison = compare(*_load(before, after))
    folder = out or Path("results") / f"compare-{comparison.before.label}-{comparison.after.label}".replace("/", "-")
    refuse_other_folder(folder)
    write_comparison(folder, comparison)
    streams.show(lambda console: _show(comparison, console))
    streams.line(f"\nStudy folder: {folder}")
    streams.document({**comparison_document(comparison), "exit_code": int(ExitCode.DONE), "folder": str(folder)})
    return ExitCode.DONE


def _load(before: Path, after: Path) -> tuple[ComparedPlan, ComparedPlan]:
    results = [load_result(path) for path in (before, after)]
    labels = [result.folder.resolve().name for result in results]
    if labels[0] == labels[1]:
        labels = ["/".join(result.folder.resolve().parts[-2:]) for result in results]
    if labels[0] == labels[1]:
        labels = [f"{labels[0]} (first)", f"{labels[1]} (second)"]
    first, second = (
        ComparedPlan(label, result.instance, result.tables, result.manifest)
        for label, result in zip(labels, results, strict=True)
    )
    return first, second


def _show(comparison: Comparison, console: Console) -> None:
    for line in findings(comparison):
        console.print(line, markup=False)
    table = Table(title="Value by cause", title_justify="left", box=None, pad_edge=False)
    table.add_column("B USD of present value")
    for name in ("before", "after", "difference"):
        table.add_column(name, justify="right")
    for one in comparison.by_category:
        numbers = (one.before_busd, one.after_busd)
        name = one.name.replace("_", " ")
        table.add_row(name, *(f"{number:,.3f}" for number in numbers), f"{one.difference_busd:+,.3f}")
    npvs = (comparison.before.npv_busd, comparison.after.npv_busd)
    table.add_row("net present value", *(f"{npv:,.3f}" for npv in npvs), f"{comparison.difference_busd:+,.3f}")
    console.print()
    console.print(table)
    sections = {
        "Sites": [f"{one.sentence} [{one.country}]" for one in comparison.sites],
        "Limits": [f"{one.change}: {one.family} {one.name} {one.when}" for one in comparison.limits],
        "Inputs": [f"{one.cell}: {one.before} becomes {one.after}" for one in comparison.inputs],
    }
    for title, lines in sections.items():
        if lines:
            console.print(f"\n{title}", markup=False)
        for line in lines[:SHOWN]:
            console.print(f"  {line}", markup=False)
        if len(lines) > SHOWN:
            console.print(f"  and {len(lines) - SHOWN} more in the report")
