"""Command line of gigasite: one short function a command; `optimizer.commands` does the work.

Everything heavy is imported inside the commands, so that help and completion come at once. Commands are listed in
the order in which their modules are imported here.
"""

from __future__ import annotations

from optimizer.cli import plans, questions, studies
from optimizer.cli.application import app

__all__ = ["app", "main", "plans", "questions", "studies"]


def main() -> None:
    """Run the command line."""
    from optimizer.commands.streams import lenient_standard_streams

    with lenient_standard_streams():
        app()
