"""Coarser grids keep the span of the plan, and their plans are valued on the fine one."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.time_grids import Grid, run, valued, whole_values
from optimizer.instance import load_instance

INSTANCE = load_instance(Path(__file__).parents[2] / "instances" / "three-regions")


@pytest.fixture(scope="module")
def fine():
    return run(Grid(7, 12).of(INSTANCE))


def test_a_grid_keeps_the_span_and_is_fine_first():
    calendar = Grid(2, 6).of(INSTANCE).calendar
    assert (calendar.start, calendar.end) == (INSTANCE.calendar.start, INSTANCE.calendar.end)
    assert [span.months for span in calendar.periods] == 8 * [3] + 12 * [6]


def test_a_plan_valued_on_its_own_grid_is_worth_what_it_says(fine):
    assert valued(fine, fine.building()) == pytest.approx(fine.solution.incumbent, rel=1e-6)


def test_no_plan_of_another_grid_is_worth_more_than_the_bound(fine):
    coarse = run(Grid(2, 12).of(INSTANCE))
    worth = valued(fine, coarse.building())
    assert np.isfinite(worth)
    assert worth <= fine.solution.bound + 1e-6 * abs(fine.solution.bound)
    assert fine.solution.bound <= fine.relaxed + 1e-6 * abs(fine.relaxed)


def test_what_is_built_stays_built_and_nothing_is_built_before(fine):
    site, months = next(iter(INSTANCE.sites)).site, 12
    values = whole_values(fine, {(site, INSTANCE.calendar.start + months): 1.0})
    position = {id(variable): column for column, variable in enumerate(fine.form.variables)}
    calendar = fine.model.context.instance.calendar
    built = {
        calendar.periods[d].start: values[position[id(variable)]]
        for (name, d), variable in fine.model.pyomo.modules.items()
        if name == site
    }
    assert set(built.values()) <= {0.0, 1.0}
    assert all(value == (month >= INSTANCE.calendar.start + months) for month, value in built.items())
