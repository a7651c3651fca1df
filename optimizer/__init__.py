"""Gigasite: which gigawatt AI factories to build, where, when, and which chips go to which of them."""

__version__ = "0.1.0"
