"""The best plan of a tiny instance, found without the model; see `search`."""

from tests.oracle.search import best_objective

__all__ = ["best_objective"]
