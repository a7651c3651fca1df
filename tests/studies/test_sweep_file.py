"""sweep.toml: what it means, and that every mistake is told at its place before anything is solved."""

import pytest

from optimizer.instance import InstanceError, apply_changes, instance_hash
from optimizer.studies.sweep_file import read_sweep
from tests import instances as make
from tests.studies.sweeps import CHIPS, small_folder, small_instance, sweep_of


def labels(sweep):
    return [point.label for point in sweep.points]


def problems(tmp_path, text, instance=None):
    with pytest.raises(InstanceError) as caught:
        sweep_of(tmp_path, instance or small_instance(), text)
    return [(found.code.name, found.line, found.column) for found in caught.value.diagnostics], caught.value


def test_a_range_has_the_values_it_looks_like(tmp_path):
    text = "[[axes]]\nknob = 'finance.discount_rate'\nfrom = 0.0\nto = 0.3\nsteps = 4\n"
    assert labels(sweep_of(tmp_path, small_instance(), text)) == [
        "finance.discount_rate = 0",
        "finance.discount_rate = 0.1",
        "finance.discount_rate = 0.2",
        "finance.discount_rate = 0.3",
    ]


def test_a_grid_is_a_snake_whose_every_step_is_one_step(tmp_path):
    text = CHIPS + "[[axes]]\nknob = 'budgets[*].capital_busd'\nvalues = [20, 10, 30]\n"
    sweep = sweep_of(tmp_path, small_instance(), text)
    assert len(sweep.points) == 15
    assert len({point.key for point in sweep.points}) == 15
    for before, after in zip(sweep.points, sweep.points[1:], strict=False):
        assert after.number in before.neighbours
        assert before.number in after.neighbours


def test_axes_that_rebuild_the_model_vary_slowest(tmp_path):
    text = CHIPS + "[[axes]]\nknob = 'sites[*].lead_months'\nvalues = [0, 12]\n"
    sweep = sweep_of(tmp_path, small_instance(), text)
    leads = [point.position.turns[1].value for point in sweep.points]
    assert leads == [0] * 5 + [12] * 5


def test_values_of_text_and_flags(tmp_path):
    text = "[[axes]]\nknob = 'finance.terminal_value'\nvalues = [false, true]\n"
    assert labels(sweep_of(tmp_path, small_instance(), text)) == [
        "finance.terminal_value = false",
        "finance.terminal_value = true",
    ]
    text = "[[axes]]\nknob = 'power_options[*].available_from'\nvalues = ['2027', '2028-07']\n"
    assert labels(sweep_of(tmp_path, small_instance(), text))[1] == "power_options[*].available_from = 2028-07"


def test_one_at_a_time_takes_the_base_and_both_ends_of_every_range(tmp_path):
    sweep = sweep_of(tmp_path, small_instance(), "one_at_a_time = true\n")
    assert labels(sweep)[0] == "as it is"
    assert sorted(labels(sweep)[1:]) == [
        "chip_supply[*].units *= 0.5",
        "chip_supply[*].units *= 2",
        "chips[C1].life_months = 48",
        "chips[C1].life_months = 60",
        "demand[*].price_usd_per_h100e_hour *= 0.75",
        "demand[*].price_usd_per_h100e_hour *= 1.25",
    ]
    by_label = {point.label: point for point in sweep.points}
    assert by_label["chips[C1].life_months = 60"].key == by_label["as it is"].key, "the base is not solved twice"
    assert len(sweep.unique) == 6


def test_scenarios_go_with_every_point_of_the_grid(tmp_path):
    from tests import instances as make

    scenarios = {"rich": {"changes": ["budgets[*].capital_busd *= 2"]}}
    instance = small_instance(settings=make.settings(scenarios=scenarios))
    sweep = sweep_of(tmp_path, instance, "scenarios = ['rich']\n" + CHIPS)
    assert len(sweep.points) == 10
    assert sweep.points[5].changes[0] == "budgets[*].capital_busd *= 2"
    assert sum(point.position.scenario is None for point in sweep.points) == 5
    alone = sweep_of(tmp_path, instance, "scenarios = ['rich']\nbase = false\n")
    assert labels(alone) == ["rich"]


def test_solver_settings_apply_to_every_point(tmp_path):
    sweep = sweep_of(tmp_path, small_instance(), CHIPS + "[solver]\ngap = 0.05\ntime_limit_seconds = 7\n")
    assert sweep.instance.settings.solver.gap == 0.05
    assert sweep.instance.settings.solver.time_limit_seconds == 7


def test_keys_name_content(tmp_path):
    one = sweep_of(tmp_path, small_instance(), CHIPS)
    other = sweep_of(tmp_path, small_instance(), CHIPS.replace("steps = 5", "steps = 3") + "name = 'chips'\n")
    assert {point.key for point in other.points} < {point.key for point in one.points}
    exact = sweep_of(tmp_path, small_instance(), CHIPS + "[solver]\ngap = 0.05\n")
    assert not {point.key for point in exact.points} & {point.key for point in one.points}


def test_points_are_what_the_changes_say(tmp_path):
    instance = small_instance()
    sweep = sweep_of(tmp_path, instance, CHIPS)
    point = sweep.points[0]
    assert instance_hash(apply_changes(sweep.instance, point.changes)) == instance_hash(
        apply_changes(instance, ["chip_supply[*].units *= 0.5"])
    )


def test_chains_hold_every_point_once_and_do_not_depend_on_who_solves(tmp_path):
    text = CHIPS.replace("steps = 5", "steps = 23")
    chains = sweep_of(tmp_path, small_instance(), text).chains()
    assert [len(chain) for chain in chains] == [8, 8, 7]
    assert [point.number for chain in chains for point in chain] == list(range(1, 24))
    assert [len(chain) for chain in sweep_of(tmp_path, small_instance(), CHIPS).chains()] == [3, 2]


