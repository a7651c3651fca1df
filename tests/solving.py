"""Solve a small instance in memory, the way `optimizer.run` strings the pieces together."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Objective
from optimizer.model.build import PlanModel, build_model
from optimizer.plan.extract import instance_of_plan, plan_tables
from optimizer.plan.tables import PlanTables
from optimizer.solve.columns import site_columns
from optimizer.solve.outcomes import Ending
from optimizer.solve.pipeline import Helps, Solution, solve
from optimizer.solve.second_stage import most_valuable
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import StandardForm, standard_form
from optimizer.solve.step_rows import raised_limits


@dataclass(frozen=True)
class Solved:
    """A solved instance."""

    model: PlanModel
    form: StandardForm
    solution: Solution

    @property
    def feasible(self) -> bool:
        """Whether a plan was found."""
        return self.solution.values is not None

    @property
    def objective(self) -> float:
        """Objective of the plan; fails when the solve did not prove it optimal."""
        assert self.solution.ending is Ending.OPTIMAL, self.solution.stopped_because
        return self.solution.incumbent

    @cached_property
    def tables(self) -> PlanTables:
        """Tables of the plan."""
        assert self.solution.values is not None, self.solution.stopped_because
        self.form.load(self.solution.values)
        return plan_tables(self.model)

    @cached_property
    def instance(self) -> Instance:
        """The instance with the dispatch modes that the plan runs in."""
        assert self.solution.values is not None, self.solution.stopped_because
        self.form.load(self.solution.values)
        return instance_of_plan(self.model)

    @property
    def npv(self) -> float:
        """Discounted sum of the cash table [B USD]."""
        return sum(row.pv_busd for row in self.tables.cash)

    def modules(self) -> dict[tuple[str, str], float]:
        """New modules by site and decision period."""
        return {(row.site, row.committed): row.modules for row in self.tables.phases if not row.fact}

    def installed(self) -> dict[tuple[str, str, str], float]:
        """Million chips that arrive, by site, chip and period."""
        return {(row.site, row.chip, row.period): row.installed_million for row in self.tables.chips}

    def cash(self, category: str) -> float:
        """Undiscounted cash of a category over the plan [B USD]."""
        return sum(row.busd for row in self.tables.cash if row.category == category)


def solve_small(instance: Instance) -> Solved:
    """Build, solve to a gap of nothing and keep everything that was made on the way."""
    model = build_model(instance)
    form = standard_form(model.pyomo)
    settings, stop = instance.settings.solver, threading.Event()
    session = HighsSession(form, threads=settings.threads, seed=settings.seed, stop=stop)
    sites = site_columns(model, form)
    helps = Helps(raised=raised_limits(model, form))
    solution = solve(session, settings, observer=lambda _: None, stop=stop, sites=sites, helps=helps)
    if instance.settings.objective is Objective.COMPUTE:
        solution = most_valuable(session, model, form, solution)
    return Solved(model, form, solution)
