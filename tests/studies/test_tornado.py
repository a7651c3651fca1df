"""Tornado: ranked by what each assumption really does, with the sites that come and go."""

import pandas as pd
import pytest

from optimizer.instance import InstanceError, apply_changes
from optimizer.studies.executors import InlineExecutor
from optimizer.studies.sweep import run_sweep
from optimizer.studies.tornado import make_tornado, swings, write_tornado_report
from tests import instances as make
from tests.solving import solve_small
from tests.studies.sweeps import small_instance


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    return run_sweep(make_tornado(small_instance()), tmp_path_factory.mktemp("tornado"), InlineExecutor())


def test_swings_are_those_of_solves_of_their_own(outcome):
    instance = small_instance()
    base = solve_small(instance).objective
    for one in swings(outcome):
        row = next(row for row in instance.assumptions if row.assumption == one.assumption)
        sign = {"set": "=", "scale": "*="}[row.mode]
        ends = [
            solve_small(apply_changes(instance, [f"{row.knob} {sign} {value}"])).objective
            for value in (row.low, row.high)
        ]
        assert one.low_record.objective == pytest.approx(ends[0])
        assert one.high_record.objective == pytest.approx(ends[1])
        assert one.swing == pytest.approx(max(*ends, base) - min(*ends, base), abs=1e-9)
        assert one.certain == pytest.approx(one.swing, abs=1e-6), "exact solves leave nothing open"


def test_the_widest_swing_comes_first(outcome):
    found = swings(outcome)
    assert [one.swing for one in found] == sorted((one.swing for one in found), reverse=True)
    assert {one.assumption for one in found} == {"chips", "price", "life"}


def test_sites_that_enter_and_leave(outcome):
    def built(changes):
        return {site for site, _ in solve_small(apply_changes(small_instance(), changes)).modules()}

    base = built([])
    price = next(one for one in swings(outcome) if one.assumption == "price")
    low = built(["demand[*].price_usd_per_h100e_hour *= 0.75"])
    assert price.enters[0] == low - base
    assert price.leaves[0] == base - low


def test_an_end_without_a_plan_comes_first_and_is_told(tmp_path):
    supply = [make.supply(during=str(year), units=400_000, minimum_units=100_000) for year in (2027, 2028)]
    ranges = [
        make.assumption("capital", "budgets[*].capital_busd", 1, 0, 2, mode="scale"),
        make.assumption("price", "demand[*].price_usd_per_h100e_hour", 1, 0.9, 1.1, mode="scale"),
    ]
    outcome = run_sweep(
        make_tornado(small_instance(chip_supply=supply, assumptions=ranges)), tmp_path / "out", InlineExecutor()
    )
    first = swings(outcome)[0]
    assert first.assumption == "capital"
    assert first.swing is None
    report = write_tornado_report(outcome)
    assert any("capital at its low: infeasible" in finding for finding in report.findings)


def test_a_swing_within_the_gap_is_not_called_proven(tmp_path):
    instance = small_instance(settings=make.settings(solver={"gap": 0.95, "threads": 1}))
    outcome = run_sweep(make_tornado(instance), tmp_path / "out", InlineExecutor())
    exact = {
        one.assumption: one.swing
        for one in swings(run_sweep(make_tornado(small_instance()), tmp_path / "exact", InlineExecutor()))
    }
    for one in swings(outcome):
        assert one.certain <= exact[one.assumption] + 1e-9


def test_the_report(outcome):
    write_tornado_report(outcome)
    table = pd.read_parquet(outcome.folder / "tornado.parquet")
    assert table["rank"].tolist() == [1, 2, 3]
    for key in (*table["key_low"], *table["key_high"]):
        assert (outcome.folder / "points" / key / "manifest.json").exists()
    for file in ("tornado.svg", "tornado.png", "tornado.csv", "sweep.parquet", "sites.parquet", "report.html"):
        assert (outcome.folder / file).exists()


def test_no_assumptions_no_tornado():
    with pytest.raises(InstanceError, match="ranges of assumptions"):
        make_tornado(small_instance(assumptions=[]))
