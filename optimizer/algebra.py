"""Pyomo's algebra, as `pyo`: models are written in it, and nothing else of Pyomo is needed.

`pyomo.environ` would also load its solvers and transformations.
"""

from __future__ import annotations

import pyomo.core as pyo
from pyomo.common.dependencies import DeferredImportCallbackFinder

__all__ = ["pyo"]

# Pyomo loads `scipy.stats` with whatever part of SciPy anyone loads, a second of processor time. This leaves it until
# Pyomo itself uses SciPy.
DeferredImportCallbackFinder._callbacks.pop("scipy", None)
