"""Computed power: what a site builds to feed itself, hour by hour. Reads an instance; knows nothing of the model."""
