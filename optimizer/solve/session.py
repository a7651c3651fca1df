"""One live HiGHS model, solved as a linear program or searched for whole plans, with callbacks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.solve.edited_model import EditedModel
from optimizer.solve.outcomes import Ending, LpSolution, MipProgress, MipSolution
from optimizer.solve.standard_form import FloatArray, StandardForm

#: Relative excess of the objective that HiGHS states for a plan over the plan's own, from which it is wrong.
MISREAD = 1e-6
#: Work that counts as a second: nonzeros of the matrix times iterations of simplex, as which iterations of interior
#: point count too, and questions of a search whether to go on: HiGHS tells no iterations before it ends.
WORK_A_SECOND = 2e8
INTERIOR_POINT_ITERATION, SEARCH_STEP = 400, 110
#: Effort that HiGHS spends on finding plans: as it comes, where there is little to find, and where only plans count.
USUAL_EFFORT, LEAST_EFFORT, MOST_EFFORT = 0.05, 0.01, 0.4
#: Values of the option `simplex_strategy` of HiGHS.
_DUAL, _PRIMAL = 1, 4
#: Closer to a whole number than this, a whole column of a linear program is taken to be whole.
NEARLY_WHOLE = 1e-6


_ENDINGS = {
    highspy.HighsModelStatus.kOptimal: Ending.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Ending.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Ending.UNBOUNDED,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Ending.INFEASIBLE,
    highspy.HighsModelStatus.kTimeLimit: Ending.TIME,
    highspy.HighsModelStatus.kInterrupt: Ending.INTERRUPTED,
}


@dataclass
class _Searching:
    """What a search by branch and bound is asked, and what its callbacks saw; as it comes, of no search.

    Attributes
    ----------
    target, give_up_below
        It ends at a plan that reaches the one, and at a bound below the other.
    work_limit
        Seconds of work; infinite where the clock counts.
    best_seen
        Objective of the best plan so far.
    hopeless
        Whether its bound or its work says that it is over.
    start_misread
        Whether HiGHS takes the starting plan to be worth more than it is.
    """

    watch: Callable[[MipProgress], None] | None = None
    target: float = np.inf
    give_up_below: float = -np.inf
    work_limit: float = np.inf
    start_given: bool = False
    best_seen: float = -np.inf
    hopeless: bool = False
    start_misread: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it need not go on."""
        return bool(self.best_seen >= self.target or self.start_misread or self.hopeless)


