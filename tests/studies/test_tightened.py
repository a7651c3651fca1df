"""What counts as a tightened limit makes no plan better."""

import random
import threading

import pytest

from optimizer.model.build import build_model
from optimizer.solve.outcomes import Ending
from optimizer.solve.session import HighsSession
from optimizer.solve.standard_form import standard_form
from optimizer.studies.edits import _LOOSER_WITH_MORE, _TIGHTER_WITH_MORE, is_tightened
from tests import instances as make
from tests.random_instances import random_instance
from tests.studies.test_live import SEEDS, changed_instance, with_parts

WANTED = 3  # random instances with such a cell


def best_relaxed(instance):
    session = HighsSession(standard_form(build_model(instance).pyomo), threads=1, seed=1, stop=threading.Event())
    found = session.solve_relaxation(interior_point=False, time_limit=10)
    return found.objective if found.ending is Ending.OPTIMAL else -float("inf")


@pytest.mark.parametrize("cell", sorted(_LOOSER_WITH_MORE | _TIGHTER_WITH_MORE), ids=".".join)
def test_a_tightened_instance_is_never_worth_more(cell):
    compared = 0
    for seed in SEEDS:
        rng = random.Random(f"tightened {cell} {seed}")
        instance = random_instance(rng)
        if cell[0] == "technology_limits":
            instance = with_parts(instance)
        less = changed_instance(rng, instance, *cell)
        if less is None:
            continue
        tight, loose = (less, instance) if cell in _LOOSER_WITH_MORE else (instance, less)
        assert is_tightened(loose, tight)
        assert not is_tightened(tight, loose)
        assert best_relaxed(tight) <= best_relaxed(loose) + 1e-6
        compared += 1
        if compared == WANTED:
            return
    assert compared == WANTED


def test_mixed_and_unknown_changes_are_not_called_tightened():
    before = make.instance(chip_supply=[make.supply(units=400_000)])
    fewer = make.instance(chip_supply=[make.supply(units=300_000)])
    dearer = make.instance(
        chip_supply=[make.supply(units=300_000)], settings=make.settings(finance={"discount_rate": 0.2})
    )
    mixed = make.instance(chip_supply=[make.supply(units=300_000, minimum_units=0)], sites=[make.site(lead_months=12)])
    assert is_tightened(before, fewer)
    assert is_tightened(before, before)
    assert not is_tightened(before, dearer)
    assert not is_tightened(before, mixed)
