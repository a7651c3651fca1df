"""Computed power of the world as if it were given: copies of a site differ too much to compute the power of each."""

from __future__ import annotations

from dataclasses import replace

from optimizer.instance.instance import Instance
from optimizer.instance.schema import PowerOption
from scripts.resampling.draw import rounded


def with_given_power(world: Instance) -> Instance:
    """Take the computed options as given ones, each up to what its technologies may be in the end.

    What options of a site share in technologies is lost, and what a mix takes of grid and slots is that of its main
    source.
    """
    most: dict[tuple[str, str], tuple[int, float]] = {}
    for row in world.technology_limits:
        key = (row.site, row.technology)
        most[key] = max(most.get(key, (row.holds_from, row.cumulative_mw)), (row.holds_from, row.cumulative_mw))

    def given(option: PowerOption) -> PowerOption:
        parts = world.parts_of_option.get((option.site, option.option), ())
        limits = [most[part.site, part.technology][1] / part.mw_per_mw for part in parts if part.mw_per_mw > 0]
        megawatts = rounded(min([option.max_mw, *limits]))
        return option.model_copy(update={"max_mw": megawatts, "beside_computed": False})

    return replace(
        world,
        power_options=tuple(given(option) for option in world.power_options),
        portfolio_parts=(),
        site_power=(),
        technologies=(),
        technology_costs=(),
        technology_limits=(),
        fuel_prices=(),
        climates=(),
    )
