"""What is truly decided: sites in every good plan, sites in none, ranges of capacity, and plans that differ.

A plan is good enough if its NPV is at most a share of gross value below the best plan's. Gross value is
the present value of all inflows of the best plan: NPV itself may be near zero, and a share of it nothing.

A site is in every good plan (or in none) if the best that plans without it (or with it) can reach is proven to be
too little: by the linear relaxation, else by a search. Everything else that is said is what found plans show.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.solve.outcomes import Ending
from optimizer.studies.extended import ExtendedModel, Measure
from optimizer.studies.points import BuildPlan, PointResult, PointSolver

#: Differences of NPV below this share of gross value are rounding.
ROUNDING = 1e-7
#: Ranges of capacity are searched to this [GW].
GW_TOLERANCE = 0.01
#: Share of the time for searches that one plan of other sites may take.
DIFFERENT_SHARE = 0.1


class Standing(StrEnum):
    """What becomes of a site in plans that are good enough."""

    MUST = "must build"
    NEVER = "never build"
    FREE = "free"
    OBSERVED_ALWAYS = "built in all plans found"
    OBSERVED_NEVER = "built in no plan found"

    @property
    def certified(self) -> bool:
        """Whether it is proven; a free site is proven by two plans."""
        return self in (Standing.MUST, Standing.NEVER, Standing.FREE)


@dataclass(frozen=True)
class NamedPlan:
    """A plan of the study, audited, with the key of its folder."""

    key: str
    point: PointResult

    @property
    def npv_busd(self) -> float:
        """Net present value."""
        assert self.point.npv_busd is not None
        return self.point.npv_busd

    @property
    def sites(self) -> frozenset[str]:
        """Sites with new modules."""
        return frozenset(site for (site, _), modules in self.point.build.items() if modules)


@dataclass
class Forced:
    """Best NPV of plans in which a site is built, or is not: proven limit, and best plan found."""

    bound: float = np.inf
    best: float = -np.inf
    key: str = ""


@dataclass(frozen=True)
class SiteStanding:
    """A site at one slack."""

    site: str
    name: str
    country: str
    standing: Standing


@dataclass(frozen=True)
class CapacityRange:
    """Range of a capacity over plans that are good enough [GW].

    Attributes
    ----------
    lowest, highest
        Found, in the plans of `lowest_key` and `highest_key`.
    least, most
        Proven limits: no plan that is good enough lies outside.
    """

    kind: str
    group: str
    share: float
    lowest: float
    highest: float
    least: float
    most: float
    lowest_key: str
    highest_key: str


@dataclass(frozen=True)
class Alternatives:
    """The study.

    Attributes
    ----------
    slacks
        Share of gross value, and the NPV below which a plan is not good enough [B USD].
    standings
        Of every site that may be built on, by share.
    forced
        Best NPV with and without each site (True: with it).
    different
        Plans whose sites differ from the best one's and from each other's.
    complete
        False if the budget ended before every doubtful site and range was searched.
    """

    instance: Instance
    best: NamedPlan
    gross_busd: float
    slacks: tuple[tuple[float, float], ...]
    standings: dict[float, tuple[SiteStanding, ...]]
    forced: dict[tuple[str, bool], Forced]
    ranges: tuple[CapacityRange, ...]
    different: tuple[NamedPlan, ...]
    plans: tuple[NamedPlan, ...]
    complete: bool


@dataclass
class _Extreme:
    """Most (or least, by sign) of a capacity within one slack."""

    proven: float = np.inf
    found: float = -np.inf
    key: str = ""


@dataclass
class AlternativesSearch:
    """Makes the study of one instance.

    Parameters
    ----------
    shares
        Slacks as shares of gross value, e.g. 0.01.
    budget_seconds
        Time for searches; when it is spent, linear relaxations alone say what is certain.
    count
        Different plans to look for.
    """

    solver: PointSolver
    instance: Instance
    shares: Sequence[float]
    budget_seconds: float
    count: int = 3
    stop: threading.Event = field(default_factory=threading.Event)
    tell: Callable[[str], None] = lambda _: None

    def run(self, start: BuildPlan | None = None) -> Alternatives | PointResult:
        """Make the study; the result of the solve if there is no plan.

        Raises
        ------
        AuditFailedError
            If a plan does not pass its audit.
        """
        self._plans: list[NamedPlan] = []
        self._columns: dict[str, np.ndarray] = {}
        self._until = time.monotonic() + self.budget_seconds
        self._complete = True
        best = self.solver.solve(self.instance, inherit=[] if start is None else [start])
        if best.tables is None or best.bound is None:
            return best
        self._bound = best.bound
        self._model = ExtendedModel(self.solver, self.instance, self.stop)
        kept = self._keep("best", self._model.exact_plan(best.build))
        if kept is None:
            return best
        self._best = kept
        gross = sum(row.pv_busd for row in best.tables.cash if row.pv_busd > 0)
        noise = ROUNDING * max(1.0, gross)
        self._floors = {share: self._best.npv_busd - share * gross - noise for share in sorted(self.shares)}
        different = tuple(self._different(min(self._floors.values())))
        forced = self._force_sites()
        ranges = tuple(self._ranges())
        return Alternatives(
            instance=self.instance,
            best=self._best,
            gross_busd=gross,
            slacks=tuple(self._floors.items()),
            standings={share: tuple(self._standings(forced, floor)) for share, floor in self._floors.items()},
            forced=forced,
            ranges=ranges,
            different=different,
            plans=tuple(self._plans),
            complete=self._complete,
        )

    # --- plans that differ -------------------------------------------------------------------

    def _different(self, floor: float) -> Iterator[NamedPlan]:
        """Best plans whose sites differ from those of every earlier one in a tenth of them, and at least two sites."""
        apart = max(2, round(0.1 * len(self._best.sites)))
        earlier = [self._best]
        for number in range(1, self.count + 1):
            if not self._time_left():
                return
            with self._model.added():
                for plan in earlier:
                    self._model.require(self._distance(plan), lower=apart)
                found = self._search(f"different-{number}", self._model.objective, floor, share=DIFFERENT_SHARE)
            if found is None:
                return
            earlier.append(found)
            yield found

    def _distance(self, plan: NamedPlan) -> Measure:
        """Sites built in one of two plans only; sites that no whole column tells apart do not count."""
        live = self.solver.live
        values, constant = np.zeros(self._model.size), 0.0
        for site, columns in live.columns_by_site.items():
            last = columns.modules[-1]
            column = columns.opened[-1] if len(columns.opened) else last
            if live.form.upper[column] == 1:
                built = site in plan.sites
                values[column] = -1.0 if built else 1.0
                constant += built
        return Measure(values, constant)

    # --- sites -------------------------------------------------------------------------------

    def _force_sites(self) -> dict[tuple[str, bool], Forced]:
        """Best NPV with and without every site: relaxations first, then searches while time is left."""
        columns = self._model.last_modules()
        forced = {(site, built): Forced() for site in columns for built in (True, False)}
        for built in (True, False):
            self._try_together([site for site in columns if (site in self._best.sites) != built], forced, built=built)
        for (site, built), one in forced.items():
            self._note_plans(site, one, built=built)
            if not self._settled(one) and self._time_left():
                column = columns[site]
                lower, upper = ({column: 1.0}, {}) if built else ({}, {column: 0.0})
                one.bound = min(self._bound, self._model.bound(self._model.objective, lower=lower, upper=upper))
        for (site, built), one in forced.items():
            self._note_plans(site, one, built=built)
            if self._settled(one):
                continue
            if not self._time_left():
                break
            with self._model.added():
                self._force(columns[site], built=built)
                key = f"{'with' if built else 'without'}-{site}"
                self._search(key, self._model.objective, min(self._floors.values()), forced=one)
        for (site, built), one in forced.items():
            self._note_plans(site, one, built=built)
            one.bound = max(min(one.bound, self._bound), one.best)
        return forced

    def _try_together(self, sites: Sequence[str], forced: dict[tuple[str, bool], Forced], *, built: bool) -> None:
        """Add (or leave out) many sites of the best plan at once: one good plan shows it of all; else halve them."""
        for site in sites:
            self._note_plans(site, forced[site, built], built=built)
        doubtful = [site for site in sites if not self._settled(forced[site, built])]
        if not doubtful or not self._time_left():
            return
        point = self.solver.adopt(self.instance, self._toggled(doubtful, built=built), self._bound)
        if point is not None and (point.npv_busd or -np.inf) >= min(self._floors.values()):
            self._keep_point(f"{'with' if built else 'without'}-{len(doubtful)}-{doubtful[0]}", point)
            for site in doubtful:
                self._note_plans(site, forced[site, built], built=built)
        if len(doubtful) > 1:
            half = len(doubtful) // 2
            self._try_together(doubtful[:half], forced, built=built)
            self._try_together(doubtful[half:], forced, built=built)

    def _toggled(self, sites: Sequence[str], *, built: bool) -> BuildPlan:
        """The best plan with a module at each of some sites on its last date, or with nothing new there."""
        if not built:
            return {key: modules for key, modules in self._best.point.build.items() if key[0] not in sites}
        dates = self.solver.live.plan.siting.dates
        return {**self._best.point.build, **{(site, dates[site][-1].label): 1 for site in sites}}

    def _force(self, column: int, *, built: bool) -> None:
        values = np.zeros(self._model.size)
        values[column] = 1.0
        modules = Measure(values)
        self._model.require(modules, lower=1.0 if built else -np.inf, upper=np.inf if built else 0.0)

    def _note_plans(self, site: str, one: Forced, *, built: bool) -> None:
        for plan in self._plans:
            if (site in plan.sites) == built and plan.npv_busd > one.best:
                one.best, one.key = plan.npv_busd, plan.key

    def _settled(self, one: Forced) -> bool:
        """Whether at every slack it is known if a plan is good enough."""
        return all(one.best >= floor or one.bound < floor for floor in self._floors.values())

    def _standings(self, forced: dict[tuple[str, bool], Forced], floor: float) -> Iterator[SiteStanding]:
        for site in self._model.last_modules():
            row = self.instance.site_by_id[site]
            with_it, without = forced[site, True], forced[site, False]
            if with_it.bound < floor:
                standing = Standing.NEVER
            elif without.bound < floor:
                standing = Standing.MUST
            elif min(with_it.best, without.best) >= floor:
                standing = Standing.FREE
            else:
                standing = Standing.OBSERVED_ALWAYS if with_it.best >= floor else Standing.OBSERVED_NEVER
            yield SiteStanding(site, row.name, row.country, standing)

    # --- ranges ------------------------------------------------------------------------------

    def _ranges(self) -> Iterator[CapacityRange]:
        for kind, group, measure in self._capacities():
            highest = self._extremes(f"most-{group}", measure, measure)
            lowest = self._extremes(f"least-{group}", measure.times(-1), measure)
            for share in self._floors:
                top, bottom = highest[share], lowest[share]
                yield CapacityRange(
                    kind, group, share, -bottom.found, top.found, -bottom.proven, top.proven, bottom.key, top.key
                )

    def _capacities(self) -> list[tuple[str, str, Measure]]:
        """IT capacity of every country, and power capacity of every kind, at the end of the plan [GW]."""
        plan = self.solver.live.plan
        last = plan.context.timing.last
        measures: dict[tuple[str, str], Measure] = {}

        def add(key: tuple[str, str], measure: Measure) -> None:
            measures[key] = measures[key].plus(measure) if key in measures else measure

        for site in self.instance.sites:
            add(("country", site.country), self._model.measure(*plan.siting.capacity(site, last)))
        for option in self.instance.power_options:
            if (option.site, option.option) in plan.power.dates:
                add(("power", str(option.kind)), self._model.measure(plan.power.capacity_at(option, last)))
        found = [(kind, group, measure) for (kind, group), measure in measures.items() if measure.values.any()]
        # What is largest in the best plan comes first, in case time ends.
        best = self._columns[self._best.key]
        return sorted(found, key=lambda entry: -entry[2].at(best))

    def _extremes(self, key: str, aim: Measure, measure: Measure) -> dict[float, _Extreme]:
        """Most of an aim within each slack; a wider slack can only have more, which keeps the ranges nested."""
        found: dict[float, _Extreme] = {}
        sign = 1.0 if aim is measure else -1.0
        for share, floor in self._floors.items():
            one = found[share] = _Extreme()
            self._note_extreme(one, measure, sign, floor)
            with self._model.added():
                self._model.require(self._model.objective, lower=floor)
                one.proven = max(self._trivial_limit(aim), one.found)
                if one.proven - one.found > GW_TOLERANCE and self._time_left():
                    one.proven = max(self._model.bound(aim, lower={}, upper={}), one.found)
                if one.proven - one.found > GW_TOLERANCE and self._time_left():
                    self._search_extreme(one, f"{key}-{share:g}", aim)
                    self._note_extreme(one, measure, sign, floor)
                    one.proven = max(one.proven, one.found)
        limit = np.inf
        for share in reversed(list(found)):
            limit = found[share].proven = min(limit, found[share].proven)
        return found

    def _trivial_limit(self, aim: Measure) -> float:
        """Most of an aim within the bounds of its columns alone."""
        form = self.solver.live.form
        return aim.most(form.lower, form.upper)

    def _search_extreme(self, one: _Extreme, key: str, aim: Measure) -> None:
        solution = self._model.maximise(
            aim, starts=self._starts(), gap=0.0, gap_absolute=GW_TOLERANCE, time_limit=self._seconds_left()
        )
        one.proven = min(one.proven, solution.bound)
        if solution.values is not None:
            self._keep(key, self._model.exact(solution))

    def _note_extreme(self, one: _Extreme, measure: Measure, sign: float, floor: float) -> None:
        for plan in self._plans:
            if plan.key not in self._columns or plan.npv_busd < floor:
                continue
            value = sign * measure.at(self._columns[plan.key])
            if value > one.found:
                one.found, one.key = value, plan.key

    # --- searches ----------------------------------------------------------------------------

    def _search(
        self, key: str, aim: Measure, floor: float, forced: Forced | None = None, share: float = 1.0
    ) -> NamedPlan | None:
        """Best plan by NPV within the rows added; None if there is none that is good enough."""
        gap = max(ROUNDING, self.instance.settings.solver.gap)
        solution = self._model.maximise(
            aim,
            starts=self._starts(),
            gap=gap,
            time_limit=max(1.0, min(self._seconds_left(), share * self.budget_seconds)),
        )
        if forced is not None:
            # A search that ends without plan or bound says nothing, unless it ends because there is no plan.
            impossible = solution.values is None and solution.ending is Ending.INFEASIBLE
            forced.bound = -np.inf if impossible else min(forced.bound, solution.bound)
        if solution.values is None or solution.incumbent < floor:
            return None
        return self._keep(key, self._model.exact(solution))

    def _keep(self, key: str, values: np.ndarray | None) -> NamedPlan | None:
        if values is None:
            return None
        point = self._model.plan(values, bound=self._bound, reason="a plan of a study of alternatives")
        return self._keep_point(key, point, values)

    def _keep_point(self, key: str, point: PointResult, values: np.ndarray | None = None) -> NamedPlan:
        plan = NamedPlan(key, point)
        self._plans.append(plan)
        if values is not None:
            self._columns[key] = values[: self._model.size]
        self.tell(f"{key}: {plan.npv_busd:.4f} B USD")
        return plan

    def _starts(self) -> list[BuildPlan]:
        return [plan.point.build for plan in self._plans[-3:]]

    def _seconds_left(self) -> float:
        limit = self.instance.settings.solver.time_limit_seconds
        return float(min(limit, max(1.0, self._until - time.monotonic())))

    def _time_left(self) -> bool:
        left = not self.stop.is_set() and time.monotonic() < self._until
        self._complete = self._complete and left
        return left
