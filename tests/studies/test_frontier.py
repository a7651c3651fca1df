"""Frontiers: closed forms, every building plan tried, lexicographic ends, nothing dominated, nothing lost."""

import math
import random
import threading
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from optimizer.commands.loading import load_result
from optimizer.plan.audit import audit_plan
from optimizer.solve.events import SolveEvent
from optimizer.solve.outcomes import Ending
from optimizer.studies.frontier import REWARD
from optimizer.studies.frontier_objectives import plan_values
from optimizer.studies.frontier_optimum import Optimiser
from optimizer.studies.frontier_points import Answer, Frontier, FrontierError
from optimizer.studies.frontier_search import Aim, Found, FrontierModel, Pulse, Scales
from optimizer.studies.points import PointResult
from tests import instances as make
from tests.random_instances import random_instance
from tests.studies.frontiers import ALLIED, CARBON, CONCENTRATION, NPV, frontier_of, oracle_npv, search_of
from tests.studies.solving import point_solver

GULF = {"country": "ARE", "grid_region": "gulf", "latitude": 24.15, "longitude": 54.44}
TWH = 3 * 8.76


def clean_or_cheap(**changes):
    """A million chips earn 42.56 B USD net: at alpha for 10 B USD, with 13.14 Mt; at beta for 20, clean."""
    return make.instance(
        **{
            "sites": [make.site(), make.site("beta", module_cost_usd_per_kw=20_000)],
            "power_options": [make.power_option(carbon_t_per_mwh=0.5), make.power_option("beta")],
            "chip_supply": [make.supply(during="2027")],
            **changes,
        }
    )


def two_countries(**changes):
    """The same earnings at alpha in the United States for 10 B USD, or at beta in the Gulf for 9."""
    return make.instance(
        **{
            "sites": [make.site(), make.site("beta", module_cost_usd_per_kw=9_000, **GULF)],
            "chip_supply": [make.supply(during="2027")],
            **changes,
        }
    )


def shown(study, *objectives):
    return [tuple(round(point.value(objective), 4) for objective in objectives) for point in study.points]


# --- closed forms ----------------------------------------------------------------------------


def test_carbon_costs_what_a_clean_site_costs_more_or_chips_that_stay_away(tmp_path):
    """Emitting c Mt, alpha runs c/13.14 of its chips and is worth 42.56 c/13.14 - 10; beta is worth 22.56."""
    study = frontier_of(clean_or_cheap(), tmp_path, NPV, CARBON, points=9)
    assert shown(study, NPV, CARBON) == [
        (32.56, 13.14),
        (pytest.approx(42.56 * 0.875 - 10), pytest.approx(0.875 * 13.14, abs=1e-4)),
        (22.56, 0.0),
    ]
    assert [point.ends for point in study.points] == [(NPV,), (), (CARBON,)]
    # The ends answer two levels; the search at three quarters finds beta's plan, which answers all that are tighter.
    assert study.skipped == 7
    assert [(left.record.key, left.because_of, left.same) for left in study.left_out] == [("p2", "end-carbon", True)]


def test_the_allied_share_is_all_or_nothing_where_a_second_site_does_not_pay(tmp_path):
    study = frontier_of(two_countries(), tmp_path, NPV, ALLIED)
    assert shown(study, NPV, ALLIED) == [(33.56, 0.0), (32.56, 1.0)]
    assert study.ends[1].limit == 1.0


def test_the_least_concentration_builds_in_both_countries(tmp_path):
    study = frontier_of(two_countries(), tmp_path, NPV, CONCENTRATION)
    assert shown(study, NPV, CONCENTRATION) == [(33.56, 1.0), (23.56, 0.5)]
    assert study.ends[1].limit == pytest.approx(0.5, abs=1e-5)


def test_three_objectives(tmp_path):
    """One site each, or both with any split; of the split, share and concentration pull apart."""
    study = frontier_of(two_countries(), tmp_path, NPV, ALLIED, CONCENTRATION)
    found = shown(study, NPV, ALLIED, CONCENTRATION)
    assert found[:2] == [(33.56, 0.0, 1.0), (32.56, 1.0, 1.0)]
    assert (23.56, 0.5, 0.5) in found
    for npv, allied, concentration in found[2:]:
        assert npv == 23.56
        assert allied == pytest.approx(concentration)
        assert 0.5 <= allied < 1


