"""`gigasite explain`: under which rules each chip of a plan travels, and how much room is left."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import Result, load_result
from optimizer.commands.streams import Streams
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.schema import RuleMeasure
from optimizer.policy.wording import amount
from optimizer.studies.allocation import Allocation, AllocationBook, RuleLine

#: Allocations on the console; files and JSON have all.
SHOWN = 40


@dataclass(frozen=True)
class ExplainRequest:
    """What `gigasite explain` was asked.

    Attributes
    ----------
    site, chip, when
        Narrow the question; with all three it may be about chips that the plan does not put there.
    table
        CSV file for the answer.
    """

    result: Path
    site: str | None = None
    chip: str | None = None
    when: str | None = None
    table: Path | None = None
    as_json: bool = False


def explain(request: ExplainRequest) -> ExitCode:
    """Say of allocations whether and why they are legal."""
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: _explain(request, streams))


def _explain(request: ExplainRequest, streams: Streams) -> ExitCode:
    result = load_result(request.result)
    _check_names(request, result)
    found = tuple(_asked(request, AllocationBook(result.instance, result.tables)))
    streams.show(lambda console: _show(found, console))
    if request.table is not None:
        _write_whole(request.table, _csv(found))
        streams.line(f"\nTable: {request.table}")
    regime = result.instance.settings.policy.regime
    streams.document(
        {"regime": regime, "allocations": [_document(one) for one in found], "exit_code": int(ExitCode.DONE)}
    )
    return ExitCode.DONE


def _write_whole(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all."""
    try:
        with tempfile.TemporaryDirectory(prefix=".gigasite.", dir=path.parent) as staging:
            whole = Path(staging) / path.name
            whole.write_text(text, encoding="utf-8")
            whole.replace(path)
    except OSError as error:
        message = f"'{path}' cannot be written: {error.strerror}"
        raise BadInputError(message) from error


def _check_names(request: ExplainRequest, result: Result) -> None:
    instance = result.instance
    known: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
        ("site", request.site, tuple(instance.site_by_id)),
        ("chip", request.chip, tuple(instance.chip_by_id)),
        ("period", request.when, tuple(instance.calendar.labels)),
    )
    problems = [
        f"there is no {what} '{name}' in this result; {nearest_hint(name, names, 99)}"
        for what, name, names in known
        if name is not None and name not in names
    ]
    if problems:
        raise BadInputError("\n".join(problems))


def _asked(request: ExplainRequest, book: AllocationBook) -> Iterator[Allocation]:
    if request.site is not None and request.chip is not None and request.when is not None:
        yield book.allocation(request.site, request.chip, request.when)
        return
    wanted: Mapping[str, str | None] = {"site": request.site, "chip": request.chip, "period": request.when}
    for row in book.plan.chips:
        if row.installed_million > 0 and all(name in (None, getattr(row, key)) for key, name in wanted.items()):
            yield book.allocation(row.site, row.chip, row.period)


# --- what people see -------------------------------------------------------------------------


def _show(found: tuple[Allocation, ...], console: Console) -> None:
    if not found:
        console.print("The plan installs nothing that matches.")
    for one in found[:SHOWN]:
        console.print(_headline(one), markup=False, highlight=False)
        if one.lines:
            console.print(_rules(one), markup=False)
    if len(found) > SHOWN:
        console.print(f"\n... and {len(found) - SHOWN} more; --csv FILE or --json gives all.", markup=False)


def _headline(one: Allocation) -> str:
    owner = one.site.operator_hq
    parent = "" if one.site.parent_country == owner else f", parent in {one.site.parent_country}"
    return (
        f"\n{one.site.site} ({one.site.country}, {one.site.operator}, headquarters {owner}{parent}) - "
        f"{one.chip.name}, {one.period}: {one.standing.value.upper()}; {_amount(one)}; {_room(one)}"
    )


def _amount(one: Allocation) -> str:
    if one.installed_million > 0:
        return f"the plan installs {one.installed_million * 1e6:,.0f}"
    return "the plan installs none" + ("" if one.on_sale else ", the chip is not on sale then")


def _room(one: Allocation) -> str:
    room = one.headroom_chips_million
    if one.standing.value == "denied":
        return "no room"
    return "no rule limits more" if room is None else f"the rules leave room for {room * 1e6:,.0f} more"


def _rules(one: Allocation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("  rule", "says", "allows or takes", "left", "in force", "citation"):
        table.add_column(name, overflow="fold")
    for line in one.lines:
        dates = f"{line.since} to {line.until}" if line.until else f"since {line.since}"
        table.add_row(
            f"  {line.rule}", line.says, line.allows, _left(line), dates, f"{line.jurisdiction}: {line.citation}"
        )
    return table


def _left(line: RuleLine) -> str:
    """Headroom in the measure of the rule, and in chips of this kind where that is something else."""
    if line.headroom is None:
        return ""
    words = amount(line.headroom, RuleMeasure(line.unit))
    if line.headroom_chips_million is None or line.unit == RuleMeasure.CHIPS_MILLION:
        return words
    return f"{words} ({line.headroom_chips_million * 1e6:,.0f} of these chips)"


_COLUMNS = (
    "site", "country", "operator", "headquarters", "parent", "chip", "period", "installed_million", "standing",
    "headroom_chips_million", "rule", "role", "says", "group", "quantity", "allows", "travels_million",
    "rule_headroom", "rule_headroom_unit", "rule_headroom_chips_million", "jurisdiction", "since", "until",
    "serves_from", "status", "title", "citation",
)  # fmt: skip


def _csv(found: tuple[Allocation, ...]) -> str:
    """One row a rule and allocation; one with empty rule columns where no rule speaks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in found:
        facts = (one.site.site, one.site.country, one.site.operator, one.site.operator_hq, one.site.parent_country,
                 one.chip.chip, one.period, one.installed_million, one.standing.value,
                 one.headroom_chips_million)  # fmt: skip
        for line in one.lines:
            says = (line.rule, line.role.value, line.says, line.group, line.quantity, line.allows,
                    line.travels_million, line.headroom, line.unit, line.headroom_chips_million, line.jurisdiction,
                    line.since, line.until, line.serves_from, line.status, line.title, line.citation)  # fmt: skip
            writer.writerow("" if cell is None else cell for cell in (*facts, *says))
        if not one.lines:
            writer.writerow("" if cell is None else cell for cell in (*facts, *[""] * (len(_COLUMNS) - len(facts))))
    return text.getvalue()


def _document(one: Allocation) -> dict[str, Any]:
    return {
        "site": one.site.site,
        "country": one.site.country,
        "operator": one.site.operator,
        "headquarters": one.site.operator_hq,
        "parent": one.site.parent_country,
        "chip": one.chip.chip,
        "period": one.period,
        "on_sale": one.on_sale,
        "installed_million": one.installed_million,
        "standing": one.standing.value,
        "headroom_chips_million": one.headroom_chips_million,
        "rules": [{**vars(line), "role": line.role.value} for line in one.lines],
    }
