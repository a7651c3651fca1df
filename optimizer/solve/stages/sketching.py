"""A first plan, made while the relaxation is being solved."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search
from optimizer.solve.stopping import AnyStop


@dataclass
class _Thread:
    """The thread that sketches, its plan kept in the search as soon as there is one."""

    search: Search
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = AnyStop(self.search.stop)
        self._seconds = self.search.seconds_left()
        self._thread = threading.Thread(target=self._run, name="sketch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        assert self.search.helps.sketch is not None
        try:
            plan = self.search.helps.sketch(self._stop, self._seconds)
        except BaseException as error:  # raised again by the thread that waits
            self.errors.append(error)
            return
        if plan is not None and plan.ending is Ending.OPTIMAL:
            self.search.keep(plan.values, plan.objective, exact=True, rough=True)
            self.search.report()

    def finish(self, *, wait: bool) -> None:
        if not wait:
            self._stop.set()
        self._thread.join()
        if self.errors:
            raise self.errors[0]


@dataclass(frozen=True)
class BeginSketch:
    """Let a first plan be made on the second core, where one was begun (`optimizer.solve.sketch`).

    It is a plan to have when time runs out or the user interrupts.
    """

    name: str = "first plan"

    def applies(self, search: Search) -> bool:
        """Where modules must be whole, the relaxation is wanted and there is no basis to start from."""
        wanted = search.cold and search.needs_relaxation()
        return search.helps.sketch is not None and wanted and bool(search.session.form.integer.any())

    def run(self, search: Search) -> None:
        """Start the thread."""
        search.sketching = _Thread(search)


@dataclass(frozen=True)
class EndSketch:
    """End the first plan: what follows finds better ones. In deterministic mode it is always finished."""

    name: str = "end of the first plan"

    def applies(self, search: Search) -> bool:
        """Where one was begun."""
        return search.sketching is not None

    def run(self, search: Search) -> None:
        """Wait, or make an end."""
        assert search.sketching is not None
        search.sketching.finish(wait=search.settings.deterministic or search.relaxation is None)
