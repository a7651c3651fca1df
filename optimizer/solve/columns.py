"""Which columns of the standard form belong to which site."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from optimizer.model.build import PlanModel
from optimizer.solve.site_columns import SiteColumns
from optimizer.solve.standard_form import StandardForm
from optimizer.units import gw_from_mw


def site_columns(model: PlanModel, form: StandardForm) -> tuple[SiteColumns, ...]:
    """Find the whole columns of every site, in date order."""
    position = {id(variable): column for column, variable in enumerate(form.variables)}
    modules: dict[str, list[int]] = defaultdict(list)
    opened: dict[str, list[int]] = defaultdict(list)
    for site, dates in model.siting.dates.items():
        for d in dates:
            modules[site].append(position[id(model.pyomo.modules[site, d])])
            if (site, d) in model.pyomo.opened:
                opened[site].append(position[id(model.pyomo.opened[site, d])])
    return tuple(
        SiteColumns(
            modules=np.asarray(columns, dtype=np.intp),
            opened=np.asarray(opened[site], dtype=np.intp),
            dates=np.asarray(model.siting.dates[site], dtype=np.intp),
            module_gw=gw_from_mw(model.context.instance.site_by_id[site].module_mw),
        )
        for site, columns in modules.items()
    )
