"""Of many portfolios those stay that some plan could miss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.power.pruning import Candidate, worth_keeping

YEARS = (2027, 2028, 2029, 2030)


def candidate(cost, year=2027, carbon=0.0, **takes):
    return Candidate(12 * year, cost, carbon, takes)


def test_few_stay_as_they_are():
    assert worth_keeping([candidate(500), candidate(600)], YEARS, 2) == [0, 1]


def test_the_cheapest_alone():
    assert worth_keeping([candidate(500), candidate(400), candidate(600)], YEARS, 1) == [1]


def test_interruptible_now_and_firm_later():
    """Dear power now is worth having until cheap power comes; what is dear and late is not."""
    early, late, worse = candidate(600, 2027), candidate(400, 2029), candidate(650, 2030)
    assert worth_keeping([worse, late, early], YEARS, 2) == [1, 2]


def test_what_does_without_the_grid_and_what_does_without_turbines():
    grid = candidate(400, grid=1.0)
    also_grid = [candidate(400 + n, grid=1.0) for n in range(1, 4)]
    turbine = candidate(450, turbine=1.0)
    engine = candidate(520, engine=1.0)
    assert worth_keeping([*also_grid, engine, grid, turbine], YEARS, 3) == [3, 4, 5]


def test_the_clean_one():
    dirty, clean, between = candidate(400, carbon=3.0), candidate(500, carbon=0.1), candidate(499, carbon=2.99)
    assert worth_keeping([dirty, between, clean], YEARS, 2) == [0, 2]


def test_what_adds_next_to_nothing_is_left_out_even_if_there_is_room():
    alike = [candidate(400 - n / 100, 2027 + n % 4) for n in range(8)]
    assert len(worth_keeping(alike, YEARS, 6)) < 4


numbers = st.floats(100, 1400)
candidates = st.builds(
    lambda cost, year, carbon, grid, slots: candidate(cost, year, carbon, grid=grid, slots=slots),
    numbers, st.integers(2027, 2031), st.floats(0, 4), st.floats(0, 1.5), st.floats(0, 1.5),
)  # fmt: skip


@given(st.lists(candidates, min_size=1, max_size=12), st.integers(1, 6))
def test_never_more_than_asked_for_and_always_one(made, most):
    kept = worth_keeping(made, YEARS, most)
    assert 1 <= len(kept) <= max(most, 1)
    assert kept == sorted(set(kept))
    assert all(0 <= position < len(made) for position in kept)


@given(st.lists(candidates, min_size=3, max_size=10), st.integers(1, 4))
def test_who_is_worse_in_everything_changes_nothing(made, most):
    """A portfolio that is dearer, later and takes more than a kept one is never chosen instead of it."""
    worse = [Candidate(c.available_from + 3, c.cost + 1, c.carbon + 0.1, c.takes) for c in made]
    kept = worth_keeping([*made, *worse], YEARS, most)
    for position in kept:
        if position >= len(made):
            assert position - len(made) in kept


@pytest.mark.parametrize("most", [1, 3])
def test_power_that_comes_too_late_for_the_plan_is_no_error(most):
    assert len(worth_keeping([candidate(500, 2040) for _ in range(4)], YEARS, most)) <= most
