"""Puts the tables of instances/world-2026 together."""

from __future__ import annotations

from pathlib import Path

from optimizer.instance.reader import load_instance
from optimizer.instance.schema import Row
from scripts.world_2026.assumptions import assumption_rows
from scripts.world_2026.chips import chip_rows
from scripts.world_2026.demand import demand_rows
from scripts.world_2026.facts import Facts
from scripts.world_2026.grid import grid_rows, slot_rows
from scripts.world_2026.money import limit_rows, money_rows
from scripts.world_2026.policy.coverage import coverage_text, rules_at_work
from scripts.world_2026.policy.rows import policy_rows
from scripts.world_2026.power import power_rows
from scripts.world_2026.readme import readme
from scripts.world_2026.rowsink import write_tables
from scripts.world_2026.settings import settings_text
from scripts.world_2026.site_power import site_power_rows
from scripts.world_2026.sites import country_rows, gaps, read_campuses, site_rows, spend_rows
from scripts.world_2026.technologies import climate_rows, cost_rows, fuel_rows, technology_rows


def build(facts_folder: Path, out: Path) -> dict[str, int]:
    """Write the instance folder; return the number of rows of each table.

    Raises
    ------
    ValueError
        If a stated build-up goes backwards, or two rows have one key.
    InstanceError
        If the instance is not valid.
    """
    facts = Facts(facts_folder)
    campuses = read_campuses(facts)
    if wrong := list(gaps(campuses)):
        msg = f"build-up steps out of order: {wrong}"
        raise ValueError(msg)
    power = tuple(power_rows(facts, campuses))
    rows: list[Row] = [
        *site_rows(facts, campuses), *spend_rows(), *country_rows(facts, campuses),
        *power, *site_power_rows(facts, campuses), *technology_rows(facts), *cost_rows(facts),
        *fuel_rows(facts, campuses), *climate_rows(campuses), *grid_rows(campuses, power), *slot_rows(power),
        *chip_rows(facts), *demand_rows(campuses), *money_rows(), *limit_rows(),
        *policy_rows(facts, campuses), *assumption_rows(),
    ]  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    counts = write_tables(rows, out)
    (out / "instance.toml").write_text(settings_text(), encoding="utf-8")
    notes = out / "notes"
    notes.mkdir(exist_ok=True)
    at_work = rules_at_work(load_instance(out))
    (notes / "rule_coverage.csv").write_text(coverage_text(at_work), encoding="utf-8")
    (out / "README.md").write_text(readme(facts, rows), encoding="utf-8")
    return counts
