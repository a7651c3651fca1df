"""Grid regions, their headroom, and the slots of long-lead equipment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from optimizer.instance.schema import GridHeadroom, GridRegion, GridStep, PowerKind, PowerOption, Row, Slots, SlotUse
from scripts.world_2026 import choices
from scripts.world_2026.choices import PLAN_YEARS
from scripts.world_2026.facts import Region
from scripts.world_2026.sites import Campus


def headroom_mw(region: Region, year: int) -> float:
    """Power that new large loads may draw from a grid region by the end of a year."""
    stated = choices.HEADROOM_DEFAULT_GW if region.headroom_gw is None else region.headroom_gw
    stated = max(choices.HEADROOM_FLOOR_GW, choices.CAMPUS_SHARE_OF_HEADROOM * stated)
    stated_year = region.headroom_year or 2030
    growth = choices.HEADROOM_GROWTH * max(1.0, min(stated, 10.0)) * 1000
    if year >= stated_year:
        return 1000 * stated + growth * (year - stated_year)
    first = choices.HEADROOM_FIRST_YEAR_SHARE
    return 1000 * stated * (first + (1 - first) * (year - 2027) / (stated_year - 2027))


def _committed_mw(options: list[PowerOption], steps: list[GridStep], year: int) -> dict[str, float]:
    """Contracted power of each site by the end of a year."""
    limit = (year + 1) * 12
    power = {option.site: option.max_mw for option in options if option.available_from < limit}
    for step in steps:
        if step.option == "contracted" and step.available_from < limit:
            power[step.site] = max(power.get(step.site, 0.0), step.cumulative_mw)
    return power


def grid_rows(campuses: tuple[Campus, ...], power: tuple[Row, ...]) -> Iterator[Row]:
    """Rows of grid_regions.csv and grid_headroom.csv; what is contracted comes on top of the headroom for new loads."""
    regions = {campus.region.region: campus.region for campus in campuses}
    region_of = {campus.site: campus.region.region for campus in campuses}
    contracted = [
        row
        for row in power
        if isinstance(row, PowerOption) and row.option == "contracted" and row.kind.uses_grid_headroom
    ]
    steps = [row for row in power if isinstance(row, GridStep)]
    grid_sites = {option.site for option in contracted}
    for name, region in sorted(regions.items()):
        yield GridRegion(grid_region=name, name=region.name, country=region.country, source=f"energy.csv region {name}")
        stated = (
            "none stated, 1 GW in 2030 assumed"
            if region.headroom_gw is None
            else f"{region.headroom_gw} GW by {region.headroom_year}"
        )
        for year in PLAN_YEARS:
            committed = sum(
                mw
                for site, mw in _committed_mw(contracted, steps, year).items()
                if site in grid_sites and region_of[site] == name
            )
            yield GridHeadroom(
                grid_region=name, year=year, cumulative_mw=float(round(headroom_mw(region, year) + committed, -1)),
                source=f"energy.csv headroom {stated}, 40 % of it to campuses, growth assumed; "
                f"{committed:.0f} MW contracted on top",
            )  # fmt: skip


def slot_rows(power: tuple[Row, ...]) -> Iterator[Row]:
    """Rows of slots.csv and slot_use.csv; machines of contracted power are delivered already and come on top."""
    options = [row for row in power if isinstance(row, PowerOption) and row.option == "contracted"]
    steps = [row for row in power if isinstance(row, GridStep)]
    uses: Mapping[str, Mapping[PowerKind, float]] = {
        "gas_turbines": {PowerKind.GAS_TURBINE: 1.0},
        "engines_and_fuel_cells": {PowerKind.GAS_ENGINE: 1.0, PowerKind.FUEL_CELL: 1.0},
        "hv_transformers": {
            PowerKind.GRID_FIRM: 1.0, PowerKind.GRID_INTERRUPTIBLE: 1.0, PowerKind.HYDRO: 1.0,
            PowerKind.GAS_TURBINE: 0.5,
            PowerKind.RENEWABLES_STORAGE: 1.0, PowerKind.NUCLEAR: 1.0, PowerKind.GEOTHERMAL: 1.0,
        },
    }  # fmt: skip
    base = {
        "gas_turbines": (choices.TURBINE_SLOTS_GW, "sites-energy-costs.md: 20 GW a year for data centres [10-40]"),
        "engines_and_fuel_cells": (choices.SMALL_GAS_SLOTS_GW, "sites-energy-costs.md: 6 GW a year [3-12]"),
        "hv_transformers": (choices.TRANSFORMER_SLOTS_GW, "judged from 128-160 week lead times: 26 GW a year [16-40]"),
    }  # fmt: skip
    for resource, (gigawatts, source) in base.items():
        for year in PLAN_YEARS:
            sites = {option.site for option in options if option.kind in uses[resource]}
            factor = {option.site: uses[resource].get(option.kind, 0.0) for option in options}
            before = _committed_mw(options, steps, year - 1)
            now = _committed_mw(options, steps, year)
            delivered = sum(factor[site] * (now[site] - before.get(site, 0.0)) for site in now if site in sites)
            megawatts = (
                1000 * choices.CAMPUS_SHARE_OF_SLOTS * gigawatts * (1 + choices.SLOT_GROWTH * (year - 2027)) + delivered
            )
            yield Slots(
                resource=resource,
                year=year,
                mw=float(round(megawatts, -1)),
                source=f"{source}, half to these campuses; {delivered:.0f} MW contracted on top",
            )
    for resource, kinds in uses.items():
        for kind, share in kinds.items():
            yield SlotUse(
                resource=resource,
                kind=kind,
                mw_per_mw=share,
                source="one for one; a campus with its own turbines halves its grid plant",
            )
