"""Values of a knob at which the plan changes."""

import json

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.commands.loading import load_result
from optimizer.instance import write_instance
from optimizer.plan.audit import audit_plan
from optimizer.studies.plan_changes import ChangeKind
from optimizer.studies.switch import KnobMode, SwitchKind, SwitchQuestion, SwitchSearch
from optimizer.studies.switch_report import findings
from tests import instances as make
from tests.studies.solving import point_solver


def two_sites(beta_cost=9_000, **changes):
    """Alpha builds for 10 B USD, Beta for another price; there are chips and customers for one of them."""
    sites = [make.site(), make.site("beta", module_cost_usd_per_kw=beta_cost)]
    supply = [make.supply(during="2027")]
    return make.instance(sites=sites, **{"chip_supply": supply, **changes})


def switches(instance, knob, low, high, *, mode=KnobMode.SET, tolerance=None, samples=3):
    width = tolerance or (high - low) / 1000
    question = SwitchQuestion(instance, knob, mode, low, high, width, samples)
    return SwitchSearch(point_solver(), question).run()


def test_two_sites_switch_where_their_costs_are_equal():
    study = switches(two_sites(), "sites[beta].module_cost_usd_per_kw", 8_000, 11_500)
    (switch,) = study.switches
    assert switch.lower <= 10_000 <= switch.upper
    assert switch.upper - switch.lower <= 3.5 + 1e-9
    assert switch.kind is SwitchKind.OVERTAKEN
    assert {change.site: change.kind for change in switch.sites} == {
        "alpha": ChangeKind.ADDED,
        "beta": ChangeKind.DROPPED,
    }
    assert switch.before.objective == pytest.approx(switch.after.objective, abs=0.01)
    assert switch.room == pytest.approx(0, abs=1e-5)
    assert study.complete


def test_the_gap_of_a_search_is_no_switch():
    """Beta's range moves the best plan by at most 2 of 32 B USD: less than the gap asked."""
    instance = two_sites(settings=make.settings(solver={"gap": 0.2}))
    study = switches(instance, "sites[beta].module_cost_usd_per_kw", 8_000, 11_500)
    assert study.switches == ()
    assert len(study.stretches) == 1
    assert study.noise > 2


def test_plans_that_are_best_only_in_between_are_found_at_the_crossings():
    """Nothing fits at one end and both sites at the other; each alone is best in between."""
    years = (2027, 2028, 2029)
    instance = make.instance(
        sites=[make.site(), make.site("beta", module_mw=500)],
        chip_supply=[make.supply(during="2027", units=2_000_000)],
        demand=[make.demand(year=year, quantity_h100e_million=2) for year in years],
        limits=[make.limit("most", "it_gw", "*", year, 2) for year in years],
    )
    study = switches(instance, "limits[most].value", 0.25, 1.75, samples=2)
    assert [(switch.lower < at <= switch.upper) for at, switch in zip((0.5, 1, 1.5), study.switches, strict=True)] == [
        True
    ] * 3
    built = [{row.site for row in s.points[0][1].tables.phases} for s in study.stretches]
    assert built == [set(), {"beta"}, {"alpha"}, {"alpha", "beta"}]


def test_a_plan_that_becomes_possible_is_named_as_such():
    instance = two_sites(limits=[make.limit("most", "it_gw", "*", year, 2) for year in (2027, 2028, 2029)])
    study = switches(instance, "limits[most].value", 0, 3)
    (switch,) = study.switches
    assert switch.kind is SwitchKind.STARTS
    assert switch.lower < 1 <= switch.upper
    assert switch.before.tables is not None
    assert [change.kind for change in switch.sites] == [ChangeKind.ADDED]


def test_a_plan_that_stops_being_possible_is_named_as_such():
    """Taking more chips than beta can power forces the dearer alpha."""
    sites = [make.site(module_mw=2000, module_cost_usd_per_kw=15_000), make.site("beta", module_cost_usd_per_kw=9_000)]
    supply = [make.supply(during="2027", units=2_000_000)]
    study = switches(make.instance(sites=sites, chip_supply=supply), "chip_supply[C1].minimum_units", 0, 1_900_000)
    (switch,) = study.switches
    assert switch.kind is SwitchKind.STOPS
    assert switch.lower <= 1_000_000 < switch.upper + 1
    assert switch.after.objective < switch.before.objective


def test_where_no_plan_is_possible_the_first_plan_is_a_switch():
    """A million chips must be taken; they draw 1 GW."""
    supply = [make.supply(during="2027", minimum_units=1_000_000)]
    study = switches(make.instance(chip_supply=supply), "power_options[alpha].max_mw", 500, 1_500)
    (switch,) = study.switches
    assert switch.kind is SwitchKind.FIRST_PLAN
    assert switch.lower < 1_000 <= switch.upper + 1e-3
    assert switch.before is None
    assert study.stretches[0].points[0][1] is None


def test_whole_knobs_switch_at_whole_values_though_they_move_rows_and_columns():
    """Beta is 1 B USD cheaper; a month of delay costs it the first of three years."""
    study = switches(two_sites(), "sites[beta].lead_months", 0, 9, tolerance=0.01)
    (switch,) = study.switches
    assert (switch.lower, switch.upper) == (0, 1)
    assert {change.site: change.kind for change in switch.sites} == {
        "alpha": ChangeKind.ADDED,
        "beta": ChangeKind.DROPPED,
    }


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tiny").mkdir()
    write_instance(two_sites(), tmp_path / "tiny")
    return tmp_path / "tiny"


KNOB = "sites[beta].module_cost_usd_per_kw"


def run(folder, *options):
    arguments = ["switch", str(folder), "--knob", KNOB, "--out", str(folder.parent / "study"), "--json", *options]
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_every_number_of_the_folder_comes_from_an_audited_plan(folder):
    done = run(folder, "--between", "8000", "11500", "--samples", "3")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    study = folder.parent / "study"
    for switch in document["switches"]:
        for key, worth in (("before", "objective_before"), ("after", "objective_after")):
            result = load_result(study / "points" / switch[key])
            assert audit_plan(result.instance, result.tables, result.manifest).ok
            assert result.manifest["npv_busd"] == pytest.approx(switch[worth], abs=1e-9)
    for name in (
        "report.html",
        "map.html",
        "switch.png",
        "switch.svg",
        "switches.csv",
        "switches.parquet",
        "study.json",
    ):
        assert (study / name).is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--between", "9000", "8000"), "two rising values"),
        (("--between", "8000", "9000", "--tolerance", "0"), "must be positive"),
        (("--between", "-1", "9000"), "module_cost_usd_per_kw"),
    ],
)
def test_bad_questions_are_refused_before_anything_is_solved(folder, options, message):
    refused = run(folder, *options)
    assert refused.exit_code == 2
    assert message in refused.stderr
    assert not (folder.parent / "study").exists()


def test_worths_are_told_apart_where_the_switch_is_not_narrowed_down():
    """Beta gives way to alpha at 10,000 USD a kW; at the ends of a wide bracket the two are not worth the same."""
    narrow = findings(switches(two_sites(), KNOB, 8_000, 11_500))
    assert any("another plan becomes better, both worth" in sentence for sentence in narrow)
    study = switches(two_sites(), KNOB, 8_000, 11_500, samples=2, tolerance=3_400)
    (switch,) = study.switches
    before, after = switch.before.objective, switch.after.objective
    assert before > after + 0.2
    words = (
        f"the one before worth {before:.4f} B USD at {switch.lower:g}, the one after {after:.4f} at {switch.upper:g}"
    )
    assert any(words in sentence for sentence in findings(study))
