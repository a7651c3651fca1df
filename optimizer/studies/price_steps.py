"""What a step is worth in linear programs: to the plan as built, and to plans in fractions of modules."""

from __future__ import annotations

from dataclasses import dataclass

import highspy

from optimizer.instance.instance import Instance
from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.standard_form import FloatArray
from optimizer.studies.points import BuildPlan, PointSolver


@dataclass(frozen=True)
class LinearGains:
    """Gains over a whole step, in the unit of the objective; None where the linear program did not end.

    Attributes
    ----------
    fixed, relaxed
        Gain with the building decisions of the base plan, and of the linear relaxation.
    floor, ceiling
        Objective of the base plan's decisions after the step, and of the relaxation: every best plan lies between.
    basis
        Where the relaxation ended, for a search to start from.
    """

    fixed: float | None
    relaxed: float | None
    floor: float
    ceiling: float
    basis: highspy.HighsBasis | None


class StepPricer:
    """Linear programs of the base plan and of its relaxation, and the same again after steps.

    Each of the two goes on from its own base, which is near: 1 to 8 s a program on the world instance,
    against 4 to 13 s from wherever the program before it ended.
    """

    def __init__(self, solver: PointSolver, instance: Instance, build: BuildPlan, seconds: float) -> None:
        self._solver, self._instance, self._build, self._seconds = solver, instance, build, seconds
        solver.live.move_to(instance)
        session = solver.live.session
        self.fixed = session.solve_fixed(solver.start_from(build), time_limit=seconds)
        self._fixed_basis = session.last_basis()
        self.relaxed = session.solve_relaxation(interior_point=not session.warm, time_limit=seconds)
        self.relaxed_basis = session.basis
        if not self.fixed.ending is self.relaxed.ending is Ending.OPTIMAL:
            message = f"the linear programs of the base plan did not end: {self.fixed.ending}, {self.relaxed.ending}"
            raise RuntimeError(message)

    def gains(self, instance: Instance, *, far: bool = False) -> LinearGains:
        """Gains at a changed instance.

        Parameters
        ----------
        far
            Whether the change is so large that interior point is faster than simplex from the base.
        """
        anew = self._solver.live.move_to(instance).rebuild is not None
        session = self._solver.live.session
        start = self._solver.start_from(self._build)
        session.basis = None if far or anew else self.relaxed_basis
        relaxed = session.solve_relaxation(interior_point=not session.warm, time_limit=self._seconds)
        basis = session.basis if relaxed.ending is Ending.OPTIMAL else None
        session.basis = None if far or anew else self._fixed_basis
        fixed = self._fixed(start)
        session.basis = basis
        return LinearGains(
            fixed=_gain(fixed, self.fixed),
            relaxed=_gain(relaxed, self.relaxed),
            floor=fixed.objective if fixed.ending is Ending.OPTIMAL else -float("inf"),
            ceiling=relaxed.objective if relaxed.ending is Ending.OPTIMAL else float("inf"),
            basis=basis,
        )

    def _fixed(self, start: FloatArray) -> LpSolution:
        return self._solver.live.session.solve_fixed(start, time_limit=self._seconds)


def _gain(after: LpSolution, before: LpSolution) -> float | None:
    return after.objective - before.objective if after.ending is Ending.OPTIMAL else None
