"""What runs of HiGHS end in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.solve.standard_form import FloatArray


class SolverError(RuntimeError):
    """HiGHS refused a call or stopped for a reason that no caller can handle."""


class Ending(StrEnum):
    """Why a HiGHS run ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    TIME = "time limit"
    INTERRUPTED = "interrupted"
    OTHER = "other"


@dataclass(frozen=True)
class LpSolution:
    """Outcome of a linear program.

    `values`, `reduced_costs` and `row_duals` are only meaningful when `ending` is OPTIMAL.
    """

    ending: Ending
    objective: float
    values: FloatArray
    reduced_costs: FloatArray
    row_duals: FloatArray


@dataclass(frozen=True)
class MipSolution:
    """Outcome of a mixed-integer program; `values` is None when no plan was found."""

    ending: Ending
    objective: float
    bound: float
    values: FloatArray | None
    nodes: int


@dataclass(frozen=True)
class MipProgress:
    """What a running MIP knows: incumbent and bound (infinite while unknown) and nodes done."""

    incumbent: float
    bound: float
    nodes: int
