"""What a stage is, and how stages run one after another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from optimizer.solve.outcomes import Ending
from optimizer.solve.search import Search, StageReport


class Stage(Protocol):
    """A step of the solve that makes the plan better, or the bound.

    Stages hold no state: what one leaves to the next stands in the `Search`.
    """

    @property
    def name(self) -> str:
        """What people read while it runs."""

    def applies(self, search: Search) -> bool:
        """Whether it has anything to do now."""

    def run(self, search: Search) -> None:
        """Do it; keep plans, tighten the bound, and report both in the search."""


def run_stages(stages: Iterable[Stage], search: Search) -> None:
    """Run the stages that apply, each judged when its turn comes, and note what each came to."""
    for stage in stages:
        if not stage.applies(search):
            continue
        search.stage = stage.name
        began = search.seconds()
        stage.run(search)
        if search.solved():
            search.ending = Ending.OPTIMAL
        search.reports.append(StageReport(stage.name, search.seconds() - began, search.incumbent, search.bound))
