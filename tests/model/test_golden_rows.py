"""Every constraint family, row by row, against rows that were checked by hand with SEMANTICS.md.

When a row changes on purpose, check the new one by hand as well before it is written down.
"""

from __future__ import annotations

import logging

import pyomo.environ as pyo
import pytest

from optimizer.model.build import build_model
from tests.model import golden_building, golden_markets, golden_power
from tests.model.golden import OBJECTIVE, GoldenCase, family_text

CASES = (*golden_building.CASES, *golden_markets.CASES, *golden_power.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}-{case.make.__name__}")
def test_rows(case: GoldenCase) -> None:
    assert family_text(case.make(), case.family) == case.rows.strip()


def test_rows_by_the_hour() -> None:
    made = family_text(golden_power.by_the_hour(), "hourly_dispatch").splitlines()
    assert [row for row in made if row in golden_power.HOURLY_ROWS] == golden_power.HOURLY_ROWS.strip().splitlines()


def test_every_constraint_family_has_a_golden_case() -> None:
    families = {
        component.name
        for case in CASES
        for component in build_model(case.make()).pyomo.component_objects(pyo.Constraint)
    }
    assert families == {case.family for case in CASES} - {OBJECTIVE}


def test_no_two_features_share_a_name(caplog: pytest.LogCaptureFixture) -> None:
    """Pyomo replaces a component of the same name and only logs it."""
    with caplog.at_level(logging.WARNING):
        for case in CASES:
            build_model(case.make())
    assert caplog.records == []
