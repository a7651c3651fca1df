"""Back-of-envelope economics of one GW of each chip: a check on prices, costs and margins that needs no solver."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.instance.schema import Chip
from optimizer.units import BUSD_PER_MILLION_H100E_YEAR, TWH_PER_GW_YEAR
from scripts.world_2026 import choices
from scripts.world_2026.chips import GENERATIONS, chip_list, first_price
from scripts.world_2026.demand import anchor_price
from scripts.world_2026.facts import Facts

#: A plain campus: shell 12,500 USD per kW (8,000 in China) and power 800; PUE 1.18, energy 62 USD/MWh.
_SHELL_BUSD, _CHINA_SHELL_BUSD, _POWER_BUSD, _PUE, _ENERGY = 12.5, 7.5, 1.0, 1.18, 62.0
_UTILISATION, _LOAD = 0.65, 0.8


@dataclass(frozen=True)
class GigawattCase:
    """One GW of a chip put to work soon after release. Money in B USD of 2026."""

    chip: str
    year: int
    compute_h100e_million: float
    chips_busd: float
    all_in_busd: float
    first_year_revenue_busd: float
    running_cost_busd: float
    irr: float


def _net_value(rate: float, flows: list[tuple[float, float]]) -> float:
    return sum(amount * math.exp(-year * math.log1p(rate)) for year, amount in flows)


def _irr(flows: list[tuple[float, float]]) -> float:
    low, high = -0.9, 3.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _net_value(middle, flows) > 0 else (low, middle)
    return low


def gigawatt(chip: Chip, price_usd: float, year: int) -> GigawattCase:
    """Five years at the anchor price; then three quarters of shell and power and a tenth of the chips are left."""
    china = chip.stack == "cn"
    compute = chip.performance_h100e / chip.it_power_kw
    chips = price_usd / chip.it_power_kw / 1e3
    shell = (_CHINA_SHELL_BUSD if china else _SHELL_BUSD) + _POWER_BUSD
    running = _PUE * _LOAD * TWH_PER_GW_YEAR * _ENERGY / 1e3 + choices.OM_USD_PER_KW_YEAR / 1e3 + 0.006 * shell
    revenue = [
        compute * _UTILISATION * BUSD_PER_MILLION_H100E_YEAR * anchor_price(year + age, china=china) for age in range(5)
    ]
    flows = [(-1.0, -shell), (0.0, -chips)]
    flows += [(age + 0.5, income - running) for age, income in enumerate(revenue)]
    flows.append((5.0, 0.75 * shell + 0.10 * chips))
    return GigawattCase(chip.chip, year, compute, chips, chips + shell, revenue[0], running, _irr(flows))


def cases(facts: Facts) -> Iterator[GigawattCase]:
    """Every chip in the year after its release, or the first of the plan."""
    for generation, chip in zip(GENERATIONS, chip_list(facts), strict=True):
        price, _ = first_price(facts, generation, chip)
        year = max(2027, (chip.release + 6) // 12)
        yield gigawatt(chip, price, year)


def table(facts: Facts) -> str:
    """Markdown table of the cases."""
    lines = [
        "| chip | year | M H100e per GW | chips B USD/GW | all in B USD/GW | revenue, first year "
        "| running cost a year | IRR |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {case.chip} | {case.year} | {case.compute_h100e_million:.2f} | {case.chips_busd:.1f} "
        f"| {case.all_in_busd:.1f} | {case.first_year_revenue_busd:.1f} | {case.running_cost_busd:.2f} "
        f"| {case.irr:.0%} |"
        for case in cases(facts)
    ]
    return "\n".join(lines)
