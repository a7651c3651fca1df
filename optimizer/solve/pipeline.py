"""From matrix to proven plan, stage by stage.

A stage is skipped as soon as plan and bound are close enough. Tried and dropped, on the world
instance of November 2026 (154 sites, 59,000 to 69,000 columns; 2 cores): all dates rounded at once as the first
stage, 0.9 to 3.4 % after 6 to 14 s; growth of the best plan, rounded at once from what the relaxation adds to it,
1.02 % after 65 s where dives between the two reach 0.90 % after 17 s; a MIP over the sites that the
relaxation uses, first plan after 35 s and 1.4 % at 80 s; the nearby search on columns with small reduced cost only,
1.0 to 1.3 % after 60 s; simplex for the final program, 30 s against 4 s; module counts one wider on each side in the
nearby search, 1.2 % after 60 s against 0.4 %; rounding of the power that a site can ever have to whole modules, which
cuts off next to nothing; openings held to the modules that the starts of the years so far allow, 0.015 % off the bound,
but prices and conflicts of that limit would then be hidden in another row; several roundings of a date tried by their
tangents, no better plan for four times the time; steps chosen first and openings left in part, 1,401 B USD under the
draft global rule where both together give 1,406; all dates rounded at once as a dive would, but without solving
between them, 1.22 to 1.35 % after 7 s where the dive ends at 0.55 % after 11.

What the bound can still give there: with every module count between the whole numbers next to the relaxation's, cuts at
the root of HiGHS take 1,446.4 to 1,441.7 B USD in 90 s of processor time, but without these limits only to 1,445.0 in
130 s. Plans worth more than 1,441.7 B USD, if there are any, round at least one count further.

Size does not hurt: a dive ends the closer to its relaxation the more sites there are. Of drawn instances with 26 chips
and 40 quarters (`scripts/make_instance`), 400 sites end at 0.21 % after 112 s of processor time with 1.1 GB, and 1,000
sites at 0.13 % after 380 s with 2.3 GB, from the command to the audited plan.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from optimizer.instance.schema.settings import SolverSettings
from optimizer.solve.events import Observer
from optimizer.solve.search import Helps, Search, Solution
from optimizer.solve.session import HighsSession
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.stages.buying import DropStepRows, TakeStepRows
from optimizer.solve.stages.closing import RoundWithoutSmall
from optimizer.solve.stages.concentrating import RoundConcentrated, RoundOnSameSites
from optimizer.solve.stages.earlier_plans import EarlierPlans, PlansInReserve
from optimizer.solve.stages.final import FinalProgram
from optimizer.solve.stages.locating import SearchLocations
from optimizer.solve.stages.mip import FullSearch, NearbySearch, ProveTheRest, SearchOnSameSites
from optimizer.solve.stages.moving import MoveModules
from optimizer.solve.stages.presolve import Presolve
from optimizer.solve.stages.relaxation import Relaxation, TakeImpliedRows
from optimizer.solve.stages.renewing import RoundSitesAnew
from optimizer.solve.stages.rounding import BetweenPlanAndRelaxation, RoundAtOnce, RoundByDate
from optimizer.solve.stages.sketching import BeginSketch, EndSketch
from optimizer.solve.stages.stage import Stage, run_stages
from optimizer.solve.standard_form import FloatArray

__all__ = ["STAGES", "Helps", "Solution", "solve"]

STAGES: tuple[Stage, ...] = (
    SearchLocations(),
    Presolve(),
    BeginSketch(),
    Relaxation(),
    EndSketch(),
    TakeImpliedRows(),
    TakeStepRows(),
    EarlierPlans(),
    RoundWithoutSmall(),
    RoundByDate(),
    RoundAtOnce(),
    PlansInReserve(),
    SearchOnSameSites(),
    RoundSitesAnew(),
    ProveTheRest(),
    BetweenPlanAndRelaxation(),
    RoundConcentrated(),
    RoundOnSameSites(),
    MoveModules(),
    NearbySearch(),
    FullSearch(),
    DropStepRows(),
    FinalProgram(),
)
"""All stages, in order."""


def solve(
    session: HighsSession,
    settings: SolverSettings,
    *,
    observer: Observer,
    stop: threading.Event,
    sites: Sequence[SiteColumns],
    starts: Sequence[FloatArray] = (),
    reserves: Sequence[FloatArray] = (),
    helps: Helps | None = None,
) -> Solution:
    """Run the pipeline on a model.

    Parameters
    ----------
    session
        The model inside HiGHS. If it was solved before, the relaxation starts from its last basis.
    starts
        Plans of related models, tried with their whole columns fixed before anything else.
    reserves
        The same, but only tried when rounding leaves the gap open.
    sites
        Whole columns of each site; rounding keeps each site's columns consistent.
    helps
        What makes the search faster.

    Raises
    ------
    SolverError
        If a plan is better than the bound proven for every plan.
    """
    search = Search(session, settings, observer, stop, sites, starts, reserves, helps=helps or Helps())
    run_stages(STAGES, search)
    return search.finish()
