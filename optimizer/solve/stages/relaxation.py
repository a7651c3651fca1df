"""The linear relaxation: a proven bound, and how many modules it would build where."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.solve.implied_rows import meet_all
from optimizer.solve.search import Search
from optimizer.solve.session import Ending


@dataclass(frozen=True)
class Relaxation:
    """Solve with integrality dropped: by interior point, or by simplex from the basis of an earlier solve."""

    name: str = "linear relaxation"

    def applies(self, search: Search) -> bool:
        """Always: without it nothing is proven."""
        return search.relaxation is None

    def run(self, search: Search) -> None:
        """Prove the bound; without whole columns this is the plan as well."""
        search.report()
        found = search.session.solve_relaxation(interior_point=search.cold, time_limit=search.seconds_left())
        if found.ending is not Ending.OPTIMAL:
            search.ending = found.ending
            return
        search.relaxation = found
        search.tighten(found.objective)
        if not search.session.form.integer.any():
            search.keep(found.values, found.objective, exact=True)
        search.report()


@dataclass(frozen=True)
class TakeImpliedRows:
    """Take in rows that every plan meets and the relaxation breaks."""

    name: str = "implied rows"

    def applies(self, search: Search) -> bool:
        """Where rows were set aside."""
        return search.relaxation is not None and search.implied is not None

    def run(self, search: Search) -> None:
        """Tighten the bound round by round."""
        assert search.relaxation is not None
        assert search.implied is not None

        def tell(bound: float) -> None:
            search.tighten(bound)
            search.report()

        search.relaxation = meet_all(
            search.session,
            search.implied,
            search.relaxation,
            seconds_left=search.seconds_left,
            goes_on=search.goes_on,
            tell=tell,
        )
