# ruff: noqa: E501  (a row of a table reads best on one line)
"""One flow that each rule of world-2026 selects, and one that it leaves alone, taken from the texts of the rules."""

from dataclasses import dataclass

from optimizer.instance.calendar import parse_month
from optimizer.policy.owners import Owner
from tests import instances as make


@dataclass(frozen=True)
class Flow:
    """A chip that an owner puts to work in a country in a month."""

    chip: str
    country: str
    owner: Owner
    month: int


#: Chips of each class, with the figures of the facts.
CHIPS = {
    "a100": make.chip("a100", tpp=4992, performance_density=6.04, memory_bandwidth_tb_s=2.039, interconnect_gb_s=600),
    "a800": make.chip("a800", tpp=4992, performance_density=6.04, memory_bandwidth_tb_s=2.039, interconnect_gb_s=400),
    "h20": make.chip("h20", tpp=2368, performance_density=2.91, memory_bandwidth_tb_s=4, interconnect_gb_s=900),
    "l20": make.chip("l20", tpp=1912, performance_density=3.14, memory_bandwidth_tb_s=0.864, interconnect_gb_s=64),
    "l2": make.chip("l2", tpp=1700, performance_density=4.0, memory_bandwidth_tb_s=0.3, interconnect_gb_s=64),
    "mi308": make.chip("mi308", tpp=3016, performance_density=1.26, memory_bandwidth_tb_s=5.3, interconnect_gb_s=896),
    "h200": make.chip(
        "h200", tpp=15832, performance_density=19.45, memory_bandwidth_tb_s=4.8, interconnect_gb_s=900, release="2024-07"
    ),
    "mi325x": make.chip("mi325x", tpp=20919, performance_density=8.72, memory_bandwidth_tb_s=6, release="2024-10"),
    "b30a": make.chip("b30a", tpp=30000, performance_density=37.5, memory_bandwidth_tb_s=4, release="2027"),
    "late": make.chip("late", tpp=15832, performance_density=19.45, memory_bandwidth_tb_s=4.8, release="2026-06"),
    "gb300": make.chip(
        "gb300", tpp=60000, performance_density=37.5, memory_bandwidth_tb_s=8, interconnect_gb_s=1800, release="2025-07"
    ),
    "trainium": make.chip("trainium", vendor="Amazon", tpp=61200, memory_bandwidth_tb_s=14.9),
    "ascend": make.chip(
        "ascend", stack="cn", vendor="Huawei", design_country="CHN", us_controlled=False, tpp=12032, memory_bandwidth_tb_s=3.2
    ),
}  # fmt: skip


def flow(text: str, month: str) -> Flow:
    """Read ``chip country operator headquarters [parent]``."""
    chip, country, operator, *countries = text.split()
    return Flow(chip, country, Owner(operator, *countries), parse_month(month))


