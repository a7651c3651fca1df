"""A first plan of a large model, from the same instance on a grid of years.

On years the model has less than half of the rows and its relaxation is solved in a third of the time. That begins as
soon as the instance is loaded, while the model asked is built. Its modules are made whole date by date without solving
anything, and valued on the grid asked with the power options that the years use. The years overstate what chips earn,
but the plan is one of the model asked and worth what is said of it.

World instance, seconds of one core on a machine that others used (a relaxation of 20 s): model 1.2, relaxation of
years 5.8, value 3.4, 4.0 % below the relaxation. Tried and dropped: half-years, 2.1 % after 25; a dive down the
dates of years, 3.9 % and 3.6 more seconds; one or two power options a site, 5.3 to 5.9 % and 1.7 to 2.8 fewer; only
the chips that the years use in a zone, 7.5 % without any gain; all power options when valuing, 3 more seconds for
nothing; no new modules at all, 98 % after 3; the relaxation of years only to 0.1 or 1 % and without crossover, 47 or
40 of 60 iterations, but the last are the cheap ones (8 to 18 % less), and with the options that are then in use above
some 10 MW the plan is 3.7 to 5.3 % below and its value takes longer by as much.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import replace

import numpy as np

from optimizer.instance.calendar import Calendar, Span
from optimizer.instance.instance import Instance
from optimizer.model.build import PlanModel, build_model
from optimizer.solve.columns import site_columns
from optimizer.solve.dive import STEP_THRESHOLD, rounded_by_date
from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import FloatArray, StandardForm, standard_form
from optimizer.solve.stopping import AnyStop

#: Shares of the GW of the relaxation to build, until a plan is possible.
SHARES = (1.0, 0.5)
#: Smaller models, by sites times periods, have their relaxation solved in a few seconds.
LEAST_SITE_PERIODS = 3_000
#: Capacity below this [GW] is not used.
UNUSED = 1e-6


class Sketch:
    """A first plan under way: the relaxation on years is solved in a thread of its own, from the beginning on.

    So the model asked is built meanwhile, which is then only needed for the value of the modules found.
    """

    def __init__(self, instance: Instance, stop: threading.Event) -> None:
        self._settings = instance.settings.solver
        self._stop = AnyStop(stop)
        self._model = build_model(_all_whole(replace(instance, calendar=years_of(instance.calendar))))
        self._form = standard_form(self._model.pyomo)
        self._relaxed: Future[LpSolution] = Future()
        threading.Thread(target=self._relax, name="sketch of years", daemon=True).start()

    def _session(self, form: StandardForm, stop: threading.Event) -> HighsSession:
        settings = self._settings
        return HighsSession(form, threads=1, seed=settings.seed, stop=stop, deterministic=settings.deterministic)

    def _relax(self) -> None:
        limit = self._settings.time_limit_seconds
        try:
            session = self._session(self._form, self._stop)
            self._relaxed.set_result(session.solve_relaxation(interior_point=True, time_limit=limit))
        except BaseException as error:  # raised again by who asks for the plan
            self._relaxed.set_exception(error)

    def end(self) -> None:
        """Stop if it is still under way; nobody asks for the plan any more."""
        self._stop.set()

    def plan(self, model: PlanModel, form: StandardForm, stop: threading.Event, seconds: float) -> LpSolution | None:
        """Plan of the model asked; None if there is none this way or no time for it."""
        until = time.monotonic() + seconds
        self._stop.heed(stop)
        relaxed = self._relaxed.result()
        if relaxed.ending is not Ending.OPTIMAL:
            return None
        years, on_years = self._model, self._form
        on_years.load(relaxed.values)
        valuing = self._session(replace(form, upper=_upper(years, model, form)), stop)
        sites = site_columns(years, on_years)
        for share in SHARES:
            if stop.is_set():
                return None
            on_years.load(rounded_by_date(relaxed.values, sites, share))
            found = _valued(valuing, _whole(years, model, form), until - time.monotonic())
            if found.ending is not Ending.INFEASIBLE:
                return found if found.ending is Ending.OPTIMAL else None
        return None


def begin_sketch(instance: Instance, stop: threading.Event) -> Sketch | None:
    """Begin a first plan; None where the relaxation takes but seconds, or nothing is coarser, or no core is idle."""
    settings, calendar = instance.settings.solver, instance.calendar
    # In deterministic mode the number of threads makes no difference, to anything.
    idle_core = settings.threads > 1 or settings.deterministic
    is_large = len(instance.sites) * len(calendar) >= LEAST_SITE_PERIODS
    if not (idle_core and is_large and len(calendar.years) < len(calendar)):
        return None
    return Sketch(instance, stop)


def _upper(years: PlanModel, model: PlanModel, form: StandardForm) -> FloatArray:
    """Upper bounds of the model asked without the power options that years leave unused."""
    used = {key[:2] for key, variable in years.pyomo.capacity.items() if variable.value > UNUSED}
    unused = {id(variable) for key, variable in model.pyomo.capacity.items() if key[:2] not in used}
    idle = np.fromiter((id(variable) in unused for variable in form.variables), dtype=np.bool_)
    return np.where(idle, form.lower, form.upper)


def _whole(years: PlanModel, model: PlanModel, form: StandardForm) -> FloatArray:
    """Whole columns of the model asked: on each date what years have committed by then; quota steps open."""
    known: dict[str, list[tuple[int, float]]] = {}
    begins = years.context.timing.start
    for (site, d), variable in years.pyomo.modules.items():
        known.setdefault(site, []).append((begins(d), variable.value))
    wanted: dict[int, float] = {}
    begins = model.context.timing.start
    opened = model.pyomo.opened
    for (site, d), variable in model.pyomo.modules.items():
        counts = [count for month, count in known.get(site, ()) if month <= begins(d)]
        wanted[id(variable)] = counts[-1] if counts else 0.0
        if (site, d) in opened:
            wanted[id(opened[site, d])] = float(wanted[id(variable)] > 0)
    values = np.fromiter((wanted.get(id(variable), np.nan) for variable in form.variables), dtype=np.float64)
    return np.where(form.integer, values, 0.0)


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
