"""Capacitated location, where the whole model is nothing else: a search of its own instead of a relaxation."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.solve.location.recognition import LocationModel
from optimizer.solve.location.tree import LocationSearch
from optimizer.solve.search import Search

#: A plan that breaks a row or a bound by a larger share is not kept.
BROKEN = 1e-8


@dataclass(frozen=True)
class SearchLocations:
    """Branch and bound on prices of customers (`optimizer.solve.location`), its bound one for the model.

    Attributes
    ----------
    time_share
        Share of the time left that it may take: what it leaves open, the other stages search from its plan.
    finest
        Smaller relative gaps are within the rounding errors of its sums.
    safety
        Share of the gap asked that it works to, so that the last digits do not leave it open.
    """

    name: str = "location search"
    time_share: float = 0.7
    finest: float = 1e-7
    safety: float = 0.99

    def applies(self, search: Search) -> bool:
        """Where the model is a location problem.

        Not with plans to start from: the plan found must not be worse than these, not even within the gap.
        """
        settings = search.settings
        asked = settings.gap >= self.finest or settings.gap_busd > 0
        new = search.relaxation is None and not search.starts and not search.reserves
        return asked and new and search.goes_on() and search.location is not None

    def run(self, search: Search) -> None:
        """Keep the best plan, with all its columns, and the bound."""
        model = search.location
        assert model is not None
        until = search.seconds() + self.time_share * (search.settings.time_limit_seconds - search.seconds())
        counted = 0.0

        def allowed(cost: float) -> float:
            return self.safety * max(search.settings.gap * abs(model.worth(cost)), search.settings.gap_busd)

        def goes_on() -> bool:
            nonlocal counted
            search.session.count_work(found.work - counted)
            counted = found.work
            return not search.stop.is_set() and search.seconds() < until

        def tell() -> None:
            search.tighten(model.worth(found.bound))
            search.report(incumbent=model.worth(found.cost), nodes=found.parts)

        found = LocationSearch(model.problem, allowed, goes_on=goes_on, tell=tell)
        search.report()
        found.run()
        self._keep(search, model, found)
        search.report(nodes=found.parts)

    @staticmethod
    def _keep(search: Search, model: LocationModel, found: LocationSearch) -> None:
        if found.service is None:
            return
        values = model.columns(found.service.used, found.service.amounts)
        if model.breaks(values) <= BROKEN:
            search.keep(values, float(model.form.cost @ values + model.form.offset))