def test_points_that_each_need_a_model_of_their_own_go_one_by_one(tmp_path):
    text = "[[axes]]\nknob = 'sites[*].lead_months'\nvalues = [0, 3, 6, 9, 12, 15, 18]\n"
    together = sweep_of(tmp_path, small_instance(), text)
    assert together.rebuilt
    assert [len(chain) for chain in together.chains()] == [1] * 7
    with_chips = sweep_of(tmp_path, small_instance(), text + CHIPS.replace("steps = 5", "steps = 2"))
    assert not with_chips.rebuilt
    assert [len(chain) for chain in with_chips.chains()] == [7, 7]


def test_regimes_that_sell_quota_in_steps_are_begun_first(tmp_path):
    rules = [
        make.rule("DENY"),
        make.rule("PERMIT", "licence", destination="any - USA", quantity=0, measure="chips_million", period="stock"),
        make.rule("STEP", "quota_step", raises="PERMIT", quantity=1, cost_busd=0.5),
    ]
    regimes = [make.regime("DENY", "shut"), make.regime("PERMIT", "steps"), make.regime("STEP", "steps")]
    several = make.instance(rules=rules, regimes=regimes)
    sweep = sweep_of(tmp_path, several, "[[axes]]\nknob = 'policy.regime'\nvalues = ['none', 'shut', 'steps']\n")
    assert [point.label for (point,) in sweep.chains()] == [
        "policy.regime = steps",
        "policy.regime = none",
        "policy.regime = shut",
    ]


# --- mistakes --------------------------------------------------------------------------------


def test_a_value_that_is_not_allowed_is_told_at_its_place(tmp_path):
    text = "[[axes]]\nknob = 'budgets[*].capital_busd'\nvalues = [10, -3, 20]\n"
    assert problems(tmp_path, text)[0] == [("BAD_CHANGED_VALUE", 3, 15)]


def test_a_knob_that_does_not_exist_is_told_once_with_the_nearest(tmp_path):
    text = CHIPS + "[[axes]]\nknob = 'sites[*].lead_month'\nvalues = [1, 2]\n"
    found, error = problems(tmp_path, text)
    assert found == [("UNKNOWN_KNOB", 9, 8)]
    assert "lead_months" in error.diagnostics[0].hint


def test_a_selector_that_matches_nothing(tmp_path):
    text = "[[axes]]\nknob = 'sites[gamma].lead_months'\nvalues = [1, 2]\n"
    assert problems(tmp_path, text)[0] == [("SELECTS_NOTHING", 2, 8)]


def test_problems_of_several_axes_come_together(tmp_path):
    text = (
        "[[axes]]\nknob = 'budgets[*].capital_busd'\nvalues = [-1, 1]\n"
        "[[axes]]\nknob = 'finance.discount_rate'\nvalues = [0.1, 3]\n"
    )
    assert problems(tmp_path, text)[0] == [("BAD_CHANGED_VALUE", 3, 11), ("BAD_CHANGED_VALUE", 6, 16)]


def test_a_value_that_only_the_whole_instance_refuses(tmp_path):
    from tests import instances as make

    instance = small_instance(committed=[make.committed(modules=1)])
    text = "[[axes]]\nknob = 'committed[*].modules'\nvalues = [1, 9]\n"
    assert problems(tmp_path, text, instance)[0] == [("TOO_MANY_COMMITTED", 3, 14)]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("axis = 1\n", "UNKNOWN_SETTING", 1),
        ("[[axes]]\nknob = 'a'\nvalue = [1]\n", "UNKNOWN_SETTING", 3),
        ("[[axes]]\nvalues = [1]\n", "MISSING_SETTING", 1),
        ("[[axes]]\nknob = 'a'\nvalues = [1]\nfrom = 1\n", "BAD_SETTING", 1),
        ("[[axes]]\nknob = 'a'\nfrom = 1\nto = 2\n", "BAD_SETTING", 1),
        ("[[axes]]\nknob = 'a'\nvalues = [1, 1]\n", "BAD_SETTING", 1),
        ("[[axes]]\nknob = 'a'\noperation = 'times'\nvalues = [1]\n", "BAD_SETTING", 3),
        ("title = 'nothing'\n", "MISSING_SETTING", 0),
        ("[solver]\ngap = 7\n[[axes]]\nknob = 'finance.discount_rate'\nvalues = [0.1]\n", "BAD_CHANGED_VALUE", 2),
        ("\nscenarios = ['rihc']\n", "UNKNOWN_SCENARIO", 2),
        ("axes = 1 2\n", "TOML_SYNTAX", 1),
    ],
)
def test_mistakes_in_the_file(tmp_path, text, code, line):
    found, _ = problems(tmp_path, text)
    assert [(name, at) for name, at, _ in found] == [(code, line)]


def test_ranges_need_assumptions(tmp_path):
    assert problems(tmp_path, "one_at_a_time = true\n", small_instance(assumptions=[]))[0][0][0] == "BAD_SETTING"


def test_a_range_that_leads_astray_is_told_in_assumptions_csv(tmp_path):
    from tests import instances as make

    row = make.assumption("rate", "finance.discount_rate", 0.1, 0.05, 2)
    instance = small_folder(tmp_path / "small", assumptions=[row])
    found, error = problems(tmp_path, "one_at_a_time = true\n", instance)
    assert found[0][:2] == ("BAD_CHANGED_VALUE", 2)
    assert error.diagnostics[0].file.endswith("assumptions.csv")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InstanceError, match="cannot be read"):
        read_sweep(tmp_path / "none.toml")
