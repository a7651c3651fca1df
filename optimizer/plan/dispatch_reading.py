"""How computed sites run, out of a solved model: the load of each mode, and the modes themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerMethod
from optimizer.model.dispatch import TechnologyShares
from optimizer.model.hourly_dispatch import unit_years
from optimizer.model.plan_model import PlanModel
from optimizer.model.timing import PeriodIndex, Timing
from optimizer.power.modes import ModePool, with_pools
from optimizer.power.unit_year import Physics, UnitYear

#: Smaller loads than this are solver noise [TWh].
NOISE = 1e-9

Levels = Mapping[tuple[str, str, int], float]
"""Load that runs in a mode, by site, mode and year [TWh]."""


@dataclass(frozen=True)
class PlanDispatch:
    """Dispatch of a plan.

    Attributes
    ----------
    instance
        With the modes that the levels speak of; where the hours are in the model they are made here.
    """

    instance: Instance
    levels: Levels

    def energies(
        self, capacity: Mapping[tuple[str, str, PeriodIndex], float], timing: Timing
    ) -> Iterator[tuple[tuple[str, str, int], float]]:
        """TWh that options deliver, by site, option and year; those of one storage share it by what stands of them."""
        shares = TechnologyShares(self.instance)
        made: dict[tuple[str, str, int], float] = defaultdict(float)
        for (site, mode, year), level in self.levels.items():
            for row in self.instance.modes_of_site[site][mode]:
                made[site, row.technology, year] += level * row.mwh_per_mwh

        def standing(site: str, option: str, year: int) -> float:
            dates = ((timing.length(t), timing.decision_serving(t)) for t in timing.of_year(year))
            return sum(length * capacity.get((site, option, d), 0.0) for length, d in dates)

        for (site, technology, year), twh in made.items():
            options = [option.option for option, _ in shares.by_technology[site, technology]]
            held = [standing(site, option, year) for option in options]
            for option, gw_years in zip(options, held, strict=True):
                share = gw_years / sum(held) if sum(held) > 0 else 1 / len(options)
                if twh * share > NOISE:
                    yield (site, option, year), twh * share


def read_dispatch(model: PlanModel) -> PlanDispatch:
    """Take the dispatch of computed sites out of a model whose variables hold a solution."""
    instance = model.context.instance
    if not model.power.dispatch:
        return PlanDispatch(instance, {})
    if instance.settings.power.method is PowerMethod.EMBEDDED:
        return _from_hours(model)
    levels = {key: value for key, variable in model.pyomo.level.items() if (value := variable.value) > NOISE}
    return PlanDispatch(instance, levels)


def _from_hours(model: PlanModel) -> PlanDispatch:
    instance, units = model.context.instance, unit_years(model.context)
    pools = {row.site: ModePool(Physics.of(instance, row)) for row in instance.site_power}
    levels: dict[tuple[str, str, int], float] = {}
    for (site, year), of_year in model.power.dispatch.items():
        level = sum(factor * variable.value for factor, variable in of_year.supplied)
        if level > NOISE:
            pools[site].add(units[site].mode(_unit_hours(model, units[site], site, year) / level))
            levels[site, f"m{len(pools[site].modes)}", year] = level
    return PlanDispatch(with_pools(instance, pools), levels)


def _unit_hours(model: PlanModel, unit: UnitYear, site: str, year: int) -> np.ndarray:
    columns = range(unit.program[0].matrix.shape[1])
    return np.array([model.pyomo.hourly[site, year, column].value or 0.0 for column in columns])


__all__ = ["Levels", "PlanDispatch", "read_dispatch"]
