"""Solving the linear relaxation, from a model in the solver's memory to its optimum."""

from __future__ import annotations

import threading
import time
from math import inf

from benchmarks.cases import Case
from benchmarks.process import Outcome


def _outcome(seconds: float, limit_seconds: float, objective: float | None) -> Outcome:
    """Outcome of a solve; without an objective it ran out of time.

    Raises
    ------
    RuntimeError
        If it gave up before.
    """
    if objective is not None:
        return Outcome({"": seconds}, {"objective": objective})
    if seconds < 0.9 * limit_seconds:
        message = f"gave up after {seconds:.1f} s"
        raise RuntimeError(message)
    return Outcome({"": inf}, {})


def gigasite(case: Case, limit_seconds: float) -> Outcome:
    """The first stage of our pipeline."""
    from optimizer.instance import load_instance
    from optimizer.model.build import build_model
    from optimizer.solve.outcomes import Ending
    from optimizer.solve.session import HighsSession
    from optimizer.solve.standard_form import standard_form

    instance = load_instance(case.instance)
    form = standard_form(build_model(instance).pyomo)
    solver = instance.settings.solver
    session = HighsSession(form, threads=solver.threads, seed=solver.seed, stop=threading.Event())
    began = time.perf_counter()
    solution = session.solve_relaxation(interior_point=True, time_limit=limit_seconds)
    seconds = time.perf_counter() - began
    return _outcome(seconds, limit_seconds, solution.objective if solution.ending is Ending.OPTIMAL else None)


def highs_default(case: Case, limit_seconds: float) -> Outcome:
    """HiGHS with its default choice of method."""
    return _highs(case, limit_seconds, "choose")


def highs_simplex(case: Case, limit_seconds: float) -> Outcome:
    """HiGHS by dual simplex."""
    return _highs(case, limit_seconds, "simplex")


def _highs(case: Case, limit_seconds: float, method: str) -> Outcome:
    import highspy

    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(case.mps))
    for name, value in (("solver", method), ("time_limit", limit_seconds), ("solve_relaxation", True)):
        assert highs.setOptionValue(name, value) == highspy.HighsStatus.kOk, name
    began = time.perf_counter()
    highs.run()
    seconds = time.perf_counter() - began
    solved = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return _outcome(seconds, limit_seconds, highs.getObjectiveValue() if solved else None)


def glop(case: Case, limit_seconds: float) -> Outcome:
    """Google's simplex."""
    return _ortools(case, limit_seconds, "GLOP")


def pdlp(case: Case, limit_seconds: float) -> Outcome:
    """Google's first-order method, to its default accuracy."""
    return _ortools(case, limit_seconds, "PDLP")


def _ortools(case: Case, limit_seconds: float, method: str) -> Outcome:
    from ortools.linear_solver.python import model_builder

    model = model_builder.Model()
    assert model.import_from_mps_file(str(case.mps)), "OR-Tools cannot read the model"
    for variable in model.get_variables():
        variable.is_integral = False
    solver = model_builder.Solver(method)
    solver.set_time_limit_in_seconds(limit_seconds)
    began = time.perf_counter()
    status = solver.solve(model)
    seconds = time.perf_counter() - began
    solved = status == model_builder.SolveStatus.OPTIMAL
    return _outcome(seconds, limit_seconds, solver.objective_value if solved else None)
