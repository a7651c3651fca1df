"""A first plan, made while the relaxation is being solved."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from optimizer.solve.search import Search
from optimizer.solve.session import Ending


class _EitherStop(threading.Event):
    """Set when it is set itself, or when the whole solve is stopped."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()


@dataclass
class _Thread:
    """The thread that sketches, its plan kept in the search as soon as there is one."""

    search: Search
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = _EitherStop(self.search.stop)
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
    """Start to make a first plan on the second core, where the relaxation will take long.

    It is a plan to have when time runs out or the user interrupts: after 12 s of 21 s on the world instance, 4 %
    below the bound that is proven later.

    Attributes
    ----------
    least_rows
        Smaller models have their relaxation solved in a few seconds.
    """

    name: str = "first plan"
    least_rows: int = 25_000

    def applies(self, search: Search) -> bool:
        """Where there are rows and cores enough, and no basis to start from."""
        form = search.session.form
        large = form.matrix.shape[0] >= self.least_rows and bool(form.integer.any())
        # In deterministic mode the number of threads makes no difference, to anything.
        second_core = search.settings.threads > 1 or search.settings.deterministic
        return search.helps.sketch is not None and large and search.cold and second_core and search.needs_relaxation()

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
