"""What fractions of late modules are measured by."""

from pathlib import Path

import pytest

from benchmarks.integer_until import Stopwatch, compare, in_fractions, run, whole_until
from optimizer.instance import load_instance
from optimizer.solve.events import SolveEvent

INSTANCE = load_instance(Path(__file__).parents[2] / "instances" / "three-regions")


def test_fractions_are_worth_no_less_and_their_early_decisions_no_more():
    whole, half, none = (run(one) for one in (INSTANCE, whole_until(INSTANCE, INSTANCE.calendar.periods[1]),
                                              in_fractions(INSTANCE)))  # fmt: skip
    plans = [solved.solution.incumbent for solved in (whole, half, none)]
    assert plans == sorted(plans)
    assert plans[0] < plans[2]
    held = run(INSTANCE, half.early())
    assert held.solution.incumbent <= plans[0] + 1e-6 * plans[0]
    built = {(site, int(d)): round(held.model.pyomo.modules[site, d].value) for site, d in _loaded(held)}
    assert {key: built[key] for key in half.early()} == half.early()


def _loaded(solved):
    solved.form.load(solved.solution.values)
    return list(solved.model.pyomo.modules)


def test_the_first_time_within_the_gap_counts():
    watch = Stopwatch(0.01)
    for gap in (None, 0.02):
        watch(SolveEvent("search", 0.0, gap=gap))
    assert watch.reached is None
    watch(SolveEvent("search", 0.0, gap=0.01))
    first = watch.reached
    watch(SolveEvent("search", 0.0, gap=0.001))
    assert watch.reached == first is not None


def test_the_table_has_three_lines_an_instance(capsys):
    compare("small", INSTANCE)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[1] for line in lines] == ["all", "until 2030", "none"]
    held, whole = (float(line.split(" | ")[column].rstrip(" |")) for line, column in ((lines[1], 7), (lines[0], 3)))
    assert held == pytest.approx(whole, rel=0.05)
