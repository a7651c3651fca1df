"""`gigasite map`: draw the maps of a result folder again, one page of several plans, or pictures of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from maps import write_map_files
from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import Result, load_result
from optimizer.commands.scenario_pages import is_study, write_results_map, write_study_map
from optimizer.commands.streams import Streams

if TYPE_CHECKING:
    from maps.static.basemap import UserBasemap
    from maps.view.study import PriceView


@dataclass(frozen=True)
class Pictures:
    """What is asked for beside the usual map files, or in their place if pictures are wanted.

    Attributes
    ----------
    formats
        Suffixes without the dot; PNG if none.
    regions
        Keys of regions; the world if none.
    years
        Years of the plan; the last if none.
    charts
        Whether charts of capacity, chips, power and commitments are drawn too.
    basemap
        File of areas to draw as land.
    prices
        Folder of a price study of the result, for the page.
    """

    formats: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    charts: bool = False
    basemap: Path | None = None
    prices: Path | None = None

    @property
    def wanted(self) -> bool:
        """Whether any picture is asked for."""
        return bool(self.formats or self.regions or self.years or self.charts)

    def read_basemap(self) -> UserBasemap | None:
        """The user's own land and borders; none if no file is named."""
        from maps.static.basemap import read_basemap

        try:
            return None if self.basemap is None else read_basemap(self.basemap)
        except ValueError as error:
            raise BadInputError(str(error)) from error


def draw_maps(paths: Sequence[Path], out: Path | None, pictures: Pictures | None = None) -> ExitCode:
    """Draw map.html, map.png and sites.gpkg of one result, one map.html of several plans, or pictures of one."""
    streams = Streams()
    return refusing_bad_input(streams, lambda: _draw_maps(paths, out, pictures or Pictures(), streams))


def _draw_maps(paths: Sequence[Path], out: Path | None, pictures: Pictures, streams: Streams) -> ExitCode:
    if pictures.wanted and (len(paths) > 1 or is_study(paths[0])):
        raise BadInputError("pictures are drawn of one result at a time: leave out the options, or name one result")
    if pictures.prices is not None and (pictures.wanted or len(paths) > 1 or is_study(paths[0])):
        raise BadInputError("prices are shown on the page of one result; the page of a price study has its own")
    if len(paths) > 1:
        page, note = write_results_map(paths, out or default_folder(paths), pictures.read_basemap())
    elif is_study(paths[0]):
        written = write_study_map(paths[0], out, pictures.read_basemap())
        if written is None:
            message = f"no point of the study '{paths[0]}' has a plan"
            raise BadInputError(message)
        page, note = written
    else:
        return _draw_result(paths[0], out, pictures, streams)
    streams.line(f"{page}: {note}")
    return ExitCode.DONE


def _draw_result(path: Path, out: Path | None, pictures: Pictures, streams: Streams) -> ExitCode:
    result = load_result(path)
    folder = out or result.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"'{folder}' cannot be made a folder: {error.strerror}"
        raise BadInputError(message) from error
    if pictures.wanted:
        for file in _draw_pictures(result, folder, pictures):
            streams.line(str(file))
        return ExitCode.DONE
    prices, basemap = _read_prices(result, pictures), pictures.read_basemap()
    plan = result.plan()
    write_map_files(
        plan.instance, plan.tables, plan.manifest, folder, full_year=plan.full_year, prices=prices, basemap=basemap
    )
    streams.line(f"Maps drawn into {folder}")
    return ExitCode.DONE


def _read_prices(result: Result, pictures: Pictures) -> tuple[PriceView, ...]:
    from maps.view.prices import read_price_views

    try:
        return () if pictures.prices is None else read_price_views(pictures.prices, result.instance)
    except ValueError as error:
        raise BadInputError(str(error)) from error


def _draw_pictures(result: Result, folder: Path, pictures: Pictures) -> list[Path]:
    from maps import static_charts, static_map
    from maps.static.areas import area_by_key

    plan = result.plan()
    formats, regions = pictures.formats or ("png",), pictures.regions or ("world",)
    years = pictures.years or (plan.view.years[-1],)
    try:  # everything is checked before anything is drawn
        for region in regions:
            area_by_key(region)
        for year in years:
            plan.view.index_of(year)
    except ValueError as error:
        raise BadInputError(str(error)) from error
    basemap = pictures.read_basemap()
    drawn = [
        static_map(plan, folder / f"map-{region.replace('_', '-')}-{year}.{suffix}", region, year, basemap=basemap)
        for suffix in formats
        for region in regions
        for year in years
    ]
    if pictures.charts:
        drawn += [static_charts(plan, folder / f"charts.{suffix}") for suffix in formats]
    return drawn


def default_folder(paths: Sequence[Path]) -> Path:
    """Folder of a page of several plans, named after the first and the last of them."""
    first, last = (path.resolve().name for path in (paths[0], paths[-1]))
    return Path("results") / f"map-{first}-to-{last}"
