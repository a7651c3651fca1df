"""`gigasite brief`: a plan on two pages."""

from __future__ import annotations

from pathlib import Path

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import load_result
from optimizer.commands.streams import Streams


def brief(path: Path, out: Path | None, prices: Path | None) -> ExitCode:
    """Write the brief of a result; `prices` is the folder of a price study of the same instance."""
    streams = Streams()
    return refusing_bad_input(streams, lambda: _brief(path, out, prices, streams))


def _brief(path: Path, out: Path | None, prices: Path | None, streams: Streams) -> ExitCode:
    from maps.brief import read_prices, write_brief

    result = load_result(path)
    file = out or result.folder / "brief.pdf"
    if not file.parent.is_dir():
        message = f"there is no folder '{file.parent}'"
        raise BadInputError(message)
    plan = result.plan()
    try:
        known = () if prices is None else read_prices(prices, result.instance)
        write_brief(plan, file, known)
    except (OSError, ValueError) as error:
        raise BadInputError(str(error)) from error
    streams.line(f"{file}: the plan on two pages")
    return ExitCode.DONE
