"""Bounds of capacity become limits where they bind, and are dropped only where other rows imply them."""

import pytest

from optimizer.model.build import build_model
from optimizer.solve.standard_form import standard_form
from optimizer.studies.site_limits import with_site_limits
from tests import instances as make
from tests.power.needed import needing


@pytest.mark.parametrize("method", ["columns", "embedded"])
def test_no_bound_of_a_technology_is_lost(method):
    """More of a technology than the load draws may be of use: each finite bound stays, as a row that has a name."""
    power = {"average_load_share": 0.8, "method": method}
    instance = needing(method, settings=make.settings(power=power, solver={"gap": 1e-6}))
    plan = build_model(instance)
    form = standard_form(plan.pyomo)
    _, limits = with_site_limits(plan, form)
    dispatched = {(o.site, o.option) for o in instance.power_options if instance.is_dispatched(o)}
    held = [key for key in plan.pyomo.capacity if key[:2] in dispatched]
    rows = [limit for limit in limits if limit.limit.family == "max_mw"]
    assert held
    assert len(rows) == len(held)
