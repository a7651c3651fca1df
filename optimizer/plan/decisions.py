"""What was decided, site by site, free of any solver: everything else in a plan follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyomo.environ as pyo

from optimizer.model.build import PlanModel
from optimizer.model.timing import PeriodIndex
from optimizer.model.zones import MarketNode
from optimizer.plan.dispatch_reading import Levels, PlanDispatch
from optimizer.plan.permission import read_permits, read_steps

#: Smaller flows than this (in model units: a thousandth of a chip, a watt) are solver noise.
NOISE = 1e-9


@dataclass(frozen=True)
class Decisions:
    """A plan's decisions.

    Attributes
    ----------
    modules
        Modules committed, by site and decision period.
    installed, retired_early
        Million chips, by site, chip and period.
    capacity
        Facility power of a power option from a decision period on, by site, option and decision period [GW].
    energy
        By site, option and year [TWh].
    levels
        Load that runs in a dispatch mode, by site, mode and year [TWh].
    sold
        By market node, stack, region, workload and year [million H100e-years].
    bought
        By region, workload, year and block [million H100e-years].
    permitted
        Million chips that travel under a permit, by rule, site, chip and period.
    steps
        Quota steps that are bought, by rule and name of the group.
    """

    modules: Mapping[tuple[str, PeriodIndex], int | float]
    installed: Mapping[tuple[str, str, PeriodIndex], float]
    retired_early: Mapping[tuple[str, str, PeriodIndex], float]
    capacity: Mapping[tuple[str, str, PeriodIndex], float]
    energy: Mapping[tuple[str, str, int], float]
    levels: Levels
    sold: Mapping[tuple[MarketNode, str, str, str, int], float]
    bought: Mapping[tuple[str, str, int, int], float]
    permitted: Mapping[tuple[str, str, str, PeriodIndex], float]
    steps: frozenset[tuple[str, str]]


def read_decisions(model: PlanModel, dispatch: PlanDispatch) -> Decisions:
    """Take the decisions out of a model whose variables hold a solution.

    Zone chips are split over the sites of the zone in proportion to the IT power that each gains,
    which is exact (see `optimizer.model.zones`).
    """
    installed = _installations(model)
    capacity, energy = _capacity(model), _positive(model.pyomo.energy)
    if dispatch.levels:
        dispatched, parts = model.context.instance.dispatched_sites, model.context.instance.parts_of_option
        of_options = {key: twh for key, twh in energy.items() if key[0] not in dispatched or key[:2] not in parts}
        energy = {**of_options, **dict(dispatch.energies(capacity, model.context.timing))}
    return Decisions(
        modules=_modules(model),
        installed=installed,
        retired_early=_early_retirements(model),
        capacity=capacity,
        energy=energy,
        levels=dispatch.levels,
        sold=_positive(model.pyomo.sold),
        bought=_positive(model.pyomo.bought),
        permitted=read_permits(model, installed, NOISE),
        steps=read_steps(model),
    )


def _positive(variables: pyo.Var) -> dict[Any, float]:
    return {index: value for index, variable in variables.items() if (value := variable.value) > NOISE}


def _modules(model: PlanModel) -> dict[tuple[str, PeriodIndex], int | float]:
    committed: dict[tuple[str, PeriodIndex], int | float] = {}
    for site, dates in model.siting.dates.items():
        before: int | float = 0
        for d in dates:
            value = model.pyomo.modules[site, d].value
            now = round(value) if model.siting.is_whole(site, d) else value
            if now - before > NOISE:
                committed[site, d] = now - before
                before = now
    return committed


def _installations(model: PlanModel) -> dict[tuple[str, str, PeriodIndex], float]:
    arriving, chips = model.pyomo.arriving_gw, model.context.instance.chip_by_id
    shares: dict[tuple[str, int, PeriodIndex], list[tuple[str, float]]] = {}
    members = {zone.name: zone.sites for zone in model.context.zones}

    def shares_of(zone: str, life: int, period: PeriodIndex) -> list[tuple[str, float]]:
        key = (zone, life, period)
        if key not in shares:
            gains = [
                (site.site, value)
                for site in members[zone]
                if (site.site, life, period) in arriving and (value := arriving[site.site, life, period].value) > NOISE
            ]
            total = sum(value for _, value in gains)
            shares[key] = [(site, value / total) for site, value in gains]
        return shares[key]

    installed: dict[tuple[str, str, PeriodIndex], float] = {}
    for (zone, chip, t), variable in model.pyomo.installed.items():
        if variable.value > NOISE:
            for site, share in shares_of(zone, chips[chip].life_months, t):
                if variable.value * share > NOISE:
                    installed[site, chip, t] = variable.value * share
    return installed


def _early_retirements(model: PlanModel) -> dict[tuple[str, str, PeriodIndex], float]:
    """Departures beyond those that the end of life forces."""
    if not model.fleet.early_retirement:
        return {}
    timing, pyomo_model = model.context.timing, model.pyomo
    site_of = {zone.name: zone.sites[0].site for zone in model.context.zones}
    retired: dict[tuple[str, str, PeriodIndex], float] = {}
    bought: dict[tuple[str, str], list[tuple[PeriodIndex, float]]] = defaultdict(list)
    for (zone, chip_id, t), variable in pyomo_model.installed.items():
        bought[zone, chip_id].append((t, variable.value))
    left: dict[tuple[str, str], float] = defaultdict(float)
    for zone, chip_id, t in sorted(pyomo_model.left_so_far, key=lambda key: int(key[2])):
        chip = model.context.instance.chip_by_id[chip_id]
        over = sum(
            n for tau, n in bought[zone, chip_id] if (gone := timing.departure(chip, tau)) is not None and gone <= t
        )
        forced = max(0.0, over - left[zone, chip_id])
        gone_now = pyomo_model.expired[zone, chip_id, t].value + pyomo_model.sold_early[zone, chip_id, t].value
        if gone_now - forced > NOISE:
            retired[site_of[zone], chip_id, t] = gone_now - forced
        left[zone, chip_id] += gone_now
    return retired


def _capacity(model: PlanModel) -> dict[tuple[str, str, PeriodIndex], float]:
    """Capacity by decision date, freed of the noise by which it may seem to fall."""
    held: dict[tuple[str, str, PeriodIndex], float] = {}
    for key, dates in model.power.dates.items():
        before = 0.0
        for d in dates:
            value = model.pyomo.capacity[*key, d].value
            before = value if value > before + NOISE else before
            if before > NOISE:
                held[*key, d] = before
    return held
