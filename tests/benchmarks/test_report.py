"""Medians, ratios and contradictions in the report."""

import json
from datetime import date
from math import inf

import pytest

from benchmarks.process import Measurement, Outcome
from benchmarks.report import as_json, as_markdown, from_json, grouped, ratio
from benchmarks.tasks import BUILD, GAP, LP, OURS

SOFTWARE = {"python": "3", "cores": "2"}


def run(task, seconds, case="a", name="", **values):
    return Measurement(task, case, Outcome({name: seconds}, {"limit": 60.0, **values}), 1.0, 100.0)


def table(measurements, **options):
    return as_markdown(measurements, SOFTWARE, repeats=3, limit_seconds=60, **options)


def test_medians_of_repeated_runs_and_their_spread():
    runs = [run(f"{BUILD}/{OURS}", seconds) for seconds in (1.0, 5.0, 2.0)]
    (repeated,) = grouped(runs)
    assert repeated.seconds() == (1.0, 2.0, 5.0)
    assert "2.00 (1.00-5.00)" in table(runs)


def test_a_ratio_compares_medians_and_the_means_are_geometric():
    runs = [
        run(f"{LP}/{OURS}", 1.0), run(f"{LP}/GLOP", 2.0),
        run(f"{LP}/{OURS}", 1.0, "b"), run(f"{LP}/GLOP", 8.0, "b"),
    ]  # fmt: skip
    assert "- GLOP: 4 times our time (geometric mean, 2 case(s))" in table(runs)


def test_who_does_not_arrive_took_at_least_the_limit():
    ours, theirs = grouped([run(f"{LP}/{OURS}", 2.0), run(f"{LP}/GLOP", inf)])
    assert ratio(theirs, ours, "") == (30.0, False)
    text = table([*ours.runs, *theirs.runs])
    assert "not reached | > 30" in text
    assert "at least 30 times" in text


def test_there_is_no_ratio_where_we_do_not_arrive():
    ours, theirs = grouped([run(f"{LP}/{OURS}", inf), run(f"{LP}/GLOP", 3.0)])
    assert ratio(theirs, ours, "") == (None, True)
    assert "times our time" not in table([*ours.runs, *theirs.runs])


def test_a_failure_is_named_and_spoils_no_median():
    failed = Measurement(f"{LP}/GLOP", "a", None, 1.0, 100.0, "out of memory")
    runs = [run(f"{LP}/{OURS}", 1.0), run(f"{LP}/GLOP", 1.0), failed]
    assert grouped(runs)[1].seconds() is None
    text = table(runs, absent=["PuLP, build: 'pulp' is not installed"])
    assert "- not measured: GLOP, linear relaxation, a: out of memory" in text
    assert "- not measured: PuLP, build: 'pulp' is not installed" in text


@pytest.mark.parametrize(("other", "words"), [(101.0, "optima disagree"), (100.00001, "")])
def test_optima_that_disagree_are_pointed_out(other, words):
    runs = [run(f"{LP}/{OURS}", 1.0, objective=100.0), run(f"{LP}/GLOP", 1.0, objective=other)]
    assert ("optima disagree" in table(runs)) == bool(words)


@pytest.mark.parametrize(("bound", "wrong"), [(99.0, True), (100.0, False)])
def test_a_plan_above_a_bound_is_pointed_out(bound, wrong):
    runs = [
        run(f"{GAP}/{OURS}", 1.0, name="2 %", incumbent=100.0, bound=101.0),
        run(f"{GAP}/SCIP", 1.0, name="2 %", incumbent=98.0, bound=bound),
    ]
    assert ("a plan beats a bound" in table(runs)) == wrong


def test_the_json_holds_every_run_and_no_infinity():
    text = as_json([run(f"{LP}/{OURS}", inf), run(f"{LP}/{OURS}", 1.5)], SOFTWARE, {"repeats": 2})
    document = json.loads(text, parse_constant=pytest.fail)
    assert [item["outcome"]["seconds"][""] for item in document["runs"]] == [None, 1.5]
    assert document["settings"] == {"repeats": 2}


def test_runs_are_read_back_as_they_were_and_only_if_they_compare():
    failed = Measurement(f"{GAP}/{OURS}", "a", None, 1.0, 10.0, "killed")
    runs = [run(f"{LP}/{OURS}", 2.0), run(f"{LP}/GLOP", inf), failed]
    text = as_json(runs, SOFTWARE, {"repeats": 1})
    assert from_json(text, SOFTWARE, {"repeats": 1}) == runs
    with pytest.raises(ValueError, match="other versions or settings"):
        from_json(text, SOFTWARE, {"repeats": 2})
    with pytest.raises(ValueError, match="other versions or settings"):
        from_json(text, {**SOFTWARE, "python": "4"}, {"repeats": 1})


def test_the_table_says_when_it_was_made():
    assert table([run(f"{LP}/{OURS}", 1.0)]).startswith(f"{date.today().isoformat()}. Medians")