def test_without_money_shares_are_traded_off_among_plans_worth_enough(tmp_path):
    study = frontier_of(two_countries(), tmp_path, ALLIED, CONCENTRATION)
    found = shown(study, ALLIED, CONCENTRATION)
    assert found[0] == (1.0, 1.0)
    assert found[-1] == (0.5, 0.5)
    assert all(allied == pytest.approx(concentration, abs=1e-4) for allied, concentration in found)
    # Among plans with these shares it is the one worth most: all chips, at both sites.
    assert [point.value(NPV) for point in study.points] == pytest.approx([32.56, *[23.56] * (len(found) - 1)])


def test_a_plan_between_the_ends_is_as_clean_as_it_can_be_for_nothing(tmp_path):
    """Asked for half the carbon, gamma is best; of its two sources of power, as dear, only the cleaner one is used."""
    study = frontier_of(
        clean_or_cheap(
            sites=[
                make.site(),
                make.site("beta", module_cost_usd_per_kw=20_000),
                make.site("gamma", module_cost_usd_per_kw=15_000),
            ],
            power_options=[
                make.power_option(carbon_t_per_mwh=0.5),
                make.power_option("beta"),
                make.power_option("gamma", option="cleaner", kind="gas_turbine", carbon_t_per_mwh=0.2),
                make.power_option("gamma", option="dirtier", carbon_t_per_mwh=0.3),
            ],
        ),
        tmp_path,
        NPV,
        CARBON,
        points=3,
    )
    assert shown(study, NPV, CARBON) == [(32.56, 13.14), (27.56, pytest.approx(0.2 * TWH)), (22.56, 0.0)]


def test_a_plan_is_improved_until_nothing_gets_better_for_nothing():
    """Both sites with chips split three to two is worth 23.56 B USD; alpha alone is better in both objectives."""
    instance = two_countries()
    model = FrontierModel(point_solver(), instance, "USA", threading.Event())
    optimiser = Optimiser(model, Scales(0.0, 3.0), instance.settings.solver)
    found = optimiser.search([Aim(NPV)], {ALLIED: 0.6, CONCENTRATION: 0.6})
    assert found.values is not None
    plan = model.candidate(found.values)
    assert (plan.values[NPV], plan.values[ALLIED]) == pytest.approx((23.56, 0.6))
    better = optimiser.improved(plan, (NPV, ALLIED), {NPV: 10.0, ALLIED: 1.0}, {})
    assert (better.values[NPV], better.values[ALLIED]) == pytest.approx((32.56, 1.0))
    # With the modules as they are, all chips can still go to alpha.
    coarse = Optimiser(model, Scales(0.0, 3.0), instance.settings.solver.model_copy(update={"gap": 0.01}))
    moved = coarse.improved(plan, (NPV, ALLIED), {NPV: 10.0, ALLIED: 1.0}, {})
    assert (moved.values[NPV], moved.values[ALLIED]) == pytest.approx((23.56, 1.0))


# --- every building plan ---------------------------------------------------------------------


@example(seed=0, objectives=(CARBON,))
@example(seed=6, objectives=(CARBON, CONCENTRATION))
@example(seed=4, objectives=(ALLIED,))
@given(seed=st.integers(0, 10_000), objectives=st.sampled_from([(CARBON,), (CARBON, CONCENTRATION), (ALLIED,)]))
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_search_finds_what_trying_all_building_plans_finds(tmp_path_factory, seed, objectives):
    instance = random_instance(random.Random(seed), objective="npv")
    search = search_of(instance, tmp_path_factory.mktemp("frontier"), NPV, *objectives, points=3)
    try:
        study = search.run()
    except FrontierError:
        assert oracle_npv(instance, {}) == pytest.approx(0, abs=1e-6) or oracle_npv(instance, {}) < 0
        return
    if isinstance(study, PointResult):
        assert oracle_npv(instance, {}) is None
        return
    assert study.best.values[NPV] == pytest.approx(oracle_npv(instance, {}), abs=1e-5)
    _check_searches(instance, study)
    _check_nothing_dominated(study)
    if objectives == (CARBON,):
        _check_nothing_cheaper(instance, study)


