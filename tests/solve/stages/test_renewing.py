"""Sites let go a few at a time: plans only get better, and everything else stays as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.solve.stages.renewing import RoundSitesAnew, _only_free
from optimizer.solve.stages.rounding import RoundByDate
from tests.solve.stages.searching import best_plan, watched


def with_nothing_built(**settings):
    """The search at a poor plan: nothing but what is committed."""
    found = watched(**settings).relaxed()
    search = found.search
    solved = search.session.solve_fixed(search.session.form.lower, time_limit=10)
    search.keep(solved.values, solved.objective, exact=True)
    return found


@pytest.mark.parametrize("freed", [0.3, 0.7, 1.0])
def test_from_nothing_the_plan_becomes_a_good_one(freed):
    found = with_nothing_built()
    search, poor, bound = found.search, found.search.incumbent, found.search.bound
    assert found.run(RoundSitesAnew(freed=freed)) == ["rounding some sites anew"]
    assert search.incumbent == pytest.approx(found.objective())
    assert search.incumbent <= best_plan()[1] + 1e-6
    assert search.incumbent - poor > 0.8 * (best_plan()[1] - poor)
    assert search.bound == bound, "nothing is proven"


def test_one_site_at_a_time_ends_where_no_site_alone_can_be_rounded_better():
    found = with_nothing_built()
    found.run(RoundSitesAnew(freed=0.01, patience=3))
    search = found.search
    for site in search.sites:
        lower, upper = _only_free(search, np.round(search.values), [site])
        alone = search.session.solve_between(lower, upper, time_limit=10)
        rounded = alone.values.copy()
        site.round(rounded)
        again = search.session.solve_fixed(rounded, time_limit=10)
        assert again.objective <= search.incumbent + 0.02 * (search.bound - search.incumbent) + 1e-6


def test_a_site_with_nothing_to_decide_is_passed_over():
    found = with_nothing_built()
    search, nothing = found.search, np.array([], dtype=np.intp)
    empty = replace(search.sites[0], modules=nothing, opened=nothing)
    search.sites = [*search.sites, empty]
    chosen = next(RoundSitesAnew(freed=1.0)._choices(search))
    assert chosen
    assert len(search.sites) - 1 not in chosen


def test_only_the_sites_let_go_have_a_choice():
    found = watched().relaxed()
    found.run(RoundByDate())
    search = found.search
    form, plan = search.session.form, np.round(search.whole_plan())
    lower, upper = _only_free(search, plan, [search.sites[1]])
    free = np.concatenate([search.sites[1].modules, search.sites[1].opened])
    assert (lower[free] == form.lower[free]).all()
    assert (upper[free] == form.upper[free]).all()
    held = form.integer.copy()
    held[free] = False
    assert (lower[held] == plan[held]).all()
    assert (upper[held] == plan[held]).all()


def test_the_same_seed_draws_the_same_sites():
    ends = []
    for seed in (1, 1, 2):
        found = with_nothing_built(seed=seed, deterministic=True)
        choices = RoundSitesAnew(freed=0.4)._choices(found.search)
        ends.append([next(choices) for _ in range(6)])
    assert ends[0] == ends[1] != ends[2]
    assert {number for choice in ends[0] for number in choice} == {0, 1}, "neither plan nor relaxation uses gamma"


def test_without_a_plan_nothing_is_let_go():
    assert watched().relaxed().run(RoundSitesAnew()) == []
