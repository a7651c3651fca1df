"""Why a site is not built: the loss, what causes are worth, and values at which the decision flips."""

from __future__ import annotations

import json
import threading

import pytest

import optimizer.studies.why_not as why_not_module
from optimizer.studies.points import PointSolver
from optimizer.studies.site_solver import SiteSolver, builds
from optimizer.studies.why_not import NotForcedError, WhyNotQuestion, bracket, why_not
from optimizer.studies.why_not_report import findings, write_why_not
from tests import instances as make
from tests.solving import solve_small


def explained(instance, site, **question):
    stop = threading.Event()
    sites = SiteSolver(PointSolver(threads=1, seed=1, stop=stop), site)
    asked = WhyNotQuestion(**{"gap": 0.0, **question})
    return why_not(instance, None, sites, asked, stop, lambda _: None)


def dear_and_cheap(**dear):
    """One million H100e are wanted; alpha can serve all of it, beta would do so at another cost."""
    return make.instance(
        settings=make.settings(count=1),
        sites=[make.site("alpha"), make.site("beta", **dear)],
        demand=[make.demand(price_usd_per_h100e_hour=4)],
    )


def effect_of(study, name):
    return next(effect for effect in study.effects if effect.cause.name == name)


def test_the_loss_is_what_the_second_shell_costs():
    """Beta is built for nothing that alpha could not serve: 12 B USD for a shell, less alpha's own 10."""
    study = explained(dear_and_cheap(module_cost_usd_per_kw=12_000), "beta")
    assert study.loss == pytest.approx(2.0)
    assert study.least == pytest.approx(2.0)
    assert study.most == pytest.approx(2.0)
    assert builds(study.forced, "beta")
    assert not builds(study.base, "beta")
    effect = effect_of(study, "module cost")
    assert (effect.cause.own, effect.cause.reference) == (12_000, 10_000)
    assert effect.worth == pytest.approx(2.0)
    assert effect.loss_left == pytest.approx(0.0, abs=1e-9)
    assert study.loss_left == pytest.approx(0.0, abs=1e-9)
    assert "no loss is left" in list(findings(study))[-1]


def test_a_break_even_flips_the_decision_when_it_is_crossed():
    study = explained(dear_and_cheap(module_cost_usd_per_kw=12_000), "beta")
    even = effect_of(study, "module cost").break_even
    assert even is not None
    assert even.verified
    assert even.built < 10_000 <= even.not_built
    assert even.not_built - even.built < 0.003 * 12_000
    for cost, expected in ((even.built, True), (even.not_built, False)):
        solved = solve_small(dear_and_cheap(module_cost_usd_per_kw=cost))
        assert any(site == "beta" for site, _ in solved.modules()) is expected


@pytest.fixture
def never_sharp(monkeypatch):
    """As on instances whose gap is wider than any loss."""
    monkeypatch.setattr(why_not_module, "SHARP", -1.0)
    monkeypatch.setattr(why_not_module, "SHARP_OBJECTIVE", -1.0)


@pytest.mark.usefixtures("never_sharp")
def test_an_estimate_is_the_loss_where_the_relaxation_is_exact(tmp_path):
    study = explained(dear_and_cheap(module_cost_usd_per_kw=12_000), "beta")
    assert study.estimate == pytest.approx(2.0)
    effect = effect_of(study, "module cost")
    assert effect.worth == pytest.approx(2.0)
    assert effect.key == ""
    even = effect.break_even
    assert even is not None
    assert even.built < 10_000 <= even.not_built
    assert even.not_built - even.built <= 0.002 * 12_000 + 1e-9
    write_why_not(tmp_path / "study", study)
    document = json.loads((tmp_path / "study" / "study.json").read_text())
    assert document["loss_estimate"] == pytest.approx(2.0)
    assert "estimate by the linear relaxation" in document["findings"][0]
    assert "by the linear relaxation on both sides" in " ".join(document["findings"])


@pytest.mark.usefixtures("never_sharp")
def test_a_site_that_fractions_would_build_has_no_causes():
    """Half of alpha's only module is in demand: beta's small one would do, and the relaxation would take it."""
    instance = make.instance(
        settings=make.settings(count=1),
        sites=[make.site("alpha", max_modules=1), make.site("beta", module_mw=100, max_modules=1)],
        demand=[make.demand(quantity_h100e_million=1.05, price_usd_per_h100e_hour=3)],
    )
    study = explained(instance, "beta")
    assert study.estimate is not None
    assert (study.estimate <= 0) == (not study.effects)
    assert study.least - 1e-9 <= study.loss <= study.most + 1e-9


