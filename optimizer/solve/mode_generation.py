"""Dispatch modes made at the prices of the plan, until no mode that is missing could improve it (SEMANTICS 12.14).

Each round solves the relaxation with the modes so far and asks every site and year for the mode that is worth most at
its prices: a small LP (`optimizer.power.unit_year`). What such modes could add at most, for all load that a site can
ever draw, bounds every plan on any modes. Modes know no prices or years, so what one year asks for serves them all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.model.build import PlanModel
from optimizer.model.dispatch import SiteYear
from optimizer.power.mode import Mode, ModePrices
from optimizer.power.modes import SiteModes
from optimizer.power.rows import PowerError
from optimizer.solve.events import Observer, SolveEvent
from optimizer.solve.mode_master import MasterOptimum, ModeMaster
from optimizer.solve.standard_form import FloatArray, StandardForm

STAGE = "dispatch modes"
#: A mode is worth having if it improves what a TWh of load costs by this share.
WORTHWHILE = 1e-9
#: Improvement of a plan by further modes that is none, as share of it.
NO_IMPROVEMENT = 1e-6
MOST_ROUNDS = 200


@dataclass(frozen=True)
class Round:
    """One solve of the relaxation.

    Attributes
    ----------
    modes
        Known before it, of all sites.
    objective
        With these modes.
    bound
        Least proven limit so far on any plan with any modes.
    found
        Modes that it asked for and that were not known.
    """

    number: int
    modes: int
    objective: float
    bound: float
    found: int

    @property
    def gap(self) -> float:
        """Most that modes not made yet may add, over the objective."""
        return max(0.0, self.bound - self.objective) / max(abs(self.objective), 1e-9)


@dataclass(frozen=True)
class Generated:
    """How modes were made; `added` of them were not known before."""

    rounds: tuple[Round, ...]
    added: int
    seconds: float

    @property
    def bound(self) -> float:
        """Limit on any plan with any modes; infinite without a round."""
        return self.rounds[-1].bound if self.rounds else np.inf

    @property
    def improves(self) -> bool:
        """Whether the modes made are worth more than `NO_IMPROVEMENT` of the objective."""
        if not self.rounds:
            return False
        first, last = self.rounds[0].objective, self.rounds[-1].objective
        return last - first > NO_IMPROVEMENT * max(1.0, abs(first))


def generate_modes(
    model: PlanModel,
    form: StandardForm,
    modes: SiteModes,
    *,
    gap: float,
    seconds: float,
    observer: Observer,
    stop: threading.Event,
    fixed: FloatArray | None = None,
) -> Generated:
    """Add modes to the pools of sites until those that are missing may add no more than a share of the objective.

    Parameters
    ----------
    model, form
        Built with the modes that are known.
    gap
        That share.
    seconds
        Most time it may take; rounds so far stand.
    fixed
        Values at which whole columns are held; None: the linear relaxation.

    Raises
    ------
    SitePowerError
        If the weather of a site cannot be made.
    """
    began, before = time.monotonic(), modes.count
    master = ModeMaster(model, form, seed=model.context.instance.settings.solver.seed, fixed=fixed)
    rounds: list[Round] = []
    bound, patient = np.inf, True
    while len(rounds) < MOST_ROUNDS and not stop.is_set():
        left = seconds - (time.monotonic() - began)
        optimum = master.solve(left) if left > 0 else None
        if optimum is None and not rounds and patient and left > 0:
            master.allow_missing()
            patient = False
            continue
        if optimum is None:
            break
        known, worth = modes.count, _Worth(master, modes, optimum)
        found = worth.find()
        if optimum.missing <= 1e-9:
            bound = min(bound, optimum.objective + worth.most_gain)
        rounds.append(Round(len(rounds) + 1, known, optimum.objective, bound, len(found)))
        _tell(observer, rounds[-1], time.monotonic() - began, fixed=fixed is not None)
        for site, mode in found:
            for key in master.years:
                if modes.physics[key[0]].key == modes.physics[site].key:
                    master.add(key, mode)
        if not found or rounds[-1].gap <= gap:
            break
    return Generated(tuple(rounds), modes.count - before, time.monotonic() - began)


@dataclass
class _Worth:
    """What modes that are missing are worth at the prices of a relaxation.

    Attributes
    ----------
    most_gain
        Most that they could add to the objective.
    """

    master: ModeMaster
    modes: SiteModes
    optimum: MasterOptimum
    most_gain: float = 0.0

    def find(self) -> Sequence[tuple[str, Mode]]:
        """Add the best mode of every site and year to its pool; return those that were not known, each once."""
        found: list[tuple[str, Mode]] = []
        asked: dict[tuple[object, ...], tuple[float, Mode] | None] = {}
        for key, rows in self.master.years.items():
            value, prices = self.master.prices(key, self.optimum)
            if value <= 0:
                continue
            question = (self.modes.physics[key[0]].key, *_rounded(prices), tuple(rows.energy))
            if question not in asked:
                asked[question] = self._cheapest(key, prices)
            answer = asked[question]
            if answer is not None and value - answer[0] > 0:
                self.most_gain += rows.most_load * (value - answer[0])
                worthwhile = value - answer[0] > WORTHWHILE * value
                if worthwhile and self.modes.pool(key[0]).add(answer[1]):
                    found.append((key[0], answer[1]))
        return found

    def _cheapest(self, key: SiteYear, prices: ModePrices) -> tuple[float, Mode] | None:
        try:
            return self.modes.pricer(key[0]).cheapest(prices, tuple(self.master.years[key].energy))
        except PowerError:
            return None  # what can stand in this year carries no load


def _rounded(prices: ModePrices) -> tuple[object, ...]:
    def of(values: dict[str, float]) -> tuple[tuple[str, float], ...]:
        return tuple((name, round(value, 12)) for name, value in sorted(values.items()))

    served = (round(prices.cut, 12), round(prices.grid_peak, 12))
    return (
        of(dict(prices.capacity)),
        of(dict(prices.energy)),
        round(prices.storage, 12),
        of(dict(prices.shape or {})),
        *served,
    )


def _tell(observer: Observer, made: Round, seconds: float, *, fixed: bool) -> None:
    what = "modules fixed, " if fixed else ""
    bound = f"{made.bound:.6f}" if np.isfinite(made.bound) else "none yet"
    gap = f", gap {made.gap:.1e}" if np.isfinite(made.bound) else ""
    message = f"{what}round {made.number}: {made.modes} modes, relaxation {made.objective:.6f}, bound {bound}{gap}"
    observer(SolveEvent(STAGE, seconds, message=message))


__all__ = ["NO_IMPROVEMENT", "Generated", "Round", "generate_modes"]
