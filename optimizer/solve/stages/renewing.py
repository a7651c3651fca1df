"""Plans with some sites decided anew: a few are let go, the rest stays, and what was let go is rounded by date again.

What one dive rounds in a poor way, another sees with everything else in place (large neighbourhood search: Shaw, CP
1998; with dives inside, the relaxation induced neighbourhoods of Danna, Rothberg and Le Pape, Mathematical Programming
102, 2005).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from optimizer.solve.dive import dive
from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.stages.concentrating import NOTHING
from optimizer.solve.standard_form import FloatArray


@dataclass
class _Current:
    """The plan that sites are let go from, and where its linear program ended."""

    plan: FloatArray
    basis: highspy.HighsBasis


@dataclass(frozen=True)
class RoundSitesAnew:
    """Let a few sites go and round them by date again, as long as that finds better plans now and then.

    On world-2026 of December 2026 (bound 1,447.9 B USD) the first dive ends at 1,438.0 after 31 s; this takes it to
    1,440.2 after 53 s, 1,440.7 (0.50 %) after 115 s, 1,441.35 after 215 s and 1,441.53 (0.44 %) after 390 s, beside
    other work; no later stage found a better plan in 200 s more. With a tenth, a fifth or 0.35 of the sites let go it
    gets as far in 100 s. Under the diffusion rule as written (S1) it takes 1,359.0 to 1,359.4, which is 1 %, in 33 s,
    where the stages that follow found nothing in 120.

    Attributes
    ----------
    freed
        Sites let go at a time, as a share of those that the plan or the relaxation uses.
    promise
        Share of the open gap that the linear program with them let go must be worth more than the plan.
    patience
        Tries in a row without a better plan after which it ends.
    share
        Of the time left, at most.
    """

    name: str = "rounding some sites anew"
    freed: float = 0.2
    promise: float = 0.02
    patience: int = 8
    share: float = 0.6

    def applies(self, search: Search) -> bool:
        """Where there are a plan, several sites and an open gap."""
        known = search.relaxation is not None and search.values is not None
        return known and len(search.sites) > 1 and search.goes_on()

    def run(self, search: Search) -> None:
        """Go from plan to better plan until patience or time is up."""
        until = search.seconds() + self.share * search.seconds_left()
        current = self._start(search)
        if current is None:
            return
        failures = 0
        for freed in self._choices(search):
            if failures == self.patience or not search.goes_on() or search.seconds() > until:
                return
            better = self._renewed(search, current, freed)
            current, failures = (current, failures + 1) if better is None else (better, 0)

    @staticmethod
    def _start(search: Search) -> _Current | None:
        plan = search.whole_plan()
        integer = search.session.form.integer
        plan[integer] = np.round(plan[integer])
        solved = search.session.solve_fixed(plan, time_limit=search.seconds_left(), interior_point=False)
        return _Current(plan, search.session.last_basis()) if solved.ending is Ending.OPTIMAL else None

    def _choices(self, search: Search) -> Iterator[Sequence[int]]:
        """Positions of sites to let go, drawn in rounds so that each comes up as often as another."""
        assert search.relaxation is not None
        random = np.random.default_rng(search.settings.seed)
        plan, relaxed = search.whole_plan(), search.relaxation.values
        used = [
            number
            for number, site in enumerate(search.sites)
            if plan[site.modules].any() or relaxed[site.modules].max(initial=0.0) > NOTHING
        ]
        size = max(1, round(self.freed * len(used)))
        while used:
            order = random.permutation(used).tolist()
            for first in range(0, len(order) - size + 1, size):
                yield order[first : first + size]

    def _renewed(self, search: Search, current: _Current, freed: Sequence[int]) -> _Current | None:
        """A better plan in which only these sites differ, if there is one this way."""
        session = search.session
        lower, upper = _only_free(search, current.plan, [search.sites[number] for number in freed])
        relaxed = session.solve_between(
            lower, upper, time_limit=search.seconds_left(), interior_point=False, start=current.basis
        )
        least = search.incumbent + self.promise * (search.bound - search.incumbent)
        if relaxed.ending is not Ending.OPTIMAL or relaxed.objective < least:
            return None
        found = dive(
            session,
            relaxed.values,
            search.sites,
            seconds_left=search.seconds_left,
            goes_on=search.goes_on,
            lower=lower,
            upper=upper,
            latest=relaxed,
        )
        if found is None or found.objective <= search.incumbent:
            return None
        search.keep(found.values, found.objective, exact=True)
        search.report()
        plan = found.values.copy()
        plan[session.form.integer] = np.round(plan[session.form.integer])
        return _Current(plan, session.last_basis())


def _only_free(search: Search, plan: FloatArray, free: Sequence[SiteColumns]) -> tuple[FloatArray, FloatArray]:
    """Bounds that hold all whole columns at a plan but those of some sites."""
    form = search.session.form
    lower, upper = form.lower.copy(), form.upper.copy()
    lower[form.integer] = upper[form.integer] = plan[form.integer]
    for site in free:
        for columns in (site.modules, site.opened):
            lower[columns], upper[columns] = form.lower[columns], form.upper[columns]
    return lower, upper


__all__ = ["RoundSitesAnew"]
