"""Which columns of the standard form belong to which site."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from optimizer.model.build import PlanModel
from optimizer.model.limit_families import IMPLIED_FAMILIES
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.standard_form import StandardForm
from optimizer.units import gw_from_mw

#: Variables whose first index is a site, a zone and a market node.
_OF_A_SITE = ("modules", "opened", "working_gw", "arriving_gw", "capacity", "energy")
_OF_A_ZONE = ("installed", "compute", "expired", "sold_early", "left_so_far", "installed_so_far")
_OF_A_NODE = ("sold",)


def site_columns(model: PlanModel, form: StandardForm) -> tuple[SiteColumns, ...]:
    """Find the columns of what is built on every site that may build anything, in date order."""
    position = form.column_of
    modules: dict[str, list[int]] = defaultdict(list)
    parts: dict[str, list[int]] = defaultdict(list)
    opened: dict[str, list[int]] = defaultdict(list)
    building = [site for site, dates in model.siting.dates.items() if dates]
    whole = {site: model.siting.whole_dates(site) for site in building}
    for site in building:
        for d in model.siting.dates[site]:
            is_whole = d in whole[site]
            (modules if is_whole else parts)[site].append(position[id(model.pyomo.modules[site, d])])
            if is_whole and (site, d) in model.pyomo.opened:
                opened[site].append(position[id(model.pyomo.opened[site, d])])
    own = {site: columns for site, columns in _own_columns(model, position).items() if not parts[site]}
    return tuple(
        SiteColumns(
            modules=np.asarray(modules[site], dtype=np.intp),
            opened=np.asarray(opened[site], dtype=np.intp),
            dates=np.asarray(whole[site], dtype=np.intp),
            module_gw=gw_from_mw(model.context.instance.site_by_id[site].module_mw),
            own=np.asarray(own.get(site, ()), dtype=np.intp),
            parts=np.asarray(parts[site], dtype=np.intp),
        )
        for site in building
    )


def _own_columns(model: PlanModel, position: Mapping[int, int]) -> Mapping[str, list[int]]:
    """All columns of each site that shares neither chips nor markets with another, if there are implied rows."""
    algebra = model.pyomo
    if not any(len(algebra.find_component(family) or ()) for family in IMPLIED_FAMILIES):
        return {}
    zones = model.context.zones
    nodes = Counter(zone.node for zone in zones)
    alone = [zone for zone in zones if len(zone.sites) == 1 and nodes[zone.node] == 1]
    of_key: dict[object, str] = {zone.sites[0].site: zone.sites[0].site for zone in alone}
    of_key |= {key: zone.sites[0].site for zone in alone for key in (zone.name, zone.node)}
    own: dict[str, list[int]] = defaultdict(list)
    for variable in (*_OF_A_SITE, *_OF_A_ZONE, *_OF_A_NODE):
        for index, member in (algebra.find_component(variable) or {}).items():
            site, column = of_key.get(index[0]), position.get(id(member))
            if site is not None and column is not None:
                own[site].append(column)
    return own
