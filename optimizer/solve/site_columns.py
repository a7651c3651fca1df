"""Which whole columns belong to a site, as searches need to know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.solve.standard_form import FloatArray


@dataclass(frozen=True)
class SiteColumns:
    """Positions of the columns that say what is built on one site: the whole ones, and what follows them in parts.

    Attributes
    ----------
    modules
        Modules committed so far, by decision date.
    opened
        Whether the site is open, by the same dates; empty if the model need not know.
    dates
        The decision dates on which modules are whole, as numbers that are alike for all sites and grow with time.
    module_gw
        Size of a module [GW].
    parts
        Modules committed so far by later dates, of which there may be fractions (SEMANTICS 2.9).
    own
        All columns, also those that need not be whole, that say what happens at this site alone; empty where sites
        share their chips or their markets, or where no row implied by whole modules is in the model.
    """

    modules: NDArray[np.intp]
    opened: NDArray[np.intp]
    dates: NDArray[np.intp]
    module_gw: float
    own: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    parts: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))

    def round(self, values: FloatArray, threshold: float = 0.5) -> None:
        """Make counts whole in place, and close the site before its first module.

        Searches may leave a site open for nothing.
        """
        values[self.modules] = np.floor(values[self.modules] + (1 - threshold))
        if len(self.opened):
            values[self.opened] = values[self.modules] > 0


def columns_of_no_site(integer: NDArray[np.bool_], sites: Sequence[SiteColumns]) -> NDArray[np.intp]:
    """Whole columns that belong to no site: quota steps, of which rounding buys whatever is bought in part."""
    others = integer.copy()
    for site in sites:
        others[site.modules] = others[site.opened] = False
    return np.flatnonzero(others)