def test_a_bracket_closes_on_the_crossing_of_a_kinked_gain():
    def gain(value):
        return 3 - value if value < 4 else -1 - 20 * (value - 4)

    left, right = bracket(gain, (0.0, gain(0.0)), (10.0, gain(10.0)), 0.02, 20)
    assert left < 3 <= right
    assert right - left <= 0.02 + 1e-9


def test_a_lead_time_is_broken_even_in_months():
    """Two years of sales; beta is cheaper, but a year late. Half a year is no help: periods are years."""
    instance = make.instance(
        settings=make.settings(count=2),
        sites=[make.site("alpha"), make.site("beta", module_cost_usd_per_kw=9_000, lead_months=12)],
    )
    study = explained(instance, "beta")
    effect = effect_of(study, "lead time")
    assert effect.worth == pytest.approx(study.loss - effect.loss_left)
    assert effect.loss_left == 0
    assert effect.break_even is not None
    assert effect.break_even.verified
    assert (effect.break_even.built, effect.break_even.not_built) == (0, 1)


def test_a_country_is_neutralised_for_all_of_its_sites():
    """Both sites outside pay the tariff; with it gone both would be as good as the one at home."""
    taxed = {"country": "ARE", "latitude": 24.2, "longitude": 54.5}
    instance = make.instance(
        settings=make.settings(count=1),
        sites=[
            make.site("alpha"),
            make.site("beta", **taxed),
            make.site("gamma", **taxed, module_cost_usd_per_kw=9_000),
        ],
        countries=[
            make.country("USA", wacc_fraction=0),
            make.country("ARE", wacc_fraction=0, import_tariff_fraction=0.4),
        ],
        demand=[make.demand(price_usd_per_h100e_hour=4)],
    )
    study = explained(instance, "beta")
    effect = effect_of(study, "import tariff on chips")
    assert effect.cause.shared
    # Without the tariff gamma is the best plan, one cheaper by 1 B USD than beta's.
    assert effect.loss_left == pytest.approx(1.0)


def test_a_cause_that_no_value_mends_is_hopeless():
    study = explained(dear_and_cheap(module_cost_usd_per_kw=20_000, om_usd_per_kw_year=100), "beta")
    effect = effect_of(study, "site O&M")
    assert effect.hopeless
    assert effect.break_even is None


def test_rules_against_a_site_are_lifted_together():
    instance = make.instance(
        settings=make.settings(count=1, policy={"regime": "test"}),
        sites=[
            make.site("alpha", module_cost_usd_per_kw=11_000),
            make.site("beta", country="ARE", latitude=24.2, longitude=54.5),
        ],
        demand=[make.demand(price_usd_per_h100e_hour=4)],
        rules=[make.rule("NO", destination="ARE")],
        regimes=[make.regime("NO")],
    )
    study = explained(instance, "beta")
    effect = effect_of(study, "export rules")
    assert study.loss == pytest.approx(10.0)
    assert effect.loss_left == 0
    assert builds(study.points[effect.key], "beta")


def test_a_built_site_needs_no_explanation():
    with pytest.raises(NotForcedError, match="is built"):
        explained(dear_and_cheap(module_cost_usd_per_kw=12_000), "alpha")


def test_a_site_without_time_cannot_be_forced():
    with pytest.raises(NotForcedError, match="dates"):
        explained(dear_and_cheap(lead_months=36), "beta")


def test_forcing_leaves_the_model_as_it_was():
    instance = dear_and_cheap(module_cost_usd_per_kw=12_000)
    stop = threading.Event()
    sites = SiteSolver(PointSolver(threads=1, seed=1, stop=stop), "beta")
    before = sites.free(instance)
    sites.forced(instance)
    sites.forbidden(instance)
    after = sites.free(instance)
    assert (after.objective, after.build) == (before.objective, before.build)


def test_the_folder_holds_an_audited_plan_for_every_number(tmp_path):
    study = explained(dear_and_cheap(module_cost_usd_per_kw=12_000), "beta")
    write_why_not(tmp_path / "study", study)
    marker = json.loads((tmp_path / "study" / "study.json").read_text())
    values = {}
    for key in marker["points"]:
        manifest = json.loads((tmp_path / "study" / "points" / key / "manifest.json").read_text())
        assert manifest["audit"]["ok"]
        values[key] = manifest["objective"]["value"]
    assert marker["loss"] == pytest.approx(values["base"] - values["forced"])
    assert {cause["key"] for cause in marker["causes"]} <= set(values)
