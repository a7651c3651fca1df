"""What fractions of late modules cost, and what they save: python -m benchmarks.integer_until [INSTANCE ...].

Each instance is solved with every module whole, with modules whole up to the middle of the plan
(`model.integer_until`), and with fractions everywhere. The early decisions of the second are then held in the model
with whole modules, and the rest is searched anew: the loss is what a user gives up who takes these decisions and makes
the late ones whole when their time comes, and the difference of the two values is what the fractions say wrongly.
Without arguments, instances are drawn as `scripts/make_instance` does.

Drawn instances, 2026-12-01, NPV in B USD, processor seconds of a machine that others used, gap asked 0.1 %:

| instance | whole modules | integers | plan | bound | s to 1 % | s in all | its early decisions, all whole |
|---|---|--:|--:|--:|--:|--:|--:|
| 20 sites, 8 chips, 24 quarters | all | 144 | 82.69 | 82.77 | 4 | 20 |  |
| 20 sites, 8 chips, 24 quarters | until 2029Q4 | 66 | 84.58 | 84.66 | 2 | 17 | 82.67 |
| 20 sites, 8 chips, 24 quarters | none | 0 | 85.50 | 85.50 | 1 | 1 |  |
| 30 sites, 8 chips, 24 quarters | all | 181 | 78.71 | 78.88 | 9 | 82 |  |
| 30 sites, 8 chips, 24 quarters | until 2029Q4 | 66 | 79.85 | 79.92 | 1 | 41 | 78.66 |
| 30 sites, 8 chips, 24 quarters | none | 0 | 80.40 | 80.40 | 1 | 1 |  |
| 40 sites, 8 chips, 32 quarters | all | 509 | 205.23 | 205.90 | 16 | 79 |  |
| 40 sites, 8 chips, 32 quarters | until 2030Q4 | 210 | 207.02 | 207.05 | 2 | 33 | 205.72 |
| 40 sites, 8 chips, 32 quarters | none | 0 | 208.12 | 208.12 | 2 | 2 |  |

So fractions of late modules overstate the worth by 0.9 to 2.3 %, and 1 % is proven in an eighth to a half of the time.
Their early decisions lose nothing that the gaps of these plans would show.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.cases import ROOT
from optimizer.instance.calendar import Span
from optimizer.instance.instance import Instance
from optimizer.model.build import PlanModel, build_model
from optimizer.power.join import load_powered
from optimizer.solve.columns import site_columns
from optimizer.solve.events import SolveEvent
from optimizer.solve.pipeline import Solution, solve
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import StandardForm, standard_form

#: Modules committed so far, by site and number of the decision period.
Building = dict[tuple[str, int], float]
#: Sites, chips, quarters and seed of the instances that are drawn.
DRAWN = ((20, 8, 24, 1), (30, 8, 24, 2), (40, 8, 32, 3))


@dataclass
class Stopwatch:
    """Processor seconds from the beginning of a solve to a gap, which load on the machine does not change.

    Attributes
    ----------
    reached
        Seconds at which the gap was reached; None before.
    """

    gap: float
    began: float = field(default_factory=time.process_time)
    reached: float | None = None

    def __call__(self, event: SolveEvent) -> None:
        """Take in what a solve tells."""
        if self.reached is None and event.gap is not None and event.gap <= self.gap:
            self.reached = self.seconds

    @property
    def seconds(self) -> float:
        """Processor seconds so far."""
        return time.process_time() - self.began


@dataclass(frozen=True)
class Solved:
    """A model with its solution."""

    model: PlanModel
    form: StandardForm
    solution: Solution
    to_gap: float | None
    seconds: float

    def early(self) -> Building:
        """What the plan has committed by each date on which its modules are whole."""
        assert self.solution.values is not None
        self.form.load(self.solution.values)
        siting = self.model.siting
        return {
            (site, int(d)): round(self.model.pyomo.modules[site, d].value)
            for site in siting.dates
            for d in siting.whole_dates(site)
        }


def whole_until(instance: Instance, until: Span | None) -> Instance:
    """The instance with whole modules up to the end of a span; all of them without one."""
    model = instance.settings.model.model_copy(update={"integer_until": until})
    return replace(instance, settings=instance.settings.model_copy(update={"model": model}))


def in_fractions(instance: Instance) -> Instance:
    """The instance without whole modules."""
    model = instance.settings.model.model_copy(update={"integer_modules": False})
    return replace(instance, settings=instance.settings.model_copy(update={"model": model}))


def with_solver(instance: Instance, gap: float, seconds: float) -> Instance:
    """The instance with a gap and a time limit."""
    solver = instance.settings.solver.model_copy(update={"gap": gap, "time_limit_seconds": seconds})
    return replace(instance, settings=instance.settings.model_copy(update={"solver": solver}))


def run(instance: Instance, held: Building | None = None, gap: float = 0.01) -> Solved:
    """Build and solve, with the building decisions held that are given."""
    model = build_model(instance)
    form = _with_held(model, standard_form(model.pyomo), held or {})
    settings, stop = instance.settings.solver, threading.Event()
    session = HighsSession(form, threads=settings.threads, seed=settings.seed, stop=stop)
    watch = Stopwatch(gap)
    solution = solve(session, settings, observer=watch, stop=stop, sites=site_columns(model, form))
    return Solved(model, form, solution, watch.reached, watch.seconds)


def _with_held(model: PlanModel, form: StandardForm, held: Building) -> StandardForm:
    position = {id(variable): column for column, variable in enumerate(form.variables)}
    lower, upper = form.lower.copy(), form.upper.copy()
    for (site, d), variable in model.pyomo.modules.items():
        if (site, int(d)) in held:
            lower[position[id(variable)]] = upper[position[id(variable)]] = held[site, int(d)]
    return replace(form, lower=lower, upper=upper)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print three lines an instance, as a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.integer_until", description="Error of late fractions.")
    parser.add_argument("instances", nargs="*", type=Path, help="drawn ones if none is given")
    parser.add_argument("--gap", type=float, default=0.001, help="at which solves stop")
    parser.add_argument("--limit", type=float, default=120, help="seconds of each solve")
    options = parser.parse_args(arguments)
    print(
        "| instance | whole modules | integers | plan | bound | s to 1 % | s in all | its early decisions, all whole |"
    )
    print("|---|---|--:|--:|--:|--:|--:|--:|", flush=True)
    for name, instance in _instances(options.instances):
        compare(name, with_solver(instance, options.gap, options.limit))


def _instances(paths: Sequence[Path]) -> list[tuple[str, Instance]]:
    if paths:
        return [(path.name, load_powered(path).instance) for path in paths]
    from scripts.resampling.build import Size, draw_instance

    world = load_powered(ROOT / "instances" / "world-2026").instance
    drawn = [Size(*size) for size in DRAWN]
    return [
        (f"{size.sites} sites, {size.chips} chips, {size.quarters} quarters", draw_instance(world, size))
        for size in drawn
    ]


def compare(name: str, instance: Instance) -> None:
    """Print the lines of one instance."""
    middle = instance.calendar.periods[len(instance.calendar) // 2 - 1]
    _show(name, "all", run(whole_until(instance, None)))
    half = run(whole_until(instance, middle))
    held = None if half.solution.values is None else run(whole_until(instance, None), half.early())
    _show(name, f"until {instance.calendar.labels[len(instance.calendar) // 2 - 1]}", half, held)
    _show(name, "none", run(in_fractions(instance)))


def _show(name: str, whole: str, solved: Solved, held: Solved | None = None) -> None:
    plan = solved.solution
    to_gap = "-" if solved.to_gap is None else f"{solved.to_gap:.0f}"
    worth = "" if held is None else f"{held.solution.incumbent:,.2f}"
    figures = f"{int(solved.form.integer.sum()):,} | {plan.incumbent:,.2f} | {plan.bound:,.2f} | {to_gap}"
    print(f"| {name} | {whole} | {figures} | {solved.seconds:.0f} | {worth} |", flush=True)


if __name__ == "__main__":
    main()
