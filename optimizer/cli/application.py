"""The application to which the command modules add their commands."""

from __future__ import annotations

from typing import Annotated

import typer

from optimizer import __version__

app = typer.Typer(
    name="gigasite",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Decide which gigawatt AI factories to build, where, when, and which chips go to which of them.\n\n"
        "Exit codes: 0 done; 2 bad input, every problem listed; 3 no plan can meet the limits; "
        "4 no plan found within the time; 5 the audit found an error in the plan."
    ),
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gigasite {__version__}")
        raise typer.Exit


@app.callback()
def _gigasite(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""
