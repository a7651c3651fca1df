"""The linear relaxation: a proven bound, and how many modules it would build where.

It is the largest block of a solve: 18 s of one core on the world instance (68,832 columns, 47,864 rows, 292,251
entries), 72 iterations of interior point of a quarter of a second each; crossover is 1,490 cheap steps. Tried and
dropped there in November 2026, with iterations and seconds of one core, on a machine that others used as well:

- HiPO of HiGHS 1.15.1, 62 + 6 iterations, 20 s: it factors the normal equations, and some 2,300 rows (chip supply,
  sales, headroom, budgets) tie all sites together, which alone fills in 3 of the 3.1 million entries;
- simplex, PDLP and GLOP, not solved after 40 s (`benchmarks/results.md`);
- capacity of power as additions instead of levels, 8,400 rows fewer, 74 iterations, 20 s; arrivals at zones of one
  site substituted by their chips, 3,743 rows and columns fewer, 72 and 19 s; without the rows that tie openings to
  modules, 75 and 18 s, and a bound 0.03 % weaker; all three, 15,100 rows fewer, 79 and 20 s;
- upper bounds by propagation for 50,000 of the 53,600 columns that have none, 71 and 20 s; bounds or objective scaled
  by 2^5 or 2^-5, 69 to 73 and 18 to 19 s; without presolve, 72 and 21 s; tolerances of 1e-3, 61 iterations but 2,346
  steps of crossover, 22 s;
- decisions on power and modules once a year only, as a restriction to start from, 70 and 14 s; chips every other
  quarter as well, 62 and 9 s for 8 % less.

What costs is the number of periods times sites, not how the rows are written: a grid of half-years takes 13 s and one
of years 6 s (`benchmarks.time_grids` says what they cost in NPV).
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.solve.implied_rows import meet_all
from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search


@dataclass(frozen=True)
class Relaxation:
    """Solve with integrality dropped: by interior point, or by simplex from the basis of an earlier solve."""

    name: str = "linear relaxation"

    def applies(self, search: Search) -> bool:
        """Unless something else proved enough."""
        return search.needs_relaxation()

    def run(self, search: Search) -> None:
        """Prove the bound; without whole columns this is the plan as well."""
        search.report()
        found = search.session.solve_relaxation(interior_point=search.cold, time_limit=search.seconds_left())
        if found.ending is not Ending.OPTIMAL:
            search.ending = found.ending
            return
        search.relaxation = found
        search.tighten(found.objective)
        if not search.session.form.integer.any():
            search.keep(found.values, found.objective, exact=True)
        search.report()


@dataclass(frozen=True)
class TakeImpliedRows:
    """Take in rows that every plan meets and the relaxation breaks."""

    name: str = "implied rows"

    def applies(self, search: Search) -> bool:
        """Where rows were set aside."""
        return search.relaxation is not None and search.implied is not None

    def run(self, search: Search) -> None:
        """Tighten the bound round by round."""
        assert search.relaxation is not None
        assert search.implied is not None

        def tell(bound: float) -> None:
            search.tighten(bound)
            search.report()

        search.relaxation = meet_all(
            search.session,
            search.implied,
            search.relaxation,
            seconds_left=search.seconds_left,
            goes_on=search.goes_on,
            tell=tell,
        )
