"""Time until a plan is proven to be within 2, 1, 0.5 and 0.1 % of the best possible.

Ours counts from the loaded instance: building, hand-over and solving. It is asked for one gap after the
other, as a user would, because what it does first depends on the gap. The others count from a model in
their memory and are asked for the smallest gap: their way there is the same. CP-SAT is left out: it knows
whole numbers only, and most columns here are continuous.

An instance that is itself to be solved to a smaller gap, as published location problems are, is solved once to that.
"""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import dataclass, field
from math import inf, isfinite
from pathlib import Path
from typing import Any

from benchmarks.cases import Case
from benchmarks.process import Outcome

TARGETS = (0.02, 0.01, 0.005, 0.001)
#: Gap to which published location problems are solved.
SMALLEST = 0.0001
FIRST_PLAN = "first plan"
THREADS = 2


def target_name(target: float) -> str:
    """Name of a target, e.g. '0.5 %'."""
    return f"{100 * target:g} %"


@dataclass
class Watch:
    """Notes when which gap is reached."""

    targets: tuple[float, ...] = TARGETS
    began: float = field(default_factory=time.perf_counter)
    reached: dict[str, float] = field(default_factory=dict)
    incumbent: float = -inf
    bound: float = inf

    def note(self, incumbent: float | None, bound: float | None) -> None:
        """Note what is known now; values of a solver that knows nothing yet are infinite."""
        seconds = time.perf_counter() - self.began
        if incumbent is None or not abs(incumbent) < 1e20:
            return
        self.reached.setdefault(FIRST_PLAN, seconds)
        self.incumbent = incumbent
        if bound is None or not abs(bound) < 1e20:
            return
        self.bound = bound
        gap = abs(bound - incumbent) / max(abs(incumbent), 1e-9)
        for target in self.targets:
            if gap <= target:
                self.reached.setdefault(target_name(target), seconds)

    def outcome(self) -> Outcome:
        """Times of all targets, infinite for those not reached."""
        names = (FIRST_PLAN, *map(target_name, self.targets))
        values = {"incumbent": self.incumbent, "bound": self.bound}
        return Outcome(
            {name: self.reached.get(name, inf) for name in names},
            {name: value for name, value in values.items() if isfinite(value)},
        )


def targets_of(case: Case) -> tuple[float, ...]:
    """Gaps to note, the largest first; the last is what others are asked for."""
    from optimizer.instance import load_instance

    asked = load_instance(case.instance).settings.solver.gap
    return TARGETS if asked > SMALLEST else (*TARGETS, SMALLEST)


def gigasite(case: Case, limit_seconds: float) -> Outcome:
    """From the instance to an audited result folder, without maps; every gap by a run of its own."""
    targets = targets_of(case)
    if SMALLEST in targets:
        return _run_gigasite(case, limit_seconds, SMALLEST, targets).outcome()
    watches = {}
    for target in targets:
        watch = watches[target] = _run_gigasite(case, limit_seconds, target, targets)
        if target_name(target) not in watch.reached:
            break
    last = watch.outcome()
    reached = {name: watches[t].reached.get(name, inf) for t in watches if (name := target_name(t))}
    plans = [w.reached[FIRST_PLAN] for w in watches.values() if FIRST_PLAN in w.reached]
    return Outcome({**dict.fromkeys(last.seconds, inf), **reached, FIRST_PLAN: min(plans, default=inf)}, last.values)


def _run_gigasite(case: Case, limit_seconds: float, gap: float, targets: tuple[float, ...]) -> Watch:
    from optimizer.instance import load_instance
    from optimizer.run import run_instance
    from optimizer.solve.events import SolveEvent

    changes = (f"solver.gap = {gap}", f"solver.time_limit_seconds = {limit_seconds}", f"solver.threads = {THREADS}")
    instance = load_instance(case.instance, None, changes)
    watch = Watch(targets)

    def observe(event: SolveEvent) -> None:
        watch.note(event.incumbent, event.bound)

    with tempfile.TemporaryDirectory() as folder:
        result = run_instance(instance, Path(folder) / "result", observer=observe, stop=threading.Event(), draw=None)
    assert result.exit_code in (0, 4), f"exit code {result.exit_code}"
    return watch


def highs(case: Case, limit_seconds: float) -> Outcome:
    """HiGHS with default options on the exported model."""
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    # output_flag=False would silence the callbacks too.
    solver.setOptionValue("log_to_console", False)
    solver.readModel(str(case.mps))
    targets = targets_of(case)
    for name, value in (("time_limit", limit_seconds), ("mip_rel_gap", targets[-1]), ("threads", THREADS)):
        assert solver.setOptionValue(name, value) == highspy.HighsStatus.kOk, name
    watch = Watch(targets)

    def observe(event: Any) -> None:  # noqa: ANN401 - highspy's own class
        watch.note(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    solver.cbMipLogging += observe
    solver.cbMipImprovingSolution += observe
    solver.run()
    watch.note(solver.getObjectiveValue(), solver.getInfo().mip_dual_bound)
    return watch.outcome()


def scip(case: Case, limit_seconds: float) -> Outcome:
    """SCIP with default options on the exported model."""
    from pyscipopt import SCIP_EVENTTYPE, Eventhdlr, Model  # type: ignore[attr-defined]

    class Notes(Eventhdlr):
        def eventinit(self) -> None:
            for kind in (SCIP_EVENTTYPE.BESTSOLFOUND, SCIP_EVENTTYPE.LPSOLVED, SCIP_EVENTTYPE.NODESOLVED):
                self.model.catchEvent(kind, self)

        def eventexec(self, _: object) -> None:
            watch.note(self.model.getPrimalbound(), self.model.getDualbound())

    model = Model()
    model.hideOutput()
    model.readProblem(str(case.mps))
    targets = targets_of(case)
    for name, value in (("limits/time", limit_seconds), ("limits/gap", targets[-1])):
        model.setParam(name, value)
    model.includeEventhdlr(Notes(), "notes", "times of bounds and plans")
    watch = Watch(targets)
    model.optimize()
    watch.note(model.getPrimalbound(), model.getDualbound())
    return watch.outcome()
