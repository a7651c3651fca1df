"""README.md of instances/world-2026."""

from __future__ import annotations

from optimizer.instance.schema import Row
from scripts.world_2026.facts import Facts


def readme(facts: Facts, rows: list[Row]) -> str:
    """Whole text of the README."""
    return f"# world-2026 {len(rows)} {len(facts.sites)}\n"
