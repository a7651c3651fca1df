"""Plans in which one site must be built, may be built, or may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import highspy
import numpy as np

from optimizer.instance.instance import Instance
from optimizer.solve.outcomes import Ending
from optimizer.studies.live import HeldBounds
from optimizer.studies.points import BuildPlan, PointResult, PointSolver


class SiteSolver:
    """Solves points with one site forced or forbidden, by bounds of its columns alone.

    A plan found in either way is a plan of the instance and passes the audit as one.
    """

    def __init__(self, solver: PointSolver, site: str) -> None:
        self.solver, self.site = solver, site
        self._bases: dict[tuple[bool, int, int], highspy.HighsBasis | None] = {}

    def can_build(self, instance: Instance) -> bool:
        """Whether a module of the site could be committed at all within the plan."""
        self.solver.live.move_to(instance)
        return self.site in self.solver.live.columns_by_site

    def free(self, instance: Instance, inherit: Iterable[BuildPlan] = ()) -> PointResult:
        """Best plan."""
        return self.solver.solve(instance, inherit)

    def forced(self, instance: Instance, inherit: Iterable[BuildPlan] = ()) -> PointResult:
        """Best plan with at least one new module at the site by its last decision date."""
        with self._bounds(instance, most=None):
            return self.solver.solve(instance, inherit)

    def forbidden(self, instance: Instance, inherit: Iterable[BuildPlan] = ()) -> PointResult:
        """Best plan without a new module at the site."""
        with self._bounds(instance, most=0.0):
            return self.solver.solve(instance, inherit)

    def relaxed(self, instance: Instance, *, built: bool, seconds: float) -> float:
        """Objective of the linear relaxation with at least one module at the site, or with none.

        Minus infinity if it did not end. Each goes on from where it ended before, as long as the model keeps its shape.
        """
        with self._bounds(instance, most=None if built else 0.0):
            live = self.solver.live
            shape = (built, *live.form.matrix.shape)
            live.session.basis = self._bases.get(shape, live.session.basis)
            found = live.session.solve_relaxation(interior_point=not live.session.warm, time_limit=seconds)
            if found.ending is Ending.OPTIMAL:
                self._bases[shape] = live.session.basis
            return found.objective

    @contextmanager
    def _bounds(self, instance: Instance, most: float | None) -> Iterator[None]:
        """Hold the site to at least one module, or to none; also where modes made meanwhile ask for a new model."""
        self.solver.live.move_to(instance)
        with self.solver.live.held(lambda: self._held(most)):
            yield

    def _held(self, most: float | None) -> HeldBounds:
        live = self.solver.live
        own, form = live.columns_by_site[self.site], live.form
        modules = np.concatenate([own.modules, own.parts])
        columns = np.concatenate([modules, own.opened])
        lower, upper = form.lower[columns].copy(), form.upper[columns].copy()
        if most is None:
            opening = own.opened[-1:] if not len(own.parts) else own.opened[:0]  # one in part need not be whole
            lower[np.isin(columns, np.concatenate([modules[-1:], opening]))] = 1.0
        else:
            upper[:] = most
        return HeldBounds(columns, lower, upper)


def builds(point: PointResult, site: str) -> bool:
    """Whether a plan has a new module at a site."""
    return point.tables is not None and any(row.site == site and row.modules_new > 0 for row in point.tables.sites)
