"""What fits on a site, as rows: the model holds it as bounds of columns, which cannot be made to give way."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from scipy import sparse

from optimizer.instance.places import CellRef
from optimizer.model.plan_model import PlanModel
from optimizer.model.power import useful_gw
from optimizer.solve.standard_form import StandardForm
from optimizer.studies.limit_index import LimitKey, LimitRow

#: More modules than any site may have (the schema allows 100), so that searches over whole numbers end.
_MOST_MODULES: Final = 200.0


def with_site_limits(plan: PlanModel, form: StandardForm) -> tuple[StandardForm, tuple[LimitRow, ...]]:
    """Turn the bounds of modules and of power capacity into rows, and say what they mean.

    Bounds of capacity that only say what the site could ever draw are dropped: other rows imply them.
    """
    columns = form.column_of
    names = {name: row for row, name in enumerate(form.row_names)}
    first = len(form.row_names)
    upper = form.upper.copy()
    bounded: list[int] = []
    found: list[LimitRow] = []
    sites = {site.site: number for number, site in enumerate(plan.context.instance.sites)}
    for (site, d), variable in plan.pyomo.modules.items():
        column = columns.get(id(variable))
        if column is not None:
            opening = names.get(f"modules_need_an_open_site[{site},{d}]")
            cell = CellRef("sites", sites[site], "max_modules")
            also = () if opening is None else (opening,)
            found.append(LimitRow(LimitKey("max_modules", site), str(d), first + len(bounded), (cell,), also))
            bounded.append(column)
            upper[column] = _MOST_MODULES
    offered = plan.context.instance.power_options
    options = {(option.site, option.option): number for number, option in enumerate(offered)}
    for (site, name, d), variable in plan.pyomo.capacity.items():
        column = columns.get(id(variable))
        if column is None:
            continue
        number = options[site, name]
        if form.upper[column] < useful_gw(plan.context.instance, offered[number]) - 1e-9:
            cell = CellRef("power_options", number, "max_mw")
            found.append(LimitRow(LimitKey("max_mw", site), str(d), first + len(bounded), (cell,)))
            bounded.append(column)
        upper[column] = np.inf
    return _with_rows(form, bounded, upper), tuple(found)


def _with_rows(form: StandardForm, bounded: list[int], upper: np.ndarray) -> StandardForm:
    count = len(bounded)
    rows = sparse.csc_array((np.ones(count), (np.arange(count), bounded)), shape=(count, form.matrix.shape[1]))
    return replace(
        form,
        matrix=sparse.csc_array(sparse.vstack([form.matrix, rows])),
        upper=upper,
        row_lower=np.concatenate([form.row_lower, np.full(count, -np.inf)]),
        row_upper=np.concatenate([form.row_upper, form.upper[bounded]]),
        row_names=[*form.row_names, *(f"bound[{form.variables[column].name}]" for column in bounded)],
    )
