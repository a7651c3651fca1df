"""Chips, prices, supply, resale curves and the installed base."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optimizer.instance.calendar import parse_month, parse_span
from optimizer.instance.schema import Chip, ChipPrice, ChipSupply, InstalledBase, ResalePoint, Row
from scripts.world_2026 import choices
from scripts.world_2026.choices import PLAN_YEARS
from scripts.world_2026.facts import Facts
from scripts.world_2026.rowsink import number

_H100_TFLOPS_FP8, _H100_BANDWIDTH = 1979.0, 3.35


@dataclass(frozen=True)
class Generation:
    """One chip: either a row of chips.csv (`fact`) or an assumed successor of `after`.

    Attributes
    ----------
    software
        Useful work per unit of arithmetic and bandwidth, relative to the leading stack.
    gain_per_kw
        Of an assumed chip: compute per kW of IT relative to `after`.
    price_per_kw
        Of an assumed chip: price per kW of IT [USD], server and network included.
    mix
        Share of the vendor's shipped IT power by year.
    """

    chip: str
    name: str
    vendor: str
    stack: str
    release: str
    end_of_sale: str
    mix: Mapping[int, float]
    fact: str = ""
    software: float = 1.0
    after: str = ""
    gain_per_kw: float = 1.0
    power_kw: float = 0.0
    price_per_kw: float = 0.0
    price_usd: float = 0.0


def _mix(text: str) -> dict[int, float]:
    return {2000 + int(year): int(share) / 100 for year, share in (part.split(":") for part in text.split())}


_NV, _G, _A, _M, _HW, _CB = "NVIDIA", "Google", "Amazon", "AMD", "Huawei", "Cambricon"
GENERATIONS: tuple[Generation, ...] = (
    Generation("h200", "H200 141GB", _NV, "us", "2024-07", "2029", _mix("27:3 28:2"), "H200 SXM 141GB"),
    Generation("gb300", "GB300", _NV, "us", "2025-07", "2028", _mix("27:27"), "GB300 (per GPU, NVL72)"),
    Generation("vr200", "Vera Rubin VR200", _NV, "us", "2026-10", "2029-07", _mix("27:70 28:70 29:20"),
               "Rubin / VR200 (per GPU package)", price_usd=97_000),
    Generation("vr300", "Rubin Ultra VR300", _NV, "us", "2028", "2031", _mix("28:28 29:60 30:40"),
               "Rubin Ultra / VR300 (per 4-die package)", price_usd=145_000),
    Generation("nv_2029", "NVIDIA 2029 (assumed)", _NV, "us", "2029-04", "2032", _mix("29:20 30:60 31:55"),
               after="vr300", gain_per_kw=1.40, power_kw=5.6, price_per_kw=32_500),
    Generation("nv_2031", "NVIDIA 2031 (assumed)", _NV, "us", "2031-01", "2034", _mix("31:45 32:85 33:45"),
               after="nv_2029", gain_per_kw=1.50, power_kw=6.4, price_per_kw=33_000),
    Generation("nv_2033", "NVIDIA 2033 (assumed)", _NV, "us", "2032-10", "2036", _mix("32:15 33:55 34:75 35:35"),
               after="nv_2031", gain_per_kw=1.45, power_kw=7.2, price_per_kw=33_500),
    Generation("nv_2035", "NVIDIA 2035 (assumed)", _NV, "us", "2034-07", "2037", _mix("34:25 35:65 36:100"),
               after="nv_2033", gain_per_kw=1.45, power_kw=8.0, price_per_kw=34_000),
    Generation("tpu8", "TPU 8 (mean of 8t and 8i)", _G, "us", "2026-12", "2030", _mix("27:100 28:100 29:50"),
               "TPU 8t (Sunfish)", software=0.95),
    Generation("tpu9", "TPU 2029 (assumed)", _G, "us", "2029-04", "2033", _mix("29:50 30:100 31:100 32:50"),
               after="tpu8", gain_per_kw=2.0, power_kw=2.2, price_per_kw=25_000),
    Generation("tpu10", "TPU 2032 (assumed)", _G, "us", "2032-01", "2036", _mix("32:50 33:100 34:100 35:40"),
               after="tpu9", gain_per_kw=1.8, power_kw=2.6, price_per_kw=27_000),
    Generation("tpu11", "TPU 2035 (assumed)", _G, "us", "2035-01", "2037", _mix("35:60 36:100"),
               after="tpu10", gain_per_kw=1.8, power_kw=3.0, price_per_kw=29_000),
    Generation("trainium3", "Trainium3", _A, "us", "2026-01", "2029", _mix("27:100 28:60"), "Trainium3", software=0.85),
    Generation("trainium4", "Trainium4 (assumed)", _A, "us", "2028-04", "2032", _mix("28:40 29:100 30:100 31:60"),
               after="trainium3", gain_per_kw=1.9, power_kw=2.0, price_per_kw=18_000),
    Generation("trainium5", "Trainium 2031 (assumed)", _A, "us", "2031-04", "2037",
               _mix("31:40 32:100 33:100 34:100 35:100 36:100"),
               after="trainium4", gain_per_kw=2.1, power_kw=2.6, price_per_kw=23_000),
    Generation("mi455x", "Instinct MI455X", _M, "us", "2027-01", "2030", _mix("27:100 28:100 29:40"),
               "Instinct MI455X (MI450/MI400 family)", software=0.75),
    Generation("mi500", "Instinct 2029 (assumed)", _M, "us", "2029-04", "2033", _mix("29:60 30:100 31:100 32:60"),
               after="mi455x", gain_per_kw=1.8, power_kw=4.5, price_per_kw=24_000),
    Generation("mi600", "Instinct 2032 (assumed)", _M, "us", "2032-04", "2037",
               _mix("32:40 33:100 34:100 35:100 36:100"),
               after="mi500", gain_per_kw=1.9, power_kw=5.2, price_per_kw=27_000),
    Generation("ascend950dt", "Ascend 950DT", _HW, "cn", "2026-10", "2029", _mix("27:95 28:30"), "Ascend 950DT"),
    Generation("ascend960", "Ascend 960", _HW, "cn", "2027-10", "2030-07", _mix("27:5 28:65 29:45 30:15"),
               "Ascend 960"),
    Generation("ascend970", "Ascend 970", _HW, "cn", "2028-10", "2033", _mix("28:5 29:55 30:80 31:55 32:25"),
               "Ascend 970"),
    Generation("ascend_2031", "Ascend 2031 (assumed)", _HW, "cn", "2030-10", "2035",
               _mix("30:5 31:45 32:75 33:60 34:25"),
               after="ascend970", gain_per_kw=1.5, power_kw=2.8, price_per_kw=18_500),
    Generation("ascend_2033", "Ascend 2033 (assumed)", _HW, "cn", "2033-01", "2037", _mix("33:40 34:75 35:100 36:100"),
               after="ascend_2031", gain_per_kw=1.6, power_kw=3.2, price_per_kw=19_000),
    Generation("mlu690", "Cambricon MLU690 class", _CB, "cn", "2026-07", "2030-07", _mix("27:100 28:100 29:100 30:40"),
               "MLU590 (Siyuan 590)", software=0.9, price_usd=18_000, power_kw=1.0),
    Generation("mlu_2030", "Cambricon 2030 class (assumed)", _CB, "cn", "2030-01", "2034",
               _mix("30:60 31:100 32:100 33:50"),
               after="mlu690", gain_per_kw=1.9, power_kw=1.4, price_per_kw=18_000),
    Generation("mlu_2033", "Cambricon 2033 class (assumed)", _CB, "cn", "2033-01", "2037",
               _mix("33:50 34:100 35:100 36:100"),
               after="mlu_2030", gain_per_kw=2.0, power_kw=1.8, price_per_kw=18_500),
)  # fmt: skip


def _fact_row(facts: Facts, generation: Generation) -> Chip:
    row = facts.chips[generation.fact]
    arithmetic, bandwidth = float(row["fp8_or_int8_dense_tops"]), float(row["mem_bw_tb_s"])
    power, tpp = float(row["it_power_w_per_chip"]) / 1e3, float(row["tpp"])
    density = float(row["perf_density"] or 0)
    basis = f"chips.csv {generation.fact}"
    if generation.chip == "tpu8":
        other = facts.chips["TPU 8i (Zebrafish)"]
        arithmetic = (arithmetic + float(other["fp8_or_int8_dense_tops"])) / 2
        bandwidth = (bandwidth + float(other["mem_bw_tb_s"])) / 2
        power = (power + float(other["it_power_w_per_chip"]) / 1e3) / 2
        basis += " and TPU 8i"
    if generation.chip == "mlu690":
        # chips.csv: no public data; proxy twice the MLU590
        arithmetic, bandwidth, tpp, power = 2 * arithmetic, 1.5 * bandwidth, 2 * tpp, generation.power_kw
        basis += " x 2 (its proxy for the MLU690)"
    useful = generation.software * math.sqrt(arithmetic / _H100_TFLOPS_FP8 * bandwidth / _H100_BANDWIDTH)
    software = f" x software {generation.software}" if generation.software != 1 else ""
    ratios = f"FP8 ratio {arithmetic / _H100_TFLOPS_FP8:.2f} x bandwidth ratio {bandwidth / _H100_BANDWIDTH:.2f}"
    source = f"{basis}; H100e = sqrt({ratios}){software}"
    interconnect = float(row["scaleup_bw_gb_s"] or 0)
    return _chip(generation, number(useful, 3), power, tpp, density, bandwidth, interconnect, source)


def _chip(
    generation: Generation, performance: float, power: float, tpp: float, density: float, bandwidth: float,
    interconnect: float, source: str,
) -> Chip:  # fmt: skip
    chinese = generation.stack == "cn"
    return Chip(
        chip=generation.chip, name=generation.name, vendor=generation.vendor, stack=generation.stack,
        design_country="CHN" if chinese else "USA", us_controlled=not chinese,
        release=parse_month(generation.release), end_of_sale=parse_month(generation.end_of_sale),
        performance_h100e=performance, tpp=tpp, performance_density=density, memory_bandwidth_tb_s=bandwidth,
        interconnect_gb_s=interconnect, it_power_kw=power, life_months=choices.LIFE_MONTHS, resale_curve="accelerator",
        source=source,
    )  # fmt: skip


def chip_list(facts: Facts) -> tuple[Chip, ...]:
    """Every chip; assumed generations scale the one before them."""
    made: dict[str, Chip] = {}
    for generation in GENERATIONS:
        if generation.fact:
            made[generation.chip] = _fact_row(facts, generation)
            continue
        before = made[generation.after]
        scale = generation.gain_per_kw * generation.power_kw / before.it_power_kw
        made[generation.chip] = _chip(
            generation, number(before.performance_h100e * scale, 3), generation.power_kw,
            number(before.tpp * scale, 3), before.performance_density, number(before.memory_bandwidth_tb_s * scale, 3),
            before.interconnect_gb_s,
            f"assumption: {generation.gain_per_kw} x the compute per kW of {generation.after}, "
            "other measures in proportion",
        )  # fmt: skip
    return tuple(made.values())


def first_price(facts: Facts, generation: Generation, chip: Chip) -> tuple[float, str]:
    """First price [USD], server and network included, and where it comes from."""
    if generation.chip == "vr200":
        return generation.price_usd, "supply.csv: low end of the rack estimate, 7.0 M USD / 72 (typical 7.8)"
    if generation.price_per_kw:
        return number(
            generation.price_per_kw * chip.it_power_kw, 3
        ), f"assumption: {generation.price_per_kw / 1e3:.1f} B USD per GW of IT"
    if generation.price_usd:
        return (
            generation.price_usd,
            f"judged: {generation.price_usd / chip.it_power_kw / 1e3:.1f} B USD per GW of IT, "
            "between chips.csv and its successor",
        )
    own = float(facts.chips[generation.fact]["price_usd_typ"])
    if generation.chip == "tpu8":
        own = (own + float(facts.chips["TPU 8i (Zebrafish)"]["price_usd_typ"])) / 2
    price = own + choices.SERVER_AND_NETWORK_USD_PER_KW * chip.it_power_kw
    return number(price, 3), f"chips.csv {own:.0f} USD + 6,000 USD per kW for server and network"


def price_rows(facts: Facts, chips: tuple[Chip, ...]) -> Iterator[ChipPrice]:
    """A first price, and a lower one when half of the time on sale is over."""
    for generation, chip in zip(GENERATIONS, chips, strict=True):
        price, source = first_price(facts, generation, chip)
        start = max(chip.release, choices.PLAN_START)
        later = (start + chip.end_of_sale) // 2 // 3 * 3
        yield ChipPrice(chip=chip.chip, since=chip.release, price_usd=price, source=source)
        yield ChipPrice(
            chip=chip.chip, since=later, price_usd=number(price * choices.PRICE_AFTER_SUCCESSOR, 3),
            source="assumption: 15 % less once the successor ships",
        )  # fmt: skip


def _curve(facts: Facts, vendor: str, product: str) -> dict[int, float]:
    """Planning curve of a vendor [units a year], gaps filled and extended to the end of the plan."""
    known: dict[int, float] = {}
    for row in facts.supply:
        period = row["period"]
        forecast = (
            row["scope"] == "forecast" and row["metric"] == "units_shipped" and period in ("2026", "2027", "2028")
        )
        if row["vendor"] == vendor and row["product"] == product and (row["scope"] == "planning_curve" or forecast):
            known[int(period)] = float(row["value"])
    growth = (
        choices.CHINA_SUPPLY_GROWTH_AFTER_2030
        if vendor in ("Huawei", "other Chinese")
        else choices.SUPPLY_GROWTH_AFTER_2030
    )
    for year in PLAN_YEARS:
        if year in known:
            continue
        after = next((later for later in range(year, 2031) if later in known), None)
        known[year] = known[year - 1] * (1 + growth) if after is None else math.sqrt(known[year - 1] * known[after])
    return known


#: IT power that one unit of a vendor's planning curve stands for [kW]: the package the curve was counted in.
_CURVES: Mapping[str, tuple[str, str, float]] = {
    _NV: (_NV, "all data-center GPU packages", 2.7), _G: (_G, "TPU (all)", 1.5), _A: (_A, "Trainium (all)", 1.3),
    _M: (_M, "Instinct (all)", 3.5), _HW: (_HW, "Ascend (packages)", 1.8),
    _CB: ("other Chinese", "Cambricon+Hygon+T-Head+Kunlun+Biren+Moore+MetaX", 0.9),
}  # fmt: skip


def supply_rows(facts: Facts, chips: tuple[Chip, ...]) -> Iterator[ChipSupply]:
    """Planning curve x share of these campuses x mix of the year, in IT power and then in chips."""
    for generation, chip in zip(GENERATIONS, chips, strict=True):
        vendor, product, unit_kw = _CURVES[generation.vendor]
        curve = _curve(facts, vendor, product)
        share = choices.CHINA_SUPPLY_SHARE if generation.stack == "cn" else choices.WORLD_SUPPLY_SHARE
        for year, part in generation.mix.items():
            units = curve[year] * unit_kw * share * part / chip.it_power_kw
            quarters = _quarters_on_sale(chip, year)
            for during in [str(year)] if len(quarters) == 4 else quarters:
                yield ChipSupply(
                    chip=chip.chip, during=parse_span(during),
                    units=float(f"{units if len(quarters) == 4 else units / len(quarters):.3g}"),
                    source=f"supply.csv planning curve {vendor} {curve[year] / 1e6:.2f} M x {unit_kw} kW, "
                    f"{share:.0%} to these campuses, {part:.0%} this chip",
                )  # fmt: skip


def _quarters_on_sale(chip: Chip, year: int) -> list[str]:
    """Quarters of a year in which a chip is on sale throughout: a part of a year takes all of its output."""
    starts = {f"{year}Q{quarter}": 12 * year + 3 * (quarter - 1) for quarter in (1, 2, 3, 4)}
    return [name for name, start in starts.items() if chip.release <= start and start + 3 <= chip.end_of_sale]


def base_rows() -> Iterator[InstalledBase]:
    """What stands in a country at the end of 2026 outside the plan, and how it retires."""
    world_2026, source = 27.0, "Epoch: over 15 M H100e by end 2025, 2026 shipments added; country shares judged"
    shares = {
        "USA": 0.70, "GBR": 0.02, "FRA": 0.015, "DEU": 0.02, "NOR": 0.005, "SWE": 0.01, "FIN": 0.01, "IRL": 0.01,
        "NLD": 0.015, "JPN": 0.03, "KOR": 0.02, "IND": 0.015, "MYS": 0.02, "AUS": 0.01, "CAN": 0.02, "BRA": 0.005,
        "ARE": 0.01, "SAU": 0.004,
        "CHN": 0.04,
    }  # fmt: skip
    for year, left in ((2027, 1.0), (2030, 0.6), (2033, 0.2)):
        for country, share in shares.items():
            known = _OPERATOR_SHARES if country == "USA" else {}
            base = world_2026 * share * left
            yield _base(country, "", year, base * (1 - sum(known.values())), source)
            for operator, part in known.items():
                yield _base(country, operator, year, base * part, _OPERATOR_SOURCE)
        yield InstalledBase(
            country="CHN", stack="cn", year=year, h100e_million=number(1.2 * left, 3),
            source="about 2.4 M domestic accelerators of 2024-2026 (supply.csv) at half an H100e",
        )  # fmt: skip


def _base(country: str, operator: str, year: int, compute: float, source: str) -> InstalledBase:
    return InstalledBase(
        country=country, stack="us", operator=operator, year=year, h100e_million=number(compute, 3), source=source
    )


#: Shares of the compute that NVIDIA shipped in 2025, taken for what stands in the United States.
_OPERATOR_SHARES: Mapping[str, float] = {
    "Microsoft": 0.225, "Meta": 0.138, "Amazon": 0.108, "Google": 0.089, "Oracle": 0.085,
}  # fmt: skip
_OPERATOR_SOURCE = (
    "Epoch: owner shares of NVIDIA 8-bit compute in 2025, applied to the base in the United States; "
    "what these owners have abroad is not told apart"
)


def chip_rows(facts: Facts) -> Iterator[Row]:
    """Rows of the five chip tables."""
    chips = chip_list(facts)
    yield from chips
    yield from price_rows(facts, chips)
    yield from supply_rows(facts, chips)
    for age, share in ((0, 0.95), (12, 0.75), (24, 0.57), (36, 0.42), (48, 0.28), (60, 0.15), (84, 0.0)):
        yield ResalePoint(
            curve="accelerator", age_months=age, share=share,
            source="assumption, shaped after A100 and H100 second-hand prices; falls faster than the book value",
        )  # fmt: skip
    yield from base_rows()
