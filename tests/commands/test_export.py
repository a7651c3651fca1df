"""`gigasite export`: what it refuses, and that it writes what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from maps import Plan
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.export import ExportFiles, export
from optimizer.commands.loading import InstanceRequest
from optimizer.instance import load_instance
from optimizer.plan.writer import write_result
from tests.solving import solve_small

INSTANCE = Path(__file__).parents[2] / "instances" / "three-regions"


@pytest.fixture(scope="module")
def made():
    instance = load_instance(INSTANCE)
    return Plan(instance, solve_small(instance).tables, {"status": "optimal"})


@pytest.fixture(scope="module")
def result(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "result"
    write_result(folder, made.instance, made.tables, lambda: made.manifest, [])
    return folder


def test_a_result_becomes_a_workbook(made, result, tmp_path, capsys):
    path = tmp_path / "plan.xlsx"
    assert export(InstanceRequest(result), ExportFiles(xlsx=path)) == ExitCode.DONE
    assert openpyxl.load_workbook(path)["Sites"].max_row == len(made.tables.sites) + 1
    assert str(path) in capsys.readouterr().out


def test_a_result_becomes_geodata(made, result, tmp_path, capsys):
    asked = ExportFiles(gpkg=tmp_path / "plan.gpkg", geojson=tmp_path / "plan.geojson")
    assert export(InstanceRequest(result), asked) == ExitCode.DONE
    for path in tmp_path.iterdir():
        assert len(gpd.read_file(path, layer="sites")) == len(made.tables.sites)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_the_model_is_that_of_the_instance_in_the_result(result, tmp_path):
    path = tmp_path / "model.lp"
    assert export(InstanceRequest(result), ExportFiles(lp=path)) == ExitCode.DONE
    assert path.stat().st_size > 1000


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "say what to write"),
        ({"xlsx": "plan.csv"}, "should end in .xlsx"),
        ({"mps": "model.txt"}, "should end in .mps"),
        ({"xlsx": "missing/plan.xlsx"}, "there is no folder"),
    ],
)
def test_bad_files_are_refused(result, tmp_path, capsys, files, message):
    asked = ExportFiles(**{name: tmp_path / file for name, file in files.items()})
    assert export(InstanceRequest(result), asked) == ExitCode.BAD_INPUT
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_place_of_the_file_is_refused(result, tmp_path, capsys):
    (tmp_path / "plan.xlsx").mkdir()
    assert export(InstanceRequest(result), ExportFiles(xlsx=tmp_path / "plan.xlsx")) == ExitCode.BAD_INPUT
    assert "is a folder" in capsys.readouterr().err


def test_an_instance_has_no_plan(result, tmp_path, capsys):
    asked = ExportFiles(xlsx=tmp_path / "plan.xlsx")
    assert export(InstanceRequest(result / "instance"), asked) == ExitCode.BAD_INPUT
    assert "solve the instance first" in capsys.readouterr().err


def test_a_plan_is_not_changed_on_the_way(result, tmp_path, capsys):
    asked = ExportFiles(xlsx=tmp_path / "plan.xlsx")
    assert export(InstanceRequest(result, changes=("finance.discount_rate = 0.1",)), asked) == ExitCode.BAD_INPUT
    assert "do not go together" in capsys.readouterr().err


def test_files_of_a_model_are_the_same_in_every_process(tmp_path):
    """Names and order of rows and columns do not hang on the order of sets, which differs from process to process."""
    written = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        code = "from optimizer.cli import main; main()"
        command = [sys.executable, "-c", code, "export", str(INSTANCE), "--mps", "model.mps", "--lp", "model.lp"]
        subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True)
        written.append([(folder / name).read_bytes() for name in ("model.mps", "model.lp")])
    assert written[0] == written[1]
    assert b"modules[" in written[0][0]
