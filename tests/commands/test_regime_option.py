"""``--regime``: the regime of an instance, whatever its settings say."""

import json

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.instance import write_instance
from tests.instances import regime, rule, tiny_instance

SWEEP = """
[[knobs]]
knob = "finance.discount_rate"
values = [0.05, 0.08]
"""


@pytest.fixture
def folder(tmp_path):
    """An instance with two regimes, none of them active."""
    path = tmp_path / "ruled"
    rules = [rule("R1", destination="CHN"), rule("R2", destination="USA")]
    write_instance(tiny_instance(rules=rules, regimes=[regime("R1", "mild"), regime("R2", "strict")]), path)
    (tmp_path / "sweep.toml").write_text(SWEEP, encoding="utf-8")
    return path


def run(*arguments):
    """Outcome of a command."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def regime_of(*arguments):
    """Regime under which `gigasite check` loads an instance."""
    return json.loads(run("check", *arguments, "--json").stdout)["regime"]


def test_the_option_equals_the_change(folder):
    assert regime_of(folder) == "none"
    assert regime_of(folder, "--regime", "strict") == "strict"
    assert regime_of(folder, "--set", "policy.regime = strict") == "strict"
    assert regime_of(folder, "--regime", "none") == "none"


def test_a_change_comes_after_the_option(folder):
    assert regime_of(folder, "--regime", "strict", "--set", "policy.regime = mild") == "mild"


def test_an_exported_model_is_that_of_the_regime(folder, tmp_path):
    sizes = []
    for name in ("mild", "strict"):
        assert run("export", folder, "--regime", name, "--mps", tmp_path / f"{name}.mps").exit_code == 0
        sizes.append(len((tmp_path / f"{name}.mps").read_text().splitlines()))
    assert sizes[0] > sizes[1]  # nothing may be installed under the strict one


@pytest.mark.parametrize(
    "arguments",
    [
        ("solve", "FOLDER", "--no-map"),
        ("check", "FOLDER"),
        ("export", "FOLDER", "--lp", "model.lp"),
        ("rules", "FOLDER"),
        ("sweep", "FOLDER", "SWEEP"),
        ("tornado", "FOLDER"),
        ("switch", "FOLDER", "--knob", "budgets[*].capital_busd", "--between", 1, 2),
        ("alternatives", "FOLDER"),
        ("frontier", "FOLDER"),
        ("why-not", "alpha", "--instance", "FOLDER"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_that_loads_an_instance_knows_a_misspelt_regime(folder, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    places = {"FOLDER": folder, "SWEEP": tmp_path / "sweep.toml"}
    result = run(*(places.get(argument, argument) for argument in arguments), "--regime", "stricd")
    assert result.exit_code == 2, result.output
    assert "S106" in result.output
    assert "did you mean 'strict'?" in result.output
    assert not (tmp_path / "results").exists()
