"""The best of one objective of a frontier, whatever kind it is, and plans that nothing improves on.

The best share is found by Dinkelbach's method: at the share s of the plan known, maximise N - s D. With a proven
limit B on that, no share is better than s + B/D for the least compute D of any plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance.schema.settings import SolverSettings
from optimizer.studies.frontier_objectives import FrontierObjective, Values
from optimizer.studies.frontier_search import Aim, Candidate, Found, FrontierModel, Scales
from optimizer.studies.points import BuildPlan

#: Shares are searched to this part of the instance's relative gap.
SHARE_OF_GAP = 0.1
#: Least tolerance of a share.
LEAST_TOLERANCE = 1e-7
#: Share of the time limit for what only decides between plans that are as good in what was searched first.
SECOND_SHARE = 0.2
#: Improvements below this share of the ranges are not searched for.
LEAST_IMPROVEMENT = 1e-5
#: Up to this gap, whole plans are searched for improvements; else modules stay, as a search would not prove any.
EXACT_GAP = 1e-5
#: Dinkelbach's method rarely takes more than five steps; its bound holds after any.
MOST_STEPS = 20


@dataclass(frozen=True)
class Optimum:
    """The best plan found for an objective.

    Attributes
    ----------
    limit
        Proven: no plan is better; None if nothing is proven.
    """

    plan: Candidate
    limit: float | None


@dataclass(frozen=True)
class Optimiser:
    """Finds best plans of one instance.

    Parameters
    ----------
    settings
        Gap and time limit of every search.
    """

    model: FrontierModel
    scales: Scales
    settings: SolverSettings

    @property
    def share_tolerance(self) -> float:
        """To how much shares are searched."""
        return max(LEAST_TOLERANCE, SHARE_OF_GAP * self.settings.gap)

    def seconds(self, *, second: bool) -> float:
        """Time of one search."""
        return self.settings.time_limit_seconds * (SECOND_SHARE if second else 1.0)

    def search(
        self, aims: Sequence[Aim], levels: Values, starts: Sequence[BuildPlan] = (), *, second: bool = False
    ) -> Found:
        """Maximise aims, of which the first is not a share and decides on the gap.

        Parameters
        ----------
        second
            Whether it only decides between plans that are as good in what was searched first.
        """
        carbon = aims[0].objective is FrontierObjective.CARBON
        absolute = self.settings.gap * self.scales.carbon_mt if carbon else self.settings.gap_busd
        return self.model.search(
            aims,
            levels,
            gap=self.settings.gap,
            gap_absolute=absolute,
            starts=starts,
            time_limit=self.seconds(second=second),
        )

    def best(self, goal: FrontierObjective, levels: Values, plan: Candidate, *, second: bool = False) -> Optimum:
        """Best plan for an objective among those that reach levels, of which ``plan`` is one."""
        if goal.is_share:
            return self._best_share(goal, levels, plan, second=second)
        found = self.search([Aim(goal)], levels, [plan.build], second=second)
        limit = limit_of(goal, found)
        if found.values is None:
            # The time was too short for any plan. The modules known can still be operated better.
            found = self.model.search([Aim(goal)], levels, gap=0.0, gap_absolute=0.0, build=plan.build)
        return Optimum(self._better(goal, plan, found), limit)

    def _best_share(self, goal: FrontierObjective, levels: Values, plan: Candidate, *, second: bool) -> Optimum:
        if goal is FrontierObjective.ALLIED_SHARE and plan.values[goal] < 1:
            # Often all compute can be in allied countries; one search that asks for it is quicker than the steps.
            found = self.search([Aim(FrontierObjective.NPV)], {**levels, goal: 1.0}, [plan.build], second=second)
            if found.values is not None:
                return Optimum(self._better(goal, plan, found), 1.0)
        limit, least = (1.0 if goal.sign > 0 else 0.0), self.model.least_compute(levels)
        for _ in range(MOST_STEPS):
            share = plan.values[goal]
            found = self.model.search(
                [Aim(goal, share)], levels,
                gap=0.0, gap_absolute=self.share_tolerance * plan.compute, starts=[plan.build],
                time_limit=self.seconds(second=second),
            )  # fmt: skip
            if np.isfinite(found.bound) and least > 0:
                limit = goal.worse(limit, share + goal.sign * max(0.0, found.bound) / least)
            plan = self._better(goal, plan, found)
            if goal.sign * (plan.values[goal] - share) <= self.share_tolerance:
                break
        return Optimum(plan, goal.better(limit, plan.values[goal]))

    def _better(self, goal: FrontierObjective, plan: Candidate, found: Found) -> Candidate:
        if found.values is None:
            return plan
        other = self.model.candidate(found.values)
        return other if goal.at_least_as_good(other.values[goal], plan.values[goal]) else plan

    def improved(
        self, plan: Candidate, objectives: Sequence[FrontierObjective], sizes: Values, least: Values
    ) -> Candidate:
        """A plan at least as good in every objective that cannot be improved in one without loss in another.

        With a gap that leaves no hope to prove it of all plans, of those with the same modules.

        Parameters
        ----------
        sizes
            Differences that count as much in one objective as in another.
        least
            Levels that plans must reach besides.
        """
        whole = self.settings.gap <= EXACT_GAP
        for _ in range(MOST_STEPS):
            levels = {objective: plan.values[objective] for objective in objectives}
            found = self.model.search(
                [_improvement(objective, level, plan, sizes) for objective, level in levels.items()],
                {**least, **levels},
                gap=0.0, gap_absolute=LEAST_IMPROVEMENT, starts=[plan.build], build=None if whole else plan.build,
                time_limit=self.seconds(second=True),
            )  # fmt: skip
            if found.values is None:
                return plan
            other = self.model.candidate(found.values)
            gain = sum(
                objective.sign * (other.values[objective] - level) / sizes[objective]
                for objective, level in levels.items()
            )
            if gain <= 2 * LEAST_IMPROVEMENT:
                return plan
            plan = other
        return plan


def _improvement(objective: FrontierObjective, level: float, plan: Candidate, sizes: Values) -> Aim:
    return Aim(objective, level, 1.0 / (sizes[objective] * (plan.compute if objective.is_share else 1.0)))


def limit_of(goal: FrontierObjective, found: Found) -> float | None:
    """Proven limit on an objective that was maximised with weight one; None if there is none."""
    return goal.sign * found.bound if np.isfinite(found.bound) else None
