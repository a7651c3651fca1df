"""The scripts that draw, import and measure: each runs its package with the arguments given."""

import shutil

import pytest

from tests.test_scripts import ROOT, Checkout


@pytest.fixture
def checkout(tmp_path):
    made = Checkout(tmp_path)
    for name in ("make_instance", "import_orlib", "benchmark"):
        shutil.copy2(ROOT / "scripts" / name, made.root / "scripts" / name)
    return made


@pytest.mark.parametrize(
    ("script", "package"), [("make_instance", "scripts.resampling"), ("import_orlib", "scripts.location")]
)
def test_it_runs_its_package_where_the_user_stands(checkout, script, package):
    result = checkout.run(script, "a b", "--out", "x")
    assert result.returncode == 0
    assert result.stdout == f"in {checkout.work}: -m {package} a b --out x\n"
    assert len(checkout.calls("pip install")) == 1


def test_the_packages_to_compare_with_stay_out_of_the_environment_of_users(checkout):
    result = checkout.run("benchmark", "--quick")
    assert result.returncode == 0
    assert result.stdout.endswith(f"in {checkout.work}: -m benchmarks --quick\n")
    assert (checkout.root / "build" / "benchmark" / ".stamp").exists()
    assert not (checkout.root / ".venv").exists()
    assert checkout.calls("pip install")[-1].endswith("-c constraints.txt -e .[benchmark]")
