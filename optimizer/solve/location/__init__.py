"""Capacitated location: the problem inside some models, and a search of its own for it."""
