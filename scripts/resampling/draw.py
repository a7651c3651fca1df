"""Numbers drawn around real ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator


@dataclass(frozen=True)
class Draw:
    """A stream of random numbers; what it gives depends on its seed and its topic alone."""

    generator: Generator

    @classmethod
    def of(cls, seed: int, topic: str) -> Draw:
        """Stream of a topic, so that the sites drawn do not depend on the number of chips."""
        return cls(np.random.default_rng([seed, *topic.encode()]))

    def factor(self, spread: float) -> float:
        """Factor around 1; ``spread`` is about its relative standard deviation."""
        return math.exp(self.generator.normal(-spread * spread / 2, spread))

    def near(self, value: float, spread: float) -> float:
        """Number around a value, of four significant digits."""
        return rounded(value * self.factor(spread))

    def months(self, *choices: int) -> int:
        """One of the choices."""
        return int(self.generator.choice(choices))

    def shift(self, spread: float) -> float:
        """Number around 0."""
        return float(self.generator.normal(0, spread))

    def systematic(self, available: int, wanted: int) -> list[int]:
        """Positions at equal steps from a random start: each is taken wanted / available times, rounded up or down."""
        start = self.generator.random()
        return [min(available - 1, int((i + start) * available / wanted)) for i in range(wanted)]


def rounded(value: float) -> float:
    """Round to four significant digits, so that files stay readable."""
    return float(f"{value:.4g}")
