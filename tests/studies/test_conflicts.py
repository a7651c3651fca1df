"""Explanations of infeasible instances: minimal conflicts, and repairs that work."""

from __future__ import annotations

import threading

import pytest

from optimizer.instance import apply_changes
from optimizer.studies.why_infeasible import explain_infeasibility
from tests.solving import solve_small
from tests.studies.planted import planted


@pytest.mark.parametrize("seed", range(30))
def test_planted_conflicts_are_found_minimal_and_repaired(seed):
    case = planted(seed)
    assert not solve_small(case.instance).feasible
    explanation = explain_infeasibility(case.instance, stop=threading.Event())
    found = {(member.limit.family, member.limit.name) for member in explanation.conflict.members}
    assert found == set(case.members)
    assert explanation.conflict.minimal
    assert explanation.conflict.is_all
    assert explanation.conflict.needs_whole_modules == case.needs_whole_modules
    for without in case.without:
        assert solve_small(without).feasible
    assert explanation.repairs
    for repair in explanation.repairs:
        assert solve_small(apply_changes(case.instance, repair.changes)).feasible
