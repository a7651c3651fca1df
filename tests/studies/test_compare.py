"""Where the difference between two plans comes from."""

import json
import random

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.commands.loading import load_result
from optimizer.instance import apply_changes
from optimizer.plan.audit import audit_plan
from optimizer.studies.compare import ComparedPlan, Tightness, compare
from optimizer.studies.compare_report import write_comparison
from optimizer.studies.country_cash import cash_by_country
from optimizer.studies.plan_changes import ChangeKind
from tests import instances as make
from tests.random_instances import random_instance
from tests.studies.solving import compared, point_solver


def two_countries(**changes):
    """Alpha in USA builds for 10 B USD, Beta in ARE for 9; one million chips a year for one of them."""
    beta = make.site(
        "beta", country="ARE", grid_region="gulf", latitude=24.15, longitude=54.44, module_cost_usd_per_kw=9_000
    )
    sites = [make.site(), beta]
    return make.instance(sites=sites, **changes)


def plan_of(instance):
    return compared("plan", instance)


@pytest.mark.parametrize("seed", range(1, 9))
def test_decompositions_add_up_to_the_difference(seed):
    rng = random.Random(seed)
    before, after = plan_or_none(random_instance(rng)), plan_or_none(random_instance(rng))
    if before is None or after is None:
        pytest.skip("one of the two drawn instances has no plan")
    comparison = compare(before, after)
    for parts in (comparison.by_category, comparison.by_country, [one for _, one in comparison.by_both]):
        assert sum(one.difference_busd for one in parts) == pytest.approx(comparison.difference_busd, abs=1e-9)
        assert sum(one.after_busd for one in parts) == pytest.approx(after.npv_busd, abs=1e-9)


def plan_or_none(instance):
    point = point_solver().solve(instance)
    return None if point.tables is None else ComparedPlan("plan", instance, point.tables, point.manifest)


def test_every_dollar_belongs_to_the_country_that_spends_or_earns_it():
    """Three years of one million chips at 2 USD an hour: 17.52 B USD a year; chips last five years."""
    plan = plan_of(two_countries())
    cash = cash_by_country(plan.instance, plan.tables)
    assert {country for _, country in cash} == {"ARE", "USA"} or {country for _, country in cash} == {"ARE"}
    built = {row.country: row.modules_new for row in plan.tables.sites}
    gross = {"USA": 10.0, "ARE": 9.0}
    for country, modules in built.items():
        assert cash.get(("modules", country), 0.0) == pytest.approx(-gross[country] * modules)
    assert sum(busd for (category, _), busd in cash.items() if category == "revenue") == pytest.approx(3 * 17.52)


def test_a_dearer_site_moves_the_plan_and_its_cash():
    before = compared("cheap", two_countries())
    dearer = apply_changes(before.instance, ["sites[beta].module_cost_usd_per_kw = 12000"])
    comparison = compare(before, compared("dear", dearer))
    kinds = {change.site: change.kind for change in comparison.sites}
    assert kinds == {"alpha": ChangeKind.ADDED, "beta": ChangeKind.DROPPED}
    assert comparison.gw == {"ARE": -1.0, "USA": 1.0}
    assert comparison.difference_busd == pytest.approx(-1.0)
    causes = {one.name: one.difference_busd for one in comparison.by_category}
    assert causes["modules"] == pytest.approx(-1.0)
    countries = {one.name: one.difference_busd for one in comparison.by_country}
    assert countries["USA"] == pytest.approx(-countries["ARE"] - 1.0)
    assert [(change.cell, change.before, change.after) for change in comparison.inputs] == [
        ("sites[beta].module_cost_usd_per_kw", "9000", "12000")
    ]


def test_a_limit_that_starts_to_bind_is_named_and_freed_the_other_way():
    loose = two_countries()
    before, after = compared("loose", loose), compared("tight", apply_changes(loose, ["budgets[*].capital_busd = 19"]))
    tight = {(one.family, one.name, one.when): one for one in compare(before, after).limits}
    assert tight["budget", "global", "2027"].change is Tightness.BINDING
    assert tight["budget", "global", "2027"].limit_after == pytest.approx(19)
    back = {(one.family, one.name, one.when): one.change for one in compare(after, before).limits}
    assert back["budget", "global", "2027"] is Tightness.FREED


def test_rows_of_one_instance_only_are_differences():
    before = compared("one", two_countries())
    after = compared("two", two_countries(limits=[make.limit("most", "it_gw", "*", 2027, 1)]))
    changes = compare(before, after).inputs
    assert [(change.table, change.row, change.before, change.after) for change in changes] == [
        ("limits", "most, 2027", "(no row)", "row")
    ]


def test_a_plan_against_itself_differs_in_nothing():
    plan = plan_of(two_countries())
    comparison = compare(plan, plan)
    assert comparison.difference_busd == 0
    assert not comparison.sites
    assert not comparison.limits
    assert not comparison.inputs
    assert all(one.difference_busd == 0 for one in comparison.by_category)


def test_the_study_folder_holds_both_plans_and_they_pass_their_audit(tmp_path):
    before = compared("cheap", two_countries())
    after = compared("<dear>", apply_changes(before.instance, ["sites[beta].module_cost_usd_per_kw = 12000"]))
    write_comparison(tmp_path / "study", compare(before, after))
    for key in ("before", "after"):
        result = load_result(tmp_path / "study" / "points" / key)
        assert audit_plan(result.instance, result.tables, result.manifest).ok
    page = (tmp_path / "study" / "report.html").read_text()
    assert "&lt;dear&gt;" in page
    assert "<dear>" not in page
    assert (tmp_path / "study" / "categories.parquet").is_file()


def test_the_command_prints_one_document_and_refuses_what_is_no_result(tmp_path):
    solver = point_solver()
    for name, changes in {"a": [], "b": ["chip_supply[*].units *= 0.5"]}.items():
        solver.solve(apply_changes(two_countries(), changes)).write(tmp_path / name)
    arguments = ["compare", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "study"), "--json"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    document = json.loads(done.stdout)
    assert done.exit_code == 0
    total = sum(one["difference_busd"] for one in document["by_category"])
    assert total == pytest.approx(document["difference_busd"], abs=1e-9)
    foreign = CliRunner().invoke(app, ["compare", str(tmp_path), str(tmp_path / "b")], catch_exceptions=False)
    assert foreign.exit_code == 2
    assert "not a result folder" in foreign.stderr
