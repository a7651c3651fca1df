"""Markets, workloads, demand by year, price blocks, latency and sovereignty."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from optimizer.instance.schema import Demand, DemandRegion, Latency, PriceBlock, Row, Sovereignty, Workload
from scripts.world_2026 import choices
from scripts.world_2026.choices import PLAN_YEARS
from scripts.world_2026.places import MARKETS, ZONE_OF_REGION, Market
from scripts.world_2026.rowsink import number
from scripts.world_2026.sites import Campus

#: One-way light path in fibre is 200 km/ms; routes are half as long again as the great circle.
_ROUTE_FACTOR, _KM_PER_MS, _OVERHEAD_MS = 1.5, 200.0, 10.0
#: First rows of a second, longer path than this are useless to the workloads that feel latency.
_BATCH_LIMIT_MS = 260.0
TRAINING, INTERACTIVE, BATCH = "training", "interactive", "batch"

#: Shares of demand by workload at the start and the end of the plan: inference overtakes training (JLL: from 2027).
_WORKLOAD_SHARES: Mapping[str, tuple[float, float]] = {
    TRAINING: (0.40, 0.22),
    INTERACTIVE: (0.36, 0.46),
    BATCH: (0.24, 0.32),
}
#: Anchor price of a workload over the average: interactive use pays for idle hours, training and batch fill theirs.
_WORKLOAD_PRICE: Mapping[str, float] = {TRAINING: 0.90, INTERACTIVE: 1.25, BATCH: 0.85}
#: Slices of demand, in units of what is wanted down to about three quarters of the anchor, and what they pay.
_BLOCKS: Mapping[str, tuple[tuple[float, float], ...]] = {
    TRAINING: ((0.30, 1.20), (0.35, 1.0), (0.35, 0.80), (0.40, 0.60)),
    INTERACTIVE: ((0.25, 1.40), (0.35, 1.0), (0.35, 0.75), (0.40, 0.55)),
    BATCH: ((0.25, 1.20), (0.35, 1.0), (0.40, 0.75), (0.50, 0.55)),
}
_SOURCE_WORKLOAD = "utilisation around 0.65 (costs.csv gpu_revenue_utilisation); latency and split judged"


def round_trip_ms(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> float:
    """Round trip between two places [ms] over fibre: great circle x 1.5 / 200 km per ms x 2, plus 10 ms."""
    a, b = math.radians(latitude_a), math.radians(latitude_b)
    delta = math.radians(longitude_b - longitude_a)
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(delta)
    kilometres = 6371.0 * math.acos(max(-1.0, min(1.0, cosine)))
    return 2 * kilometres * _ROUTE_FACTOR / _KM_PER_MS + _OVERHEAD_MS


def anchor_price(year: int, *, china: bool) -> float:
    """Average price of a million H100e for a year, as USD per H100e-hour."""
    first, decline = (
        (choices.CHINA_PRICE_2027, choices.CHINA_PRICE_DECLINE)
        if china
        else (choices.WORLD_PRICE_2027, choices.WORLD_PRICE_DECLINE)
    )
    return first * (1 - decline) ** (year - 2027)


def _workload_rows() -> Iterator[Row]:
    # costs.csv: 1 M tokens/s per MW of facility on Blackwell, which is about 970 H100e per MW
    yield Workload(
        workload=TRAINING, name="Training of frontier models", max_latency_ms=1e4, utilisation=0.80,
        tokens_per_h100e_second=0, source=_SOURCE_WORKLOAD + "; training serves no tokens",
    )  # fmt: skip
    yield Workload(
        workload=INTERACTIVE, name="Interactive inference", max_latency_ms=140, utilisation=0.55,
        tokens_per_h100e_second=700, source=_SOURCE_WORKLOAD + "; tokens 0.7 of the blended million per s and MW",
    )  # fmt: skip
    yield Workload(
        workload=BATCH, name="Batch and agentic inference", max_latency_ms=_BATCH_LIMIT_MS, utilisation=0.70,
        tokens_per_h100e_second=1500, source=_SOURCE_WORKLOAD + "; tokens 1.5 of the blended million per s and MW",
    )  # fmt: skip
    for workload, slices in _BLOCKS.items():
        whole = sum(share for share, _ in slices)
        for block, (share, multiplier) in enumerate(slices, start=1):
            yield PriceBlock(
                workload=workload, block=block, quantity_share=number(share / whole, 9), price_multiplier=multiplier,
                source="assumption: demand curve with elasticity around -1 at the anchor",
            )  # fmt: skip


def _share_of_year(workload: str, year: int) -> float:
    first, last = _WORKLOAD_SHARES[workload]
    return first + (last - first) * (year - PLAN_YEARS[0]) / (len(PLAN_YEARS) - 1)


def _quantity(market: Market, workload: str, year: int) -> float:
    """Million H100e that a market would buy for a workload all year at the lowest price of its blocks."""
    blocks = sum(share for share, _ in _BLOCKS[workload])
    if market.region == "china":
        total, share = choices.CHINA_DEMAND_H100E_MILLION[year - 2027], 1.0
    else:
        total = choices.WORLD_DEMAND_H100E_MILLION[year - 2027]
        everywhere = sum(other.share for other in MARKETS)
        share = market.training_share if workload == TRAINING else market.share / everywhere
    return total * share * _share_of_year(workload, year) * blocks


def _demand_rows() -> Iterator[Row]:
    for market in MARKETS:
        yield DemandRegion(
            region=market.region, name=market.name, stacks=market.stacks, latitude=market.latitude,
            longitude=market.longitude, source="costs.csv token_demand_region_share, split within regions by judgement",
        )  # fmt: skip
        china = market.region == "china"
        for workload, factor in _WORKLOAD_PRICE.items():
            for year in PLAN_YEARS:
                quantity = _quantity(market, workload, year)
                if quantity <= 0:
                    continue
                yield Demand(
                    region=market.region, workload=workload, year=year, quantity_h100e_million=number(quantity, 3),
                    price_usd_per_h100e_hour=number(factor * anchor_price(year, china=china), 3),
                    source="assumption: see README, demand and price" + (" in China" if china else ""),
                )  # fmt: skip


def _zone_centres(campuses: tuple[Campus, ...]) -> dict[str, tuple[float, float]]:
    """Mean position of the campuses of each latency zone."""
    members: dict[str, list[Campus]] = {}
    for campus in campuses:
        members.setdefault(ZONE_OF_REGION[campus.region.region], []).append(campus)
    return {
        zone: (
            sum(float(campus.fact["latitude"]) for campus in group) / len(group),
            sum(float(campus.fact["longitude"]) for campus in group) / len(group),
        )
        for zone, group in sorted(members.items())
    }


def _latency_rows(campuses: tuple[Campus, ...]) -> Iterator[Latency]:
    """Pairs that some workload can use; mainland China serves only itself, and only it serves China."""
    for zone, centre in _zone_centres(campuses).items():
        for market in MARKETS:
            if zone.startswith("china") != (market.region == "china"):
                continue
            delay = round_trip_ms(*centre, market.latitude, market.longitude)
            if delay > _BATCH_LIMIT_MS and not market.training_share:
                continue
            yield Latency(
                latency_zone=zone, region=market.region, rtt_ms=round(delay),
                serving_cost_usd_per_h100e_hour=number(0.004 + 0.00004 * delay, 2),
                source="great circle from the mean of its campuses x 1.5 / 200 km per ms, both ways, + 10 ms",
            )  # fmt: skip


def _sovereignty_rows() -> Iterator[Sovereignty]:
    europe = "EU | NOR | ISL | GBR"
    interactive = {
        "eu_west": (europe, 0.5), "eu_central": (europe, 0.5), "eu_south": (europe, 0.5), "nordics": (europe, 0.5),
        "uk_ireland": ("GBR | IRL", 0.25), "india": ("IND", 0.4), "gulf": ("GCC", 0.5), "japan": ("JPN", 0.3),
        "korea_taiwan": ("KOR", 0.3), "australia": ("AUS", 0.25), "canada": ("CAN", 0.3), "brazil": ("BRA", 0.3),
        "us_east": ("USA", 0.6), "us_central": ("USA", 0.6), "us_west": ("USA", 0.6),
    }  # fmt: skip
    training = {
        "us_central": ("USA", 0.7), "eu_west": ("EU | NOR", 0.6), "india": ("IND", 0.5), "japan": ("JPN", 0.4),
        "gulf": ("GCC", 0.7),
    }  # fmt: skip
    for workload, floors in ((INTERACTIVE, interactive), (TRAINING, training)):
        for region, (allowed, share) in floors.items():
            yield Sovereignty(
                region=region, workload=workload, allowed=allowed, minimum_share=share, first_year=2029,
                source="assumption: floors of national AI programmes; the facts judge 0-0.3 of all demand",
            )  # fmt: skip


def demand_rows(campuses: tuple[Campus, ...]) -> Iterator[Row]:
    """Rows of the six demand tables."""
    yield from _workload_rows()
    yield from _demand_rows()
    yield from _latency_rows(campuses)
    yield from _sovereignty_rows()
