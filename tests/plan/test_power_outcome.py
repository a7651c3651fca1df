"""What a plan is warned of when its power is dispatched over every hour."""

from __future__ import annotations

import pytest

from optimizer.plan.full_year import MISSING, TOLERANCE, FullYearCheck
from optimizer.plan.power_outcome import PowerOutcome


def outcome(**changes: float) -> PowerOutcome:
    numbers = {
        "energy_twh": 8.0,
        "unserved_twh": 0.0,
        "energy_cost_busd": 0.4,
        "cost_difference_busd": 0.0,
        "cost_difference_share": 0.0,
        "carbon_mt": 1.0,
        "carbon_difference_mt": 0.0,
        **changes,
    }
    return PowerOutcome((), (), (), (FullYearCheck("alpha", 2030, **numbers),), ())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cost_difference_share": 0.05}, "every hour of the year makes power 5.0% dearer than planned"),
        ({"cost_difference_share": -0.05}, "every hour of the year makes power 5.0% cheaper than planned"),
        ({"unserved_twh": 0.016}, "0.20% of the energy is missing in some hours of the year"),
        (
            {"cost_difference_share": 0.05, "unserved_twh": 0.016},
            "every hour of the year makes power 5.0% dearer than planned, and 0.20% of the energy is missing in some "
            "hours of the year",
        ),
    ],
)
def test_a_campus_and_year_has_one_warning(changes, said):
    assert list(outcome(**changes).warnings()) == [f"alpha 2030: {said}"]


@pytest.mark.parametrize("share", [-TOLERANCE, 0.0, TOLERANCE])
def test_what_is_within_the_bounds_is_not_warned_of(share):
    within = outcome(cost_difference_share=share, unserved_twh=8.0 * MISSING)
    assert list(within.warnings()) == []
    assert list(outcome(unserved_twh=8.0 * MISSING * 1.01).warnings())
