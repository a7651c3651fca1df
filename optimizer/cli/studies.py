"""Commands that solve many times: sweep, tornado, stress, switch, alternatives, frontier."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.application import app
from optimizer.cli.options import (
    AsJson,
    Changes,
    InstancePath,
    ModeName,
    NoCache,
    Regime,
    RetryFailed,
    Scenario,
    Scheduler,
    Status,
    StudyFolder,
    StudyGap,
    StudyTimeLimit,
    Workers,
)


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
    _no_cache: NoCache = False,
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
    _no_cache: NoCache = False,
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
    _no_cache: NoCache = False,
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
    _no_cache: NoCache = False,
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
    _no_cache: NoCache = False,
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
    _no_cache: NoCache = False,
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
