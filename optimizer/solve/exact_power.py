"""Plans whose computed power is exact: modes before the search, and again for the modules that it found.

1. Modes at the prices of the relaxation, until missing ones may add no more than `power.mode_gap`: a bound on every
   plan, and a model that holds what such plans run in.
2. The search, on these modes.
3. Modes at the prices of the plan with its modules fixed, until none improves it. If they improve it, the search goes
   on with them from the plan.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerMethod
from optimizer.model.build import PlanModel, build_model
from optimizer.power.modes import SiteModes
from optimizer.power.store import Store
from optimizer.solve.events import Observer
from optimizer.solve.mode_generation import NO_IMPROVEMENT, Generated, generate_modes
from optimizer.solve.outcomes import Ending
from optimizer.solve.pipeline import Solution
from optimizer.solve.standard_form import FloatArray, StandardForm, standard_form

#: Searches that one after another may take up modes found for the plan of the one before.
MOST_SEARCHES = 4
#: Least time for a search that goes on from a plan [s].
LEAST_SECONDS = 5.0


@dataclass(frozen=True)
class Searched:
    """A model that was searched, with the outcome."""

    instance: Instance
    model: PlanModel
    form: StandardForm
    solution: Solution


Search = Callable[[Instance, FloatArray | None, float], Searched]
"""Builds the model of an instance and searches it, from a plan's whole columns if there is one, for some seconds."""


def needs_modes(instance: Instance) -> bool:
    """Whether the power of an instance is dispatched by modes."""
    return instance.settings.power.method is PowerMethod.COLUMNS and bool(instance.dispatched_sites)


@dataclass
class ExactPower:
    """Makes modes for an instance and its plans.

    Attributes
    ----------
    relaxed
        How the modes of the relaxation were made; None before.
    continued
        How those of plans were made.
    """

    instance: Instance
    store: Store
    observer: Observer
    stop: threading.Event
    relaxed: Generated | None = None
    continued: list[Generated] = field(default_factory=list)

    def __post_init__(self) -> None:
        solver = self.instance.settings.solver
        # Where plans must not depend on how busy the machine is, modes are made to the end.
        self._seconds = np.inf if solver.deterministic else solver.time_limit_seconds
        self.modes = SiteModes(self.instance, self.store)

    def with_modes(self) -> Instance:
        """The instance with all modes known."""
        return self.modes.within(self.instance)

    def complete(self) -> Instance:
        """Make modes until the relaxation is that of all modes, within `power.mode_gap`.

        Raises
        ------
        SitePowerError
            If the weather of a site cannot be made.
        """
        self.modes.begin()
        instance = self.with_modes()
        model = build_model(instance)
        settings = instance.settings
        self.relaxed = generate_modes(
            model,
            standard_form(model.pyomo),
            self.modes,
            gap=settings.power.mode_gap,
            seconds=self._seconds,
            observer=self.observer,
            stop=self.stop,
        )
        if self.relaxed.added:
            self.modes.keep()
        return self.with_modes()

    def search(self, search: Search) -> Searched:
        """Search, and go on as long as modes made for the plan improve it."""
        seconds = self.instance.settings.solver.time_limit_seconds
        began = time.monotonic()
        found = search(self.complete(), None, seconds)
        for _ in range(MOST_SEARCHES - 1):
            if found.solution.values is None or self.stop.is_set() or not self._improves(found):
                break
            start = found.solution.values[found.form.integer]
            left = max(LEAST_SECONDS, seconds - (time.monotonic() - began))
            again = search(self.with_modes(), start, left)
            if again.solution.values is None or again.solution.incumbent < found.solution.incumbent:
                break
            found = again
        if found.solution.ending is Ending.TIME:
            reason = f"time limit of {seconds:g} s"
            found = replace(found, solution=replace(found.solution, stopped_because=reason))
        return found

    def _improves(self, found: Searched) -> bool:
        """Make modes with the modules of a plan fixed; whether they improve it."""
        values = found.solution.values
        assert values is not None
        made = generate_modes(
            found.model,
            found.form,
            self.modes,
            gap=min(NO_IMPROVEMENT, found.instance.settings.power.mode_gap),
            seconds=self._seconds,
            observer=self.observer,
            stop=self.stop,
            fixed=values,
        )
        self.continued.append(made)
        if made.added:
            self.modes.keep()
        return made.improves

    def as_dict(self) -> dict[str, Any]:
        """What the manifest says of modes: how many, in how many rounds, and the limit on plans with any modes."""
        bound = np.inf if self.relaxed is None else self.relaxed.bound
        return {
            "modes": self.modes.count,
            "mode_rounds": 0 if self.relaxed is None else len(self.relaxed.rounds),
            "mode_rounds_of_plans": sum(len(made.rounds) for made in self.continued),
            "mode_gap": self.relaxed.rounds[-1].gap if self.relaxed is not None and self.relaxed.rounds else None,
            "relaxation_bound_busd": float(bound) if np.isfinite(bound) else None,
        }


def start_of(form: StandardForm, whole: FloatArray | None) -> list[FloatArray]:
    """Starting plans from the whole columns of a plan of a model with other modes: modes are no whole columns."""
    if whole is None:
        return []
    start = np.zeros(len(form.lower))
    start[form.integer] = whole
    return [start]


__all__ = ["ExactPower", "Search", "Searched", "needs_modes", "start_of"]
