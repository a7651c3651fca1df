"""Plans that spend fixed costs where they carry most: openings of sites, and quota steps.

The relaxation pays for a part of an opening or of a step, whatever carries little of it. Slope scaling charges each
the whole price for the use it had (Kim and Pardalos, European Journal of Operational Research 114, 1999), so that the
relaxation gathers what it spread over many sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.solve.dive import dive
from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search
from optimizer.solve.site_columns import columns_of_no_site
from optimizer.solve.standard_form import FloatArray, StandardForm

#: Less of an opening or a step than this is none.
NOTHING = 1e-4


@dataclass(frozen=True)
class FixedCosts:
    """Whole columns that are paid once and carry more or less: each group is all dates of one opening, or one step."""

    groups: tuple[NDArray[np.intp], ...]

    @classmethod
    def of(cls, search: Search) -> FixedCosts:
        """Openings and quota steps of a model."""
        opened = [site.opened for site in search.sites if len(site.opened)]
        steps = columns_of_no_site(search.session.form.integer, search.sites)
        return cls((*opened, *(steps[position : position + 1] for position in range(len(steps)))))

    def use(self, values: FloatArray) -> FloatArray:
        """How much of each is there on its last date."""
        return np.array([values[group].max() for group in self.groups])

    def whole(self, values: FloatArray) -> FloatArray:
        """Values with every part of a fixed cost made whole: what is there stays possible."""
        whole = values.copy()
        for group in self.groups:
            whole[group] = values[group] > NOTHING
        return whole

    def scaled(self, cost: FloatArray, use: FloatArray) -> FloatArray:
        """Cost at which the use made so far pays the whole price."""
        scaled = cost.copy()
        for group, share in zip(self.groups, use, strict=True):
            scaled[group] = cost[group] / share
        return scaled


@dataclass(frozen=True)
class RoundConcentrated:
    """Round by date from a relaxation in which fixed costs count whole; sites that it leaves closed stay closed.

    On world-2026 of November 2026, 1,439.3 B USD after 28 s of processor time where the first dive finds 1,438.2; under
    the draft global rule, with its 152 quota steps, 1,405.7 after 115 s where that one finds 1,401.4. More rounds than
    three change the plan, but make it no better. Steps that are fixed first and openings left as they are: 1,401.4.
    With the power of the campuses computed, the first dive under that rule finds 1,404.7 and this one nothing better.

    Attributes
    ----------
    rounds
        Relaxations with scaled costs.
    least
        Least use that a cost is scaled to: what is hardly used stays possible.
    unused
        Use that is assumed of what the relaxation has not used yet.
    """

    name: str = "rounding with whole fixed costs"
    rounds: int = 3
    least: float = 0.1
    unused: float = 0.5

    def applies(self, search: Search) -> bool:
        """Where something has a fixed cost and the gap is open."""
        known = search.relaxation is not None and bool(search.sites) and search.goes_on()
        return known and bool(FixedCosts.of(search).groups)

    def run(self, search: Search) -> None:
        """Keep the plan at the bottom of the dive, if it is better."""
        fixed = FixedCosts.of(search)
        gathered = self._gather(search, fixed)
        lower, upper = _nothing_else(search, fixed, gathered)
        dive_between(search, gathered, lower, upper)

    def _gather(self, search: Search, fixed: FixedCosts) -> FloatArray:
        """Values of the relaxation that is worth most once all fixed costs that it has a part of are paid in full."""
        assert search.relaxation is not None
        session = search.session
        cost, offset = session.objective
        best = latest = search.relaxation.values
        use = fixed.use(latest)
        try:
            for _ in range(self.rounds):
                share = np.where(use > NOTHING, np.maximum(use, self.least), self.unused)
                session.set_cost(fixed.scaled(cost, share), offset)
                relaxed = session.solve_relaxation(
                    interior_point=False, time_limit=search.seconds_left(), new_objective=True
                )
                if relaxed.ending is not Ending.OPTIMAL or not search.goes_on():
                    break
                latest = relaxed.values
                now = fixed.use(latest)
                use = np.where(now > NOTHING, now, use)
                best = max(best, latest, key=lambda values: float(cost @ fixed.whole(values)))
        finally:
            session.set_cost(cost, offset)
        return best


@dataclass(frozen=True)
class RoundOnSameSites:
    """Round by date from the relaxation with the sites and steps of the best plan, while it finds better plans.

    Under the draft global rule on world-2026, 1,407.6 becomes 1,408.5 B USD in 37 s of processor time.

    Attributes
    ----------
    dives
        At most.
    """

    name: str = "rounding on the same sites"
    dives: int = 2

    def applies(self, search: Search) -> bool:
        """Where there is a plan, something has a fixed cost, and the gap is open."""
        known = search.values is not None and bool(search.sites) and search.goes_on()
        return known and bool(FixedCosts.of(search).groups)

    def run(self, search: Search) -> None:
        """Dive while it pays."""
        fixed = FixedCosts.of(search)
        for _ in range(self.dives):
            best = search.incumbent
            self._dive(search, fixed)
            if search.incumbent == best or not search.goes_on():
                return

    @staticmethod
    def _dive(search: Search, fixed: FixedCosts) -> None:
        session, known = search.session, search.whole_plan()
        lower, upper = _nothing_else(search, fixed, known)
        for group, share in zip(fixed.groups, fixed.use(known), strict=True):
            lower[group[-1]] = max(lower[group[-1]], float(share > NOTHING))
        relaxed = session.solve_between(
            lower, upper, time_limit=search.seconds_left(), interior_point=False, from_relaxation=True
        )
        if relaxed.ending is Ending.OPTIMAL:
            dive_between(search, relaxed.values, lower, upper)


def _nothing_else(search: Search, fixed: FixedCosts, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds that close what ``values`` leave closed."""
    form: StandardForm = search.session.form
    lower, upper = form.lower.copy(), form.upper.copy()
    for group, share in zip(fixed.groups, fixed.use(values), strict=True):
        if share <= NOTHING:
            upper[group] = np.maximum(lower[group], 0.0)
    close_unopened(search, lower, upper)
    return lower, upper


def close_unopened(search: Search, lower: FloatArray, upper: FloatArray) -> None:
    """Take the modules, in place, of the dates on which their sites cannot be open."""
    for site in search.sites:
        if len(site.opened):
            upper[site.modules] = np.where(upper[site.opened] > 0, upper[site.modules], lower[site.modules])


def dive_between(
    search: Search, values: FloatArray, lower: FloatArray, upper: FloatArray, bought: FloatArray | None = None
) -> None:
    """Dive from values within bounds and keep the plan, if it is better; steps as given, else all that there is."""
    steps = columns_of_no_site(search.session.form.integer, search.sites)
    start = values.copy()
    start[steps] = values[steps] > NOTHING if bought is None else bought
    plan = dive(
        search.session,
        start,
        search.sites,
        seconds_left=search.seconds_left,
        goes_on=search.goes_on,
        lower=lower,
        upper=upper,
    )
    if plan is not None:
        search.dived = True
        search.keep(plan.values, plan.objective, exact=True)
    search.report()
