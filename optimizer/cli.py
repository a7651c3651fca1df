"""Command line of gigasite: one short function a command; `optimizer.commands` does the work.

Everything heavy is imported inside the commands, so that help and completion come at once.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
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


class ObjectiveName(StrEnum):
    """Objectives, repeated here because the schema takes a moment to import."""

    NPV = "npv"
    COMPUTE = "compute"
    COST = "cost"


class ProgressName(StrEnum):
    """Progress displays, repeated here for the same reason."""

    AUTO = "auto"
    LINES = "lines"
    JSON = "json"


class ModeName(StrEnum):
    """How a value acts on a knob, repeated here for the same reason."""

    SET = "set"
    SCALE = "scale"
    ADD = "add"


InstancePath = Annotated[
    Path, typer.Argument(metavar="INSTANCE", help="Folder of the instance, or its instance.toml.", show_default=False)
]
ResultPath = Annotated[Path, typer.Argument(metavar="RESULT", help="Result folder of a solve.", show_default=False)]
Scenario = Annotated[
    str | None, typer.Option(metavar="NAME", help="Scenario of instance.toml to apply.", show_default=False)
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="CHANGE",
        help="Change made after the scenario, e.g. 'sites\\[us_*].lead_months += 6'. May be repeated.",
        show_default=False,
    ),
]
Regime = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Export-control regime of regimes.csv, or 'none'.", show_default=False),
]
StudyFolder = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Study folder; results/<instance>-<study> if not given.")
]
StudyGap = Annotated[
    float | None, typer.Option("--gap", metavar="SHARE", help="Relative gap of every solve of the study.")
]
StudyTimeLimit = Annotated[
    float | None, typer.Option("--time-limit", metavar="SECONDS", help="Time limit of every solve of the study.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]


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
    progress: Annotated[ProgressName, typer.Option(help="How to show progress on standard error.")] = ProgressName.AUTO,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    draw_map: Annotated[bool, typer.Option("--map/--no-map", help="Draw map.html, map.png and sites.gpkg.")] = True,
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
) -> None:
    """Draw map.html, map.png and sites.gpkg of a result again, or one map.html of several plans.

    Of several results, or of a study (sweep, tornado, switch ...), one page is drawn that switches between the plans
    and compares any two of them. At most eight plans of a study are taken.
    """
    from optimizer.commands.draw import draw_maps as run

    raise typer.Exit(run(results, out))


@app.command()
def export(
    instance: InstancePath,
    mps: Annotated[Path | None, typer.Option(metavar="FILE", help="MPS file to write.", show_default=False)] = None,
    lp: Annotated[Path | None, typer.Option(metavar="FILE", help="LP file to write.", show_default=False)] = None,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
) -> None:
    """Write the model of an instance for other solvers."""
    from optimizer.commands.export import export as run
    from optimizer.commands.loading import InstanceRequest, settings_changes

    named = settings_changes({"policy.regime": regime})
    raise typer.Exit(run(InstanceRequest(instance, scenario, (*named, *(changes or ()))), mps, lp))


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


@app.command()
def price(  # noqa: PLR0913 - typer reads one parameter an option
    result: ResultPath,
    *,
    resolve: Annotated[int, typer.Option(metavar="K", min=0, help="Limits after which a plan is searched.")] = 5,
    estimate: Annotated[int, typer.Option(metavar="K", min=0, help="Limits whose linear programs are solved.")] = 12,
    lift: Annotated[int, typer.Option(metavar="N", min=0, help="Dearest export rules to lift as a whole.")] = 2,
    sites: Annotated[int, typer.Option(metavar="N", min=0, help="Biggest sites whose dates to move.")] = 1,
    gap: Annotated[float, typer.Option(metavar="SHARE", min=0, help="Relative gap of each search.")] = 0.001,
    time_limit: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="Longest time a search.")] = 20,
    threads: Annotated[int | None, typer.Option(metavar="N", min=1, help="Threads of the solver.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Study folder; results/<instance>-prices if not given.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what each limit of a plan is worth: re-solved after a step, in linear programs, and to first order."""
    from optimizer.commands.price import PriceRequest
    from optimizer.commands.price import price as run
    from optimizer.studies.price import PriceQuestion

    question = PriceQuestion(resolve, estimate, lift, sites, gap, time_limit)
    raise typer.Exit(run(PriceRequest(result, question, out, threads, quiet, as_json)))


