"""What is measured: for each subject our way and the ways of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks import building, gaps, relaxations
from benchmarks.cases import Case
from benchmarks.process import Outcome

OURS = "gigasite"


@dataclass(frozen=True)
class Task:
    """One way of doing something.

    Attributes
    ----------
    subject
        What is compared; the first task of a subject is ours.
    system
        Who does it.
    module
        Package without which it cannot run.
    """

    subject: str
    system: str
    module: str
    run: Callable[[Case, float], Outcome]

    @property
    def name(self) -> str:
        """Name of the task for the measured process."""
        return f"{self.subject}/{self.system}"


BUILD, LP, GAP = "build and hand over", "linear relaxation", "time to gap"

_ALL = (
    Task(BUILD, OURS, "optimizer", building.gigasite),
    Task(BUILD, "naive Pyomo", "pyomo", building.naive_pyomo),
    Task(BUILD, "linopy", "linopy", building.linopy),
    Task(BUILD, "PuLP", "pulp", building.pulp),
    Task(BUILD, "highspy arrays", "highspy", building.highspy_arrays),
    Task(LP, OURS, "optimizer", relaxations.gigasite),
    Task(LP, "HiGHS as it comes", "highspy", relaxations.highs_default),
    Task(LP, "HiGHS dual simplex", "highspy", relaxations.highs_simplex),
    Task(LP, "GLOP", "ortools", relaxations.glop),
    Task(LP, "PDLP", "ortools", relaxations.pdlp),
    Task(GAP, OURS, "optimizer", gaps.gigasite),
    Task(GAP, "HiGHS as it comes", "highspy", gaps.highs),
    Task(GAP, "SCIP", "pyscipopt", gaps.scip),
)

#: Every task by name.
TASKS: Mapping[str, Task] = {task.name: task for task in _ALL}