def _check_searches(instance, study: Frontier):
    spread = max(1.0, max(end.record.values[NPV] for end in study.ends) - study.worst[NPV])
    for search in study.searches:
        levels = {name: level + name.sign * -1e-6 for name, level in search.asked.items()}
        expected = oracle_npv(instance, levels)
        if search.answer is Answer.IMPOSSIBLE:
            assert expected is None or expected <= study.least_npv + 1e-5
            continue
        assert search.answer is Answer.PLAN
        assert expected is not None
        # Rewards for going beyond the levels may cost so much; a level missed by rounding may gain so much.
        assert search.values[NPV] >= expected - 2 * REWARD * spread - 1e-4
        assert search.values[NPV] <= expected + 1e-4
        assert search.bound >= search.values[NPV] - 1e-6


def _check_nothing_dominated(study: Frontier):
    objectives = study.question.objectives
    for one in study.points:
        for other in study.points:
            better = [objective.sign * (other.value(objective) - one.value(objective)) for objective in objectives]
            assert one is other or min(better) < 0


def _check_nothing_cheaper(instance, study: Frontier):
    """A fifth of the range less carbon always costs something."""
    first, last = study.points[0], study.points[-1]
    spread = first.value(NPV) - last.value(NPV)
    step = 0.2 * (first.value(CARBON) - last.value(CARBON))
    for point in study.points:
        if step > 1e-4:
            best = oracle_npv(instance, {CARBON: point.value(CARBON) - step})
            assert best is None or best < point.value(NPV) - 0.02 * REWARD * spread


# --- ends ------------------------------------------------------------------------------------


def test_ends_are_lexicographic(tmp_path):
    """Of two ways to power the best plan the cleaner one, and of all plans without carbon the one worth most."""
    options = [
        make.power_option(option="dirty", kind="gas_turbine", carbon_t_per_mwh=0.5),
        make.power_option(option="less_dirty", carbon_t_per_mwh=0.3),
        make.power_option("beta"),
    ]
    study = frontier_of(clean_or_cheap(power_options=options), tmp_path, NPV, CARBON, least=0.0)
    ends = {end.objective: end.record.values for end in study.ends}
    assert ends[NPV][NPV] == pytest.approx(32.56)
    assert ends[NPV][CARBON] == pytest.approx(0.3 * TWH)
    assert ends[CARBON][CARBON] == pytest.approx(0, abs=1e-6)
    assert ends[CARBON][NPV] == pytest.approx(22.56)


def test_without_time_for_a_search_the_modules_known_are_operated_better(tmp_path, monkeypatch):
    """The cleaner of two ways to power alpha is found although every search for cleaner plans is cut short."""
    options = [
        make.power_option(option="dirty", kind="gas_turbine", carbon_t_per_mwh=0.5),
        make.power_option(option="less_dirty", carbon_t_per_mwh=0.3),
        make.power_option("beta"),
    ]
    search = FrontierModel.search

    def cut_short(model, aims, levels, **how):
        if how.get("build") is None and aims[0].objective is CARBON:
            return Found(None, math.inf, Ending.TIME)
        return search(model, aims, levels, **how)

    monkeypatch.setattr(FrontierModel, "search", cut_short)
    study = frontier_of(clean_or_cheap(power_options=options), tmp_path, NPV, CARBON)
    assert study.ends[0].record.values[CARBON] == pytest.approx(0.3 * TWH)
    assert study.ends[1].limit is None


def test_the_least_npv_ends_the_frontier(tmp_path):
    """Without beta less carbon means fewer chips: at 70 % of the best NPV, (0.7 x 32.56 + 10) / 42.56 of them."""
    only_alpha = clean_or_cheap(sites=[make.site()], power_options=[make.power_option(carbon_t_per_mwh=0.5)])
    study = frontier_of(only_alpha, tmp_path / "some", NPV, CARBON, least=0.7)
    assert study.least_npv == pytest.approx(0.7 * 32.56)
    assert study.points[-1].value(NPV) == pytest.approx(0.7 * 32.56, abs=1e-4)
    assert study.points[-1].value(CARBON) == pytest.approx(13.14 * (0.7 * 32.56 + 10) / 42.56, abs=1e-4)
    # Of all plans, the least carbon is that of building nothing.
    study = frontier_of(only_alpha, tmp_path / "any", NPV, CARBON, least=None)
    assert shown(study, NPV, CARBON)[-1] == (0.0, 0.0)


