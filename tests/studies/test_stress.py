"""Stress of regimes: what each plan amounts to, who gains and who loses, held against numbers worked out by hand."""

import math

import pytest

from optimizer.instance import InstanceError, apply_changes
from optimizer.instance.instance import NO_REGIME
from optimizer.studies.executors import InlineExecutor
from optimizer.studies.regime_outcome import RegimeOutcome
from optimizer.studies.stress import make_stress, read_stress, regimes_of
from optimizer.studies.stress_report import npv_change, stress_report, write_stress_report
from optimizer.studies.sweep import run_sweep
from tests import instances as make
from tests.solving import solve_small
from tests.studies.sweeps import small_instance


def two_countries(**changes):
    """A site at home and a finished one abroad, where no chip may go under 'closed'; 'silent' has a past rule."""
    return small_instance(
        settings=make.settings(solver={"gap": 0.0, "threads": 1}, policy={"regime": "closed"}),
        sites=[
            make.site(max_modules=1, module_mw=500),
            make.site("beta", country="DEU", operator_hq="DEU", latitude=50, longitude=9, max_modules=1, module_mw=500),
        ],
        countries=[make.country(), make.country("DEU", bloc="EU")],
        rules=[make.rule("SHUT", destination="DEU"), make.rule("PAST", destination="DEU", effective_to="2026")],
        regimes=[make.regime("SHUT", "closed"), make.regime("PAST", "silent")],
        committed=[make.committed("beta", online_from="2027-01", modules=1)],
        assumptions=[],
        **changes,
    )


@pytest.fixture(scope="module")
def stress(tmp_path_factory):
    planned = make_stress(two_countries())
    return read_stress(run_sweep(planned, tmp_path_factory.mktemp("stress"), InlineExecutor()))


def test_the_active_regime_comes_first_and_no_rules_last():
    assert regimes_of(two_countries()) == ("closed", "silent", NO_REGIME)


def test_every_regime_is_solved_for_itself(stress):
    for case in stress.cases:
        alone = solve_small(apply_changes(two_countries(), [f"policy.regime = {case.regime}"]))
        assert case.record.objective == pytest.approx(alone.objective)


def test_compute_moves_to_the_bloc_that_may_have_it(stress):
    closed, silent, none = (case.outcome for case in stress.cases)
    assert {place.bloc for place, one in closed.compute.items() if one.at_end > 0} == {make.country().bloc}
    assert "EU" in {place.bloc for place, one in none.compute.items() if one.at_end > 0}
    assert silent.compute_at_end() == pytest.approx(none.compute_at_end())
    assert "EU" not in {place.bloc for place in closed.compute}


def test_sales_and_unsold_chips_add_up_to_what_is_on_offer(stress):
    offered = 3 * 0.4  # million: three years of 400,000
    for _, outcome in stress.solved:
        bought = sum(flow.million for flow in outcome.purchases)
        assert bought + sum(outcome.unsold.values()) == pytest.approx(offered)
        price = 10_000 / 1e3  # B USD a million chips
        assert outcome.sales_busd("USA") == pytest.approx(price * bought)


def test_value_by_country_adds_up_to_the_objective(stress):
    for case, outcome in stress.solved:
        assert sum(outcome.value_busd.values()) == pytest.approx(case.record.npv_busd)


def test_capacity_without_chips_is_counted(stress):
    """The finished module abroad stays empty for three years where no chip may go."""
    closed, _, none = (case.outcome for case in stress.cases)
    assert {place.country for place in closed.compute} == {"USA"}
    assert closed.idle_gw_end - none.idle_gw_end == pytest.approx(0.5)
    assert closed.idle_gw_years >= 3 * 0.5


def test_changes_carry_what_the_bounds_leave_open(stress):
    for case in stress.cases[1:]:
        change, low, high = npv_change(case, stress.reference)
        assert low <= change <= high
        assert math.isclose(high - low, case.record.gap + stress.reference.record.gap, abs_tol=1e-9)
    assert npv_change(stress.reference, stress.reference) == (0.0, 0.0, 0.0)


def test_the_report_names_winners_and_writes_its_files(stress):
    report = stress_report(stress)
    assert [row[0] for row in report.tables[0].rows] == ["closed", "silent", NO_REGIME]
    assert any(finding.startswith(f"{NO_REGIME}: NPV +") for finding in report.findings)
    assert any("EU +" in finding for finding in report.findings)
    write_stress_report(stress.sweep)
    for name in ("regimes.csv", "blocs.csv", "compute.csv", "chips_by_bloc.csv", "markets.csv", "regimes.png",
                 "blocs.svg", "report.html"):  # fmt: skip
        assert (stress.sweep.folder / name).is_file()


def test_shares_of_markets_add_up(stress):
    markets = stress_report(stress).tables[4]
    share: dict[tuple[str, str], float] = {}
    for row in markets.rows:
        share[row[0], row[1]] = share.get((row[0], row[1]), 0.0) + row[5]
    assert share
    assert all(total == pytest.approx(1.0) for total in share.values())


def test_an_unknown_regime_is_refused_with_the_nearest_name():
    with pytest.raises(InstanceError, match="closed"):
        make_stress(two_countries(), ["closed", "clozed"])


def test_an_outcome_is_that_of_the_plan_not_of_the_solver():
    solved = solve_small(two_countries())
    outcome = RegimeOutcome.of(two_countries(), solved.tables)
    assert outcome.compute_at_end() == pytest.approx(sum(row.compute_h100e_million_end for row in solved.tables.sites))
