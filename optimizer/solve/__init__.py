"""From a Pyomo model to a proven plan: standard form, HiGHS session, pipeline, progress."""

from optimizer.solve.events import Observer, SolveEvent

__all__ = ["Observer", "SolveEvent"]
