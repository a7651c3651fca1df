"""Commands that ask about one plan or one instance: price, why-not, rules, explain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.application import app
from optimizer.cli.options import (
    AsJson,
    Changes,
    InstancePath,
    NoCache,
    Regime,
    ResultPath,
    Scenario,
)


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
    _no_cache: NoCache = False,
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
    _no_cache: NoCache = False,
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


@app.command()
def rules(
    instance: InstancePath,
    *,
    scenario: Scenario = None,
    changes: Changes = None,
    regime: Regime = None,
    _no_cache: NoCache = False,
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
