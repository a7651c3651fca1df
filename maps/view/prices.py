"""Prices of limits as a price study wrote them down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maps.view.draws import RULE_FAMILY
from maps.view.study import PriceView

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance

#: Families of rules with a quantity in price studies; in the plan tables all of them stand in ``policy``.
_RULES = frozenset(
    {
        "export_flow_cap", "export_stock_cap", "export_share_cap", "volume_ratio", "matching_investment",
        "export_permit", "rule_lifted",
    }
)  # fmt: skip


def read_price_views(folder: Path | str, instance: Instance) -> tuple[PriceView, ...]:
    """Read the prices of a study folder, the dearest first.

    Parameters
    ----------
    instance
        Of the plan that the prices are meant for; those of another instance are refused. How it was solved (time
        limit, threads, gap) may differ.

    Raises
    ------
    ValueError
        If the folder holds no price study, or one of another instance.
    """
    from maps.brief.prices import read_prices

    read_prices(folder, instance)  # refuses what does not fit
    study: dict[str, Any] = json.loads((Path(folder) / "study.json").read_text(encoding="utf-8"))
    return price_views(study)


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
