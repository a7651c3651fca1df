"""Points of studies on small instances."""

import threading

from optimizer.studies.points import PointSolver


def point_solver():
    """A solver with one thread that nothing stops."""
    return PointSolver(threads=1, seed=0, stop=threading.Event())


def compared(label, instance):
    """A solved instance as one side of a comparison."""
    from optimizer.studies.compare import ComparedPlan

    point = point_solver().solve(instance)
    assert point.tables is not None, point.stopped_because
    return ComparedPlan(label, point.instance, point.tables, point.manifest)
