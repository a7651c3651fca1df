"""Which columns of the standard form belong to which site."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from optimizer.model.build import PlanModel
from optimizer.solve.pipeline import SiteColumns
from optimizer.solve.standard_form import StandardForm


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
        SiteColumns(np.asarray(columns, dtype=np.intp), np.asarray(opened[site], dtype=np.intp))
        for site, columns in modules.items()
    )
