"""What each limit is worth: two prices and one re-solved difference, and why they differ.

1. Fixed plan: modules as planned, everything else optimal. The price of using what is built a little better.
2. Relaxation: modules in fractions. A smooth price, which may be of plans that nobody can build.
3. Re-solved: the plan made anew after a natural step. This one leads; it is what a decision changes.

All three are given for the same step, so that they can be held against each other. Plans found on the way
are tried everywhere: a plan of the loosened instance that is feasible in the base may beat the base plan,
and the base plan is feasible in every loosened instance.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.solve.session import Ending, LpSolution
from optimizer.studies.limit_index import LimitRow, limit_rows, soften_denials
from optimizer.studies.marginals import Effects, binding_dates, effects_of
from optimizer.studies.points import BuildPlan, PointResult, PointSolver
from optimizer.studies.steps import Step, date_steps, limit_steps, moved

#: Prices below this share of the objective are rounding errors.
NEGLIGIBLE = 1e-9
_AGREE = 0.1
_ALIKE = 1e-6


@dataclass(frozen=True)
class PriceQuestion:
    """How much work a study of prices may be.

    Attributes
    ----------
    resolve
        Number of limits that are re-solved, the dearest first.
    sites
        Number of sites, the biggest first, whose dates are moved.
    gap, seconds
        When each re-solve stops.
    """

    resolve: int = 12
    sites: int = 3
    gap: float = 0.001
    seconds: float = 60.0


@dataclass(frozen=True)
class Price:
    """Price of one limit, for one step, in the unit of the objective.

    Attributes
    ----------
    binding
        Dates at which the limit leaves nothing in the base plan.
    fixed, relaxed
        First-order values at the fixed plan and in the relaxation; None where a step moves dates.
    fixed_step
        Gain of the fixed plan over the whole step. Less than `fixed` where the price holds for part of it only.
    resolved
        Objective of the plan after the step less that of the base plan; None if not re-solved.
    least, most
        What the re-solved difference can be, given the bounds of both plans.
    key
        Plan folder after the step under ``points/``.
    """

    step: Step
    binding: tuple[str, ...]
    fixed: float | None
    relaxed: float | None
    fixed_step: float | None = None
    resolved: float | None = None
    least: float | None = None
    most: float | None = None
    key: str = ""

    @property
    def leading(self) -> float:
        """The value that ranks: re-solved if it is, else of the fixed plan, else of the relaxation."""
        if self.resolved is not None:
            return self.resolved
        return max(self.fixed or 0.0, self.relaxed or 0.0)

    @property
    def per_unit(self) -> float:
        """Leading value per planner's unit, in thousandths of the objective's unit (M USD for B USD)."""
        return 1e3 * self.leading / self.step.units

    def explanation(self) -> str:
        """Why the three values agree or differ, in a sentence."""
        return _explain(self)


@dataclass(frozen=True)
class PriceStudy:
    """Prices of all limits, the dearest first, and the plans behind them."""

    base: PointResult
    prices: tuple[Price, ...]
    unpriced: int
    points: Mapping[str, PointResult]


BASE_KEY = "base"


def price_limits(
    instance: Instance,
    build: BuildPlan | None,
    solver: PointSolver,
    question: PriceQuestion,
    stop: threading.Event,
    tell: Callable[[str], None],
) -> PriceStudy | PointResult:
    """Price all limits of an instance.

    Parameters
    ----------
    build
        Plan to start from.

    Returns
    -------
    PriceStudy or PointResult
        The base point alone if it has no plan.
    """
    base_instance = soften_denials(_with_effort(instance, question))
    tell("base plan")
    # The first solve of a model has no basis to start from: it takes the time that the instance grants.
    patient = with_seconds(base_instance, max(question.seconds, instance.settings.solver.time_limit_seconds))
    base = solver.solve(patient, inherit=[] if build is None else [build])
    if base.objective is None:
        return base
    rows = limit_rows(solver.live.plan, solver.live.form)
    steps = limit_steps(base_instance, rows)
    effects = effects_of(solver.live.plan, solver.live.form, base_instance, rows, steps)
    fixed, relaxed = _solve_both(solver, base)
    prices = _priced(solver, rows, steps, effects, (fixed, relaxed))
    worth = [price for price in prices if price.leading > NEGLIGIBLE * max(1.0, abs(base.objective))]
    worth.sort(key=lambda price: -price.leading)
    dates = [Price(step, (), None, None) for step in date_steps(base_instance, _biggest(base, question.sites))]
    chosen = [*worth[: question.resolve], *dates]
    base, points = _resolve(solver, base_instance, base, [price.step for price in chosen], stop, tell)
    resolved = [
        _with_difference(solver, price, base, points[_key(price.step)])
        for price in chosen
        if _key(price.step) in points
    ]
    final = sorted([*resolved, *worth[question.resolve :]], key=lambda price: -price.leading)
    # Limits that were not re-solved stand behind those that were.
    final.sort(key=lambda price: price.resolved is None)
    return PriceStudy(base, tuple(final), len(prices) - len(worth), {BASE_KEY: base, **points})


def _with_effort(instance: Instance, question: PriceQuestion) -> Instance:
    old = instance.settings.solver
    solver = old.model_copy(update={"gap": min(old.gap, question.gap)})
    settings = instance.settings.model_copy(update={"solver": solver})
    return with_seconds(replace(instance, settings=settings), question.seconds)


def with_seconds(instance: Instance, seconds: float) -> Instance:
    """The instance with another time limit."""
    solver = instance.settings.solver.model_copy(update={"time_limit_seconds": seconds})
    return replace(instance, settings=instance.settings.model_copy(update={"solver": solver}))


def _solve_both(solver: PointSolver, base: PointResult) -> tuple[LpSolution, LpSolution]:
    """Fixed plan and relaxation of the base, with all their prices."""
    session, seconds = solver.live.session, base.instance.settings.solver.time_limit_seconds
    fixed = session.solve_fixed(solver.start_from(base.build), time_limit=max(60.0, seconds))
    relaxed = session.solve_relaxation(interior_point=False, time_limit=max(60.0, seconds))
    if not fixed.ending is relaxed.ending is Ending.OPTIMAL:
        message = f"the linear programs of the base plan did not end: {fixed.ending}, {relaxed.ending}"
        raise RuntimeError(message)
    return fixed, relaxed


def _priced(
    solver: PointSolver,
    rows: Sequence[LimitRow],
    steps: Iterable[Step],
    effects: Effects,
    solutions: tuple[LpSolution, LpSolution],
) -> list[Price]:
    fixed, relaxed = solutions
    binding = binding_dates(solver.live.form, rows, fixed.values)
    return [
        Price(
            step,
            binding.get(step.limit, ()),
            fixed=_clean(effects.value(step.limit, fixed)),
            relaxed=_clean(effects.value(step.limit, relaxed)),
        )
        for step in steps
    ]


def _clean(value: float) -> float:
    """Loosening never costs anything: what is left below zero is rounding."""
    return 0.0 if abs(value) < 1e-12 else value


def _biggest(base: PointResult, count: int) -> list[str]:
    assert base.tables is not None
    new = [row for row in base.tables.sites if row.modules_new > 0]
    new.sort(key=lambda row: (-row.it_gw_end, row.site))
    return [row.site for row in new[:count]]


def _key(step: Step) -> str:
    name = step.limit.name.replace("/", "-")
    return f"{step.limit.family}-{name}"


def _resolve(
    solver: PointSolver,
    instance: Instance,
    base: PointResult,
    steps: Sequence[Step],
    stop: threading.Event,
    tell: Callable[[str], None],
) -> tuple[PointResult, dict[str, PointResult]]:
    """Solve after each step; then let every plan be tried where it may be better."""
    points: dict[str, PointResult] = {}
    for number, step in enumerate(steps, start=1):
        if stop.is_set():
            break
        tell(f"{number} of {len(steps)}: {step.limit.words}, {step.words}")
        point = solver.solve(moved(instance, [step]), inherit=[base.build])
        if point.objective is not None:
            points[_key(step)] = point
    tell("every plan tried in the base")
    better = _best_of(solver, base, [point.build for point in points.values()])
    if better is base:
        return base, points
    return better, {key: _best_of(solver, point, [better.build]) for key, point in points.items()}


def _best_of(solver: PointSolver, point: PointResult, builds: Sequence[BuildPlan]) -> PointResult:
    best = point
    for build in builds:
        if build != point.build:
            assert point.bound is not None
            other = solver.adopt(point.instance, build, point.bound)
            if other is not None and _objective(other) > _objective(best) + _ALIKE * abs(_objective(best)):
                best = other
    return best


def _objective(point: PointResult) -> float:
    return -np.inf if point.objective is None else point.objective


def _with_difference(solver: PointSolver, price: Price, base: PointResult, point: PointResult) -> Price:
    assert base.objective is not None
    assert base.bound is not None
    assert point.objective is not None
    assert point.bound is not None
    noise = NEGLIGIBLE * max(1.0, abs(base.objective))
    difference = point.objective - base.objective
    fixed_step = None
    if price.fixed is not None:
        kept = solver.solve_fixed(point.instance, base.build)
        fixed_step = kept.objective - base.objective if kept.feasible else None
    return replace(
        price,
        fixed_step=None if fixed_step is None else _without_noise(fixed_step, noise),
        resolved=_without_noise(difference, noise),
        least=max(0.0, point.objective - base.bound),
        most=max(point.objective, point.bound) - base.objective,
        key=_key(price.step),
    )


def _without_noise(value: float, noise: float) -> float:
    return 0.0 if abs(value) < noise else value


def _explain(price: Price) -> str:  # noqa: PLR0911 - one line a case
    if price.resolved is None:
        return "Not re-solved: prices of the two linear programs only."
    small = _ALIKE + 0.01 * max(abs(price.fixed or 0.0), abs(price.relaxed or 0.0))
    if price.most is not None and price.least is not None and price.most - price.least > max(price.resolved, small):
        return "Known only within the range: the solver's gap is as large as the difference. Ask for a smaller gap."
    if price.fixed is None or price.relaxed is None:
        return "A date is no coefficient: only the re-solved difference exists."
    values = (price.fixed, price.relaxed, price.resolved)
    if max(values) - min(values) <= _AGREE * max(values):
        return "The three agree."
    degenerate = price.fixed_step is not None and price.fixed > small and price.fixed_step < price.fixed * (1 - _AGREE)
    if price.resolved <= small:
        if degenerate:
            return "Degenerate: another limit binds as soon as this one gives way, and whole modules cannot follow."
        return "Integer effect: no plan of whole modules gains from the step, though the linear programs would."
    if price.fixed <= small and price.relaxed <= small:
        return "Not binding in the linear programs; a whole module more fits only after the step."
    if price.fixed <= small:
        return "Worth nothing to what is built; the value lies in building differently."
    if price.resolved > price.fixed * (1 + _AGREE):
        return "Re-solved is higher: the plan builds differently after the step, which the fixed plan cannot."
    if price.resolved < price.fixed * (1 - _AGREE):
        return "Re-solved is lower: another limit takes over before the step is used up."
    return "Fixed plan and re-solved agree; the relaxation builds fractions of modules and differs."
