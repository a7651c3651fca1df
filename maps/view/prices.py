"""Prices of limits as a price study wrote them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maps.view.draws import RULE_FAMILY
from maps.view.study import PriceView

#: Families of rules with a quantity in price studies; in the plan tables all of them stand in ``policy``.
_RULES = frozenset(
    {
        "export_flow_cap", "export_stock_cap", "export_share_cap", "volume_ratio", "matching_investment",
        "export_permit", "rule_lifted",
    }
)  # fmt: skip


def price_views(study: Mapping[str, Any]) -> tuple[PriceView, ...]:
    """Prices of a ``study.json``, rules lifted as a whole included, the dearest first.

    Raises
    ------
    ValueError
        If it is of no price study.
    """
    if study.get("study") != "price":
        msg = "not a price study"
        raise ValueError(msg)
    found = [_price(row, str(study["unit"])) for row in (*study["prices"], *study["rules_lifted"])]
    return tuple(sorted(found, key=lambda price: -price.value))


def _price(row: Mapping[str, Any], unit: str) -> PriceView:
    return PriceView(
        family=RULE_FAMILY if row["family"] in _RULES else row["family"],
        name=row["name"],
        limit=row["limit"],
        step=row["step"],
        value=row["value"],
        value_unit=unit,
        least=row["least"],
        most=row["most"],
        per_unit=row["value_per_unit"],
        unit=row["unit"],
        known_by=row["known_by"],
        binding=tuple(row["binding"]),
    )
