"""All tables of export control."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.schema import Row, Rule
from scripts.world_2026.facts import Facts
from scripts.world_2026.policy.groups import group_rows
from scripts.world_2026.policy.regimes import regime_rows
from scripts.world_2026.policy.rules_diffusion import AS_PUBLISHED, AS_WRITTEN, step_rows
from scripts.world_2026.policy.rules_other import BILLS, CHINA, DRAFT, LIBERAL, THIRD
from scripts.world_2026.policy.rules_us import CASE_BY_CASE_2026, GULF, LETTERS, OCTOBER
from scripts.world_2026.policy.stacks import stack_rows
from scripts.world_2026.sites import Campus

RULES: tuple[Rule, ...] = (
    *OCTOBER, *LETTERS, *CASE_BY_CASE_2026, *GULF, *AS_PUBLISHED, *AS_WRITTEN, *DRAFT, *LIBERAL, *BILLS, *CHINA, *THIRD,
)  # fmt: skip


def policy_rows(facts: Facts, campuses: tuple[Campus, ...]) -> Iterator[Row]:
    """Rows of rules.csv, rule_steps.csv, regimes.csv, country_groups.csv, stack_prices.csv and supply_response.csv."""
    yield from RULES
    yield from step_rows()
    yield from regime_rows()
    yield from group_rows(facts, campuses)
    yield from stack_rows()
