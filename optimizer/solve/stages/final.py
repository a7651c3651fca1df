"""The last linear program: exact continuous decisions for the plan that is kept."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search


@dataclass(frozen=True)
class FinalProgram:
    """Solve with whole columns fixed.

    Attributes
    ----------
    least_seconds
        Time that it has even when the limit is reached: without it the plan is only within tolerances.
    """

    name: str = "final linear program"
    least_seconds: float = 30.0

    def applies(self, search: Search) -> bool:
        """Where the plan comes from branch and bound."""
        return search.values is not None and not search.exact

    def run(self, search: Search) -> None:
        """Replace the plan by the exact one, even if that earns a hair less."""
        found = search.session.solve_fixed(
            search.whole_plan(), time_limit=max(self.least_seconds, search.seconds_left()), interior_point=search.cold
        )
        if found.ending is Ending.OPTIMAL:
            search.values, search.incumbent, search.exact = found.values, found.objective, True
        search.report()
