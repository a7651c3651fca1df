"""What is dominated, what is the same, what is too close to call, and the record on disk."""

import json

import pytest

from optimizer.studies.frontier_objectives import FrontierObjective
from optimizer.studies.frontier_points import (
    Answer,
    FrontierRecord,
    is_looser,
    points_of,
    reaches,
    tolerances,
    without_dominated,
)

NPV, CARBON = FrontierObjective.NPV, FrontierObjective.CARBON
BOTH = (NPV, CARBON)


def record(key, npv, carbon, *, asked=None, bound=None, answer=Answer.PLAN):
    values = {NPV: npv, CARBON: carbon} if answer is Answer.PLAN else {}
    levels = {} if asked is None else {CARBON: asked}
    return FrontierRecord(
        key, answer, levels, values, bound, None, 1.0, 2.0, {("alpha", "2027"): 1}, {"x": 1.0}, 0.1, True
    )


def sorted_out(*records):
    return without_dominated(records, BOTH, tolerances(records, BOTH))


def points(*records):
    kept, _ = sorted_out(*[one for one in records if one.answer is Answer.PLAN])
    return {point.key: point for point in points_of(kept, records, BOTH, tolerances(kept, BOTH))}


def test_a_plan_that_another_beats_is_left_out():
    kept, left_out = sorted_out(record("a", 10, 5), record("b", 9, 5), record("c", 8, 3), record("d", 7, 4))
    assert [one.key for one in kept] == ["a", "c"]
    assert {left.record.key: (left.because_of, left.same) for left in left_out} == {
        "b": ("a", False),
        "d": ("c", False),
    }


def test_of_plans_that_are_the_same_the_first_is_kept():
    kept, left_out = sorted_out(record("a", 10, 5), record("b", 10 + 1e-9, 5 - 1e-9))
    assert [one.key for one in kept] == ["a"]
    assert [(left.record.key, left.same) for left in left_out] == [("b", True)]


def test_the_bound_of_a_point_is_the_tightest_of_all_searches_that_asked_no_more():
    found = points(
        record("a", 10, 8, bound=10.5), record("b", 9, 5, asked=6, bound=9.8), record("c", 7, 3, asked=3, bound=9.5)
    )
    assert found["a"].bound == 10.5
    assert found["b"].bound == 9.8
    assert found["c"].bound == 9.5
    # A search that asked more says nothing of a plan that reaches less.
    assert points(record("a", 10, 8, bound=10.5), record("c", 7, 3, asked=3, bound=7.1))["a"].bound == 10.5


def test_points_are_too_close_if_the_cleaner_one_might_be_worth_as_much():
    found = points(
        record("a", 10, 8, bound=10.5), record("b", 9, 5, asked=6, bound=10.2), record("c", 7, 3, asked=3, bound=8.9)
    )
    assert found["a"].too_close == ("b",)
    assert found["b"].too_close == ()
    assert found["c"].too_close == ()


def test_without_a_bound_nothing_is_proven():
    found = points(record("a", 10, 8), record("b", 9, 5, asked=6))
    assert found["b"].bound is None
    assert found["a"].too_close == ("b",)


def test_searches_without_a_plan_bound_nothing_that_exists():
    found = points(record("a", 10, 8, bound=10), record("x", 0, 0, asked=9, bound=1, answer=Answer.IMPOSSIBLE))
    assert found["a"].bound == 10


def test_levels():
    assert reaches({NPV: 5, CARBON: 3}, {CARBON: 3}, {})
    assert not reaches({NPV: 5, CARBON: 3.1}, {CARBON: 3}, {})
    assert reaches({NPV: 5, CARBON: 3.1}, {CARBON: 3}, {CARBON: 0.2})
    none = {NPV: 0.0, CARBON: 0.0}
    assert is_looser({}, {CARBON: 1}, none)
    assert is_looser({CARBON: 2}, {CARBON: 1}, none)
    assert not is_looser({CARBON: 1}, {CARBON: 2}, none)
    assert not is_looser({CARBON: 1}, {}, none)


@pytest.mark.parametrize("answer", list(Answer))
def test_records_survive_the_disk(answer):
    one = record("a", 10, 8, asked=9, bound=10.5, answer=answer)
    assert FrontierRecord.from_json(json.loads(json.dumps(one.as_json()))) == one
