"""Moves between plans: what neighbours there are, what tangents promise, and that plans only get better."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.solve.outcomes import Ending
from optimizer.solve.stages.moving import MoveModules, Neighbours, Tangents
from optimizer.solve.stages.rounding import RoundAtOnce
from tests import instances as make
from tests.solve.stages.searching import best_plan, watched


def at(found):
    """The search at a poor plan: nothing but what is committed."""
    form = found.search.session.form
    plan = form.lower.copy()
    solved = found.search.session.solve_fixed(plan, time_limit=10)
    found.search.keep(solved.values, solved.objective, exact=True)
    return found


def test_moves_from_nothing_reach_a_plan_that_no_neighbour_betters():
    found = at(watched().relaxed())
    poor = found.search.incumbent
    assert found.run(MoveModules()) == ["moving modules"]
    assert poor < found.search.incumbent == pytest.approx(found.objective())
    assert found.search.incumbent <= best_plan()[1] + 1e-6
    search = found.search
    neighbours = Neighbours.of(search, search.values)
    whole = np.round(search.values[search.session.form.integer])
    for row in range(neighbours.changes.shape[0]):
        plan = search.values.copy()
        plan[search.session.form.integer] = whole + neighbours.changes[[row], :].toarray()[0]
        solved = search.session.solve_fixed(plan, time_limit=10)
        worth = solved.objective if solved.ending is Ending.OPTIMAL else -np.inf
        assert worth <= search.incumbent + 1e-3 * (search.bound - search.incumbent) + 1e-6


def test_neighbours_keep_to_bounds_and_never_let_counts_fall():
    found = watched().relaxed()
    found.run(RoundAtOnce())
    form, plan = found.search.session.form, found.search.values.copy()
    for site in found.search.sites:
        site.round(plan)
    changes = Neighbours.of(found.search, plan).changes
    assert changes.shape[0] > len(found.search.sites)
    for row in range(changes.shape[0]):
        changed = plan.copy()
        changed[form.integer] += changes[[row], :].toarray()[0]
        assert (changed[form.integer] >= form.lower[form.integer]).all()
        assert (changed[form.integer] <= form.upper[form.integer]).all()
        for site in found.search.sites:
            counts = changed[site.modules]
            assert (np.diff(counts) >= 0).all()
            if len(site.opened):
                assert ((counts > 0) == (changed[site.opened] > 0)).all()


def test_tangents_are_never_below_what_a_neighbour_is_worth():
    found = at(watched().relaxed())
    session, integer = found.search.session, found.search.session.form.integer
    plan = found.search.values.copy()
    whole = np.round(plan[integer])
    tangents = Tangents()
    tangents.add(whole, session.solve_fixed(plan, time_limit=10), integer)
    neighbours = Neighbours.of(found.search, plan)
    bounds = tangents.bounds(whole, neighbours)
    assert (bounds == tangents.latest(whole, neighbours)).all()
    seen = 0
    for row, bound in enumerate(bounds):
        changed = plan.copy()
        changed[integer] = whole + neighbours.changes[[row], :].toarray()[0]
        solved = session.solve_fixed(changed, time_limit=10)
        if solved.ending is Ending.OPTIMAL:
            seen += 1
            assert solved.objective <= bound + 1e-6
    assert seen > 3


def test_there_is_nothing_to_move_on_a_single_date():
    one = make.instance(settings=make.settings(count=1))
    found = watched(one).relaxed()
    found.run(RoundAtOnce())
    assert found.run(MoveModules()) == []
