"""What is hardly used is closed where a plan is better without it, and kept where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.instance.instance import Instance
from optimizer.solve.stages.buying import TakeStepRows
from optimizer.solve.stages.closing import RoundWithoutSmall
from optimizer.solve.stages.rounding import RoundByDate
from tests import instances as make
from tests.solve.stages.searching import Watched, best_plan, watched


def two_countries(*, near_only: bool = False) -> Instance:
    """Chips for 400 MW: cheap power for 340 of them in one country and for 60 in the other, a step and an opening each.

    The relaxation buys parts of both. With ``near_only`` each country's site alone serves the market next to it.
    """
    places = {"alpha": ("ARE", "gulf", 340), "beta": ("JPN", "asia", 60)}
    latencies = [
        make.latency(zone, region, 500 if near_only and zone != region else 10)
        for zone in ("gulf", "asia")
        for region in ("gulf", "asia")
    ]
    return make.instance(
        settings=make.settings(count=3, policy={"regime": "test"}),
        sites=[
            make.site(name, country=country, latency_zone=zone, module_mw=100, max_modules=4, open_cost_musd=500)
            for name, (country, zone, _) in places.items()
        ],
        power_options=[
            option
            for name, (_, _, most) in places.items()
            for option in (
                make.power_option(name, "cheap", max_mw=most, energy_usd_per_mwh=0),
                make.power_option(name, "dear", kind="gas_turbine", max_mw=1000, energy_usd_per_mwh=100),
            )
        ],
        demand_regions=[make.region(name) for name in ("gulf", "asia")],
        demand=[
            make.demand(name, year=year, quantity_h100e_million=size, price_usd_per_h100e_hour=price)
            for year in (2027, 2028, 2029)
            for name, size, price in (("gulf", 1.0, 2.0), ("asia", 0.06, 20.0))
        ],
        latency=latencies,
        workloads=[make.workload(max_latency_ms=100)],
        chip_supply=[make.supply(during="2027", units=400_000)],
        rules=[
            make.rule(
                "P",
                "licence",
                destination="any - USA",
                quantity=0,
                measure="chips_million",
                period="stock",
                per="country",
            ),
            make.rule("STEP", "quota_step", raises="P", quantity=1, cost_busd=0.5, per="country"),
        ],
        regimes=[make.regime("P"), make.regime("STEP")],
    )


def open_sites(found: Watched) -> list[bool]:
    values = found.search.values
    assert values is not None
    return [bool(values[site.opened].max() > 0.5) for site in found.search.sites]


def test_a_plan_does_without_the_site_that_is_hardly_used():
    found = watched(two_countries()).relaxed()
    assert found.run(RoundByDate(), RoundWithoutSmall())[1:] == ["rounding without what is hardly used"]
    assert open_sites(found) == [True, False]
    assert found.search.incumbent == pytest.approx(found.objective()) == pytest.approx(best_plan(two_countries())[1])


def test_a_site_that_its_market_needs_is_kept():
    found = watched(two_countries(near_only=True)).relaxed()
    assert 0 < found.search.relaxation.values[found.search.sites[1].modules].max() < 1
    found.run(RoundByDate(), RoundWithoutSmall())
    assert open_sites(found) == [True, True]
    assert found.search.incumbent == pytest.approx(best_plan(two_countries(near_only=True))[1])


@pytest.mark.parametrize("near_only", [False, True])
def test_the_model_and_its_bound_stay_as_they_are(near_only):
    found = watched(two_countries(near_only=near_only)).relaxed()
    found.run(TakeStepRows(), RoundByDate())
    bound, before = found.search.bound, found.search.incumbent
    found.run(RoundWithoutSmall())
    assert found.search.bound == bound
    assert before <= found.search.incumbent == pytest.approx(found.objective())
    again = found.search.session.solve_relaxation(interior_point=False, time_limit=10)
    assert again.objective == pytest.approx(bound)
    assert np.isfinite(found.search.incumbent)
