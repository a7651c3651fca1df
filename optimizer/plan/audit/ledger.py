"""The engine of the audit: a ledger that collects every comparison, and reports those that fail."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from optimizer.plan.tables import (
    CashFlow,
    ChipInstallation,
    DemandServed,
    LimitUse,
    LoadService,
    PermitUse,
    Phase,
    PlanTables,
    PolicyUse,
    PowerCapacity,
    PowerEnergy,
    QuotaStepUse,
    Serving,
    SiteDispatch,
    SiteOperation,
    SitePlan,
)

PlanRow = (
    SitePlan
    | Phase
    | SiteOperation
    | ChipInstallation
    | PowerCapacity
    | PowerEnergy
    | Serving
    | DemandServed
    | PolicyUse
    | PermitUse
    | QuotaStepUse
    | LimitUse
    | CashFlow
    | SiteDispatch
    | LoadService
)

#: Columns that together identify a row of each table (SEMANTICS 10.1).
KEY_COLUMNS: dict[str, tuple[str, ...]] = {
    "sites": ("site",),
    "phases": ("site", "fact", "committed", "energised"),
    "operations": ("site", "period"),
    "chips": ("site", "chip", "period"),
    "power": ("site", "option", "period"),
    "energy": ("site", "option", "year"),
    "serving": ("country", "latency_zone", "stack", "region", "workload", "year"),
    "demand": ("region", "workload", "year", "block"),
    "policy": ("rule", "group", "chip", "when"),
    "permits": ("rule", "site", "chip", "period"),
    "quota_steps": ("rule", "group"),
    "limits": ("family", "name", "when"),
    "cash": ("period", "category"),
    "dispatch": ("site", "mode", "year"),
    "load_service": ("site", "dispatch", "year"),
}

#: A constraint may be broken by this much, times the larger of 1 and its scale: what a solver guarantees.
CONSTRAINT_TOLERANCE = 1e-6
#: A stated number may differ from its recomputation by this share of itself.
NUMBER_TOLERANCE = 1e-6
#: Rounding of a sum, as a share of the magnitudes that were added; and the smallest magnitude that counts.
ROUNDING = 1e-12
#: Quantities below this are nothing: they need no row.
NOTHING = 1e-9


def key_of(row: PlanRow) -> tuple[object, ...]:
    """Key of a plan row, in the order of `KEY_COLUMNS`."""
    return tuple(getattr(row, column) for column in KEY_COLUMNS[row.table])


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is wrong with a plan.

    Attributes
    ----------
    check
        Stable name of the check, such as ``power.worst_hour``.
    table, line
        Plan table and line in its file; line None when the row is missing or the check spans tables.
    key
        Columns that identify the row or the quantity, as text.
    column
        Column that is wrong; empty when the check is on no single column.
    stated, recomputed
        What the plan says (or uses), and what it should say (or may use at most or must at least).
    tolerance
        Difference that would have passed; 0 for text.
    """

    check: str
    table: str
    line: int | None
    key: str
    column: str
    stated: float | str | None
    recomputed: float | str | None
    tolerance: float
    message: str

    def render(self) -> str:
        """One line for people."""
        file = self.table + (".json" if self.table == "manifest" else ".csv")
        place = file + (f":{self.line}" if self.line is not None else "")
        column = f" {self.column}" if self.column else ""
        return f"{self.check}: {place} [{self.key}]{column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Worst:
    """The numeric check that came closest to its tolerance, or went furthest past it."""

    name: str
    violation: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Outcome of an audit.

    Attributes
    ----------
    ok
        Whether nothing failed.
    checks
        Number of comparisons made.
    worst
        Comparison with the largest violation relative to its tolerance.
    failures
        All that failed, in the order in which they were found.
    """

    ok: bool
    checks: int
    worst: Worst
    failures: tuple[Failure, ...]

    def lines(self) -> list[str]:
        """The report for people, one line a failure."""
        if self.ok:
            worst = f"closest: {self.worst.name}, {self.worst.violation:.2g} of {self.worst.tolerance:.2g} allowed"
            return [f"audit passed: {self.checks} checks; {worst}"]
        return [
            f"audit failed: {len(self.failures)} of {self.checks} checks",
            *(failure.render() for failure in self.failures),
        ]

    def as_dict(self) -> dict[str, object]:
        """The report for manifest.json and ``--json``."""
        return {
            "ok": self.ok,
            "checks": self.checks,
            "worst": asdict(self.worst),
            "failures": [asdict(failure) for failure in self.failures],
        }


class Ledger:
    """Collects the comparisons of one audit.

    Parameters
    ----------
    plan
        The tables under audit, to find the line of a failing row.
    """

    def __init__(self, plan: PlanTables) -> None:
        self._plan = plan
        self._lines: dict[str, dict[int, int]] = {}
        self._failures: list[Failure] = []
        self._checks = 0
        self._worst = Worst("none", 0.0, 1.0)
        self._worst_ratio = -1.0

    def number(
        self,
        check: str,
        row: PlanRow,
        column: str,
        recomputed: float,
        *,
        scale: float = 0.0,
        add_tolerance: float = 0.0,
    ) -> bool:
        """Compare a number of a row with its recomputation.

        Parameters
        ----------
        scale
            Magnitude of what was added up to make the number, for its rounding.
        add_tolerance
            Further absolute difference allowed.

        Returns
        -------
        bool
            Whether they agree.
        """
        stated = float(getattr(row, column))
        tolerance = NUMBER_TOLERANCE * abs(recomputed) + ROUNDING * max(1.0, scale) + add_tolerance
        violation = abs(stated - recomputed)
        if self._count(check, violation, tolerance):
            return True
        message = f"states {stated!r}, recomputed {float(recomputed)!r}"
        self._fail(check, row, column, stated, float(recomputed), tolerance, message)
        return False

    def text(self, check: str, row: PlanRow, column: str, recomputed: object) -> bool:
        """Compare a text, whole number or flag of a row with its recomputation; they must be equal."""
        self._checks += 1
        stated = getattr(row, column)
        if stated == recomputed and isinstance(stated, bool) == isinstance(recomputed, bool):
            return True
        message = f"states {stated!r}, recomputed {recomputed!r}"
        self._fail(check, row, column, str(stated), str(recomputed), 0.0, message)
        return False

    def holds(self, check: str, row: PlanRow, column: str, condition: bool, message: str) -> bool:
        """Require a condition on a row."""
        self._checks += 1
        if not condition:
            self._fail(check, row, column, str(getattr(row, column)) if column else None, None, 0.0, message)
        return condition

    def at_most(
        self, check: str, table: str, key: str, value: float, limit: float, *, scale: float = 0.0, under: str = ""
    ) -> bool:
        """Require ``value <= limit`` within the tolerance of a constraint of this scale.

        Parameters
        ----------
        under
            The law that sets the limit, for the message.
        """
        message = f"{value!r} exceeds {limit!r}" + (f" under {under}" if under else "")
        return self._bound(check, table, key, value, limit, value - limit, message, scale)

    def at_least(self, check: str, table: str, key: str, value: float, limit: float, *, scale: float = 0.0) -> bool:
        """Require ``value >= limit`` within the tolerance of a constraint of this scale."""
        return self._bound(check, table, key, value, limit, limit - value, f"{value!r} is less than {limit!r}", scale)

    def equal(self, check: str, table: str, key: str, value: float, other: float, *, scale: float = 0.0) -> bool:
        """Require a balance ``value = other`` within the tolerance of a constraint of this scale."""
        message = f"{value!r} does not balance {other!r}"
        return self._bound(check, table, key, value, other, abs(value - other), message, scale)

    def tolerates(self, check: str, table: str, key: str, violation: float, tolerance: float, message: str) -> bool:
        """Require a violation to stay within a tolerance of its own."""
        if self._count(check, violation, tolerance):
            return True
        self._failures.append(Failure(check, table, None, key, "", None, None, tolerance, message))
        return False

    def absent(self, check: str, table: str, key: str, message: str) -> None:
        """Record a row that ought to be in a table, or another failure without a row."""
        self._checks += 1
        self._failures.append(Failure(check, table, None, key, "", None, None, 0.0, message))

    def report(self) -> AuditReport:
        """Everything found so far."""
        return AuditReport(not self._failures, self._checks, self._worst, tuple(self._failures))

    def _bound(
        self, check: str, table: str, key: str, value: float, limit: float, violation: float, message: str, scale: float
    ) -> bool:
        tolerance = CONSTRAINT_TOLERANCE * max(1.0, abs(limit), scale)
        if self._count(check, violation, tolerance):
            return True
        self._failures.append(Failure(check, table, None, key, "", float(value), float(limit), tolerance, message))
        return False

    def _count(self, check: str, violation: float, tolerance: float) -> bool:
        self._checks += 1
        ratio = violation / tolerance if math.isfinite(violation) else math.inf
        if ratio > self._worst_ratio:
            self._worst_ratio = ratio
            self._worst = Worst(check, max(0.0, float(violation)), float(tolerance))
        return ratio <= 1.0

    def _fail(
        self,
        check: str,
        row: PlanRow,
        column: str,
        stated: float | str | None,
        recomputed: float | str | None,
        tolerance: float,
        message: str,
    ) -> None:
        key = " ".join(str(part) for part in key_of(row) if part != "")
        line = self._line(row)
        self._failures.append(Failure(check, row.table, line, key, column, stated, recomputed, tolerance, message))

    def _line(self, row: PlanRow) -> int | None:
        table = row.table
        if table not in self._lines:
            self._lines[table] = _line_numbers(getattr(self._plan, table))
        return self._lines[table].get(id(row))


def _line_numbers(rows: Sequence[PlanRow]) -> dict[int, int]:
    """Line on which each row starts in its file; a name that contains a line break moves the rows after it."""
    lines: dict[int, int] = {}
    line = 2
    for row in rows:
        lines[id(row)] = line
        texts = (getattr(row, column) for column in row.__dataclass_fields__)
        line += 1 + sum(text.count("\n") for text in texts if isinstance(text, str))
    return lines
