"""Exit codes that scripts rely on."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0  # for `solve`: the plan is written and audited
    BAD_INPUT = 2
    INFEASIBLE = 3
    NO_PLAN = 4
    AUDIT_FAILED = 5
    ABANDONED = 130  # as shells report an interrupt
