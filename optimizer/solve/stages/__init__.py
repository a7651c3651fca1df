"""The stages of a solve, each an object of its own (`optimizer.solve.pipeline` puts them in order)."""
