"""`gigasite rules`: the active regime as a table that can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from optimizer.commands.bad_input import refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest
from optimizer.commands.streams import Streams
from optimizer.studies.rule_book import RuleEntry, rule_book


@dataclass(frozen=True)
class RulesRequest:
    """What `gigasite rules` was asked to do."""

    instance: InstanceRequest
    as_json: bool = False


def rules(request: RulesRequest) -> ExitCode:
    """Print every rule of the active regime and what it does."""
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: _rules(request, streams))


def _rules(request: RulesRequest, streams: Streams) -> ExitCode:
    instance = request.instance.load(streams)
    book, regime = rule_book(instance), instance.settings.policy.regime
    streams.show(lambda console: _show(book, regime, console))
    silent = sum(bool(entry.vacuous) for entry in book)
    streams.line("\nAn installation is one kind of chip at one site in one period in which the chip is on sale.")
    least = instance.settings.policy.minimum_licence_probability
    streams.line(
        f"A licence without quantity counts as granted in full from a probability of {least:g} on, else as refused."
    )
    streams.line(f"{len(book)} rules in regime '{regime}', {silent} of them without effect in this instance.")
    streams.document({"regime": regime, "rules": [_document(entry) for entry in book], "exit_code": int(ExitCode.DONE)})
    return ExitCode.DONE


def _show(book: tuple[RuleEntry, ...], regime: str, console: Console) -> None:
    table = Table(title=f"Regime '{regime}'", title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in (
        "rule",
        "effect",
        "what it says",
        "who and where",
        "allows or takes",
        "dates, status",
        "here",
        "citation",
    ):
        table.add_column(name, overflow="fold", ratio=None if name in ("rule", "effect") else 1)
    for entry in book:
        rule = entry.rule.rule
        cells = (rule.rule, rule.effect.value.replace("_", " "), rule.title, entry.scope,
                 entry.allows, f"{entry.dates}; {rule.status}", entry.does,
                 f"{rule.jurisdiction}: {rule.citation}")  # fmt: skip
        table.add_row(*cells)
    console.print(table, markup=False)


def _document(entry: RuleEntry) -> dict[str, Any]:
    rule = entry.rule.rule
    return {
        **rule.model_dump(mode="json"),
        "selected_installations": entry.selected,
        "denied_installations": entry.denied,
        "rows": entry.rows,
        "vacuous": entry.vacuous,
        "scope": entry.scope,
        "allows": entry.allows,
        "does": entry.does,
    }
