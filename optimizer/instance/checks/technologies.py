"""Tables of computed power: what a technology needs before it can be priced."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding


def check_costs(instance: Instance, context: Context) -> Iterator[Finding]:
    """Technologies without any cost."""
    if not context.is_whole("technologies", "technology_costs"):
        return
    priced = {cost.technology for cost in instance.technology_costs}
    for index, row in enumerate(instance.technologies):
        if row.technology not in priced:
            at = CellRef("technologies", index, "technology")
            message = f"technology '{row.technology}' has no row in technology_costs.csv"
            yield Finding(Code.TECHNOLOGY_WITHOUT_COST, at, message, row.technology)


def check_fuel_prices(instance: Instance, context: Context) -> Iterator[Finding]:
    """Technologies offered at a site in whose fuel region their fuel has no price. A wholly unknown fuel is a link."""
    if not context.is_whole("technologies", "fuel_prices", "site_power", "technology_limits"):
        return
    fuels = {row.technology: row.fuel for row in instance.technologies}
    regions = {row.site: row.fuel_region for row in instance.site_power}
    priced = {(price.fuel_region, price.fuel) for price in instance.fuel_prices}
    known = {fuel for _, fuel in priced}
    known_regions = {region for region, _ in priced}
    for index, limit in enumerate(instance.technology_limits):
        fuel, region = fuels.get(limit.technology), regions.get(limit.site)
        if fuel in known and region in known_regions and (region, fuel) not in priced:
            at = CellRef("technology_limits", index, "technology")
            message = f"'{limit.technology}' needs '{fuel}', which has no price in fuel region '{region}'"
            yield Finding(Code.FUEL_WITHOUT_PRICE, at, message, limit.technology)


CHECKS = (check_costs, check_fuel_prices)
