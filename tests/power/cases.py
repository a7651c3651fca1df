"""Small sites for the LP: every cost in B USD, GW, TWh, so that answers can be worked out by hand."""

from typing import Any

import numpy as np

from optimizer.power.site import Needs, SitePowerProblem, Slices, Storage, Supplier


def slices(count: int = 1, per_day: int | None = None) -> Slices:
    """A year in slices of equal hours."""
    return Slices(np.full(count, 8760 / count), per_day or count)


def each(value: Any, count: int) -> np.ndarray:
    return np.array(np.broadcast_to(value, (count,)), dtype=float)


def supplier(name: str, periods: int, hours: int, **changes: Any) -> Supplier:
    """A source without cost, limit or carbon; numbers stand for all periods or slices."""
    over_periods = {"capital": 0, "fixed": 0, "energy": 0, "carbon": 0, "limit_gw": np.inf}
    over_slices = {"shape": 1, "output": 1}
    arrays = {key: each(changes.pop(key, value), periods) for key, value in over_periods.items()}
    arrays |= {key: each(changes.pop(key, value), hours) for key, value in over_slices.items()}
    return Supplier(name, **arrays, **changes)


def storage(periods: int, **changes: Any) -> Storage:
    """Storage without cost or limit that counts as nothing on the worst hour."""
    over_periods = {"power_capital": 0, "energy_capital": 0, "fixed": 0, "energy": 0, "limit_gw": np.inf}
    arrays = {key: each(changes.pop(key, value), periods) for key, value in over_periods.items()}
    return Storage(**arrays, **{"firm_credit": 0, **changes})


def needs(periods: int, pue: Any, hours: int, **changes: Any) -> Needs:
    """Undiscounted years, no margin, no cuts."""
    shape = each(pue, hours)
    return Needs(each(changes.pop("years", 1), periods), shape, **{"pue_peak": float(shape.max()), **changes})


def problem(pue: Any, *suppliers: dict[str, Any], periods: int = 1, hours: int = 1, **changes: Any) -> SitePowerProblem:
    """A site of suppliers given by their numbers."""
    store = changes.pop("storage", None)
    return SitePowerProblem(
        slices(hours, changes.pop("per_day", None)),
        needs(periods, pue, hours, **changes),
        tuple(supplier(f"s{number}", periods, hours, **given) for number, given in enumerate(suppliers)),
        store,
    )
