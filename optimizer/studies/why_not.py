"""Why a site is not in the plan: what forcing it costs, what speaks against it, what would have to change.

The site is forced by a bound. A cause is then neutralised: its number becomes the median of the sites that
are built, and both the plan with the site and the plan without it are made again. What the loss shrinks by is
what the cause is worth. Causes overlap, so that their worths need not add up to the loss.

Where the solver's gap is wider than the loss, plans found with and without the site differ by luck. Then the
linear relaxation, with one module of the site and with none, is compared instead, and everything said is called
an estimate.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.studies.causes import Cause, causes_against
from optimizer.studies.points import BuildPlan, PointResult, with_seconds
from optimizer.studies.site_solver import SiteSolver, builds

BASE_KEY, FORCED_KEY, ALL_KEY = "base", "forced", "all-causes"
#: Differences below this share of the objective decide nothing.
TIE = 1e-7
#: The loss is sharp if what it can be is no wider than this share of it, or of the objective.
SHARP, SHARP_OBJECTIVE = 0.2, 1e-7
#: Relaxations solved for one break-even value.
MOST_TRIALS = 8
#: Break-even values are known to this share of the way from a site's own value to the best.
PRECISION = 0.002


@dataclass(frozen=True)
class WhyNotQuestion:
    """How much work the study may be.

    Attributes
    ----------
    break_evens
        Number of causes, the weightiest first, whose break-even value is searched.
    gap, seconds
        When each solve stops.
    """

    break_evens: int = 3
    gap: float = 0.001
    seconds: float = 20.0


@dataclass(frozen=True)
class BreakEven:
    """Value of a cause at which the decision flips.

    Attributes
    ----------
    built, not_built
        Nearest values on both sides: the best plan has the site at the one and not at the other.
    verified
        Whether free solves on both sides decided so; of an estimate, whether both sides were solved.
    """

    built: float
    not_built: float
    verified: bool
    built_key: str
    not_built_key: str


@dataclass(frozen=True)
class CauseEffect:
    """What a cause is worth.

    Attributes
    ----------
    worth
        By how much the loss shrinks when the cause is neutralised.
    loss_left
        Loss that is left then.
    break_even
        None if it was not searched, or if no value of this cause alone is enough.
    hopeless
        Whether it was searched and no value is enough.
    """

    cause: Cause
    worth: float
    loss_left: float
    key: str
    break_even: BreakEven | None = None
    hopeless: bool = False


@dataclass(frozen=True)
class WhyNot:
    """Why a site is not built.

    Attributes
    ----------
    loss, least, most
        Objective lost when the site is forced, and what it can be given the bounds of both plans.
    loss_left
        Loss when all causes are neutralised together: the scarce things that the others use better.
    estimate
        Loss in the linear relaxation, on which all causes rest then; None if the loss of whole plans is sharp.
    """

    site: str
    base: PointResult
    forced: PointResult
    loss: float
    least: float
    most: float
    loss_left: float
    effects: tuple[CauseEffect, ...]
    estimate: float | None = None
    points: dict[str, PointResult] = field(default_factory=dict)


class NotForcedError(Exception):
    """There is nothing to explain: the site is built, or it cannot be built at all."""


def why_not(
    instance: Instance,
    build: BuildPlan | None,
    sites: SiteSolver,
    question: WhyNotQuestion,
    stop: threading.Event,
    tell: Callable[[str], None],
) -> WhyNot:
    """Explain why a site is not built.

    Raises
    ------
    NotForcedError
        If it is built, or cannot be built.
    """
    patience = instance.settings.solver.time_limit_seconds
    return _Study(_with_effort(instance, question), build, sites, question, stop, tell, patience).run()


def _with_effort(instance: Instance, question: WhyNotQuestion) -> Instance:
    old = instance.settings.solver
    update = {"gap": min(old.gap, question.gap), "time_limit_seconds": question.seconds}
    settings = instance.settings.model_copy(update={"solver": old.model_copy(update=update)})
    return replace(instance, settings=settings)


@dataclass
class _Study:
    instance: Instance
    build: BuildPlan | None
    sites: SiteSolver
    question: WhyNotQuestion
    stop: threading.Event
    tell: Callable[[str], None]
    patience: float
    points: dict[str, PointResult] = field(default_factory=dict)
    relaxed_without: float | None = None

    def run(self) -> WhyNot:
        site = self.sites.site
        base, forced = self._plans(site)
        assert base.bound is not None
        assert forced.bound is not None
        self.points = {BASE_KEY: base, FORCED_KEY: forced}
        loss = max(0.0, _value(base) - _value(forced))
        least, most = max(0.0, _value(base) - forced.bound), max(loss, base.bound - _value(forced))
        estimate = None
        if most - least > max(SHARP * loss, SHARP_OBJECTIVE * max(1.0, abs(_value(base)))):
            estimate = self._relaxed_loss()
        effects, left = self._effects(base, forced, loss if estimate is None else estimate)
        return WhyNot(
            site=site,
            base=base,
            forced=forced,
            loss=loss,
            least=least,
            most=most,
            loss_left=left,
            effects=tuple(effects),
            estimate=estimate,
            points=self.points,
        )

    def _plans(self, site: str) -> tuple[PointResult, PointResult]:
        """Best plans as things are, and with the site."""
        self.tell("best plan")
        patience = max(self.question.seconds, self.patience)
        base = self.sites.solver.improve(self.instance, self.build, patience)
        if base.objective is None:
            message = f"there is no plan to start from: {base.stopped_because}"
            raise NotForcedError(message)
        if builds(base, site):
            message = f"site '{site}' is built in the best plan"
            raise NotForcedError(message)
        if not self.sites.can_build(self.instance):
            message = f"no module of site '{site}' can be on line within the plan: its dates leave no time"
            raise NotForcedError(message)
        self.tell(f"best plan with {site}")
        forced = self.sites.forced(self.instance, [base.build])
        if forced.status == "no_plan" and not self.stop.is_set():
            forced = self.sites.forced(with_seconds(self.instance, patience), [base.build])
        if forced.objective is None:
            message = f"no plan with a module at '{site}' meets all limits: {forced.stopped_because}"
            raise NotForcedError(message)
        return base, forced

    def _relaxed_loss(self) -> float | None:
        """Loss in the relaxation; None if it did not end, so that the plans found are all there is."""
        self.tell("the gap is wider than the loss: linear relaxations with and without the site")
        without = self._relaxed(self.instance, built=False)
        loss = without - self._relaxed(self.instance, built=True)
        if not np.isfinite(loss):
            return None
        self.relaxed_without = without
        return float(loss)

    def _relaxed(self, instance: Instance, *, built: bool) -> float:
        return self.sites.relaxed(instance, built=built, seconds=max(self.question.seconds, self.patience))

    def _effects(self, base: PointResult, forced: PointResult, loss: float) -> tuple[list[CauseEffect], float]:
        if self.estimated and loss <= 0:
            return [], 0.0  # nothing speaks against the site but whole modules
        # Months move rows and columns: causes that only move numbers come first.
        causes = sorted(causes_against(self.instance, self.sites.site, base, forced), key=lambda cause: cause.whole)
        effects: list[CauseEffect] = []
        changed = self.instance
        for cause in causes:
            if self.stop.is_set():
                break
            self.tell(f"{cause.name}: {cause.own:g} as of {cause.reference:g}")
            key = f"cause-{cause.name.replace(' ', '-').replace('&', 'and')}"
            advantage = self._advantage(cause.write(self.instance, cause.reference), shared=cause.shared, key=key)
            if not np.isfinite(advantage):
                continue  # interrupted or out of time: nothing is known of this cause
            left = max(0.0, -advantage)
            effects.append(CauseEffect(cause, loss - left, left, key if key in self.points else ""))
            changed = cause.write(changed, cause.reference)
        left = loss
        if causes and not self.stop.is_set():
            self.tell("all causes together")
            shared = any(cause.shared for cause in causes)
            together = self._advantage(changed, shared=shared, key=ALL_KEY)
            left = max(0.0, -together) if np.isfinite(together) else loss
        effects.sort(key=lambda effect: -effect.worth)
        # A relaxation for every month would take minutes each: months are only searched where whole plans are fast.
        searched = [e for e in effects if e.cause.has_scale and e.worth > 0 and not (self.estimated and e.cause.whole)]
        first = searched[: self.question.break_evens]
        return [self._with_break_even(e) if e in first and not self.stop.is_set() else e for e in effects], left

    def _advantage(self, instance: Instance, *, shared: bool, key: str = "") -> float:
        """How much better the best plan with the site is than the best without; its own plan is kept under a key."""
        if self.estimated:
            return self._relaxed_advantage(instance, shared=shared)
        base, forced = self.points[BASE_KEY], self.points[FORCED_KEY]
        with_site = self.sites.forced(instance, [forced.build, base.build])
        if with_site.objective is None:
            # Out of time: as if the cause did not matter.
            return _value(forced) - _value(base)
        if key:
            self.points[key] = with_site
        if not (shared or self._stands()):
            return _value(with_site) - _value(base)
        without = self.sites.forbidden(instance, [base.build])
        if key and without.objective is not None:
            self.points[f"{key}-without"] = without
        return _value(with_site) - _value(without)

    @property
    def estimated(self) -> bool:
        """Whether relaxations stand for whole plans."""
        return self.relaxed_without is not None

    def _stands(self) -> bool:
        """Whether the site has committed builds, so that its numbers count also where nothing new is built."""
        return any(build.site == self.sites.site for build in self.instance.committed)

    def _relaxed_advantage(self, instance: Instance, *, shared: bool) -> float:
        with_site, without = self._relaxed(instance, built=True), self.relaxed_without
        assert without is not None
        if shared or self._stands():
            without = self._relaxed(instance, built=False)
        # Out of time: as if the cause hid nothing but the loss.
        return with_site - without if np.isfinite(with_site - without) else -np.inf

    def _with_break_even(self, effect: CauseEffect) -> CauseEffect:
        cause = effect.cause
        self.tell(f"break-even of {cause.name}")
        tie = TIE * max(1.0, abs(_value(self.points[BASE_KEY])))

        def beyond(value: float) -> float:
            return self._advantage(cause.write(self.instance, value), shared=cause.shared) - tie

        best = beyond(cause.best)
        if best <= 0:
            return replace(effect, hopeless=True)
        if self.estimated:
            step = PRECISION * (cause.own - cause.best)
            here = -(effect.worth + effect.loss_left) - tie
            built, not_built = bracket(beyond, (cause.best, best), (cause.own, here), step, MOST_TRIALS)
            return replace(effect, break_even=BreakEven(built, not_built, True, "", ""))
        built, not_built = cause.best, cause.own
        step = 1.0 if cause.whole else PRECISION * (cause.own - cause.best)
        while not_built - built > step + 1e-12 and not self.stop.is_set():
            middle = (built + not_built) / 2
            middle = float(round(middle)) if cause.whole else middle
            if beyond(middle) > 0:
                built = middle
            else:
                not_built = middle
        return replace(effect, break_even=self._verified(effect, built, not_built))

    def _verified(self, effect: CauseEffect, built: float, not_built: float) -> BreakEven:
        """Solve freely on both sides: the best plan must have the site on the one and not on the other."""
        keys = (f"{effect.key}-built", f"{effect.key}-not-built")
        inherit = [self.points[FORCED_KEY].build, self.points[BASE_KEY].build, self.points[effect.key].build]
        decisions: list[bool] = []
        for key, value in zip(keys, (built, not_built), strict=True):
            instance = effect.cause.write(self.instance, value)
            known = self._known_builds(instance, inherit)
            point = self.sites.free(instance, known)
            self.points[key] = point
            decisions.append(builds(point, self.sites.site))
        return BreakEven(built, not_built, decisions == [True, False], *keys)

    def _known_builds(self, instance: Instance, inherit: Sequence[BuildPlan]) -> list[BuildPlan]:
        """Plans to start from, with the best one that has the site here."""
        return [*inherit, self.sites.forced(instance, inherit).build]


def bracket(
    gain: Callable[[float], float],
    built: tuple[float, float],
    not_built: tuple[float, float],
    step: float,
    trials: int,
) -> tuple[float, float]:
    """Narrow down where a falling gain crosses zero, by secants that fall a little beyond the root, and halving.

    Parameters
    ----------
    built, not_built
        Value and gain where the gain is positive, and where it is not.
    step
        Width that is narrow enough.
    """
    (left, above), (right, below) = built, not_built
    side, slow = -1.0, 0
    for _ in range(trials):
        width = right - left
        if width <= step + 1e-12:
            break
        share = above / (above - below) if np.isfinite(below) and slow < 2 else 0.5
        value = float(np.clip(left + share * width + 0.4 * side * step, left + 0.1 * step, right - 0.1 * step))
        found = gain(value)
        left, above, right, below = (value, found, right, below) if found > 0 else (left, above, value, found)
        # The next secant falls to the other side of the root; a kink that holds one end fast is met by halving.
        side, slow = (1.0 if found > 0 else -1.0), (slow + 1 if slow < 2 and right - left > width / 2 else 0)
    return left, right


def _value(point: PointResult) -> float:
    return -float("inf") if point.objective is None else point.objective
