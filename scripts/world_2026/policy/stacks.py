"""Two stacks in third markets: what Chinese compute sells for there, and how its supply may answer exclusion."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.schema import StackPrice, SupplyResponse
from scripts.world_2026.chips import GENERATIONS
from scripts.world_2026.places import MARKETS

#: Markets outside China that take both stacks pay less for the Chinese one: tools, models and staff are made for the
#: other.
CHINESE_STACK_PRICE = 0.8


def stack_rows() -> Iterator[StackPrice | SupplyResponse]:
    """Rows of stack_prices.csv, and of supply_response.csv at rate 0, which is off."""
    for market in MARKETS:
        if "cn" in market.stacks and market.region != "china":
            yield StackPrice(
                region=market.region, stack="cn", price_multiplier=CHINESE_STACK_PRICE,
                source="judged: a fifth below the price of the leading stack; no market price is known",
            )  # fmt: skip
    for generation in GENERATIONS:
        if generation.stack == "cn":
            yield SupplyResponse(
                chip=generation.chip, region="china", chips_per_unmet_h100e=0.0,
                source="off; scenario china_answers turns it on, see assumptions.csv",
            )  # fmt: skip
