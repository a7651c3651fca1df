"""The instances that are measured, and their models in the forms in which peers take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

FloatArray = NDArray[np.float64]
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Case:
    """An instance with its exported model.

    Attributes
    ----------
    folder
        Holds ``instance/``, ``model.mps`` and ``arrays.npz``.
    """

    name: str
    folder: Path

    @property
    def instance(self) -> Path:
        """Folder of the instance."""
        return self.folder / "instance"

    @property
    def mps(self) -> Path:
        """The model as `gigasite export` writes it."""
        return self.folder / "model.mps"

    @property
    def arrays(self) -> Path:
        """The same model as arrays, for those who build it with another tool."""
        return self.folder / "arrays.npz"


@dataclass(frozen=True)
class Arrays:
    """maximise cost @ x, row_lower <= matrix @ x <= row_upper, lower <= x <= upper, some x whole.

    A row is an equation or has one finite side.

    Attributes
    ----------
    matrix
        Compressed by row, shape (rows, columns).
    """

    matrix: sparse.csr_array
    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    integer: NDArray[np.bool_]

    @classmethod
    def read(cls, path: Path) -> Arrays:
        """Read what `write_model` wrote."""
        with np.load(path) as file:
            shape = (len(file["row_lower"]), len(file["cost"]))
            matrix = sparse.csr_array((file["data"], file["indices"], file["indptr"]), shape=shape)
            parts = {name: file[name] for name in ("cost", "lower", "upper", "row_lower", "row_upper", "integer")}
        arrays = cls(matrix, **parts)
        ranges = np.isfinite(arrays.row_lower) & np.isfinite(arrays.row_upper) & (arrays.row_lower != arrays.row_upper)
        assert not ranges.any(), "rows with two sides are not built by every tool"
        return arrays


def prepare(instance_folder: Path, work: Path) -> Case:
    """Copy an instance into the work folder and export its model."""
    from optimizer.instance import write_instance
    from optimizer.power.join import load_powered

    instance = load_powered(instance_folder).instance
    case = Case(instance.name, work / instance.name)
    write_instance(instance, case.instance)
    write_model(case)
    return case


def draw(sites: int, chips: int, quarters: int, seed: int, work: Path) -> Case:
    """Draw an instance as `scripts/make_instance` does, and export its model."""
    from optimizer.instance import write_instance
    from optimizer.power.join import load_powered
    from scripts.resampling.build import Size, draw_instance

    size = Size(sites, chips, quarters, seed)
    case = Case(f"{sites} sites, {chips} chips, {quarters} quarters, seed {seed}", work / size.name)
    world = load_powered(ROOT / "instances" / "world-2026").instance
    write_instance(draw_instance(world, size), case.instance)
    write_model(case)
    return case


def import_location(files: Sequence[Path], work: Path) -> list[Case]:
    """Convert published location problems as `scripts/import_orlib` does, and export their models."""
    from optimizer.instance import write_instance
    from scripts.location.convert import to_instance
    from scripts.location.problem import read_problem

    cases = []
    for file in files:
        problem = read_problem(file)
        case = Case(f"{file.parent.name}/{problem.name}", work / f"{file.parent.name}-{problem.name}")
        write_instance(to_instance(problem), case.instance)
        write_model(case)
        cases.append(case)
    return cases


def write_model(case: Case) -> None:
    """Export the model of an instance as MPS and as arrays."""
    import threading

    from optimizer.instance import load_instance
    from optimizer.model.build import build_model
    from optimizer.solve.session import HighsSession
    from optimizer.solve.standard_form import standard_form

    form = standard_form(build_model(load_instance(case.instance)).pyomo)
    HighsSession(form, threads=1, seed=1, stop=threading.Event()).write(case.mps)
    matrix = sparse.csr_array(form.matrix)
    np.savez(
        case.arrays, data=matrix.data, indices=matrix.indices, indptr=matrix.indptr, cost=form.cost,
        lower=form.lower, upper=form.upper, row_lower=form.row_lower, row_upper=form.row_upper, integer=form.integer,
    )  # fmt: skip
