"""Prices of limits: closed forms, and the three prices against each other."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from optimizer.instance import apply_changes, instance_hash
from optimizer.studies.limit_index import RATIO_FAMILIES, LimitKey
from optimizer.studies.points import PointSolver, with_seconds
from optimizer.studies.price import Evidence, PriceQuestion, PriceStudy, price_limits
from optimizer.studies.price_report import write_prices
from optimizer.studies.price_words import explanation
from optimizer.studies.steps import moved
from tests import instances as make
from tests.random_instances import with_settings
from tests.solving import solve_small

HOURS = 8.76


def priced(instance, **question):
    stop = threading.Event()
    solver = PointSolver(threads=1, seed=1, stop=stop)
    asked = PriceQuestion(**{"gap": 0.0, **question})
    study = price_limits(instance, None, solver, asked, stop, lambda _: None)
    assert isinstance(study, PriceStudy)
    return study


def price_of(study, family, name):
    return next(price for price in study.prices if price.step.limit == LimitKey(family, name))


def two_homes(share: float, foreign_price: float, home_volume: float = 1.0):
    """C5: a home market of one volume, a foreign one that pays more; sites stand already, chips cost nothing much."""
    return make.instance(
        settings=make.settings(count=1, policy={"regime": "test"}),
        sites=[
            make.site("home", latency_zone="h", max_modules=9),
            make.site("abroad", latency_zone="f", country="ARE", latitude=24.2, longitude=54.5, max_modules=9),
        ],
        committed=[make.committed("home", modules=9), make.committed("abroad", modules=9)],
        chip_prices=[make.price(price_usd=1e-6)],
        chip_supply=[make.supply(units=50_000_000)],
        demand_regions=[make.region("inland"), make.region("foreign")],
        demand=[
            make.demand("inland", quantity_h100e_million=home_volume, price_usd_per_h100e_hour=1),
            make.demand("foreign", quantity_h100e_million=50, price_usd_per_h100e_hour=foreign_price),
        ],
        latency=[make.latency("h", "inland"), make.latency("f", "foreign")],
        installed_base=[],
        rules=[
            make.rule("SHARE", "share_cap", destination="ARE", quantity=share, measure="h100e_million", owner="USA"),
            make.rule("QUOTA", "cap_stock", destination="USA", quantity=home_volume, measure="h100e_million"),
        ],
        regimes=[make.regime("SHARE"), make.regime("QUOTA")],
    )


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_c5_the_value_of_a_percentage_point_of_a_share(share):
    """F = phi / (1 - phi) X, so that one more point is worth b X / (1 - phi)^2 / 100; formulation.md 3.1."""
    price = price_of(priced(two_homes(share, foreign_price=2.0)), "export_share_cap", "SHARE")
    b = 2.0 * HOURS
    assert price.step.units == pytest.approx(1.0)
    assert price.step.unit == "percentage point"
    marginal = b * 1.0 / (1 - share) ** 2 / 100
    assert price.fixed == pytest.approx(marginal, rel=1e-5)
    assert price.relaxed == pytest.approx(marginal, rel=1e-5)
    finite = b * ((share + 0.01) / (1 - share - 0.01) - share / (1 - share))
    assert price.resolved == pytest.approx(finite, rel=1e-5)
    assert price.per_unit == pytest.approx(1e3 * finite, rel=1e-5)
    assert "agree" in explanation(price)


def test_a_re_solved_difference_is_that_of_two_solves_apart():
    study = priced(two_sites(), sites=1)
    resolved = [price for price in study.prices if price.resolved is not None]
    assert {"budget", "chip_supply", "lead_months", "export_flow_cap"} <= {p.step.limit.family for p in resolved}
    base = solve_small(study.base.instance)
    assert study.base.objective == pytest.approx(base.objective)
    for price in resolved:
        after = solve_small(moved(study.base.instance, [price.step]))
        assert price.resolved == pytest.approx(after.objective - base.objective, abs=1e-6), price.step.words
        assert price.least - 1e-6 <= price.resolved <= price.most + 1e-6


def test_steps_are_changes_that_anybody_can_make():
    study = priced(two_sites(), sites=1)
    for price in study.prices:
        if price.key:
            point = study.points[price.key].instance
            seconds = point.settings.solver.time_limit_seconds
            base = with_seconds(study.base.instance, seconds)
            assert instance_hash(apply_changes(base, price.step.changes(base))) == instance_hash(point)


def test_the_price_of_chips_is_their_margin():
    """Ten thousand chips earn 17.52 B USD per million and cost 10: 7.52 B USD per million, 75.2 M USD."""
    price = price_of(priced(short_of_chips()), "chip_supply", "C1")
    assert price.step.unit == "10,000 chips"
    assert price.per_unit == pytest.approx(75.2)
    assert 1e3 * price.fixed / price.step.units == pytest.approx(75.2)


def test_a_difference_within_the_gap_is_an_estimate_with_a_range_that_holds():
    instance = with_settings(two_sites(), "solver", gap=0.9)
    exact = priced(two_sites(), sites=0)
    study = priced(instance, sites=0, gap=0.9)
    assert study.base.bound > study.base.objective + 1e-3, "the gap is wide"
    estimated = [price for price in study.prices if price.evidence is Evidence.ESTIMATE]
    assert estimated
    for price in estimated:
        assert price.leading == price.relaxed_step
        true = next(other for other in exact.prices if other.step.limit == price.step.limit)
        assert price.least - 1e-6 <= true.resolved <= price.most + 1e-6
        assert "luck" in explanation(price)
    assert all(price.evidence is Evidence.RESOLVED for price in exact.prices if price.key)


def test_gains_shrink_along_a_step():
    """Objectives of linear programs are concave in limits: the first-order gain is never less than that of the step."""
    for price in priced(two_sites(), sites=0).prices:
        if price.fixed_step is not None and price.step.limit.family not in RATIO_FAMILIES:
            assert price.fixed >= price.fixed_step - 1e-6
            assert price.relaxed >= price.relaxed_step - 1e-6


def test_a_rule_lifted_is_worth_what_the_instance_gains_without_it():
    study = priced(denied(), lift=1)
    (lifted,) = study.lifted
    without = solve_small(replace(denied(), regimes=()))
    assert lifted.step.limit == LimitKey("rule_lifted", "NO-C2")
    assert lifted.resolved == pytest.approx(without.objective - solve_small(denied()).objective)
    assert lifted.evidence is Evidence.RESOLVED


def test_chips_that_the_vendor_may_keep_are_priced_for_what_they_earn_now():
    """More supply also lets the vendor keep more, which is worth nothing here and must not lower the price."""
    instance = make.instance(
        settings=make.settings(count=2, model={"chip_carry_months": 12}),
        sites=[make.site(max_modules=3)],
        committed=[make.committed(modules=3)],
        chip_supply=[make.supply(during=str(year), units=500_000) for year in (2027, 2028)],
        demand=[make.demand(year=year, quantity_h100e_million=3) for year in (2027, 2028)],
    )
    price = price_of(priced(instance), "chip_supply", "C1")
    assert price.resolved > 0
    assert price.fixed == pytest.approx(price.resolved, rel=1e-6)
    assert price.relaxed == pytest.approx(price.resolved, rel=1e-6)


def test_chips_kept_for_a_later_site_are_priced_beside_chips_that_may_not_be_kept():
    """What unmet demand adds in 2028 is not kept for the site of 2029; what the vendor sells of itself in 2028 is."""
    instance = make.instance(
        settings=make.settings(count=3, model={"chip_carry_months": 24}),
        sites=[make.site("alpha"), make.site("beta", max_modules=3)],
        committed=[make.committed(), make.committed("beta", modules=3, online_from=make.month("2029"))],
        power_options=[make.power_option("alpha"), make.power_option("beta")],
        chip_supply=[make.supply(during="2027", units=1_200_000), make.supply(during="2028")],
        supply_response=[make.supply_response("C1", "market", 0.1)],
        demand=[make.demand(year=year, quantity_h100e_million=3) for year in (2027, 2028, 2029)],
    )
    price = price_of(priced(instance), "chip_supply", "C1")
    assert price.resolved > 0
    assert price.fixed == pytest.approx(price.resolved, rel=1e-6)


def test_a_denial_is_priced_as_a_cap_of_nothing():
    """Denied are C2 at the only site; ten thousand of them would earn as much as other chips cost less."""
    price = price_of(priced(denied()), "export_flow_cap", "NO-C2")
    assert price.per_unit == pytest.approx(60.0)
    assert price.step.words == "+10,000 chips"


def test_the_report_holds_every_plan_it_names(tmp_path):
    study = priced(two_sites(), sites=1)
    write_prices(tmp_path / "study", study)
    marker = json.loads((tmp_path / "study" / "study.json").read_text())
    keys = [price["key"] for price in marker["prices"] if price["key"]]
    assert keys
    for key in (*keys, "base"):
        manifest = json.loads((tmp_path / "study" / "points" / key / "manifest.json").read_text())
        assert manifest["audit"]["ok"]
    base = json.loads((tmp_path / "study" / "points" / "base" / "manifest.json").read_text())
    for price in marker["prices"]:
        if price["key"]:
            plan = json.loads((tmp_path / "study" / "points" / price["key"] / "manifest.json").read_text())
            difference = plan["objective"]["value"] - base["objective"]["value"]
            assert price["resolved"] == pytest.approx(difference, abs=1e-6)
    assert (tmp_path / "study" / "prices.svg").is_file()


def two_sites():
    """Two sites, one of them late, a budget that decides how many modules there are, and a cap and a denial."""
    return make.instance(
        settings=make.settings(count=3, policy={"regime": "test"}),
        sites=[
            make.site("alpha", max_modules=3, lead_months=12, open_cost_musd=500, max_starts_per_year=2),
            make.site("beta", max_modules=2, module_cost_usd_per_kw=9_000, lead_months=24),
        ],
        chips=[make.chip("C1"), make.chip("C2", performance_h100e=2)],
        chip_prices=[make.price("C1"), make.price("C2", price_usd=12_000)],
        chip_supply=[make.supply(c, during=str(y), units=700_000) for c in ("C1", "C2") for y in (2027, 2028, 2029)],
        budgets=[make.budget(year=2027, capital_busd=24), make.budget(year=2028, capital_busd=8),
                 make.budget(year=2029, capital_busd=8)],
        demand=[make.demand(year=y, quantity_h100e_million=3, price_usd_per_h100e_hour=3) for y in (2027, 2028, 2029)],
        rules=[make.rule("CAP", "cap_cumulative", chip_test="chip == 'C2'", quantity=0.4, measure="chips_million")],
        regimes=[make.regime("CAP")],
    )  # fmt: skip


def short_of_chips():
    return make.instance(
        settings=make.settings(count=1),
        sites=[make.site(max_modules=3)],
        committed=[make.committed(modules=3)],
        chip_supply=[make.supply(units=500_000)],
        demand=[make.demand(quantity_h100e_million=3)],
    )


def denied():
    """Two standing modules, and a denial of the cheaper chip."""
    return make.instance(
        settings=make.settings(count=1, policy={"regime": "test"}),
        sites=[make.site(max_modules=2)],
        committed=[make.committed(modules=2)],
        chips=[make.chip("C1"), make.chip("C2")],
        chip_prices=[make.price("C1"), make.price("C2", price_usd=4_000)],
        demand=[make.demand(quantity_h100e_million=0.5)],
        rules=[make.rule("NO-C2", chip_test="chip == 'C2'")],
        regimes=[make.regime("NO-C2")],
    )