@app.command("why-not")
def why_not(  # noqa: PLR0913 - typer reads one parameter an option
    site: Annotated[str, typer.Argument(metavar="SITE", help="Site of sites.csv that is not built.")],
    instance: Annotated[
        Path,
        typer.Option("--instance", metavar="INSTANCE", help="Instance or result folder.", show_default=False),
    ],
    *,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
    break_evens: Annotated[int, typer.Option(metavar="N", min=0, help="Causes whose break-even is searched.")] = 3,
    gap: Annotated[float, typer.Option(metavar="SHARE", min=0, help="Relative gap of each solve.")] = 0.001,
    time_limit: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="Longest time a search.")] = 20,
    threads: Annotated[int | None, typer.Option(metavar="N", min=1, help="Threads of the solver.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Study folder; results/<instance>-why-not-SITE if not given.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what building at a site would cost, what speaks against it, and what would have to change."""
    from optimizer.commands.loading import InstanceRequest, settings_changes
    from optimizer.commands.why_not import WhyNotRequest, explain_site
    from optimizer.studies.why_not import WhyNotQuestion

    question = WhyNotQuestion(break_evens=break_evens, gap=gap, seconds=time_limit)
    named = settings_changes({"policy.regime": regime})
    asked = InstanceRequest(instance, scenario, (*named, *(changes or ())))
    raise typer.Exit(explain_site(WhyNotRequest(site, asked, question, out, threads, quiet, as_json)))


Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Processes on this machine; one a processor if not given.", show_default=False
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Dask scheduler whose workers solve, e.g. tcp://host:8786; they must share the study folder.",
        show_default=False,
    ),
]
Status = Annotated[bool, typer.Option("--status", help="Only say how far it has come.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Solve points again that failed earlier.")]


