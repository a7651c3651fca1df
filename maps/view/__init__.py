"""What a map shows of a plan: the plan tables by calendar year, with the instance's names and sources.

Both the page and the static map read a `MapPlan` and nothing else, so they cannot disagree.
"""

from __future__ import annotations

from maps.view.build import plan_view
from maps.view.model import (
    Constraint,
    ConstraintYear,
    Headline,
    MapPlan,
    Market,
    PhaseView,
    RuleView,
    Series,
    SiteView,
    Totals,
)

__all__ = [
    "Constraint", "ConstraintYear", "Headline", "MapPlan", "Market", "PhaseView", "RuleView", "Series",
    "SiteView", "Totals", "plan_view",
]  # fmt: skip
