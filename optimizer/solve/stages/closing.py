"""Plans without what is hardly used: openings and quota steps that the relaxation pays for in part, a few at a time.

The relaxation spreads chips over many sites, each opened in part. Which of them a plan can do without shows only when
they are gone: chips go elsewhere for nearly nothing, or a country is left without its only site. So a few are closed,
the relaxation is solved again, and what costs more to be without than to pay for in full is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.solve.outcomes import Ending, LpSolution
from optimizer.solve.search import Search
from optimizer.solve.site_columns import columns_of_no_site
from optimizer.solve.stages.concentrating import NOTHING, FixedCosts, close_unopened, dive_between
from optimizer.solve.standard_form import FloatArray

#: So many modules are hardly more used than a step that is bought whole.
MODULES_LIKE_A_STEP = 1.5


#: Share of the gap asked from which what is unpaid of quota steps is worth stages of their own: under the draft global
#: rule on world-2026, where the gap stays open without them, it is 0.4 of one percent.
STEPS_MATTER = 0.2


def steps_matter(search: Search) -> bool:
    """Whether parts of quota steps that the relaxation leaves unpaid are much of the gap asked, and it is open."""
    if search.relaxation is None or not search.goes_on():
        return False
    steps = columns_of_no_site(search.session.form.integer, search.sites)
    bought = search.relaxation.values[steps]
    unpaid = -search.session.objective[0][steps] * (1.0 - bought) * (bought > NOTHING)
    return float(unpaid.sum()) > STEPS_MATTER * (search.bound - search.good_enough())


@dataclass
class _Closing:
    """Relaxations with ever more closed or kept, and how far that has come.

    `kept` are fixed costs that were tried in vain, `modules` the modules on the last date by the opening on it.
    """

    search: Search
    fixed: FixedCosts
    lower: FloatArray
    upper: FloatArray
    latest: LpSolution
    kept: set[int] = field(default_factory=set)
    fresh: bool = True

    def __post_init__(self) -> None:
        self.modules = {int(site.opened[-1]): int(site.modules[-1]) for site in self.search.sites if len(site.opened)}

    def candidates(self, least_modules: float, least_step: float, cheap: float) -> list[int]:
        """Fixed costs that may be closed, the least used first: sites by their modules, steps by their share."""
        values, (cost, _) = self.latest.values, self.search.session.objective
        found: list[tuple[float, int]] = []
        for number, group in enumerate(self.fixed.groups):
            share, modules = float(values[group].max()), self.modules.get(int(group[-1]))
            small = (
                share < least_step and -cost[group[-1]] > cheap if modules is None else values[modules] < least_modules
            )
            if share > NOTHING and small and number not in self.kept and not self.lower[group].any():
                found.append((share if modules is None else float(values[modules]) / MODULES_LIKE_A_STEP, number))
        return [number for _, number in sorted(found)]

    def unpaid(self, numbers: list[int], of_steps: float) -> float:
        """What the relaxation saves by paying for a part: all of it for sites, a share of it for steps."""
        values, (cost, _) = self.latest.values, self.search.session.objective
        missing = cost * (values - self.fixed.whole(values))
        groups = [self.fixed.groups[number] for number in numbers]
        shares = [1.0 if int(group[-1]) in self.modules else of_steps for group in groups]
        return sum(share * max(0.0, float(missing[group].sum())) for share, group in zip(shares, groups, strict=True))

    def without(self, numbers: list[int]) -> tuple[FloatArray, FloatArray]:
        """Bounds with these closed."""
        upper = self.upper.copy()
        for number in numbers:
            upper[self.fixed.groups[number]] = 0.0
        close_unopened(self.search, self.lower, upper)
        return self.lower, upper

    def keep(self, number: int) -> None:
        """Pay for one in full, as a plan without it is worth less."""
        self.kept.add(number)
        last = int(self.fixed.groups[number][-1])
        self.lower[last] = 1.0
        if last in self.modules:
            self.lower[self.modules[last]] = max(1.0, self.lower[self.modules[last]])
        found = self.solve(self.lower, self.upper)
        if found is not None:
            self.latest = found

    def solve(self, lower: FloatArray, upper: FloatArray) -> LpSolution | None:
        """The relaxation within bounds, from where the last ended; None if there is none."""
        found = self.search.session.solve_between(
            lower,
            upper,
            time_limit=self.search.seconds_left(),
            interior_point=False,
            from_relaxation=self.fresh,
        )
        self.fresh = False
        return found if found.ending is Ending.OPTIMAL else None


@dataclass(frozen=True)
class RoundWithoutSmall:
    """Close what is hardly used, a few at a time, then round by date.

    Under the draft global rule on world-2026 of November 2026 (152 steps, bought in part like the openings of 64 sites)
    the relaxation goes from 1,423.6 to 1,417.6 B USD, and its worth with fixed costs paid in full from 1,412.7 to
    1,414.0: plans of 1,407.2 to 1,407.8 after 150 to 195 s of processor time, where the first dive finds 1,404.4.
    Closing whatever uses less than 0.6 of its opening instead of 0.8 of a module, 1,404.8. Most is gained early: after
    25 s that worth is 1,414.7, but with half the time for closing the plan is 1,403.7, from which the search on the
    same sites gets no further than 1,404.4. Where this ends in a plan, there is no dive from the relaxation as it is,
    which takes 40 s for a worse one.

    Attributes
    ----------
    together
        Most that are closed at once; fewer after each failure.
    least_modules, least_step
        Fewer modules, or less of a step, may be closed.
    cheap
        Share of the gap asked up to which the price of a step is not worth trying.
    step_loss
        Share of what is unpaid of a step that the relaxation may lose without it; of an opening, all.
    bought
        Steps of which the last relaxation buys more are bought.
    share
        Of the time left, at most, for closing.
    """

    name: str = "rounding without what is hardly used"
    together: int = 8
    least_modules: float = 0.8
    least_step: float = 0.6
    cheap: float = 5e-3
    step_loss: float = 0.2
    bought: float = 0.3
    share: float = 0.2

    def applies(self, search: Search) -> bool:
        """Where parts of steps leave the gap open."""
        return steps_matter(search)

    def run(self, search: Search) -> None:
        """Keep the plan at the bottom of the dive, if it is better."""
        assert search.relaxation is not None
        form = search.session.form
        closing = _Closing(search, FixedCosts.of(search), form.lower.copy(), form.upper.copy(), search.relaxation)
        self._close(closing, search.seconds() + self.share * search.seconds_left())
        if search.goes_on():
            values = closing.latest.values
            bought = values[columns_of_no_site(form.integer, search.sites)] > self.bought
            dive_between(search, values, closing.lower, closing.upper, bought.astype(np.float64))

    def _close(self, closing: _Closing, until: float) -> None:
        search, together = closing.search, self.together
        gap = search.bound - search.good_enough()
        while search.goes_on() and search.seconds() < until:
            numbers = closing.candidates(self.least_modules, self.least_step, self.cheap * gap)[:together]
            if not numbers:
                return
            lower, upper = closing.without(numbers)
            found = closing.solve(lower, upper)
            allowed = closing.unpaid(numbers, self.step_loss)
            if found is not None and closing.latest.objective - found.objective <= allowed:
                closing.lower, closing.upper, closing.latest = lower, upper, found
                together = min(self.together, together + 1)
            elif len(numbers) == 1:
                closing.keep(numbers[0])
                together = 2
            else:
                together = len(numbers) // 2


__all__ = ["RoundWithoutSmall", "steps_matter"]
