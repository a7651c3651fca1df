"""What each limit is worth: after a step re-solved, in linear programs over the step, and to first order.

1. First order: duals of the plan as built, and of the linear relaxation. Cheap, for all limits; at most what
   the linear program gains, as gains only shrink along a step.
2. Over the step: both linear programs solved again. Exact, but of the plan as it is built, and of fractions of modules.
3. Re-solved: the best plan found after the step against the best found before it. What it can be lies between
   limits that the bounds of both plans prove.

The re-solved difference leads where these limits are close. Where the solver's gap is wider than the
difference, two searches differ by luck: then the relaxation over the step leads, called an estimate, and the limits
are given with it. Plans found on the way are tried everywhere: a plan of the loosened instance that is
feasible in the base may beat the base plan, and the base plan is feasible in every loosened instance.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.studies.limit_index import LimitRow, limit_rows, soften_denials
from optimizer.studies.marginals import Effects, binding_dates, effects_of
from optimizer.studies.points import BuildPlan, PointResult, PointSolver, with_seconds
from optimizer.studies.price_steps import LinearGains, StepPricer
from optimizer.studies.steps import Step, date_steps, lift_steps, limit_steps, moved

#: Prices below this share of the objective are rounding errors.
NEGLIGIBLE = 1e-9
#: A difference is sharp if what it can be is no wider than this share of it, or of the objective.
SHARP, SHARP_OBJECTIVE = 0.2, 1e-7
_ALIKE = 1e-6
BASE_KEY = "base"


class Evidence(StrEnum):
    """Where the leading value of a price comes from."""

    RESOLVED = "re-solved"
    ESTIMATE = "estimate by the relaxation"
    FIRST_ORDER = "first order, at most this"


@dataclass(frozen=True)
class PriceQuestion:
    """How much work a study of prices may be.

    Attributes
    ----------
    resolve
        Number of limits for which a plan is searched after the step, the dearest first.
    estimate
        Number of limits whose linear programs are solved again after the step, the dearest first.
    lift
        Number of export rules that are lifted as a whole, the dearest first.
    sites
        Number of sites, the biggest first, whose dates are moved.
    gap, seconds
        When each search stops.
    """

    resolve: int = 5
    estimate: int = 12
    lift: int = 2
    sites: int = 1
    gap: float = 0.001
    seconds: float = 20.0


@dataclass(frozen=True)
class Price:
    """Price of one limit, for one step, in the unit of the objective.

    Attributes
    ----------
    binding
        Dates at which the limit leaves nothing in the base plan.
    fixed, relaxed
        First-order values at the fixed plan and in the relaxation; None where a step is no small one.
    fixed_step, relaxed_step
        Gain of the fixed plan, and of the relaxation, over the whole step; None if not solved again.
    resolved
        Objective of the best plan found after the step less that of the base plan; None if none was searched.
    least, most
        What the difference of the best plans can be, given all bounds; None if nothing was solved again.
    scale
        Objective of the base plan.
    key
        Plan folder after the step under ``points/``.
    """

    step: Step
    binding: tuple[str, ...]
    fixed: float | None
    relaxed: float | None
    fixed_step: float | None = None
    relaxed_step: float | None = None
    resolved: float | None = None
    least: float | None = None
    most: float | None = None
    scale: float = 1.0
    key: str = ""

    @property
    def sharp(self) -> bool:
        """Whether the re-solved difference is known well enough to be given as a number."""
        if self.resolved is None or self.least is None or self.most is None:
            return False
        return self.most - self.least <= max(SHARP * self.resolved, SHARP_OBJECTIVE * max(1.0, abs(self.scale)))

    @property
    def evidence(self) -> Evidence:
        """What the leading value rests on."""
        if self.sharp or (self.resolved is not None and self.relaxed_step is None):
            return Evidence.RESOLVED
        return Evidence.FIRST_ORDER if self.relaxed_step is None else Evidence.ESTIMATE

    @property
    def first_order(self) -> float:
        """The higher one of the first-order values."""
        return max(self.fixed or 0.0, self.relaxed or 0.0)

    @property
    def leading(self) -> float:
        """The value that ranks."""
        match self.evidence:
            case Evidence.RESOLVED:
                return self.resolved or 0.0
            case Evidence.ESTIMATE:
                return self.relaxed_step or 0.0
            case Evidence.FIRST_ORDER:
                return self.first_order

    @property
    def per_unit(self) -> float:
        """Leading value per planner's unit, in thousandths of the objective's unit (M USD for B USD)."""
        return 1e3 * self.leading / self.step.units


@dataclass(frozen=True)
class PriceStudy:
    """Prices of all limits, the dearest first, and the plans behind them.

    Attributes
    ----------
    lifted
        Export rules lifted as a whole.
    unpriced
        Number of limits that are worth nothing.
    """

    base: PointResult
    prices: tuple[Price, ...]
    lifted: tuple[Price, ...]
    unpriced: int
    points: Mapping[str, PointResult]


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
    patience = max(question.seconds, instance.settings.solver.time_limit_seconds)
    base_instance = soften_denials(_with_effort(instance, question))
    tell("base plan")
    base = solver.improve(base_instance, build, patience)
    if base.objective is None:
        return base
    pricer = StepPricer(solver, base_instance, base.build, patience)
    study = _Study(solver, question, base_instance, base, pricer, patience, stop, tell)
    return study.run()


@dataclass
class _Study:
    """Prices in the making."""

    solver: PointSolver
    question: PriceQuestion
    instance: Instance
    base: PointResult
    pricer: StepPricer
    patience: float
    stop: threading.Event
    tell: Callable[[str], None]
    points: dict[str, PointResult] = field(default_factory=dict)
    gains: dict[str, LinearGains] = field(default_factory=dict)

    def run(self) -> PriceStudy:
        rows = limit_rows(self.solver.live.plan, self.solver.live.form)
        steps = limit_steps(self.instance, rows)
        effects = effects_of(self.solver.live.plan, self.solver.live.form, self.instance, rows, steps)
        prices = self._first_order(rows, steps, effects)
        worth = [price for price in prices if price.leading > NEGLIGIBLE * max(1.0, abs(_objective(self.base)))]
        worth.sort(key=lambda price: -price.leading)
        lifts = lift_steps(self.instance, [price.step.limit for price in worth])[: self.question.lift]
        dates = date_steps(self.instance, _biggest(self.base, self.question.sites))
        count = max(self.question.estimate, self.question.resolve)
        near = self._over_steps(worth[:count])
        near.sort(key=lambda price: -price.leading)
        searched = near[: self.question.resolve]
        self._search([price.step for price in searched])
        lifted = self._over_steps([Price(step, (), None, None) for step in lifts])
        if self.question.resolve:
            self._search(lifts)
        self._share_plans()
        moved_dates = self._over_steps([Price(step, (), None, None) for step in dates])
        if self.question.resolve:
            self._search(dates)
        final = sorted(map(self._final, [*near, *moved_dates]), key=lambda price: -price.leading)
        return PriceStudy(
            self.base,
            (*final, *worth[count:]),
            tuple(sorted(map(self._final, lifted), key=lambda price: -price.leading)),
            len(prices) - len(worth),
            {BASE_KEY: self.base, **self.points},
        )

    def _first_order(self, rows: Sequence[LimitRow], steps: Iterable[Step], effects: Effects) -> list[Price]:
        binding = binding_dates(self.solver.live.form, rows, self.pricer.fixed.values)
        scale = _objective(self.base)
        return [
            Price(
                step,
                binding.get(step.limit, ()),
                fixed=_clean(effects.value(step.limit, self.pricer.fixed)),
                relaxed=_clean(effects.value(step.limit, self.pricer.relaxed)),
                scale=scale,
            )
            for step in steps
        ]

    def _over_steps(self, prices: Sequence[Price]) -> list[Price]:
        """Both linear programs after every step."""
        found: list[Price] = []
        for number, price in enumerate(prices, start=1):
            if self.stop.is_set():
                return [*found, *prices[number - 1 :]]
            self.tell(f"{number} of {len(prices)}: {price.step.limit.words}, {price.step.words}")
            after = self.pricer.gains(moved(self.instance, [price.step]), far=price.step.limit.family == "rule_lifted")
            self.gains[key_of(price.step)] = after
            found.append(replace(price, fixed_step=self._clear(after.fixed), relaxed_step=self._clear(after.relaxed)))
        return found

    def _search(self, steps: Sequence[Step]) -> None:
        """Look for plans after steps, from the base plan and the relaxation."""
        for number, step in enumerate(steps, start=1):
            if self.stop.is_set():
                return
            self.tell(f"{number} of {len(steps)}: plan after {step.limit.words}, {step.words}")
            changed = moved(self.instance, [step])
            if self.solver.live.move_to(changed).rebuild is None and key_of(step) in self.gains:
                self.solver.live.session.basis = self.gains[key_of(step)].basis
            if not self.solver.live.session.warm:
                self.solver.solve_relaxation(with_seconds(changed, self.patience))
            point = self.solver.solve(changed, inherit=[self.base.build])
            if point.objective is not None:
                self.points[key_of(step)] = point

    def _share_plans(self) -> None:
        """Try every plan in the base, and a better base plan everywhere."""
        if self.stop.is_set() or not self.points:
            return
        self.tell("every plan tried in the base")
        better = self._best_of(self.base, [point.build for point in self.points.values()])
        if better is not self.base:
            self.base = better
            self.points = {key: self._best_of(point, [better.build]) for key, point in self.points.items()}

    def _best_of(self, point: PointResult, builds: Sequence[BuildPlan]) -> PointResult:
        best = point
        for build in builds:
            if build != point.build and point.bound is not None and not self.stop.is_set():
                self.solver.live.move_to(point.instance)
                self.solver.live.session.basis = self.pricer.relaxed_basis
                other = self.solver.adopt(point.instance, build, point.bound)
                if other is not None and _objective(other) > _objective(best) + _ALIKE * abs(_objective(best)):
                    best = other
        return best

    def _final(self, price: Price) -> Price:
        """The price with its re-solved difference and what that can be."""
        key = key_of(price.step)
        gains, point = self.gains.get(key), self.points.get(key)
        if gains is None:
            return price
        base, bound = _objective(self.base), self.base.bound
        assert bound is not None
        found = gains.floor if point is None else max(gains.floor, _objective(point))
        ceiling = gains.ceiling if point is None or point.bound is None else min(gains.ceiling, point.bound)
        return replace(
            price,
            resolved=None if point is None else self._clear(_objective(point) - base),
            least=self._clear(max(0.0, found - bound)),
            most=self._clear(max(ceiling, found) - base),
            scale=base,
            key="" if point is None else key,
        )

    def _clear(self, value: float | None) -> float | None:
        """A difference without rounding errors."""
        noise = NEGLIGIBLE * max(1.0, abs(_objective(self.base)))
        return 0.0 if value is not None and abs(value) < noise else value


def _with_effort(instance: Instance, question: PriceQuestion) -> Instance:
    old = instance.settings.solver
    solver = old.model_copy(update={"gap": min(old.gap, question.gap)})
    settings = instance.settings.model_copy(update={"solver": solver})
    return with_seconds(replace(instance, settings=settings), question.seconds)


def _clean(value: float) -> float:
    """Loosening never costs anything: what is left below zero is rounding."""
    return 0.0 if abs(value) < 1e-12 else value


def _biggest(base: PointResult, count: int) -> list[str]:
    assert base.tables is not None
    new = [row for row in base.tables.sites if row.modules_new > 0]
    new.sort(key=lambda row: (-row.it_gw_end, row.site))
    return [row.site for row in new[:count]]


def key_of(step: Step) -> str:
    """Name of the plan folder after a step."""
    name = step.limit.name.replace("/", "-")
    return f"{step.limit.family}-{name}"


def _objective(point: PointResult) -> float:
    return -np.inf if point.objective is None else point.objective
