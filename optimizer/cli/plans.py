"""Commands about one plan: solve, check, audit, map, brief, export, schema, compare."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.application import app
from optimizer.cli.options import (
    AsJson,
    Changes,
    InstancePath,
    NoCache,
    ObjectiveName,
    ProgressName,
    Regime,
    ResultPath,
    Scenario,
)


class PictureFormat(StrEnum):
    """Formats of static pictures."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


@app.command()
def solve(  # noqa: PLR0913 - typer reads one parameter an option
    instance: InstancePath,
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Result folder; results/<instance>[-<scenario>] if not given."),
    ] = None,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
    objective: Annotated[
        ObjectiveName | None, typer.Option(help="What the plan is best at.", show_default=False)
    ] = None,
    gap: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Relative gap that counts as solved, e.g. 0.01.")
    ] = None,
    gap_busd: Annotated[
        float | None, typer.Option(metavar="B_USD", help="Absolute gap that also counts as solved.")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Stop then with the best plan so far.")
    ] = None,
    threads: Annotated[int | None, typer.Option(metavar="N", help="Threads of the solver.")] = None,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Same plan every time: the time limit counts work, not time.")
    ] = False,
    progress: Annotated[ProgressName, typer.Option(help="How to show progress on standard error.")] = ProgressName.AUTO,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    draw_map: Annotated[bool, typer.Option("--map/--no-map", help="Draw map.html, map.png and sites.gpkg.")] = True,
    _no_cache: NoCache = False,
    as_json: AsJson = False,
) -> None:
    """Find the best plan, audit it, and write the result folder.

    An interrupt (Ctrl-C) ends the search and gives the best plan so far; a second one gives up.
    """
    from optimizer.commands.loading import InstanceRequest, settings_changes
    from optimizer.commands.solve import SolveRequest
    from optimizer.commands.solve import solve as run
    from optimizer.solve.progress import ProgressStyle

    settings = settings_changes(
        {
            "policy.regime": regime,
            "objective": objective,
            "solver.gap": gap,
            "solver.gap_busd": gap_busd,
            "solver.time_limit_seconds": time_limit,
            "solver.threads": threads,
            "solver.deterministic": "true" if deterministic else None,
        }
    )
    request = SolveRequest(
        instance=InstanceRequest(instance, scenario, (*settings, *(changes or ()))),
        out=out,
        draw_map=draw_map,
        progress=ProgressStyle.NONE if quiet else ProgressStyle(progress),
        as_json=as_json,
    )
    raise typer.Exit(run(request))


@app.command()
def check(
    instance: InstancePath,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
    _no_cache: NoCache = False,
    as_json: AsJson = False,
) -> None:
    """Check an instance without solving it: every problem with file, line and column."""
    from optimizer.commands.check import check as run
    from optimizer.commands.loading import InstanceRequest, settings_changes

    named = settings_changes({"policy.regime": regime})
    raise typer.Exit(run(InstanceRequest(instance, scenario, (*named, *(changes or ()))), as_json=as_json))


@app.command()
def audit(result: ResultPath, as_json: AsJson = False) -> None:
    """Recompute every balance, limit, date and dollar of a result, without the model that made it."""
    from optimizer.commands.audit import audit as run

    raise typer.Exit(run(result, as_json=as_json))


@app.command("map")
def draw_maps(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT...", help="Result folders, or folders of studies.", show_default=False),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the map files; that of the result or study, or results/map-FIRST-to-LAST, if not given.",
        ),
    ] = None,
    *,
    formats: Annotated[
        list[PictureFormat] | None,
        typer.Option("--format", help="Draw pictures in this format instead. May be repeated.", show_default=False),
    ] = None,
    regions: Annotated[
        list[str] | None,
        typer.Option(
            "--region",
            metavar="REGION",
            help="Region of the picture: world, north-america, gulf, nordics, europe, asia ... May be repeated.",
            show_default=False,
        ),
    ] = None,
    years: Annotated[
        list[int] | None,
        typer.Option("--year", metavar="Y", help="Year of the picture; the last if not given. May be repeated."),
    ] = None,
    charts: Annotated[
        bool, typer.Option("--charts", help="Draw charts of capacity, chips, power and commitments too.")
    ] = False,
    basemap: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Your own land and borders: GeoPackage, GeoJSON, shapefile.", show_default=False
        ),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(metavar="STUDY", help="Folder of a price study of the same instance.", show_default=False),
    ] = None,
) -> None:
    """Draw map.html, map.png and sites.gpkg of a result again, or one map.html of several plans.

    Of several results, or of a study (sweep, tornado, switch ...), one page is drawn that switches between the plans
    and compares any two of them. At most eight plans of a study are taken.

    With --format, --region, --year or --charts, pictures of one result are drawn instead.
    """
    from optimizer.commands.draw import Pictures
    from optimizer.commands.draw import draw_maps as run

    pictures = Pictures(tuple(formats or ()), tuple(regions or ()), tuple(years or ()), charts, basemap, prices)
    raise typer.Exit(run(results, out, pictures))


@app.command()
def brief(
    result: ResultPath,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PDF file; brief.pdf in the result folder if not given.")
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(metavar="STUDY", help="Folder of a price study of the same instance.", show_default=False),
    ] = None,
) -> None:
    """Write a brief of two pages: map, headline, timeline, what binds, policy, gap and audit."""
    from optimizer.commands.brief import brief as run

    raise typer.Exit(run(result, out, prices))


@app.command()
def export(  # noqa: PLR0913 - typer reads one parameter an option
    source: Annotated[
        Path, typer.Argument(metavar="INSTANCE|RESULT", help="Instance, or result folder.", show_default=False)
    ],
    *,
    mps: Annotated[Path | None, typer.Option(metavar="FILE", help="MPS file to write.", show_default=False)] = None,
    lp: Annotated[Path | None, typer.Option(metavar="FILE", help="LP file to write.", show_default=False)] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Excel workbook to write of a result, one sheet a table.", show_default=False
        ),
    ] = None,
    gpkg: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="GeoPackage to write of a result, with a style for QGIS.", show_default=False
        ),
    ] = None,
    geojson: Annotated[
        Path | None, typer.Option(metavar="FILE", help="GeoJSON to write of a result.", show_default=False)
    ] = None,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
) -> None:
    """Write the model of an instance for other solvers, or the plan of a result for other programs."""
    from optimizer.commands.export import ExportFiles
    from optimizer.commands.export import export as run
    from optimizer.commands.loading import InstanceRequest, settings_changes

    named = settings_changes({"policy.regime": regime})
    request = InstanceRequest(source, scenario, (*named, *(changes or ())))
    raise typer.Exit(run(request, ExportFiles(mps, lp, xlsx, gpkg, geojson)))


@app.command()
def schema(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File to write; standard output if not given.")
    ] = None,
) -> None:
    """Print the JSON Schema of instance files, for editors and other tools."""
    from optimizer.commands.schema import schema as run

    raise typer.Exit(run(out))


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="Result folder of a solve.", show_default=False)],
    after: Annotated[Path, typer.Argument(metavar="B", help="Result folder to hold against it.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Study folder; results/compare-A-B if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say where the difference between two results comes from, to the last dollar."""
    from optimizer.commands.compare import compare_results as run

    raise typer.Exit(run(before, after, out, as_json=as_json))