#: Rule: month, a flow that it selects, a flow that it does not.
EXAMPLES: dict[str, tuple[str, str, str]] = {
    "US22-1": ("2023-01", "a100 CHN Alibaba CHN", "a800 CHN Alibaba CHN"),
    "US22-1-HELD": ("2028", "gb300 HKG Alibaba CHN", "gb300 MYS DayOne SGP"),
    "US23-1": ("2025-06", "a800 CHN Alibaba CHN", "h20 CHN Alibaba CHN"),
    "US23-2": ("2025-06", "gb300 ARE G42 ARE", "gb300 ARE DayOne SGP CHN"),
    "US23-3": ("2025-06", "l2 CHN Alibaba CHN", "l20 CHN Alibaba CHN"),
    "US23-3-NAC": ("2025-06", "l2 MAC Alibaba CHN", "l2 SAU Humain SAU"),
    "US23-3-ACA": ("2025-06", "l2 SAU Humain SAU", "l2 CHN Alibaba CHN"),
    "US23-4": ("2025-06", "gb300 MYS ByteDance CHN", "gb300 MYS YTL MYS"),
    "US26-HQ": ("2026-06", "l2 BRA ByteDance SGP CHN", "gb300 USA ByteDance CHN"),
    "US24-1": ("2025-06", "gb300 KWT Microsoft USA", "gb300 KWT xAI USA"),
    "US25-H20": ("2025-05", "h20 CHN Alibaba CHN", "l20 CHN Alibaba CHN"),
    "US25-H20-HQ": ("2025-05", "mi308 MYS ByteDance CHN", "mi308 MYS YTL MYS"),
    "US25-REV": ("2027", "mi308 CHN Alibaba CHN", "h200 CHN Alibaba CHN"),
    "US25-H200A": ("2025-12", "h200 CHN Alibaba CHN", "gb300 CHN Alibaba CHN"),
    "US25-GP10": ("2027", "ascend MYS YTL MYS", "ascend CHN Huawei CHN"),
    "US25-AFF": ("2025-10", "l20 CHN Huawei CHN", "l20 CHN Alibaba CHN"),
    "US25-AFF-BACK": ("2027", "h20 MYS Huawei CHN", "ascend CHN Huawei CHN"),
    "US-TRAINIUM": ("2027", "trainium SAU Humain SAU", "trainium IRL Amazon USA"),
    "JAN26-1": ("2027-06", "h200 CHN Alibaba CHN", "late CHN Alibaba CHN"),
    "JAN26-2": ("2027-06", "mi325x MAC Alibaba CHN", "gb300 CHN Alibaba CHN"),
    "US26-232A": ("2027", "h200 CHN Alibaba CHN", "h200 USA Meta USA"),
    "US26-232B": ("2027", "mi325x CHN Alibaba CHN", "h200 CHN Alibaba CHN"),
    "US26-232C": ("2027", "gb300 USA Meta USA", "gb300 NOR Google USA"),
    "US26-UAE1": ("2027", "gb300 ARE G42 ARE", "gb300 ARE ByteDance CHN"),
    "US26-UAE2": ("2030", "gb300 ARE OpenAI USA", "gb300 ARE G42 ARE"),
    "US26-UAE2-G42": ("2027-01", "gb300 ARE G42 ARE", "gb300 KEN G42 ARE"),
    "BIL-AE1": ("2028", "gb300 ARE OpenAI USA", "gb300 SAU Humain SAU"),
    "BIL-AE1-G42": ("2028", "gb300 ARE G42 ARE", "gb300 ARE OpenAI USA"),
    "BIL-AE2": ("2028", "gb300 ARE G42 ARE", "gb300 ARE OpenAI USA"),
    "BIL-AE3": ("2026-01", "gb300 ARE G42 ARE", "gb300 ARE OpenAI USA"),
    "BIL-AE3-HELD": ("2031", "gb300 ARE G42 ARE", "gb300 KEN G42 ARE"),
    "BIL-SA1": ("2027-06", "gb300 SAU Humain SAU", "gb300 SAU DataVolt SAU"),
    "BIL-SA-TRANCHES": ("2028", "gb300 SAU DataVolt SAU", "gb300 ARE G42 ARE"),
    "BIL-AE4": ("2026-01", "gb300 ARE Microsoft USA", "gb300 KWT Microsoft USA"),
    "DIF-0": ("2025-03", "gb300 FRA Nebius NLD", "gb300 USA Nebius NLD"),
    "DIF-1": ("2025-03", "gb300 FRA Nebius NLD", "gb300 FRA MGX ARE"),
    "DIF-2": ("2025-03", "gb300 FRA MGX ARE", "gb300 FRA ByteDance CHN"),
    "DIF-3": ("2025-03", "gb300 MAC Google USA", "gb300 IND Google USA"),
    "DIF-3-HQ": ("2025-03", "gb300 FRA ByteDance CHN", "gb300 FRA MGX ARE"),
    "DIF-4": ("2025-03", "gb300 IND Reliance IND", "gb300 JPN SoftBank JPN"),
    "DIF-5": ("2025-03", "gb300 POL consortium POL", "gb300 CHN Alibaba CHN"),
    "DIF-6": ("2025-03", "gb300 FRA MGX ARE", "gb300 BRA ByteDance CHN"),
    "DIF-7": ("2025-03", "gb300 MYS Oracle USA", "gb300 MYS YTL MYS"),
    "DIF-UVEU": ("2025-03", "gb300 MYS Oracle USA", "gb300 MYS QTS USA"),
    "DIF-8": ("2025-03", "gb300 MYS Oracle USA", "gb300 NOR Oracle USA"),
    "DIF-9": ("2025-03", "gb300 IND Google USA", "gb300 JPN Google USA"),
    "DIF-10": ("2025-03", "gb300 JPN Google USA", "gb300 USA Google USA"),
    "GLB-0": ("2027", "gb300 FRA Nebius NLD", "gb300 USA Nebius NLD"),
    "GLB-1": ("2027", "gb300 FRA Nebius NLD", "gb300 FRA ByteDance CHN"),
    "GLB-2": ("2027", "gb300 FRA Nebius NLD", "gb300 FRA DayOne SGP CHN"),
    "GLB-3": ("2027", "gb300 MYS YTL MYS", "gb300 CHN Alibaba CHN"),
    "GLB-4": ("2027", "gb300 FRA Nebius NLD", "gb300 FRA Google USA"),
    "LIB-1": ("2028", "b30a CHN Alibaba CHN", "gb300 CHN Alibaba CHN"),
    "LIB-2": ("2028", "b30a CHN Alibaba CHN", "l20 CHN Alibaba CHN"),
    "BILL-GAIN": ("2027", "h200 CHN Alibaba CHN", "h200 IND Reliance IND"),
    "BILL-SAFE": ("2028", "h200 RUS Yandex RUS", "h200 BLR Yandex BLR"),
    "BILL-OW": ("2027", "gb300 CHN Alibaba CHN", "h200 CHN Alibaba CHN"),
    "BILL-CSA": ("2028", "gb300 NOR Google USA", "gb300 USA Google USA"),
    "CN-1": ("2026-01", "h20 CHN Alibaba CHN", "h20 HKG Alibaba CHN"),
    "CN-2": ("2026-01", "h200 CHN Huawei CHN", "h200 CHN Alibaba CHN"),
    "CN-3": ("2026-03", "h200 CHN Alibaba CHN", "gb300 CHN Alibaba CHN"),
    "CN-4-ENTRY": ("2027", "gb300 CHN Alibaba CHN", "ascend CHN Alibaba CHN"),
    "CN-4": ("2027", "h200 CHN Alibaba CHN", "gb300 CHN Alibaba CHN"),
    "CN-DECOUPLED": ("2027", "h200 CHN Alibaba CHN", "h200 MAC Alibaba CHN"),
    "MY-1": ("2027", "gb300 IDN YTL MYS", "gb300 MYS YTL MYS"),
    "KR-1": ("2027", "gb300 MAR Naver KOR", "gb300 KOR SK KOR"),
}  # fmt: skip
#: The copies as written act from 2027 on what the text acted on in 2025.
EXAMPLES |= {f"{name}-W": ("2028", *flows) for name, (_, *flows) in EXAMPLES.items() if name.startswith("DIF-")}
