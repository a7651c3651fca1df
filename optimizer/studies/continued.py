"""Searches on a live model that make dispatch modes for the plans they find, as a solve does (SEMANTICS 12.15)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import highspy
import numpy as np

from optimizer.instance.schema.settings import SolverSettings
from optimizer.solve.events import Observer
from optimizer.solve.exact_power import LEAST_SECONDS, MOST_SEARCHES, start_of
from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.pipeline import Helps, Solution, solve
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import FloatArray
from optimizer.solve.step_rows import raised_limits
from optimizer.studies.live import LiveModel


class ContinuedSearch:
    """Searches a live model, and takes in the modes that the plan found asks for, until none improves it."""

    def __init__(self, live: LiveModel, observer: Observer, stop: threading.Event) -> None:
        self._live, self._observer, self._stop = live, observer, stop
        self._last_fixed: tuple[HighsSession | None, highspy.HighsBasis | None] = None, None

    def best(self, settings: SolverSettings, starts: Sequence[FloatArray], reserves: Sequence[FloatArray]) -> Solution:
        """Search from plans; where modes made for the plan found improve it, go on from it with these."""
        began = time.monotonic()
        found = self._search(settings, starts, reserves)
        for _ in range(MOST_SEARCHES - 1):
            whole = self._with_modes_for(found.values, settings)
            if whole is None:
                break
            start = start_of(self._live.form, whole)
            left = max(LEAST_SECONDS, settings.time_limit_seconds - (time.monotonic() - began))
            again = self._search(settings.model_copy(update={"time_limit_seconds": left}), start, [])
            if again.values is not None and again.incumbent >= found.incumbent:
                found = again
                continue
            kept = self._fixed(start[0], left)  # a plan of the model as it is now, and no worse than the one before
            values = kept.values if kept.ending is Ending.OPTIMAL else None
            found = Solution(values, kept.objective, again.bound, again.ending, again.stopped_because)
            break
        if found.ending is Ending.TIME:
            found = replace(found, stopped_because=f"time limit of {settings.time_limit_seconds:g} s")
        return found

    def operated(self, start: FloatArray, settings: SolverSettings) -> tuple[LpSolution, bool]:
        """Solve with the whole columns of ``start`` on all modes that improve it; whether some are new to the model."""
        found = self._fixed(start, settings.time_limit_seconds)
        if found.ending is not Ending.OPTIMAL:
            return found, False
        whole = self._with_modes_for(found.values, settings)
        if whole is None:
            return found, False
        return self._fixed(start_of(self._live.form, whole)[0], settings.time_limit_seconds), True

    def _search(
        self, settings: SolverSettings, starts: Sequence[FloatArray], reserves: Sequence[FloatArray]
    ) -> Solution:
        return solve(
            self._live.session,
            settings,
            observer=self._observer,
            stop=self._stop,
            sites=self._live.sites,
            starts=starts,
            reserves=reserves,
            helps=Helps(raised=raised_limits(self._live.plan, self._live.form)),
        )

    def _with_modes_for(self, values: FloatArray | None, settings: SolverSettings) -> FloatArray | None:
        """Whole columns of a plan, if modes that it asks for improve it; the model has them then."""
        if values is None or self._stop.is_set():
            return None
        whole = values[self._live.form.integer]
        made = self._live.make_modes(seconds_for_modes(settings), self._observer, fixed=values)
        return None if made is None else whole

    def _fixed(self, start: FloatArray, seconds: float) -> LpSolution:
        """Solve with the whole columns of ``start``, from where the last such program of the same model ended.

        Plans of a study resemble each other more than they resemble the relaxation, whose basis is kept for itself.
        """
        session = self._live.session
        relaxed, (of, basis) = session.basis, self._last_fixed
        if of is session:
            session.basis = basis
        found = session.solve_fixed(start, time_limit=seconds)
        if found.ending is Ending.OPTIMAL:
            self._last_fixed = session, session.last_basis()
        session.basis = relaxed
        return found


def seconds_for_modes(settings: SolverSettings) -> float:
    """Most time for making modes: where plans must not depend on how busy the machine is, they are made to the end."""
    return np.inf if settings.deterministic else settings.time_limit_seconds


__all__ = ["ContinuedSearch", "seconds_for_modes"]