def test_shares_need_plans_that_have_compute(tmp_path):
    with pytest.raises(FrontierError, match="worth more than nothing"):
        frontier_of(two_countries(), tmp_path / "any", NPV, ALLIED, least=None)
    idle = two_countries(chip_prices=[make.price(price_usd=100_000)])
    with pytest.raises(FrontierError, match="earns nothing"):
        frontier_of(idle, tmp_path / "idle", NPV, ALLIED)


# --- what is kept ----------------------------------------------------------------------------


def test_every_number_comes_from_an_audited_folder(tmp_path):
    study = frontier_of(clean_or_cheap(), tmp_path, NPV, CARBON, CONCENTRATION, points=3)
    for record in (study.best, *study.searches):
        if record.answer is Answer.PLAN:
            result = load_result(tmp_path / "points" / record.key)
            assert audit_plan(result.instance, result.tables, result.manifest).ok
            assert plan_values(result.instance, result.tables, "USA") == pytest.approx(dict(record.values))
            assert result.manifest["bound_busd"] >= result.manifest["npv_busd"] - 1e-9
    assert len(study.points) >= 2


class KilledError(Exception):
    pass


@pytest.mark.parametrize("after", [1, 2, 3, 4, 5])
def test_a_killed_study_goes_on_where_it_was(tmp_path, after):
    whole = frontier_of(clean_or_cheap(), tmp_path / "whole", NPV, CARBON, points=9)
    told = []

    def kill(line):
        told.append(line)
        if sum(": " in text for text in told) == after:
            raise KilledError

    with pytest.raises(KilledError):
        search_of(clean_or_cheap(), tmp_path / "killed", NPV, CARBON, points=9, tell=kill).run()
    done = {text.split(":")[0] for text in told if ": " in text}
    assert len(done) == after
    again = []
    study = search_of(clean_or_cheap(), tmp_path / "killed", NPV, CARBON, points=9, tell=again.append).run()
    assert not done & {text.split(":")[0] for text in again}
    assert [point.record.values for point in study.points] == [point.record.values for point in whole.points]
    assert [point.bound for point in study.points] == [point.bound for point in whole.points]


def test_another_question_begins_anew(tmp_path):
    frontier_of(clean_or_cheap(), tmp_path, NPV, CARBON, points=9)
    again = []
    search_of(clean_or_cheap(), tmp_path, NPV, CARBON, points=3, tell=again.append).run()
    assert any(text.startswith("best-npv:") for text in again)
    assert not (tmp_path / "points" / "p1").exists() or "p1:" in " ".join(again)


def test_an_interrupt_keeps_what_is_known_and_says_so(tmp_path):
    stop, told = threading.Event(), []

    def interrupt(line):
        told.append(line)
        if line.startswith("end-carbon"):
            stop.set()

    study = search_of(clean_or_cheap(), tmp_path, NPV, CARBON, points=9, tell=interrupt, stop=stop).run()
    assert not study.complete
    assert shown(study, NPV, CARBON) == [(32.56, 13.14), (22.56, 0.0)]
    study = search_of(clean_or_cheap(), tmp_path, NPV, CARBON, points=9).run()
    assert study.complete
    assert len(study.points) == 3


def test_two_runs_are_the_same(tmp_path):
    studies = [frontier_of(clean_or_cheap(), tmp_path / name, NPV, CARBON, points=4) for name in ("one", "two")]
    assert [point.record.values for point in studies[0].points] == [point.record.values for point in studies[1].points]


def test_npv_falls_as_carbon_does(tmp_path):
    study = frontier_of(clean_or_cheap(), tmp_path, NPV, CARBON, points=9)
    for before, after in pairwise(study.points):
        assert after.value(NPV) < before.value(NPV)
        assert after.value(CARBON) < before.value(CARBON)
        assert math.isfinite(after.bound)
        assert after.bound >= after.value(NPV)


def test_a_long_search_says_how_it_goes():
    said = []
    event = SolveEvent("full search", 12.3, 1.0, 1.1, 0.1, 5)
    often, seldom = Pulse(said.append, every=0.0), Pulse(said.append, every=1000.0)
    often(event)
    seldom(event)
    assert said == ["  full search, 12 s, gap 10.00%"]
