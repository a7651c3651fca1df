"""Fixed costs that count whole gather what the relaxation spreads; nothing but the plan changes."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.solve.stages.concentrating import FixedCosts, RoundConcentrated, RoundOnSameSites
from optimizer.solve.stages.rounding import RoundByDate
from tests import instances as make
from tests.solve.stages.searching import best_plan, watched

STAGES = (RoundConcentrated(), RoundOnSameSites())


def cheap_power_at_two_sites():
    """Chips for four modules; cheap power for three of them at one site and for one at the other.

    The relaxation takes all cheap power and pays four quarters of an opening. One opening with some dear power costs
    more than that, and less than two openings.
    """
    cheap = {"alpha": 300, "beta": 100}
    return make.instance(
        sites=[make.site(name, module_mw=100, max_modules=4, open_cost_musd=500) for name in cheap],
        power_options=[
            option
            for name, most in cheap.items()
            for option in (
                make.power_option(name, "cheap", max_mw=most, energy_usd_per_mwh=0),
                make.power_option(name, "dear", kind="gas_turbine", max_mw=1000, energy_usd_per_mwh=100),
            )
        ],
        chip_supply=[make.supply(during="2027", units=400_000)],
    )


def open_sites(found):
    values = found.search.values
    return sum(values[site.opened].max() > 0.5 for site in found.search.sites)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_keeps_a_true_plan_and_leaves_the_model_as_it_was(stage):
    found = watched().relaxed()
    found.run(RoundByDate())
    bound, before = found.search.bound, found.search.incumbent
    assert found.run(stage) == [stage.name]
    assert before <= found.search.incumbent == pytest.approx(found.objective())
    assert found.search.incumbent <= best_plan()[1] + 1e-6
    assert found.search.bound == bound
    again = found.search.session.solve_relaxation(interior_point=False, time_limit=10)
    assert again.objective == pytest.approx(bound)


def test_what_two_sites_share_in_the_relaxation_goes_to_one():
    found = watched(cheap_power_at_two_sites()).relaxed()
    found.run(*STAGES)
    assert open_sites(found) == 1
    assert found.search.incumbent == pytest.approx(best_plan(cheap_power_at_two_sites())[1])
    by_date = watched(cheap_power_at_two_sites()).relaxed()
    by_date.run(RoundByDate())
    assert open_sites(by_date) == 2


def test_without_a_plan_there_are_no_same_sites():
    assert watched().relaxed().run(RoundOnSameSites()) == []


def test_a_model_without_fixed_costs_is_left_alone():
    committed = make.instance(sites=[make.site()], committed=[make.committed("alpha")])
    found = watched(committed).relaxed()
    assert not FixedCosts.of(found.search).groups
    assert found.run(*STAGES) == []


def test_a_use_of_half_pays_double():
    fixed = FixedCosts((np.array([0, 1]), np.array([3])))
    values = np.array([0.0, 0.5, 7.0, 1.0])
    assert fixed.use(values).tolist() == [0.5, 1.0]
    assert fixed.whole(values).tolist() == [0.0, 1.0, 7.0, 1.0]
    assert fixed.scaled(np.array([-1.0, -2.0, 5.0, -3.0]), fixed.use(values)).tolist() == [-2.0, -4.0, 5.0, -3.0]
