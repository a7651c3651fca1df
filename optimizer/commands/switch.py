"""`gigasite switch`: the values of a knob at which the plan changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest
from optimizer.commands.streams import Streams
from optimizer.commands.study_output import (
    StudyRun,
    refuse_other_folder,
    reporting_failures,
    run_study,
    show_folder,
)
from optimizer.instance.instance import Instance
from optimizer.studies.switch import KnobMode, SwitchQuestion, SwitchStudy

#: Switch points are narrowed down to this share of the range if no tolerance is given.
TOLERANCE_SHARE = 1e-3


@dataclass(frozen=True)
class SwitchRequest:
    """What `gigasite switch` was asked to do.

    Attributes
    ----------
    tolerance
        None for a thousandth of the range.
    """

    instance: InstanceRequest
    knob: str
    mode: KnobMode
    between: tuple[float, float]
    tolerance: float | None
    samples: int
    out: Path | None
    quiet: bool
    as_json: bool


def find_switches(request: SwitchRequest) -> ExitCode:
    """Find the switch points, show them and write the study folder."""
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: reporting_failures(streams, lambda: _find(request, streams)))


def _find(request: SwitchRequest, streams: Streams) -> ExitCode:
    from optimizer.studies.switch_report import findings, switch_document, write_switch_study

    question = _question(request, request.instance.load(streams))
    folder = request.out or Path("results") / f"{question.instance.name}-switch"
    refuse_other_folder(folder)

    def work(run: StudyRun) -> SwitchStudy:
        study = _run(question, run)
        if not any(point for stretch in study.stretches for _, point in stretch.points):
            run.tell("No plan is possible anywhere in the range.")
        write_switch_study(folder, study)
        return study

    study = run_study(streams, work, quiet=request.quiet)
    streams.line("\n".join(findings(study)))
    show_folder(streams, folder)
    streams.document({**switch_document(study), "exit_code": int(ExitCode.DONE), "folder": str(folder)})
    return ExitCode.DONE


def _run(question: SwitchQuestion, run: StudyRun) -> SwitchStudy:
    from optimizer.studies.points import PointSolver
    from optimizer.studies.switch import SwitchSearch

    settings = question.instance.settings.solver
    solver = PointSolver(threads=settings.threads, seed=settings.seed, stop=run.stop)
    return SwitchSearch(solver, question, stopped=run.stop.is_set, tell=run.tell).run()


def _question(request: SwitchRequest, instance: Instance) -> SwitchQuestion:
    low, high = request.between
    if not low < high:
        message = f"--between needs two rising values, got {low:g} and {high:g}"
        raise BadInputError(message)
    if request.tolerance is not None and not request.tolerance > 0:
        message = f"--tolerance must be positive, got {request.tolerance:g}"
        raise BadInputError(message)
    if not instance.settings.model.all_modules_whole:
        given = "integer_until" if instance.settings.model.integer_modules else "integer_modules = false"
        message = f"with model.{given} a plan changes everywhere: there are no switch points"
        raise BadInputError(message)
    tolerance = request.tolerance or (high - low) * TOLERANCE_SHARE
    question = SwitchQuestion(instance, request.knob, request.mode, low, high, tolerance, request.samples)
    for value in (low, high):
        question.instance_at(value)
    if question.whole and not (low == round(low) and high == round(high)):
        message = f"{request.knob} takes whole values only, got {low:g} and {high:g}"
        raise BadInputError(message)
    for value in question.first_values():
        question.instance_at(value)
    return question
