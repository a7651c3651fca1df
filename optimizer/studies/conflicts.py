"""Why no plan exists: a smallest set of limits that no plan can meet together (formulation.md 2.13).

1. Elastic filter (Chinneck): let every limit give way at a price, forbid what gave way, and repeat until
   nothing helps. The limits forbidden so far contradict each other.
2. Deletion filter: set these aside one at a time, limit by limit and then date by date; what is not
   missed stays aside. What is left is minimal: without any one of its limits the others can be met.
3. The same with whole modules, because integrality may let fewer limits contradict each other.

A conflict is a statement about its own members: limits outside of it play no part. An instance may hold
several conflicts; setting one member aside then helps, but is not enough.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.diagnostics import Place
from optimizer.instance.instance import Instance
from optimizer.model.build import build_model
from optimizer.model.plan_model import PlanModel
from optimizer.solve.standard_form import StandardForm, standard_form
from optimizer.studies.elastic import VISIBLE, ElasticModel, Relief, Verdict, row_relief
from optimizer.studies.limit_index import LimitKey, LimitRow, limit_rows
from optimizer.studies.site_limits import with_site_limits
from optimizer.studies.soft_rules import soften_prohibitions, with_cells_of_refusals, words_of_rule


@dataclass(frozen=True)
class Member:
    """A limit of a conflict, with the dates at which it takes part.

    Attributes
    ----------
    places
        Where its numbers stand.
    says
        What a rule says, and where the law stands; empty for other limits.
    """

    limit: LimitKey
    whens: tuple[str, ...]
    places: tuple[Place, ...]
    says: str = ""


@dataclass(frozen=True)
class Conflict:
    """Limits that no plan meets together.

    Attributes
    ----------
    members
        Empty if even a plan without limits contradicts itself, or if the search ran out of time.
    needs_whole_modules
        True if fractions of modules would meet all members.
    minimal
        Whether it was shown that the others can be met without any one member.
    is_all
        Whether all other limits can be met once the members are set aside; else there are further conflicts.
    """

    members: tuple[Member, ...]
    needs_whole_modules: bool
    minimal: bool
    is_all: bool


class ConflictSearch:
    """Conflicts of one infeasible instance.

    Parameters
    ----------
    seconds
        Time that all questions together may take.

    Attributes
    ----------
    deadline
        Moment on the monotonic clock after which models made by `elastic` answer no more.
    """

    def __init__(self, instance: Instance, *, threads: int, seed: int, stop: threading.Event, seconds: float) -> None:
        self.original = instance
        self.instance = soften_prohibitions(instance)
        self.threads, self.seed, self.stop = threads, seed, stop
        self.deadline = time.monotonic() + seconds

    @cached_property
    def plan(self) -> PlanModel:
        """Model in which denials are caps of nothing, and refused licences permits for nothing."""
        return build_model(self.instance)

    @cached_property
    def _form_and_rows(self) -> tuple[StandardForm, tuple[LimitRow, ...]]:
        form = standard_form(self.plan.pyomo)
        opened, of_sites = with_site_limits(self.plan, form)
        of_tables = with_cells_of_refusals(limit_rows(self.plan, form), self.original)
        return opened, (*of_tables, *of_sites)

    @property
    def form(self) -> StandardForm:
        """Its matrix, with what fits on a site as rows."""
        return self._form_and_rows[0]

    @property
    def rows(self) -> tuple[LimitRow, ...]:
        """Its limits, row by row; reliefs are numbered alike."""
        return self._form_and_rows[1]

    @cached_property
    def _model(self) -> ElasticModel:
        return self.elastic([row_relief((row.position, *row.also), self._scale(row)) for row in self.rows])

    def elastic(self, reliefs: Sequence[Relief]) -> ElasticModel:
        """Make the model with other reliefs."""
        return ElasticModel(
            self.form, reliefs, threads=self.threads, seed=self.seed, stop=self.stop, deadline=self.deadline
        )

    def _scale(self, row: LimitRow) -> float:
        """Size of a limit, by which what gives way is made comparable."""
        sides = (self.form.row_lower[row.position], self.form.row_upper[row.position])
        return max([abs(float(side)) for side in sides if abs(side) < 1e30] + [1.0])

    def find(self) -> Conflict:
        """Find one conflict. The instance must be known to be infeasible."""
        everything = set(range(len(self.rows)))
        whole = False
        kept = self._elastic_filter(everything, whole=False)
        if kept is None:
            whole, kept = True, self._elastic_filter(everything, whole=True)
        if kept is None:
            return Conflict((), needs_whole_modules=whole, minimal=False, is_all=False)
        if not whole:
            kept = self._delete(kept, everything, whole=False)
            kept = self._delete_dates(kept, everything, whole=False)
        before, kept = kept, self._delete(kept, everything, whole=True)
        if before != kept or whole:
            kept = self._delete_dates(kept, everything, whole=True)
        return self._conflict(kept, everything)

    def _elastic_filter(self, everything: set[int], *, whole: bool) -> set[int] | None:
        """Rows that contradict each other, or None if all of them can be met (or time is up)."""
        kept: set[int] = set()
        while True:
            answer = self._model.ask(priced=everything - kept, whole=whole)
            if answer.verdict is Verdict.INFEASIBLE:
                return kept
            gave_way = {k for k in everything - kept if answer.reliefs[k] > VISIBLE}
            if answer.verdict is Verdict.UNKNOWN or not gave_way:
                return None
            kept |= gave_way

    def _delete(self, kept: set[int], everything: set[int], *, whole: bool) -> set[int]:
        """Set limits aside that are not missed."""
        for limit in sorted({self.rows[k].limit for k in kept}):
            rest = {k for k in kept if self.rows[k].limit != limit}
            if self._contradict(rest, everything, whole=whole) is Verdict.INFEASIBLE:
                kept = rest
        return kept

    def _delete_dates(self, kept: set[int], everything: set[int], *, whole: bool) -> set[int]:
        """Set dates of limits aside that are not missed, the last ones first."""
        for k in sorted(kept, reverse=True):
            if self._contradict(kept - {k}, everything, whole=whole) is Verdict.INFEASIBLE:
                kept = kept - {k}
        return kept

    def _contradict(self, kept: set[int], everything: set[int], *, whole: bool) -> Verdict:
        return self._model.ask(free=everything - kept, whole=whole).verdict

    def _conflict(self, kept: set[int], everything: set[int]) -> Conflict:
        limits = sorted({self.rows[k].limit for k in kept})
        without = [
            self._contradict({k for k in kept if self.rows[k].limit != limit}, everything, whole=True)
            for limit in limits
        ]
        others = {k for k in everything if self.rows[k].limit not in limits}
        return Conflict(
            members=tuple(self._member(limit, [self.rows[k] for k in sorted(kept)]) for limit in limits),
            needs_whole_modules=self._contradict(kept, everything, whole=False) is Verdict.FEASIBLE,
            minimal=all(verdict is Verdict.FEASIBLE for verdict in without),
            is_all=self._contradict(others, everything, whole=True) is Verdict.FEASIBLE,
        )

    def _member(self, limit: LimitKey, rows: Iterable[LimitRow]) -> Member:
        own = [row for row in rows if row.limit == limit]
        cells = dict.fromkeys(cell for row in own for cell in row.cells)
        places = tuple(self.original.locator.place(cell) for cell in cells)
        says = words_of_rule(self.original, limit.name) if limit.is_rule else ""
        return Member(limit, tuple(dict.fromkeys(row.when for row in own)), places, says)
