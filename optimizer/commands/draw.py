"""`gigasite map`: draw the maps of a result folder again."""

from __future__ import annotations

from pathlib import Path

from maps import write_map_files
from optimizer.commands.bad_input import refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import load_result
from optimizer.commands.streams import Streams


def draw_maps(path: Path, out: Path | None) -> ExitCode:
    """Draw map.html, map.png and sites.gpkg into the result folder, or into another."""
    streams = Streams()
    return refusing_bad_input(streams, lambda: _draw_maps(path, out, streams))


def _draw_maps(path: Path, out: Path | None, streams: Streams) -> ExitCode:
    result = load_result(path)
    folder = out or result.folder
    folder.mkdir(parents=True, exist_ok=True)
    write_map_files(result.instance, result.tables, result.manifest, folder)
    streams.line(f"Maps drawn into {folder}")
    return ExitCode.DONE
