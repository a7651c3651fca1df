"""`gigasite why-not`: why a site is not built, and what would have to change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from optimizer.commands.bad_input import BadInputError, refusing_bad_input
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.loading import InstanceRequest, load_result
from optimizer.commands.streams import Streams
from optimizer.commands.study_output import (
    StudyRun,
    refuse_other_folder,
    reporting_failures,
    run_study,
    show_folder,
)
from optimizer.instance.expressions import nearest_hint
from optimizer.instance.instance import Instance
from optimizer.studies.points import BuildPlan, PointSolver, decided
from optimizer.studies.site_solver import SiteSolver
from optimizer.studies.why_not import NotForcedError, WhyNot, WhyNotQuestion, why_not
from optimizer.studies.why_not_report import findings, why_not_document, write_why_not


@dataclass(frozen=True)
class WhyNotRequest:
    """What `gigasite why-not` was asked to do; `instance` may also be a result folder."""

    site: str
    instance: InstanceRequest
    question: WhyNotQuestion
    out: Path | None = None
    threads: int | None = None
    quiet: bool = False
    as_json: bool = False


def explain_site(request: WhyNotRequest) -> ExitCode:
    """Explain, show the findings and write the study folder."""
    streams = Streams(request.as_json)
    return refusing_bad_input(streams, lambda: reporting_failures(streams, lambda: _explain(request, streams)))


def _explain(request: WhyNotRequest, streams: Streams) -> ExitCode:
    instance, build = _load(request, streams)
    if request.site not in instance.site_by_id:
        hint = nearest_hint(request.site, instance.site_by_id)
        message = f"there is no site '{request.site}'" + (f"; {hint}" if hint else "")
        raise BadInputError(message)
    folder = request.out or Path("results") / f"{instance.name}-why-not-{request.site}"
    refuse_other_folder(folder)
    settings = instance.settings.solver

    def work(run: StudyRun) -> WhyNot | str:
        solver = PointSolver(threads=request.threads or settings.threads, seed=settings.seed, stop=run.stop)
        sites = SiteSolver(solver, request.site)
        try:
            return why_not(instance, build, sites, request.question, run.stop, run.tell)
        except NotForcedError as reason:
            return str(reason)

    study = run_study(streams, work, quiet=request.quiet)
    if isinstance(study, str):
        streams.line(f"Nothing to explain: {study}.")
        streams.document({"study": "why-not", "site": request.site, "reason": study, "exit_code": int(ExitCode.DONE)})
        return ExitCode.DONE
    write_why_not(folder, study)
    for line in findings(study):
        streams.line(line)
    show_folder(streams, folder)
    streams.document({**why_not_document(study), "exit_code": int(ExitCode.DONE), "folder": str(folder)})
    return ExitCode.DONE


def _load(request: WhyNotRequest, streams: Streams) -> tuple[Instance, BuildPlan | None]:
    path = request.instance.path
    if not (path / "manifest.json").is_file():
        return request.instance.load(streams), None
    result = load_result(path)
    if request.instance.changes or request.instance.scenario:
        changed = InstanceRequest(path / "instance", request.instance.scenario, request.instance.changes)
        return changed.load(streams), None
    build = decided(result.tables)
    return result.instance, build
