"""`gigasite alternatives`: what every good plan has in common, and where there is a choice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest, load_result
from optimizer.commands.streams import Streams
from optimizer.commands.study_output import (
    NoPlanError,
    StudyRun,
    refuse_other_folder,
    reporting_failures,
    run_study,
    show_folder,
)
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Objective
from optimizer.power.join import apply_changes
from optimizer.studies.points import BuildPlan, decided


@dataclass(frozen=True)
class AlternativesRequest:
    """What `gigasite alternatives` was asked to do.

    Attributes
    ----------
    instance
        An instance, or a result folder, whose plan is then the first to start from.
    within
        Slacks, e.g. ``1%`` or ``0.01``.
    budget_seconds
        Time for searches.
    """

    instance: InstanceRequest
    within: tuple[str, ...]
    budget_seconds: float
    count: int
    out: Path | None
    quiet: bool
    as_json: bool


def find_alternatives(request: AlternativesRequest) -> ExitCode:
    """Find what is decided, show it and write the study folder."""
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: reporting_failures(streams, lambda: _find(request, streams)))


def _find(request: AlternativesRequest, streams: Streams) -> ExitCode:
    from optimizer.studies.alternatives import Alternatives, AlternativesSearch
    from optimizer.studies.alternatives_report import alternatives_document, findings, write_alternatives
    from optimizer.studies.points import PointSolver

    shares = sorted({_share(text) for text in request.within})
    instance, start = _load(request, streams)
    if instance.settings.objective is not Objective.NPV or not instance.settings.model.all_modules_whole:
        message = (
            "alternatives are measured in NPV and whole modules: set objective = npv, "
            "model.integer_modules = true, model.integer_until = none"
        )
        raise BadInputError(message)
    folder = request.out or Path("results") / f"{instance.name}-alternatives"
    refuse_other_folder(folder)

    def work(run: StudyRun) -> Alternatives:
        settings = instance.settings.solver
        solver = PointSolver(threads=settings.threads, seed=settings.seed, stop=run.stop)
        study = AlternativesSearch(
            solver, instance, shares, request.budget_seconds, request.count, run.stop, run.tell
        ).run(start)
        if not isinstance(study, Alternatives):
            message = f"there is no plan to vary: {study.stopped_because}"
            raise NoPlanError(study.status, message)
        write_alternatives(folder, study)
        return study

    study = run_study(streams, work, quiet=request.quiet)
    streams.line("\n".join(findings(study)))
    show_folder(streams, folder)
    streams.document({**alternatives_document(study), "exit_code": int(ExitCode.DONE), "folder": str(folder)})
    return ExitCode.DONE


def _load(request: AlternativesRequest, streams: Streams) -> tuple[Instance, BuildPlan | None]:
    wanted = request.instance
    if not (wanted.path / "manifest.json").is_file():
        return wanted.load(streams), None
    if wanted.scenario is not None:
        message = "a result has its own instance: --scenario cannot be applied to it"
        raise BadInputError(message)
    result = load_result(wanted.path)
    build = decided(result.tables)
    return apply_changes(result.instance, wanted.changes), build


def _share(text: str) -> float:
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        message = f"--within needs shares such as 1% or 0.01, got '{text}'"
        raise BadInputError(message)
    return share
