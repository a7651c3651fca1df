"""`scripts/sensitivity`: a sweep with a sweep file, a tornado without."""

import shutil

import pytest

from tests.test_scripts import ROOT, Checkout


@pytest.fixture
def checkout(tmp_path):
    made = Checkout(tmp_path)
    shutil.copy2(ROOT / "scripts" / "sensitivity", made.root / "scripts" / "sensitivity")
    return made


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("folder", "my sweep.toml"), "[sweep][folder][my sweep.toml]"),
        (("folder/instance.toml", "sweeps/a.toml", "--json"), "[sweep][folder/instance.toml][sweeps/a.toml][--json]"),
        (("folder/instance.toml", "--gap", "0.01"), "[tornado][folder/instance.toml][--gap][0.01]"),
        (("folder",), "[tornado][folder]"),
        (("--help",), "[sweep][--help]"),
        ((), "[sweep][--help]"),
    ],
)
def test_what_it_runs(checkout, arguments, command):
    result = checkout.run("sensitivity", *arguments)
    assert result.returncode == 0
    assert result.stdout.endswith(command)
