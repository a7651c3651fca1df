"""`gigasite check`: whether an instance is valid, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from optimizer.commands.bad_input import refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest
from optimizer.commands.streams import Streams
from optimizer.instance import instance_hash
from optimizer.instance.calendar import Calendar
from optimizer.instance.instance import Instance
from optimizer.instance.schema import TABLES


def check(request: InstanceRequest, *, as_json: bool) -> ExitCode:
    """Load an instance and show what it holds."""
    streams = Streams(as_json)
    return refusing_bad_input(streams, lambda: _check(request, streams))


def _check(request: InstanceRequest, streams: Streams) -> ExitCode:
    instance = request.load(streams)
    counts = row_counts(instance)
    streams.show(lambda console: _show(instance, counts, console))
    streams.document(
        {
            "status": "valid",
            "exit_code": int(ExitCode.DONE),
            "instance": {"name": instance.name, "sha256": instance_hash(instance)},
            "objective": str(instance.settings.objective),
            "regime": instance.settings.policy.regime,
            "periods": len(instance.calendar.periods),
            "decision_dates": len(instance.calendar.decision_periods),
            "rows": counts,
            "scenarios": list(instance.settings.scenarios),
            "warnings": [warning.as_dict() for warning in instance.warnings],
        }
    )
    return ExitCode.DONE


def row_counts(instance: Instance) -> dict[str, int]:
    """Rows of every table, in the order of the documentation."""
    return {row_type.table: len(getattr(instance, row_type.table)) for row_type in TABLES}


def _show(instance: Instance, counts: Mapping[str, int], console: Console) -> None:
    settings = instance.settings
    console.print(f"{settings.title or instance.name}: valid", markup=False)
    console.print(_calendar_line(instance.calendar))
    console.print(f"Objective {settings.objective}, regime {settings.policy.regime}", markup=False)
    if settings.scenarios:
        console.print(f"Scenarios: {', '.join(settings.scenarios)}", markup=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, count in counts.items():
        if count:
            table.add_row(name, f"{count:,}")
    console.print(table)


def _calendar_line(calendar: Calendar) -> str:
    first, last = calendar.labels[0], calendar.labels[-1]
    return f"{len(calendar.periods)} periods from {first} to {last}, {len(calendar.decision_periods)} decision dates"
