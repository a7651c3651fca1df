"""A linear program with named columns."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy.sparse import csr_array

Key = tuple[object, ...]
Terms = list[tuple[float, Key]]


class Lp:
    """maximise value; rows are added as terms with keys that become columns when first used."""

    def __init__(self) -> None:
        self.columns: dict[Key, int] = {}
        self.value: dict[Key, float] = defaultdict(float)
        self.constant = 0.0
        self.less: list[tuple[Terms, float]] = []
        self.equal: list[tuple[Terms, float]] = []

    def column(self, key: Key) -> int:
        return self.columns.setdefault(key, len(self.columns))

    def at_most(self, terms: Terms, limit: float) -> None:
        self.less.append((terms, limit))

    def at_least(self, terms: Terms, limit: float) -> None:
        self.less.append(([(-weight, key) for weight, key in terms], -limit))

    def equals(self, terms: Terms, limit: float) -> None:
        self.equal.append((terms, limit))

    def matrix(self, rows: list[tuple[Terms, float]]) -> tuple[csr_array, np.ndarray]:
        entries = [(i, self.column(key), weight) for i, (terms, _) in enumerate(rows) for weight, key in terms]
        data = [weight for _, _, weight in entries]
        place = ([i for i, _, _ in entries], [j for _, j, _ in entries])
        shape = (len(rows), len(self.columns))
        return csr_array((data, place), shape=shape), np.array([limit for _, limit in rows], dtype=float)
