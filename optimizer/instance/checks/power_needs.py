"""Needs of computed power: what they take for granted."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.checks.context import Context
from optimizer.instance.codes import Code
from optimizer.instance.instance import Instance
from optimizer.instance.places import CellRef, Finding
from optimizer.instance.schema import PowerNeeds, TechnologyRow

TABLE = "power_needs"


def check_cuts(instance: Instance, _: Context) -> Iterator[Finding]:
    """Load that may be cut without a cost: a plan would cut it whenever power costs anything."""
    for index, row in enumerate(instance.power_needs):
        if row.is_curtailable and row.curtailment_cost_usd_per_mwh is None:
            at = CellRef(TABLE, index, "curtailment_depth")
            message = f"load of site '{row.site}' may be cut, but curtailment_cost_usd_per_mwh is empty"
            yield Finding(Code.CUTS_WITHOUT_COST, at, message, str(row.curtailment_depth))


def check_technologies(instance: Instance, context: Context) -> Iterator[Finding]:
    """Sites that must be clean without anything clean, or pay for a grid that they do not have."""
    if not context.is_whole("technologies", "technology_limits", TABLE):
        return
    for index, row in enumerate(instance.power_needs):
        offered = _offered(instance, row)
        if row.hourly_clean_share > 0 and not any(one.clean for one in offered):
            at = CellRef(TABLE, index, "hourly_clean_share")
            message = f"site '{row.site}' must be clean in every hour, and no technology that it may build is clean"
            yield Finding(Code.NOTHING_CLEAN, at, message, str(row.hourly_clean_share))
        if row.is_metered and not any(one.kind.is_grid for one in offered):
            at = CellRef(TABLE, index, "demand_charge_usd_per_kw_year")
            message = f"site '{row.site}' may build no grid connection, so that nothing is charged"
            yield Finding(Code.CHARGE_WITHOUT_GRID, at, message, str(row.demand_charge_usd_per_kw_year))


def _offered(instance: Instance, row: PowerNeeds) -> list[TechnologyRow]:
    names = {limit.technology for limit in instance.technology_limits if limit.site == row.site}
    return [technology for technology in instance.technologies if technology.technology in names]


CHECKS = (check_cuts, check_technologies)
