"""A search on the sites and with the steps of the best plan finds how many modules each is to have."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.solve.site_columns import columns_of_no_site
from optimizer.solve.stages import closing
from optimizer.solve.stages.mip import SearchOnSameSites
from optimizer.solve.stages.rounding import RoundByDate
from tests.solve.stages.searching import best_plan, watched
from tests.solve.stages.test_closing import open_sites, two_countries


def with_a_poor_plan():
    """A search whose plan has both sites open, and fewer modules than pay."""
    found = watched(two_countries(near_only=True)).relaxed()
    search = found.search
    poor = search.relaxation.values.copy()
    steps = columns_of_no_site(search.session.form.integer, search.sites)
    poor[steps] = 1.0
    for site, modules in zip(search.sites, (2.0, 1.0), strict=True):
        poor[site.modules], poor[site.opened] = modules, 1.0
    plan = search.session.solve_fixed(poor, time_limit=10)
    search.keep(plan.values, plan.objective, exact=True)
    return found


@pytest.fixture(autouse=True)
def _any_part_of_a_step_matters(monkeypatch):
    """The gap of a poor plan is wide, and parts of steps are little of it."""
    monkeypatch.setattr(closing, "STEPS_MATTER", 0.0)


def test_the_modules_of_the_same_sites_become_the_best():
    found = with_a_poor_plan()
    poor, bound = found.search.incumbent, found.search.bound
    assert found.run(SearchOnSameSites()) == ["search on the same sites"]
    assert open_sites(found) == [True, True]
    assert poor < found.search.incumbent == pytest.approx(best_plan(two_countries(near_only=True))[1])
    assert found.search.incumbent == pytest.approx(found.objective())
    assert found.search.bound == bound, "what it proves holds for these sites only"


def test_the_model_is_as_it_was():
    found = with_a_poor_plan()
    found.run(SearchOnSameSites())
    again = found.search.session.solve_relaxation(interior_point=False, time_limit=10)
    assert again.objective == pytest.approx(found.search.bound)
    found.run(RoundByDate())
    assert np.isfinite(found.search.incumbent)


def test_without_steps_or_a_plan_there_is_no_such_search():
    steps_without_plan = watched(two_countries()).relaxed()
    assert steps_without_plan.run(SearchOnSameSites()) == []
    plan_without_steps = watched().relaxed()
    plan_without_steps.run(RoundByDate())
    assert plan_without_steps.run(SearchOnSameSites()) == []
