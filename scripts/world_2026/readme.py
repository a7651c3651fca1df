"""README.md of instances/world-2026."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from optimizer.instance.schema import Assumption, Country, PowerOption, Row, Site, TechnologyRow
from scripts.world_2026 import economics
from scripts.world_2026.facts import Facts
from scripts.world_2026.policy.regimes import REGIMES

_TEMPLATE = Path(__file__).with_name("readme_template.md")


def _bloc_lines(sites: list[Site], bloc_of: dict[str, str]) -> str:
    room: Counter[str] = Counter()
    number: Counter[str] = Counter()
    for site in sites:
        room[bloc_of[site.country]] += round(site.module_mw * site.max_modules)
        number[bloc_of[site.country]] += 1
    return "\n".join(f"| {bloc} | {number[bloc]} | {megawatts / 1e3:.1f} |" for bloc, megawatts in room.most_common())


def _assumption_line(row: Assumption) -> str:
    values = " | ".join(f"{value:g}" for value in (row.central, row.low, row.high))
    return f"| {row.assumption} | `{row.knob}` | {row.mode} | {values} | {row.reason} |"


def readme(facts: Facts, rows: list[Row]) -> str:
    """Whole text of the README."""
    sites = [row for row in rows if isinstance(row, Site)]
    bloc_of = {row.country: row.bloc for row in rows if isinstance(row, Country)}
    return _TEMPLATE.read_text(encoding="utf-8").format(
        sites=len(sites),
        countries=len(bloc_of),
        gigawatts=sum(site.module_gw * site.max_modules for site in sites),
        options=sum(isinstance(row, PowerOption) for row in rows),
        technologies=sum(isinstance(row, TechnologyRow) for row in rows),
        weak=sum(site.confidence == "low" for site in sites),
        blocs=_bloc_lines(sites, bloc_of),
        economics=economics.table(facts),
        regimes="\n".join(f"| {group.name} | {len(group.rules)} | {group.meaning} |" for group in REGIMES),
        assumptions="\n".join(_assumption_line(row) for row in rows if isinstance(row, Assumption)),
    )
