"""`gigasite map`: draw the maps of a result folder again, or one page of several plans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from maps import write_map_files
from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import load_result
from optimizer.commands.scenario_pages import is_study, write_results_map, write_study_map
from optimizer.commands.streams import Streams


def draw_maps(paths: Sequence[Path], out: Path | None) -> ExitCode:
    """Draw map.html, map.png and sites.gpkg of one result, or one map.html of several plans to switch between."""
    streams = Streams()
    return refusing_bad_input(streams, lambda: _draw_maps(paths, out, streams))


def _draw_maps(paths: Sequence[Path], out: Path | None, streams: Streams) -> ExitCode:
    if len(paths) > 1:
        page, note = write_results_map(paths, out or default_folder(paths))
    elif is_study(paths[0]):
        written = write_study_map(paths[0], out)
        if written is None:
            message = f"no point of the study '{paths[0]}' has a plan"
            raise BadInputError(message)
        page, note = written
    else:
        return _draw_result(paths[0], out, streams)
    streams.line(f"{page}: {note}")
    return ExitCode.DONE


def _draw_result(path: Path, out: Path | None, streams: Streams) -> ExitCode:
    result = load_result(path)
    folder = out or result.folder
    folder.mkdir(parents=True, exist_ok=True)
    write_map_files(result.instance, result.tables, result.manifest, folder)
    streams.line(f"Maps drawn into {folder}")
    return ExitCode.DONE


def default_folder(paths: Sequence[Path]) -> Path:
    """Folder of a page of several plans, named after the first and the last of them."""
    first, last = (path.resolve().name for path in (paths[0], paths[-1]))
    return Path("results") / f"map-{first}-to-{last}"
