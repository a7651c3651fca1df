"""`gigasite frontier`: what one objective costs in another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest
from optimizer.commands.streams import Streams
from optimizer.commands.study_output import (
    NoPlanError,
    StudyRun,
    refuse_other_folder,
    reporting_failures,
    run_study,
    show_folder,
)
from optimizer.instance.country_sets import CountrySet, parse_country_set
from optimizer.instance.expressions import ExpressionError
from optimizer.instance.instance import Instance
from optimizer.instance.iso_countries import ISO_CODES
from optimizer.instance.schema import Objective
from optimizer.studies.frontier_objectives import ALLIED_GROUPS, FrontierObjective, default_allied
from optimizer.studies.frontier_points import Frontier, FrontierError, FrontierQuestion
from optimizer.studies.points import PointResult

#: Levels of each objective but the first, by the number of objectives.
POINTS = {2: 9, 3: 5, 4: 4}


@dataclass(frozen=True)
class FrontierRequest:
    """What `gigasite frontier` was asked to do.

    Attributes
    ----------
    objectives
        Names, at least two.
    points
        Levels of each objective but the first; None for a number that follows from that of objectives.
    at_least_npv
        Share such as ``50%``, or ``any``.
    allied
        Country set; None for the United States and a group that the instance has.
    """

    instance: InstanceRequest
    objectives: tuple[str, ...]
    points: int | None
    at_least_npv: str
    allied: str | None
    out: Path | None
    quiet: bool
    as_json: bool


def find_frontier(request: FrontierRequest) -> ExitCode:
    """Find the frontier, show it and write the study folder."""
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: reporting_failures(streams, lambda: _find(request, streams)))


def _find(request: FrontierRequest, streams: Streams) -> ExitCode:
    from optimizer.studies.frontier_report import findings, frontier_document, write_frontier

    objectives, least = _objectives(request.objectives), _share(request.at_least_npv)
    instance = request.instance.load(streams)
    if instance.settings.objective is not Objective.NPV or not instance.settings.model.all_modules_whole:
        message = (
            "a frontier needs objective = npv, model.integer_modules = true and model.integer_until = none, "
            "whatever it trades off"
        )
        raise BadInputError(message)
    points = request.points or POINTS[len(objectives)]
    question = FrontierQuestion(objectives, points, least, _allied(request.allied, objectives, instance))
    folder = request.out or Path("results") / f"{instance.name}-frontier"
    refuse_other_folder(folder)

    def work(run: StudyRun) -> Frontier:
        study = _study(instance, question, folder, run)
        if isinstance(study, PointResult):
            message = f"there is no plan to begin with: {study.stopped_because}"
            raise NoPlanError(study.status, message)
        if not study.points:
            message = "interrupted before any point was known; the same command goes on from there"
            raise NoPlanError("no_plan", message)
        write_frontier(folder, study)
        return study

    study = run_study(streams, work, quiet=request.quiet)
    streams.line("\n".join(f"- {sentence}" for sentence in findings(study)))
    show_folder(streams, folder)
    streams.document({**frontier_document(study), "exit_code": int(ExitCode.DONE), "folder": str(folder)})
    return ExitCode.DONE


def _study(instance: Instance, question: FrontierQuestion, folder: Path, run: StudyRun) -> Frontier | PointResult:
    from optimizer.studies.frontier import FrontierSearch
    from optimizer.studies.frontier_search import Pulse
    from optimizer.studies.frontier_store import BusyError, FrontierStore
    from optimizer.studies.points import PointSolver

    settings = instance.settings.solver
    solver = PointSolver(threads=settings.threads, seed=settings.seed, stop=run.stop, observer=Pulse(run.tell))
    store = FrontierStore(folder, question.digest(instance))
    try:
        return FrontierSearch(solver, instance, question, store, run.stop, run.tell).run()
    except (BusyError, FrontierError) as error:
        raise BadInputError(str(error)) from error


def _objectives(names: tuple[str, ...]) -> tuple[FrontierObjective, ...]:
    """Objectives in the order given, but NPV first: it is what the others are paid in."""
    known = [str(objective) for objective in FrontierObjective]
    wrong = [name for name in names if name not in known]
    if wrong or len(names) < 2 or len(set(names)) < len(names):
        message = f"--objectives needs two or more different ones of {', '.join(known)}, got '{','.join(names)}'"
        raise BadInputError(message)
    given = [FrontierObjective(name) for name in names]
    return tuple(sorted(given, key=lambda objective: objective is not FrontierObjective.NPV))


def _share(text: str) -> float | None:
    if text.strip() == "any":
        return None
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        message = f"--at-least-npv needs a share such as 50% or 0.5, or 'any', got '{text}'"
        raise BadInputError(message)
    return share


def _allied(text: str | None, objectives: tuple[FrontierObjective, ...], instance: Instance) -> str:
    wanted = FrontierObjective.ALLIED_SHARE in objectives
    chosen = text if text is not None else default_allied(instance)
    if chosen is None:
        if wanted:
            message = (
                f"the instance has none of the groups {', '.join(ALLIED_GROUPS)}: say which countries are allied, "
                "e.g. --allied 'USA | NOR'"
            )
            raise BadInputError(message)
        return "USA"
    try:
        names = parse_country_set(chosen).names
    except ExpressionError as error:
        message = f"--allied '{chosen}': {error}"
        raise BadInputError(message) from error
    unknown = [node.name for node in names if node.name not in instance.groups and node.name not in ISO_CODES]
    if unknown:
        groups = ", ".join(sorted(instance.groups)) or "none"
        message = f"--allied '{chosen}': {', '.join(unknown)} is no country code and no group (groups here: {groups})"
        raise BadInputError(message)
    if wanted and not _has_site(parse_country_set(chosen), instance):
        message = f"--allied '{chosen}': no site lies there at any time of the plan"
        raise BadInputError(message)
    return chosen


def _has_site(allied: CountrySet, instance: Instance) -> bool:
    starts = [span.start for span in instance.calendar.periods]
    countries = {site.country for site in instance.sites}
    return any(allied.contains(country, month, instance.groups) for country in countries for month in starts)
