"""Quota steps bought whole: rows for the relaxation before the search for plans, taken away after it."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search, TakenRows
from optimizer.solve.step_rows import as_matrix, most_broken


@dataclass(frozen=True)
class TakeStepRows:
    """Tighten the relaxation by rows that buy steps whole (`optimizer.solve.step_rows`), round by round.

    Attributes
    ----------
    rounds
        At most.
    each
        Rows of a group in a round.
    worthwhile
        Share of the bound that a round must lower it by, for another to follow.
    """

    name: str = "whole steps"
    rounds: int = 12
    each: int = 5
    worthwhile: float = 3e-5

    def applies(self, search: Search) -> bool:
        """Where steps raise stocks and the gap is open."""
        return search.relaxation is not None and bool(search.helps.raised) and search.goes_on()

    def run(self, search: Search) -> None:
        """Take rows in while they lower the bound."""
        session = search.session
        for _ in range(self.rounds):
            assert search.relaxation is not None
            rows = most_broken(search.helps.raised, search.relaxation.values, self.each)
            if not rows or not search.goes_on():
                return
            if search.step_rows is None:
                search.step_rows = TakenRows(session.row_count, session.basis)
            session.add_rows(*as_matrix(rows, len(session.form.cost)))
            found = session.solve_relaxation(interior_point=False, time_limit=search.seconds_left())
            if found.ending is not Ending.OPTIMAL:
                return
            gained = search.relaxation.objective - found.objective
            search.relaxation = found
            search.tighten(found.objective)
            search.report()
            if gained < self.worthwhile * abs(found.objective):
                return


@dataclass(frozen=True)
class DropStepRows:
    """Take the rows of `TakeStepRows` away: prices and later solves are those of the model as it was given."""

    name: str = "rows of whole steps dropped"

    def applies(self, search: Search) -> bool:
        """Where rows were taken in."""
        return search.step_rows is not None

    def run(self, search: Search) -> None:
        """Go back to the model as it was given."""
        assert search.step_rows is not None
        search.session.drop_rows(search.step_rows.first)
        search.session.basis = search.step_rows.basis
        search.step_rows = None


__all__ = ["DropStepRows", "TakeStepRows"]
