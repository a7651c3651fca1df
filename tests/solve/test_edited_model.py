"""Edits in place are the same in both copies, and what was added goes away again."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from optimizer.solve.session import HighsSession
from tests.solve.knapsack import knapsack


@pytest.fixture
def session() -> HighsSession:
    return HighsSession(knapsack(), threads=1, seed=1, stop=threading.Event())


def solve_whole(session: HighsSession) -> float:
    return session.solve_mip(gap=0, gap_absolute=0, time_limit=10).objective


def relax(session: HighsSession) -> float:
    return session.solve_relaxation(interior_point=False, time_limit=10).objective


def test_edits_in_place_equal_a_new_model(session: HighsSession) -> None:
    assert solve_whole(session) == pytest.approx(5 + 4 / 3 + 6)
    session.set_row_bounds(0, -np.inf, 2.0)
    assert solve_whole(session) == pytest.approx(6)
    session.set_coefficient(0, 0, 0.5)
    assert session.row(0) == {0: 0.5, 1: 3.0, 2: 1.0}
    assert solve_whole(session) == pytest.approx(10 + 0.8 + 1.2)  # a = 2, b = 0.2, c = 0.4
    session.set_cost(np.array([0.0, 1.0, 0.0]), 7.0)
    assert solve_whole(session) == pytest.approx(7 + 2 / 3)


def test_both_copies_take_part_in_every_edit(session: HighsSession) -> None:
    """Relaxations run on one copy, searches on the other."""
    assert relax(session) == pytest.approx(12.8)
    session.set_bounds(np.array([0]), np.array([1.0]), np.array([1.0]))
    assert relax(session) == pytest.approx(solve_whole(session)) == pytest.approx(5 + 4 / 3 + 6)
    session.add_rows(sparse.csr_array(np.array([[0.0, 0.0, 1.0]])), np.array([1.0]))
    assert relax(session) == pytest.approx(solve_whole(session)) == pytest.approx(5 + 8 / 3 + 3)
    session.reset_bounds()
    assert relax(session) > solve_whole(session)


def test_what_was_added_goes_away_again(session: HighsSession) -> None:
    before = session.as_it_is()
    column = session.add_column(lower=0.0, upper=1.0)
    row = session.add_row(np.array([0, column]), np.array([1.0, -1.0]), 1.0, np.inf)
    assert session.row_count == 3
    assert session.row(row) == {0: 1.0, column: -1.0}
    changed = session.as_it_is()
    assert changed.matrix.shape == (3, 4)
    assert list(changed.row_names) == ["first", "second", ""]
    session.remove_added()
    after = session.as_it_is()
    assert (after.matrix != before.matrix).nnz == 0
    assert (after.cost == before.cost).all()
    assert list(after.row_names) == list(before.row_names)
    assert solve_whole(session) == pytest.approx(5 + 4 / 3 + 6)


def test_rows_are_dropped_from_one_on(session: HighsSession) -> None:
    session.add_rows(sparse.csr_array(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])), np.array([0.0, 0.0]))
    assert relax(session) == pytest.approx(6)
    session.drop_rows(3)
    assert relax(session) == pytest.approx(4 + 3 * 2)  # a = 0, b = 1, c = 2
    session.drop_rows(2)
    assert relax(session) == pytest.approx(12.8)


def test_rows_are_read_as_they_stand(session: HighsSession) -> None:
    session.set_coefficient(0, 1, 7.0)
    session.set_row_bounds(0, -np.inf, 6.0)
    rows, upper = session.rows(np.array([0]))
    assert rows.toarray().tolist() == [[2.0, 7.0, 1.0]]
    assert upper.tolist() == [6.0]


def test_the_written_model_has_the_names_and_the_integers(session: HighsSession, tmp_path: Path) -> None:
    session.solve_relaxation(interior_point=True, time_limit=10)
    session.write(tmp_path / "model.lp")
    text = (tmp_path / "model.lp").read_text()
    assert "first" in text
    assert "second" in text
    integers = text.lower().split("gen")[1]
    assert "a" in integers.split()
