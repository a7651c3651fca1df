"""Frontiers of small instances, and the best NPV at given levels found by trying every building plan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from optimizer.instance.country_sets import parse_country_set
from optimizer.instance.instance import Instance
from optimizer.studies.frontier import FrontierSearch
from optimizer.studies.frontier_objectives import FrontierObjective, Values
from optimizer.studies.frontier_points import Frontier, FrontierQuestion
from optimizer.studies.frontier_store import FrontierStore
from tests.oracle.lp import Terms
from tests.oracle.search import Oracle
from tests.studies.solving import point_solver

NPV, CARBON = FrontierObjective.NPV, FrontierObjective.CARBON
ALLIED, CONCENTRATION = FrontierObjective.ALLIED_SHARE, FrontierObjective.CONCENTRATION


def search_of(
    instance: Instance,
    folder: Path,
    *objectives: FrontierObjective,
    points: int = 5,
    least: float | None = 0.5,
    tell: Callable[[str], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> FrontierSearch:
    """A frontier with the United States as the only ally."""
    question = FrontierQuestion(objectives, points, least, "USA")
    store = FrontierStore(folder, question.digest(instance))
    return FrontierSearch(point_solver(), instance, question, store, stop or threading.Event(), tell)


def frontier_of(
    instance: Instance, folder: Path, *objectives: FrontierObjective, points: int = 5, least: float | None = 0.5
) -> Frontier:
    """The frontier of an instance that has a plan."""
    study = search_of(instance, folder, *objectives, points=points, least=least).run()
    assert isinstance(study, Frontier)
    return study


def oracle_npv(instance: Instance, levels: Values, allied: str = "USA") -> float | None:
    """Best NPV of any plan that reaches levels; None if none does."""
    oracle = Oracle(instance)
    for objective, level in levels.items():
        match objective:
            case FrontierObjective.NPV:
                raise AssertionError("the oracle maximises it")
            case FrontierObjective.CARBON:
                oracle.lp.at_most(_carbon(oracle), level)
            case FrontierObjective.ALLIED_SHARE:
                countries = {site.country for site in instance.sites}
                members = {code for code in countries if _contains(instance, allied, code)}
                oracle.lp.at_least(_compute(oracle, members) + _compute(oracle, countries, -level), 0)
            case FrontierObjective.CONCENTRATION:
                countries = {site.country for site in instance.sites}
                for code in countries:
                    oracle.lp.at_most(_compute(oracle, {code}) + _compute(oracle, countries, -level), 0)
    return oracle.best()


def _contains(instance: Instance, allied: str, country: str) -> bool:
    return parse_country_set(allied).contains(country, instance.calendar.start, instance.groups)


def _carbon(oracle: Oracle) -> Terms:
    return [
        (option.carbon_t_per_mwh, ("energy", option.site, option.option, year))
        for option in oracle.data.power_options
        for year in oracle.plan_years
    ]


def _compute(oracle: Oracle, countries: set[str], weight: float = 1.0) -> Terms:
    return [
        term
        for site in oracle.data.sites
        if site.country in countries
        for chip in oracle.data.chips
        for t in oracle.T
        for term in oracle.working(site.site, chip.chip, t, weight * oracle.years(t) * chip.performance_h100e)
    ]