@app.command()
def sweep(  # noqa: PLR0913 - typer reads one parameter an option
    instance: InstancePath,
    sweep_file: Annotated[
        Path, typer.Argument(metavar="SWEEP.TOML", help="Knobs and values, scenarios, solver.", show_default=False)
    ],
    *,
    out: StudyFolder = None,
    changes: Changes = None,
    regime: Regime = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    status: Status = False,
    retry_failed: RetryFailed = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Solve an instance under many changes; one that is stopped or killed goes on where it was."""
    from optimizer.commands.loading import InstanceRequest, settings_changes
    from optimizer.commands.sweep import SweepRequest
    from optimizer.commands.sweep import sweep as run

    named = settings_changes({"policy.regime": regime})
    request = SweepRequest(
        instance=InstanceRequest(instance, None, (*named, *(changes or ()))),
        sweep_file=sweep_file,
        out=out,
        workers=workers,
        scheduler=scheduler,
        status=status,
        retry_failed=retry_failed,
        quiet=quiet,
        as_json=as_json,
    )
    raise typer.Exit(run(request))


@app.command()
def tornado(  # noqa: PLR0913 - typer reads one parameter an option
    instance: InstancePath,
    *,
    out: StudyFolder = None,
    changes: Changes = None,
    regime: Regime = None,
    gap: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Relative gap that counts as solved, e.g. 0.01.")
    ] = None,
    time_limit: Annotated[float | None, typer.Option(metavar="SECONDS", help="Longest time a point.")] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    status: Status = False,
    retry_failed: RetryFailed = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Solve at the low and the high of every row of assumptions.csv, and rank them by how much they move the plan."""
    from optimizer.commands.loading import InstanceRequest, settings_changes
    from optimizer.commands.sweep import SweepRequest
    from optimizer.commands.sweep import tornado as run

    named = settings_changes({"policy.regime": regime})
    solver = settings_changes({"solver.gap": gap, "solver.time_limit_seconds": time_limit})
    request = SweepRequest(
        instance=InstanceRequest(instance, None, (*named, *(changes or ()), *solver)),
        out=out,
        workers=workers,
        scheduler=scheduler,
        status=status,
        retry_failed=retry_failed,
        quiet=quiet,
        as_json=as_json,
    )
    raise typer.Exit(run(request))


@app.command()
def rules(
    instance: InstancePath,
    *,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
    as_json: AsJson = False,
) -> None:
    """Print the regime in force: each rule, what it does in this instance, or why it does nothing."""
    from optimizer.commands.loading import InstanceRequest, settings_changes
    from optimizer.commands.rules import RulesRequest
    from optimizer.commands.rules import rules as run

    named = settings_changes({"policy.regime": regime})
    request = RulesRequest(InstanceRequest(instance, scenario, (*(changes or ()), *named)), as_json)
    raise typer.Exit(run(request))


@app.command()
def explain(
    result: ResultPath,
    *,
    allocation: Annotated[  # noqa: ARG001 - names the subject
        bool, typer.Option("--allocation", help="Explain the chips: the only subject so far, and the default.")
    ] = True,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Only this site.")] = None,
    chip: Annotated[str | None, typer.Option(metavar="CHIP", help="Only this chip.")] = None,
    when: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="Only this period, e.g. 2029Q3; with --site and --chip: planned or not."),
    ] = None,
    table: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write all of it as CSV too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say under which rules chips travel to a site, by which citation, and how much room is left."""
    from optimizer.commands.explain import ExplainRequest
    from optimizer.commands.explain import explain as run

    raise typer.Exit(run(ExplainRequest(result, site, chip, when, table, as_json)))


@app.command()
def stress(  # noqa: PLR0913 - typer reads one parameter an option
    instance: InstancePath,
    *,
    regimes: Annotated[
        str,
        typer.Option(
            metavar="NAMES", help="Regimes, separated by commas, the one to compare with first; all if not given."
        ),
    ] = "",
    scenario: Scenario = None,
    changes: Changes = None,
    out: StudyFolder = None,
    gap: StudyGap = None,
    time_limit: StudyTimeLimit = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    status: Status = False,
    retry_failed: RetryFailed = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Solve under every regime of export rules, and show who gains, who loses and where the chips go."""
    from optimizer.commands.loading import InstanceRequest, settings_changes
    from optimizer.commands.sweep import SweepRequest
    from optimizer.commands.sweep import stress as run

    solver = settings_changes({"solver.gap": gap, "solver.time_limit_seconds": time_limit})
    request = SweepRequest(
        instance=InstanceRequest(instance, scenario, (*(changes or ()), *solver)),
        out=out,
        workers=workers,
        scheduler=scheduler,
        status=status,
        retry_failed=retry_failed,
        regimes=tuple(name.strip() for name in regimes.split(",") if name.strip()),
        quiet=quiet,
        as_json=as_json,
    )
    raise typer.Exit(run(request))


