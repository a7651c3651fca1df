"""Who is served from which open site: the transport program, for one set of open sites after another."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from optimizer.console import stdout_closed
from optimizer.solve.location.problem import BoolArray, IndexArray, LocationProblem
from optimizer.solve.outcomes import SolverError
from optimizer.solve.standard_form import FloatArray

#: Cheapest sites of each customer, at given prices, whose arcs are in the program from the beginning.
NEAREST = 12
#: HiGHS takes differences of 1e-7 in costs and amounts for nothing: the largest cost and a customer's share of demand
#: are made so much.
LARGEST_COST, USUAL_DEMAND = 1e4, 1e2
#: Unserved demand costs so many times the dearest arc, and an arc is missing if it would save this share of that.
DEAR, MISSING = 10.0, 1e-10
#: Shares of demand and capacity up to which nothing is left over, and nothing used.
UNSERVED = 1e-9


@dataclass(frozen=True)
class Service:
    """Best service from a set of open sites.

    Attributes
    ----------
    cost
        With the fixed cost of the sites that serve somebody or stand anyhow; infinite if demand cannot be met.
    used
        These sites, shape (sites,).
    amounts
        Who gets how much from where, shape (sites, customers).
    work
        Iterations of simplex, each times the entries of the program.
    """

    cost: float
    used: BoolArray
    amounts: FloatArray
    work: float


class Transport:
    """The transport program, kept in HiGHS from one set of open sites to the next.

    Only arcs that are among the cheapest, or were once missing, are in it; what is missing at the optimum is taken in
    until nothing is, so that every answer is exact.
    """

    def __init__(self, problem: LocationProblem, prices: FloatArray, sites: IndexArray) -> None:
        self._problem = problem
        count, customers = problem.unit_cost.shape
        finite = np.isfinite(problem.unit_cost)
        largest = float(np.abs(problem.unit_cost[finite]).max(initial=0.0))
        self._money, self._amount = LARGEST_COST / (largest or 1.0), USUAL_DEMAND * customers / problem.total_demand
        self._cost, self._dear = problem.unit_cost * self._money, DEAR * LARGEST_COST
        self._present = np.zeros((count, customers), dtype=np.bool_)
        with stdout_closed():
            self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("log_to_console", False), ("threads", 1), ("solver", "simplex"), ("presolve", "off")):
            self._check(self._highs.setOptionValue(option, value))
        # Rows: demand of each customer, then capacity of each site; columns: unserved demand of each, then arcs.
        demand = problem.demand * self._amount
        lower = np.concatenate([demand, np.full(count, -np.inf)])
        upper = np.concatenate([demand, np.zeros(count)])
        empty = np.zeros(0, dtype=np.int32)
        rows = len(lower)
        self._check(self._highs.addRows(rows, lower, upper, 0, np.zeros(rows, dtype=np.int32), empty, np.zeros(0)))
        starts = np.arange(customers, dtype=np.int32)
        self._check(
            self._highs.addCols(
                customers, np.full(customers, self._dear), np.zeros(customers), np.full(customers, np.inf),
                customers, starts, starts, np.ones(customers),
            )
        )  # fmt: skip
        self._owner = np.zeros(0, dtype=np.intp)
        self._customer = np.zeros(0, dtype=np.intp)
        near = np.zeros_like(self._present)
        nearest = min(NEAREST, len(sites))
        if nearest:
            cheapest = np.argpartition(problem.unit_cost[sites], nearest - 1, axis=0)[:nearest]
            near[sites[cheapest], np.arange(customers)] = True
        near[sites] |= problem.unit_cost[sites] < prices
        self._take(near & finite)
        self._open = np.zeros(count, dtype=np.bool_)

    def serve(self, opened: BoolArray, worthwhile: float = np.inf) -> Service:
        """Serve all demand from the open sites at least cost.

        Parameters
        ----------
        worthwhile
            Where this and more is the least cost, with all sites that are open, it need not be known: it is then given
            as infinite. Dual simplex raises a limit on the cost step by step and ends there.
        """
        problem = self._problem
        customers = len(problem.demand)
        changed = np.flatnonzero(opened != self._open)
        limits = np.where(opened, problem.capacity * self._amount, 0.0)[changed]
        rows = (customers + changed).astype(np.int32)
        for row, limit in zip(rows.tolist(), limits.tolist(), strict=True):
            self._check(self._highs.changeRowBounds(row, -np.inf, limit))
        self._open = opened.copy()
        work = 0.0
        limit = (worthwhile - float(problem.fixed_cost[opened].sum())) * self._money * self._amount
        self._check(self._highs.setOptionValue("objective_bound", limit))
        while True:
            self._run()
            work += max(0, self._highs.getInfo().simplex_iteration_count) * self._highs.getNumNz()
            status = self._highs.getModelStatus()
            if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kObjectiveBound):
                message = f"HiGHS ended a transport program as {status}"
                raise SolverError(message)
            solution = self._highs.getSolution()
            duals = np.asarray(solution.row_dual)
            prices, rents = duals[:customers], duals[customers:]
            saving = prices + rents[:, None] - self._cost
            missing = (saving > MISSING * self._dear) & ~self._present & opened[:, None]
            if not missing.any():
                break
            self._take(missing)
        if status == highspy.HighsModelStatus.kObjectiveBound:
            return Service(np.inf, opened, np.zeros(problem.unit_cost.shape), work)
        return self._service(np.asarray(solution.col_value), opened, work)

    def _service(self, values: FloatArray, opened: BoolArray, work: float) -> Service:
        problem = self._problem
        customers = len(problem.demand)
        amounts = np.zeros(problem.unit_cost.shape)
        if values[:customers].sum() > UNSERVED * USUAL_DEMAND * customers:
            return Service(np.inf, opened, amounts, work)
        amounts[self._owner, self._customer] = np.maximum(values[customers:], 0.0) / self._amount
        load = amounts.sum(axis=1)
        used = problem.stands | (opened & (load > UNSERVED * problem.capacity))
        serving = self._highs.getInfo().objective_function_value / (self._money * self._amount)
        cost = float(serving + problem.fixed_cost[used].sum())
        return Service(cost, used, amounts, work)

    def _run(self) -> None:
        status = self._highs.run()
        if status == highspy.HighsStatus.kError:
            # As in `HighsSession`: the pool that all models share may be one for another number of threads.
            self._highs.resetGlobalScheduler(True)
            status = self._highs.run()
        self._check(status)

    def _take(self, arcs: BoolArray) -> None:
        """Add arcs to the program."""
        self._present |= arcs
        owner, customer = np.nonzero(arcs)
        count, customers = len(owner), len(self._problem.demand)
        rows = np.stack([customer, customers + owner], axis=1).astype(np.int32).ravel()
        self._check(
            self._highs.addCols(
                count, self._cost[owner, customer], np.zeros(count), np.full(count, np.inf),
                2 * count, 2 * np.arange(count, dtype=np.int32), rows, np.ones(2 * count),
            )
        )  # fmt: skip
        self._owner = np.concatenate([self._owner, owner])
        self._customer = np.concatenate([self._customer, customer])

    @staticmethod
    def _check(status: highspy.HighsStatus) -> None:
        if status == highspy.HighsStatus.kError:
            message = "HiGHS refused a transport program"
            raise SolverError(message)
