"""manifest.json: what was solved, how well, by what, and the headline of the plan (DESIGN section 4)."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from optimizer import __version__
from optimizer.instance.schema import Objective
from optimizer.plan.tables import PlanTables

SCHEMA = 1


@dataclass(frozen=True)
class Headline:
    """The plan in five numbers."""

    sites_opened: int
    gw_online_end: float
    capex_busd: float
    chips_million: float
    tokens_trillion_per_month_end: float


@dataclass(frozen=True)
class SolveFacts:
    """How the plan was found.

    Attributes
    ----------
    status
        ``optimal`` (within the gap asked), ``feasible``, ``infeasible`` or ``no_plan``.
    objective, bound
        Value of the plan in the objective's unit, and the proven limit on any plan; None without one.
    """

    status: str
    stopped_because: str
    objective: float | None
    bound: float | None
    seconds: Mapping[str, float]
    size: Mapping[str, int]


def headline(tables: PlanTables) -> Headline:
    """Headline numbers of a plan.

    Notes
    -----
    Sites opened have capacity on line within the plan; tokens are a twelfth of those of the last year.
    """
    # Capacity on line stays, so it is there in the last year, whether or not anybody buys in that year.
    last_year = max((int(row.period[:4]) for row in tables.operations), default=None)
    return Headline(
        sites_opened=sum(1 for row in tables.sites if row.first_energised),
        gw_online_end=sum(row.it_gw_end for row in tables.sites),
        capex_busd=sum(row.capital_busd for row in tables.sites),
        chips_million=sum(row.installed_million for row in tables.chips),
        tokens_trillion_per_month_end=sum(row.tokens_trillion for row in tables.serving if row.year == last_year) / 12,
    )


def software() -> dict[str, str]:
    """Versions that a plan depends on."""
    return {
        "gigasite": __version__,
        "pyomo": version("pyomo"),
        "highspy": version("highspy"),
        "python": platform.python_version(),
    }


def build_manifest(
    *,
    name: str,
    sha256: str,
    objective: Objective,
    facts: SolveFacts,
    tables: PlanTables | None,
    audit: Mapping[str, Any] | None,
    vacuous: list[Mapping[str, str]],
) -> dict[str, Any]:
    """Assemble the manifest; fields that need a plan are None without one."""
    gap = None if facts.objective is None or facts.bound is None else max(0.0, facts.bound - facts.objective)
    return {
        "schema": SCHEMA,
        "instance": {"name": name, "sha256": sha256},
        "software": software(),
        "objective": {"kind": str(objective), "value": facts.objective, "bound": facts.bound},
        "status": facts.status,
        "stopped_because": facts.stopped_because,
        "npv_busd": None if tables is None else sum(row.pv_busd for row in tables.cash),
        "bound_busd": facts.bound if objective is not Objective.COMPUTE else None,
        "gap_busd": gap if objective is not Objective.COMPUTE else None,
        "gap_rel": None if gap is None or facts.objective is None else gap / max(abs(facts.objective), 1e-9),
        "seconds": dict(facts.seconds),
        "size": dict(facts.size),
        "audit": audit,
        "headline": None if tables is None else vars(headline(tables)),
        "vacuous": vacuous,
    }