@app.command()
def switch(  # noqa: PLR0913 - typer reads one parameter an option
    instance: InstancePath,
    *,
    knob: Annotated[str, typer.Option(metavar="KNOB", help="What to turn, e.g. 'budgets\\[*].capital_busd'.")],
    between: Annotated[tuple[float, float], typer.Option(metavar="A B", help="First and last value.")],
    mode: Annotated[ModeName, typer.Option(help="How a value acts on the knob.")] = ModeName.SET,
    tolerance: Annotated[
        float | None, typer.Option(metavar="T", help="Width to narrow down to; a thousandth of the range if not given.")
    ] = None,
    samples: Annotated[int, typer.Option(metavar="N", min=2, help="Values searched at first, ends included.")] = 5,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
    out: StudyFolder = None,
    gap: StudyGap = None,
    time_limit: StudyTimeLimit = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find the values of a knob at which the best plan changes, and what changes there."""
    from optimizer.commands.loading import InstanceRequest, settings_changes
    from optimizer.commands.switch import SwitchRequest
    from optimizer.commands.switch import find_switches as run
    from optimizer.studies.switch import KnobMode

    settings = settings_changes({"policy.regime": regime, "solver.gap": gap, "solver.time_limit_seconds": time_limit})
    request = SwitchRequest(
        instance=InstanceRequest(instance, scenario, (*settings, *(changes or ()))),
        knob=knob,
        mode=KnobMode(mode),
        between=between,
        tolerance=tolerance,
        samples=samples,
        out=out,
        quiet=quiet,
        as_json=as_json,
    )
    raise typer.Exit(run(request))


@app.command()
def alternatives(  # noqa: PLR0913 - typer reads one parameter an option
    instance: Annotated[
        Path, typer.Argument(metavar="INSTANCE|RESULT", help="Instance, or a result to start from.", show_default=False)
    ],
    *,
    within: Annotated[
        str, typer.Option(metavar="SHARES", help="Slacks as shares of gross value, separated by blanks.")
    ] = "1% 2% 5%",
    budget: Annotated[float, typer.Option(metavar="SECONDS", help="Time for searches after the first plan.")] = 600.0,
    count: Annotated[int, typer.Option(metavar="N", min=0, help="Different plans to look for.")] = 3,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
    out: StudyFolder = None,
    gap: StudyGap = None,
    time_limit: StudyTimeLimit = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find the sites in every good plan, the sites in none, and how far capacity can move."""
    from optimizer.commands.alternatives import AlternativesRequest
    from optimizer.commands.alternatives import find_alternatives as run
    from optimizer.commands.loading import InstanceRequest, settings_changes

    settings = settings_changes({"policy.regime": regime, "solver.gap": gap, "solver.time_limit_seconds": time_limit})
    request = AlternativesRequest(
        instance=InstanceRequest(instance, scenario, (*settings, *(changes or ()))),
        within=tuple(within.split()),
        budget_seconds=budget,
        count=count,
        out=out,
        quiet=quiet,
        as_json=as_json,
    )
    raise typer.Exit(run(request))


@app.command()
def frontier(  # noqa: PLR0913 - typer reads one parameter an option
    instance: InstancePath,
    *,
    objectives: Annotated[
        str, typer.Option(metavar="A,B,...", help="Two or more of npv, carbon, allied_share, concentration.")
    ] = "npv,carbon",
    points: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=2,
            help="Levels of each objective but the first, ends included; 9 of one, 5 of two, 4 of three if not given.",
        ),
    ] = None,
    at_least_npv: Annotated[
        str, typer.Option(metavar="SHARE", help="Leave out plans worth less than this share of the best, or 'any'.")
    ] = "50%",
    allied: Annotated[
        str | None,
        typer.Option(
            metavar="COUNTRIES",
            help="Country set of allied_share, e.g. 'USA | EU'; the United States and group TIER1 (else A:5) if not "
            "given.",
            show_default=False,
        ),
    ] = None,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
    out: StudyFolder = None,
    gap: StudyGap = None,
    time_limit: StudyTimeLimit = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find plans of which none is better in one objective without being worse in another.

    npv (most): net present value. carbon (least): Mt of CO2 over the plan. allied_share (most): share of the plan's
    compute in allied countries. concentration (least): largest share of the plan's compute in one country.

    A study that is stopped or killed goes on where it was.
    """
    from optimizer.commands.frontier import FrontierRequest
    from optimizer.commands.frontier import find_frontier as run
    from optimizer.commands.loading import InstanceRequest, settings_changes

    settings = settings_changes({"policy.regime": regime, "solver.gap": gap, "solver.time_limit_seconds": time_limit})
    request = FrontierRequest(
        instance=InstanceRequest(instance, scenario, (*settings, *(changes or ()))),
        objectives=tuple(name.strip() for name in objectives.split(",")),
        points=points,
        at_least_npv=at_least_npv,
        allied=allied,
        out=out,
        quiet=quiet,
        as_json=as_json,
    )
    raise typer.Exit(run(request))


def main() -> None:
    """Run the command line."""
    from optimizer.commands.streams import lenient_standard_streams

    with lenient_standard_streams():
        app()
