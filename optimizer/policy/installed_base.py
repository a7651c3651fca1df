"""Compute outside the plan, for share rules (SEMANTICS 7.5)."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.instance.schema import InstalledBase, RuleMeasure
from optimizer.units import TPP_PER_GB300, TPP_PER_H100

#: One H100e counts as one H100 of TPP; none counts in chips.
_PER_H100E = {
    RuleMeasure.TPP_MILLION_H100: 1.0,
    RuleMeasure.H100E_MILLION: 1.0,
    RuleMeasure.GB300E_MILLION: TPP_PER_H100 / TPP_PER_GB300,
}


def standing_rows(rows: Iterable[InstalledBase], year: int) -> tuple[InstalledBase, ...]:
    """Rows that hold in a year: the latest of each country, stack and operator."""
    latest: dict[tuple[str, str, str], InstalledBase] = {}
    for row in rows:
        key = (row.country, row.stack, row.operator)
        if row.year <= year and (key not in latest or row.year >= latest[key].year):
            latest[key] = row
    return tuple(latest.values())


def measure_of_h100e(measure: RuleMeasure | None) -> float:
    """What one H100e of installed base counts in a measure."""
    return 0.0 if measure is None else _PER_H100E.get(measure, 0.0)
