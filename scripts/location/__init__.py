"""Capacitated facility location: published test problems as instances."""
