"""Another solver finds the same optimum in the exported model."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from optimizer.instance import load_instance
from optimizer.instance.instance import Instance
from optimizer.solve.session import HighsSession
from tests.random_instances import random_instance, with_settings
from tests.solving import Solved, solve_small

pyscipopt = pytest.importorskip("pyscipopt")

THREE_REGIONS = Path(__file__).parents[2] / "instances" / "three-regions"


def scip_optimum(solved: Solved, path: Path) -> float | None:
    """Optimum of the exported model; None if SCIP finds it infeasible."""
    HighsSession(solved.form, threads=1, seed=1, stop=threading.Event()).write(path)
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.readProblem(str(path))
    assert scip.getNVars() == len(solved.form.variables)
    assert scip.getNIntVars() + scip.getNBinVars() == int(solved.form.integer.sum())
    scip.setParam("limits/gap", 0)
    scip.optimize()
    if scip.getStatus() == "infeasible":
        return None
    assert scip.getStatus() == "optimal"
    return float(scip.getObjVal())


def assert_same_optimum(instance: Instance, folder: Path) -> None:
    solved = solve_small(with_settings(instance, "solver", gap=0.0, threads=1))
    expected = scip_optimum(solved, folder / "model.mps")
    assert solved.feasible == (expected is not None)
    if expected is not None:
        assert solved.objective == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_three_regions(tmp_path: Path) -> None:
    assert_same_optimum(load_instance(THREE_REGIONS), tmp_path)


@pytest.mark.parametrize("seed", range(500, 512))
def test_random_instances(seed: int, tmp_path: Path) -> None:
    instance = random_instance(random.Random(seed))
    if instance.settings.objective != "compute":  # its second stage gives up a hair of compute
        assert_same_optimum(instance, tmp_path)
