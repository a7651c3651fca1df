"""A first plan of a large model, from the same instance on a grid of years.

On years the model has less than half of the rows and its relaxation is solved in a third of the time. Its modules are
made whole date by date without solving anything, and valued on the grid asked with the power options that the years
use. The years overstate what chips earn, but the plan is one of the model asked and worth what is said of it.

World instance, seconds of one core on a machine that others used (a relaxation of 20 s): model 1.2, relaxation of
years 5.8, value 3.4, 4.0 % below the relaxation. Tried and dropped: half-years, 2.1 % after 25; a dive down the
dates of years, 3.9 % and 3.6 more seconds; one or two power options a site, 5.3 to 5.9 % and 1.7 to 2.8 fewer; only
the chips that the years use in a zone, 7.5 % without any gain; all power options when valuing, 3 more seconds for
nothing; no new modules at all, 98 % after 3.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

import numpy as np

from optimizer.instance.calendar import Calendar, Span
from optimizer.instance.instance import Instance
from optimizer.model.build import PlanModel, build_model
from optimizer.solve.columns import site_columns
from optimizer.solve.dive import STEP_THRESHOLD, rounded_by_date
from optimizer.solve.session import Ending, HighsSession, LpSolution
from optimizer.solve.standard_form import FloatArray, StandardForm, standard_form

#: Shares of the GW of the relaxation to build, until a plan is possible.
SHARES = (1.0, 0.5)
#: Capacity below this [GW] is not used.
UNUSED = 1e-6


@dataclass(frozen=True)
class Sketch:
    """A model and its matrix, of which a first plan is wanted."""

    model: PlanModel
    form: StandardForm

    def plan(self, stop: threading.Event, seconds: float) -> LpSolution | None:
        """Make the plan; None if there is none this way or no time for it."""
        until = time.monotonic() + seconds
        instance = self.model.context.instance
        settings = instance.settings.solver
        yearly = years_of(instance.calendar)
        if len(yearly) == len(instance.calendar):
            return None

        def session(form: StandardForm) -> HighsSession:
            return HighsSession(form, threads=1, seed=settings.seed, stop=stop, deterministic=settings.deterministic)

        coarse = build_model(_all_whole(replace(instance, calendar=yearly)))
        coarse_form = standard_form(coarse.pyomo)
        relaxed = session(coarse_form).solve_relaxation(interior_point=True, time_limit=until - time.monotonic())
        if relaxed.ending is not Ending.OPTIMAL:
            return None
        coarse_form.load(relaxed.values)
        valuing = session(replace(self.form, upper=self._upper(coarse)))
        sites = site_columns(coarse, coarse_form)
        for share in SHARES:
            if stop.is_set():
                return None
            coarse_form.load(rounded_by_date(relaxed.values, sites, share))
            left = until - time.monotonic()
            found = _valued(valuing, self._whole(coarse), left)
            if found.ending is not Ending.INFEASIBLE:
                return found if found.ending is Ending.OPTIMAL else None
        return None

    def _upper(self, coarse: PlanModel) -> FloatArray:
        """Upper bounds without the power options that the coarse model leaves unused."""
        used = {key[:2] for key, variable in coarse.pyomo.capacity.items() if variable.value > UNUSED}
        unused = {id(variable) for key, variable in self.model.pyomo.capacity.items() if key[:2] not in used}
        idle = np.fromiter((id(variable) in unused for variable in self.form.variables), dtype=np.bool_)
        return np.where(idle, self.form.lower, self.form.upper)

    def _whole(self, coarse: PlanModel) -> FloatArray:
        """Whole columns of the model: on each date what the coarse one has committed by then; quota steps open."""
        known: dict[str, list[tuple[int, float]]] = {}
        begins = coarse.context.timing.start
        for (site, d), variable in coarse.pyomo.modules.items():
            known.setdefault(site, []).append((begins(d), variable.value))
        wanted: dict[int, float] = {}
        begins = self.model.context.timing.start
        opened = self.model.pyomo.opened
        for (site, d), variable in self.model.pyomo.modules.items():
            counts = [count for month, count in known.get(site, ()) if month <= begins(d)]
            wanted[id(variable)] = counts[-1] if counts else 0.0
            if (site, d) in opened:
                wanted[id(opened[site, d])] = float(wanted[id(variable)] > 0)
        values = np.fromiter((wanted.get(id(variable), np.nan) for variable in self.form.variables), dtype=np.float64)
        return np.where(self.form.integer, values, 0.0)


def _all_whole(instance: Instance) -> Instance:
    """The instance with whole modules on all dates: a year has not the same dates with fractions as its quarters."""
    model = instance.settings.model.model_copy(update={"integer_until": None})
    return replace(instance, settings=instance.settings.model_copy(update={"model": model}))


def _valued(session: HighsSession, whole: FloatArray, seconds: float) -> LpSolution:
    """Worth of whole columns; the quota steps left open are bought where the relaxation buys them for the most part."""
    is_open = session.form.integer & np.isnan(whole)
    if is_open.any():
        lower, upper = (np.where(is_open, bound, whole) for bound in (session.form.lower, session.form.upper))
        relaxed = session.solve_between(lower, upper, time_limit=seconds, interior_point=True)
        if relaxed.ending is not Ending.OPTIMAL:
            return relaxed
        whole = np.where(is_open, np.ceil(relaxed.values - STEP_THRESHOLD), whole)
    return session.solve_fixed(whole, time_limit=seconds, interior_point=not is_open.any())


def years_of(calendar: Calendar) -> Calendar:
    """The plan in calendar years, the first and the last as long as they are, with a decision date in each."""
    spans = (Span(max(calendar.start, 12 * year), min(calendar.end, 12 * year + 12)) for year in calendar.years)
    return Calendar(tuple(spans), tuple(range(len(calendar.years))))
