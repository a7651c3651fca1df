"""What can be said of every plan before anything is solved."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.solve.implied_rows import require_fewest_modules, set_aside
from optimizer.solve.search import Search


@dataclass(frozen=True)
class Presolve:
    """Set implied rows aside if there are many, and count the modules that every plan needs at least.

    Everything else that presolve could do on data is done before: what can never be used is not in the model
    (`optimizer.model`).
    """

    name: str = "presolve"

    def applies(self, search: Search) -> bool:
        """Before the relaxation, if one is needed."""
        return search.needs_relaxation()

    def run(self, search: Search) -> None:
        """Continue in a session without the implied rows, if there are many."""
        session, search.implied = set_aside(search.session)
        if search.implied is not None:
            search.continue_in(session)
            require_fewest_modules(session, search.sites, search.seconds_left())
        search.cold = not session.warm
