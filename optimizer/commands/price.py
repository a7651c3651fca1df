"""`gigasite price`: what each limit of a plan is worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from optimizer.commands.bad_input import refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import load_result
from optimizer.commands.streams import Streams
from optimizer.commands.study_output import (
    NoPlanError,
    StudyRun,
    refuse_other_folder,
    reporting_failures,
    run_study,
    show_folder,
)
from optimizer.studies.points import PointSolver, decided
from optimizer.studies.price import PriceQuestion, PriceStudy, price_limits
from optimizer.studies.price_report import (
    UNITS,
    binding_words,
    findings,
    price_document,
    range_words,
    words_of,
    write_prices,
)

#: Limits that the console shows; the report has all.
SHOWN = 25


@dataclass(frozen=True)
class PriceRequest:
    """What `gigasite price` was asked to do."""

    result: Path
    question: PriceQuestion
    out: Path | None = None
    threads: int | None = None
    quiet: bool = False
    as_json: bool = False


def price(request: PriceRequest) -> ExitCode:
    """Price the limits, show the prices and write the study folder."""
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: reporting_failures(streams, lambda: _price(request, streams)))


def _price(request: PriceRequest, streams: Streams) -> ExitCode:
    result = load_result(request.result)
    folder = request.out or Path("results") / f"{result.instance.name}-prices"
    refuse_other_folder(folder)
    build = decided(result.tables)
    settings = result.instance.settings.solver

    def work(run: StudyRun) -> PriceStudy:
        solver = PointSolver(threads=request.threads or settings.threads, seed=settings.seed, stop=run.stop)
        study = price_limits(result.instance, build, solver, request.question, run.stop, run.tell)
        if not isinstance(study, PriceStudy):
            raise NoPlanError(study.status, f"the instance of '{result.folder}' has no plan: {study.stopped_because}")
        return study

    study = run_study(streams, work, quiet=request.quiet)
    write_prices(folder, study)
    streams.show(lambda console: _show(study, console))
    show_folder(streams, folder)
    streams.document({**price_document(study), "exit_code": int(ExitCode.DONE), "folder": str(folder)})
    return ExitCode.DONE


def _show(study: PriceStudy, console: Console) -> None:
    for line in findings(study):
        console.print(line, markup=False, highlight=False)
    thousandth, whole = UNITS[study.base.instance.settings.objective]
    table = Table(title=f"What each limit is worth [{whole} for the step]", title_justify="left", box=None)
    for name in ("limit", "binds in", "step"):
        table.add_column(name)
    for name in (f"{thousandth} per unit", "value", "proven", "plan as built", "known by"):
        table.add_column(name, justify="right")
    for entry in (*study.prices[:SHOWN], *study.lifted):
        kept = entry.fixed if entry.fixed_step is None else entry.fixed_step
        table.add_row(
            words_of(entry),
            binding_words(entry),
            entry.step.words,
            f"{entry.per_unit:,.4g} per {entry.step.unit}",
            f"{entry.leading:,.4g}",
            range_words(entry),
            "" if kept is None else f"{kept:,.4g}",
            str(entry.evidence),
        )
    console.print()
    console.print(table)
    if len(study.prices) > SHOWN:
        console.print(f"and {len(study.prices) - SHOWN} more in prices.csv")
