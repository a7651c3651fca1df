"""A model whose limits can be set aside or made to give way, one by one, by bounds on extra columns alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from scipy import sparse

from optimizer.solve.outcomes import Ending
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import FloatArray, StandardForm

#: A relaxation below this is a rounding error.
VISIBLE = 1e-7


class Verdict(Enum):
    """Whether some plan exists."""

    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Relief:
    """A way in which limits may give way.

    Attributes
    ----------
    rows, amounts
        What one unit of it adds to the allowance of each row: positive amounts always help.
    cost
        Price of one unit when reliefs are weighed against each other.
    """

    rows: tuple[int, ...]
    amounts: tuple[float, ...]
    cost: float = 1.0


@dataclass(frozen=True)
class Answer:
    """Outcome of one question; `reliefs` holds how much of each was used."""

    verdict: Verdict
    reliefs: FloatArray


class ElasticModel:
    """A model with reliefs.

    Parameters
    ----------
    form
        The model; its objective is left out.
    reliefs
        Each becomes a column: closed, free, or open at its cost.
    deadline
        Moment on the monotonic clock after which questions are no longer answered.
    """

    def __init__(
        self,
        form: StandardForm,
        reliefs: Sequence[Relief],
        *,
        threads: int,
        seed: int,
        stop: threading.Event,
        deadline: float,
    ) -> None:
        self._count, self._columns = len(reliefs), form.matrix.shape[1]
        self._costs = np.array([relief.cost for relief in reliefs], dtype=np.float64)
        self._deadline = deadline
        self._has_integers = bool(form.integer.any())
        self._session = HighsSession(_with_reliefs(form, reliefs), threads=threads, seed=seed, stop=stop)

    def ask(
        self, *, free: Collection[int] = (), priced: Collection[int] = (), whole: bool = False, seconds: float = 30
    ) -> Answer:
        """Look for a plan with some limits set aside and others made to give way as cheaply as possible.

        Parameters
        ----------
        free
            Reliefs that cost nothing: their limits are set aside.
        priced
            Reliefs at their cost, of which the least is taken. All others are closed.
        whole
            Whether modules must be whole.
        """
        upper = np.zeros(self._count)
        upper[list(free)] = np.inf
        upper[list(priced)] = np.inf
        columns = np.arange(self._columns, self._columns + self._count)
        self._session.set_bounds(columns, np.zeros(self._count), upper)
        cost = np.zeros(self._columns + self._count)
        cost[self._columns + np.array(sorted(priced), dtype=np.intp)] = -self._costs[sorted(priced)]
        self._session.set_cost(cost, 0.0)
        left = self._deadline - time.monotonic()
        if left <= 0:
            return Answer(Verdict.UNKNOWN, np.zeros(self._count))
        seconds = min(seconds, left)
        if whole and self._has_integers:
            return self._ask_mip(seconds, optimise=bool(priced))
        outcome = self._session.solve_relaxation(interior_point=not self._session.warm, time_limit=seconds)
        return self._answer(outcome.ending, outcome.values if outcome.ending is Ending.OPTIMAL else None)

    def _ask_mip(self, seconds: float, *, optimise: bool) -> Answer:
        found = self._session.solve_mip(gap=1e-6 if optimise else 1.0, gap_absolute=0.0, time_limit=seconds)
        return self._answer(found.ending, found.values)

    def _answer(self, ending: Ending, values: FloatArray | None) -> Answer:
        if values is not None:
            return Answer(Verdict.FEASIBLE, values[self._columns :])
        verdict = Verdict.INFEASIBLE if ending is Ending.INFEASIBLE else Verdict.UNKNOWN
        return Answer(verdict, np.zeros(self._count))


def row_relief(rows: tuple[int, ...], scale: float) -> Relief:
    """Relief of rows that give way together, in the direction in which they are bounded; ``scale`` of it cost 1."""
    return Relief(rows, (1.0,) * len(rows), 1 / scale)


def _with_reliefs(form: StandardForm, reliefs: Sequence[Relief]) -> StandardForm:
    rows, columns = form.matrix.shape
    entries = [
        (_direction(form, row) * amount, row, number)
        for number, relief in enumerate(reliefs)
        for row, amount in zip(relief.rows, relief.amounts, strict=True)
    ]
    values, places, numbers = zip(*entries, strict=True) if entries else ((), (), ())
    extra = sparse.csc_array((np.array(values, dtype=np.float64), (places, numbers)), shape=(rows, len(reliefs)))
    return replace(
        form,
        matrix=sparse.csc_array(sparse.hstack([form.matrix, extra])),
        cost=np.zeros(columns + len(reliefs)),
        offset=0.0,
        lower=np.concatenate([form.lower, np.zeros(len(reliefs))]),
        upper=np.concatenate([form.upper, np.zeros(len(reliefs))]),
        integer=np.concatenate([form.integer, np.zeros(len(reliefs), dtype=np.bool_)]),
        variables=[],
    )


def _direction(form: StandardForm, row: int) -> float:
    """Sign with which relief enters a row.

    -1 for a ceiling and +1 for a floor. A balance is the margin of a ratio rule, which grows with
    what the rule selects and may not be positive: relief takes its part.
    """
    balance = form.row_lower[row] == form.row_upper[row]
    return 1.0 if balance or np.isinf(form.row_upper[row]) else -1.0