class HighsSession(EditedModel):
    """A model inside HiGHS, solved as a linear program or searched for whole plans.

    HiGHS holds it twice: relaxations run on one copy, and everything that fixes or searches on the other. So the
    next relaxation goes on from where the last one ended, with the factors and steepest-edge weights that HiGHS
    has in memory. Handing it a basis instead makes it compute the weights anew: 1.8 s on the world instance, against
    0.3 s for the simplex steps after a small change of a limit. Devex, which needs no weights, takes twice the
    steps and as long; HiGHS reads that option before its first run only.

    Parameters
    ----------
    form
        The model. The session keeps it to restore bounds and integrality.
    threads, seed
        Passed to HiGHS.
    stop
        When set, the running solve ends at the next opportunity with what it has.
    deterministic
        Limits of time are then limits of work, as `clock` counts it: the same on every run, however busy the machine.
        Linear programs always run to their end, on one thread: with more, how far a search gets depends on luck.

    Raises
    ------
    SolverError
        If HiGHS refuses the model or an option.
    """

    def __init__(
        self, form: StandardForm, *, threads: int, seed: int, stop: threading.Event, deterministic: bool = False
    ) -> None:
        threads = 1 if deterministic else threads
        # output_flag=False would also silence the progress callback, so only the console is closed.
        super().__init__(form, log_to_console=False, threads=threads, random_seed=seed)
        self._deterministic, self._worked, self._search_steps = deterministic, 0.0, 0
        self._stop, self._threads, self._seed = stop, threads, seed
        self._last = self._highs
        self._searching = _Searching()
        self._basis: highspy.HighsBasis | None = None
        self._relaxed_is_there = False  # whether the relaxation in HiGHS stands at `_basis`
        self._fixed_is_warm = False  # whether the other copy ended with a linear program
        for highs in self._both:
            for callback in (highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
                callback.subscribe(self._interrupt)
        self._highs.cbMipInterrupt += self._interrupt_mip
        self._highs.cbMipLogging += self._report
        self._highs.cbMipImprovingSolution += self._note_plan

    # HiGHS holds the time of all runs of a session against the limit of an LP, but not against that of a MIP.

    def clock(self) -> float:
        """Seconds from any fixed moment: of work if deterministic, else of time."""
        return self._worked if self._deterministic else time.monotonic()

    def count_work(self, nonzeros: float) -> None:
        """Let the clock of work go on for what was done outside of HiGHS: as many entries as were looked at."""
        self._worked += nonzeros / WORK_A_SECOND

    def _limit(self, highs: highspy.Highs, seconds: float) -> float:
        """Time limit of HiGHS for a linear program."""
        return float(np.inf if self._deterministic else highs.getRunTime() + seconds)

    def solve_relaxation(self, *, interior_point: bool, time_limit: float, new_objective: bool = False) -> LpSolution:
        """Solve with integrality dropped.

        The final basis is kept: simplex starts from it the next time, interior point does not need one.

        Parameters
        ----------
        new_objective
            Only the objective changed since the last relaxation, so that its basis is primal feasible: primal simplex
            takes 35 s on the world instance with all fixed costs changed three times, where dual simplex takes 61 s.
        """
        highs = self._relaxed
        self._set(
            highs,
            solver="ipm" if interior_point else "simplex",
            simplex_strategy=_PRIMAL if new_objective else _DUAL,
            time_limit=self._limit(highs, time_limit),
        )
        if not interior_point and self._basis is not None and not self._relaxed_is_there:
            self._check(highs.setBasis(self._basis), "a basis")
        solution = self._run_lp(highs)
        self._relaxed_is_there = solution.ending is Ending.OPTIMAL
        if self._relaxed_is_there:
            self._basis = highs.getBasis()
        return solution

    @property
    def warm(self) -> bool:
        """Whether an earlier relaxation left a basis to start from."""
        return self._basis is not None

    @property
    def basis(self) -> highspy.HighsBasis | None:
        """Where simplex starts the next time; None to start by interior point where callers ask `warm` first."""
        return self._basis

    @basis.setter
    def basis(self, basis: highspy.HighsBasis | None) -> None:
        self._basis = basis if basis is not None and self._fits(basis) else None
        self._relaxed_is_there = self._fixed_is_warm = False

    def _fits(self, basis: highspy.HighsBasis) -> bool:
        """Whether a basis has the shape of the model: that of a model before more modes came into it has not."""
        shape = (self._highs.getNumCol(), self._highs.getNumRow())
        return (len(basis.col_status), len(basis.row_status)) == shape

    def last_basis(self) -> highspy.HighsBasis:
        """Where the last linear program ended, to come back to."""
        return self._last.getBasis()

    def solve_fixed(self, values: FloatArray, *, time_limit: float, interior_point: bool | None = None) -> LpSolution:
        """Solve with whole columns fixed at the nearest whole values of ``values``; bounds are restored afterwards.

        Simplex goes on from the last such program, else from the basis of the relaxation: both are dual feasible
        whatever the values. 1 to 6 s on the world instance, against 4 to 5 s by interior point and 30 s from nothing.
        Unless told, interior point is taken only when there is no such basis.

        Whole columns whose value is NaN are left open: the best whole values for them are found first.
        """
        fixed = np.round(values)
        is_open = self.form.integer & np.isnan(fixed)
        if not is_open.any():
            return self.solve_between(fixed, fixed, time_limit=time_limit, interior_point=interior_point)
        lower, upper = np.where(is_open, self.form.lower, fixed), np.where(is_open, self.form.upper, fixed)
        found = self.solve_between(lower, upper, time_limit=time_limit, interior_point=interior_point)
        if found.ending is not Ending.OPTIMAL:
            return found
        settled = found.values[is_open]
        if (abs(settled - np.round(settled)) > NEARLY_WHOLE).any():
            best = self._search_between(lower, upper, time_limit=time_limit)
            if best.values is None:
                return replace(found, ending=best.ending)
            settled = best.values[is_open]
        fixed[is_open] = np.round(settled)
        return self.solve_between(fixed, fixed, time_limit=time_limit)

    def _search_between(self, lower: FloatArray, upper: FloatArray, *, time_limit: float) -> MipSolution:
        """Best whole values of the few whole columns that their bounds here leave open."""
        columns = np.flatnonzero(self.form.integer)
        self._change_bounds(self._highs, columns, lower[columns], upper[columns])
        try:
            return self.solve_mip(gap=0.0, gap_absolute=0.0, time_limit=time_limit)
        finally:
            self._change_bounds(self._highs, columns, self.form.lower[columns], self.form.upper[columns])

    def solve_between(
        self,
        lower: FloatArray,
        upper: FloatArray,
        *,
        time_limit: float,
        interior_point: bool | None = None,
        from_relaxation: bool = False,
        start: highspy.HighsBasis | None = None,
    ) -> LpSolution:
        """Solve with integrality dropped and whole columns within bounds of their own, which are restored afterwards.

        Parameters
        ----------
        lower, upper
            By column; only those of whole columns count.
        from_relaxation
            Start simplex from the basis of the relaxation, and not from where the last such program ended.
        start
            A basis to start simplex from instead.
        """
        if from_relaxation or start is not None:
            self._fixed_is_warm = False
        start = self._basis if start is None else start
        if interior_point is None:
            interior_point = not self.warm
        columns = np.flatnonzero(self.form.integer)
        highs = self._highs
        self._integrality(whole=False)
        self._change_bounds(highs, columns, lower[columns], upper[columns])
        self._set(highs, solver="ipm" if interior_point else "simplex", time_limit=self._limit(highs, time_limit))
        if not interior_point and start is not None and not self._fixed_is_warm:
            self._check(highs.setBasis(start), "a basis")
        try:
            solution = self._run_lp(highs)
        finally:
            self._change_bounds(highs, columns, self.form.lower[columns], self.form.upper[columns])
        self._fixed_is_warm = solution.ending in (Ending.OPTIMAL, Ending.INFEASIBLE)
        return solution

    def solve_mip(
        self,
        *,
        gap: float,
        gap_absolute: float,
        time_limit: float,
        start: FloatArray | None = None,
        target: float = np.inf,
        give_up_below: float = -np.inf,
        watch: Callable[[MipProgress], None] | None = None,
        effort: float = USUAL_EFFORT,
    ) -> MipSolution:
        """Solve with integrality, from a known plan if there is one; stop at a plan that reaches ``target``.

        Stop also when the bound proves that no plan reaches ``give_up_below``.

        Parameters
        ----------
        effort
            Share of its work that HiGHS spends on finding plans; with the least it does not start again either, as few
            columns are open and the plan is good.

        Notes
        -----
        HiGHS 1.16 rarely takes a starting plan to be worth more than it is, once presolve has shortened it, and
        then prunes better plans. That shows at once, and the search is made again without the starting plan.
        """
        began = self.clock()
        limit = time_limit if self._deterministic else np.inf
        searching = _Searching(watch, target, give_up_below, limit, start_given=start is not None)
        self._prepare_search(gap, gap_absolute, np.inf if self._deterministic else time_limit, effort)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = start.tolist()
            self._check(self._highs.setSolution(solution), "a starting plan")
        self._searching = searching
        try:
            ending = self._run(self._highs)
        finally:
            self._searching = _Searching()
        if ending is Ending.INTERRUPTED and self._worked - began > limit:
            ending = Ending.TIME
        if searching.start_misread and searching.best_seen < target and not self._stop.is_set():
            self._check(self._highs.clearSolver(), "forgetting a plan")
            return self.solve_mip(
                gap=gap,
                gap_absolute=gap_absolute,
                time_limit=max(0.0, time_limit - (self.clock() - began)),
                target=target,
                give_up_below=give_up_below,
                watch=watch,
                effort=effort,
            )
        return self._mip_solution(ending)

    def _prepare_search(self, gap: float, gap_absolute: float, time_limit: float, effort: float) -> None:
        self._integrality(whole=True)
        self._fixed_is_warm = False
        self._set(self._highs, solver="choose", time_limit=time_limit, mip_rel_gap=gap, mip_abs_gap=gap_absolute)
        self._set(self._highs, mip_heuristic_effort=effort, mip_allow_restart=effort > LEAST_EFFORT)

    def _mip_solution(self, ending: Ending) -> MipSolution:
        info = self._highs.getInfo()
        found = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
        values = np.asarray(self._highs.getSolution().col_value, dtype=np.float64)
        return MipSolution(
            ending=ending,
            objective=self._worth(values) if found else -np.inf,
            bound=info.mip_dual_bound,
            values=values if found else None,
            nodes=max(0, info.mip_node_count),
        )

    def set_cost(self, cost: FloatArray, offset: float) -> None:
        """Change the objective in place."""
        super().set_cost(cost, offset)
        self._fixed_is_warm = False  # the next relaxation ends dual feasible, the last fixed program did not

    def add_rows(self, rows: sparse.csr_array, upper: FloatArray) -> None:
        """Add rows as every model does, so that the relaxation goes on from where it ended."""
        super().add_rows(rows, upper)
        self._fixed_is_warm = False
        self._basis = self._relaxed.getBasis() if self._relaxed_is_there else None

    def _forget_basis(self) -> None:
        self.basis = None

    def without_rows(self, rows: NDArray[np.bool_]) -> HighsSession:
        """A session of its own for the model as it is now, less some of the rows of `form`."""
        form = self._form_without(rows)
        return HighsSession(
            form, threads=self._threads, seed=self._seed, stop=self._stop, deterministic=self._deterministic
        )

    def _run_lp(self, highs: highspy.Highs) -> LpSolution:
        ending = self._run(highs)
        self._last = highs
        solution = highs.getSolution()
        return LpSolution(
            ending=ending,
            objective=highs.getInfo().objective_function_value if ending is Ending.OPTIMAL else -np.inf,
            values=np.asarray(solution.col_value, dtype=np.float64),
            reduced_costs=np.asarray(solution.col_dual, dtype=np.float64),
            row_duals=np.asarray(solution.row_dual, dtype=np.float64),
        )

    def _run(self, highs: highspy.Highs) -> Ending:
        status = highs.run()
        if status == highspy.HighsStatus.kError:
            # All HiGHS models of a thread share one pool, and a run that wants another number of threads is refused.
            highs.resetGlobalScheduler(True)
            status = highs.run()
        self._check(status, "the solve", allow_warning=True)
        info = highs.getInfo()
        simplex = max(0, info.simplex_iteration_count) + max(0, info.crossover_iteration_count)
        linear = simplex + INTERIOR_POINT_ITERATION * max(0, info.ipm_iteration_count)
        self._worked += self._work(highs, SEARCH_STEP * self._search_steps or linear)
        self._search_steps = 0
        return _ENDINGS.get(highs.getModelStatus(), Ending.OTHER)

    def _work(self, highs: highspy.Highs, iterations: int) -> float:
        """Seconds for which iterations of simplex count."""
        return iterations * highs.getNumNz() / WORK_A_SECOND

    def _report(self, event: highspy.HighsCallbackEvent) -> None:
        data, searching = event.data_out, self._searching
        if not self._deterministic:
            searching.hopeless = data.mip_dual_bound < searching.give_up_below
        if searching.watch is not None:
            searching.watch(MipProgress(searching.best_seen, data.mip_dual_bound, max(0, data.mip_node_count)))

    def _note_plan(self, event: highspy.HighsCallbackEvent) -> None:
        data, searching = event.data_out, self._searching
        worth = self._worth(np.asarray(data.mip_solution))
        searching.best_seen = max(searching.best_seen, worth)
        if searching.start_given and data.objective_function_value > worth + MISREAD * max(1.0, abs(worth)):
            searching.start_misread = True

    def _worth(self, values: FloatArray) -> float:
        """Objective of a plan, from its columns: what HiGHS says of a starting plan may be wrong."""
        return float(self._cost @ values + self._offset)

    def _interrupt(self, event: highspy.HighsCallbackEvent) -> None:
        assert event.data_in is not None
        # Said either way: HiGHS remembers the last answer, also into the next run.
        event.data_in.user_interrupt = self._stop.is_set() or self._searching.is_over

    def _interrupt_mip(self, event: highspy.HighsCallbackEvent) -> None:
        """Interrupt a search; HiGHS asks at points that its work determines, and logs when the clock says so."""
        if self._deterministic:
            self._search_steps += 1
            done, searching = self._work(self._highs, SEARCH_STEP * self._search_steps), self._searching
            over = event.data_out.mip_dual_bound < searching.give_up_below or done > searching.work_limit
            searching.hopeless = bool(over)
        self._interrupt(event)
