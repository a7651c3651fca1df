"""Everything that the computed options of a site depend on, as a short content hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from optimizer.instance.instance import Instance
from optimizer.instance.schema import Row, SitePower
from optimizer.power.asked import whole_key

#: Changes whenever the same inputs give other options.
VERSION = 5
#: Typical days of which the hash says nothing, so that options computed before there was a choice stay.
USUAL_DAYS = 3
_LABELS = {"source", "name", "title", "status"}


def inputs_hash(instance: Instance, row: SitePower) -> str:
    """Hash of what the options of a site are computed from.

    Amounts of `technology_limits` are left out, but whether they are above 0: they are rows of the model.
    """
    digest = hashlib.sha256()
    for part in _inputs(instance, row):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()[:16]


def _inputs(instance: Instance, row: SitePower) -> Iterator[object]:
    site, calendar = instance.site_by_id[row.site], instance.calendar
    limits = [limit for limit in instance.technology_limits if limit.site == row.site]
    offered = {limit.technology for limit in limits}
    yield VERSION, calendar.start, tuple(calendar.years)
    yield instance.settings.power.average_load_share, instance.settings.power.portfolios_per_site
    yield site.pue_average, site.pue_peak, site.module_mw, instance.country_by_code[site.country].wacc_fraction
    yield _numbers(row)
    if instance.settings.power.typical_days != USUAL_DAYS:
        yield instance.settings.power.typical_days
    if instance.settings.power.refine_all_days:
        yield "refined days"
    if asked := whole_key(instance.needs(row.site)):
        yield asked
    yield [(limit.technology, limit.holds_from, limit.cumulative_mw > 0) for limit in limits]
    yield [_numbers(made) for made in instance.technologies if made.technology in offered]
    yield [_numbers(cost) for cost in instance.technology_costs if cost.technology in offered]
    yield [_numbers(price) for price in instance.fuel_prices if price.fuel_region == row.fuel_region]
    yield [_numbers(climate) for climate in instance.climates if climate.climate == row.climate]
    named = {value for column, value in row if column.endswith("_profile") and value}
    if named:
        hours = getattr(instance, "hourly_profiles", ())
        yield [(hour.profile, hour.hour, hour.value) for hour in hours if hour.profile in named]


def _numbers(row: Row) -> list[tuple[str, Any]]:
    return [(column, value) for column, value in row if column not in _LABELS]
