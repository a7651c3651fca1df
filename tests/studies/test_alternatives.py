"""What every good plan has in common."""

import json
import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.commands.loading import load_result
from optimizer.instance import write_instance
from optimizer.plan.audit import audit_plan
from optimizer.studies.alternatives import Alternatives, AlternativesSearch, Standing
from optimizer.studies.alternatives_report import findings
from tests import instances as make
from tests.studies.solving import point_solver


def three_sites(**changes):
    """Revenue 52.56 B USD for one module: beta builds for 9 B USD, alpha for 10 (1.9 % of it more), gamma for 20."""
    gulf = {"country": "ARE", "grid_region": "gulf", "latitude": 24.15, "longitude": 54.44}
    sites = [
        make.site(open_cost_musd=0),
        make.site("beta", module_cost_usd_per_kw=9_000, **gulf),
        make.site("gamma", module_cost_usd_per_kw=20_000, **gulf),
    ]
    return make.instance(sites=sites, **{"chip_supply": [make.supply(during="2027")], **changes})


def study_of(instance, shares, *, budget=60.0, count=3):
    search = AlternativesSearch(point_solver(), instance, shares, budget, count, threading.Event())
    study = search.run()
    assert isinstance(study, Alternatives)
    return study


def standings(study, share):
    return {row.site: row.standing for row in study.standings[share]}


@pytest.fixture(scope="module")
def study():
    return study_of(three_sites(), [0.01, 0.025, 0.3])


def test_sites_are_decided_by_what_it_costs_to_do_without_them(study):
    assert study.gross_busd == pytest.approx(52.56)
    assert standings(study, 0.01) == {"alpha": Standing.NEVER, "beta": Standing.MUST, "gamma": Standing.NEVER}
    assert standings(study, 0.025) == {"alpha": Standing.FREE, "beta": Standing.FREE, "gamma": Standing.NEVER}
    assert standings(study, 0.3) == {"alpha": Standing.FREE, "beta": Standing.FREE, "gamma": Standing.FREE}
    assert study.complete


def test_what_is_proven_holds_for_the_plans_found(study):
    for share, floor in study.slacks:
        good = [plan.sites for plan in study.plans if plan.npv_busd >= floor]
        for site, standing in standings(study, share).items():
            built = {site in sites for sites in good}
            assert built == {Standing.MUST: {True}, Standing.NEVER: {False}, Standing.FREE: {True, False}}[standing]


def test_ranges_are_nested_and_lie_within_their_proven_limits(study):
    for group in {(one.kind, one.group) for one in study.ranges}:
        ranges = [one for one in study.ranges if (one.kind, one.group) == group]
        for one in ranges:
            assert one.least - 1e-6 <= one.lowest <= one.highest <= one.most + 1e-6
        for narrow, wide in pairwise(ranges):
            assert wide.lowest <= narrow.lowest
            assert narrow.highest <= wide.highest
            assert wide.least <= narrow.least + 1e-9
            assert narrow.most <= wide.most + 1e-9


def test_ranges_of_countries_follow_from_the_sites(study):
    found = {(one.group, one.share): (one.lowest, one.highest) for one in study.ranges if one.kind == "country"}
    assert found["USA", 0.01] == pytest.approx((0, 0), abs=1e-6)
    assert found["ARE", 0.01] == pytest.approx((1, 1), abs=1e-6)
    # Another module that stands idle costs 10 B USD: 19 % of revenue.
    assert found["USA", 0.025] == pytest.approx((0, 1), abs=1e-6)
    assert found["ARE", 0.025] == pytest.approx((0, 1), abs=1e-6)


def test_plans_that_differ_have_other_sites_and_are_good_enough():
    study = study_of(three_sites(), [0.3], count=2)
    floor = study.slacks[-1][1]
    plans = [study.best, *study.different]
    assert len(plans) >= 2
    for number, plan in enumerate(plans):
        assert plan.npv_busd >= floor
        assert all(len(plan.sites ^ other.sites) >= 2 for other in plans[:number])


def test_without_time_for_searches_nothing_false_is_claimed():
    study = study_of(three_sites(), [0.01, 0.025], budget=0.0)
    proven = {Standing.MUST, Standing.NEVER}
    full = {share: standings(study_of(three_sites(), [share]), share) for share in (0.01, 0.025)}
    for share, _ in study.slacks:
        for site, standing in standings(study, share).items():
            if standing in proven:
                assert full[share][site] is standing
    assert not study.different


def test_the_command_keeps_every_plan_and_starts_from_a_result(tmp_path):
    point_solver().solve(three_sites()).write(tmp_path / "result")
    arguments = ["alternatives", str(tmp_path / "result"), "--within", "1% 0.025", "--out", str(tmp_path / "study")]
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["sites"]["0.01"]["beta"] == {"standing": "must build", "certified": True}
    keys = {one["lowest_key"] for one in document["ranges"]} | {one["highest_key"] for one in document["ranges"]}
    assert "best" in keys
    for key in keys:
        result = load_result(tmp_path / "study" / "points" / key)
        assert audit_plan(result.instance, result.tables, result.manifest).ok
    assert (tmp_path / "study" / "report.html").is_file()
    assert (tmp_path / "study" / "map.html").is_file()


def test_no_plan_and_bad_slacks_have_their_exit_codes(tmp_path):
    impossible = three_sites(chip_supply=[make.supply(during="2027", minimum_units=1_000_000)], budgets=[
        make.budget(year=year, capital_busd=1) for year in (2027, 2028, 2029)
    ])  # fmt: skip
    (tmp_path / "tiny").mkdir()
    write_instance(impossible, tmp_path / "tiny")
    arguments = ["alternatives", str(tmp_path / "tiny"), "--out", str(tmp_path / "study")]
    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 3
    assert CliRunner().invoke(app, [*arguments, "--within", "lots"], catch_exceptions=False).exit_code == 2
    assert not (tmp_path / "study").exists()


def test_findings_say_what_the_slack_is_of_npv_and_whether_a_better_plan_turned_up(study):
    told = findings(study)
    assert "1% of gross value is 0.526 B USD, or 1.57% of NPV." in told
    assert not any("found on the way" in sentence for sentence in told)
    alpha = next(plan for plan in study.plans if plan.sites == {"alpha"})
    told = findings(replace(study, best=alpha))
    assert any("A plan found on the way is worth 1.000 B USD more" in sentence for sentence in told)
