"""An instance on its whole way: written and read, its rules parsed, modelled, solved, and the plan audited."""

from __future__ import annotations

import tempfile
from pathlib import Path

from optimizer.instance import load_instance, write_instance
from optimizer.instance.instance import Instance
from optimizer.plan.audit import audit_plan
from tests.solving import Solved, solve_small


def solve_and_audit(instance: Instance) -> Solved:
    """Solve an instance as it is read from its files; fails if the audit of the plan finds anything."""
    with tempfile.TemporaryDirectory() as folder:
        write_instance(instance, Path(folder) / "instance")
        read = load_instance(Path(folder) / "instance")
    solved = solve_small(read)
    if solved.feasible:
        report = audit_plan(read, solved.tables)
        assert report.ok, "\n".join(failure.render() for failure in report.failures)
    return solved
