"""One run from a loaded instance to an audited result folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console

from optimizer.garbage import collected_later
from optimizer.instance import instance_hash
from optimizer.instance.instance import Instance
from optimizer.instance.schema import Objective
from optimizer.plan.audit import AuditReport, audit_plan
from optimizer.plan.manifest import SolveFacts, build_manifest
from optimizer.plan.summary import PlanSummary
from optimizer.plan.tables import PlanTables
from optimizer.plan.wholeness import fraction_words
from optimizer.plan.writer import write_result
from optimizer.solve.events import Observer, SolveEvent

if TYPE_CHECKING:
    from optimizer.solve.exact_power import Searched
    from optimizer.solve.pipeline import Solution
    from optimizer.solve.sketch import Sketch
    from optimizer.solve.standard_form import FloatArray, StandardForm

Draw = Callable[[Instance, PlanTables, Mapping[str, Any], Path], None]
"""Draws the maps of a plan into a folder."""


Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class RunResult:
    """What came of a run.

    Attributes
    ----------
    exit_code
        0 plan written and audited, 3 infeasible, 4 no plan within the limits, 5 audit failed (DESIGN section 4).
    manifest
        Contents of manifest.json, also when nothing was written.
    folder
        The result folder, or None when nothing was written.
    explanation
        Lines for people when there is no plan.
    fractions
        Which modules may be fractions, in words; "" if none.
    """

    exit_code: int
    manifest: Mapping[str, Any]
    title: str
    folder: Path | None = None
    tables: PlanTables | None = None
    explanation: tuple[str, ...] = ()
    fractions: str = ""

    def render(self, console: Console) -> None:
        """Print the plan, or why there is none."""
        if self.tables is not None and self.exit_code == 0:
            PlanSummary(self.title, self.manifest, self.tables, self.fractions).print(console)
        for line in self.explanation:
            console.print(line, markup=False, highlight=False)


@dataclass
class _Stopwatch:
    """Seconds per step, and the log of what was reported."""

    observer: Observer
    began: float = field(default_factory=time.monotonic)
    seconds: dict[str, float] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def step(self, name: str, work: Callable[[], Outcome]) -> Outcome:
        start = time.monotonic()
        searching = name == "solve"
        if not searching:
            self.report(SolveEvent(name, 0.0))
        try:
            # All but the search make what stays until the run is over, beside the many objects of a model.
            with nullcontext() if searching else collected_later():
                return work()
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - start

    def report(self, event: SolveEvent) -> None:
        """Pass an event on with the time since the run began: the solver counts from its own start."""
        event = replace(event, seconds=time.monotonic() - self.began)
        self.log.append(_log_line(event))
        self.observer(event)

    def totals(self) -> dict[str, float]:
        return {**self.seconds, "total": time.monotonic() - self.began + self.seconds.get("load", 0.0)}


def run_instance(
    instance: Instance,
    out_folder: Path,
    *,
    observer: Observer,
    stop: threading.Event,
    draw: Draw | None,
    load_seconds: float = 0.0,
    notes: tuple[str, ...] = (),
) -> RunResult:
    """Solve an instance, audit the plan, and write the result folder if the audit passes.

    Parameters
    ----------
    stop
        When set, the solve ends at the next opportunity with the best plan so far.
    draw
        Draws the maps; None for no maps.
    load_seconds
        Time that loading took, for the manifest.
    notes
        First lines of the log: what happened before.
    """
    watch = _Stopwatch(observer, seconds={"load": load_seconds}, log=list(notes))
    searched, exact = _search(instance, watch, stop)
    if searched.solution.values is None:
        return _without_plan(searched, exact, watch, stop)
    searched.form.load(searched.solution.values)
    from optimizer.plan.extract import instance_of_plan, plan_tables

    planned = instance_of_plan(searched.model)
    told = _Told(planned, searched, exact, watch)
    tables = watch.step("extract", lambda: plan_tables(searched.model))
    report = watch.step("audit", lambda: audit_plan(planned, tables, told.manifest(tables)))
    if not report.ok:
        return RunResult(5, told.manifest(tables, report), _title(planned), explanation=tuple(report.lines()))
    from optimizer.plan.power_outcome import PowerOutcome

    power = watch.step("power", lambda: PowerOutcome.of(planned, tables))
    watch.log.extend(f"warning: {warning}" for warning in power.warnings())

    def whole_manifest() -> dict[str, Any]:
        return {**told.manifest(tables, report), "power": {**power.as_dict(), **exact}}

    def draw_all(of_instance: Instance, of_plan: PlanTables, facts: Mapping[str, Any], staging: Path) -> None:
        power.write(staging)
        if draw is not None:
            draw(of_instance, of_plan, facts, staging)

    watch.step("write", lambda: _write(out_folder, planned, tables, whole_manifest, watch, draw_all))
    return RunResult(0, whole_manifest(), _title(planned), out_folder, tables, fractions=fraction_words(planned))


def _title(instance: Instance) -> str:
    return instance.settings.title or instance.name


@dataclass(frozen=True)
class _Told:
    """What manifest.json says of a search, whatever becomes of its plan.

    Attributes
    ----------
    instance
        What was planned: with the dispatch modes that the plan runs in, if power is exact.
    exact
        What the manifest says of these modes.
    """

    instance: Instance
    searched: Searched
    exact: Mapping[str, Any]
    watch: _Stopwatch

    @cached_property
    def sha256(self) -> str:
        """Hash of the instance: all its tables are written for it."""
        return instance_hash(self.instance)

    @cached_property
    def facts(self) -> SolveFacts:
        """How the search ended."""
        solution, of_any_modes = self.searched.solution, self.exact.get("relaxation_bound_busd")
        facts = _facts(self.searched.form, solution, self.watch)
        if of_any_modes is None or facts.objective is None or of_any_modes <= solution.bound:
            return facts
        # The bound of the search holds for plans on the modes that were made.
        asked, gap = self.instance.settings.solver, of_any_modes - facts.objective
        proven = gap <= max(asked.gap_busd, asked.gap * abs(facts.objective))
        reason = f"{facts.stopped_because} on the dispatch modes that were made"
        status = facts.status if proven else "feasible"
        return replace(facts, bound=of_any_modes, status=status, stopped_because=reason)

    def manifest(self, tables: PlanTables | None = None, report: AuditReport | None = None) -> dict[str, Any]:
        """Contents of manifest.json with the seconds so far."""
        vacuous: list[Mapping[str, str]] = [
            {"table": row.table, "row": row.row, "reason": row.reason} for row in self.searched.model.context.vacuous
        ]
        return build_manifest(
            name=self.instance.name,
            sha256=self.sha256,
            objective=self.instance.settings.objective,
            facts=replace(self.facts, seconds=self.watch.totals()),
            tables=tables,
            audit=None if report is None else report.as_dict(),
            vacuous=vacuous,
        )


def _search(instance: Instance, watch: _Stopwatch, stop: threading.Event) -> tuple[Searched, Mapping[str, Any]]:
    """Build and search a model; with exact power, also what the manifest says of its modes."""
    from optimizer.solve.exact_power import ExactPower, needs_modes

    method = {"method": str(instance.settings.power.method)} if instance.site_power else {}
    if not needs_modes(instance):
        return _build_and_solve(instance, watch, stop), method
    from optimizer.power.store import NoStore, default_store

    # Modes of earlier runs would make the plan depend on them.
    store = NoStore() if instance.settings.solver.deterministic else default_store()
    power = ExactPower(instance, store, watch.report, stop)
    searched = power.search(lambda given, start, seconds: _build_and_solve(given, watch, stop, start, seconds))
    bound = searched.solution.bound
    return searched, {**method, **power.as_dict(), "modes_bound_busd": float(bound) if isfinite(bound) else None}


def _build_and_solve(
    instance: Instance,
    watch: _Stopwatch,
    stop: threading.Event,
    start: FloatArray | None = None,
    seconds: float | None = None,
) -> Searched:
    from optimizer.solve.sketch import begin_sketch

    sketch = watch.step("sketch", lambda: begin_sketch(instance, stop))
    try:
        return _build_and_search(instance, watch, stop, sketch, start, seconds)
    finally:
        if sketch is not None:
            sketch.end()


def _build_and_search(
    instance: Instance,
    watch: _Stopwatch,
    stop: threading.Event,
    sketch: Sketch | None,
    start: FloatArray | None,
    seconds: float | None,
) -> Searched:
    from optimizer.model.build import build_model
    from optimizer.solve.columns import site_columns
    from optimizer.solve.exact_power import Searched, start_of
    from optimizer.solve.pipeline import Helps, solve
    from optimizer.solve.second_stage import most_valuable
    from optimizer.solve.session import HighsSession
    from optimizer.solve.standard_form import standard_form
    from optimizer.solve.step_rows import raised_limits

    model = watch.step("build", lambda: build_model(instance))
    form = watch.step("matrix", lambda: standard_form(model.pyomo))
    sites = site_columns(model, form)
    settings = instance.settings.solver
    if seconds is not None:
        settings = settings.model_copy(update={"time_limit_seconds": seconds})
    session = HighsSession(
        form, threads=settings.threads, seed=settings.seed, stop=stop, deterministic=settings.deterministic
    )

    def search() -> Solution:
        first_plan = None if sketch is None else partial(sketch.plan, model, form)
        helps, starts = Helps(first_plan, raised_limits(model, form)), start_of(form, start)
        found = solve(
            session,
            settings,
            observer=watch.report,
            stop=stop,
            sites=sites,
            starts=starts,
            helps=helps,
        )
        if instance.settings.objective is not Objective.COMPUTE:
            return found
        return most_valuable(session, model, form, found)

    return Searched(instance, model, form, watch.step("solve", search))


def _facts(form: StandardForm, solution: Solution, watch: _Stopwatch) -> SolveFacts:
    from optimizer.solve.outcomes import Ending

    if solution.values is None:
        status = "infeasible" if solution.ending is Ending.INFEASIBLE else "no_plan"
    else:
        status = "optimal" if solution.ending is Ending.OPTIMAL else "feasible"
    # Costs are minimised by maximising their negative, so incumbent <= bound holds for every objective.
    known = solution.values is not None
    proven = known and isfinite(solution.bound)
    return SolveFacts(
        status=status,
        stopped_because=solution.stopped_because,
        objective=solution.incumbent if known else None,
        bound=solution.bound if proven else None,
        seconds=watch.totals(),
        size={
            "columns": form.matrix.shape[1],
            "rows": form.matrix.shape[0],
            "nonzeros": int(form.matrix.nnz),
            "integers": int(form.integer.sum()),
        },
    )


def _without_plan(searched: Searched, exact: Mapping[str, Any], watch: _Stopwatch, stop: threading.Event) -> RunResult:
    from optimizer.solve.outcomes import Ending

    solution, title = searched.solution, _title(searched.instance)
    told = _Told(searched.instance, searched, exact, watch)
    if solution.ending is not Ending.INFEASIBLE:
        return RunResult(4, told.manifest(), title, explanation=(f"No plan: {solution.stopped_because}.",))
    from optimizer.studies.why_infeasible import explain_infeasibility

    explanation = watch.step("explain", lambda: explain_infeasibility(searched.instance, stop=stop))
    manifest = {**told.manifest(), "infeasibility": explanation.as_dict()}
    return RunResult(3, manifest, title, explanation=tuple(explanation.lines()))


def _write(
    folder: Path,
    instance: Instance,
    tables: PlanTables,
    manifest: Callable[[], Mapping[str, Any]],
    watch: _Stopwatch,
    draw: Draw | None,
) -> None:
    def draw_into(staging: Path) -> None:
        if draw is not None:
            draw(instance, tables, manifest(), staging)

    write_result(folder, instance, tables, manifest, watch.log, draw_into)


def _log_line(event: SolveEvent) -> str:
    parts = [f"{event.seconds:9.2f} s", event.stage]
    if event.incumbent is not None:
        parts.append(f"incumbent {event.incumbent:.4f}")
    if event.bound is not None:
        parts.append(f"bound {event.bound:.4f}")
    if event.gap is not None:
        parts.append(f"gap {event.gap:.4%}")
    if event.message:
        parts.append(event.message)
    return "  ".join(parts)
