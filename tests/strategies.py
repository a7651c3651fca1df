"""Hypothesis strategies for instances."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from optimizer.instance.instance import Instance
from tests.random_instances import random_instance


def instances(**sections: Any) -> st.SearchStrategy[Instance]:
    """Valid tiny instances; keywords as in `tests.random_instances.random_instance`."""
    return st.randoms(use_true_random=False).map(lambda rng: random_instance(rng, **sections))
