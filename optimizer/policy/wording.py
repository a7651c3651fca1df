"""What to call the parts of a rule in a sentence."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from optimizer.instance.schema import RuleMeasure

#: Units of the measures (SEMANTICS 7.8).
MEASURE_WORDS: Final = MappingProxyType(
    {
        RuleMeasure.CHIPS_MILLION: "million chips",
        RuleMeasure.TPP_MILLION_H100: "million H100 by TPP",
        RuleMeasure.H100E_MILLION: "million H100e",
        RuleMeasure.GB300E_MILLION: "million GB300 by TPP",
        RuleMeasure.CAPITAL_BUSD: "B USD",
    }
)
