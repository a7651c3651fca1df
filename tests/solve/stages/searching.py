"""A search on a small instance, as a stage finds it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.schema.settings import SolverSettings
from optimizer.model.build import build_model
from optimizer.solve.columns import site_columns
from optimizer.solve.search import Helps, Search
from optimizer.solve.session import HighsSession
from optimizer.solve.stages.relaxation import Relaxation
from optimizer.solve.stages.stage import Stage, run_stages
from optimizer.solve.standard_form import FloatArray, standard_form
from optimizer.solve.step_rows import raised_limits
from tests import instances as make


@dataclass
class Watched:
    """A search, and what is asked of it."""

    search: Search

    def run(self, *stages: Stage) -> list[str]:
        """Run stages; return the names of those that applied."""
        before = len(self.search.reports)
        run_stages(stages, self.search)
        return [report.stage for report in self.search.reports[before:]]

    def relaxed(self) -> Watched:
        """The same once the relaxation is known."""
        assert self.run(Relaxation()) == ["linear relaxation"]
        return self

    def objective(self) -> float:
        """Objective of the plan, from its columns, which must meet every row."""
        values, form = self.search.values, self.search.session.form
        assert values is not None
        body = form.matrix @ values
        assert np.all(body <= form.row_upper + 1e-6 * (1 + np.abs(body)))
        assert np.all(body >= form.row_lower - 1e-6 * (1 + np.abs(body)))
        np.testing.assert_allclose(values[form.integer], np.round(values[form.integer]), atol=1e-6)
        return float(form.cost @ values + form.offset)


def three_sites() -> Instance:
    """An instance whose relaxation builds parts of modules: chips for 1.05 GW, modules of 150, 200 and 400 MW."""
    sites = [
        make.site("alpha", module_mw=400, max_modules=2, open_cost_musd=100),
        make.site("beta", module_mw=150, max_modules=3, module_cost_usd_per_kw=9_000),
        make.site("gamma", module_mw=200, max_modules=2, open_cost_musd=200),
    ]
    units = (500_000, 350_000, 200_000)
    supply = [make.supply(during=str(2027 + year), units=count) for year, count in enumerate(units)]
    return make.instance(sites=sites, chip_supply=supply)


def watched(instance: Instance | None = None, **settings: Any) -> Watched:
    """A search that has just begun."""
    model = build_model(three_sites() if instance is None else instance)
    form = standard_form(model.pyomo)
    stop = threading.Event()
    return Watched(
        Search(
            HighsSession(form, threads=1, seed=1, stop=stop),
            SolverSettings(**{"gap": 0.0, "time_limit_seconds": 60, "threads": 1, **settings}),
            lambda _: None,
            stop,
            sites=site_columns(model, form),
            helps=Helps(raised=raised_limits(model, form)),
        )
    )


def best_plan(instance: Instance | None = None) -> tuple[FloatArray, float]:
    """The best plan of the instance, by one MIP, and its objective."""
    session = watched(instance).search.session
    found = session.solve_mip(gap=0, gap_absolute=0, time_limit=60)
    assert found.values is not None
    return found.values, found.objective
