"""A model that stays alive between the points of a study: edited in place, rebuilt only with a stated reason."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.instance.instance import Instance
from optimizer.model.build import build_model, record_cash
from optimizer.model.chip_supply import unsold_limits
from optimizer.model.context import Vacuous
from optimizer.model.demand import block_sizes
from optimizer.model.limit_families import LIMIT_FAMILIES
from optimizer.model.objective import objective_terms
from optimizer.model.plan_model import PlanModel
from optimizer.model.power import capacity_limits
from optimizer.model.rows import LinearRow
from optimizer.power.modes import RememberingStore, SiteModes
from optimizer.power.store import default_store
from optimizer.solve.columns import site_columns
from optimizer.solve.events import Observer
from optimizer.solve.exact_power import needs_modes
from optimizer.solve.mode_generation import NO_IMPROVEMENT, generate_modes
from optimizer.solve.session import HighsSession
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.standard_form import FloatArray, StandardForm, standard_form
from optimizer.studies.edits import Bounds, Effect, RebuildReason, difference


@dataclass(frozen=True)
class Transition:
    """What a move to another instance took.

    Attributes
    ----------
    rebuild
        Why the model was built anew, or None if it was edited.
    detail
        What forced the rebuild, e.g. ``sites.lead_months``.
    entries
        Bounds, costs and coefficients pushed into the live solver.
    """

    rebuild: RebuildReason | None
    detail: str = ""
    entries: int = 0


@dataclass(frozen=True)
class HeldBounds:
    """Columns and their bounds."""

    columns: NDArray[np.integer]
    lower: FloatArray
    upper: FloatArray


class _VanishingError(Exception):
    """A row or column of the new instance does not exist in the live model."""


class LiveModel:
    """A model inside HiGHS that follows an instance from point to point.

    After every `move_to`, rows, bounds and costs in HiGHS are those that a model built from the
    new instance would have; a test holds the two against each other entry by entry.
    """

    def __init__(self, *, threads: int, seed: int, stop: threading.Event) -> None:
        self._threads, self._seed, self._stop = threads, seed, stop
        self._store = RememberingStore(default_store())
        self._instance: Instance | None = None
        self._modes_are_settled = False
        self._held: Callable[[], HeldBounds] | None = None
        self._as_they_were: HeldBounds
        self.plan: PlanModel
        self.form: StandardForm
        self.session: HighsSession
        self.sites: tuple[SiteColumns, ...]
        self._vacuous: tuple[Vacuous, ...] = ()
        self._columns: Mapping[int, int] = {}
        self._rows: dict[str, int] = {}

    @property
    def instance(self) -> Instance:
        """Instance that the model stands at, with the dispatch modes that it knows."""
        assert self._instance is not None, "there is no model yet"
        return self._instance

    def move_to(self, instance: Instance) -> Transition:
        """Make the live model that of ``instance`` with all modes known so far, by edits if its differences allow."""
        if needs_modes(instance):
            settled = self._modes_are_settled and self._instance is not None
            if settled:
                known = self.instance
                instance = replace(instance, dispatch_modes=known.dispatch_modes, dispatch_loads=known.dispatch_loads)
            else:
                instance = SiteModes(instance, self._store).within(instance)
        return self._move_to(instance)

    def make_modes(self, seconds: float, observer: Observer, *, fixed: FloatArray | None = None) -> Transition | None:
        """Make the dispatch modes that the model asks for where it stands, and take them in.

        None if there was nothing to add: a price or a limit that changed may leave the modes as they are.

        Parameters
        ----------
        fixed
            Plan whose whole columns are held; modes that improve it by next to nothing are forgotten, as they would
            only make the next point build the model anew. None: the linear relaxation.

        Raises
        ------
        SitePowerError
            If the weather of a site cannot be made.
        """
        if self._modes_are_settled or not needs_modes(self.instance):
            return None
        modes, gap = SiteModes(self.instance, self._store), self.instance.settings.power.mode_gap
        made = generate_modes(
            self.plan,
            self.session.as_it_is(),
            modes,
            gap=gap if fixed is None else min(NO_IMPROVEMENT, gap),
            seconds=seconds,
            observer=observer,
            stop=self._stop,
            fixed=fixed,
        )
        if not made.added or (fixed is not None and not made.improves):
            return None
        modes.keep()
        return self._move_to(modes.within(self.instance))

    def settle_modes(self) -> None:
        """Make no more modes from here on: for a study that refers to columns and rows of the model as it stands."""
        self._modes_are_settled = True

    @contextmanager
    def held(self, bounds: Callable[[], HeldBounds]) -> Iterator[None]:
        """Hold columns within other bounds, also in models that are built meanwhile.

        Parameters
        ----------
        bounds
            Says which columns of the model as it is then, and within which bounds.
        """
        assert self._held is None, "columns are held already"
        self._held = bounds
        self._hold()
        try:
            yield
        finally:
            self._held = None
            self._bound_columns(self._as_they_were)

    def _hold(self) -> None:
        """Bound the columns that are held, and remember how they were."""
        if self._held is not None:
            wanted, form = self._held(), self.form
            columns = wanted.columns
            self._as_they_were = HeldBounds(columns, form.lower[columns].copy(), form.upper[columns].copy())
            self._bound_columns(wanted)

    def _bound_columns(self, wanted: HeldBounds) -> None:
        self.form.lower[wanted.columns], self.form.upper[wanted.columns] = wanted.lower, wanted.upper
        self.session.set_bounds(wanted.columns, wanted.lower, wanted.upper)

    def _move_to(self, instance: Instance) -> Transition:
        if self._instance is None:
            return self._rebuild(instance, RebuildReason.FIRST, "")
        found = difference(self._instance, instance)
        if found.structural:
            return self._rebuild(instance, RebuildReason.STRUCTURE, ", ".join(found.structural))
        try:
            entries = self._edit(instance, found.effect)
        except _VanishingError as error:
            return self._rebuild(instance, RebuildReason.MEMBERSHIP, str(error))
        self._instance = instance
        return Transition(None, entries=entries)

    def _rebuild(self, instance: Instance, reason: RebuildReason, detail: str) -> Transition:
        self.plan = build_model(instance)
        self.form = standard_form(self.plan.pyomo)
        self.session = HighsSession(self.form, threads=self._threads, seed=self._seed, stop=self._stop)
        self.sites = site_columns(self.plan, self.form)
        self._columns = self.form.column_of
        self._rows = {name: row for row, name in enumerate(self.form.row_names)}
        self._instance = instance
        self._vacuous = tuple(self.plan.context.vacuous)
        self._hold()
        return Transition(reason, detail)

    def _edit(self, instance: Instance, effect: Effect) -> int:
        plan = self.plan.for_instance(instance)
        bounds = self._new_bounds(plan, effect)
        if effect.money:
            record_cash(plan)
            self._check_accounts(plan)
        elif "capital_spent" not in effect.families:
            plan.context.cash.capital.update(self.plan.context.cash.capital)
            plan.context.cash.fixed_capital.update(self.plan.context.cash.fixed_capital)
        rows = {family: LIMIT_FAMILIES[family](plan) for family in sorted(effect.families)}
        changes = [
            self._row_change(plan, family, index, row) for family, made in rows.items() for index, row in made.items()
        ]
        self._check_membership(plan, rows)
        entries = self._push_bounds(bounds) + sum(self._push_row(change) for change in changes if change is not None)
        if effect.money:
            entries += self._push_objective(plan)
        self.plan = plan
        return entries

    @property
    def columns_by_site(self) -> Mapping[str, SiteColumns]:
        """Whole columns of every site that may still be built on."""
        names = [site for site, dates in self.plan.siting.dates.items() if dates]
        return dict(zip(names, self.sites, strict=True))

    @property
    def size(self) -> dict[str, int]:
        """Size of the model, as manifests give it."""
        return {
            "columns": self.form.matrix.shape[1],
            "rows": self.form.matrix.shape[0],
            "nonzeros": int(self.form.matrix.nnz),
            "integers": int(self.form.integer.sum()),
        }

    @property
    def vacuous(self) -> list[Mapping[str, str]]:
        """Rows of the instance that had no effect when the model was built."""
        return [{"table": row.table, "row": row.row, "reason": row.reason} for row in self._vacuous]

    # --- bounds ------------------------------------------------------------------------------

    def _new_bounds(self, plan: PlanModel, effect: Effect) -> dict[int, float]:
        """Upper bounds by column."""
        upper: dict[int, float] = {}
        for kind in effect.bounds:
            variables = getattr(plan.pyomo, kind.value)
            limits = _limits_of(plan, kind)
            for index in limits:
                if index not in variables:
                    message = f"{kind.value}[{index}] becomes possible"
                    raise _VanishingError(message)
            for index, variable in variables.items():
                if id(variable) in self._columns:
                    upper[self._columns[id(variable)]] = limits.get(index, 0.0)
        return upper

    def _push_bounds(self, upper: Mapping[int, float]) -> int:
        changed = [column for column, value in upper.items() if self.form.upper[column] != value]
        if changed:
            columns = np.asarray(changed)
            self.form.upper[columns] = [upper[column] for column in changed]
            self.session.set_bounds(columns, self.form.lower[columns], self.form.upper[columns])
        return len(changed)

    # --- rows --------------------------------------------------------------------------------

    def _row_change(
        self, plan: PlanModel, family: str, index: Hashable, row: LinearRow
    ) -> tuple[int, LinearRow] | None:
        constraint = getattr(plan.pyomo, family)
        if index not in constraint:
            if row.terms or not row.lower <= 0 <= row.upper:
                message = f"{family}[{index}] appears"
                raise _VanishingError(message)
            return None
        return self._rows[constraint[index].name], row

    def _check_membership(self, plan: PlanModel, rows: Mapping[str, Mapping[Any, LinearRow]]) -> None:
        for family, made in rows.items():
            for index in getattr(plan.pyomo, family):
                if index not in made:
                    message = f"{family}[{index}] vanishes"
                    raise _VanishingError(message)

    def _check_accounts(self, plan: PlanModel) -> None:
        for account in plan.context.cash.accounts():
            if (account.pool, account.country, account.year) not in plan.pyomo.capital:
                message = f"capital is spent in {account.country} in {account.year} now"
                raise _VanishingError(message)

    def _push_row(self, change: tuple[int, LinearRow]) -> int:
        position, row = change
        entries = 0
        if (self.form.row_lower[position], self.form.row_upper[position]) != (row.lower, row.upper):
            self.form.row_lower[position], self.form.row_upper[position] = row.lower, row.upper
            self.session.set_row_bounds(position, row.lower, row.upper)
            entries += 1
        wanted: dict[int, float] = {}
        for coefficient, variable in row.terms:
            column = self._columns.get(id(variable))
            if column is not None:
                wanted[column] = wanted.get(column, 0.0) + coefficient
        for column, coefficient in self._changed_coefficients(position, wanted):
            self.session.set_coefficient(position, column, coefficient)
            entries += 1
        return entries

    def _changed_coefficients(self, row: int, wanted: Mapping[int, float]) -> Iterator[tuple[int, float]]:
        present = self.session.row(row)
        for column in present.keys() | wanted.keys():
            coefficient = wanted.get(column, 0.0)
            if present.get(column, 0.0) != coefficient:
                yield column, coefficient

    # --- objective ---------------------------------------------------------------------------

    def _push_objective(self, plan: PlanModel) -> int:
        terms, constant = objective_terms(plan.context)
        cost = np.zeros(len(self.form.cost))
        for coefficient, variable in terms:
            if id(variable) not in self._columns:
                message = f"{variable.name} earns or costs something now"
                raise _VanishingError(message)
            cost[self._columns[id(variable)]] += coefficient
        changed = int((cost != self.form.cost).sum())
        self.form = self.form.with_objective(cost, constant)
        self.session.form = self.form
        self.session.set_cost(cost, constant)
        return changed


def _limits_of(plan: PlanModel, kind: Bounds) -> Mapping[Any, float]:
    match kind:
        case Bounds.UNSOLD:
            return unsold_limits(plan.fleet)
        case Bounds.BOUGHT:
            known = plan.pyomo.bought
            served = {key[:3] for key in known}
            return {key: size for key, size in block_sizes(plan.context).items() if key[:3] in served}
        case Bounds.CAPACITY:
            return capacity_limits(plan.context, plan.fleet)
