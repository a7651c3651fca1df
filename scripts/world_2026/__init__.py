"""Turns the collected facts into the tables of instances/world-2026."""
