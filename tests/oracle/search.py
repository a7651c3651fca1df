"""The best plan of a tiny instance, found without the model: every building plan is tried, the rest is one LP.

Written from `instances/SEMANTICS.md` alone, site by site and chip by chip, with none of the model's
aggregation. It shares with the model the parsed instance, country sets and chip tests, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import linprog

from optimizer.instance.instance import Instance
from tests.oracle.limits import Limits
from tests.oracle.lp import Key


class Oracle(Limits):
    """One instance turned into an LP in which the building decisions are columns that will be fixed."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        for part in (
            self.build,
            self.install,
            self.power,
            self.sell,
            self.respond,
            self.export_rules,
            self.budgets,
            self.caps,
        ):
            part()

    def building_plans(self) -> Iterator[dict[Key, float]]:
        """Every way to build, with every choice of quota steps."""
        sites = self.data.sites
        steps: list[Key] = [("step", step.rule, group) for step, group in self.step_choices()]
        bought = list(product((0.0, 1.0), repeat=len(steps)))
        for choice, paid in product(product(*(self.site_plans(site) for site in sites)), bought):
            fixed: dict[Key, float] = dict(zip(steps, paid, strict=True))
            for site, plan in zip(sites, choice, strict=True):
                dates = self.whole_dates(site)
                first = next((d for d, count in zip(dates, plan, strict=True) if count), None)
                for d, count in zip(dates, plan, strict=True):
                    fixed["x", site.site, d] = count
                    fixed["open", site.site, d] = float(d == first)
                if first is not None:
                    fixed.update((("open", site.site, d), 0.0) for d in self.dates(site)[len(dates) :])
            yield fixed

    def best(self) -> float | None:
        """Best objective over all plans; None if there is no plan."""
        lp = self.lp
        for rows in (lp.less, lp.equal):
            lp.matrix(rows)  # registers every column before shapes are fixed
        for key in list(lp.value):
            lp.column(key)
        upper, limits = lp.matrix(lp.less)
        same, sides = lp.matrix(lp.equal)
        cost = np.zeros(len(lp.columns))
        for key, value in lp.value.items():
            cost[lp.column(key)] = -value
        best: float | None = None
        for plan in self.building_plans():
            bounds = np.array([[0.0, np.inf]] * len(lp.columns))
            for key, count in plan.items():
                if key in lp.columns:
                    bounds[lp.column(key)] = count
            found: Any = linprog(  # type: ignore[call-overload]
                cost, A_ub=upper, b_ub=limits, A_eq=same, b_eq=sides, bounds=bounds, method="highs"
            )
            if found.status == 0:
                value = lp.constant - found.fun
                best = value if best is None else max(best, value)
            else:
                assert found.status == 2, found.message
        return best


def best_objective(instance: Instance) -> float | None:
    """Best objective of any plan of the instance, or None if no plan meets its limits."""
    return Oracle(instance).best()
