"""Plans of related models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search
from optimizer.solve.standard_form import FloatArray


@dataclass(frozen=True)
class EarlierPlans:
    """Try the plans that were given to start from, their whole columns fixed."""

    name: str = "earlier plans"

    def applies(self, search: Search) -> bool:
        """Where there are any, also when time is up: they are all there may be."""
        return search.relaxation is not None and not search.exact and bool(search.starts)

    def run(self, search: Search) -> None:
        """Solve with each."""
        _try(search, search.starts)


@dataclass(frozen=True)
class PlansInReserve:
    """The same with the plans in reserve, where rounding left the gap open."""

    name: str = "earlier plans"

    def applies(self, search: Search) -> bool:
        """Where there are any and the gap is open."""
        return search.relaxation is not None and bool(search.reserves) and search.goes_on()

    def run(self, search: Search) -> None:
        """Solve with each."""
        _try(search, search.reserves)


def _try(search: Search, plans: Sequence[FloatArray]) -> None:
    form = search.session.form
    for start in plans:
        plan = search.session.solve_fixed(
            np.clip(start, form.lower, form.upper), time_limit=search.seconds_left(), interior_point=search.cold
        )
        if plan.ending is Ending.OPTIMAL:
            search.keep(plan.values, plan.objective, exact=True)
            search.report()
