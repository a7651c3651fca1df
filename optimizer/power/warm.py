"""One linear program at several costs, each solve starting from the optimum of the one before.

Between years of a mix only costs change: the last basis stays feasible, and the primal simplex moves on from it in a
few steps where a solve from nothing takes hundreds.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np

from optimizer.console import stdout_closed
from optimizer.power.profiles import Hours
from optimizer.power.rows import LinearProgram, PowerError, as_highs

_PRIMAL_SIMPLEX, _DEVEX = 4, 1


class WarmProgram:
    """A program that is ready to be solved. To be made in the main thread; solves may run in any other."""

    def __init__(self, program: LinearProgram) -> None:
        with stdout_closed():
            self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        # Measured on sites of the world: a fifth of the time of a solve with presolve.
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("simplex_dual_edge_weight_strategy", _DEVEX)
        self._highs.passModel(as_highs(program))
        self._columns = np.arange(len(program.cost), dtype=np.int32)

    def solve(self, costs: Sequence[Hours]) -> list[Hours]:
        """Optimal variables at each cost vector, in the order given, on which it depends which of several optima.

        HiGHS keeps the number of threads of the first solve in a thread, and refuses others there: call this in a
        thread of its own.

        Raises
        ------
        PowerError
            If there is no optimum; says which kind of failure.
        """
        found = []
        for cost in costs:
            self._highs.changeColsCost(len(self._columns), self._columns, cost)
            self._highs.run()
            status = self._highs.getModelStatus()
            if status != highspy.HighsModelStatus.kOptimal:
                message = f"the power of the site has no optimum: {self._highs.modelStatusToString(status).lower()}"
                raise PowerError(message)
            found.append(np.array(self._highs.getSolution().col_value))
            self._highs.setOptionValue("simplex_strategy", _PRIMAL_SIMPLEX)
        return found
